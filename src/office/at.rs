//! `bangtin at`.

use super::context::Context;
use crate::base::failure::Failure;

/// Arguments as typed.
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Runs the command.
pub fn run(_args: Args, _context: &Context) -> Result<(), Failure> {
    Err(Failure::Usage(crate::text!(vi: "chưa có", en: "not there yet")))
}
