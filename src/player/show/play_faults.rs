//! What is wrong with the plays that the screens post, as long as it is told: plays that can't have been, plays that never came to the journal, slides
//! that a screen could not show. Never decides which play is taken: its caller does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::on_air::OnAir;
use super::time::ClockReading;
use crate::base::digest::Digest;
use crate::base::ids::{ScreenId, SlideId};
use crate::base::numbers;
use crate::base::text::Text;
use crate::player::record::entry::{JournalEntry, PlayDoubt, PlayOutcome, PlayRecord};
use crate::program::show::{ScreenState, show};
use crate::text;

/// See the module.
#[derive(Default)]
pub struct PlayFaults {
    /// Screens of which plays were refused lately, and when the last was.
    refused: BTreeMap<ScreenId, Instant>,
    /// How many plays of a screen are lost, and since when none was.
    lost: BTreeMap<ScreenId, (u64, Instant)>,
    /// Screens of which plays of programs came that are not known, and when the last did.
    missed: BTreeMap<ScreenId, Instant>,
    /// Screens of which a refused play named lost ones, and when the last did.
    dropped: BTreeMap<ScreenId, Instant>,
    /// Kind and words of what has yet to be written down.
    untold: Vec<(&'static str, String)>,
    /// Slides that failed on a screen and were not shown there since, when they last did, and of which program.
    failed: BTreeMap<(ScreenId, SlideId), (Instant, Digest)>,
    /// What was told last.
    told: Vec<Text>,
}

/// How long after the last one it is told that plays of a screen were refused.
const REFUSED: Duration = Duration::from_secs(3_600);
/// How long after the last time it is told that a slide failed, or that plays are lost.
const DAY: Duration = Duration::from_secs(86_400);
/// Of how many screens it is told that plays are lost: a name that no program has may be anything.
const SCREENS: usize = 64;

impl PlayFaults {
    /// What has yet to be written into the journal at `at`, in Unix milliseconds.
    pub fn take_untold(&mut self, at: i64) -> Vec<JournalEntry> {
        let untold = std::mem::take(&mut self.untold).into_iter();
        untold.map(|(kind, detail)| JournalEntry::Incident { kind: kind.into(), at, detail }).collect()
    }

    /// Puts what is wrong with the plays of the screens now in the place of what was said about them before.
    pub fn retell(&mut self, faults: &mut Vec<Text>, on_air: &OnAir, now: ClockReading) {
        let told = self.faults(on_air, now);
        faults.retain(|fault| !self.told.contains(fault));
        faults.extend(told.iter().cloned());
        self.told = told;
    }

    /// What is wrong with the plays of the screens, and what to do. A slide that is on air no more is none of it.
    fn faults(&mut self, on_air: &OnAir, now: ClockReading) -> Vec<Text> {
        self.refused.retain(|_, last| last.elapsed() < REFUSED);
        self.lost.retain(|_, (_, last)| last.elapsed() < DAY);
        let stands = |(screen, slide): &(ScreenId, SlideId), program| {
            on_air.has(program, screen, slide) && !on_air.schedule().withdrawn.slides.get(&program).is_some_and(|gone| gone.contains(slide))
        };
        self.failed.retain(|slide, (last, program)| last.elapsed() < DAY && stands(slide, *program));
        let refused = self.refused.keys().map(|screen| {
            text!(
                vi: "màn hình {screen} có lượt chiếu không thể có thật, hoặc nhiều hơn mức chiếu được: những lượt ấy không được ghi vào nhật ký chiếu. Hãy chỉ mở một trang của màn hình này, và kiểm tra trên máy có chương trình lạ không",
                en: "screen {screen} told plays that can't have been, or more than it can show: they are not in the journal. Keep one page of this screen open only, and look for programs on the machine that do not belong there"
            )
        });
        let lost = self.lost.iter().map(|(screen, (count, _))| {
            let (Text { vi, .. }, en) = (numbers::count(*count), numbers::counted(*count, "play"));
            text!(
                vi: "{vi} lượt chiếu của màn hình {screen} không được ghi vào nhật ký chiếu: trang màn hình phải giữ quá nhiều hoặc quá lâu trong lúc đầu phát không ghi được hay không chạy. Hãy kiểm tra ổ đĩa và báo người quản trị; dòng này hết sau một ngày",
                en: "{en} of screen {screen} never came to the journal: its page had to keep too many, or for too long, while the player could not write or did not run. Check the disk and tell the administrator; this line goes within a day"
            )
        });
        let screens: BTreeSet<&ScreenId> = self.failed.keys().map(|(screen, _)| screen).collect();
        let failed = screens.into_iter().map(|screen| {
            let slides: Vec<&SlideId> = self.failed.keys().filter(|(on, _)| on == screen).map(|(_, slide)| slide).collect();
            cant_show(screen, &slides, plays_others(on_air, screen, &slides, now))
        });
        refused.chain(lost).chain(failed).collect()
    }

    /// Notes that a play was refused; the first of each screen is told, once for as long as it goes on.
    pub fn refuse(&mut self, play: &PlayRecord, why: &str) {
        if is_first(&mut self.refused, &play.screen) {
            let PlayRecord { screen, slide, start, .. } = play;
            self.untold.push(("plays-refused", format!("screen {screen}: a play of {slide} from {start} {why}; it is not taken")));
        }
    }

    /// Notes a play of a program that is not known: it is lost. The first of each screen is told in the same way.
    pub fn miss(&mut self, play: &PlayRecord) {
        let PlayRecord { screen, slide, start, program, .. } = play;
        if !self.count(screen, 1) {
            return;
        }
        if is_first(&mut self.missed, screen) {
            let detail = format!(
                "screen {screen}: a play of {slide} from {start} is of program {program}, which is not on air and has not left it in the last ten minutes; it is not taken"
            );
            self.untold.push(("plays-lost", detail));
        }
    }

    /// Notes how many plays a page has dropped before one that was written.
    pub fn lose(&mut self, screen: &ScreenId, plays: u64) {
        if plays > 0 && self.count(screen, plays) {
            self.untold.push(("plays-lost", dropped(screen, plays)));
        }
    }

    /// The same before one that was refused: whoever is not believed writes no line more than once an hour.
    pub fn lose_refused(&mut self, screen: &ScreenId, plays: u64) {
        if plays > 0 && self.count(screen, plays) && is_first(&mut self.dropped, screen) {
            self.untold.push(("plays-lost", dropped(screen, plays)));
        }
    }

    /// Counts lost plays of a screen; false where there are too many screens.
    fn count(&mut self, screen: &ScreenId, plays: u64) -> bool {
        if self.lost.len() >= SCREENS && !self.lost.contains_key(screen) {
            return false;
        }
        let (count, last) = self.lost.entry(screen.clone()).or_insert((0, Instant::now()));
        (*count, *last) = (count.saturating_add(plays), Instant::now());
        true
    }

    /// Notes whether a slide could be shown.
    pub fn note_outcome(&mut self, play: &PlayRecord) {
        let slide = (play.screen.clone(), play.slide.clone());
        match play.outcome {
            // It could not be had: that says nothing of the screen.
            PlayOutcome::Failed if play.doubt.contains(&PlayDoubt::BeforeStart) => {}
            PlayOutcome::Failed => drop(self.failed.insert(slide, (Instant::now(), play.program))),
            PlayOutcome::Shown | PlayOutcome::Late => drop(self.failed.remove(&slide)),
            PlayOutcome::Skipped => {}
        }
    }
}

fn dropped(screen: &ScreenId, plays: u64) -> String {
    let plays = numbers::counted(plays, "play");
    format!("screen {screen}: its page could not keep {plays} that were not taken from it")
}

/// Notes one of a screen; true if the last is long ago.
fn is_first(seen: &mut BTreeMap<ScreenId, Instant>, screen: &ScreenId) -> bool {
    seen.insert(screen.clone(), Instant::now()).is_none_or(|last| last.elapsed() >= REFUSED)
}

/// Whether a screen plays, and has other slides than these.
fn plays_others(on_air: &OnAir, screen: &ScreenId, slides: &[&SlideId], now: ClockReading) -> bool {
    let manifests = on_air.schedule().programs.iter().map(|each| each.program.manifest());
    let mut of_screen = manifests.filter(|manifest| manifest.screens.iter().any(|each| each.id == *screen));
    let others = of_screen.any(|manifest| manifest.slides.keys().any(|slide| !slides.contains(&slide)));
    others && show(on_air.schedule(), screen.as_str(), now.ms, now.trusted).state != ScreenState::Card
}

/// A screen can't show these slides. `others`: whether it shows others.
fn cant_show(screen: &ScreenId, slides: &[&SlideId], others: bool) -> Text {
    let (first, more) = (slides.first().map(ToString::to_string).unwrap_or_default(), slides.len().saturating_sub(1));
    let (more_vi, more_en) =
        if more == 0 { (String::new(), String::new()) } else { (format!(" và {more} trang khác"), format!(" and {more} more")) };
    let (on_vi, on_en) = if others { ("; các trang khác vẫn chiếu", "; the others play on") } else { ("", "") };
    text!(
        vi: "màn hình {screen} không chiếu được trang {first}{more_vi}{on_vi}. Nếu một giờ sau vẫn báo, hãy chạy: systemctl restart bangtin-kiosk@{screen}; vẫn báo thì báo người phát hành",
        en: "screen {screen} can't show the slide {first}{more_en}{on_en}. If it still says so in an hour, run: systemctl restart bangtin-kiosk@{screen}; if that does not help, tell the publisher"
    )
}
