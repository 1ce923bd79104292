//! Play records as the shell posts them: accepted only with this start's token and only for what a program could show that is on air or
//! has just left it: the showing that a withdrawal ends is the one that an inspector asks for.
//! Never accepts a number outside its bounds.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::on_air::OnAir;
use crate::base::limits::{PLAY_MS, PLAYS_REMEMBERED};
use crate::base::strict_json;
use crate::base::token::Token;
use crate::player::record::entry::PlayRecord;

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
}

/// Accepts posts and remembers the latest, to reject repeats.
#[derive(Default)]
pub struct PlayIntake {
    recent: VecDeque<PlayRecord>,
    /// What left the air lately, and when.
    left: Vec<(Instant, Arc<OnAir>)>,
}

/// How long after a program has left the air its plays are accepted: the shell tries again for some time.
const AFTERWARDS: Duration = Duration::from_secs(600);

impl PlayIntake {
    /// Notes that these programs have left the air, or some of them.
    pub fn left(&mut self, old: Arc<OnAir>) {
        self.left.retain(|(since, _)| since.elapsed() < AFTERWARDS);
        self.left.push((Instant::now(), old));
    }

    /// Checks a post.
    pub fn accept(&mut self, body: &[u8], token: &Token, on_air: &OnAir) -> Result<PlayRecord, PlayRejection> {
        let post: PlayPost = strict_json::from_slice(body).map_err(|_| PlayRejection::Body)?;
        if !token.matches(&post.token) {
            return Err(PlayRejection::Token);
        }
        let play = post.play;
        let left = self.left.iter().filter(|(since, _)| since.elapsed() < AFTERWARDS).map(|(_, old)| old.as_ref());
        let known = left.chain([on_air]).find_map(|each| each.program(play.program)).is_some_and(|program| {
            let manifest = program.manifest();
            manifest.slides.contains_key(&play.slide) && manifest.screens.iter().any(|screen| screen.id == play.screen)
        });
        if !known || play.start < 0 || play.end < play.start || play.ms > PLAY_MS {
            return Err(PlayRejection::Body);
        }
        let same =
            |old: &PlayRecord| (&old.screen, &old.program, &old.slide, old.start) == (&play.screen, &play.program, &play.slide, play.start);
        if self.recent.iter().any(same) {
            return Err(PlayRejection::Repeated);
        }
        self.recent.push_back(play.clone());
        if self.recent.len() > PLAYS_REMEMBERED {
            self.recent.pop_front();
        }
        Ok(play)
    }

    /// Forgets a play that could not be written, so that the shell's retry is accepted.
    pub fn forget(&mut self, play: &PlayRecord) {
        self.recent.retain(|old| old != play);
    }
}
