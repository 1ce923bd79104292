//! What the commands that look after a store have in common: which store, which roots, how the answer is printed.
//! Never looks into a store.

use crate::base::failure::Failure;
use crate::filing::signed_files::{self, RootFiles};
use crate::office::context::Context;
use crate::store::destination::Destination;

/// How an answer is printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people
    Human,
    /// One JSON object
    Json,
}

/// The store at an address.
pub fn destination(url: &str, context: &Context) -> Result<Destination, Failure> {
    Destination::parse(url, &context.cwd)
}

/// The roots of the content folder, if there is one. A store can be looked after on a machine without content; then its own first root
/// is taken on sight.
pub fn roots(context: &Context) -> Result<Vec<RootFiles>, Failure> {
    match context.content_root() {
        Ok(folder) if folder.join("trust/root/1.json").is_file() => signed_files::roots(&folder),
        Ok(_) => Ok(Vec::new()),
        Err(failure) if context.content.is_some() => Err(failure),
        Err(_) => Ok(Vec::new()),
    }
}
