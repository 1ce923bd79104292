//! Bytes in, positions kept: the content folder as it lies on the disk.
//! Never knows a playlist.

pub mod markdown;
pub mod table;
