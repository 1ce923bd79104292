//! The pull cycle: transports, retry, and the numbered steps of `docs/trust.md` and `docs/player.md`.
//! Never serves, and never decides what is authentic: `trust` judges.

pub mod audit;
pub mod copy_plan;
mod data_folder;
mod fetch;
mod fetch_order;
mod fetcher;
mod folder;
mod http;
mod http_client;
mod http_ranges;
pub mod inspect;
pub mod meter;
pub mod multipart;
pub mod open_transport;
mod pack;
mod puller;
mod rebuild;
pub mod retry;
pub mod source;
pub mod statement_walk;
mod stored;
mod transport;
pub mod trusted;

pub use puller::{CycleOutcome, CycleReport, PullSettings, Puller};
pub use stored::provisioned_root;
pub use transport::{BodyReader, FetchRequest, FetchResponse, PullError, RangesResponse, Transport};
