//! Plays and incidents in signed, chained segments.
//! Never judges.
