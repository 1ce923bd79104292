//! Why nothing is signed about a withdrawal, in words: the whole program is gone, another statement comes first, the reason is another.
//! Never decides it.

use std::path::Path;

use super::withdrawals::{self, StoredWithdrawal};
use crate::base::failure::Failure;
use crate::base::ids::RoleId;
use crate::base::text::Text;

/// Nothing is signed about slides of a program that is gone: it would say nothing of other programs either.
pub fn gone_whole(number: u64) -> Text {
    crate::text!(
        vi: "cả chương trình đã thu hồi từ trước (văn bản số {number}); chưa ký gì về trang được nêu. Muốn trang không trở lại trong chương trình khác thì chạy lại mà bỏ --only",
        en: "the whole program is withdrawn already (withdrawal {number}); nothing was signed about the slides named. To keep them out of other programs too, run this again without --only"
    )
}

/// Only one statement may lack signatures: numbers have no gaps, so nothing can be published after it.
pub fn pending(folder: &Path, last: &StoredWithdrawal) -> Failure {
    let (number, Text { vi, en }) = (last.number, last.command(None));
    let path = withdrawals::path(folder, number);
    let path = path.display();
    Failure::Refused(crate::text!(
        vi: "văn bản thu hồi số {number} còn thiếu chữ ký; phải ký đủ văn bản số {number} trước, vì các văn bản thu hồi có hiệu lực theo thứ tự số. Người khác giữ vai trò ký thêm bằng:\n  {vi}\nhoặc nếu không cần nữa thì xóa các tệp {path}* (chưa phát hành), rồi chạy lại",
        en: "withdrawal {number} still lacks signatures and must be fully signed first: withdrawals take effect in the order of their numbers. Another holder of its role signs with:\n  {en}\nor, if it is no longer needed, remove the files {path}* (they are not published), and run again"
    ))
}

/// A signature goes under the reason that is there.
pub fn another_reason(number: u64, reason: &str) -> Failure {
    Failure::Refused(crate::text!(
        vi: "văn bản thu hồi số {number} đã có với lý do khác: “{reason}”; để ký vào đúng văn bản đó, chạy lại mà không có --reason",
        en: "withdrawal {number} is there with another reason: “{reason}”; to sign that very statement, run again without --reason"
    ))
}

/// Only a holder of its role signs a statement.
pub fn no_holder(number: u64, role: &RoleId) -> Failure {
    Failure::Refused(crate::text!(
        vi: "văn bản thu hồi số {number} cần người giữ vai trò {role}; khóa này không giữ vai trò đó",
        en: "withdrawal {number} takes a holder of role {role}, which this key is not"
    ))
}
