//! The layout of the static tree and what lies in it.
//! Never decides what may play.

#[cfg(feature = "office")]
pub mod blocks;
pub mod layout;
pub mod objects;
#[cfg(feature = "office")]
pub mod publish;
pub mod state;
#[cfg(feature = "office")]
pub mod tree;
