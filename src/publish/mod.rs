//! Publishes programs into a store: plans every site, signs its head, rehearses and reads it back with the player's own code.
//! Never renders.

pub mod archive;
mod archived;
pub mod choice;
pub mod clock;
pub mod context;
mod gaps;
pub mod head;
pub mod installation;
mod leaving;
pub mod look;
mod older;
pub mod read_back;
pub mod reader;
pub mod remedies;
pub mod root_effect;
pub mod root_waits;
pub mod roots;
mod shown;
pub mod site;
mod slide_names;
pub mod verify;
pub mod verify_text;
pub mod withdrawal_count;
pub mod withdrawal_signatures;
pub mod withdrawal_waits;
pub mod withdrawals;
pub mod write;
