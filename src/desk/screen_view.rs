//! What a browser reads about one screen, made once: the shell's schedule, the timetable that it names, and the details for people around it.
//! The details are made when they are asked for: no slide waits for them. Never decides what is shown.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

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
    details: OnceLock<Arc<[u8]>>,
}

impl ScreenView {
    /// Makes the documents that the shell reads of a screen whose picture bears the text `mark`.
    pub fn new((site, period, screen): (&SiteId, Period, &ScreenId), volume: u8, mark: Text, program: Option<ViewedProgram<'_>>) -> Self {
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
        Self { schedule: schedule::to_json(&schedule).into(), timetable, details: OnceLock::new() }
    }

    /// Answers a request for one of the documents by its name below the screen's address. `details`: makes those that the shell never reads.
    pub fn answer(&self, name: &str, details: impl FnOnce() -> Option<Value>) -> Option<HttpResponse> {
        let bytes = match (name, &self.timetable) {
            ("schedule.json", _) => &self.schedule,
            ("details.json", _) => match self.details.get() {
                Some(made) => made,
                None => {
                    let made = schedule::to_json(&details()?);
                    self.details.get_or_init(|| made.into())
                }
            },
            (_, Some((known, bytes))) if known == name => bytes,
            _ => return None,
        };
        Some(HttpResponse::bytes("application/json", bytes.clone()).with_content_etag())
    }
}

/// The views of screens, each made once.
#[derive(Default)]
pub struct ScreenViews(Mutex<BTreeMap<ScreenKey, MadeView>>);

/// Site, period and screen.
pub type ScreenKey = (SiteId, Period, ScreenId);

/// A view, and whether it was asked for.
type MadeView = (Option<Arc<ScreenView>>, bool);

impl ScreenViews {
    /// The view of a screen that is asked for; the first time `make` makes it, and who asks meanwhile waits.
    pub fn get(
        &self,
        (site, period, screen): (&SiteId, Period, &ScreenId),
        make: impl FnOnce() -> Option<ScreenView>,
    ) -> Option<Arc<ScreenView>> {
        let mut made = self.0.hold();
        let (view, is_asked_for) = made.entry((site.clone(), period, screen.clone())).or_insert_with(|| (make().map(Arc::new), true));
        *is_asked_for = true;
        view.clone()
    }

    /// Makes a view before it is asked for.
    pub fn prepare(&self, key: ScreenKey, make: impl FnOnce() -> Option<ScreenView>) {
        self.0.hold().entry(key).or_insert_with(|| (make().map(Arc::new), false));
    }

    /// The screens that were asked for.
    pub fn asked_for(&self) -> Vec<ScreenKey> {
        self.0.hold().iter().filter(|(_, (view, is_asked_for))| *is_asked_for && view.is_some()).map(|(key, _)| key.clone()).collect()
    }
}
