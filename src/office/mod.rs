//! Wiring of the office's commands, one file each: arguments, options, calls, exit code.
//! Never holds logic that a stage could hold.

pub mod approve;
pub mod at;
pub mod build;
pub mod check;
pub mod context;
pub mod demo;
pub mod keys;
pub mod preview;
pub mod publish;
pub mod schema;
pub mod serve;
pub mod trust;
