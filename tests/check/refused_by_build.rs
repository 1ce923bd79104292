//! What a build refuses of a content whose files and plans are sound: `check` refuses it too, in the same words.

use std::fmt::Write as _;
use std::fs;

use super::{output, sound};

const BUILD: &[&str] = &["build", "--month", "2026-12", "--out", "out"];

#[test]
fn a_program_of_too_many_pages_is_refused_without_rendering_one() {
    let sandbox = sound();
    let slide = fs::read_to_string(sandbox.path("content/slides/co-so/chao.md")).unwrap();
    (0..200).for_each(|number| drop(fs::write(sandbox.path(&format!("content/slides/co-so/trang-{number}.md")), &slide)));
    let list = "title: T\nagency: so-tttt\nentries:\n  - slides: \"co-so/*.md\"\n  - slides: \"du-lich/*.md\"\n";
    sandbox.write("content/playlists/2026-12/province.yaml", list);
    let site = fs::read_to_string(sandbox.path("content/sites/ta-lung.yaml")).unwrap();
    let (before, after) = (site.split("screens:").next().unwrap(), site.split_once("hours:").unwrap().1);
    let with_screens = |count: u32| {
        let screens = (0..count).fold(String::new(), |mut all, number| {
            let _ = writeln!(all, "  - {{id: s{number}, width: {}, height: 1080}}", 1_000 + number);
            all
        });
        sandbox.write("content/sites/ta-lung.yaml", format!("{before}screens:\n{screens}hours:{after}"));
        output(&sandbox, &["--month", "2026-12"])
    };
    // 203 pages of each size: 202 slides, one of them also in English.
    let refused = with_screens(99);
    assert!(
        refused.contains("error[program-refused]: the program is not well formed: more than 20000 files\n  --> sites/ta-lung.yaml"),
        "{refused}"
    );
    assert!(refused.ends_with("exit 1\n"), "{refused}");
    let fits = with_screens(90);
    assert!(fits.ends_with("exit 0\n"), "{fits}");
}

#[test]
fn a_file_of_a_theme_over_its_limit_is_named() {
    for (name, size) in [("images/nen.png", 17 << 20), ("theme.css", 17 << 20), ("layouts/text.html", (1 << 20) + 1)] {
        let sandbox = sound();
        let path = format!("content/themes/plain/{name}");
        if name.starts_with("images") {
            sandbox.write(&path, "");
        }
        fs::OpenOptions::new().write(true).open(sandbox.path(&path)).and_then(|file| file.set_len(size)).unwrap();
        let said = output(&sandbox, &[]);
        assert!(said.contains("error[file-too-large]: the file of the theme") && said.contains(&format!("themes/plain/{name}")), "{said}");
        assert!(said.ends_with("exit 1\n"), "{said}");
        assert_ne!(sandbox.bangtin(BUILD).code, 0, "{name}");
    }
}

#[test]
fn every_command_that_the_content_stops_says_last_what_was_not_done() {
    let province = crate::publish::commands::Province::approved();
    let sandbox = &province.0;
    sandbox.write("content/slides/du-lich/hong.md", "---\ntitle: x\nagency: khong-co\ncategory: du-lich\nlayout: text\nmau: đỏ\n---\nx\n");
    let before = crate::harness::tree(&sandbox.path("content"));
    let init = "trust init --out other --root-key keys/root --publish-key keys/publish.pub --review chief=keys/lan.pub";
    for (line, en, vi) in [
        ("build --month 2026-12 --out out", "nothing was built", "chưa tạo chương trình nào"),
        ("at ta-lung 2026-12-03T10:15", "no answer", "không trả lời được"),
        ("approve --month 2026-12 --key keys/lan --unseen --yes", "nothing was signed", "chưa ký gì"),
        ("approve --month 2026-12 --key keys/lan --unseen --yes --json --quiet", "nothing was signed", "chưa ký gì"),
        ("publish --to store --key keys/publish", "no program was published", "chưa phát hành chương trình nào"),
        ("revise --withdrawal 1", "no file was changed", "chưa sửa tệp nào"),
        ("demo --once", "nothing was tried out", "chưa chạy thử"),
        (init, "no root was made", "chưa lập văn bản phân quyền"),
        ("trust prepare --policy", "the draft is as it was", "dự thảo văn bản phân quyền không đổi"),
    ] {
        for (lang, undone, count) in [("en", en, "the content has 2 errors"), ("vi", vi, "nội dung có 2 lỗi")] {
            let all: Vec<&str> = line.split(' ').chain(["--lang", lang]).collect();
            let said = sandbox.bangtin(&all).code(1);
            assert_eq!(said.stderr.lines().last().unwrap(), format!("bangtin: {undone}: {count}"), "{line}:\n{}", said.stderr);
            assert_eq!(said.stdout, "", "{line}");
        }
    }
    assert!(crate::harness::tree(&sandbox.path("content")) == before, "something was written");
    assert!(["out", "other", "store"].iter().all(|name| !sandbox.path(name).exists()));
}
