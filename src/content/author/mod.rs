//! Writes files for authors of content: so far the schemas for their editors.
//! Never overwrites an author's files.

pub mod schemas;
