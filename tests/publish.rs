//! Publishing into a store: what is written, in which order, and what is never overwritten.

pub mod commands;
mod office;
pub mod province;
mod s3;
mod servers;
mod store;
mod upkeep;
mod webdav;
