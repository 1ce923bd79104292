//! How the player is doing, for operators and for monitoring many players: one small document, written each cycle.
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
use crate::text;
use crate::trust::freshness::Freshness;
use crate::trust::head::HeadNumber;

/// The health file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    pub site: SiteId,
    pub player: PlayerId,
    /// Of the player.
    pub version: String,
    /// When this was written; all times are Unix milliseconds by the player's time.
    pub at: i64,
    /// When the player started.
    pub since: i64,
    pub state: Freshness,
    pub clock_trusted: bool,
    /// Version in force.
    pub root: u64,
    /// The head in force; `None` before the first.
    pub head: Option<HeadNumber>,
    /// Whether the stored head no longer verifies under the root in force.
    pub head_unverifiable: bool,
    /// Programs on air.
    pub programs: Vec<Digest>,
    /// Programs that the head names but that may not be shown, with the reason.
    pub dropped: Vec<(Digest, Text)>,
    /// Programs that are still being fetched.
    pub pending: Vec<Digest>,
    /// When a cycle last succeeded.
    pub last_success: Option<i64>,
    /// Why the last cycle failed; `None` if it succeeded.
    pub last_error: Option<Text>,
    /// `None` if the disk could not be asked.
    pub free_bytes: Option<u64>,
}

/// The health file's bytes.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    files::read_file_limited(path, SMALL_DOCUMENT_BYTES).map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::Refused(text!(vi: "máy chiếu này chưa chạy lần nào", en: "this player has not run yet")),
        _ => Failure::io(path, &error),
    })
}

impl Health {
    /// Parses the health file; `path` is for the error.
    pub fn parse(path: &Path, bytes: &[u8]) -> Result<Self, Failure> {
        let shown = path.display();
        serde_json::from_slice(bytes).map_err(|error| Failure::Refused(text!(vi: "{shown}: {error}", en: "{shown}: {error}")))
    }
}
