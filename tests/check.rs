//! `bangtin check` on broken input. Each folder of `tests/check/cases` is named after its defect and copied over the valid content of
//! `tests/check/sound`; the complete output is compared.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::harness::{Sandbox, golden, repository};

mod attacks;
mod by_machine;
mod films;
mod machine_files;
mod media;
mod refused_by_build;
mod values;

/// A content folder without a fault.
pub fn sound() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy("tests/check/sound", ".");
    sandbox
}

/// Complete output of `check`, with its exit code.
fn output(sandbox: &Sandbox, args: &[&str]) -> String {
    let done = sandbox.bangtin(&[&["check"], args].concat());
    format!("{}{}exit {}\n", done.stdout, done.stderr, done.code)
}

#[test]
fn the_sound_content_has_no_fault() {
    let done = sound().bangtin(&["check"]).success();
    assert_eq!(done.stdout, "");
    assert_eq!(done.stderr, "0 errors, 0 warnings; 2 schedules checked\n");
}

#[test]
fn a_content_folder_that_is_not_there_is_called_that() {
    let content = |folder: &str| sound().bangtin(&["--content", folder, "check"]).code(2);
    content("nothing").stderr_has("there is no folder ").stderr_has("nothing; name the content folder with --content DIR");
    content("content/slides").stderr_has("no bangtin.yaml in ");
}

#[test]
fn a_file_or_folder_of_a_bad_name_is_one_fault_and_none_that_name_it() {
    let policy = "  requires: {monthly: [chief], sites: {ta-lung: {monthly: [chief]}},";
    for (from, to) in [
        ("sites/ta-lung.yaml", "sites/Tà Lùng.yaml"),
        ("sites/ta-lung.yaml", "sites/Ta-Lung.yml"),
        ("sites", "Sites"),
        ("playlists/2026-12/province.yaml", "playlists/2026-12/Province.yaml"),
        ("playlists", "Playlists"),
        ("slides/co-so/chao.md", "slides/co-so/Chào.md"),
        ("slides/co-so/chao.en.md", "slides/co-so/Chao.EN.md"),
        ("slides/co-so", "slides/Co sở"),
        ("slides", "Slides"),
        ("slides/du-lich/thac.png", "slides/du-lich/Thác.PNG"),
        ("calendar/2026.yaml", "calendar/2026 (1).yaml"),
        ("agencies.yaml", "Agencies.yaml"),
    ] {
        let sandbox = sound();
        let settings = fs::read_to_string(sandbox.path("content/bangtin.yaml")).unwrap();
        sandbox.write("content/bangtin.yaml", settings.replace("  requires: {monthly: [chief],", policy));
        sandbox.bangtin(&["check"]).success();
        fs::rename(sandbox.path(&format!("content/{from}")), sandbox.path(&format!("content/{to}"))).unwrap();
        let said = sandbox.bangtin(&["check"]).code(1).stdout_has("error[file-name]: the name “").stdout;
        assert_eq!((said.matches("error[").count(), said.matches("warning[").count()), (1, 0), "{to}:\n{said}");
    }
    // A screen whose own name is at fault may be the one that others copy.
    let sandbox = sound();
    let site = fs::read_to_string(sandbox.path("content/sites/ta-lung.yaml")).unwrap();
    sandbox.write("content/sites/ta-lung.yaml", site.replace("{id: a,", "{id: A,"));
    assert_eq!(sandbox.bangtin(&["check"]).code(1).stdout.matches("error[").count(), 1);
}

#[test]
fn a_film_that_lasts_longer_than_its_slide_is_told_with_both_lengths() {
    let sandbox = sound();
    let film = Path::new(env!("CARGO_MANIFEST_DIR")).join("content/slides/du-lich/non-nuoc.mp4");
    fs::copy(film, sandbox.path("content/slides/co-so/non-nuoc.mp4")).unwrap();
    let slide = |keys: &str| format!("---\ntitle: Phim\nagency: so-tttt\ncategory: co-so\nlayout: video\nvideo: non-nuoc.mp4\n{keys}---\n");
    for (keys, told) in [("duration: 5s\n", true), ("duration: 15s\n", false), ("duration: 20s\n", false), ("", false)] {
        sandbox.write("content/slides/co-so/chao.md", slide(keys));
        let said = sandbox.bangtin(&["check"]).success().stdout;
        let lengths = "warning[media-cut]: the film lasts 14.4 s, the slide 5 s: its end is never shown\n  --> slides/co-so/chao.md:7:11\n";
        assert_eq!(said.contains(lengths) && said.contains("set duration: 15s, or cut the file"), told, "{keys}{said}");
        assert_eq!(said.contains("media-cut"), told, "{keys}{said}");
    }
    // A translation tells only of a length of its own.
    sandbox.write("content/slides/co-so/chao.md", slide("duration: 20s\n"));
    for (keys, told) in [("title: Film\n", false), ("title: Film\nduration: 5s\n", true)] {
        sandbox.write("content/slides/co-so/chao.en.md", format!("---\n{keys}---\n"));
        let said = sandbox.bangtin(&["check"]).success().stdout;
        assert_eq!(said.contains("media-cut") && said.contains("chao.en.md:3:11"), told, "{said}");
    }
}

#[test]
fn every_broken_input_is_reported_as_in_its_golden() {
    let mut names: Vec<_> = fs::read_dir(repository().join("tests/check/cases"))
        .expect("cases")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    assert!(names.len() >= 60, "{} cases", names.len());
    for name in names {
        let sandbox = sound();
        sandbox.copy(format!("tests/check/cases/{name}/content"), "content");
        let out = output(&sandbox, &[]);
        assert!(!out.starts_with("0 errors, 0 warnings"), "{name}: nothing found");
        golden(&format!("check/cases/{name}/en.txt"), &out);
        let vi = sandbox.bangtin(&["--lang", "vi", "check"]);
        assert!(!vi.stdout.contains("error["), "{name}: English in the Vietnamese output");
        if repository().join(format!("tests/check/cases/{name}/vi.txt")).exists() {
            golden(&format!("check/cases/{name}/vi.txt"), &format!("{}{}exit {}\n", vi.stdout, vi.stderr, vi.code));
        }
        if repository().join(format!("tests/check/cases/{name}/json.txt")).exists() {
            golden(&format!("check/cases/{name}/json.txt"), &output(&sandbox, &["--format", "json"]));
        }
        if repository().join(format!("tests/check/cases/{name}/github.txt")).exists() {
            golden(&format!("check/cases/{name}/github.txt"), &output(&sandbox, &["--format", "github"]));
        }
    }
}

#[test]
fn a65_links_pipes_and_second_names_are_refused_and_nothing_is_followed() {
    let sandbox = sound();
    let slides = sandbox.path("content/slides/co-so");
    symlink("/etc/passwd", slides.join("passwd.md")).expect("a link");
    symlink("chao.md", slides.join("other.md")).expect("a link");
    symlink("self.md", slides.join("self.md")).expect("a link");
    symlink("/etc", sandbox.path("content/slides/etc")).expect("a link");
    symlink("/nowhere", sandbox.path("content/.git")).expect("a link");
    fs::hard_link(slides.join("chao.en.md"), sandbox.path("second-name")).expect("a link");
    sandbox.run("mkfifo", &["content/slides/co-so/pipe.md"]).success();
    sandbox.write("content/.env", "SECRET=1").write("content/.hidden/x.md", "x");
    golden("check/links.txt", &output(&sandbox, &[]));
}

#[test]
fn a65_links_and_pipes_among_themes_are_refused_and_nothing_is_followed() {
    let theme = |more: &'static str| format!("content/themes/caobang{more}");
    let name = fs::read_dir(sound().path("content/themes")).expect("themes").next().expect("a theme").expect("its entry").file_name();
    let name = name.to_str().expect("a name").to_owned();
    let at = |more: &str| theme("").replace("caobang", &name) + more;
    for (place, shown) in [
        ("content/themes".to_owned(), "themes"),
        (at(""), "themes/*"),
        (at("/theme.yaml"), "themes/*/theme.yaml"),
        (at("/layouts"), "themes/*/layouts"),
        (at("/theme.css"), "themes/*/theme.css"),
    ] {
        let sandbox = sound();
        sandbox.write(&at("/theme.css"), "");
        sandbox.bangtin(&["check"]).success();
        fs::rename(sandbox.path(&place), sandbox.path("moved")).expect("moved");
        symlink(sandbox.path("moved"), sandbox.path(&place)).expect("a link");
        let said = sandbox.bangtin(&["check"]).code(1).stdout;
        let named = format!("error[symlink]: this is a symbolic link\n  --> {}\n", shown.replace('*', &name));
        assert!(said.contains(&named) && said.matches("error[").count() == 1, "{place}: {said}");
        sandbox.bangtin(&["build", "--month", "2026-12", "--out", "out"]).code(1);
        assert!(!sandbox.path("out").exists());
    }
    // Beside the content folder, for all of it and for one theme.
    for whole in [true, false] {
        let sandbox = sound();
        fs::create_dir(sandbox.path("elsewhere")).expect("a folder");
        fs::rename(sandbox.path(&at("")), sandbox.path(&format!("elsewhere/{name}"))).expect("moved");
        fs::remove_dir(sandbox.path("content/themes")).expect("no theme");
        let shown = if whole {
            symlink("elsewhere", sandbox.path("themes")).expect("a link");
            "../themes".to_owned()
        } else {
            fs::create_dir(sandbox.path("themes")).expect("a folder");
            symlink(format!("../elsewhere/{name}"), sandbox.path(&format!("themes/{name}"))).expect("a link");
            format!("../themes/{name}")
        };
        let said = sandbox.bangtin(&["check"]).code(1).stdout;
        assert!(said.contains(&format!("error[symlink]: this is a symbolic link\n  --> {shown}\n")), "{said}");
        assert_eq!(said.matches("error[").count(), 1, "{said}");
    }
    for file in ["/theme.yaml", "/layouts/pipe.html", "/theme.css"] {
        let sandbox = sound();
        let _ = fs::remove_file(sandbox.path(&at(file)));
        sandbox.run("mkfifo", &[&at(file)]).success();
        let said = sandbox.run("timeout", &["20", env!("CARGO_BIN_EXE_bangtin"), "check"]).code(1).stdout;
        let named = format!("a pipe or a socket, not a file\n  --> themes/{name}{file}\n");
        assert!(said.contains(&named), "{said}");
    }
}

#[test]
fn a65_what_git_would_wait_for_is_named_at_once() {
    for (place, shown) in [
        ("content/.gitattributes", ".gitattributes"),
        ("content/slides/co-so/.gitattributes", "slides/co-so/.gitattributes"),
        ("content/slides/.gitignore", "slides/.gitignore"),
        ("content/trust/.gitattributes", "trust/.gitattributes"),
        (".gitattributes", "../.gitattributes"),
        (".mailmap", "../.mailmap"),
        (".git/info/attributes", "../.git/info/attributes"),
    ] {
        let sandbox = sound();
        sandbox.run("git", &["init", "--quiet"]).success();
        let folder = sandbox.path(place);
        fs::create_dir_all(folder.parent().expect("a folder")).expect("folders");
        let _ = fs::remove_file(&folder);
        sandbox.run("mkfifo", &[place]).success();
        let said = sandbox.run("timeout", &["20", env!("CARGO_BIN_EXE_bangtin"), "check"]).code(1).stdout;
        let named = format!("error[not-a-file]: this is a device, a pipe or a socket, not a file\n  --> {shown}\n");
        assert_eq!(said.matches(&named).count(), 1, "{place}: {said}");
        // An open pipe that nobody writes to keeps no other command waiting either.
        if place.starts_with('.') {
            sandbox.run("timeout", &["20", env!("CARGO_BIN_EXE_bangtin"), "build", "--month", "2026-12", "--out", "out"]).success();
        }
    }
}

#[test]
fn a_tab_that_indents_is_told_as_a_tab_wherever_it_stands() {
    let whole = fs::read_to_string(sound().path("content/slides/du-lich/thac.md")).expect("a slide");
    let keys = whole.split('\n').skip(1).position(|line| line == "---").expect("its keys");
    for number in 1..=keys {
        for before in ["\t", "  \t"] {
            let sandbox = sound();
            let lines: Vec<String> = whole
                .split('\n')
                .enumerate()
                .map(|(at, line)| if at == number { format!("{before}{line}") } else { line.to_owned() })
                .collect();
            sandbox.write("content/slides/du-lich/thac.md", lines.join("\n"));
            let said = sandbox.bangtin(&["check"]).code(1).stdout;
            let named = format!("a tab stands where YAML wants spaces\n  --> slides/du-lich/thac.md:{}:{}\n", number + 1, before.len());
            assert!(said.contains(&named), "{number} {before:?}: {said}");
        }
    }
}

#[test]
fn quotes_that_are_not_closed_are_told_where_they_open() {
    let slide = |title: &str, rest: &str| {
        format!(
            "---\n{title}\nagency: so-du-lich\ncategory: du-lich\nlayout: photo\nimage: thac.png\n{rest}duration: 12s\n---\nMột thác.\n"
        )
    };
    for (title, rest, place) in [
        ("title: \"Thác", "credit: \"Tranh: Bảng Tin\"\n", Some("2:8")),
        ("title: \"Thác \\\" lớn", "credit: \"Tranh\"\n", Some("2:8")),
        ("title: 'Thác", "credit: 'Tranh: Bảng Tin'\n", Some("2:8")),
        ("title: 'Thác", "credit: \"Tranh\"\n", Some("2:8")),
        ("title: \"Thác\" # \"lớn", "credit: \"Tranh\" a\n", None),
        ("title: \"Thác\n  lớn\"", "credit: \"Tranh\" a\n", None),
        ("title: Thác", "credit: \"Tranh\n", Some("7:9")),
    ] {
        let sandbox = sound();
        sandbox.write("content/slides/du-lich/thac.md", slide(title, rest));
        let said = sandbox.bangtin(&["check"]).code(1).stdout;
        let opens = said.contains("the quotes that open here are not closed");
        match place {
            Some(place) => assert!(said.contains(&format!("thac.md:{place}\n")) && said.contains("quote"), "{title} {rest}: {said}"),
            None => assert!(!opens, "{title} {rest}: {said}"),
        }
    }
}

#[test]
fn a_repository_whose_attributes_do_not_keep_bytes_is_warned_of() {
    let sandbox = sound();
    sandbox.run("git", &["init", "--quiet"]).success();
    let bare = output(&sandbox, &[]);
    golden("check/git-line-ends.txt", &bare);
    golden("check/git-line-ends.vi.txt", &output(&sandbox, &["--lang", "vi"]));
    let warned = |attributes: &str| {
        sandbox.write("content/.gitattributes", attributes);
        output(&sandbox, &[])
    };
    assert_eq!(warned("* text=auto\n"), bare);
    let some = warned("trust/** -text\napprovals/** binary\n*.md eol=lf\n*.yaml -text\n*.csv text eol=lf\n*.css crlf\n");
    assert_eq!(some, bare);
    for of_pictures in
        ["* text eol=lf\ntrust/** -text\napprovals/** -text\n", "* eol=lf\ntrust/** -text\napprovals/** -text\n*.mp? -text\n"]
    {
        assert_eq!(warned(of_pictures), bare, "{of_pictures}");
    }
    let followed = warned("*.md text eol=crlf\n*.css crlf\n*.mp4 filter=lfs diff=lfs merge=lfs -text\n* -text\n");
    assert!(!followed.contains("git-line-ends"), "{followed}");
    let all = warned("* text=auto eol=lf\ntrust/** -text\napprovals/** -text\n");
    assert!(!all.contains("git-line-ends"), "{all}");
    sandbox.write("themes/b/layouts/a.html", "");
    let beside = output(&sandbox, &[]);
    assert!(beside.contains("--> ../.gitattributes\n  help: add this line at the end of this file: * -text\n"), "{beside}");
    sandbox.write("content/.gitattributes", "").write(".gitattributes", "* -text\n");
    let whole = output(&sandbox, &[]);
    assert!(!whole.contains("git-line-ends"), "{whole}");
}

#[test]
fn the_example_for_a_playlist_that_is_missing_is_one_without_a_fault() {
    for file in ["content/playlists/2026-12/huyen.yaml", "content/playlists/evergreen/province.yaml"] {
        let sandbox = sound();
        if file.ends_with("huyen.yaml") {
            sandbox.copy("tests/check/cases/site-without-playlists/content", "content");
        } else {
            fs::remove_file(sandbox.path(file)).unwrap();
        }
        // The first slide by name may stand in neither.
        let slide = fs::read_to_string(sandbox.path("content/slides/co-so/chao.md")).unwrap();
        sandbox.write("content/slides/an/a.md", slide.replace("layout:", "valid: {from: 2026-12-02, until: 2026-12-03}\nlayout:"));
        let said = sandbox.bangtin(&["check"]).stdout;
        let start = said.find("for example: ").unwrap_or_else(|| panic!("{said}")) + "for example: ".len();
        let end = said[start..].find("}]}").expect("an end") + start + "}]}".len();
        assert!(file.ends_with("huyen.yaml") || said.contains("no playlist at all for the evergreen program"), "{said}");
        sandbox.write(file, &said[start..end]);
        let followed = sandbox.bangtin(&["check"]).success();
        assert!(followed.stderr.starts_with("0 errors, "), "{}{}", followed.stdout, followed.stderr);
    }
}

#[test]
fn a_blank_that_is_missing_after_a_key_is_told_on_its_own_line() {
    let slide = fs::read_to_string(sound().path("content/slides/du-lich/thac.md")).unwrap();
    for (number, line) in (1..).zip(slide.lines()).filter(|(_, line)| line.contains(": ")) {
        let sandbox = sound();
        sandbox.write("content/slides/du-lich/thac.md", slide.replace(line, &line.replace(": ", ":")));
        let said = sandbox.bangtin(&["check"]).code(1).stdout;
        let place = format!("error[yaml-syntax]: a blank is missing after the colon\n  --> slides/du-lich/thac.md:{number}:1\n");
        assert!(said.starts_with(&place), "{said}");
    }
}

#[test]
fn captions_after_the_end_of_their_film_are_told() {
    let sandbox = sound();
    let film = Path::new(env!("CARGO_MANIFEST_DIR")).join("content/slides/du-lich/non-nuoc.mp4");
    fs::copy(film, sandbox.path("content/slides/co-so/non-nuoc.mp4")).unwrap();
    let slide = "---\ntitle: Phim\nagency: so-tttt\ncategory: co-so\nlayout: video\nvideo: non-nuoc.mp4\ncaptions: phim.vtt\n---\n";
    sandbox.write("content/slides/co-so/chao.md", slide);
    sandbox.write("content/slides/co-so/phim.vtt", "WEBVTT\n\n00:14.000 --> 00:20.000\nx\n\n00:14.600 --> 00:20.000\ny\n");
    let said = sandbox.bangtin(&["check"]).stdout;
    let told = "warning[captions-lost]: the film lasts 14.4 s only: this caption is never shown\n  --> slides/co-so/phim.vtt:6:1\n";
    assert!(said.contains(told) && said.matches("captions-lost").count() == 1, "{said}");
}

#[test]
fn the_sample_in_a_repository_of_its_own_keeps_its_bytes() {
    let sandbox = Sandbox::new();
    sandbox.copy("content", "content").copy("themes", "themes");
    sandbox.run("git", &["init", "--quiet"]).success();
    let said = output(&sandbox, &[]);
    assert!(!said.contains("git-line-ends") && !said.contains("media-"), "{said}");
}

#[test]
fn files_beyond_the_limits_are_refused_by_their_size() {
    let sandbox = sound();
    sandbox.write("content/slides/co-so/chao.md", "x".repeat((1 << 20) + 1));
    let long = format!("slides/{}/{}.md", "a".repeat(150), "b".repeat(150));
    sandbox.write(&format!("content/{long}"), "x");
    fs::File::create(sandbox.path("content/agencies.yaml")).and_then(|file| file.set_len(100 << 20)).expect("100 MiB");
    golden("check/limits.txt", &output(&sandbox, &[]));
}

#[test]
fn files_that_make_a_repository_slow_are_warned_of_unless_git_keeps_them_in_lfs() {
    let sandbox = sound();
    for (name, megabytes) in [("a.mp4", 1_900), ("b.jpg", 60), ("c.webm", 150)] {
        let file = fs::File::create(sandbox.path(&format!("content/slides/du-lich/{name}"))).expect(name);
        file.set_len(megabytes * 1_000_000).expect("a file with a hole");
    }
    let heavy = || {
        let faults = output(&sandbox, &[]);
        let heavy = faults.split("\n\n").filter(|fault| fault.contains("-heavy]"));
        heavy.collect::<Vec<_>>().join("\n\n")
    };
    golden("check/heavy.txt", &heavy());
    sandbox.run("git", &["init", "--quiet"]).success();
    sandbox.write(".gitattributes", "*.mp4 filter=lfs diff=lfs merge=lfs -text\n*.jpg filter=lfs\n");
    let left = heavy();
    assert!(left.contains("c.webm") && left.matches("-heavy]").count() == 1, "{left}");
}

#[test]
fn a_sound_picture_is_decoded_once_until_it_changes() {
    let sandbox = sound();
    let (picture, cut) = (sandbox.path("content/slides/du-lich/thac.png"), sandbox.path("cut.png"));
    let bytes = fs::read(&picture).expect("a picture");
    fs::write(&cut, &bytes[..bytes.len() - 20]).expect("written");
    for _ in 0..2 {
        sandbox.bangtin(&["check"]).success();
    }
    fs::copy(&cut, &picture).expect("a copy");
    for _ in 0..2 {
        assert!(sandbox.bangtin(&["check"]).code(1).stdout.contains("error[picture-broken]"));
    }
    fs::write(&picture, &bytes).expect("written");
    sandbox.bangtin(&["check"]).success();
}

#[test]
fn every_character_of_every_text_is_in_a_font_of_the_theme() {
    let sandbox = sound();
    sandbox.copy("themes/caobang", "content/themes/caobang");
    let edit = |name: &str, from: &str, to: &str| {
        let path = sandbox.path(&format!("content/{name}"));
        let text = fs::read_to_string(&path).expect(name);
        assert!(text.contains(from), "{name}: {text}");
        fs::write(path, text.replace(from, to)).expect(name);
    };
    edit("bangtin.yaml", "theme: plain", "theme: caobang");
    sandbox.bangtin(&["check"]).success();
    edit("slides/co-so/chao.md", "title: Chào mừng", "title: Chào mừng ☎ # 📵 in a comment");
    edit("slides/co-so/chao.md", "Kính chào", "\u{f0b7} Kính *\u{f0b7}chào* 🇻🇳 &#x1F4DE;");
    edit("agencies.yaml", "name: {vi: ", "name: {vi: ✪ ");
    golden("check/no-glyph.txt", &output(&sandbox, &[]));
    golden("check/no-glyph.vi.txt", &output(&sandbox, &["--lang", "vi"]));
    // Other commands name the same places; the title does not hold what stands in the text.
    let built = sandbox.bangtin(&["build", "--evergreen", "--site", "ta-lung", "--out", "out"]).code(1);
    let (told, built) = (output(&sandbox, &[]), format!("{}{}", built.stdout, built.stderr));
    let places = |said: &str| said.lines().filter(|line| line.contains("chao.md:")).map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(places(&built), places(&told), "{built}");
    assert!(built.contains("chao.md:7:16"), "{built}");
    // They stand among the other faults of their file.
    edit("slides/co-so/chao.md", "layout:", "layuot:");
    let mixed = output(&sandbox, &[]);
    let codes: Vec<&str> = mixed.lines().filter_map(|line| line.strip_prefix("error[")?.split(']').next()).collect();
    let other = codes.iter().position(|code| *code != "no-glyph").expect("the other fault");
    assert!(other > 0 && codes[other..].contains(&"no-glyph"), "{mixed}");
    edit("slides/co-so/chao.md", "layuot:", "layout:");
    sandbox.write("content/themes/caobang/fonts/be-vietnam-pro-800.woff2", "wOF2 and no font");
    let damaged = output(&sandbox, &[]);
    assert!(damaged.contains("error[theme-font]") && damaged.contains("themes/caobang/fonts/be-vietnam-pro-800.woff2"), "{damaged}");
}

#[test]
fn required_files_that_are_missing_are_named() {
    let sandbox = sound();
    fs::remove_file(sandbox.path("content/agencies.yaml")).expect("removed");
    fs::remove_dir_all(sandbox.path("content/calendar")).expect("removed");
    golden("check/missing.txt", &output(&sandbox, &[]));
}

#[test]
fn video_and_sound_are_known_by_content_and_give_their_length() {
    let sandbox = Sandbox::new();
    let make = |args: &[&str], name: &str| {
        sandbox.run("ffmpeg", &[&["-v", "error", "-f", "lavfi", "-i"], args, &["-y", name]].concat()).success();
        bangtin::content::source::media::probe(&sandbox.path(name), name)
    };
    for (name, codec) in [("a.mp4", "libx264"), ("a.webm", "libvpx")] {
        let facts = make(&["testsrc=size=64x48:rate=10:duration=2.5", "-c:v", codec, "-pix_fmt", "yuv420p"], name).expect(name);
        assert_eq!((facts.width, facts.height, facts.ms), (64, 48, 2_500), "{name}");
    }
    for name in ["a.m4a", "a.mp3", "a.ogg"] {
        let facts = make(&["sine=duration=1.5"], name).expect(name);
        assert!((1_490..=1_600).contains(&facts.ms) && facts.width == 0, "{name}: {facts:?}");
    }
    for (from, to) in [("a.mp4", "b.webm"), ("a.mp4", "b.m4a"), ("a.m4a", "b.mp4"), ("a.mp3", "b.ogg"), ("a.webm", "b.png")] {
        fs::copy(sandbox.path(from), sandbox.path(to)).expect("a copy");
        assert_eq!(bangtin::content::source::media::probe(&sandbox.path(to), to).expect_err(to).code, "media-mismatch");
    }
    let whole = fs::read(sandbox.path("a.mp4")).expect("bytes");
    sandbox.write("cut.mp4", &whole[..whole.len() / 8]);
    assert_eq!(bangtin::content::source::media::probe(&sandbox.path("cut.mp4"), "cut.mp4").expect_err("cut").code, "media-broken");
}

#[test]
fn a_video_that_is_too_short_needs_a_duration() {
    let sandbox = sound();
    let name = "content/slides/du-lich/phim.mp4";
    sandbox
        .run("ffmpeg", &["-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=0.5", "-pix_fmt", "yuv420p", name])
        .success();
    let slide = |more: &str| format!("---\ntitle: Phim\nagency: so-tttt\ncategory: du-lich\nlayout: video\nvideo: phim.mp4\n{more}---\n");
    sandbox.write("content/slides/du-lich/phim.md", slide(""));
    golden("check/short-video.txt", &output(&sandbox, &[]));
    sandbox.write("content/slides/du-lich/phim.md", slide("duration: 3s\n"));
    sandbox.bangtin(&["check"]).success();
}

#[test]
fn one_run_names_twenty_faults_of_many_files() {
    let sandbox = sound();
    for name in [
        "several-faults-in-one-file",
        "unknown-role-of-agency",
        "calendar-day-form",
        "raw-html",
        "picture-in-body-missing",
        "translation-alone",
        "yaml-colon-in-text",
        "file-kind-yml",
        "role-without-approvers",
        "translation-sets-a-key",
        "media-that-is-html",
    ] {
        sandbox.copy(format!("tests/check/cases/{name}/content"), "content");
    }
    let done = sandbox.bangtin(&["check"]).code(1);
    let count = done.stdout.matches("error[").count();
    assert!(count >= 20, "{count} faults:\n{}", done.stdout);
    golden("check/twenty.txt", &done.stdout);
}

#[test]
fn choices_of_month_and_site_are_checked() {
    let sandbox = sound();
    assert_eq!(
        sandbox.bangtin(&["check", "--month", "2026-12", "--site", "ta-lung"]).success().stderr,
        "0 errors, 0 warnings; 1 schedule checked\n"
    );
    sandbox.bangtin(&["check", "--month", "2026-1"]).code(2).stderr_has("write the month as 2026-01");
    let commands: [&[&str]; 4] =
        [&["check", "--site"], &["build", "--evergreen", "--out", "out", "--site"], &["demo", "--once", "--site"], &["at"]];
    for command in commands {
        let more: &[&str] = if command == ["at"] { &["2026-12-03T10:15"] } else { &[] };
        let answer = sandbox.bangtin(&[command, &["ta-lunk"], more].concat());
        answer.code(2).stderr_has("there is no site “ta-lunk”; did you mean “ta-lung”?");
    }
    sandbox.bangtin(&["-q", "check"]).success();
    Sandbox::new().bangtin(&["check"]).code(2).stderr_has("--content");
}

#[test]
fn json_holds_no_character_that_steers_a_terminal_and_keeps_its_value() {
    let sandbox = sound();
    let bad = "x\u{7f}\u{85}\u{9b}31m\u{202e}\u{2066}\u{200f}\u{e0041}y";
    let file = sandbox.path("content/slides/co-so/chao.md");
    let text = fs::read_to_string(&file).unwrap().replace("layout: text", &format!("layout: {bad}"));
    fs::write(&file, text).unwrap();
    let said = sandbox.bangtin(&["check", "--format", "json"]).code(1).stdout;
    assert!(said.is_ascii() || said.chars().all(|c| !bangtin::base::text::is_hidden(c)), "{said:?}");
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    let sources: Vec<_> = report["faults"].as_array().unwrap().iter().map(|fault| fault["place"]["source"].as_str().unwrap()).collect();
    assert!(sources.contains(&format!("layout: {bad}").as_str()), "{sources:?}");
}

#[test]
fn a_table_saved_by_excel_as_csv_utf_8_is_taken() {
    let sandbox = sound();
    sandbox.copy("tests/check/cases/table-ragged", ".");
    let mark = "\u{feff}";
    sandbox.write("content/slides/co-so/gio.csv", format!("{mark}Ngày,Giờ\r\nThứ Hai,07:30\r\n"));
    sandbox.bangtin(&["check"]).success();
    sandbox.bangtin(&["build", "--month", "2026-12", "--out", "out"]).success();
    let pages = crate::harness::tree(&sandbox.path("out"));
    let page = pages.iter().find(|(name, bytes)| name.ends_with(".html") && String::from_utf8_lossy(bytes).contains("Thứ\u{a0}Hai"));
    let page = String::from_utf8_lossy(page.expect("a page with the table").1).into_owned();
    assert!(!page.contains(mark), "{page}");
    // Lines and columns are those that an editor shows.
    sandbox.write("content/slides/co-so/gio.csv", format!("{mark}Ng\u{200b}ày,Giờ\nThứ Hai,07:30\n"));
    sandbox.bangtin(&["check"]).code(1).stdout_has("--> slides/co-so/gio.csv:1:3");
}

#[test]
fn a_template_that_goes_astray_in_any_way_is_a_fault_of_the_theme() {
    let deep = "{% if true %}".repeat(200) + "x" + &"{% endif %}".repeat(200);
    for template in [
        "{% include \"text.html\" %}",
        "{% include \"photo.html\" %}",
        "{% component a() %}{{<a/>}}{% endcomponent a %}{{<a/>}}",
        "{{ 1 / 0 }}",
        "{% for i in range(end=99999999999) %}x{% endfor %}",
        "{{ title | truncate(length=-1) }}",
        "{{ title[99999999999999999999:] }}",
        "{{ nothing.of.this }}",
        "{{ title | nothing }}",
        "{{ throw(message=\"x\") }}",
        deep.as_str(),
    ] {
        let sandbox = sound();
        sandbox.write("content/themes/plain/layouts/photo.html", "{% include \"text.html\" %}");
        sandbox.write("content/themes/plain/layouts/text.html", template);
        let done = sandbox.bangtin(&["check"]).code(1).stdout_has("error[theme-template]: ").stdout_has("--> themes/plain/layouts");
        assert!(!done.stderr.contains("panicked"), "{template}: {}", done.stderr);
    }
}
