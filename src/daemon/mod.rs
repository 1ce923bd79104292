//! Wiring of the player's commands: arguments, options, calls, exit code.
//! Never holds logic that a stage could hold.

pub mod command;
pub mod config;
pub mod run;
pub mod status;
pub mod verify;
