//! Every command that signs or publishes warns of a root that expires soon; an approval, of a decision of days to come.
//! Never refuses anything.

use super::context::Context;
use crate::base::times::Timestamp;
use crate::trust::approval::Decision;
use crate::trust::document::Verified;
use crate::trust::expiry;
use crate::trust::root::Root;

/// Warns on standard error, even with `--quiet`.
pub fn warn(context: &Context, root: &Verified<Root>, now: Timestamp) {
    if let Some(text) = expiry::expiry_warning(root.body(), now, context.zone()) {
        context.alarm(&text);
    }
}

/// As [`warn`], before an approval: also of a decision that is dated after the day of the signature.
pub fn before_approval(context: &Context, (root, decision): (&Verified<Root>, &Decision), now: Timestamp) {
    warn(context, root, now);
    decision.ahead_of(context.zone().to_local(now.0).date()).iter().for_each(|text| context.alarm(text));
}
