//! `bangtin check --render`: pages measured in a real Chromium, what is remembered of them, and browsers that are absent, dead or silent.

use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::{Finished, Sandbox, repository};

/// A title and a body in a box that is fitted, and a foot of one line that is not.
const LAYOUT: &str = r#"<!doctype html>
<html lang="{{ lang }}" data-floor="{{ floor }}">
<meta charset="utf-8">
<title>{{ title }}</title>
<link rel="stylesheet" href="{{ root }}theme/theme.css">
<div class="copy" data-fit><h1>{{ title }}</h1>{{ body }}</div>
<p class="foot">{% if texts.subtitle %}{{ texts.subtitle }}{% endif %}</p>
</html>
"#;
const STYLE: &str = "\
@font-face { font-family: \"Own\"; font-weight: 500; src: url(fonts/own.woff2) format(\"woff2\"); }
@font-face { font-family: \"Han\"; font-weight: 500; src: url(fonts/han.woff2) format(\"woff2\"); }
body { margin: 0; font-size: 60px; font-family: \"Own\", \"Han\"; font-weight: 500; }
h1 { font-size: 1.5em; font-weight: 500; }
.copy { position: absolute; top: 40px; left: 60px; right: 60px; bottom: 120px; overflow: hidden; font-size: calc(var(--fit, 1) * 60px); }
.foot { position: absolute; left: 60px; width: 800px; bottom: 20px; margin: 0; overflow: hidden; white-space: nowrap; font-size: 40px; }
";

/// Content without a fault whose pages are measured: two slides on two faces.
fn sound() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy("tests/check/sound", ".");
    let theme = "content/themes/plain";
    sandbox.write(&format!("{theme}/layouts/text.html"), LAYOUT).write(&format!("{theme}/theme.css"), STYLE);
    let fonts = repository().join("themes/caobang/fonts");
    let han = fs::read_dir(&fonts).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.to_string_lossy().contains("noto-sans-sc"));
    for (name, from) in [
        ("own", fonts.join("be-vietnam-pro-500.woff2")),
        ("han", han.filter(|path| path.extension().is_some_and(|end| end == "woff2")).unwrap()),
    ] {
        sandbox.write(&format!("{theme}/fonts/{name}.woff2"), fs::read(from).unwrap());
    }
    sandbox.replace(
        "content/sites/ta-lung.yaml",
        "{id: b, width: 1920, height: 1080, loop: same-as-a}",
        "{id: b, width: 1280, height: 640}",
    );
    fs::remove_file(sandbox.path("content/slides/co-so/chao.en.md")).unwrap();
    fs::create_dir(sandbox.path("tmp")).unwrap();
    sandbox
}

trait Preflight {
    fn replace(&self, name: &str, from: &str, to: &str) -> &Self;
    fn check(&self, args: &[&str]) -> Finished;
}

impl Preflight for Sandbox {
    fn replace(&self, name: &str, from: &str, to: &str) -> &Self {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} holds no {from}");
        self.write(name, text.replace(from, to))
    }

    /// Runs the check with a cache and temporary files of its own, and no profile left behind.
    fn check(&self, args: &[&str]) -> Finished {
        let mut command = self.command(env!("CARGO_BIN_EXE_bangtin"), &[&["check", "--render"], args].concat());
        let output = command.env("XDG_CACHE_HOME", self.path("cache")).env("TMPDIR", self.path("tmp")).output().unwrap();
        assert_eq!(fs::read_dir(self.path("tmp")).unwrap().count(), 0, "a profile is left");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Finished { code: output.status.code().unwrap_or(-1), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

#[test]
fn a_page_is_measured_again_only_after_something_in_it_has_changed() {
    let sandbox = sound();
    let measured = |all: usize, now: usize| {
        let done = sandbox.check(&[]).success();
        assert_eq!(
            (done.stdout.as_str(), done.stderr),
            ("", format!("0 errors, 0 warnings; 2 schedules checked; {all} pages measured, {now} of them now\n"))
        );
    };
    measured(4, 4);
    measured(4, 0);
    sandbox.replace("content/slides/co-so/chao.md", "Kính chào quý khách.", "Kính chào.");
    measured(4, 2);
    sandbox.replace("content/sites/ta-lung.yaml", "{id: b, width: 1280, height: 640}", "{id: b, width: 1280, height: 720}");
    measured(4, 2);
    sandbox.replace("content/themes/plain/theme.css", "font-size: 40px", "font-size: 41px");
    measured(4, 4);
}

/// Edits of files, then heading, place and another part of what is said.
type Case<'a> = (&'a [(&'a str, &'a str, &'a str)], &'a str, &'a str, &'a str);

#[test]
fn each_fault_of_a_page_is_one_finding_at_its_words_and_no_other() {
    let (slide, style) = ("content/slides/co-so/chao.md", "content/themes/plain/theme.css");
    let long = (1..=400).map(|number| format!("chữ{number}")).collect::<Vec<_>>().join(" ");
    let foot = format!("title: Chào mừng\nsubtitle: Điện thoại {}", "0206 3 852 229 ".repeat(9).trim_end());
    let cases: [Case<'_>; 6] = [
        (
            &[(slide, "Kính chào quý khách.", &long)],
            "error[text-lost]: words are lost from “chữ",
            "  --> slides/co-so/chao.md:7:",
            "on screens of 1280×640, 1920×1080; worst on ",
        ),
        (
            &[(slide, "title: Chào mừng", &foot)],
            "error[text-lost]: words are lost from “",
            "  --> slides/co-so/chao.md:3:",
            "the box “foot” is",
        ),
        (
            &[(slide, "title: Chào mừng", "title: Chào mừng\nsubtitle: Chân trang"), (style, "font-size: 40px", "font-size: 24px")],
            "warning[letters-small]: letters are too small on screens of 1920×1080: capitals in “foot” are",
            "  --> slides/co-so/chao.md:2:",
            "and 21.6 are needed",
        ),
        (
            &[(slide, "title: Chào mừng", "title: Chào mừng\nsubtitle: Chân trang"), (style, "font-size: 40px", "font-size: 7px")],
            "error[letters-small]: letters are too small on screens of 1280×640, 1920×1080; worst on 1920×1080: capitals in “foot” are",
            "  --> slides/co-so/chao.md:2:",
            "and 21.6 are needed",
        ),
        (
            &[
                (slide, "title: Chào mừng", "title: Chào mừng\nsubtitle: Chân trang"),
                (style, "margin: 0; overflow", "margin: 0; font-family: \"Han\"; overflow"),
            ],
            "error[no-glyph]: the browser finds no font of the theme with the characters C h",
            "  --> slides/co-so/chao.md:2:",
            "on screens of 1280×640, 1920×1080",
        ),
        (
            &[
                (slide, "title: Chào mừng", &format!("title: {}", "Chào mừng ".repeat(22).trim_end())),
                (style, "h1 { font-size: 1.5em;", "h1 { white-space: nowrap; font-size: 1.5em;"),
            ],
            "error[text-lost]: words are lost from “",
            "  --> slides/co-so/chao.md:2:",
            "the letters are as small as can be read",
        ),
    ];
    for (edits, heading, place, rest) in cases {
        let sandbox = sound();
        for (name, from, to) in edits {
            sandbox.replace(name, from, to);
        }
        let done = sandbox.check(&[]);
        let (errors, warnings) = (done.stdout.matches("error[").count(), done.stdout.matches("warning[").count());
        assert_eq!((errors + warnings, done.code), (1, i32::from(errors == 1)), "{}{}", done.stdout, done.stderr);
        for part in [heading, place, rest] {
            assert!(done.stdout.contains(part), "{part}:\n{}", done.stdout);
        }
        let vi = sandbox.check(&["--lang", "vi"]).stdout;
        assert!(vi.contains("cách sửa:") && vi.contains("màn hình") && !vi.contains("screens"), "{vi}");
    }
}

#[test]
fn the_estimate_of_a_check_without_browser_gives_way_to_what_was_measured() {
    let sandbox = sound();
    let items = (1..=22).map(|number| format!("- Mục {number}\n")).collect::<String>();
    sandbox.replace("content/slides/co-so/chao.md", "Kính chào quý khách.", &items);
    sandbox.replace("content/themes/plain/theme.css", "h1 {", "li { float: left; width: 30%; } h1 {");
    assert!(sandbox.bangtin(&["check"]).success().stdout.contains("warning[may-not-fit]"));
    assert_eq!(sandbox.check(&[]).success().stdout, "");
}

#[test]
fn what_was_measured_stands_in_json_too() {
    let sandbox = sound();
    sandbox.replace("content/themes/plain/theme.css", "font-size: 40px", "font-size: 24px");
    sandbox.replace("content/slides/co-so/chao.md", "title: Chào mừng", "title: Chào mừng\nsubtitle: Chân trang");
    let done = sandbox.check(&["--format", "json"]).success();
    let report: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(report["measured"], serde_json::json!({ "pages": 4, "anew": 4 }));
    assert_eq!((&report["faults"][0]["code"], &report["faults"][0]["place"]["line"]), (&"letters-small".into(), &2.into()));
    let plain: serde_json::Value = serde_json::from_str(&sandbox.bangtin(&["check", "--format", "json"]).success().stdout).unwrap();
    assert!(plain.get("measured").is_none());
}

#[test]
fn a_browser_that_is_absent_or_dies_is_told_beside_all_other_faults() {
    let sandbox = sound();
    sandbox.replace("content/playlists/2026-12/province.yaml", "  - slide: co-so/chao.md\n", "");
    let absent = sandbox.command(env!("CARGO_BIN_EXE_bangtin"), &["check", "--render"]).env("PATH", sandbox.path("tmp")).output().unwrap();
    let said = String::from_utf8_lossy(&absent.stderr).into_owned();
    assert!(
        absent.status.code() == Some(3) && said.contains("there is no browser to measure pages with") && said.contains("--browser"),
        "{said}"
    );
    sandbox.check(&["--browser", "nothing"]).code(2).stderr_has("--browser: ").stderr_has("nothing is no file");
    sandbox.bangtin(&["check", "--browser", "x"]).code(2).stderr_has("--render");
    let path = stub(&sandbox, "env > env; echo 'cannot open display' >&2");
    let done = sandbox
        .check(&["--browser", &path])
        .code(3)
        .stderr_has("the pages are not measured: the browser ended before it was done – “cannot open display”");
    assert!(done.stderr.contains("0 errors, 0 warnings; 2 schedules checked\n"), "{}", done.stderr);
    let given = fs::read_to_string(sandbox.path("env")).unwrap();
    let names = given
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .filter(|name| !["PWD", "_", "SHLVL", "OLDPWD"].contains(name));
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    assert_eq!(names, ["HOME", "PATH", "TMPDIR"], "the browser is given no other variable of the process");
}

#[test]
fn an_interrupted_check_leaves_neither_browser_nor_profile() {
    let sandbox = sound();
    let path = stub(&sandbox, "exec sleep 600");
    let mut child = sandbox
        .command(env!("CARGO_BIN_EXE_bangtin"), &["check", "--render", "--browser", &path])
        .env("XDG_CACHE_HOME", sandbox.path("cache"))
        .env("TMPDIR", sandbox.path("tmp"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    let started = || fs::read_to_string(sandbox.path("id")).ok().filter(|id| id.ends_with('\n'));
    while started().is_none() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(10));
    }
    sandbox.run("kill", &["-INT", &child.id().to_string()]).success();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(fs::read_dir(sandbox.path("tmp")).unwrap().count(), 0, "a profile is left");
    let id = started().unwrap();
    while fs::metadata(format!("/proc/{}", id.trim())).is_ok() {
        assert!(Instant::now() < until, "the browser is left");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A program of these lines of the shell in place of a browser; it writes its number into `id`.
fn stub(sandbox: &Sandbox, lines: &str) -> String {
    let path = sandbox.path("stub");
    sandbox.write("stub", format!("#!/bin/sh\necho $$ > '{}'\n{lines}\n", sandbox.path("id").display()));
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    path.display().to_string()
}

#[test]
fn the_sample_content_has_no_fault_on_any_face() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    let done = sandbox.bangtin(&["check", "--render", "--month", "2026-12"]).success();
    assert!(
        done.stdout.is_empty() && done.stderr.contains("0 errors, 0 warnings; 2 schedules checked; "),
        "{}{}",
        done.stdout,
        done.stderr
    );
}

#[test]
fn a_chinese_page_alone_has_the_characters_of_its_date() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    for entry in fs::read_dir(sandbox.path("content/playlists/2026-12")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let head = text.split("entries:").next().unwrap();
        fs::write(&path, format!("{head}entries:\n  - slide: co-so/so-khan-cap.zh.md\n")).unwrap();
    }
    fs::create_dir(sandbox.path("tmp")).unwrap();
    let done = sandbox.check(&["--month", "2026-12", "--site", "ta-lung"]);
    assert!(
        !done.stdout.contains("no-glyph") && done.stderr.contains("; 2 pages measured, 2 of them now"),
        "{}{}",
        done.stdout,
        done.stderr
    );
}
