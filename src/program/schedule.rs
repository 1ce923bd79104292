//! What the browser shell receives about one screen, from the player and from the office's pages alike: `schedule.json`, which names the
//! programs and is read often, and each program's timetable, which is read once. Never decides what the screen shows.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::manifest::{DisplayMode, Loop, Manifest, ManifestScreen, ValidityWindow, page_key};
use super::show::{KitReleaseEvent, WithdrawnContent};
use crate::base::digest::Digest;
use crate::base::ids::{ScreenId, SiteId, SlideId};
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::token::Token;

/// The only format of a schedule that the shell reads.
const FORMAT: &str = "bangtin-schedule/2";
/// The only format of a timetable that the shell reads.
const TIMETABLE_FORMAT: &str = "bangtin-timetable/1";

/// The schedule of one screen. The fields of both documents are declared in the order of their JSON names.
#[derive(Serialize)]
pub struct ShellSchedule<'a> {
    format: &'static str,
    /// Text across the picture on pages other than a player's.
    pub mark: Option<Text>,
    pub programs: Vec<ShellProgram>,
    pub releases: &'a [KitReleaseEvent],
    pub screen: &'a ScreenId,
    /// The shell that the server has; `None` on pages other than a player's, which are not loaded anew.
    pub shell: Option<Digest>,
    pub site: &'a SiteId,
    /// Required with every play; `None` where plays are not accepted.
    pub token: Option<&'a Token>,
    /// Loudness in percent.
    pub volume: u8,
    pub withdrawn: &'a WithdrawnContent,
}

/// One program of a schedule.
#[derive(Serialize)]
pub struct ShellProgram {
    /// The address below which its files are.
    pub base: String,
    /// The Unix second at which it takes over.
    pub from: i64,
    pub program: Digest,
    /// The address of its timetable for the screen; another timetable has another address.
    pub timetable: String,
}

/// The part of a program that concerns what one screen shows when.
#[derive(Serialize)]
pub struct ShellTimetable<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    band: Option<DisplayMode>,
    format: &'static str,
    kind: ProgramKind,
    /// Those of the screen's spans.
    loops: BTreeMap<&'a str, &'a Loop>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<i64>,
    offsets: &'a [(i64, i32)],
    /// Slide → its page for this screen, below the program's `base`.
    pages: BTreeMap<&'a SlideId, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<u8>,
    screens: [&'a ManifestScreen; 1],
    valid: ValidityWindow,
}

impl<'a> ShellSchedule<'a> {
    /// Creates a schedule without mark, shell, token, releases and withdrawals.
    pub fn new(site: &'a SiteId, screen: &'a ScreenId, volume: u8, programs: Vec<ShellProgram>) -> Self {
        const NOTHING: &WithdrawnContent = &WithdrawnContent::none();
        Self { format: FORMAT, mark: None, programs, releases: &[], screen, shell: None, site, token: None, volume, withdrawn: NOTHING }
    }
}

impl<'a> ShellTimetable<'a> {
    /// The timetable of a screen; `None` if the program does not have it. A player finds each page in the manifest.
    pub fn of_program(manifest: &'a Manifest, screen: &ScreenId) -> Option<Self> {
        let face = manifest.screens.iter().find(|each| each.id == *screen)?;
        let key = page_key(face.width, face.height);
        Some(Self::new(manifest, face, |slide| manifest.slides.get(slide)?.pages.get(&key).map(ToString::to_string)))
    }

    /// The timetable of one of a manifest's screens; `page` gives the page of each slide that it shows.
    pub fn new(manifest: &'a Manifest, screen: &'a ManifestScreen, page: impl Fn(&SlideId) -> Option<String>) -> Self {
        let used = screen.spans.iter().filter_map(|span| manifest.loops.get_key_value(&span.2));
        let loops: BTreeMap<&str, &Loop> = used.map(|(id, each)| (id.as_str(), each)).collect();
        let shown: BTreeSet<&SlideId> = loops.values().flat_map(|each| &each.items).map(|(slide, _)| slide).collect();
        Self {
            band: manifest.band,
            format: TIMETABLE_FORMAT,
            kind: manifest.kind,
            max: manifest.max,
            offsets: &manifest.offsets,
            pages: shown.into_iter().filter_map(|slide| Some((slide, page(slide)?))).collect(),
            loops,
            priority: manifest.priority,
            screens: [screen],
            valid: manifest.valid,
        }
    }

    /// The slides that the screen shows.
    pub fn slides(&self) -> impl Iterator<Item = &'a SlideId> {
        self.pages.keys().copied()
    }
}

/// A document as JSON.
pub fn to_json(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).unwrap_or_default()
}
