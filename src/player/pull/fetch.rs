//! Fetching single things within their limits: documents into memory, objects into parts that resume.
//! Never believes a source: documents go to `trust`, objects are named by their digest.

use std::io::{ErrorKind, Read};
use std::sync::Arc;

use super::bases::Named;
use super::meter::Meter;
use super::transport::{Ask, Got, Transport, Unusable};
use crate::base::digest::Digest;
use crate::base::files::read_to_limit;
use crate::base::limits::SIGNATURE_BYTES;
use crate::store::layout;
use crate::store::objects::Holdings;

/// A small answer with its validator.
pub struct Answer {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The validator to ask with next time.
    pub etag: Option<String>,
}

/// What a conditional question gave.
pub enum Changed {
    /// Another file than before.
    Yes(Answer),
    /// The same as before.
    No,
    /// Nothing there.
    Absent,
}

/// Fetches a JSON document. One that does not begin with `{` counts as absent: a captive portal or a fallback page gave it.
/// The first byte decides before the length does, for such a page may be of any length.
pub fn document(source: &dyn Transport, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Unusable> {
    let failed = |error: std::io::Error| Unusable::new(format!("{path}: {error}"));
    let Got::Found { mut body, .. } = source.get(Ask { path, limit, from: 0, etag: None })? else { return Ok(None) };
    let mut first = Vec::new();
    body.by_ref().take(1).read_to_end(&mut first).map_err(failed)?;
    if first != b"{" {
        return Ok(None);
    }
    read_to_limit(first.chain(body), limit).map(Some).map_err(failed)
}

/// Fetches a signature file. One that is too long is none: only good signatures count, and a fallback page must not end the cycle.
pub fn signature(source: &dyn Transport, path: &str) -> Result<Option<Vec<u8>>, Unusable> {
    let Got::Found { body, .. } = source.get(Ask { path, limit: SIGNATURE_BYTES, from: 0, etag: None })? else { return Ok(None) };
    match read_to_limit(body, SIGNATURE_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::FileTooLarge => Ok(None),
        Err(error) => Err(Unusable::new(format!("{path}: {error}"))),
    }
}

/// Fetches a file if it is another than the one with this validator.
pub fn changed(source: &dyn Transport, path: &str, limit: u64, etag: Option<&str>) -> Result<Changed, Unusable> {
    match source.get(Ask { path, limit, from: 0, etag })? {
        Got::NotModified => Ok(Changed::No),
        Got::Absent | Got::Unfit => Ok(Changed::Absent),
        Got::Found { body, etag, .. } => {
            let bytes = read_to_limit(body, limit).map_err(|error| Unusable::new(format!("{path}: {error}")))?;
            let etag = etag.or_else(|| Some(Digest::of(&bytes).to_string()));
            Ok(Changed::Yes(Answer { bytes, etag }))
        }
    }
}

/// How the fetching of an object ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Fetched {
    /// It is in place.
    Whole,
    /// The source does not have it.
    Absent,
}

/// Fetches an object, going on where an earlier try stopped. Bytes that turn out to be wrong are fetched once more from the beginning.
pub fn object(source: &dyn Transport, holdings: &Holdings, meter: &Arc<Meter>, (digest, size): Named) -> Result<Fetched, Unusable> {
    let path = layout::object(digest);
    let disk = |error: std::io::Error| Unusable::new(format!("{path}: {error}"));
    for _ in 0..2 {
        let mut part = holdings.part(digest, size).map_err(disk)?;
        if part.len() < size || size == 0 {
            let from = part.len();
            // A source that does not answer says nothing against what is held: on a poor line every byte is kept.
            let (body, start) = match source.get(Ask { path: &path, limit: size, from, etag: None })? {
                Got::Found { body, start, .. } => (body, start),
                Got::Unfit => {
                    part.restart().map_err(disk)?;
                    continue;
                }
                Got::Absent | Got::NotModified => return Ok(Fetched::Absent),
            };
            if start != from {
                part.restart().map_err(disk)?;
            }
            if let Err(error) = part.fill(meter.metered(body)) {
                if error.kind() == ErrorKind::FileTooLarge {
                    part.discard().map_err(disk)?;
                }
                return Err(disk(error));
            }
            if part.len() < size {
                return Err(Unusable::new(format!("{path}: ended after {} of {size} bytes", part.len())));
            }
        }
        if part.finish().map_err(disk)? {
            return Ok(Fetched::Whole);
        }
    }
    Err(Unusable::new(format!("{path}: its bytes do not match its digest")))
}

#[cfg(test)]
mod tests {
    use super::super::meter::Limits;
    use super::super::transport::Pieces;
    use super::*;
    use crate::store::scan::Stretch;

    /// A stick whose file becomes another while it is read: its first half is what was signed.
    struct Swapped(Vec<u8>);

    impl Transport for Swapped {
        fn get(&self, ask: Ask<'_>) -> Result<Got, Unusable> {
            let from = usize::try_from(ask.from).unwrap();
            let (first, second) = self.0.split_at(self.0.len() / 2);
            let other: Vec<u8> = second.iter().map(|byte| byte ^ 1).collect();
            let body = std::io::Cursor::new(first.to_vec()).chain(std::io::Cursor::new(other));
            let mut body: super::super::transport::Body = Box::new(body);
            body.by_ref().take(from as u64).read_to_end(&mut Vec::new()).unwrap();
            Ok(Got::Found { body, start: ask.from, etag: None })
        }

        fn pieces<'a>(&'a self, _: &str, _: u64, _: &[Stretch]) -> Result<Pieces<'a>, Unusable> {
            Ok(Pieces::Unfit)
        }

        fn rest(&mut self) {}

        fn name(&self) -> &'static str {
            "stick"
        }
    }

    #[test]
    fn a74_a_file_that_becomes_another_while_it_is_copied_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let holdings = Holdings::new(folder.path().join("store"));
        let meter = Arc::new(Meter::new(Limits::default(), folder.path().join("spent.json")));
        let bytes = vec![7; 300_000];
        let named = (Digest::of(&bytes), 300_000);
        let ended = object(&Swapped(bytes), &holdings, &meter, named);
        assert!(ended.unwrap_err().reason.contains("do not match"));
        assert!(!holdings.holds(named.0, named.1));
        assert_eq!(holdings.names("parts").unwrap(), Vec::<String>::new());
    }
}
