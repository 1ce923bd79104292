//! Play records as the shell posts them: accepted only with this start's token and only for what a program could show that is on air or
//! has just left it: the showing that a withdrawal ends is the one that an inspector asks for. What can't have been shown is refused; what only
//! a slow page or a step of the clock explains is marked. Never accepts a number outside its bounds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::on_air::OnAir;
use super::time::ClockReading;
use crate::base::digest::Digest;
use crate::base::ids::{ScreenId, SlideId};
use crate::base::limits::{MIN_LOOP_MS, PLAY_MS, PLAYS_REMEMBERED};
use crate::base::strict_json;
use crate::base::text::Text;
use crate::base::token::Token;
use crate::player::record::entry::{PlayDoubt, PlayOutcome, PlayRecord};
use crate::program::show::{ScreenState, show};
use crate::text;

#[derive(Deserialize)]
struct PlayPost {
    token: String,
    #[serde(flatten)]
    play: PlayRecord,
}

/// Why a post was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlayRejection {
    /// Not the token of this start.
    Token,
    /// Not a play record, or not one of a program on air.
    Body,
    /// Accepted before.
    Repeated,
    /// More than a screen can show.
    Often,
}

/// When a play is posted.
#[derive(Clone, Copy, Debug)]
pub struct PostMoment {
    pub now: ClockReading,
    /// When the player started, in Unix milliseconds.
    pub since: i64,
    /// The same moment as `now`, by the monotonic clock.
    pub monotonic: Duration,
}

/// Accepts posts and remembers the latest, to reject repeats.
#[derive(Default)]
pub struct PlayIntake {
    recent: VecDeque<PlayRecord>,
    /// What left the air lately, and when.
    left: Vec<(Instant, Arc<OnAir>)>,
    /// When the plays that each screen has posted would be over, one after the other.
    due: BTreeMap<ScreenId, Instant>,
    /// Screens of which plays were refused lately, and when the last was.
    refused: BTreeMap<ScreenId, Instant>,
    /// What was refused first of them, as far as it has yet to be written down.
    untold: Vec<String>,
    /// Slides that were withdrawn before this start, by program, and from when on, in Unix milliseconds.
    withdrawn: Vec<(i64, BTreeMap<Digest, BTreeSet<SlideId>>)>,
    /// Since when the programs on air have been there, by the monotonic clock; those of the start are not named.
    came: BTreeMap<Digest, Duration>,
    /// Slides that failed on a screen and were not shown there since, when they last did, and of which program.
    failed: BTreeMap<(ScreenId, SlideId), (Instant, Digest)>,
    /// What was told last.
    told: Vec<Text>,
}

/// How long after a program has left the air its plays are accepted: the shell tries again for some time.
const AFTERWARDS: Duration = Duration::from_secs(600);
/// By how much times of a page may differ, in milliseconds: its clock is corrected by small steps, and what is withdrawn stays three seconds.
const SLACK_MS: i64 = 5_000;
/// How much longer than itself a slide may be on screen, in milliseconds: its successor is waited for.
const LONGER_MS: u64 = 20_000;
/// How long before its time a slide begins to load, in milliseconds (`player/director.js`).
const LEAD_MS: i64 = 20_000;
/// How long before a start of the player plays may have begun, in milliseconds: they wait in the browser while a disk is full or a player is off.
const WAITED_MS: i64 = 7 * 86_400_000;
/// A screen posts as many plays as it could show of the shortest slides, and a hundred that have waited at once.
const EVERY: Duration = Duration::from_millis(MIN_LOOP_MS);
const AT_ONCE: Duration = Duration::from_secs(100);
/// How long after the last one it is told that plays of a screen were refused.
const REFUSED: Duration = Duration::from_secs(3_600);
/// How long after the last time it is told that a slide failed.
const FAILED: Duration = Duration::from_secs(86_400);

impl PlayIntake {
    /// After a start. `withdrawn`: slides that were withdrawn before it, by program, and from when on, in Unix milliseconds.
    pub fn after(withdrawn: Vec<(i64, BTreeMap<Digest, BTreeSet<SlideId>>)>) -> Self {
        Self { withdrawn, ..Self::default() }
    }

    /// Notes that these programs have left the air, or some of them.
    pub fn left(&mut self, old: Arc<OnAir>) {
        self.left.retain(|(since, _)| since.elapsed() < AFTERWARDS);
        self.left.push((Instant::now(), old));
    }

    /// Notes what is on air from a moment of the monotonic clock on.
    pub fn came(&mut self, next: &OnAir, at: Duration) {
        let programs = next.schedule().programs.iter().map(|each| each.program.digest());
        self.came = programs.map(|program| (program, self.came.get(&program).copied().unwrap_or(at))).collect();
    }

    /// Since when the files of a program can be had, in Unix milliseconds of this moment.
    fn served_since(&self, program: Digest, PostMoment { now, since, monotonic }: PostMoment) -> i64 {
        let ago = |came: &Duration| i64::try_from(monotonic.saturating_sub(*came).as_millis()).unwrap_or(i64::MAX);
        self.came.get(&program).map_or(since, |came| now.ms.saturating_sub(ago(came)))
    }

    /// Checks a post.
    pub fn accept(&mut self, body: &[u8], token: &Token, on_air: &OnAir, moment: PostMoment) -> Result<PlayRecord, PlayRejection> {
        let post: PlayPost = strict_json::from_slice(body).map_err(|_| PlayRejection::Body)?;
        if !token.matches(&post.token) {
            return Err(PlayRejection::Token);
        }
        let play = PlayRecord { doubt: Vec::new(), ..post.play };
        if play.start < 0 || play.end < play.start || play.ms > PLAY_MS {
            return Err(PlayRejection::Body);
        }
        self.left.retain(|(since, _)| since.elapsed() < AFTERWARDS);
        let gone = |since: Instant| moment.now.ms.saturating_sub(i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX));
        let left = self.left.iter().map(|(since, old)| (old.as_ref(), gone(*since)));
        let known: Vec<(&OnAir, i64)> =
            left.chain([(on_air, moment.now.ms)]).filter(|(each, _)| has(each, play.program, (&play.screen, &play.slide))).collect();
        let gone = self.withdrawn.iter().any(|(at, slides)| {
            play.start > at.saturating_add(SLACK_MS) && slides.get(&play.program).is_some_and(|slides| slides.contains(&play.slide))
        });
        let Some(doubt) = doubts(&play, &known, moment, self.served_since(play.program, moment)).filter(|_| !gone) else {
            if !known.is_empty() {
                self.refuse(&play, "can't have been");
            }
            return Err(PlayRejection::Body);
        };
        let play = PlayRecord { doubt, ..play };
        let same =
            |old: &PlayRecord| (&old.screen, &old.program, &old.slide, old.start) == (&play.screen, &play.program, &play.slide, play.start);
        if self.recent.iter().any(same) {
            return Err(PlayRejection::Repeated);
        }
        let now = Instant::now();
        let due = self.due.entry(play.screen.clone()).or_insert(now);
        if *due > now + AT_ONCE {
            self.refuse(&play, "is one of more than the screen can show");
            return Err(PlayRejection::Often);
        }
        *due = now.max(*due) + EVERY;
        self.note_outcome(&play);
        let play = if self.recent.iter().any(|old| overlaps(old, &play)) { doubted(play, PlayDoubt::Overlap) } else { play };
        self.recent.push_back(play.clone());
        if self.recent.len() > PLAYS_REMEMBERED {
            self.recent.pop_front();
        }
        Ok(play)
    }

    /// Forgets a play that could not be written, so that the shell's retry is accepted.
    pub fn forget(&mut self, play: &PlayRecord) {
        self.recent.retain(|old| old != play);
        if let Some(due) = self.due.get_mut(&play.screen) {
            *due = due.checked_sub(EVERY).unwrap_or(*due);
        }
    }

    /// What was refused first of each screen, for the journal; once for as long as it goes on.
    pub fn take_untold(&mut self) -> Vec<String> {
        std::mem::take(&mut self.untold)
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
        let stands = |(screen, slide): &(ScreenId, SlideId), program| {
            has(on_air, program, (screen, slide))
                && !on_air.schedule().withdrawn.slides.get(&program).is_some_and(|gone| gone.contains(slide))
        };
        self.failed.retain(|slide, (last, program)| last.elapsed() < FAILED && stands(slide, *program));
        let refused = self.refused.keys().map(|screen| {
            text!(
                vi: "màn hình {screen}: có lượt chiếu không thể có thật, hoặc nhiều hơn mức màn hình chiếu được; những lượt ấy không được ghi vào nhật ký. Hãy chỉ mở một trang của màn hình này, và kiểm tra trên máy có chương trình lạ không",
                en: "screen {screen}: plays were told that can't have been, or more than the screen can show; they are not in the journal. Keep one page of this screen open only, and look for programs on the machine that do not belong there"
            )
        });
        let screens: BTreeSet<&ScreenId> = self.failed.keys().map(|(screen, _)| screen).collect();
        let failed = screens.into_iter().map(|screen| {
            let slides: Vec<&SlideId> = self.failed.keys().filter(|(on, _)| on == screen).map(|(_, slide)| slide).collect();
            cant_show(screen, &slides, plays_others(on_air, screen, &slides, now))
        });
        refused.chain(failed).collect()
    }

    /// Notes that a play was refused.
    fn refuse(&mut self, play: &PlayRecord, why: &str) {
        let before = self.refused.insert(play.screen.clone(), Instant::now());
        if before.is_none_or(|last| last.elapsed() >= REFUSED) {
            self.untold.push(format!("screen {}: a play of {} from {} {why}; it is not taken", play.screen, play.slide, play.start));
        }
    }

    /// Notes whether a slide could be shown.
    fn note_outcome(&mut self, play: &PlayRecord) {
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

/// Whether a program that is there has this slide and this screen.
fn has(on_air: &OnAir, program: Digest, (screen, slide): (&ScreenId, &SlideId)) -> bool {
    on_air.program(program).is_some_and(|program| {
        let manifest = program.manifest();
        manifest.slides.contains_key(slide) && manifest.screens.iter().any(|each| each.id == *screen)
    })
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

/// What speaks against a play; `None` if it can't have been. `known`: what was on air with its program, and until when; `served`: since when its
/// files can be had.
fn doubts(play: &PlayRecord, known: &[(&OnAir, i64)], PostMoment { now, since, .. }: PostMoment, served: i64) -> Option<Vec<PlayDoubt>> {
    let seen = matches!(play.outcome, PlayOutcome::Shown | PlayOutcome::Late);
    // What was not shown is told with the whole time that it had.
    let ahead = SLACK_MS.saturating_add(if seen { 0 } else { i64::try_from(PLAY_MS).unwrap_or(i64::MAX) });
    let (early, withdrawn) = (play.start < since.saturating_sub(SLACK_MS), |on_air: &OnAir| {
        on_air.schedule().withdrawn.slides.get(&play.program).is_some_and(|slides| slides.contains(&play.slide))
    });
    let could = |(on_air, until): &&(&OnAir, i64)| !withdrawn(on_air) && play.start <= until.saturating_add(SLACK_MS);
    // Whether it was withdrawn by then is judged by itself.
    let there = known.iter().any(|each| could(&each)) || (early && !known.is_empty());
    if !there || play.end > now.ms.saturating_add(ahead) || play.start < since.saturating_sub(WAITED_MS) {
        return None;
    }
    let at = |on_air: &OnAir, t: i64| {
        let shown = show(on_air.schedule(), play.screen.as_str(), t, now.trusted);
        shown.ms.filter(|_| shown.program == Some(play.program) && shown.slide.as_ref() == Some(&play.slide))
    };
    let moments = [play.start, play.start.saturating_sub(SLACK_MS), play.start.saturating_add(SLACK_MS)];
    let length = known.iter().filter(could).find_map(|(on_air, _)| moments.into_iter().find_map(|t| at(on_air, t)));
    let long = length.is_some_and(|length| play.ms > length.unsigned_abs().saturating_add(LONGER_MS));
    let apart = (play.end - play.start).abs_diff(i64::try_from(play.ms).unwrap_or(i64::MAX)) > SLACK_MS.unsigned_abs();
    // What began to load then could not be had.
    let unserved = !seen && play.start < served.saturating_add(LEAD_MS);
    let all = [
        (early || unserved, PlayDoubt::BeforeStart),
        (length.is_none(), PlayDoubt::Timetable),
        (long, PlayDoubt::Long),
        (seen && apart, PlayDoubt::Clock),
    ];
    Some(all.into_iter().filter(|(holds, _)| *holds).map(|(_, doubt)| doubt).collect())
}

/// Whether two slides were on one screen at the same time, for longer than clocks differ.
fn overlaps(old: &PlayRecord, play: &PlayRecord) -> bool {
    let both = old.start.max(play.start).saturating_add(SLACK_MS) < old.end.min(play.end);
    both && old.screen == play.screen && old.slide != play.slide && old.ms > 0 && play.ms > 0
}

fn doubted(mut play: PlayRecord, doubt: PlayDoubt) -> PlayRecord {
    play.doubt.push(doubt);
    play
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::canonical;
    use crate::base::digest::Digest;
    use crate::base::ids::SiteId;
    use crate::player::show::on_air::ShellSettings;
    use crate::program::show::{Schedule, ScheduledProgram};
    use crate::program::validate::Program;

    const NOW: i64 = 1_796_263_200_000;

    fn on_air(desk: &ShellSettings) -> OnAir {
        let canvas = json!({"w": 640, "h": 320, "x": 0, "y": 0});
        let value = json!({
            "format": "bangtin-program/1", "kind": "evergreen", "site": "quay", "title": "x", "languages": ["vi"], "revision": 1, "roles": ["chief"],
            "valid": {"from": 0, "until": null}, "offsets": [[0, 25_200]], "loops": {"1": {"ms": 10_000, "items": [["x/one", 10_000]]}},
            "screens": [{"id": "a", "width": 640, "height": 320, "canvas": canvas, "audio": false, "spans": [[0, 604_800, "1", 0]]}],
            "slides": {"x/one": {"pages": {"640x320": "slides/x/one.html"}, "title": "x", "agency": "x", "category": "x", "language": "vi", "source": "x"}},
            "files": [{"path": "slides/x/one.html", "sha256": Digest::of(b"page").to_string(), "size": 4, "type": "text/html"}],
        });
        let program = Arc::new(Program::parse(&canonical::to_vec(&value).unwrap()).unwrap());
        OnAir::new(desk, Schedule { programs: vec![ScheduledProgram { program, from: 0 }], ..Schedule::default() })
    }

    #[test]
    fn b4_plays_are_taken_for_ten_minutes_after_their_program_has_left_the_air() {
        let desk = ShellSettings { site: SiteId::parse("quay").unwrap(), volume: 0, token: Token::new().unwrap() };
        let program = on_air(&desk).schedule().programs[0].program.digest();
        let moment = PostMoment { now: ClockReading { ms: NOW, trusted: true }, since: NOW - 86_400_000, monotonic: Duration::ZERO };
        let posted = |start: i64| {
            json!({"token": &desk.token, "screen": "a", "program": program.to_string(), "slide": "x/one", "start": start, "end": start + 10_000,
                "ms": 10_000, "painted": true, "outcome": "shown"})
            .to_string()
        };
        // A play of an hour ago, and one that began right when the program left, as many seconds after that.
        let taken = |seconds: u64| {
            let (mut intake, empty) = (PlayIntake::default(), OnAir::new(&desk, Schedule::default()));
            intake.left(Arc::new(on_air(&desk)));
            intake.left[0].0 = Instant::now().checked_sub(Duration::from_secs(seconds)).unwrap();
            [NOW - 3_600_000, NOW - 1_000 * i64::try_from(seconds).unwrap()].map(|start| {
                let accepted = intake.accept(posted(start).as_bytes(), &desk.token, &empty, moment);
                accepted.map(|play| play.start == start)
            })
        };
        for seconds in [20, 300, 599] {
            assert_eq!(taken(seconds), [Ok(true), Ok(true)], "{seconds}");
        }
        for seconds in [601, 660, 86_400] {
            assert_eq!(taken(seconds), [Err(PlayRejection::Body), Err(PlayRejection::Body)], "{seconds}");
        }
        // What nobody keeps any more takes no memory either.
        let mut intake = PlayIntake::default();
        intake.left(Arc::new(on_air(&desk)));
        intake.left[0].0 = Instant::now().checked_sub(AFTERWARDS).unwrap();
        intake.left(Arc::new(on_air(&desk)));
        assert_eq!(intake.left.len(), 1);
    }

    #[test]
    fn what_is_told_of_a_slide_is_true_of_what_is_on_air() {
        let desk = ShellSettings { site: SiteId::parse("quay").unwrap(), volume: 0, token: Token::new().unwrap() };
        let (on_air, now) = (on_air(&desk), ClockReading { ms: NOW, trusted: true });
        let moment = PostMoment { now, since: NOW - 86_400_000, monotonic: Duration::from_secs(86_400) };
        let failed = json!({"token": &desk.token, "screen": "a", "program": on_air.schedule().programs[0].program.digest().to_string(),
            "slide": "x/one", "start": NOW, "end": NOW + 10_000, "ms": 0, "painted": false, "outcome": "failed"});
        let (mut intake, other) = (PlayIntake::default(), text!(vi: "khác", en: "other"));
        intake.accept(failed.to_string().as_bytes(), &desk.token, &on_air, moment).unwrap();
        let mut faults = vec![other.clone()];
        intake.retell(&mut faults, &on_air, now);
        intake.retell(&mut faults, &on_air, now);
        assert_eq!((faults.len(), &faults[0]), (2, &other));
        assert!(faults[1].en.starts_with("screen a can't show the slide x/one. If it still says so"), "it has no other: {faults:?}");
        // All programs are refused, and the card stands.
        intake.retell(&mut faults, &OnAir::new(&desk, Schedule::default()), now);
        assert_eq!(faults, [other]);
    }
}
