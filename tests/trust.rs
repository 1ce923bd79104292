//! Trust, checked by the library and by stock minisign. Test names begin with the case number in `docs/security.md`.

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
