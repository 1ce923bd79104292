//! Looks and fetches: transports, retry, and the numbered steps of `docs/trust.md` and `docs/player.md`.
//! Never serves, and never decides what is authentic: `trust` judges.

pub mod audit;
mod ballast;
pub mod coming;
pub mod copy_plan;
mod cycle;
mod data_folder;
mod data_lock;
mod data_words;
mod fetch;
pub mod fetch_job;
mod fetch_order;
mod fetcher;
mod folder;
mod http;
mod http_client;
mod http_ranges;
pub mod inspect;
mod kept_files;
mod leftovers;
mod look;
pub mod meter;
pub mod multipart;
pub mod open_transport;
mod pack;
mod puller;
mod pulse;
mod rebuild;
pub mod remedy;
pub mod retry;
mod settings;
pub mod source;
pub mod statement_walk;
pub mod store_source;
mod stored;
mod traces;
mod transport;
pub mod trusted;
mod whole;

pub use cycle::{CycleOutcome, CycleReport};
pub use fetch_order::slides_with;
pub use fetcher::local_offset;
pub use puller::Puller;
pub use settings::PullSettings;
pub use stored::{has_unread, program_name, provisioned_root};
pub use transport::{BodyReader, FetchRequest, FetchResponse, Pause, PullError, RangesResponse, Transport};
