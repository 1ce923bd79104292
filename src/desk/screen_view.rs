//! What a browser reads about one screen, made once: the shell's schedule, the timetable that it names, and the details for people around it.
//! Never decides what is shown.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::base::digest::Digest;
use crate::base::http::HttpResponse;
use crate::base::ids::{ScreenId, SiteId};
use crate::base::lock::MutexExt as _;
use crate::base::text::Text;
use crate::content::model::values::Period;
use crate::program::schedule::{self, ShellProgram, ShellSchedule, ShellTimetable};

/// The program that a screen shows.
pub struct ViewedProgram<'a> {
    /// The address below which its files are.
    pub base: String,
    pub digest: Digest,
    pub from: i64,
    pub timetable: ShellTimetable<'a>,
}

/// The documents of one screen.
pub struct ScreenView {
    schedule: Arc<[u8]>,
    timetable: Option<(String, Arc<[u8]>)>,
    details: Arc<[u8]>,
}

impl ScreenView {
    /// Makes the documents of a screen whose picture bears the text `mark`. The shell never reads `details`.
    pub fn new(
        (site, period, screen): (&SiteId, Period, &ScreenId),
        volume: u8,
        mark: Text,
        program: Option<ViewedProgram<'_>>,
        details: &Value,
    ) -> Self {
        let (mut programs, mut timetable) = (Vec::new(), None);
        if let Some(ViewedProgram { base, digest, from, timetable: written }) = program {
            let bytes = schedule::to_json(&written);
            let name = format!("timetable/{}.json", Digest::of(&bytes));
            let address = format!("/view/{site}/{period}/{screen}/{name}");
            programs.push(ShellProgram { base, from, program: digest, timetable: address });
            timetable = Some((name, bytes.into()));
        }
        let mut schedule = ShellSchedule::new(site, screen, volume, programs);
        schedule.mark = Some(mark);
        Self { schedule: schedule::to_json(&schedule).into(), timetable, details: schedule::to_json(details).into() }
    }

    /// Answers a request for one of the documents by its name below the screen's address.
    pub fn answer(&self, name: &str) -> Option<HttpResponse> {
        let bytes = match (name, &self.timetable) {
            ("schedule.json", _) => &self.schedule,
            ("details.json", _) => &self.details,
            (_, Some((known, bytes))) if known == name => bytes,
            _ => return None,
        };
        Some(HttpResponse::bytes("application/json", bytes.clone()).with_content_etag())
    }
}

/// The views of all screens that were asked for, each made once.
#[derive(Default)]
pub struct ScreenViews(Mutex<BTreeMap<ScreenKey, Option<Arc<ScreenView>>>>);

type ScreenKey = (SiteId, Period, ScreenId);

impl ScreenViews {
    /// The view of a screen; the first time `make` makes it, and who asks meanwhile waits.
    pub fn get(
        &self,
        (site, period, screen): (&SiteId, Period, &ScreenId),
        make: impl FnOnce() -> Option<ScreenView>,
    ) -> Option<Arc<ScreenView>> {
        let mut made = self.0.hold();
        made.entry((site.clone(), period, screen.clone())).or_insert_with(|| make().map(Arc::new)).clone()
    }
}
