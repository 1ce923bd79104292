//! The folder of the withdrawals as a place to write into: one command at a time, and with room for what it will sign.
//! Never reads or writes a statement.

use std::fs::File;
use std::path::Path;

use crate::base::failure::{self, Failure};
use crate::base::files;
use crate::base::text::Text;

/// Keeps other commands from writing withdrawals until the file is dropped.
pub(super) fn lock(content: &Path) -> Result<File, Failure> {
    let trust = content.join("trust");
    files::lock_folder(&trust).map_err(|error| Failure::io(&trust, &error))?.ok_or_else(|| {
        let trust = trust.display();
        Failure::Refused(crate::text!(
            vi: "một lệnh khác đang ký trong {trust}; chưa ký gì, hãy đợi lệnh đó xong rồi chạy lại",
            en: "another command is signing in {trust}; nothing was signed, wait for it and run this again"
        ))
    })
}

/// Room for some statements with their signatures, in bytes.
const ROOM: usize = 64 << 10;

/// Refuses before anything is signed that could not be kept.
pub(super) fn ensure_room(content: &Path) -> Result<(), Failure> {
    let trust = content.join("trust");
    files::ensure_room(&trust, ROOM).map_err(|error| {
        let Text { vi, en } = failure::system_at(&trust.display(), &error);
        Failure::External(crate::text!(
            vi: "chưa ký gì, chưa gửi gì: {vi}; hãy dọn chỗ trên ổ đĩa đó, hoặc chép thư mục nội dung sang ổ đĩa khác, rồi chạy lại",
            en: "nothing was signed or sent: {en}; make room on that disk, or copy the content folder to another, and run this again"
        ))
    })
}
