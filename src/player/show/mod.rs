//! What plays now, and the loopback server that delivers it to the browser.
//! Never fetches.

mod headline;
pub mod health;
pub mod lacking;
pub mod on_air;
pub mod operator_page;
mod play_faults;
pub mod plays;
mod screens;
pub mod server;
pub mod summary;
pub mod supply;
pub mod time;
