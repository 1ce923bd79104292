//! What a refusal tells a person to do next, and results as they read aloud.

use std::fs;

use crate::publish::commands::Province;
use crate::withdraw::{DECEMBER, EVERGREEN, published, withdraw};

const NOW: &[&str] = &["--now", "2026-12-01T09:00"];

fn vietnamese(province: &Province, more: &[&str]) -> String {
    let done = province.0.bangtin(&[&["--lang", "vi"], more, NOW].concat());
    format!("{}{}", done.stdout, done.stderr)
}

#[test]
fn who_may_not_sign_or_has_other_content_is_told_what_to_do() {
    let province = published();
    let other = "0".repeat(64);
    let approve = [["approve", "--unseen", "--yes"].as_slice(), DECEMBER].concat();
    let said = vietnamese(&province, &[approve.as_slice(), &["--key", "keys/lan", "--program", &other]].concat());
    assert!(said.contains("không ký; hãy cập nhật thư mục nội dung (git pull) hoặc hỏi người báo mã"), "{said}");
    let said = vietnamese(&province, &[approve.as_slice(), &["--key", "keys/duty"]].concat());
    assert!(
        said.contains("khóa này chỉ giữ vai trò duty, không duyệt chương trình tháng của cụm này; hãy dùng khóa của một vai trò cần có"),
        "{said}"
    );
    let other = [DECEMBER, ["--program", &other].as_slice()].concat();
    province.approve(&other, "lan").code(1).stderr_has("update the content folder (git pull)");
    province
        .approve(DECEMBER, "duty")
        .code(1)
        .stderr_has("does not approve the monthly program of this site; use a key of one of those roles");
}

#[test]
fn a_player_of_an_unknown_site_is_sent_to_its_configuration_and_a_fetch_reads_as_a_sentence() {
    let province = published();
    let config = fs::read_to_string(province.0.path("player.json")).unwrap();
    province.0.write("new.json", config.replace("player/data", "player/new"));
    let said = province.0.player(&["--lang", "vi", "pull", "--config", "new.json"]).success().stdout;
    let bytes =
        said.strip_prefix("bản phát hành 1-1: đã tải ").and_then(|rest| rest.strip_suffix(" byte\n")).unwrap_or_else(|| panic!("{said}"));
    assert!(bytes.contains('.') && bytes.bytes().all(|c| c.is_ascii_digit() || c == b'.'), "{said}");
    province.0.write("other.json", config.replace("player/data", "player/other").replace("\"ta-lung\"", "\"xyz\""));
    let pull = |lang: &str| province.0.player(&["--lang", lang, "pull", "--config", "other.json"]).stderr;
    let said = pull("vi");
    assert!(said.contains("kho không có bản phát hành cho cụm xyz; kiểm tra mục site trong cấu hình và địa chỉ kho"), "{said}");
    let said = pull("en");
    assert!(said.contains("the store has no release for site xyz; check the key site of the configuration"), "{said}");
}

#[test]
fn the_days_of_a_program_are_written_out() {
    let province = Province::new();
    let said = vietnamese(&province, &[["approve", "--unseen", "--yes", "--key", "keys/lan"].as_slice(), DECEMBER].concat());
    assert!(said.contains("tháng 12/2026”, từ 01/12/2026 đến hết 31/12/2026\n"), "{said}");
}

#[test]
fn a_refused_evergreen_program_is_named_once() {
    let province = published();
    for key in ["lan", "hung"] {
        withdraw(&province, key, &[EVERGREEN, &["--reason", "sai"]].concat());
    }
    let said = province.publish(&["--key", "keys/publish"]).code(1);
    let said = format!("{}{}", said.stdout, said.stderr);
    assert!(said.contains("ta-lung: evergreen program ") && !said.contains("evergreen program: program"), "{said}");
}
