//! Evidence: plays and incidents in append-only segments, chained by digest and signed with the player's own key.
//! Never judges and never deletes.

pub mod audit;
pub mod entry;
pub mod journal;
mod memory;
mod segment;
mod words;
