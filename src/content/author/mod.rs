//! Writes files for those who write content: for now the schemas that their editors use.
//! Never overwrites what a person wrote.

pub mod schemas;
