//! What every stage uses and what uses no stage: text in two languages, diagnostics, digests, paths, limits, file writes, time.
//! Never knows a slide, a program or a key.

#[cfg(feature = "office")]
pub mod annotations;
mod as_text;
#[cfg(feature = "office")]
pub mod browser;
#[cfg(feature = "office")]
pub mod bytes;
pub mod canonical;
pub mod clock;
pub mod color;
pub mod dates;
pub mod diagnostic;
pub mod digest;
pub mod failure;
pub mod file_types;
pub mod files;
pub mod help;
pub mod html;
pub mod http;
pub mod ids;
#[cfg(feature = "office")]
pub mod ledger;
pub mod limits;
pub mod lock;
pub mod news;
#[cfg(feature = "office")]
pub mod password;
pub mod relpath;
#[cfg(feature = "office")]
pub mod stamp;
pub mod strict_json;
pub mod terms;
pub mod text;
pub mod times;
pub mod token;
pub mod workers;
#[cfg(feature = "office")]
pub mod zone;
