//! A program as the generator passes it to the signing commands: the manifest and the location of its files' bytes.
//! Never builds one: `compile` does.

use std::collections::BTreeMap;

use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::content::model::values::Period;
use crate::program::validate::Program;

/// A built program.
pub struct BuiltProgram {
    pub program: Program,
    /// Bytes of `program.json`.
    pub manifest: Vec<u8>,
    pub objects: BTreeMap<Digest, ByteSource>,
}

/// Builds the program of a site and period from the current content.
pub type BuildFn<'a> = &'a dyn Fn(&SiteId, Period) -> Result<BuiltProgram, Failure>;
