//! The layout of the static tree and what lies in it.
//! Never decides what may play.

pub mod layout;
