//! Every command that signs or publishes warns of a root that expires soon.
//! Never refuses anything.

use super::context::Context;
use crate::base::times::Timestamp;
use crate::trust::document::Verified;
use crate::trust::expiry;
use crate::trust::root::Root;

/// Warns on standard error, even with `--quiet`.
pub fn warn(context: &Context, root: &Verified<Root>, now: Timestamp) {
    if let Some(text) = expiry::expiry_warning(root.body(), now, context.zone()) {
        context.alarm(&text);
    }
}
