//! Wiring of the player's commands: arguments, options, calls, exit code.
//! Never holds logic.
