//! Values read from valid files: durations, inheritance, patterns, windows, defaults.

use bangtin::base::ids::{PlaylistId, ScreenId, SiteId, SlideId};
use bangtin::base::times::Month;
use bangtin::content::model::values::{Content, MediaKey, Period, Slide, SlideBody};
use bangtin::content::model::{self, LoadedContent};
use bangtin::content::source;

use super::sound;
use crate::harness::Sandbox;

fn load(sandbox: &Sandbox) -> LoadedContent {
    model::build_content(&source::read(&sandbox.path("content")).expect("a readable folder"))
}

#[track_caller]
fn content(sandbox: &Sandbox) -> Content {
    let loaded = load(sandbox);
    assert!(!loaded.has_errors(), "{:#?}", loaded.faults);
    loaded.content.expect("content")
}

fn slide<'a>(content: &'a Content, id: &str) -> &'a Slide {
    &content.slides[&SlideId::parse(id).expect("an id")]
}

fn front(more: &str, body: &str) -> String {
    format!("---\ntitle: T\nagency: so-tttt\ncategory: co-so\nlayout: photo\nimage: x.png\n{more}---\n{body}")
}

#[test]
fn a_translation_inherits_what_it_does_not_set_and_reads_at_its_own_pace() {
    let sandbox = sound();
    let picture = std::fs::read(sandbox.path("content/slides/du-lich/thac.png")).expect("a picture");
    for name in ["x.png", "y.png"] {
        sandbox.write(&format!("content/slides/t/{name}"), &picture);
    }
    let letters = |n: usize| "a".repeat(n);
    sandbox
        .write("content/slides/t/read.md", front("caption: Chú thích\ncredit: Sở\nvalid: {until: 2026-12-20}\n", &letters(100)))
        .write("content/slides/t/read.en.md", format!("---\ncaption: Caption\nimage: y.png\n---\n{}", letters(200)))
        .write("content/slides/t/set.md", front("duration: 1m30s\n", ""))
        .write("content/slides/t/set.en.md", "---\ntitle: Set\n---\n")
        .write("content/slides/t/own.md", front("", ""))
        .write("content/slides/t/own.en.md", "---\ntitle: Own\nduration: 9s\n---\n");
    let content = content(&sandbox);
    let (read, read_en) = (slide(&content, "t/read"), slide(&content, "t/read.en"));
    assert_eq!((read.duration_ms, read_en.duration_ms), (11_000, 17_000));
    assert_eq!((read_en.title.as_str(), read_en.agency.as_str(), read_en.layout.as_str()), ("T", "so-tttt", "photo"));
    assert_eq!((read_en.texts["caption"].as_str(), read_en.texts["credit"].as_str()), ("Caption", "Sở"));
    assert_eq!(read_en.valid, read.valid);
    assert_eq!(
        (read.media[&MediaKey::Image].path.as_str(), read_en.media[&MediaKey::Image].path.as_str()),
        ("slides/t/x.png", "slides/t/y.png")
    );
    assert_eq!((read_en.language.as_str(), read_en.source.as_str()), ("en", "t/read.en.md"));
    assert_eq!((slide(&content, "t/set").duration_ms, slide(&content, "t/set.en").duration_ms), (90_000, 90_000));
    assert_eq!((slide(&content, "t/own").duration_ms, slide(&content, "t/own.en").duration_ms), (8_000, 9_000));
}

#[test]
fn patterns_stand_for_slides_in_byte_order_without_translations() {
    let sandbox = sound();
    for name in ["b", "a", "a-b", "sub/z", "sub/deep/y"] {
        let text = "---\ntitle: T\nagency: so-tttt\ncategory: co-so\nlayout: text\n---\nx\n";
        sandbox.write(&format!("content/slides/p/{name}.md"), text).write(&format!("content/slides/p/{name}.en.md"), "---\n---\nx\n");
    }
    let playlist = |pattern: &str| {
        sandbox.write(
            "content/playlists/2026-12/province.yaml",
            format!("title: T\nagency: so-tttt\nentries: [{{slides: \"{pattern}\", weight: 2}}, {{slide: p/b.en.md}}]\n"),
        );
        let content = content(&sandbox);
        let key = (Period::Month(Month::parse("2026-12").expect("a month")), PlaylistId::parse("province").expect("an id"));
        let list = &content.playlists[&key];
        assert!(list.entries.iter().rev().skip(1).all(|entry| entry.weight == 2) && list.revision == 1);
        list.entries.iter().map(|entry| entry.slide.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(playlist("p/*.md"), ["p/a", "p/a-b", "p/b", "p/b.en"]);
    assert_eq!(playlist("p/**/*.md"), ["p/a", "p/a-b", "p/b", "p/sub/deep/y", "p/sub/z", "p/b.en"]);
    assert_eq!(playlist("p/*/*.md"), ["p/sub/z", "p/b.en"]);
}

#[test]
fn sites_have_their_defaults_and_windows_may_pass_midnight_and_touch() {
    let sandbox = sound();
    let site = std::fs::read_to_string(sandbox.path("content/sites/ta-lung.yaml")).expect("a site");
    let site = site.replace("volume: 60\n", "languages: [en]\n").replace("\"13:30-18:00\"", "\"11:00-12:00\", \"22:00-07:30\"");
    sandbox.write("content/sites/ta-lung.yaml", site);
    let content = content(&sandbox);
    let site = &content.sites[&SiteId::parse("ta-lung").expect("an id")];
    assert_eq!((site.volume, site.languages.len(), site.languages[0].as_str()), (100, 1, "en"));
    let windows: Vec<_> = site.hours.workday.iter().map(|window| (window.start, window.end)).collect();
    assert_eq!(windows, [(450, 660), (660, 720), (1_320, 1_890)]);
    assert!(site.hours.makeup.is_none());
    assert_eq!(site.screens.iter().map(|screen| screen.audio).collect::<Vec<_>>(), [true, false]);
    assert_eq!(
        (site.screens[0].canvas.w, site.screens[0].canvas.x, site.screens[1].same_as.as_ref().map(ScreenId::as_str)),
        (1_920, 0, Some("a"))
    );
    assert_eq!(content.settings.approval.roles.values().map(|role| role.threshold).collect::<Vec<_>>(), [2, 1]);
}

#[test]
fn a_broken_slide_stays_as_a_stand_in_with_its_faults() {
    let sandbox = sound();
    sandbox.write("content/slides/du-lich/thac.png", "not a picture").write("content/slides/co-so/chao.md", b"\xff");
    let loaded = load(&sandbox);
    let content = loaded.content.as_ref().expect("content in spite of the faults");
    let broken: Vec<_> = loaded.faults_by_slide.iter().map(|(id, faults)| (id.as_str(), faults[0].code)).collect();
    assert_eq!(broken, [("co-so/chao", "not-utf8"), ("du-lich/thac", "media-mismatch")]);
    assert!(content.slides.len() == 3 && content.playlists.values().all(|playlist| playlist.entries.len() == 2));
    assert_eq!(loaded.faults.len(), 2, "{:#?}", loaded.faults);
}

#[test]
fn pictures_of_a_body_are_found_and_lines_may_end_as_on_windows() {
    let sandbox = sound();
    let text = "---\r\ntitle: T\r\nagency: so-tttt\r\ncategory: co-so\r\nlayout: text\r\n---\r\n![](thac.png)\r\n";
    sandbox.write("content/slides/du-lich/hai.md", text);
    let content = content(&sandbox);
    let hai = slide(&content, "du-lich/hai");
    assert_eq!((hai.pictures["thac.png"].width, hai.pictures["thac.png"].height), (8, 6));
    assert!(matches!(&hai.body, SlideBody::Loaded(text) if text == "![](thac.png)\n"));
}
