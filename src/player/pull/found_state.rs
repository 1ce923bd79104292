//! What a start finds in a player's data folder: the state, the documents that verify, and whether other files tell of more than both.
//! Never writes: it only sets aside copies of the state that can't be read, and never judges: `stored` and `trusted` do.

use std::path::Path;

use super::data_words;
use super::stored::{self, Shelf};
use super::traces::{self, State, Traces};
use super::trusted::Trusted;
use crate::base::ids::SiteId;
use crate::base::text::Text;
use crate::store::known::Known;
use crate::store::layout;
use crate::store::local_store::LocalStore;
use crate::store::state::{PlayerState, StateFiles};
use crate::trust::document::Verified;
use crate::trust::head::SignedHead;
use crate::trust::root::Root;

/// See the module.
pub struct FoundState {
    /// With the documents that verify, and the head in force.
    pub state: PlayerState,
    pub trusted: Trusted,
    /// What the state on the disk commits to.
    pub stored: Known,
    /// Whether the disk holds less than `state`, but for documents in files of their own.
    pub unsaved: bool,
    /// Copies of the state that are lost, and what serves in their place.
    pub set_aside: Vec<Text>,
    /// Whether this is no first start and both copies are lost, so that the state is made anew.
    pub is_rebuilt: bool,
    /// Whether a copy of the state is there, so that what other files tell beyond it is news.
    pub is_whole: bool,
}

impl FoundState {
    /// Reads the state and every stored document, from the provisioned root on.
    pub fn read(data: &Path, site: &SiteId, first: Verified<Root>, (files, holdings): (&StateFiles, &LocalStore)) -> Self {
        let found = files.load();
        let all_lost = found.state.is_none();
        let mut set_aside: Vec<Text> = found.set_aside.iter().map(|path| data_words::set_aside(path, all_lost)).collect();
        let saved = found.state.unwrap_or_default();
        let kept = found.salvaged.into_iter().chain(saved.documents.clone()).collect();
        let shelf = Shelf { kept: &kept, holdings };
        let (mut trusted, documents) = stored::trusted(site, first, saved.floor, shelf);
        let head = stored::highest_head(&trusted, shelf);
        let is_whole = !all_lost && saved.lost.is_none();
        let Traces { known, unsure } = traces::traces(data, site, holdings, if is_whole { State::Whole } else { State::Lost });
        trusted.remember(saved.lost.unwrap_or_default().joined(known), unsure);
        // Where nothing of an earlier life is left, this is the first start.
        let is_rebuilt = all_lost && traces::is_used(data);
        if is_rebuilt && set_aside.is_empty() {
            set_aside.push(data_words::missing());
        } else if !all_lost {
            set_aside.extend(found.absent.iter().map(|path| data_words::absent(path)));
        }
        let previous = saved.head().filter(|old| head.as_ref().is_none_or(|head| head.number != *old)).or(saved.previous);
        let before = previous.and_then(|number| stored::signed_head(&trusted, shelf, number));
        let mut state = PlayerState { documents, ..saved.clone() };
        if let Some(head) = head {
            (state.epoch, state.version) = head.number.into();
            state.previous = previous;
            for head in before.into_iter().chain([head]) {
                state.documents.extend(texts(site, head));
            }
        }
        if trusted.chain().twin_count() > 0 && state.twins_root == 0 {
            state.twins_root = trusted.root().body().version;
        }
        let unsaved = all_lost || state != saved || !found.equal;
        let stored = Known { root: saved.root, withdrawals: saved.withdrawals, head: saved.head(), ..Known::default() };
        Self { state, trusted, stored, unsaved, set_aside, is_rebuilt, is_whole }
    }
}

/// The files of a head, as the state holds them.
fn texts(site: &SiteId, SignedHead { number, bytes, signature }: SignedHead) -> impl Iterator<Item = (String, String)> {
    let files = [(layout::head_signature(site, number), signature), (layout::head(site, number), bytes)];
    files.into_iter().filter_map(|(path, bytes)| Some((path, String::from_utf8(bytes).ok()?)))
}
