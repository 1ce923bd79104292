//! What a player's page and `status` say of a journal that is damaged, missing or can't be written, and what to do.
//! Never finds out what is wrong: its caller does.

use std::io;
use std::ops::RangeInclusive;
use std::path::Path;

use super::memory::MemoryFault;
use crate::base::failure;
use crate::base::text::Text;
use crate::player::pull::remedy::remedy;
use crate::text;

/// Nothing can be written to the folder.
pub fn unwritable(folder: &Path, error: &io::Error) -> Text {
    let (folder, Text { vi, en }, Text { vi: do_vi, en: do_en }) = (folder.display(), failure::cause(error), remedy(error));
    text!(
        vi: "không ghi được nhật ký chiếu vào {folder}: {vi}; bản ghi lượt chiếu tạm giữ trong trình duyệt. {do_vi}",
        en: "the journal can't be written to {folder}: {en}; play records wait in the browser. {do_en}"
    )
}

/// A segment could not be read, and now lies at `place`.
pub fn unreadable(place: &Path) -> Text {
    let shown = place.display();
    text!(
        vi: "một đoạn nhật ký không đọc được, đã cất thành {shown}; lượt chiếu mới ghi vào đoạn sau. Hãy sao chép đoạn này về cơ quan; nếu lặp lại, hãy thay ổ đĩa",
        en: "a segment of the journal could not be read and was set aside as {shown}; new plays go to the next one. Copy it to the office; if it happens again, replace the disk"
    )
}

/// A link that led to no folder was set aside.
pub fn link(link: &Path, aside: &Path) -> Text {
    let (shown, aside) = (link.display(), aside.display());
    text!(
        vi: "{shown} là liên kết không dẫn tới thư mục nào, đã cất thành {aside}; lượt chiếu ghi vào thư mục mới. Nếu nhật ký chiếu cũ nằm nơi khác, hãy sao chép về cơ quan",
        en: "{shown} was a link that leads to no folder, and was set aside as {aside}; plays are written to a new folder. If older returns lie elsewhere, copy them to the office"
    )
}

/// What is remembered of the journal is lost, or is not as it was written. `aside`: where it was put.
pub fn forgotten(fault: MemoryFault, aside: Option<&Path>) -> Text {
    let aside = aside.map(|aside| aside.display());
    match (fault, aside) {
        (MemoryFault::Absent, _) => text!(vi: "đã mất", en: "is missing"),
        (MemoryFault::Unreadable, None) => {
            text!(vi: "không đọc được hoặc không còn như đã ghi", en: "can't be read or is not as it was written")
        }
        (MemoryFault::Unreadable, Some(aside)) => text!(
            vi: "không đọc được hoặc không còn như đã ghi, đã cất thành {aside}",
            en: "can't be read or is not as it was written, and was set aside as {aside}"
        ),
        (MemoryFault::Behind, _) => text!(vi: "cũ hơn các đoạn nhật ký", en: "is older than the segments of the journal"),
    }
}

/// Why segments up to a number stay unsigned.
pub fn unproven(memory: &Path, Text { vi, en }: &Text, seq: u64) -> Text {
    let shown = memory.display();
    text!(
        vi: "{shown} {vi}: không còn gì xác nhận nội dung các đoạn nhật ký; đoạn chưa ký, đến số {seq}, không được ký, lượt chiếu mới ghi vào đoạn sau. Hãy sao chép nhật ký chiếu về cơ quan; nếu không ai xóa hay sửa, hãy thay ổ đĩa",
        en: "{shown} {en}: nothing says what the segments of the journal held; those up to {seq} that are not signed stay unsigned, and new plays go to the next one. Copy them to the office; if nobody removed or changed the file, replace the disk"
    )
}

/// A segment is not what was written.
pub fn damaged(segment: &Path, Text { vi, en }: &Text) -> Text {
    let shown = segment.display();
    text!(
        vi: "đoạn nhật ký {shown} {vi}; đoạn này không được ký, lượt chiếu mới ghi vào đoạn sau. Hãy sao chép đoạn này về cơ quan; nếu lặp lại, hãy thay ổ đĩa",
        en: "the segment {shown} of the journal {en}; it is not signed, and new plays go to the next one. Copy it to the office; if it happens again, replace the disk"
    )
}

/// A segment does not hold what was written.
pub fn changed() -> Text {
    text!(vi: "không còn như đã ghi: thiếu hoặc khác những dòng đã ghi", en: "is not as it was written: lines are missing or are others")
}

/// A closed segment is no file any more.
pub fn no_file() -> Text {
    text!(vi: "không còn là tệp: ở chỗ đó là thư mục, liên kết hoặc thứ khác", en: "is no file any more: a folder, a link or something else lies in its place")
}

/// Nothing says what a closed segment held when it was closed.
pub fn unnamed() -> Text {
    text!(
        vi: "không có gì xác nhận nội dung lúc đóng: đoạn sau đã mất hoặc không đọc được",
        en: "has nothing that says what it held when it was closed: the next one is gone or can't be read"
    )
}

/// A closed segment that nothing vouches for any more has no signature.
pub fn never_signed() -> Text {
    text!(
        vi: "đọc được nhưng không có chữ ký, và sẽ không được ký: những gì xác nhận nội dung đoạn này (đoạn sau, journal.json) đã mất hoặc hỏng. Hãy sao chép đoạn này và các đoạn trước nó về cơ quan, rồi xóa tại đây",
        en: "can be read but has no signature and gets none: what said what it held (the next segment, journal.json) was lost or damaged. Copy it and those before it to the office, then remove them here"
    )
}

/// A closed segment has no signature yet.
pub fn unsigned() -> Text {
    text!(
        vi: "không có chữ ký đọc được; được ký khi khởi động lại: systemctl restart bangtin-player",
        en: "has no signature that can be read; a restart signs it: systemctl restart bangtin-player"
    )
}

/// Segments are gone.
pub fn missing(gap: &RangeInclusive<u64>, folder: &Path) -> Text {
    let (first, last, folder) = (gap.start(), gap.end(), folder.display());
    if first == last {
        return text!(
            vi: "nhật ký chiếu thiếu đoạn số {first} trong {folder}: lượt chiếu ghi ở đó đã mất nếu chưa sao chép về cơ quan. Hãy báo cơ quan; nếu không ai xóa, hãy thay ổ đĩa",
            en: "segment {first} of the journal is missing from {folder}: the plays in it are lost unless it was copied. Tell the office; if nobody removed it, replace the disk"
        );
    }
    text!(
        vi: "nhật ký chiếu thiếu các đoạn từ số {first} đến số {last} trong {folder}: lượt chiếu ghi ở đó đã mất nếu chưa sao chép về cơ quan. Hãy báo cơ quan; nếu không ai xóa, hãy thay ổ đĩa",
        en: "segments {first} to {last} of the journal are missing from {folder}: the plays in them are lost unless they were copied. Tell the office; if nobody removed them, replace the disk"
    )
}

/// The same in English, for the journal.
pub fn missing_detail(gap: &RangeInclusive<u64>) -> String {
    let (first, last) = (gap.start(), gap.end());
    if first == last { format!("segment {first} is missing") } else { format!("segments {first} to {last} are missing") }
}
