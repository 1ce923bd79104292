//! Reads a pack while it downloads: first the documents of a program, then, once they are judged, its small objects.
//! Never trusts its contents: documents go to `trust`, objects must match the digest that names them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read as _};
use std::sync::Arc;

use super::meter::{Meter, Metered};
use super::transport::{BodyReader, FetchRequest, FetchResponse, PullError, Transport};
use crate::base::digest::Digest;
use crate::base::files::read_stream_limited;
use crate::base::limits::{MANIFEST_BYTES, PACK_BYTES, PACK_DOCUMENTS};
use crate::program::validate::Program;
use crate::store::local_store::LocalStore;
use crate::store::packs::{self, PackReader};
use crate::store::{edit, layout};

/// A pack being downloaded.
pub struct PackDownload {
    reader: PackReader<Metered<BodyReader>>,
    /// Path and size of the first object or edit, found while reading documents.
    pending: Option<(String, u64)>,
    documents: BTreeMap<String, Vec<u8>>,
}

impl PackDownload {
    /// Requests the pack of a program: all of it, or what is new since `base`, a stored program. `None` if there is none.
    pub fn request(
        source: &dyn Transport,
        holdings: &LocalStore,
        meter: &Arc<Meter>,
        program: Digest,
        base: Option<&Program>,
    ) -> Result<Option<Self>, PullError> {
        // Without the complete base there is no dictionary, and the pack can't be read.
        let Ok(dictionary) = base.map_or(Ok(None), |base| dictionary(base, holdings)) else { return Ok(None) };
        let path = layout::pack(program, base.map(Program::digest));
        let body = match source.get(FetchRequest { path: &path, limit: PACK_BYTES, from: 0 })? {
            FetchResponse::Found { body, .. } => body,
            FetchResponse::Absent | FetchResponse::Mismatch => return Ok(None),
        };
        let reader = PackReader::open(meter.metered(body), dictionary.as_deref());
        let reader = reader.map_err(|error| PullError::io(&path, &error))?;
        Ok(Some(Self { reader, pending: None, documents: BTreeMap::new() }))
    }

    /// Reads the documents at the beginning, without those that are too long.
    pub fn read_documents(&mut self) -> io::Result<()> {
        for _ in 0..PACK_DOCUMENTS {
            match self.reader.next_file()? {
                Some((path, size)) if packs::parse_object_path(&path).is_none() && edit::parse_path(&path).is_none() => {
                    if size <= MANIFEST_BYTES {
                        let bytes = read_stream_limited(self.reader.by_ref(), size)?;
                        self.documents.insert(path, bytes);
                    }
                }
                first => {
                    self.pending = first;
                    break;
                }
            }
        }
        Ok(())
    }

    /// A document that was read, of at most `limit` bytes.
    pub fn document(&self, path: &str, limit: u64) -> Option<Vec<u8>> {
        self.documents.get(path).filter(|bytes| bytes.len() as u64 <= limit).cloned()
    }

    /// Stores the missing objects among `objects`. Adds to `unrelated` each object for which an old copy is useless.
    pub fn objects(mut self, holdings: &LocalStore, objects: &BTreeMap<Digest, u64>, unrelated: &mut BTreeSet<Digest>) -> io::Result<()> {
        let mut next = match self.pending.take() {
            Some(first) => Some(first),
            None => self.reader.next_file()?,
        };
        let lacking = |digest: Digest| objects.get(&digest).copied().filter(|size| !holdings.contains(digest, *size));
        while let Some((path, size)) = next {
            if let Some(digest) = packs::parse_object_path(&path) {
                if lacking(digest) == Some(size) {
                    let mut part = holdings.open_partial(digest, size)?;
                    part.restart()?;
                    part.append_from(self.reader.by_ref())?;
                    part.finish()?;
                }
            } else if let Some((new, old)) = edit::parse_path(&path)
                && let Some(whole) = lacking(new)
            {
                if size == 0 {
                    unrelated.insert(new);
                } else if let Ok(old) = holdings.open_any(old) {
                    let mut part = holdings.open_partial(new, whole)?;
                    // Replaces any bytes fetched earlier: an edit yields the whole object.
                    part.restart()?;
                    if let Err(error) = edit::apply(self.reader.by_ref(), &old, whole, &mut part) {
                        crate::logln!("pull: {path}: {error}");
                        part.restart()?;
                    } else {
                        part.finish()?;
                    }
                }
            }
            next = self.reader.next_file()?;
        }
        Ok(())
    }
}

/// The dictionary of a base, from what is stored.
fn dictionary(base: &Program, holdings: &LocalStore) -> io::Result<Option<Vec<u8>>> {
    let manifest = holdings.document(&layout::program(base.digest()), MANIFEST_BYTES)?.ok_or(io::ErrorKind::NotFound)?;
    packs::dictionary(base, &manifest, |file| read_stream_limited(holdings.open(file.sha256, file.size)?, file.size))
}
