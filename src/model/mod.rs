//! The content as values: what the files say once they are valid. Later stages see only these.
//! Never does I/O; `source` reads.

pub mod values;
