//! The layout of a store, its backends, and publishing, checking and pruning.
//! Never decides what may play.

#[cfg(feature = "office")]
pub mod address;
#[cfg(feature = "office")]
pub mod backend;
pub mod bases;
pub mod blocks;
#[cfg(feature = "office")]
pub mod check;
#[cfg(feature = "cloud")]
pub mod cloud;
#[cfg(feature = "office")]
pub mod dav;
#[cfg(feature = "office")]
pub mod dav_listing;
#[cfg(feature = "office")]
mod dav_refusals;
#[cfg(feature = "office")]
pub mod documents;
pub mod edit;
#[cfg(feature = "office")]
pub mod edit_writer;
#[cfg(feature = "office")]
pub mod expected_sites;
#[cfg(feature = "office")]
pub mod folder_store;
pub mod known;
#[cfg(feature = "office")]
pub mod lacking;
pub mod layout;
pub mod local_store;
pub mod object_check;
#[cfg(feature = "office")]
pub mod pack_writer;
pub mod packs;
mod parallel;
pub mod partial_object;
#[cfg(feature = "office")]
pub mod prune;
#[cfg(feature = "office")]
pub mod publish;
#[cfg(feature = "office")]
pub mod remote;
pub mod scan;
pub mod seen_objects;
#[cfg(feature = "office")]
pub mod serve;
pub mod state;
#[cfg(feature = "office")]
pub mod survey;
