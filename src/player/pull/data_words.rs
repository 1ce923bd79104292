//! What is said of a player's data folder that has lost something, or takes nothing, and what to do.
//! Never finds out what is wrong: its caller does.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::remedy::{remedy, unreadable};
use super::trusted::Trusted;
use crate::base::failure;
use crate::base::ids::SlideId;
use crate::base::numbers;
use crate::base::text::Text;
use crate::store::known::Known;
use crate::store::local_store::LocalStore;
use crate::text;
use crate::trust::head::HeadNumber;

/// A copy of the state could not be read and was set aside.
pub fn set_aside(path: &Path, all_lost: bool) -> Text {
    let (shown, Text { vi, en }) = (path.display(), without_copy(all_lost));
    text!(
        vi: "không đọc được một bản trạng thái, đã cất thành {shown}; {vi}. Nếu lặp lại, hãy thay ổ đĩa",
        en: "a copy of the state could not be read and was set aside as {shown}; {en}. If it happens again, replace the disk"
    )
}

/// One copy of the state is gone.
pub fn absent(path: &Path) -> Text {
    let (shown, Text { vi, en }) = (path.display(), without_copy(false));
    text!(
        vi: "không thấy một bản trạng thái, {shown}; {vi}. Nếu không ai xóa, hãy thay ổ đĩa",
        en: "a copy of the state, {shown}, is not there; {en}. If nobody removed it, replace the disk"
    )
}

/// Both copies of the state are gone.
pub fn missing() -> Text {
    let Text { vi, en } = without_copy(true);
    text!(
        vi: "không thấy hai bản trạng thái state.a, state.b; {vi}. Nếu không ai xóa, hãy thay ổ đĩa",
        en: "the copies of the state, state.a and state.b, are not there; {en}. If nobody removed them, replace the disk"
    )
}

/// Both copies of the state are older than what other files tell.
pub fn behind() -> Text {
    text!(
        vi: "các bản trạng thái state.a, state.b cũ hơn những gì các tệp khác trong thư mục dữ liệu cho biết. Nếu có người chép lại bản cũ: hãy chép lại cả thư mục dữ liệu, hoặc không chép gì; nếu không, hãy thay ổ đĩa",
        en: "the copies of the state, state.a and state.b, are older than what other files of the data folder tell. If somebody put older ones back: put back the whole data folder or none of it; if not, replace the disk"
    )
}

/// What is here and what is missing where they are, in English, for the journal.
pub fn behind_detail(trusted: &Trusted, head: Option<HeadNumber>) -> String {
    format!("the copies of the state are older than what other files tell: {}", here(trusted, head))
}

/// What could be made anew and what is missing, in English, for the journal.
pub fn rebuilt(trusted: &Trusted, head: Option<HeadNumber>) -> String {
    format!("made anew from the stored documents: {}", here(trusted, head))
}

fn here(trusted: &Trusted, head: Option<HeadNumber>) -> String {
    let (root, withdrawals) = trusted.numbers();
    let release = |head: Option<HeadNumber>| head.map_or_else(|| "no release".to_owned(), |head| format!("release {head}"));
    let order = |number: u64| if number > 0 { format!("kit release {number}, ") } else { String::new() };
    let held = trusted.newest_kit_release();
    let here = format!("root {root}, withdrawals {withdrawals}, {}{}", order(held), release(head));
    let known = trusted.known();
    let unsure = trusted.unsure().map(|reason| format!("; {}", reason.en)).unwrap_or_default();
    let twins = trusted.chain().twin_count() >= known.twins;
    if root >= known.root && withdrawals >= known.withdrawals && held >= known.kit_release && head >= known.head && twins {
        return format!("{here}{unsure}");
    }
    let Known { root, withdrawals, kit_release: last, head, .. } = known;
    format!("{here}; once there were root {root}, withdrawals {withdrawals}, {}{}{unsure}", order(last), release(head))
}

/// What serves where a copy of the state can't be read; `all_lost`: there is no other.
pub fn without_copy(all_lost: bool) -> Text {
    if all_lost {
        return text!(
            vi: "không còn bản nào: trạng thái được lập lại từ các văn bản đã lưu",
            en: "both copies are lost: the state is made anew from the stored documents"
        );
    }
    text!(vi: "không mất gì: vẫn dùng bản còn lại và các văn bản đã lưu", en: "nothing is lost: the other copy and the stored documents are used")
}

/// Files of programs of a release that were here whole are gone from the disk, or damaged.
pub fn lost_files(release: HeadNumber, count: usize) -> Text {
    let files = numbers::counted(count, "file");
    text!(
        vi: "đã mất trên ổ đĩa: {count} tệp của bản phát hành {release} đã từng có trên máy; máy tự tải lại ngay khi có nguồn. Hãy kiểm tra mạng, hoặc mang kho chương trình đến bằng USB; nếu lặp lại, hãy thay ổ đĩa",
        en: "lost from the disk: {files} of release {release} that had been here; the player fetches them again as soon as a source answers. Check the network, or bring the store on a stick; if it happens again, replace the disk"
    )
}

/// Without which slides a start shows a program of which files are damaged or lost; `None` if none is missing.
pub fn without_slides(missing: &BTreeSet<SlideId>) -> Option<Text> {
    let names = missing.iter().map(SlideId::as_str).collect::<Vec<_>>().join(", ");
    (!missing.is_empty()).then(|| {
        text!(
            vi: "sau khi khởi động lại, khi chưa tải lại được tệp hỏng hoặc mất, chương trình chiếu thiếu các trang: {names}",
            en: "after a start, until its damaged or lost files are fetched again, it plays without these slides: {names}"
        )
    })
}

/// A start does not show a program at all: nobody knows which slides need its damaged or lost files, or all do.
pub fn not_without() -> Text {
    text!(
        vi: "sau khi khởi động lại, khi chưa tải lại được tệp hỏng hoặc mất, không chiếu chương trình này: các trang đều cần tệp ấy, hoặc không rõ trang nào cần",
        en: "after a start, until its damaged or lost files are fetched again, it is not shown: all slides need them, or it is not known which do"
    )
}

/// What was accepted can't be stored.
pub fn unwritable(error: &io::Error, holdings: &LocalStore) -> Text {
    if let Some((folder, error)) = holdings.unreadable_folder() {
        return unreadable(&folder, &error);
    }
    let (Text { vi, en }, Text { vi: do_vi, en: do_en }) = (failure::system(error), remedy(error));
    text!(
        vi: "ổ đĩa không ghi được: {vi}; những gì đã nhận vẫn có hiệu lực nhưng mất khi khởi động lại. {do_vi}",
        en: "the disk can't be written: {en}; what was received is in force, but a restart loses it. {do_en}"
    )
}
