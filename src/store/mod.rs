//! The layout of the static tree and what lies in it.
//! Never decides what may play.

pub mod bases;
pub mod blocks;
pub mod edit;
#[cfg(feature = "office")]
pub mod edit_writer;
#[cfg(feature = "office")]
pub mod item;
pub mod layout;
pub mod objects;
#[cfg(feature = "office")]
pub mod pack_writer;
pub mod packs;
#[cfg(feature = "office")]
pub mod publish;
pub mod scan;
pub mod state;
#[cfg(feature = "office")]
pub mod tree;
