//! How the player is doing, for operators and for whoever watches many players: one small document, written each cycle.
//! Never decides what plays.

use std::io::ErrorKind;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::ids::{PlayerId, SiteId};
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::text::Text;
use crate::trust::freshness::Freshness;
use crate::trust::head::HeadNumber;

/// The health file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The site.
    pub site: SiteId,
    /// The machine.
    pub player: PlayerId,
    /// Version of the player.
    pub version: String,
    /// When this was written, Unix milliseconds by the player's time.
    pub at: i64,
    /// When the player was started.
    pub since: i64,
    /// Freshness of the head.
    pub state: Freshness,
    /// Whether the clock is trusted.
    pub clock_trusted: bool,
    /// Version of the root in force.
    pub root: u64,
    /// Epoch and version of the head in force; null before the first.
    pub head: Option<HeadNumber>,
    /// Whether the stored head no longer verifies under the root in force.
    pub head_unverifiable: bool,
    /// Programs on air.
    pub programs: Vec<Digest>,
    /// Programs that the head names and that may not be shown, with the reason.
    pub dropped: Vec<(Digest, Text)>,
    /// Programs that are still being fetched.
    pub pending: Vec<Digest>,
    /// When a cycle last ended well.
    pub last_success: Option<i64>,
    /// What kept the last cycle from ending well.
    pub last_error: Option<Text>,
    /// Bytes that the disk could still take.
    pub free_bytes: Option<u64>,
}

/// The health file's bytes; `None` before the first cycle.
pub fn read(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match files::read_file_limited(path, SMALL_DOCUMENT_BYTES) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io(path, &error)),
    }
}

impl Health {
    /// What the file at a path says.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Failure> {
        let shown = path.display();
        serde_json::from_slice(bytes).map_err(|error| Failure::Refused(crate::text!(vi: "{shown}: {error}", en: "{shown}: {error}")))
    }
}
