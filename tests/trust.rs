//! Trust, judged by the library's own checks and by stock minisign. Names begin with the number of the case in `docs/security.md`.

mod catalogue;
mod changes;
mod documents;
pub mod kit;
mod manifests;
mod passwords;
mod policy;
mod programs;
mod releases;
mod roots;
mod setup;
mod signatures;
mod source;
mod trusted;
mod withdrawals;
