//! Commands that sign for a reviewer, and the keys they sign with.
//! Never send, except a withdrawal with `--to`.

pub mod approve;
pub mod approve_ci;
pub mod keys;
pub mod secrets;
pub mod withdraw;
