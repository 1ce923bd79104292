//! The warning about a root that expires soon or has expired, as text.
//! Never refuses anything: expiry stops no screen and no signature.

use super::root::Root;
use crate::base::numbers;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;

/// How long before a root expires the warning starts, in seconds: 60 days.
const AHEAD_SECONDS: i64 = 60 * DAY_SECONDS;
const DAY_SECONDS: i64 = 86_400;

/// The warning about a root's expiry, its date in this zone; `None` while more than 60 days are left.
pub fn expiry_warning(root: &Root, now: Timestamp, zone: TimeZone) -> Option<Text> {
    let (version, Text { vi, en }) = (root.version, zone.day(root.expires));
    let left = root.expires.0 - now.0;
    if left > AHEAD_SECONDS {
        return None;
    }
    Some(if left <= 0 {
        crate::text!(
            vi: "CẢNH BÁO: văn bản phân quyền số {version} đã hết hạn từ {vi}; hãy thay bằng: bangtin trust prepare (màn hình vẫn chiếu)",
            en: "WARNING: root {version} expired on {en}; renew it with: bangtin trust prepare (screens go on)"
        )
    } else {
        let days = left / DAY_SECONDS;
        let time = numbers::counted(days, "day");
        crate::text!(
            vi: "CẢNH BÁO: văn bản phân quyền số {version} hết hạn sau {days} ngày ({vi}); hãy thay bằng: bangtin trust prepare",
            en: "WARNING: root {version} expires in {time} ({en}); renew it with: bangtin trust prepare"
        )
    })
}
