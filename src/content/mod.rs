//! A content folder: its files (`source`), their valid values (`model`), and what plays when and why (`plan`).
//! Never knows HTML or keys.

pub mod author;
pub mod model;
pub mod plan;
pub mod source;
