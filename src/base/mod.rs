//! What every stage uses and depends on no stage: text in two languages, diagnostics, digests, paths, limits, file writes, time.
//! Never knows a slide, a program or a key.

#[cfg(feature = "office")]
pub mod annotations;
mod as_text;
#[cfg(feature = "office")]
pub mod browser;
#[cfg(feature = "office")]
pub mod bytes;
#[cfg(feature = "office")]
pub mod cache_file;
pub mod canonical;
pub mod certificates;
pub mod clock;
pub mod color;
pub mod connection;
pub mod dates;
pub mod diagnostic;
pub mod digest;
pub mod failure;
pub mod file_types;
pub mod files;
pub mod format_args;
pub mod help;
pub mod html;
pub mod http;
mod http_guard;
pub mod http_service;
pub mod ids;
pub mod limits;
pub mod lock;
pub mod news;
pub mod numbers;
pub mod os;
pub mod output;
pub mod paced;
#[cfg(feature = "office")]
pub mod password;
pub mod plain_file;
pub mod relpath;
#[cfg(feature = "office")]
pub mod shell;
#[cfg(feature = "office")]
pub mod slow;
pub mod stamp;
pub mod strict_json;
pub mod summed;
pub mod terms;
pub mod text;
pub mod times;
pub mod token;
#[cfg(feature = "office")]
pub mod work_folder;
#[cfg(feature = "office")]
pub mod zone;
