//! A site: what it pulls from a store (`pull`), what it writes down (`record`), what it shows (`show`); how it is configured (`config`),
//! and all of it running (`run`). Never judges by itself: `trust` does.

pub mod config;
pub mod pull;
pub mod record;
pub mod run;
pub mod show;
