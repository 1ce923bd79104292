//! What plays now, and the loopback server that gives it to the browser.
//! Never fetches.

pub mod shell_files;
