//! The layout of the static tree and what lies in it.
//! Never decides what may play.

#[cfg(feature = "office")]
pub mod blocks;
pub mod layout;
#[cfg(feature = "office")]
pub mod publish;
#[cfg(feature = "office")]
pub mod tree;
