//! A site: what it pulls from a store (`pull`), what it writes down (`record`), what it shows (`show`).
//! Never judges by itself: `trust` does.

pub mod pull;
pub mod record;
pub mod show;
