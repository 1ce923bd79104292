//! Commands that sign for a reviewer, and the keys they sign with.
//! Never send, but for a withdrawal that goes at once.

pub mod approve;
pub mod approve_ci;
pub mod keys;
pub mod secrets;
pub mod withdraw;
mod withdraw_text;
