//! `schedule.json`, `bangtin-schedule/1`: what the shell in the browser is told about one screen, by the player and by the pages for people of the
//! office alike. Never decides what is on it.

use serde::Serialize;
use serde_json::Value;

use super::manifest::Manifest;
use super::show::{KitReleaseEvent, WithdrawnContent};
use crate::base::digest::Digest;
use crate::base::ids::{ScreenId, SiteId};
use crate::base::text::Text;
use crate::base::token::Token;

/// The one form that the shell knows.
const FORMAT: &str = "bangtin-schedule/1";

/// The schedule of one screen.
#[derive(Serialize)]
pub struct ShellSchedule<'a> {
    format: &'static str,
    /// What stands across the picture, where it is not a player that shows it.
    pub mark: Option<Text>,
    /// The programs, by the second from which each counts.
    pub programs: &'a [ShellProgram],
    /// Releases of kits and their ends.
    pub releases: &'a [KitReleaseEvent],
    /// The screen.
    pub screen: &'a ScreenId,
    /// The site.
    pub site: &'a SiteId,
    /// The token without which no play is taken; none where plays are not taken at all.
    pub token: Option<&'a Token>,
    /// Loudness in percent.
    pub volume: u8,
    /// What has been withdrawn.
    pub withdrawn: &'a WithdrawnContent,
}

/// One program as the shell is told of it: all but the list of its files.
#[derive(Serialize)]
pub struct ShellProgram {
    base: String,
    from: i64,
    manifest: Value,
    program: Digest,
}

impl<'a> ShellSchedule<'a> {
    /// A schedule without mark, token, releases and withdrawals.
    pub fn new(site: &'a SiteId, screen: &'a ScreenId, volume: u8, programs: &'a [ShellProgram]) -> Self {
        const NOTHING: &WithdrawnContent = &WithdrawnContent::none();
        Self { format: FORMAT, mark: None, programs, releases: &[], screen, site, token: None, volume, withdrawn: NOTHING }
    }

    /// The value; its bytes have their keys sorted, at every depth.
    pub fn value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl ShellProgram {
    /// The program of this name, in force from a Unix second, whose files lie below the address `base`.
    pub fn new(program: Digest, from: i64, base: String, manifest: &Manifest) -> Self {
        let mut manifest = serde_json::to_value(manifest).unwrap_or_default();
        if let Some(fields) = manifest.as_object_mut() {
            fields.remove("files");
        }
        Self { base, from, manifest, program }
    }
}
