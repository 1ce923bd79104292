//! One cycle of fetching: transports, retry, the numbered steps of `docs/trust.md` and `docs/player.md`.
//! Never serves, and never decides itself what is authentic: `trust` judges.

mod adopt;
pub mod audit;
mod bases;
pub mod delta;
mod fetch;
mod folder;
mod http;
mod http_client;
mod http_pieces;
pub mod inspect;
mod judging;
pub mod meter;
pub mod multipart;
mod objects;
mod order;
mod pack;
mod puller;
mod rebuild;
pub mod retry;
mod statements;
mod stop;
mod stored;
mod transport;
mod walk;

pub use puller::{Held, Outcome, Puller, Report, Settings, Standing};
pub use stop::Stop;
pub use transport::{Ask, Body, Got, Pieces, Transport, Unusable};
