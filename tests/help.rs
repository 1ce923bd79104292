//! The command line's help: complete in both languages, one language at a time; colour only on request.

use std::collections::BTreeMap;

use crate::harness::{Finished, Sandbox};

const BINARIES: [&str; 2] = [env!("CARGO_BIN_EXE_bangtin"), env!("CARGO_BIN_EXE_bangtin-player")];

/// Runs without line wrapping.
fn wide(binary: &str, args: &[&str]) -> String {
    let output = Sandbox::new().command(binary, args).env("COLUMNS", "10000").output().expect("a run");
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A help text: its headings, and each row's name with its placeholder and its description.
struct Help {
    about: String,
    headings: Vec<String>,
    rows: BTreeMap<String, (String, String)>,
}

fn help(binary: &str, command: &[String], lang: &str) -> Help {
    let args: Vec<&str> = command.iter().map(String::as_str).chain(["--help", "--lang", lang]).collect();
    let text = wide(binary, &args);
    assert!(!text.contains(" | "), "{text}");
    let mut lines = text.lines();
    let about = lines.next().unwrap_or_default().to_owned();
    let (mut headings, mut rows) = (Vec::new(), BTreeMap::new());
    for line in lines.filter(|line| !line.is_empty()) {
        let Some(row) = line.strip_prefix("  ") else {
            headings.push(line.split_once(':').expect("a heading").0.to_owned());
            continue;
        };
        let (name, description) = row.trim_start().split_once("  ").unwrap_or_else(|| panic!("a row on one line: {line}"));
        let (name, placeholder) = name.split_once(['<', '[']).unwrap_or((name, ""));
        let name = if name.is_empty() { format!("#{}", rows.len()) } else { name.trim().to_owned() };
        rows.insert(name, (placeholder.to_owned(), description.trim().to_owned()));
    }
    Help { about, headings, rows }
}

fn vietnamese(text: &str) -> bool {
    text.replace("Bảng Tin", "").replace("QĐ-SVHTTDL", "").chars().any(|c| c.is_alphabetic() && !c.is_ascii())
}

/// Every command, from the help itself.
fn commands(binary: &str, above: &[String], all: &mut Vec<Vec<String>>) {
    let text = wide(binary, &above.iter().map(String::as_str).chain(["--help", "--lang", "en"]).collect::<Vec<_>>());
    all.push(above.to_vec());
    let listed = text.split("Commands:\n").nth(1).unwrap_or_default().split("\n\n").next().unwrap_or_default();
    for name in listed.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        commands(binary, &[above, &[name.to_owned()]].concat(), all);
    }
}

#[test]
fn help_is_given_also_to_who_asks_help_for_it() {
    let [office, player] = BINARIES;
    let cases: [(&str, &[&str]); 5] = [
        (office, &["help"]),
        (office, &["trust", "help"]),
        (office, &["keys", "help"]),
        (office, &["help", "trust", "sign"]),
        (player, &["help"]),
    ];
    for (binary, command) in cases {
        for lang in ["vi", "en"] {
            let plain = wide(binary, &[command, &["--lang", lang]].concat());
            for flag in ["--help", "-h"] {
                assert_eq!(wide(binary, &[command, &[flag, "--lang", lang]].concat()), plain, "{command:?} {flag}");
                assert_eq!(wide(binary, &[&["--lang", lang], command, &[flag]].concat()), plain, "{command:?} {flag}");
            }
        }
    }
}

#[test]
fn the_help_of_every_command_is_whole_in_one_language() {
    for binary in BINARIES {
        let mut all = Vec::new();
        commands(binary, &[], &mut all);
        assert!(all.len() > 4, "{all:?}");
        for command in &all {
            let (en, vi) = (help(binary, command, "en"), help(binary, command, "vi"));
            assert!(
                en.headings
                    .iter()
                    .all(|heading| ["Usage", "Commands", "Arguments", "Options", "Common options"].contains(&heading.as_str())),
                "{command:?}"
            );
            assert!(
                vi.headings
                    .iter()
                    .all(|heading| ["Cách dùng", "Lệnh", "Tham số", "Tùy chọn", "Tùy chọn chung"].contains(&heading.as_str())),
                "{command:?}"
            );
            assert!(!vietnamese(&en.about) && vietnamese(&vi.about), "{command:?}: {} {}", en.about, vi.about);
            assert_eq!(en.rows.keys().collect::<Vec<_>>(), vi.rows.keys().collect::<Vec<_>>(), "{command:?}");
            for (name, (placeholder, description)) in &en.rows {
                let (vi_placeholder, vi_description) = &vi.rows[name];
                assert!(!vietnamese(description), "{command:?} {name}: {description}");
                assert!(vietnamese(vi_description), "{command:?} {name}: {vi_description}");
                for word in ["default", "possible", "values", "Print"] {
                    assert!(!vi_description.contains(word), "{command:?} {name}: {vi_description}");
                }
                let same = placeholder.is_empty() || placeholder == "N>";
                assert!(same == (placeholder == vi_placeholder), "{command:?} {name}: {placeholder} {vi_placeholder}");
            }
        }
    }
}

#[test]
fn the_options_of_every_command_stand_apart_from_its_own() {
    let text = wide(BINARIES[0], &["check", "--help", "--lang", "vi"]);
    let (own, common) = text.split_once("\n\nTùy chọn chung:\n").expect("common options");
    let names = |text: &str| -> Vec<String> {
        text.split_whitespace().filter(|word| word.starts_with("--")).map(|word| word.trim_end_matches(',').to_owned()).collect()
    };
    assert_eq!(names(common), ["--content", "--lang", "--color", "--quiet", "--help"], "{text}");
    assert!(own.contains("\nTùy chọn:\n") && own.contains("--format") && !own.contains("--lang"), "{text}");
}

#[test]
fn the_language_may_stand_anywhere() {
    for args in [
        &["--lang", "vi", "trust", "add", "--help"][..],
        &["trust", "add", "--help", "--lang=vi"],
        &["help", "trust", "add", "--lang", "vi"],
        &["trust", "add", "-h", "--lang", "vi", "--color", "never"],
    ] {
        let text = wide(BINARIES[0], args);
        assert!(text.contains("Cách dùng: bangtin trust add [TÙY_CHỌN] <VAI_TRÒ=TỆP.pub>..."), "{text}");
    }
    let output = Sandbox::new().command(BINARIES[0], &["--help"]).env("LC_ALL", "vi_VN.UTF-8").output().expect("a run");
    assert!(String::from_utf8_lossy(&output.stdout).contains("Tùy chọn chung:"));
}

#[test]
fn wrong_arguments_are_said_in_one_language() {
    let cases: [(&[&str], &str, &str); 14] = [
        (&["chck"], "không có lệnh “chck”", "there is no command “chck”"),
        (&["chck"], "có phải “check”?", "did you mean “check”?"),
        (&["chek"], "có phải “check”?\n", "did you mean “check”?\n"),
        (&["approve", "--key", "k"], "|--evergreen>", "<--month <MONTH>|--evergreen>"),
        (&["serve", "--store", "s", "--listen", "x"], "không phải địa chỉ", "not an address"),
        (&["check", "--fromat", "x"], "có phải “--format”?", "did you mean “--format”?"),
        (&["check", "--format", "xml"], "các giá trị: human, json, github", "the values are: human, json, github"),
        (&["check", "--format"], "cần một giá trị: human", "needs a value: human"),
        (&["build"], "thiếu tham số bắt buộc:\n  --out <THƯ_MỤC>", "required arguments are missing:\n  --out <DIR>"),
        (
            &["build", "--out", "x", "--month", "2026-12", "--evergreen"],
            "không dùng cùng với --evergreen",
            "can't be used with --evergreen",
        ),
        (&["build", "--out", "x", "--out", "y"], "chỉ được nêu một lần", "can be given only once"),
        (&["at", "a", "b", "c"], "không nhận tham số “c”", "there is no argument “c”"),
        (&["store", "-q"], "sau “bangtin store” cần một lệnh: check, prune", "“bangtin store” needs a command: check, prune"),
        (&["store", "prune", "x", "--keep-months", "9999"], "cần một số nguyên trong phạm vi cho phép", "9999 is not in 0..=1200"),
    ];
    for (args, vi, en) in cases {
        for (lang, said) in [("vi", vi), ("en", en)] {
            let done = Sandbox::new().bangtin(&[args, &["--lang", lang]].concat()).code(2).stderr_has(said);
            let other = if lang == "vi" { ["error", "Usage", "For more"] } else { ["lỗi", "Cách dùng", "Xem thêm"] };
            assert!(other.iter().all(|word| !done.stderr.contains(word)), "{}", done.stderr);
        }
    }
}

#[test]
fn colour_is_where_it_is_asked_for() {
    let folder = Sandbox::new();
    folder.write("content/bangtin.yaml", "titel: x\n");
    let escaped = |done: &Finished| (done.stdout.contains('\u{1b}'), done.stderr.contains('\u{1b}'));
    assert_eq!(escaped(&folder.bangtin(&["check"])), (false, false), "a pipe, and NO_COLOR");
    assert_eq!(escaped(&folder.bangtin(&["check", "--color", "never"])), (false, false));
    let always = folder.bangtin(&["check", "--color", "always", "--lang", "vi"]);
    assert!(always.stdout.contains("\u{1b}[1m\u{1b}[31mlỗi["), "{:?}", always.stdout);
    assert_eq!(escaped(&folder.bangtin(&["--help"])), (false, false));
    assert_eq!(escaped(&folder.bangtin(&["--help", "--color", "always"])), (true, false));
    assert_eq!(escaped(&folder.bangtin(&["chck", "--color=always"])), (false, true));
    assert_eq!(escaped(&folder.bangtin(&["chck"])), (false, false));
    assert_eq!(escaped(&folder.bangtin(&["at", "a", "2026-12-03", "--color", "always"])), (false, true));
}
