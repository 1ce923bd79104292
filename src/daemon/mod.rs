//! Wiring of the player's commands: arguments, options, calls, exit code.
//! Never holds logic that a stage could hold.

pub mod command;
pub mod status;
pub mod verify;
