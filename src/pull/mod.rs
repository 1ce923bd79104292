//! One cycle of fetching: transports, retry, the numbered steps of `docs/trust.md` and `docs/player.md`.
//! Never serves, and never decides itself what is authentic: `trust` judges.

mod adopt;
mod fetch;
mod folder;
mod http;
mod puller;
pub mod retry;
mod stored;
mod transport;

pub use puller::{Held, Outcome, Puller, Report, Settings, Standing};
