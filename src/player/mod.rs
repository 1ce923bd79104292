//! The player of a site: it pulls from a store (`pull`), records evidence (`record`) and serves the browser (`show`); `config` reads its
//! configuration and `run` ties the parts together. Never judges documents: `trust` does.

pub mod config;
pub mod pull;
pub mod record;
pub mod run;
pub mod show;
