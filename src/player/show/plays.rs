//! Play records as the shell posts them: accepted only with this start's token and only for what a program could show that is on air or
//! has just left it: the showing that a withdrawal ends is the one that an inspector asks for. What can't have been shown is refused; what only
//! a slow page or a step of the clock explains is marked. Never accepts a number outside its bounds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::on_air::OnAir;
use super::play_faults::PlayFaults;
use super::time::ClockReading;
use crate::base::digest::Digest;
use crate::base::ids::{ScreenId, SlideId};
use crate::base::limits::{MIN_LOOP_MS, PLAY_MS, PLAYS_REMEMBERED};
use crate::base::strict_json;
use crate::base::token::Token;
use crate::player::record::entry::{PlayDoubt, PlayOutcome, PlayRecord};
use crate::program::show::show;

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
    /// What pages play on from before this start, until something is put on air.
    before: Option<Arc<OnAir>>,
    /// Slides that were withdrawn before this start, by program, and from when on, in Unix milliseconds.
    withdrawn: Vec<(i64, BTreeMap<Digest, BTreeSet<SlideId>>)>,
    /// Since when the programs on air have been there, by the monotonic clock; those of the start are not named.
    came: BTreeMap<Digest, Duration>,
    faults: PlayFaults,
}

/// What a start knows of the time before it.
#[derive(Default)]
pub struct Earlier {
    /// Slides that were withdrawn, by program, and from when on, in Unix milliseconds.
    pub withdrawn: Vec<(i64, BTreeMap<Digest, BTreeSet<SlideId>>)>,
    /// What was on air at the last report and has to be read through.
    pub before: Option<OnAir>,
    /// What had left the air, and how long ago.
    pub left: Vec<(Duration, OnAir)>,
}

/// How long after a program has left the air its plays are accepted, also over a restart: the shell tries again for some time.
pub const AFTERWARDS: Duration = Duration::from_secs(600);
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

impl PlayIntake {
    /// After a start.
    pub fn after(Earlier { withdrawn, before, left }: Earlier) -> Self {
        let left = left.into_iter().filter_map(|(ago, on_air)| Some((Instant::now().checked_sub(ago)?, Arc::new(on_air)))).collect();
        Self { withdrawn, before: before.map(Arc::new), left, ..Self::default() }
    }

    /// Notes that these programs have left the air, or some of them.
    pub fn left(&mut self, old: Arc<OnAir>) {
        self.left.retain(|(since, _)| since.elapsed() < AFTERWARDS);
        self.left.extend(self.before.take().into_iter().chain([old]).map(|old| (Instant::now(), old)));
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
        let (screen, lost) = (play.screen.clone(), play.lost);
        let accepted = self.judge(play, on_air, moment);
        if accepted == Err(PlayRejection::Body) {
            // The page won't post it again.
            self.faults.lose_refused(&screen, lost);
        }
        accepted
    }

    fn judge(&mut self, play: PlayRecord, on_air: &OnAir, moment: PostMoment) -> Result<PlayRecord, PlayRejection> {
        if play.start < 0 || play.end < play.start || play.ms > PLAY_MS {
            return Err(PlayRejection::Body);
        }
        self.left.retain(|(since, _)| since.elapsed() < AFTERWARDS);
        let gone = |since: Instant| moment.now.ms.saturating_sub(i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX));
        let left = self.left.iter().map(|(since, old)| (old.as_ref(), gone(*since)));
        let there = self.before.as_deref().into_iter().chain([on_air]).map(|each| (each, moment.now.ms));
        let known: Vec<(&OnAir, i64)> = left.chain(there).filter(|(each, _)| each.has(play.program, &play.screen, &play.slide)).collect();
        let gone = self.withdrawn.iter().any(|(at, slides)| {
            play.start > at.saturating_add(SLACK_MS) && slides.get(&play.program).is_some_and(|slides| slides.contains(&play.slide))
        });
        let Some(doubt) = doubts(&play, &known, moment, self.served_since(play.program, moment)).filter(|_| !gone) else {
            if known.is_empty() {
                self.faults.miss(&play);
            } else {
                self.faults.refuse(&play, "can't have been");
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
            self.faults.refuse(&play, "is one of more than the screen can show");
            return Err(PlayRejection::Often);
        }
        *due = now.max(*due) + EVERY;
        self.faults.note_outcome(&play);
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

    /// Notes that a play was written: what its page has lost before it is told once.
    pub fn written(&mut self, play: &PlayRecord) {
        self.faults.lose(&play.screen, play.lost);
    }

    /// What is wrong with the plays of the screens.
    pub fn faults(&mut self) -> &mut PlayFaults {
        &mut self.faults
    }
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
    // Whether it was withdrawn by then is judged by itself, but for what had left the air before this start.
    let there = known.iter().any(|each| could(&each)) || (early && known.iter().any(|(_, until)| *until >= since));
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
    use crate::text;

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
        intake.faults().retell(&mut faults, &on_air, now);
        intake.faults().retell(&mut faults, &on_air, now);
        assert_eq!((faults.len(), &faults[0]), (2, &other));
        assert!(faults[1].en.starts_with("screen a can't show the slide x/one. If it still says so"), "it has no other: {faults:?}");
        // All programs are refused, and the card stands.
        intake.faults().retell(&mut faults, &OnAir::new(&desk, Schedule::default()), now);
        assert_eq!(faults, [other]);
    }

    #[test]
    fn b4_what_a_page_plays_on_from_before_a_start_is_taken_until_something_is_on_air() {
        let desk = ShellSettings { site: SiteId::parse("quay").unwrap(), volume: 0, token: Token::new().unwrap() };
        let (program, empty) = (on_air(&desk).schedule().programs[0].program.digest(), OnAir::new(&desk, Schedule::default()));
        let moment = PostMoment { now: ClockReading { ms: NOW, trusted: true }, since: NOW - 300_000, monotonic: Duration::ZERO };
        let posted = |start: i64| {
            json!({"token": &desk.token, "screen": "a", "program": program.to_string(), "slide": "x/one", "start": start, "end": start + 10_000,
                "ms": 10_000, "painted": true, "outcome": "shown"})
            .to_string()
        };
        let mut intake = PlayIntake::after(Earlier { before: Some(on_air(&desk)), ..Earlier::default() });
        let taken = |intake: &mut PlayIntake, ago: i64| intake.accept(posted(NOW - ago).as_bytes(), &desk.token, &empty, moment).is_ok();
        assert!(taken(&mut intake, 400_000) && taken(&mut intake, 200_000) && taken(&mut intake, 20_000));
        intake.left(Arc::new(OnAir::new(&desk, Schedule::default())));
        assert!(taken(&mut intake, 30_000), "for ten minutes more");
        intake.left[0].0 = Instant::now().checked_sub(Duration::from_secs(100)).unwrap();
        assert!(taken(&mut intake, 120_000) && !taken(&mut intake, 40_000), "but not what would have begun since");
    }
}
