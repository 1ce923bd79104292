//! What `withdraw`, and `check` after it, tell people: no line says what is not so, and each names a way that its reader can go.

use std::fs;

use crate::publish::commands::Province;
use crate::withdraw::{DECEMBER, EVERGREEN, LIST, SLIDE, published, withdraw};

const CU_TRU: &[&str] = &["--slide", "phap-luat/cu-tru", "--reason", "sai giờ"];
const BOTH: &[&str] = &["--slide", "phap-luat/cu-tru", "--slide", "du-lich/ban-gioc", "--only", "--reason", "sai"];
const WHOLE: &[&str] = &["--reason", "nhầm chương trình"];

fn in_vietnamese(province: &Province, more: &[&str]) -> String {
    let fixed = ["--lang", "vi", "withdraw", "--key", "keys/lan", "--now", "2026-12-01T09:00"];
    let done = province.0.bangtin(&[fixed.as_slice(), more].concat());
    format!("{}{}", done.stdout, done.stderr)
}

#[test]
fn of_a_program_that_was_withdrawn_whole_before_nothing_else_is_said() {
    for before in [WHOLE, BOTH] {
        let province = published();
        let first = [DECEMBER, before].concat();
        withdraw(&province, "lan", &first).success();
        let again = withdraw(&province, "lan", &first).success();
        assert!(!again.stdout.contains("already withdrawn whole"), "by this very statement: {}", again.stdout);
        let said = withdraw(&province, "lan", CU_TRU).success().stdout;
        assert!(said.contains("\nta-lung, 2026-12: already withdrawn whole (withdrawal 1)\n"), "{said}");
        assert!(!said.contains("a loop has no slide left") && said.contains("ta-lung, evergreen program, screens a: "), "{said}");
        let said = in_vietnamese(&province, CU_TRU);
        assert!(said.contains("\nta-lung, tháng 12/2026: cả chương trình đã thu hồi từ trước (văn bản số 1)\n"), "{said}");
    }
}

#[test]
fn two_evergreen_programs_of_a_site_are_told_apart_and_no_heading_stands_alone() {
    let province = Province::new();
    let list = "content/playlists/evergreen/province.yaml";
    let text = fs::read_to_string(province.0.path(list)).unwrap();
    for revision in ["", "revision: 2\n"] {
        province.0.write(list, format!("{text}{revision}"));
        ["lan", "hung"].iter().for_each(|key| drop(province.approve(EVERGREEN, key).success()));
    }
    let all = [EVERGREEN, WHOLE].concat();
    let label = |text: &str, end: &str| {
        let start = text.find("ta-lung, evergreen program ").unwrap_or_else(|| panic!("{text}"));
        let label = text[start..].split(end).next().unwrap().to_owned();
        assert!(label.ends_with(" (approved 2026-12-01 09:00)"), "{label}");
        label
    };
    let said = withdraw(&province, "lan", &all).code(1);
    let (waiting, left) = (label(&said.stdout, ", screens"), label(&said.stderr, ": still shown"));
    assert_ne!(waiting, left);
    let why = "withdrawal 1 still lacks signatures and must be fully signed first: withdrawals take effect in the order of their numbers";
    let said = said.stderr_has(why).stdout_has("Once it is fully signed and in the store:\n");
    assert!(!said.stdout.contains("takes effect when"), "{}", said.stdout);
    let vietnamese = in_vietnamese(&province, &all);
    let why = "phải ký đủ văn bản số 1 trước, vì các văn bản thu hồi có hiệu lực theo thứ tự số";
    assert!(vietnamese.contains(why) && vietnamese.contains("Khi đủ chữ ký và văn bản đã vào kho:\n"), "{vietnamese}");
    withdraw(&province, "hung", &["--withdrawal", "1"]).success();
    let said = withdraw(&province, "lan", &all).code(1).stdout;
    let (now, then) = said.split_once("Once it is fully signed and in the store:\n").unwrap_or_else(|| panic!("{said}"));
    assert!(now.contains(&waiting) && then.starts_with(&left), "{said}");
}

#[test]
fn what_plays_instead_of_a_program_that_goes_whole_is_named_to_every_signer() {
    let province = published();
    let list = "content/playlists/evergreen/province.yaml";
    let text = fs::read_to_string(province.0.path(list)).unwrap();
    province.0.write(list, format!("{text}revision: 2\n"));
    ["lan", "hung"].iter().for_each(|key| drop(province.approve(EVERGREEN, key).success()));
    province.publish(&["--key", "keys/publish"]).success();
    let whole = [EVERGREEN, WHOLE, &["--to", "store"]].concat();
    let said = withdraw(&province, "lan", &whole).code(1);
    let instead = |said: &str| {
        let rest = said.split("the whole program is no longer shown; evergreen program ").nth(1).unwrap_or_else(|| panic!("{said}"));
        let (digest, rest) = rest.split_once(' ').unwrap();
        assert!(digest.len() == 12 && rest.starts_with("(approved 2026-12-01 09:00) plays instead, which is still published"), "{said}");
        digest.to_owned()
    };
    let rival = instead(&said.stdout);
    let said = said.stdout_has("Step 1: 1 more signature").stderr_has("Step 2, after step 1: a holder of the role that is needed runs:");
    assert!(!said.stdout.contains("plays instead must go"), "{}", said.stdout);
    let said = withdraw(&province, "hung", &["--withdrawal", "1", "--to", "store"]).success();
    assert_eq!(instead(&said.stdout), rival);
    let next = format!("bangtin withdraw {rival} --reason \"nhầm chương trình\" --key keys/hung --to store");
    said.stdout_has(&format!("If what plays instead must go as well, run next:\n  {next}\n"));
    // Nothing is left to play after it.
    let said = withdraw(&province, "hung", &[rival.as_str(), "--reason", "nhầm", "--to", "store"]).code(1);
    assert!(said.stdout.contains("unless another evergreen program is published") && !said.stdout.contains("Step 1"), "{}", said.stdout);
}

#[test]
fn a_program_that_some_have_signed_is_told_from_one_that_is_approved() {
    let province = Province::new();
    let list = "content/playlists/evergreen/province.yaml";
    let text = fs::read_to_string(province.0.path(list)).unwrap();
    for (revision, keys) in [("", ["lan", "hung"].as_slice()), ("revision: 2\n", &["lan"])] {
        province.0.write(list, format!("{text}{revision}"));
        keys.iter().for_each(|key| drop(province.approve(EVERGREEN, key).success()));
    }
    let said = withdraw(&province, "lan", &[EVERGREEN, WHOLE].concat()).code(1);
    let said = format!("{}{}", said.stdout, said.stderr);
    assert!(said.contains(" (approved 2026-12-01 09:00)") && said.contains(" (signed by 1 of 2 as chief)"), "{said}");
    assert!(!said.contains(" (signed by 1 of 2 as chief): still shown"), "{said}");
}

#[test]
fn a_period_that_does_not_limit_a_slide_s_withdrawal_is_said_to_be_none() {
    let province = published();
    let program = fs::read_dir(province.0.path("content/approvals")).unwrap().next().unwrap().unwrap().file_name().into_string().unwrap();
    let limits: [(&[&str], &str, &str); 4] = [
        (DECEMBER, "--month and --site", "--month và --site"),
        (&["--site", "ta-lung"], "--site", "--site"),
        (EVERGREEN, "--evergreen and --site", "--evergreen và --site"),
        (&[&program], "the program named", "chương trình được nêu"),
    ];
    for (named, en, vi) in limits {
        let en = format!("a slide's withdrawal is not limited by {en}; to take it off what is named alone, add --only\n");
        withdraw(&province, "lan", &[named, CU_TRU].concat()).success().stdout_has(&en);
        let said = in_vietnamese(&province, &[named, CU_TRU].concat());
        assert!(said.contains(&format!("{vi} không giới hạn việc thu hồi trang; muốn chỉ bỏ trang ở đó thì thêm --only\n")), "{said}");
    }
    for others in [CU_TRU.to_vec(), [DECEMBER, CU_TRU, &["--only"]].concat(), [DECEMBER, WHOLE].concat()] {
        let said = withdraw(&province, "lan", &others).success().stdout;
        assert!(!said.contains("is not limited"), "{said}");
    }
}

#[test]
fn without_a_store_the_reviewer_is_told_how_she_sends_it_herself() {
    let province = published();
    let said = withdraw(&province, "lan", CU_TRU).success().stdout;
    let last = "NOT SENT by this command: unless it was sent before, the screens still show it. To send it, run this command again with --to STORE.\n";
    assert!(said.ends_with(last), "what decides stands last: {said}");
    assert!(said.contains("\nCommit the folder trust/withdrawals\n"), "{said}");
    assert!(said.contains("Once in the store, it takes effect when each player") && !said.contains("bangtin publish"), "{said}");
    let said = in_vietnamese(&province, CU_TRU);
    assert!(!said.contains("Ghi thư mục trust/withdrawals"), "nothing was signed: {said}");
    let last = "Lệnh này CHƯA đưa gì vào kho: nếu trước đó cũng chưa gửi thì màn hình vẫn chiếu. Để gửi, chạy lại lệnh này với --to KHO.\n";
    assert!(said.ends_with(last), "{said}");
    withdraw(&province, "lan", &[CU_TRU, &["--to", "store"]].concat()).success().stdout_has("Withdrawal 1 is in");
}

#[test]
fn a_program_that_was_withdrawn_whole_is_known_wherever_content_is_planned() {
    let province = published();
    let of = |lang: &str, command: &[&str]| province.0.bangtin(&[&["--lang", lang], command].concat());
    let check = |lang: &str| of(lang, &["check", "--now", "2026-12-01T10:00"]);
    let at = |lang: &str| of(lang, &["at", "ta-lung", "2026-12-03T10:15", "--screen", "a"]);
    let build = || of("en", &["build", "--month", "2026-12", "--site", "ta-lung", "--out", "out"]).success();
    check("en").success();
    assert!(!at("en").success().stdout.contains("withdrawn") && !build().stderr.contains("withdrawn"));
    withdraw(&province, "lan", &[DECEMBER, WHOLE].concat()).success();
    let why = "was withdrawn (withdrawal 1, reason: “nhầm chương trình”)";
    let cause = format!("error[withdrawn-program]: ta-lung: the whole program “Chương trình tháng 12/2026” (2026-12) {why}\n");
    let help = "help: correct the content, or, if it was withdrawn by mistake, write `revision: 2` in playlists/2026-12/province.yaml, and have it approved";
    let said = check("en").code(1).stdout_has(&cause).stdout_has("--> playlists/2026-12/province.yaml\n").stdout_has(help);
    assert_eq!(said.stdout.matches("error[").count(), 1, "{}", said.stdout);
    check("vi").code(1).stdout_has(
        "lỗi[withdrawn-program]: ta-lung: cả chương trình “Chương trình tháng 12/2026” (tháng 12/2026) đã bị thu hồi (văn bản thu hồi số 1",
    );
    at("en").success().stdout_has("(ta-lung/evergreen)").stdout_has(&format!("instead   of 2026-12: the whole program {why}"));
    at("vi").success().stdout_has("thay cho  tháng 12/2026: cả chương trình đã bị thu hồi (văn bản thu hồi số 1");
    let json = of("en", &["at", "ta-lung", "2026-12-03T10:15", "--screen", "a", "--json"]).success();
    json.stdout_has("\"gone\":[\"2026-12\"]").stdout_has("\"program\":\"ta-lung/evergreen\"");
    build().stderr_has(
        "ta-lung: would not be published: the whole program “Chương trình tháng 12/2026” (2026-12) was withdrawn (withdrawal 1",
    );
    // Past, or with the revision that the remedy gives, or with other content: no word of it.
    check("en").code(1);
    of("en", &["check", "--now", "2027-01-01T00:00"]).success();
    let list = fs::read_to_string(province.0.path(LIST)).unwrap();
    province.0.write(LIST, format!("{list}revision: 2\n"));
    check("en").success();
    at("en").success().stdout_has("(ta-lung/2026-12)");
    assert!(!build().stderr.contains("withdrawn"));
    province.0.write(LIST, list);
    check("en").code(1);
    let slide = "content/slides/phap-luat/cu-tru.md";
    province.0.write(slide, SLIDE.replace("30 ngày", "10 ngày"));
    check("en").success();
    // Both programs: the card.
    province.0.write(slide, SLIDE);
    for key in ["lan", "hung"] {
        withdraw(&province, key, &[EVERGREEN, WHOLE].concat());
    }
    assert_eq!(check("en").code(1).stdout.matches("error[withdrawn-program]").count(), 2);
    at("en")
        .success()
        .stdout_has("no program, the built-in card")
        .stdout_has("instead   of evergreen program: the whole program was withdrawn (withdrawal 2");
}

#[test]
fn a_withdrawn_slide_is_pointed_at_where_its_revision_is_set_or_would_be() {
    let province = published();
    withdraw(&province, "lan", CU_TRU).success();
    let slide = "content/slides/phap-luat/cu-tru.md";
    let check = |lang: &str| province.0.bangtin(&["--lang", lang, "check", "--now", "2026-12-01T09:00"]).code(1).stdout;
    let help = "bỏ trang khỏi danh sách phát ở: playlists/2026-12/province.yaml:5, playlists/evergreen/province.yaml:5; hoặc, nếu muốn chiếu trở lại \
                các trang của văn bản số 1, chạy `bangtin revise --withdrawal 1` rồi duyệt lại\n";
    let revised = SLIDE.replace("10s\n", "10s\nrevision: 1\n");
    for (text, place, excerpt) in [(SLIDE, "2:8", "2 | title: Cư trú\n"), (&revised, "7:11", "7 | revision: 1\n")] {
        province.0.write(slide, text);
        let said = check("vi");
        assert!(said.contains(excerpt) && said.contains(help) && !said.contains("| ---"), "{said}");
        assert!(said.contains(&format!("--> slides/phap-luat/cu-tru.md:{place}\n")), "{said}");
    }
    let said = check("en");
    let help = "take it out of the playlists at: playlists/2026-12/province.yaml:5, playlists/evergreen/province.yaml:5; or, to show the slides of \
                withdrawal 1 again, run `bangtin revise --withdrawal 1` and have them approved\n";
    assert!(said.contains(help), "{said}");
}

#[test]
fn at_names_a_withdrawn_slide_and_what_plays_in_its_place() {
    let province = published();
    let at = |more: &[&str]| province.0.bangtin(&[&["at", "ta-lung"], more].concat()).success().stdout;
    let moments: Vec<_> = (0..60).map(|second| format!("2026-12-03T10:15:{second:02}")).collect();
    let due = |moment: &&String| at(&[moment, "--screen", "a"]).contains("slide     phap-luat/cu-tru");
    let moment = moments.iter().find(due).expect("a moment at which the slide plays").as_str();
    withdraw(&province, "lan", CU_TRU).success();
    let said = at(&[moment, "--screen", "a"]);
    assert!(!said.contains("slide     phap-luat/cu-tru") && said.contains("  slide     "), "{said}");
    assert!(said.contains("\n  instead   of slide phap-luat/cu-tru, which was withdrawn (withdrawal 1, reason: “"), "{said}");
    assert!(at(&[moment, "--lang", "vi"]).contains("\n  thay cho  trang phap-luat/cu-tru đã bị thu hồi (văn bản thu hồi số 1"));
    let json: serde_json::Value = serde_json::from_str(&at(&[moment, "--screen", "a", "--json"])).unwrap();
    assert_eq!((&json["withdrawn"], &json["state"]), (&"phap-luat/cu-tru".into(), &"slide".into()));
    assert_ne!(json["slide"], "phap-luat/cu-tru");
    // Its revision raised, it plays again.
    province.0.bangtin(&["revise", "--withdrawal", "1"]).success();
    assert!(at(&[moment, "--screen", "a"]).contains("slide     phap-luat/cu-tru"));
}

/// Asks `at` of screen a at a moment at which a slide is due.
fn at_when_due(province: &Province, slide: &str) -> impl Fn(&[&str]) -> String {
    let sandbox = &province.0;
    let at = |more: &[&str]| sandbox.bangtin(&[&["at", "ta-lung", "--screen", "a"], more].concat()).success().stdout;
    let mut moments = (0..60).map(|second| format!("2026-12-03T10:15:{second:02}"));
    let moment = moments.find(|moment| at(&[moment]).contains(&format!("slide     {slide}\n"))).expect("a moment at which it plays");
    move |more| sandbox.bangtin(&[&["at", "ta-lung", moment.as_str(), "--screen", "a"], more].concat()).success().stdout
}

#[test]
fn at_passes_over_a_slide_that_one_program_alone_has_lost_as_long_as_the_files_build_that_program() {
    let province = published();
    let at = at_when_due(&province, "phap-luat/cu-tru");
    withdraw(&province, "lan", &[DECEMBER, CU_TRU, &["--only"]].concat()).success();
    let said = at(&[]);
    assert!(said.contains("  slide     du-lich/ban-gioc\n"), "{said}");
    let why = "\n  instead   of slide phap-luat/cu-tru, which was withdrawn (withdrawal 1, reason: “sai giờ”) from this program alone; one with \
               other content may show it\n";
    assert!(said.contains(why), "{said}");
    assert!(
        at(&["--lang", "vi"])
            .contains("(văn bản thu hồi số 1, lý do: “sai giờ”) khỏi riêng chương trình này; chương trình có nội dung khác")
    );
    // The player that has taken it shows the same.
    province.publish(&["--key", "keys/publish"]).success();
    // Other months play the evergreen program, which keeps it.
    let evergreen = |second: u8| province.0.bangtin(&["at", "ta-lung", &format!("2027-02-04T10:15:{second:02}"), "--screen", "a"]).stdout;
    assert!((0..60).any(|second| evergreen(second).contains("slide     phap-luat/cu-tru\n")));
    // Another program of the month does, too.
    let list = fs::read_to_string(province.0.path(LIST)).unwrap();
    province.0.write(LIST, format!("{list}revision: 2\n"));
    assert!(at(&[]).contains("slide     phap-luat/cu-tru\n"));
}

#[test]
fn at_goes_on_with_the_evergreen_program_where_slides_take_the_whole_month_with_them() {
    let province = published();
    let at = at_when_due(&province, "phap-luat/cu-tru");
    // One key: it empties the month's loop, which is gone whole (W6), and may not empty the evergreen one (W5).
    let both = ["--slide", "phap-luat/cu-tru", "--slide", "du-lich/ban-gioc", "--reason", "sai cả hai"];
    withdraw(&province, "lan", &both);
    let said = at(&[]);
    assert!(said.contains("(ta-lung/evergreen)") && said.contains("  slide     "), "{said}");
    assert!(said.contains("\n  instead   of 2026-12: the whole program was withdrawn (withdrawal 1, reason: “sai cả hai”)"), "{said}");
    assert!(!said.contains("instead   of slide"), "{said}");
    // With the threshold it is empty too.
    withdraw(&province, "hung", &both);
    let said = at(&[]);
    assert!(!said.contains("  slide     "), "{said}");
}

#[test]
fn at_says_that_a_slide_looks_like_a_withdrawn_one() {
    let province = published();
    let copy = "content/slides/phap-luat/ban-sao.md";
    let list = fs::read_to_string(province.0.path(LIST)).unwrap();
    province.0.write(copy, SLIDE).write(LIST, format!("{list}  - slide: phap-luat/ban-sao.md\n"));
    let at = at_when_due(&province, "phap-luat/ban-sao");
    assert!(!at(&[]).contains("the same as"));
    withdraw(&province, "lan", CU_TRU).success();
    let said = at(&[]);
    let note = "\n  note      the same as phap-luat/cu-tru, which was withdrawn (withdrawal 1, reason: “sai giờ”): shown only where it was published \
                before, no new release may show it\n";
    assert!(said.contains("slide     phap-luat/ban-sao\n") && said.contains(note), "{said}");
    let json: serde_json::Value = serde_json::from_str(&at(&["--json"])).unwrap();
    assert_eq!((&json["copy_of"], &json["slide"]), (&"phap-luat/cu-tru".into(), &"phap-luat/ban-sao".into()));
    province.0.write(copy, SLIDE.replace("30 ngày", "60 ngày"));
    assert!(!at(&[]).contains("the same as"));
}
