//! The player of a site: it pulls from a store (`pull`), records evidence (`record`) and serves the browser (`show`); `config` reads its
//! configuration, `rounds` says what is done when, `air` what is on air, `run` ties the parts together and `alive` watches them. Never judges documents: `trust` does.

pub mod air;
pub mod alive;
pub mod config;
mod earlier;
mod own_file;
pub mod pull;
pub mod record;
pub mod rounds;
pub mod run;
pub mod show;
