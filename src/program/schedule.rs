//! `schedule.json` (`bangtin-schedule/1`): what the browser shell receives about one screen, from the player and from the office's pages
//! alike. Never decides what the screen shows.

use serde::Serialize;
use serde_json::Value;

use super::manifest::Manifest;
use super::show::{KitReleaseEvent, WithdrawnContent};
use crate::base::digest::Digest;
use crate::base::ids::{ScreenId, SiteId};
use crate::base::text::Text;
use crate::base::token::Token;

/// The only format that the shell reads.
const FORMAT: &str = "bangtin-schedule/1";

/// The schedule of one screen.
#[derive(Serialize)]
pub struct ShellSchedule<'a> {
    format: &'static str,
    /// Text across the picture on pages other than a player's.
    pub mark: Option<Text>,
    pub programs: &'a [ShellProgram],
    pub releases: &'a [KitReleaseEvent],
    pub screen: &'a ScreenId,
    pub site: &'a SiteId,
    /// Required with every play; `None` where plays are not accepted.
    pub token: Option<&'a Token>,
    /// Loudness in percent.
    pub volume: u8,
    pub withdrawn: &'a WithdrawnContent,
}

/// One program for the shell: its manifest without the list of files.
#[derive(Serialize)]
pub struct ShellProgram {
    base: String,
    from: i64,
    manifest: Value,
    program: Digest,
}

impl<'a> ShellSchedule<'a> {
    /// Creates a schedule without mark, token, releases and withdrawals.
    pub fn new(site: &'a SiteId, screen: &'a ScreenId, volume: u8, programs: &'a [ShellProgram]) -> Self {
        const NOTHING: &WithdrawnContent = &WithdrawnContent::none();
        Self { format: FORMAT, mark: None, programs, releases: &[], screen, site, token: None, volume, withdrawn: NOTHING }
    }

    /// Converts to JSON with keys sorted at every depth.
    pub fn value(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl ShellProgram {
    /// A program that takes over at the Unix second `from`, with its files below the address `base`.
    pub fn new(program: Digest, from: i64, base: String, manifest: &Manifest) -> Self {
        let mut manifest = serde_json::to_value(manifest).unwrap_or_default();
        if let Some(fields) = manifest.as_object_mut() {
            fields.remove("files");
        }
        Self { base, from, manifest, program }
    }
}
