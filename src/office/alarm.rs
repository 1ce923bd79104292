//! Every command that signs or publishes warns of a root that expires soon; an approval, of a decision of days to come and of a clock that
//! stands before what was signed earlier.
//! Never refuses anything.

use super::context::Context;
use crate::base::ids::SiteId;
use crate::base::times::Timestamp;
use crate::filing::record::ApprovalRecord;
use crate::publish::clock::{self, Earlier, Signing};
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

/// Warns of a clock that stands before the root, or before an approval or release that is on record of the programs that are signed now: what this
/// key has signed before stays as it is.
pub fn clock_behind<'a>(
    context: &Context,
    (root, now): (&Verified<Root>, Timestamp),
    records: impl Iterator<Item = (&'a SiteId, &'a ApprovalRecord)>,
) {
    let earlier = records.filter(|(_, record)| !record.already_signed).flat_map(|(site, record)| {
        let released = record.last_release.map(|(number, signed)| (Earlier::Release(site, number), signed));
        let approved = record.last_approval.map(|signed| (Earlier::Approval(site), signed));
        [Some((Earlier::Root(root.body().version), root.issued())), approved, released].into_iter().flatten()
    });
    clock::before_earlier(now, Signing::Approval, earlier, context.zone()).iter().for_each(|text| context.alarm(text));
}
