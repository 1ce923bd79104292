//! Files that nobody wrote: what systems put into folders by themselves, locks of open documents, and copies that programs make when two
//! people change one file. Knows them by their names. Never opens or removes one.

use std::collections::BTreeMap;

use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::text::{Text, printable};
use crate::text;

/// What kind of file a name tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MachineFile {
    /// Made by a system for itself: passed over, and may be deleted.
    System(SystemMaker),
    /// The lock of a document that is open in an office program.
    Lock,
    /// One of two versions of a file, set aside by a program that syncs folders.
    Conflict,
}

/// Who makes files of a system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SystemMaker {
    Windows,
    MacOs,
    Kde,
    Nas,
}

impl MachineFile {
    /// What the name of a file or folder tells; `None` of one that somebody may have given.
    pub fn of(name: &str) -> Option<Self> {
        let lower = name.to_lowercase();
        let system = match lower.as_str() {
            "thumbs.db" | "ehthumbs.db" | "ehthumbs_vista.db" | "desktop.ini" | "$recycle.bin" | "system volume information" => {
                SystemMaker::Windows
            }
            ".ds_store" | "icon\r" | ".localized" | "__macosx" | ".appledouble" | ".spotlight-v100" | ".trashes" | ".fseventsd" => {
                SystemMaker::MacOs
            }
            ".directory" => SystemMaker::Kde,
            "@eadir" | "#recycle" | ".@__thumb" => SystemMaker::Nas,
            _ if name.starts_with("._") => SystemMaker::MacOs,
            _ if name.starts_with("~$") || lower.starts_with(".~lock.") && lower.ends_with('#') => return Some(Self::Lock),
            _ => return is_conflict(name, &lower).then_some(Self::Conflict),
        };
        Some(Self::System(system))
    }

    /// Whether no command has any use for such a file, not even to say that it is there before something else happens.
    pub fn is_system(name: &str) -> bool {
        matches!(Self::of(name), Some(Self::System(_)))
    }

    /// The fault of a lock or a set-aside version; `None` of a file of a system, which [`warnings`] tells together with the others.
    pub fn fault(self, path: &str) -> Option<Diagnostic> {
        match self {
            Self::System(_) => None,
            Self::Lock => Some(lock(path)),
            Self::Conflict => Some(conflict(path)),
        }
    }
}

fn lock(path: &str) -> Diagnostic {
    let shown = printable(path);
    Diagnostic::error(
        "lock-file",
        SourceLocation::file(path),
        text!(
            vi: "“{shown}” là tệp khóa: một tài liệu ở đây đang mở trong Word, Excel hoặc LibreOffice",
            en: "“{shown}” is a lock: a document here is open in Word, Excel or LibreOffice"
        ),
        text!(
            vi: "lưu và đóng tài liệu đó, tệp khóa tự mất; nếu không ai đang mở thì xóa tệp này (trong Explorer nó là tệp ẩn)",
            en: "save and close that document, and the lock goes by itself; if nobody has it open, delete this file (the Explorer hides it)"
        ),
    )
}

fn conflict(path: &str) -> Diagnostic {
    let shown = printable(path);
    Diagnostic::error(
        "conflict-copy",
        SourceLocation::file(path),
        text!(
            vi: "“{shown}” là bản xung đột do chương trình đồng bộ (Syncthing, Dropbox, OneDrive, Nextcloud) để riêng: hai người đã sửa cùng một tệp",
            en: "“{shown}” is a conflict copy that a sync program (Syncthing, Dropbox, OneDrive, Nextcloud) has set aside: two people changed one file"
        ),
        text!(
            vi: "so sánh với tệp gốc, đưa những gì cần giữ vào tệp gốc, rồi xóa bản này",
            en: "compare it with the original, take over what is to stay, then delete this copy"
        ),
    )
}

/// Whether a sync program has given this name. OneDrive adds the name of a computer, which is known only in its usual forms.
fn is_conflict(name: &str, lower: &str) -> bool {
    let dated = |mark: &str| {
        let rest = lower.split_once(mark).map(|(_, rest)| rest.as_bytes());
        rest.is_some_and(|rest| rest.len() >= 8 && rest[..8].iter().all(u8::is_ascii_digit))
    };
    dated(".sync-conflict-")
        || dated("_conflict-")
        || lower.contains("conflicted copy")
        || lower.contains("[conflict]")
        || ["-DESKTOP-", "-LAPTOP-"].iter().any(|host| name.contains(host))
}

/// One warning for each maker of the files of systems at these paths.
pub fn warnings(paths: &[(SystemMaker, String)]) -> Vec<Diagnostic> {
    let mut by_maker: BTreeMap<SystemMaker, Vec<&str>> = BTreeMap::new();
    paths.iter().for_each(|(maker, path)| by_maker.entry(*maker).or_default().push(path));
    by_maker.into_iter().map(|(maker, paths)| warning(maker, &paths)).collect()
}

fn warning(maker: SystemMaker, paths: &[&str]) -> Diagnostic {
    const SHOWN: usize = 8;
    let count = paths.len();
    let more = if count > SHOWN { ", …" } else { "" };
    let list = paths.iter().take(SHOWN).map(|path| printable(path)).collect::<Vec<_>>().join(", ") + more;
    let Text { vi, en } = match maker {
        SystemMaker::Windows => text!(vi: "Windows", en: "Windows"),
        SystemMaker::MacOs => text!(vi: "macOS", en: "macOS"),
        SystemMaker::Kde => text!(vi: "KDE (Linux)", en: "KDE (Linux)"),
        SystemMaker::Nas => text!(vi: "thiết bị lưu trữ mạng (NAS)", en: "a network storage device (NAS)"),
    };
    Diagnostic::warning(
        "system-file",
        SourceLocation::file(paths.first().copied().unwrap_or(".")),
        text!(vi: "{vi} tự tạo, bangtin bỏ qua ({count}): {list}", en: "made by {en} for itself, and passed over ({count}): {list}"),
        text!(
            vi: "xóa được; Explorer và Finder ẩn các tệp này (trong Explorer: View, Show, Hidden items); dùng git thì ghi tên vào .gitignore",
            en: "may be deleted; the Explorer and the Finder hide them (in the Explorer: View, Show, Hidden items); with git, put the names into .gitignore"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_machines_give_are_told_from_those_of_people() {
        use MachineFile::{Conflict, Lock, System};
        use SystemMaker::{Kde, MacOs, Nas, Windows};
        for (name, expected) in [
            ("Thumbs.db", Some(System(Windows))),
            ("thumbs.db", Some(System(Windows))),
            ("ehthumbs.db", Some(System(Windows))),
            ("Desktop.ini", Some(System(Windows))),
            (".DS_Store", Some(System(MacOs))),
            ("._a.md", Some(System(MacOs))),
            ("Icon\r", Some(System(MacOs))),
            ("__MACOSX", Some(System(MacOs))),
            (".directory", Some(System(Kde))),
            ("@eaDir", Some(System(Nas))),
            ("~$bang.csv", Some(Lock)),
            ("~$Giờ làm việc.docx", Some(Lock)),
            (".~lock.bang.csv#", Some(Lock)),
            ("a.sync-conflict-20261129-101010-ABCDEFG.md", Some(Conflict)),
            ("a (Lan's conflicted copy 2026-11-29).md", Some(Conflict)),
            ("a (conflicted copy 2026-11-29 101010).md", Some(Conflict)),
            ("a_conflict-20261129-101010.md", Some(Conflict)),
            ("a-DESKTOP-4F2K9Q1.md", Some(Conflict)),
            ("a-LAPTOP-LAN.md", Some(Conflict)),
            ("icon.png", None),
            ("a - Copy.md", None),
            ("a-desktop-1.md", None),
            ("xu-ly_conflict-moi.md", None),
            (".gitignore", None),
            ("thumbs.md", None),
        ] {
            assert_eq!(MachineFile::of(name), expected, "{name:?}");
        }
    }
}
