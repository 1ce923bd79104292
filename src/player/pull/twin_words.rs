//! What is said of different withdrawals that carry one number, and whom to tell.
//! Never finds them: its caller does.

use super::trusted::Trusted;
use crate::base::limits::TWINS_OF_A_KEY;
use crate::base::text::Text;
use crate::text;
use crate::trust::document::Verified;
use crate::trust::withdrawal::Withdrawal;

/// How many numbers a fault names.
const NAMED: usize = 5;

/// That different statements carry one number, by whom, and whom to tell. It stands until a root comes that is newer than all of them here:
/// then the office has acted.
pub fn fault(trusted: &Trusted, root: u64) -> Option<Text> {
    if trusted.root().body().version > root {
        return None;
    }
    let numbers: Vec<u64> = trusted.chain().twin_numbers().collect();
    let (first, more) = (*numbers.first()?, numbers.len().saturating_sub(NAMED));
    let mut named = numbers.iter().take(NAMED).map(u64::to_string).collect::<Vec<_>>().join(", ");
    if more > 0 {
        named.push_str(", …");
    }
    let Text { vi, en } = signed(trusted, first);
    Some(text!(
        vi: "có văn bản thu hồi khác nhau mang cùng số {named}; tất cả đều có hiệu lực. Số {first}: {vi}. Có thể khóa của một người duyệt đã bị lộ, hoặc hai kho được phát hành riêng rẽ: hãy báo người phát hành; dòng này hết khi có văn bản phân quyền mới",
        en: "different withdrawals carry the same number {named}, and all of them count. Number {first}: {en}. A reviewer's key may be stolen, or two stores were published apart: tell the publisher; this line goes with the next root"
    ))
}

/// The statements under a number, and who signed each.
pub fn signed(trusted: &Trusted, number: u64) -> Text {
    let root = trusted.root().body();
    let (mut vi, mut en) = (Vec::new(), Vec::new());
    for each in trusted.chain().of(number) {
        let by = each.signers().iter().map(|kid| root.display_holder(*kid)).collect::<Vec<_>>().join(", ");
        let begin = &each.digest().to_string()[..8];
        vi.push(format!("{begin}… do {by} ký"));
        en.push(format!("{begin}… signed by {by}"));
    }
    Text { vi: vi.join("; "), en: en.join("; ") }
}

/// Why another statement under a number is not taken, and what to do.
pub fn no_room(trusted: &Trusted, twin: &Verified<Withdrawal>) -> Text {
    let (number, root) = (twin.body().version, trusted.root().body());
    let by = twin.signers().iter().map(|kid| root.display_holder(*kid)).collect::<Vec<_>>().join(", ");
    text!(
        vi: "không nhận thêm văn bản thu hồi số {number} do {by} ký: đã có {TWINS_OF_A_KEY} văn bản khác cùng số, cùng người ký, các văn bản ấy vẫn có hiệu lực. Khóa này có thể đã bị lộ: hãy báo người phát hành để thay khóa bằng văn bản phân quyền mới; nội dung nào còn phải thu hồi thì thu hồi lại bằng khóa khác. Dòng này hết khi có văn bản phân quyền mới",
        en: "another withdrawal {number} signed by {by} is not taken: there are {TWINS_OF_A_KEY} others of this number by the same signer, and those count. This key may be stolen: tell the publisher, so that a new root replaces it; what is still to be withdrawn is withdrawn again with another key. This line goes with the next root"
    )
}
