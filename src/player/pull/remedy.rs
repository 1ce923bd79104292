//! What to do about a file or folder that can't be read or written, in words.
//! Never tries anything.

use std::io::{self, ErrorKind};
use std::path::Path;

use crate::base::failure;
use crate::base::text::Text;
use crate::text;

/// What to do about an error of the disk.
pub fn remedy(error: &io::Error) -> Text {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => text!(vi: "Hãy giải phóng dung lượng", en: "Make room"),
        ErrorKind::PermissionDenied => text!(
            vi: "Hãy giao thư mục dữ liệu cho người dùng chạy đầu phát: chown -R, chmod -R u+rwX",
            en: "Give the data folder to the player's user: chown -R, chmod -R u+rwX"
        ),
        ErrorKind::IsADirectory => text!(vi: "Hãy xóa thư mục này", en: "Remove this folder"),
        ErrorKind::AlreadyExists | ErrorKind::NotADirectory | ErrorKind::NotFound => text!(
            vi: "Ở chỗ của một thư mục có một tệp hoặc một liên kết không dẫn tới thư mục nào: hãy gắn ổ đĩa mà liên kết dẫn tới, hoặc xóa tệp hay liên kết đó",
            en: "A file, or a link that leads to no folder, lies in place of a folder: mount the disk that the link leads to, or remove the file or link"
        ),
        _ => text!(
            vi: "Ổ đĩa có thể hỏng: hãy kiểm tra hoặc thay",
            en: "The disk may be damaged: check or replace it"
        ),
    }
}

/// Something on the player's disk that can't be read, why, and what to do.
pub fn unreadable(path: &Path, error: &io::Error) -> Text {
    let (shown, Text { vi, en }, Text { vi: do_vi, en: do_en }) = (path.display(), failure::system(error), remedy(error));
    text!(vi: "không đọc được {shown}: {vi}. {do_vi}", en: "{shown} can't be read: {en}. {do_en}")
}
