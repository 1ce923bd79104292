//! The result of planning: the spans of each screen and the loops that they play. Values only.
//! Never plans.

use std::collections::BTreeMap;

use super::never::{self, NeverPlayed};
use crate::base::diagnostic::Diagnostic;
use crate::base::ids::{Language, RoleId, ScreenId, SiteId, SlideId};
use crate::base::terms::ProgramKind;
use crate::base::times::Month;

/// A planned period of a site: everything in a manifest that concerns time.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Monthly or evergreen.
    pub kind: ProgramKind,
    pub site: SiteId,
    /// `None` in the evergreen plan.
    pub month: Option<Month>,
    /// Title of the first playlist in order of `shares` that has a file.
    pub title: String,
    /// The main language first.
    pub languages: Vec<Language>,
    /// 1 + the sum over the playlists of `revision` − 1.
    pub revision: u64,
    /// Reviewer roles of the playlists' owners, sorted.
    pub roles: Vec<RoleId>,
    /// Unix seconds `[from, until)`; evergreen: from 0 without end.
    pub valid: (i64, Option<i64>),
    /// `[from, seconds east of UTC]`, sorted.
    pub offsets: Vec<(i64, i32)>,
    /// In the order of the site file.
    pub screens: Vec<PlannedScreen>,
    /// By id.
    pub loops: BTreeMap<String, PlannedLoop>,
    pub warnings: Vec<Diagnostic>,
    /// Entries that it never plays; of a site that is never open, none.
    pub never: Vec<NeverPlayed>,
}

impl Plan {
    /// Its warnings, with those of entries that never play.
    pub fn all_warnings(&self) -> Vec<Diagnostic> {
        self.warnings.iter().cloned().chain(never::warnings(&self.never)).collect()
    }
}

/// What one screen plays when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedScreen {
    pub id: ScreenId,
    /// `[start, end, loop, phase]`: seconds (Unix, or of the local week), the loop's id, milliseconds.
    pub spans: Vec<(i64, i64, String, u64)>,
}

/// A cyclic sequence of slides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLoop {
    /// The sum of the items.
    pub ms: u64,
    /// Slide and milliseconds.
    pub items: Vec<(SlideId, u64)>,
}
