//! Fetches single files within their limits: documents into memory, objects into parts that can be resumed.
//! Never trusts a source: documents go to `trust`, objects must match their digest.

use std::io::{ErrorKind, Read};
use std::sync::Arc;

use super::meter::Meter;
use super::transport::{FetchRequest, FetchResponse, PullError, Transport};
use crate::base::digest::Digest;
use crate::base::files::read_stream_limited;
use crate::base::limits::SIGNATURE_BYTES;
use crate::base::numbers;
use crate::base::text::Text;
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::text;

/// An object by name and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectRef {
    pub digest: Digest,
    /// In bytes.
    pub size: u64,
}

/// Fetches a JSON document. An answer that does not begin with `{` comes from a captive portal or a fallback page and counts as absent,
/// whatever its length. One that does, and is too long, is none of a network's pages: the source is refused.
pub fn document(source: &dyn Transport, path: &str, limit: u64) -> Result<Option<Vec<u8>>, PullError> {
    let failed = |error: std::io::Error| PullError::io(path, &error);
    let FetchResponse::Found { mut body, .. } = source.get(FetchRequest { path, limit, from: 0 })? else { return Ok(None) };
    let mut first = Vec::new();
    body.by_ref().take(1).read_to_end(&mut first).map_err(failed)?;
    if first != b"{" {
        return Ok(None);
    }
    read_stream_limited(first.chain(body), limit).map(Some).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => too_long(source.name(), path, limit),
        _ => failed(error),
    })
}

/// What a store holds in place of a document that can't be as long.
fn too_long(name: &str, path: &str, limit: u64) -> PullError {
    let Text { vi, en } = numbers::bytes(limit);
    PullError::refused(text!(
        vi: "{name}: {path} dài hơn {vi}, mức tối đa của văn bản này; tệp ở kho bị hỏng hoặc bị thay, hãy báo người phát hành",
        en: "{name}: {path} is longer than {en}, the most that it may have; the file in the store is damaged or was replaced: tell the publisher"
    ))
}

/// Fetches a signature file. One that is too long counts as absent: a fallback page must not end the cycle.
pub fn signature(source: &dyn Transport, path: &str) -> Result<Option<Vec<u8>>, PullError> {
    let FetchResponse::Found { body, .. } = source.get(FetchRequest { path, limit: SIGNATURE_BYTES, from: 0 })? else {
        return Ok(None);
    };
    match read_stream_limited(body, SIGNATURE_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::FileTooLarge => Ok(None),
        Err(error) => Err(PullError::io(path, &error)),
    }
}

/// Fetches an object, resuming an earlier try; false if it is absent. If the digest is wrong, fetches it once more from the beginning.
pub fn object(source: &dyn Transport, holdings: &LocalStore, meter: &Arc<Meter>, object: ObjectRef) -> Result<bool, PullError> {
    let ObjectRef { digest, size } = object;
    let path = layout::object(digest);
    let failed = |error: std::io::Error| PullError::io(&path, &error);
    for _ in 0..2 {
        let mut part = holdings.open_partial(digest, size).map_err(failed)?;
        if part.len() < size || size == 0 {
            let from = part.len();
            // A source that does not answer leaves the part as it is: on a slow connection every byte counts.
            let (body, start) = match source.get(FetchRequest { path: &path, limit: size, from })? {
                FetchResponse::Found { body, start } => (body, start),
                FetchResponse::Mismatch => {
                    part.restart().map_err(failed)?;
                    continue;
                }
                FetchResponse::Absent => return Ok(false),
            };
            if start != from {
                part.restart().map_err(failed)?;
            }
            if let Err(error) = part.append_from(meter.metered(body)) {
                if error.kind() == ErrorKind::FileTooLarge {
                    part.discard().map_err(failed)?;
                }
                return Err(failed(error));
            }
            if part.len() < size {
                let length = part.len();
                return Err(PullError::external(text!(
                    vi: "{path}: bị ngắt khi mới nhận {length}/{size} byte",
                    en: "{path}: cut off after {length} of {size} bytes"
                )));
            }
        }
        if part.finish().map_err(failed)? {
            return Ok(true);
        }
    }
    Err(PullError::external(text!(vi: "{path}: nội dung không khớp mã băm", en: "{path}: its bytes do not match its digest")))
}

#[cfg(test)]
mod tests {
    use super::super::meter::TransferLimits;
    use super::*;

    /// Whatever is asked for, it gives these bytes.
    struct Always(&'static [u8]);

    impl Transport for Always {
        fn get(&self, _: FetchRequest<'_>) -> Result<FetchResponse, PullError> {
            Ok(FetchResponse::Found { body: Box::new(self.0), start: 0 })
        }

        fn name(&self) -> &'static str {
            "store"
        }
    }

    #[test]
    fn l4_a_document_that_is_too_long_is_refused_and_a_page_of_the_network_is_absent() {
        let read = |bytes| document(&Always(bytes), "x.json", 5);
        assert_eq!(read(b"{   }"), Ok(Some(b"{   }".to_vec())));
        let error = read(b"{    }").unwrap_err();
        assert!(!error.external && error.pause.is_none() && error.reason.en.ends_with("tell the publisher"), "{error:?}");
        for page in [&b"<html>"[..], b"<htm>", b"<", b""] {
            assert_eq!(read(page), Ok(None));
        }
    }

    /// A stick whose file changes while it is read: only the first half is the signed content.
    struct Swapped(Vec<u8>);

    impl Transport for Swapped {
        fn get(&self, request: FetchRequest<'_>) -> Result<FetchResponse, PullError> {
            let from = usize::try_from(request.from).unwrap();
            let (first, second) = self.0.split_at(self.0.len() / 2);
            let other: Vec<u8> = second.iter().map(|byte| byte ^ 1).collect();
            let body = std::io::Cursor::new(first.to_vec()).chain(std::io::Cursor::new(other));
            let mut body: super::super::transport::BodyReader = Box::new(body);
            body.by_ref().take(from as u64).read_to_end(&mut Vec::new()).unwrap();
            Ok(FetchResponse::Found { body, start: request.from })
        }

        fn name(&self) -> &'static str {
            "stick"
        }
    }

    #[test]
    fn a74_a_file_that_becomes_another_while_it_is_copied_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let holdings = LocalStore::new(folder.path().join("store"));
        let meter = Arc::new(Meter::new(TransferLimits::default(), folder.path().join("spent.json")));
        let bytes = vec![7; 300_000];
        let named = ObjectRef { digest: Digest::of(&bytes), size: 300_000 };
        let ended = object(&Swapped(bytes), &holdings, &meter, named);
        assert!(ended.unwrap_err().reason.en.contains("do not match"));
        assert!(!holdings.contains(named.digest, named.size));
        assert_eq!(holdings.list_names("parts").unwrap(), Vec::<String>::new());
    }
}
