//! A program as the generator hands it to the signing commands: its manifest and where the bytes of its files are.
//! Never builds one: `build` does.

use std::collections::BTreeMap;

use crate::base::bytes::ByteSource;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::content::model::values::Period;
use crate::program::validate::Program;

/// A built program.
pub struct BuiltProgram {
    /// The manifest, checked.
    pub program: Program,
    /// The manifest's bytes.
    pub manifest: Vec<u8>,
    /// The bytes of its files.
    pub objects: BTreeMap<Digest, ByteSource>,
}

/// What builds the program of a site and period from the content as it is now.
pub type BuildFn<'a> = &'a dyn Fn(&SiteId, Period) -> Result<BuiltProgram, Failure>;
