//! Proof of play as the shell posts it: accepted only with this start's token and only for what a program on air could show.
//! Never trusts a number further than its bounds.

use std::collections::VecDeque;

use serde::Deserialize;

use super::on_air::OnAir;
use crate::base::limits::{PLAY_MS, PLAYS_REMEMBERED};
use crate::base::strict_json;
use crate::base::token::Token;
use crate::player::record::entry::Play;

#[derive(Deserialize)]
struct Post {
    token: String,
    #[serde(flatten)]
    play: Play,
}

/// Why a post was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTaken {
    /// The token is not that of this start.
    Token,
    /// The body is not a play, or one that nothing on air could give.
    Body,
    /// It was taken before.
    Repeated,
}

/// Takes posts and remembers the last of them.
#[derive(Default)]
pub struct Plays {
    taken: VecDeque<Play>,
}

impl Plays {
    /// Judges a post.
    pub fn take(&mut self, body: &[u8], token: &Token, on_air: &OnAir) -> Result<Play, NotTaken> {
        let post: Post = strict_json::from_slice(body).map_err(|_| NotTaken::Body)?;
        if !token.matches(&post.token) {
            return Err(NotTaken::Token);
        }
        let play = post.play;
        let known = on_air.program(play.program).is_some_and(|program| {
            let manifest = program.manifest();
            manifest.slides.contains_key(&play.slide) && manifest.screens.iter().any(|screen| screen.id == play.screen)
        });
        if !known || play.start < 0 || play.end < play.start || play.ms > PLAY_MS {
            return Err(NotTaken::Body);
        }
        let same =
            |old: &Play| (&old.screen, &old.program, &old.slide, old.start) == (&play.screen, &play.program, &play.slide, play.start);
        if self.taken.iter().any(same) {
            return Err(NotTaken::Repeated);
        }
        self.taken.push_back(play.clone());
        if self.taken.len() > PLAYS_REMEMBERED {
            self.taken.pop_front();
        }
        Ok(play)
    }

    /// Forgets a play that could not be written, so that its next post counts.
    pub fn forget(&mut self, play: &Play) {
        self.taken.retain(|old| old != play);
    }
}
