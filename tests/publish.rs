//! Publishing into a store: which files are written, in which order, and which are never overwritten.

mod clock;
pub mod commands;
mod installation;
mod obstacles;
mod office;
pub mod province;
mod s3;
pub mod servers;
mod store;
mod told;
mod unreachable;
mod upgrade;
mod upkeep;
mod webdav;
