//! Lets the office read a store with the player's own pull code: over HTTP or from a folder as players do, from a bucket by its protocol,
//! and with a planned publication laid over it. Never writes.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::time::{Duration, Instant};

use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{HINT_BYTES, SMALL_DOCUMENT_BYTES};
use crate::player::pull::inspect::{self, Inspection};
use crate::player::pull::open_transport;
use crate::player::pull::{FetchRequest, FetchResponse, PullError, Transport};
use crate::store::address::StoreAddress;
use crate::store::backend::StoreBackend;
use crate::store::documents::StoreFile;
use crate::store::folder_store::FolderStore;
use crate::store::layout;
use crate::store::object_check::{self, CheckDepth, ObjectFault};
use crate::trust::hint::Hint;

/// A request that fails after this time got no answer, where others fail at once.
const SILENCE: Duration = Duration::from_secs(20);
/// Requests in flight at the same time.
const WORKERS: usize = 8;

/// A store that is read.
pub enum StoreReader {
    Player(Box<dyn Transport>),
    /// Read by the bucket's own protocol, which no player speaks.
    Bucket(Box<dyn StoreBackend>),
}

impl StoreReader {
    /// Opens the store at a destination. `environment`: variables of the process.
    pub fn open(destination: &StoreAddress, environment: &[(String, String)]) -> Result<Self, Failure> {
        Ok(match destination {
            StoreAddress::Folder(folder) => {
                FolderStore::open_read_only(folder)?;
                Self::Player(open_transport::for_office(&folder.to_string_lossy()))
            }
            StoreAddress::Dav(address) => Self::Player(open_transport::for_office(address)),
            StoreAddress::Bucket(_) => Self::Bucket(destination.open_read_only(environment)?),
        })
    }

    /// Calls `with` on a transport that gives the store's documents.
    pub fn read<T>(&self, with: impl FnOnce(&dyn Transport) -> T) -> T {
        match self {
            Self::Player(source) => with(&**source),
            Self::Bucket(place) => with(&PlannedStore::new(&**place)),
        }
    }

    /// Fails if the store takes a request and is silent, or sends a byte now and then: everything else that it is asked would be waited for as long.
    pub fn ensure_answers(&self) -> Result<(), PullError> {
        let asked = Instant::now();
        match self.document(&layout::root(1), SMALL_DOCUMENT_BYTES) {
            Err(error) if asked.elapsed() > SILENCE => Err(error),
            _ => Ok(()),
        }
    }

    /// Whether the store answers for a site: one that does, and yet gives a player an incomplete state, lacks files.
    pub fn has_hint(&self, site: &SiteId) -> bool {
        self.document(&layout::hint(site), HINT_BYTES).is_ok_and(|found| found.is_some())
    }

    /// The hint of a site, if there is one that can be read.
    pub fn hint(&self, site: &SiteId) -> Option<Hint> {
        Hint::parse(&self.document(&layout::hint(site), HINT_BYTES).ok()??)
    }

    /// A document as players get it; `None` if it is absent. `limit`: most bytes of it.
    pub fn document(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, PullError> {
        let request = FetchRequest { path, limit, from: 0 };
        self.read(|source| {
            let FetchResponse::Found { body, .. } = source.get(request)? else { return Ok(None) };
            let mut bytes = Vec::new();
            body.take(limit + 1).read_to_end(&mut bytes)?;
            Ok(Some(bytes))
        })
    }

    /// Returns the inspected objects that are missing or differ.
    pub fn object_faults(&self, seen: &Inspection, depth: CheckDepth) -> Result<BTreeMap<Digest, ObjectFault>, PullError> {
        object_check::object_faults(WORKERS, &seen.objects(), |digest, size| self.check_object(depth, digest, size))
    }

    fn check_object(&self, depth: CheckDepth, digest: Digest, size: u64) -> Result<Option<ObjectFault>, PullError> {
        match self {
            Self::Player(source) => inspect::check_object_at(&**source, depth, digest, size),
            Self::Bucket(place) => object_check::check_in_store(&**place, depth, digest, size).map_err(|failure| transport_error(&failure)),
        }
    }
}

/// The documents of a store, with those of a publication laid over them.
pub struct PlannedStore<'a> {
    place: &'a dyn StoreBackend,
    name: String,
    overlaid: BTreeMap<String, Vec<u8>>,
}

impl<'a> PlannedStore<'a> {
    /// The store as it is.
    pub fn new(place: &'a dyn StoreBackend) -> Self {
        Self { place, name: place.name(), overlaid: BTreeMap::new() }
    }

    /// Overlays a file as the publication will write it: a signature that is already in the store stays.
    pub fn overlay(&mut self, file: StoreFile<'_>) -> Result<(), Failure> {
        let (path, bytes) = match file {
            StoreFile::Signature(path, _) if self.place.size(&path)?.is_some() => return Ok(()),
            StoreFile::Signature(path, bytes) | StoreFile::Document(path, bytes) => (path, bytes),
        };
        self.overlaid.insert(path, bytes.to_vec());
        Ok(())
    }
}

impl Transport for PlannedStore<'_> {
    fn get(&self, ask: FetchRequest<'_>) -> Result<FetchResponse, PullError> {
        let bytes = match self.overlaid.get(ask.path) {
            Some(bytes) => Some(bytes.clone()),
            None => self.place.read(ask.path, ask.limit).map_err(|failure| transport_error(&failure))?,
        };
        Ok(bytes.map_or(FetchResponse::Absent, |bytes| FetchResponse::Found { body: Box::new(Cursor::new(bytes)), start: 0 }))
    }

    fn name(&self) -> &str {
        &self.name
    }
}

fn transport_error(failure: &Failure) -> PullError {
    PullError::external(failure.text().cloned().unwrap_or(crate::text!(vi: "", en: "")))
}
