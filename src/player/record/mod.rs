//! Evidence: plays and incidents in append-only segments, chained by digest and signed with the player's own key.
//! Never judges and never deletes.

pub mod audit;
pub mod entry;
pub mod journal;
pub mod memory;
pub mod noted;
mod old_segments;
mod open_segment;
mod segment;
mod words;
