//! The preview: the content folder live in a browser, through the player's own shell.
//! Never serves a file of the folder as it lies there: only pages that were rendered from it.

pub mod desk;
mod fault_page;
mod schedule;
pub mod server;
pub mod watch;
