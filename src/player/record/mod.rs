//! Evidence: plays and incidents in append-only segments, chained by digest and signed by the player's own key.
//! Never judges and never forgets by itself.

pub mod entry;
pub mod journal;
