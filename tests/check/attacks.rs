//! Hostile content, generated here: what `bangtin check` and `bangtin build` report, and that it costs them little. Each command runs with
//! bounded memory and CPU time, so that a bomb fails the test and not the machine.

use std::fs;

use bangtin::content::model::{self, LoadedContent};
use bangtin::content::source;
use bangtin::program::validate::Program;

use super::sound;
use crate::harness::{Finished, Sandbox, repository, tree};
use crate::publish::commands::Province;
use crate::publish::province::SLIDE;
use crate::trust::kit::manifest;

/// Address space and CPU seconds. A debug build's threads and allocator reserve most of the address space.
const BOUNDS: [&str; 3] = ["--as=2147483648", "--cpu=20", "--core=0"];

/// Runs the office binary within these bounds.
fn bounded(sandbox: &Sandbox, args: &[&str]) -> Finished {
    sandbox.run("prlimit", &[&BOUNDS[..], &[env!("CARGO_BIN_EXE_bangtin")], args].concat())
}

fn load(sandbox: &Sandbox) -> LoadedContent {
    model::build_content(&source::read(&sandbox.path("content")).expect("a readable folder"))
}

/// Code and line of every fault of one file.
fn faults(sandbox: &Sandbox, name: &str) -> Vec<(&'static str, u32)> {
    let loaded = load(sandbox);
    loaded.faults.iter().filter(|fault| fault.place.path == name).map(|fault| (fault.code, fault.place.line)).collect()
}

fn slide(body: &str) -> String {
    format!("---\ntitle: Chào\nagency: so-tttt\ncategory: co-so\nlayout: text\n---\n{body}")
}

#[test]
fn a54_yaml_bombs_are_refused_at_their_line_and_cost_little() {
    let aliases = (1..=9).fold("a0: &a0 [x, x]\n".to_owned(), |all, n| all + &format!("a{n}: &a{n} [*a{0}, *a{0}, *a{0}]\n", n - 1));
    let many = |line: &str, count: usize| line.repeat(count);
    let bombs: [(&str, String, &str, u32); 14] = [
        ("aliases of aliases", aliases, "yaml-refused", 1),
        ("an alias of nothing", "days: *x\n".into(), "yaml-refused", 1),
        ("nested brackets", format!("days:\n{}", many(&format!("{}\n", "[".repeat(15_000)), 60)), "yaml-too-deep", 2),
        ("nested dashes", format!("days:\n  {}\n", "- ".repeat(8_000)), "yaml-too-deep", 2),
        ("nested maps", (0..900).fold(String::new(), |all, n| all + &" ".repeat(n) + "a:\n"), "yaml-too-deep", 17),
        ("one endless line", format!("days: {}\n", "x".repeat(900_000)), "line-too-long", 1),
        ("too many values", format!("days:\n{}", many("  - 1\n", 30_000)), "yaml-too-long", 20_001),
        ("a hundred megabytes", many("days: []\n", 12 << 20), "file-too-large", 0),
        ("a key ten thousand times", many("days: []\n", 10_000), "duplicate-key", 2),
        ("ten thousand unknown keys", (0..9_000).fold(String::new(), |all, n| all + &format!("k{n}: 1\n")), "unknown-key", 1),
        ("invisible characters", format!("days: []\n# {}\n", many("\u{200b}", 5_000)), "hidden-character", 2),
        ("a tag", "days: !!python/object/apply:os.system [id]\n".into(), "yaml-refused", 1),
        ("a merge key", "days: []\n<<: {a: 1}\n".into(), "yaml-refused", 2),
        ("quotes full of escapes", format!("days: [\n{}]\n", many("\"\\u202e\", \n", 9_000)), "hidden-character", 2),
    ];
    for (name, text, code, line) in bombs {
        let sandbox = sound();
        sandbox.write("content/calendar/2026.yaml", &text);
        let done = bounded(&sandbox, &["check"]).code(1);
        let place = if line == 0 { "calendar/2026.yaml".to_owned() } else { format!("--> calendar/2026.yaml:{line}") };
        let first = done.stdout.find(&format!("error[{code}]")).unwrap_or_else(|| panic!("{name}: no {code}\n{done:?}"));
        assert!(done.stdout[first..].contains(&place), "{name}: not {place}\n{}", &done.stdout[..2_000.min(done.stdout.len())]);
        let named = done.stdout.matches("calendar/2026.yaml").count();
        assert!(named <= 101 && done.stdout.len() < 1 << 20, "{name}: {named} faults, {} bytes", done.stdout.len());
    }
}

#[test]
fn a54_markdown_bombs_cost_little() {
    let bombs = [
        ("quotes in quotes", format!("{}a\n", "> ".repeat(8_000))),
        ("quotes in lists", format!("{}a\n", "> - ".repeat(4_000)).repeat(50)),
        ("lists on one line", format!("{}a\n", "- ".repeat(8_000))),
        ("a list a line deeper", (0..1_000).fold(String::new(), |all, n| all + &"  ".repeat(n) + "- a\n")),
        ("lists in lists", (0..1_000).fold(String::new(), |all, n| all + &" ".repeat(2 * (n % 900)) + "* a\n")),
        ("open brackets", format!("{}\n", "[".repeat(16_000)).repeat(40)),
        ("open pictures", format!("{}\n", "![a](".repeat(3_000)).repeat(20)),
        ("stars", format!("{}a\n", "*a **a ".repeat(2_000)).repeat(20)),
        ("references", (0..9_000).fold("[a]: #b\n".to_owned(), |all, _| all + "[a][a] ")),
        ("raw html", "<b><i></i></b>\n\n".repeat(9_000)),
        ("entities", "&#x202e; ".repeat(1_500) + &"\n&#x200b;".repeat(9_000)),
    ];
    for (name, body) in bombs {
        let sandbox = sound();
        sandbox.write("content/slides/co-so/chao.md", slide(&body));
        let done = bounded(&sandbox, &["check"]);
        assert!([0, 1].contains(&done.code), "{name}: {}", done.stderr);
        let nested = ["quotes in", "lists", "a list a line"].iter().any(|kind| name.starts_with(kind));
        assert_eq!(done.stdout.matches("error[markdown-too-deep]").count(), usize::from(nested), "{name}: {}", done.stdout);
        let named = done.stdout.matches("--> slides/co-so/chao.md").count();
        assert!(named <= 101 && done.stdout.len() < 2 << 20, "{name}: {named} faults, {} bytes", done.stdout.len());
    }
}

#[test]
fn a55_words_that_yaml_takes_for_something_else_are_errors_or_stay_as_written() {
    let words = [
        "no",
        "No",
        "yes",
        "on",
        "off",
        "y",
        "true",
        "null",
        "~",
        "12:30",
        "1:30:00",
        "190:20:30",
        "0o17",
        "017",
        "0x1F",
        "1_000",
        "1e3",
        ".inf",
        ".nan",
        "+5",
        "1.0",
        "2026-02-30",
        "2026-13-01",
        "2026-2-3",
        "20261203",
        "2026-12-03T10:00:00Z",
        "=",
        "<<",
        "0.1",
    ];
    let sandbox = sound();
    let site = fs::read_to_string(sandbox.path("content/sites/ta-lung.yaml")).unwrap();
    for word in words {
        // A number, a date and a duration accept none of these.
        sandbox.write("content/sites/ta-lung.yaml", site.replace("volume: 60", &format!("volume: {word}")));
        assert!(faults(&sandbox, "sites/ta-lung.yaml").contains(&("wrong-value", 11)) || word == "~" || word == "null", "volume: {word}");
        assert!(load(&sandbox).has_errors(), "volume: {word}");
        sandbox.write("content/sites/ta-lung.yaml", &site);
        for key in ["duration", "revision", "valid"] {
            let value = if key == "valid" { format!("{{until: {word}}}") } else { word.to_owned() };
            sandbox
                .write("content/slides/co-so/chao.md", slide("x\n").replace("layout: text\n", &format!("layout: text\n{key}: {value}\n")));
            assert!(load(&sandbox).has_errors(), "{key}: {word}");
        }
        // Ambiguous text is refused, all other text is kept exactly.
        sandbox.write("content/slides/co-so/chao.md", slide("x\n").replace("title: Chào", &format!("title: {word}")));
        let loaded = load(&sandbox);
        if loaded.has_errors() {
            let found = faults(&sandbox, "slides/co-so/chao.md");
            assert!(!found.is_empty() && found.iter().all(|(_, line)| *line == 2), "title: {word}");
        } else {
            let content = loaded.content.expect("content");
            assert!(content.slides.values().any(|slide| slide.title == word), "title: {word}");
        }
        fs::copy(repository().join("tests/check/sound/content/slides/co-so/chao.md"), sandbox.path("content/slides/co-so/chao.md"))
            .unwrap();
    }
}

/// A filter could have holes, so there is none: all raw HTML is refused, harmless elements too, and no sanitizer is linked.
#[test]
fn a57_no_list_of_allowed_html_exists() {
    let sandbox = sound();
    for piece in [
        "<b>b</b>",
        "<em>b</em>",
        "a<br>b",
        "a<br/>b",
        "<p>b</p>",
        "<span>b</span>",
        "<ul><li>b</li></ul>",
        "<kbd>b</kbd>",
        "<hr>",
        "H<sub>2</sub>O",
    ] {
        sandbox.write("content/slides/co-so/chao.md", slide(&format!("Một dòng.\n\n{piece}\n")));
        assert!(faults(&sandbox, "slides/co-so/chao.md").contains(&("raw-html", 9)), "{piece}");
    }
    let linked = fs::read_to_string(crate::harness::repository().join("Cargo.lock")).unwrap();
    for filter in ["ammonia", "html5ever", "lol_html", "sanitize_html", "html-escape"] {
        assert!(!linked.contains(&format!("name = \"{filter}\"")), "{filter}: say in docs/security.md why there is no hole in it");
    }
}

#[test]
fn a56_raw_html_is_refused_wherever_it_stands() {
    let pieces = [
        "<script>alert(1)</script>",
        "a <b onclick=x>b</b>",
        "<svg onload=alert(1)>",
        "<svg><foreignObject><script>x</script></foreignObject></svg>",
        "<math><annotation-xml encoding=\"text/html\"><img src=x onerror=y></annotation-xml></math>",
        "<style>@import url(//x.vn)</style>",
        "<iframe src=\"https://x.vn\"></iframe>",
        "<!-- a comment --> b",
        "<?php a ?>",
        "<![CDATA[a]]>",
        "<img src=x onerror=alert(1)>",
        "- a\n  - <marquee>b</marquee>",
        "> <form action=x>",
        "| a |\n| - |\n| <object data=x> |",
        "# <a href=x>b</a>",
        "![<b>a</b>](thac.png)\n\n<base href=x>",
    ];
    let sandbox = sound();
    for piece in pieces {
        sandbox.write("content/slides/co-so/chao.md", slide(&format!("Một dòng.\n\n{piece}\n")));
        let found = faults(&sandbox, "slides/co-so/chao.md");
        let line = 9 + u32::try_from(piece.find('<').map_or(0, |at| piece[..at].matches('\n').count())).unwrap();
        let last = 9 + u32::try_from(piece.matches('\n').count()).unwrap();
        assert!(found.iter().any(|(code, at)| *code == "raw-html" && (*at == line || *at == last)), "{piece}: {found:?}");
    }
    sandbox.bangtin(&["build", "--month", "2026-12", "--out", "out"]).code(1);
    assert!(!sandbox.path("out").exists());
}

#[test]
fn a58_addresses_that_lead_out_are_refused_however_disguised() {
    let addresses = [
        "http://x.vn",
        "HTTPS://x.vn",
        "//x.vn/a",
        "\\\\x.vn\\a",
        "/\\x.vn",
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#115;cript:x",
        "&#x6A;avascript&colon;x",
        "java&Tab;script:x",
        "data:text/html,x",
        "data:image/svg+xml,x",
        "file:///etc/passwd",
        "ftp://x.vn",
        "vbscript:x",
        "blob:x",
        "filesystem:x",
        "intent:x",
        "about:blank",
        "mailto:a@x.vn",
        "chrome://settings",
        "view-source:x",
    ];
    let sandbox = sound();
    for address in addresses {
        for body in
            [format!("[a]({address})"), format!("![a]({address})"), format!("[a][b]\n\n[b]: {address}"), format!("[a](<{address}> \"b\")")]
        {
            sandbox.write("content/slides/co-so/chao.md", slide(&format!("{body}\n")));
            let found = faults(&sandbox, "slides/co-so/chao.md");
            assert!(
                found.iter().any(|(code, line)| *line == 7 && (*code == "external-address" || address.starts_with('\\'))),
                "{body}: {found:?}"
            );
        }
        for key in ["image: ", "video: ", "table: "] {
            let text = slide("x\n").replace("layout: text\n", &format!("layout: photo\n{key}\"{}\"\n", address.replace('\\', "\\\\")));
            sandbox.write("content/slides/co-so/chao.md", text);
            assert!(faults(&sandbox, "slides/co-so/chao.md").iter().any(|(_, line)| *line == 6), "{key}{address}");
        }
    }
}

#[test]
fn a59_characters_that_hide_or_turn_text_are_reported_with_their_place() {
    let hidden = [
        '\u{202a}',
        '\u{202e}',
        '\u{2066}',
        '\u{2069}',
        '\u{200e}',
        '\u{200f}',
        '\u{61c}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{2060}',
        '\u{feff}',
        '\u{ad}',
        '\u{fe0f}',
        '\u{180e}',
        '\u{e0001}',
        '\u{e0041}',
        '\u{e0100}',
        '\u{85}',
        '\u{2028}',
        '\u{1b}',
        '\u{8}',
    ];
    let sandbox = sound();
    for c in hidden {
        let code = u32::from(c);
        for (line, text) in [
            (7, slide(&format!("Kính {c}chào\n"))),
            (7, slide(&format!("Kính &#x{code:x};chào\n"))),
            (2, slide("x\n").replace("Chào", &format!("\"Ch\\U{code:08x}ào\""))),
            (2, slide("x\n").replace("Chào", &format!("Ch{c}ào"))),
        ] {
            sandbox.write("content/slides/co-so/chao.md", &text);
            let found = faults(&sandbox, "slides/co-so/chao.md");
            // XML and YAML forbid such control characters and have their own messages.
            let control = c.is_control() && !found.is_empty();
            assert!(
                found.contains(&("hidden-character", line)) || control || text.contains("&#x8;") || text.contains("&#x1b;"),
                "U+{code:04X}: {found:?}"
            );
        }
    }
    for word in ["chàо", "Ноtel", "pаypal"] {
        sandbox.write("content/slides/co-so/chao.md", slide(&format!("Kính {word} quý khách\n")));
        assert_eq!(faults(&sandbox, "slides/co-so/chao.md"), [("mixed-script", 7)], "{word}");
    }
}

#[test]
fn a101_captions_that_bring_a_style_are_refused_by_name() {
    let sandbox = sound();
    let page =
        "---\ntitle: Thác\nagency: so-du-lich\ncategory: du-lich\nlayout: video\nvideo: phim.mp4\ncaptions: phim.vtt\nduration: 12s\n---\n";
    sandbox.write("content/slides/du-lich/thac.md", page);
    for (captions, lines) in [
        ("a\n00:00.000 --> 00:09.000 line:80%\n<b>Chào</b> &lt;c>\n", &[][..]),
        ("STYLE\n@media (display-mode: browser) { ::cue(#b) { color: transparent } }\n\nb\n00:00.000 --> 00:09.000\nKhông ai thấy\n", &[3]),
        ("NOTE\n\nREGION\nid:a\n\n00:00.000 --> 00:09.000 region:a\nKhông ai thấy\n", &[5, 8]),
        ("00:00.000 --> 00:09.000\nMột < hai\n<c.black.bg_black>Không ai thấy</c>\n", &[4, 5, 5]),
    ] {
        sandbox.write("content/slides/du-lich/phim.vtt", format!("WEBVTT\n\n{captions}"));
        let wanted: Vec<_> = lines.iter().map(|line| ("captions-form", *line)).collect();
        assert_eq!(faults(&sandbox, "slides/du-lich/phim.vtt"), wanted, "{captions}");
    }
}

#[test]
fn a60_svg_is_refused_under_every_name() {
    let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='x'><script>x</script><foreignObject/><use href='//x.vn/a#b'/>\
               <animate onbegin='x'/><style>@import '//x.vn'</style></svg>";
    let bomb = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'><!ENTITY d '&b;&b;&b;&b;&b;&b;&b;&b;'>]><svg>&d;</svg>";
    let filters = format!("  <svg>{}</svg>", "<filter id='a'><feTurbulence/></filter>".repeat(100_000));
    for text in [svg, bomb, &filters] {
        for (name, code) in [
            ("a.svg", "file-kind"),
            ("a.svgz", "file-kind"),
            ("a.png", "media-mismatch"),
            ("a.jpg", "media-mismatch"),
            ("a.webp", "media-mismatch"),
        ] {
            let sandbox = sound();
            sandbox.write(&format!("content/slides/du-lich/{name}"), text);
            bounded(&sandbox, &["check"]).code(1).stdout_has(&format!("error[{code}]")).stdout_has(&format!("slides/du-lich/{name}"));
        }
    }
    for (path, media_type) in [("assets/a.svg", "image/svg+xml"), ("assets/a.svg", "image/png"), ("assets/a.png", "image/svg+xml")] {
        assert!(listed(path, media_type).is_err(), "{path} as {media_type}");
    }
}

/// The manifest reader's answer for a program with one more file.
fn listed(path: &str, media_type: &str) -> Result<Program, String> {
    let mut value = manifest("ta-lung", "monthly", 1);
    let mut file = value["files"][0].clone();
    (file["path"], file["type"]) = (path.into(), media_type.into());
    file["sha256"] = "1".repeat(64).into();
    let files = value["files"].as_array_mut().unwrap();
    files.push(file);
    files.sort_by_key(|file| file["path"].as_str().unwrap().to_owned());
    Program::parse(&serde_json::to_vec(&value).unwrap())
}

#[test]
fn a63_a_file_is_what_it_holds_and_is_served_as_the_manifest_says() {
    for (name, text) in [
        ("phim.mp4", "<!doctype html><script>alert(1)</script>"),
        ("phim.mp4", "alert(1)"),
        ("phim.webm", "<svg onload=alert(1)>"),
        ("tieng.mp3", "<html>"),
        ("tieng.ogg", "GIF89a=1;alert(1)"),
        ("hinh.png", "%PDF-1.7"),
        ("hinh.jpg", "PK\u{3}\u{4}"),
        ("hinh.webp", ""),
    ] {
        let sandbox = sound();
        sandbox.write(&format!("content/slides/du-lich/{name}"), text);
        sandbox.bangtin(&["check"]).code(1).stdout_has("error[media-mismatch]").stdout_has(&format!("slides/du-lich/{name}"));
    }
    assert!(listed("assets/a.mp4", "video/mp4").is_ok());
    for (path, media_type) in
        [("assets/a.mp4", "text/html"), ("assets/a.js", "text/javascript"), ("assets/a.html", "video/mp4"), ("assets/a", "text/html")]
    {
        assert!(listed(path, media_type).is_err(), "{path} as {media_type}");
    }
}

#[test]
fn a64_hostile_paths_are_refused_at_build_and_in_a_manifest() {
    let long = format!("{}.png", "a".repeat(300));
    let hostile = [
        "../thac.png",
        "a/../../thac.png",
        "./thac.png",
        "/etc/passwd",
        "C:\\x.png",
        "C:/x.png",
        "\\\\host\\x.png",
        "a\\b.png",
        "a//b.png",
        "a/.",
        "..",
        ".",
        "thac.png.",
        "thac.png/",
        "a%2e%2e/b.png",
        "%2e%2e/b.png",
        "a\u{0}b.png",
        "THAC.PNG",
        "a b.png",
        "a?b.png",
        "a#b.png",
        "a:b.png",
        "t\u{e9}.png",
        "te\u{301}.png",
        "\u{202e}gnp.a",
        "~/x.png",
        "$HOME/x.png",
        "*.png",
        "|x.png",
        "con.png/../x.png",
        &long,
    ];
    let sandbox = sound();
    for path in hostile {
        assert!(listed(&format!("assets/{path}"), "image/png").is_err() && listed(path, "image/png").is_err(), "{path:?}");
        let quoted = path.replace('\\', "\\\\").replace('\u{0}', "\\0");
        let text = slide("x\n").replace("layout: text\n", &format!("layout: photo\nimage: \"{quoted}\"\n"));
        sandbox.write("content/slides/du-lich/thac.md", text);
        let found = faults(&sandbox, "slides/du-lich/thac.md");
        assert!(found.iter().any(|(_, line)| *line == 6), "{path:?}: {found:?}");
    }
    // Duplicates in a manifest: the same path twice, and two that a file system may treat as one.
    let mut value = manifest("ta-lung", "monthly", 1);
    let file = value["files"][0].clone();
    value["files"].as_array_mut().unwrap().push(file);
    assert!(Program::parse(&serde_json::to_vec(&value).unwrap()).is_err());
    for name in ["con.md", "aux.en.md", "com1.md", "nul.md"] {
        let sandbox = sound();
        sandbox.write(&format!("content/slides/co-so/{name}"), slide("x\n"));
        sandbox.bangtin(&["check"]).code(1).stdout_has("error[file-name]");
    }
}

#[test]
fn a66_a_hostile_repository_runs_nothing_and_fetches_nothing() {
    let sandbox = sound();
    let marker = sandbox.path("ran");
    let script = format!("#!/bin/sh\ntouch {}\n", marker.display());
    for args in [
        &["init", "-q", "content"][..],
        &["-C", "content", "add", "-A"],
        &["-C", "content", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"],
    ] {
        sandbox.run("git", args).success();
    }
    for hook in ["post-checkout", "pre-commit", "reference-transaction", "post-index-change", "fsmonitor-watchman"] {
        sandbox.write(&format!("content/.git/hooks/{hook}"), &script);
        sandbox.run("chmod", &["+x", &format!("content/.git/hooks/{hook}")]).success();
    }
    sandbox.write("evil", &script).run("chmod", &["+x", "evil"]).success();
    let evil = sandbox.path("evil").display().to_string();
    for (key, value) in [
        ("core.fsmonitor", &*evil),
        ("core.sshCommand", &evil),
        ("filter.lfs.smudge", &evil),
        ("filter.lfs.process", &evil),
        ("core.pager", &evil),
        ("alias.rev-parse", &format!("!{evil}")),
    ] {
        sandbox.run("git", &["-C", "content", "config", key, value]).success();
    }
    sandbox
        .write("content/.gitmodules", "[submodule \"../../x\"]\n\tpath = slides/../../x\n\turl = --upload-pack=touch ran\n")
        .write("content/.gitattributes", "*.png filter=lfs diff=lfs merge=lfs -text\n")
        .write("content/slides/du-lich/thac.png", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
    sandbox.bangtin(&["check"]).code(1).stdout_has("error[lfs-pointer]").stdout_has("slides/du-lich/thac.png");
    fs::copy(repository().join("tests/check/sound/content/slides/du-lich/thac.png"), sandbox.path("content/slides/du-lich/thac.png"))
        .unwrap();
    sandbox.bangtin(&["check"]).success();
    sandbox.copy("themes", "content/themes");
    sandbox.bangtin(&["build", "--month", "2026-12", "--out", "out"]);
    let done = sandbox.bangtin(&["publish", "--to", "store", "--month", "2026-12", "--key", "none"]);
    assert_ne!(done.code, 0, "there is no root");
    assert!(!marker.exists(), "something of the repository ran");
    assert!(!sandbox.path("x").exists() && !sandbox.path("content/x").exists());
}

#[test]
fn a66_what_a_repository_leaves_with_a_server_is_not_asked_for_and_approve_says_what_it_can_t_know() {
    let province = Province::new();
    let sandbox = &province.0;
    let git = |args: &[&str]| {
        let fixed = ["-C", "content", "-c", "user.name=mai", "-c", "user.email=mai@example.vn", "-c", "commit.gpgsign=false"];
        sandbox.run("git", &[fixed.as_slice(), args].concat()).success().stdout.trim().to_owned()
    };
    let note = "the git repository here lacks a part of its history or gives no answer, so not everybody who changed slides can be named";
    let evergreen = ["--evergreen", "--site", "ta-lung"];
    let commit = |text: &str| {
        git(&["add", "--all"]);
        git(&["commit", "-q", "-m", text]);
    };
    git(&["init", "-q"]);
    commit("a");
    sandbox.write("content/slides/du-lich/ban-gioc.md", SLIDE.replace("lớn nhất", "rộng nhất"));
    commit("b");
    let said = province.approve(&evergreen, "lan").success().stdout;
    assert!(said.contains("mai <mai@example.vn>") && !said.contains(note), "{said}");
    // A copy that holds the last commit alone.
    sandbox.run("git", &["clone", "-q", "--depth", "1", &format!("file://{}", sandbox.path("content").display()), "shallow"]).success();
    fs::rename(sandbox.path("content/.git"), sandbox.path("whole")).unwrap();
    fs::rename(sandbox.path("shallow/.git"), sandbox.path("content/.git")).unwrap();
    province.approve(&evergreen, "hung").success().stdout_has(note).stdout_has("mai <mai@example.vn>");
    fs::remove_dir_all(sandbox.path("content/.git")).unwrap();
    fs::rename(sandbox.path("whole"), sandbox.path("content/.git")).unwrap();
    // A tree of the first commit that a server would have to be asked for, by a command of the repository's.
    let marker = sandbox.path("ran");
    sandbox.write("evil", format!("#!/bin/sh\ntouch {}\n", marker.display())).run("chmod", &["+x", "evil"]).success();
    let tree = git(&["rev-parse", "HEAD^:slides/du-lich"]);
    let (url, evil) = (format!("file://{}", sandbox.path("content").display()), sandbox.path("evil").display().to_string());
    for (key, value) in [
        ("core.repositoryformatversion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", &url),
        ("remote.origin.uploadpack", &evil),
    ] {
        git(&["config", key, value]);
    }
    fs::remove_file(sandbox.path(&format!("content/.git/objects/{}/{}", &tree[..2], &tree[2..]))).unwrap();
    fs::remove_dir_all(sandbox.path("content/approvals")).unwrap();
    let now = ["--now", "2026-12-01T09:00"];
    sandbox.bangtin(&[["check"].as_slice(), &now].concat()).success();
    sandbox.bangtin(&["at", "ta-lung", "2026-12-03T10:15"]).success();
    province.approve(&evergreen, "lan").success().stdout_has(note);
    assert!(!marker.exists(), "a command of the repository ran");
}

#[test]
fn a67_no_archive_is_ever_unpacked() {
    let lock = fs::read_to_string(repository().join("Cargo.lock")).unwrap();
    let linked: Vec<&str> = lock.lines().filter_map(|line| line.strip_prefix("name = \"")).map(|name| name.trim_end_matches('"')).collect();
    assert!(linked.len() > 100, "{} crates", linked.len());
    for archive in [
        "zip",
        "tar",
        "async-zip",
        "async_zip",
        "rc-zip",
        "sevenz-rust",
        "sevenz-rust2",
        "unrar",
        "cpio",
        "ar",
        "libarchive",
        "compress-tools",
        "cab",
        "piz",
        "tokio-tar",
    ] {
        assert!(!linked.contains(&archive), "{archive} is linked");
    }
    for name in ["a.zip", "a.tar", "a.tar.gz", "a.7z", "a.rar", "a.tgz"] {
        let sandbox = sound();
        sandbox.write(&format!("content/slides/du-lich/{name}"), "PK\u{3}\u{4}");
        sandbox.bangtin(&["check"]).code(1).stdout_has(&format!("slides/du-lich/{name}"));
        assert!(tree(&sandbox.path("content/slides/du-lich")).len() == 3, "{name}: only the three files that were there");
    }
}
