//! Writes for authors of content: the schemas for their editors, and the revision of slides that return.
//! Never changes what an author wrote otherwise.

pub mod revise;
pub mod schemas;
