//! Every command that signs or publishes warns of a root that expires soon; an approval, of a decision of days to come; a withdrawal, of a
//! clock that is behind.
//! Never refuses anything.

use super::context::Context;
use crate::base::text::Text;
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

/// Warns if the clock stands more than ten minutes before the moment at which what is withdrawn was approved: the withdrawal bears its moment.
pub fn warn_of_clock(context: &Context, approved: Option<Timestamp>, now: Timestamp) {
    let zone = context.zone();
    if let Some(approved) = approved.filter(|approved| approved.0 > now.0.saturating_add(600)) {
        let [Text { vi, en }, Text { vi: now_vi, en: now_en }] = [approved, now].map(|moment| zone.moment(moment));
        context.alarm(&crate::text!(
            vi: "CẢNH BÁO: đồng hồ máy này chỉ {now_vi}, nhưng nội dung bị thu hồi được duyệt sau đó, lúc {vi}; văn bản thu hồi ghi thời điểm của đồng hồ này. Hãy chỉnh đồng hồ cho đúng",
            en: "WARNING: this computer's clock shows {now_en}, but what is withdrawn was approved later, at {en}; the withdrawal bears the moment of this clock. Put the clock right"
        ));
    }
}

/// As [`warn`], before an approval: also of a decision that is dated after the day of the signature.
pub fn before_approval(context: &Context, (root, decision): (&Verified<Root>, &Decision), now: Timestamp) {
    warn(context, root, now);
    decision.ahead_of(context.zone().to_local(now.0).date()).iter().for_each(|text| context.alarm(text));
}
