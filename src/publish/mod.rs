//! Programs on their way into a store: planned for every site, signed in a head, rehearsed and read back by the player's own code.
//! Never renders.

pub mod context;
pub mod head;
pub mod read_back;
pub mod reader;
pub mod roots;
pub mod site;
pub mod verify;
pub mod withdrawals;
pub mod write;
