//! `bangtin`: a static-site generator plus file-synced edge players for public screens.
//!
//! The folders are the stages of the data flow, and imports go one way: a stage uses the stages before it, and `base`. The README shows the
//! table, and `tests/architecture.rs` enforces it.

#![warn(clippy::print_stdout, clippy::print_stderr)]

#[cfg(feature = "player")]
pub mod base;
#[cfg(feature = "office")]
pub mod build;
#[cfg(feature = "office")]
pub mod content;
#[cfg(feature = "player")]
pub mod daemon;
#[cfg(feature = "office")]
pub mod desk;
#[cfg(feature = "office")]
pub mod filing;
#[cfg(feature = "office")]
pub mod office;
#[cfg(feature = "player")]
pub mod player;
#[cfg(feature = "player")]
pub mod program;
#[cfg(feature = "office")]
pub mod publish;
#[cfg(feature = "player")]
pub mod store;
#[cfg(feature = "player")]
pub mod trust;
