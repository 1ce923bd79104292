//! The alarm about a root that expires soon or has expired, as text.
//! Never refuses anything: expiry stops no screen and no signature.

use super::root::Root;
use crate::base::text::Text;
use crate::base::times::Instant;

/// How long before its end a root should be renewed, in seconds: 60 days.
const AHEAD_SECONDS: i64 = 60 * DAY_SECONDS;
const DAY_SECONDS: i64 = 86_400;

/// What to tell about a root's end; nothing if that is far.
pub fn expiry(root: &Root, now: Instant) -> Option<Text> {
    let (version, expires) = (root.version, root.expires);
    let left = expires.0 - now.0;
    if left > AHEAD_SECONDS {
        return None;
    }
    Some(if left <= 0 {
        crate::text!(
            vi: "CẢNH BÁO: văn bản gốc số {version} đã hết hạn từ {expires}; hãy thay bằng: bangtin trust prepare (màn hình vẫn chiếu)",
            en: "WARNING: root {version} expired at {expires}; renew it with: bangtin trust prepare (screens go on)"
        )
    } else {
        let days = left / DAY_SECONDS;
        crate::text!(
            vi: "CẢNH BÁO: văn bản gốc số {version} hết hạn sau {days} ngày ({expires}); hãy thay bằng: bangtin trust prepare",
            en: "WARNING: root {version} expires in {days} days ({expires}); renew it with: bangtin trust prepare"
        )
    })
}
