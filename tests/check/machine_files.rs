//! What systems, office programs and sync programs leave in a content folder; names that people give and that can't be used.

use super::{output, sound};
use crate::harness::{Sandbox, golden, tree};

const SYSTEM: [&str; 11] = [
    "slides/Thumbs.db",
    "slides/du-lich/Thumbs.db",
    "slides/co-so/desktop.ini",
    "slides/co-so/.DS_Store",
    "slides/co-so/._chao.md",
    "playlists/Icon\r",
    "calendar/.directory",
    "desktop.ini",
    "slides/du-lich/@eaDir/thac.png/thumb.jpg",
    "themes/plain/Thumbs.db",
    "themes/plain/layouts/._text.html",
];
const OTHERS: [&str; 7] = [
    "slides/co-so/~$bang.csv",
    "slides/co-so/.~lock.bang.csv#",
    "slides/co-so/chao.sync-conflict-20261129-101010-ABCDEFG.md",
    "slides/co-so/chao (Lan's conflicted copy 2026-11-29).md",
    "slides/co-so/chao-DESKTOP-4F2K9Q1.md",
    "playlists/2026-12/province_conflict-20261129-101010.yaml",
    "themes/plain/layouts/text_conflict-20261129-101010.html",
];
const NAMES: [&str; 9] = [
    "sites/Ta-Lung.yml",
    "playlists/2026-12/province.yml",
    "slides/co-so/Chào (1).md",
    "slides/co-so/chao - Copy.md",
    "slides/du-lich/Ảnh (1).jpg",
    "slides/du-lich/A\u{309}nh hè.jpg",
    "slides/du-lich/Đèo Mã Phục.png",
    "slides/du-lich/Thac.png",
    "slides/du-lich/瀑布.jpg",
];

fn with(names: &[&str]) -> Sandbox {
    let sandbox = sound();
    for name in names {
        sandbox.write(&format!("content/{name}"), "\u{0}\u{5}\u{16}\u{7}");
    }
    sandbox
}

#[test]
fn what_machines_leave_in_a_folder_is_told_apart_from_what_people_write() {
    for (name, files) in [("machine-files", SYSTEM.as_slice()), ("machine-copies", &OTHERS), ("machine-names", &NAMES)] {
        let sandbox = with(files);
        golden(&format!("check/{name}.txt"), &output(&sandbox, &[]));
        let said = output(&sandbox, &["--lang", "vi"]);
        assert!(!said.contains("\\u{") && !said.contains("error["), "{said}");
        golden(&format!("check/{name}.vi.txt"), &said);
    }
}

#[test]
fn files_of_systems_change_no_program_and_stop_no_build() {
    let build = |sandbox: &Sandbox| {
        sandbox.bangtin(&["build", "--month", "2026-12", "--out", "out"]).success();
        tree(&sandbox.path("out"))
    };
    assert!(build(&with(&[])) == build(&with(&SYSTEM)));
    with(&OTHERS[..1]).bangtin(&["build", "--month", "2026-12", "--out", "out"]).code(1).stderr_has("lock-file");
}
