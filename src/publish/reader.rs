//! How the office reads a store with the player's own pulling code: over HTTP or from a folder as players do, from a bucket as it can,
//! and as it will be once a publication is written. Never writes.

use std::collections::BTreeMap;
use std::io::Cursor;

use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::player::pull::inspect::{self, Inspection};
use crate::player::pull::open_transport;
use crate::player::pull::{FetchRequest, FetchResponse, RangesResponse, Transport, TransportError};
use crate::store::destination::Destination;
use crate::store::documents::{Paper, What};
use crate::store::look::{self, Depth, Wrong};
use crate::store::place::Place;
use crate::store::scan::Stretch;

/// Questions under way at the same time.
const WORKERS: usize = 8;

/// A store to be read.
pub enum Reader {
    /// As a player reads it.
    Player(Box<dyn Transport>),
    /// A bucket by its own protocol, which no player speaks.
    Bucket(Box<dyn Place>),
}

impl Reader {
    /// Opens the store at a destination. `environment`: the variables of the process.
    pub fn open(destination: &Destination, environment: &[(String, String)]) -> Result<Self, Failure> {
        Ok(match destination {
            Destination::Folder(folder) => Self::Player(open_transport::for_office(&folder.to_string_lossy())),
            Destination::Dav(address) => Self::Player(open_transport::for_office(address)),
            Destination::Bucket(_) => Self::Bucket(destination.look(environment)?),
        })
    }

    /// Calls with what gives documents.
    pub fn read<T>(&self, with: impl FnOnce(&dyn Transport) -> T) -> T {
        match self {
            Self::Player(source) => with(&**source),
            Self::Bucket(place) => with(&Planned::over(&**place)),
        }
    }

    /// The objects of what was seen that are missing or other.
    pub fn wrong(&self, seen: &Inspection, depth: Depth) -> Result<BTreeMap<Digest, Wrong>, TransportError> {
        look::wrong_objects(WORKERS, &seen.objects(), |digest, size| self.look(depth, digest, size))
    }

    /// Looks at an object.
    fn look(&self, depth: Depth, digest: Digest, size: u64) -> Result<Option<Wrong>, TransportError> {
        match self {
            Self::Player(source) => inspect::check_object_at(&**source, depth, digest, size),
            Self::Bucket(place) => look::in_place(&**place, depth, digest, size).map_err(|failure| transport_error(&failure)),
        }
    }
}

/// The documents of a store, those of a publication over them.
pub struct Planned<'a> {
    place: &'a dyn Place,
    name: String,
    papers: BTreeMap<String, Vec<u8>>,
}

impl<'a> Planned<'a> {
    /// The store as it is.
    pub fn over(place: &'a dyn Place) -> Self {
        Self { place, name: place.name(), papers: BTreeMap::new() }
    }

    /// Lays a file over the store as it will be put there: a signature that lies there already stays.
    pub fn lay(&mut self, paper: Paper<'_>) -> Result<(), Failure> {
        if paper.what == What::Document || self.place.size(&paper.path)?.is_none() {
            self.papers.insert(paper.path, paper.bytes.to_vec());
        }
        Ok(())
    }
}

impl Transport for Planned<'_> {
    fn get(&self, ask: FetchRequest<'_>) -> Result<FetchResponse, TransportError> {
        let bytes = match self.papers.get(ask.path) {
            Some(bytes) => Some(bytes.clone()),
            None => self.place.read(ask.path, ask.limit).map_err(|failure| transport_error(&failure))?,
        };
        Ok(bytes.map_or(FetchResponse::Absent, |bytes| FetchResponse::Found { body: Box::new(Cursor::new(bytes)), start: 0, etag: None }))
    }

    fn get_ranges<'b>(&'b self, _: &str, _: u64, _: &[Stretch]) -> Result<RangesResponse<'b>, TransportError> {
        Ok(RangesResponse::Mismatch)
    }

    fn close_idle(&mut self) {}

    fn name(&self) -> &str {
        &self.name
    }
}

fn transport_error(failure: &Failure) -> TransportError {
    TransportError::new(match failure {
        Failure::Refused(text) | Failure::Usage(text) | Failure::Outside(text) => text.clone(),
        Failure::Content(_) => crate::text!(vi: "", en: ""),
    })
}
