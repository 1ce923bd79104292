//! Rendering: pages, renditions, faults; equal bytes with any number of threads.

#[path = "render/fixture.rs"]
mod fixture;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bangtin::base::bytes::ByteSource;
use bangtin::base::color::Pen;
use bangtin::base::diagnostic::Diagnostic;
use bangtin::base::failure::Failure;
use bangtin::base::text::Lang;
use bangtin::build::render::{RenderedFile, Renderer, Theme};
use bangtin::content::model::values::{Content, MediaKey};
use rayon::prelude::*;

use crate::harness::{Sandbox, golden, repository, tree};
use fixture::{SIZES, content, gallery, id, landscape, language, slide, with, write_media};

fn renderer(root: &Path, cache: Option<PathBuf>) -> Renderer {
    let theme = Theme::load(&repository().join("content"), "caobang").expect("a sound theme");
    Renderer::new(theme, root.to_owned(), cache)
}

fn bytes(file: &RenderedFile) -> Arc<[u8]> {
    match &file.body {
        ByteSource::Memory(bytes) => bytes.clone(),
        source => std::fs::read(source.path().expect("a file")).expect("a readable file").into(),
    }
}

/// Renders every slide at every size with this number of threads: path → bytes.
fn all(renderer: &Renderer, content: &Content, threads: usize) -> BTreeMap<String, Arc<[u8]>> {
    let jobs: Vec<_> = content.slides.keys().flat_map(|id| SIZES.map(|size| (id, size))).collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let pages: Vec<_> = pool.install(|| jobs.par_iter().map(|(id, size)| renderer.slide(content, id, *size).expect("a page")).collect());
    let files = pages.into_iter().flatten().chain(renderer.theme_files().expect("the theme"));
    files.map(|file| (file.path.to_string(), bytes(&file))).collect()
}

fn faults(renderer: &Renderer, content: &Content, name: &str) -> Vec<Diagnostic> {
    renderer.slide(content, &id(name), (640, 320)).expect_err("a fault")
}

fn human(faults: &[Diagnostic]) -> String {
    faults.iter().map(|fault| format!("{}{}", fault.render(Lang::En, Pen::PLAIN), fault.render(Lang::Vi, Pen::PLAIN))).collect()
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_cache() {
    let sandbox = Sandbox::new();
    write_media(&sandbox.path(""));
    let content = gallery();
    let cache = sandbox.path("cache");
    let first = all(&renderer(&sandbox.path(""), None), &content, 1);
    let cold = all(&renderer(&sandbox.path(""), Some(cache.clone())), &content, 4);
    let warm = all(&renderer(&sandbox.path(""), Some(cache)), &content, 2);
    assert!(first == cold && cold == warm);
    assert_eq!(first.keys().filter(|path| path.ends_with(".html")).count(), content.slides.len() * SIZES.len());
}

#[test]
fn pages_hold_no_script_no_style_no_handler_and_no_foreign_address() {
    let sandbox = Sandbox::new();
    write_media(&sandbox.path(""));
    let files = all(&renderer(&sandbox.path(""), None), &gallery(), 2);
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".html")) {
        let html = std::str::from_utf8(bytes).expect("UTF-8");
        let policy =
            "content=\"default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'\"";
        assert!(html.starts_with("<!doctype html>") && html.contains(policy), "{path}\n{html}");
        assert!(
            !html.contains("<script") && !html.contains("<style") && !html.contains("<iframe") && !html.contains("://"),
            "{path}\n{html}"
        );
        for (name, value) in attributes(html) {
            assert!(name != "style" && !name.starts_with("on"), "{path}: {name}");
            if ["src", "href", "poster"].contains(&name) {
                let target = resolve(path, value);
                assert!(files.contains_key(&target), "{path}: {value} is no file of the program");
            }
        }
    }
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".css")) {
        let css = std::str::from_utf8(bytes).expect("UTF-8");
        assert!(!css.contains("://") && !css.contains("@import") && !css.contains("data:"), "{path}");
    }
}

/// Names and values of all attributes.
fn attributes(html: &str) -> Vec<(&str, &str)> {
    let tags = html.split('<').skip(1).filter_map(|tag| tag.split_once('>').map(|(tag, _)| tag));
    tags.flat_map(|tag| {
        let pieces: Vec<&str> = tag.split('"').collect();
        let pairs: Vec<_> = pieces.chunks(2).filter(|pair| pair.len() == 2).map(|pair| (pair[0], pair[1])).collect();
        pairs
    })
    .filter_map(|(before, value)| Some((before.strip_suffix('=')?.rsplit(' ').next()?, value)))
    .collect()
}

fn resolve(page: &str, address: &str) -> String {
    let up = address.matches("../").count();
    let parts: Vec<&str> = page.split('/').collect();
    let kept = parts.len().checked_sub(up + 1).expect("inside the program");
    parts[..kept].iter().copied().chain(address.split('/').skip(up)).collect::<Vec<_>>().join("/")
}

#[test]
fn a_page_takes_only_the_characters_of_its_text_from_fonts_by_need() {
    let sandbox = Sandbox::new();
    write_media(&sandbox.path(""));
    let (renderer, content) = (renderer(&sandbox.path(""), None), gallery());
    let fonts = |name: &str, size: (u32, u32)| {
        let page = renderer.slide(&content, &id(name), size).expect("a page");
        page.into_iter().filter(|file| file.path.as_str().starts_with("theme/fonts/")).collect::<Vec<_>>()
    };
    assert!(fonts("text", (640, 320)).is_empty());
    let chinese = fonts("text-zh", (640, 320));
    let paths = |files: &[RenderedFile]| files.iter().map(|file| file.path.to_string()).collect::<Vec<_>>();
    let starts = ["theme/fonts/noto-sans-sc-500-", "theme/fonts/noto-sans-sc-700-", "theme/fonts/noto-sans-sc-"];
    assert!(paths(&chinese).iter().zip(starts).all(|(path, start)| path.starts_with(start)) && chinese.len() == 3, "{:?}", paths(&chinese));
    assert_eq!(paths(&chinese), paths(&fonts("text-zh", (1_920, 1_080))), "on every face the same files");
    let page = renderer.slide(&content, &id("text-zh"), (640, 320)).expect("a page");
    let html = String::from_utf8(bytes(&page[0]).to_vec()).expect("UTF-8");
    for file in &chinese[..2] {
        let packed = bytes(file);
        let sfnt = wuff::decompress_woff2(&packed).expect("woff2");
        let face = ttf_parser::Face::parse(&sfnt, 0).expect("a font");
        let outline = |c: char| face.glyph_index(c).is_some_and(|glyph| glyph.0 != 0 && face.glyph_bounding_box(glyph).is_some());
        let han = |c: &char| ('\u{4e00}'..='\u{9fff}').contains(c);
        // A player writes the date into the page.
        let lacking: String = html.chars().chain("年月日星期一二三四五六".chars()).filter(han).filter(|c| !outline(*c)).collect();
        assert_eq!(lacking, "", "{}", file.path);
        assert!(packed.len() < 60_000 && face.number_of_glyphs() < 200, "{}: {} B", file.path, packed.len());
    }
    let always = renderer.theme_files().expect("the theme");
    assert!(always.iter().any(|file| file.path.as_str() == "theme/fonts/be-vietnam-pro-500.woff2"));
    assert!(always.iter().all(|file| !file.path.as_str().contains("noto")));
}

#[test]
fn pictures_lose_their_metadata_and_stand_upright() {
    let sandbox = Sandbox::new();
    // EXIF: orientation 6 (turn right), and a GPS block.
    let mut exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x02".to_vec();
    exif.extend(
        b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\x88\x25\0\x04\0\0\0\x01\0\0\0\x26\0\0\0\0\0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0GPS-HERE",
    );
    let plain = fixture::jpeg(&landscape(400, 200));
    let mut picture = plain[..2].to_vec();
    picture.extend([0xff, 0xe1]);
    picture.extend(u16::try_from(exif.len() + 2).expect("short").to_be_bytes());
    picture.extend(&exif);
    picture.extend(&plain[2..]);
    sandbox.write("slides/gps.jpg", &picture);
    let content = content([(id("p"), with(slide("photo-full", "a", ""), &[(MediaKey::Image, "gps.jpg")], &[]))]);
    let page = renderer(&sandbox.path(""), None).slide(&content, &id("p"), (640, 320)).expect("a page");
    let made = page.iter().find(|file| file.media_type == "image/jpeg").map(bytes).expect("a picture");
    assert!(!made.windows(4).any(|part| part == b"Exif") && !made.windows(8).any(|part| part == b"GPS-HERE"));
    let made = image::load_from_memory(&made).expect("a sound picture");
    assert_eq!((made.width(), made.height()), (200, 400), "upright, and not enlarged");
}

#[test]
fn a_translucent_picture_stays_translucent() {
    let sandbox = Sandbox::new();
    sandbox.write("slides/a.png", fixture::png(&fixture::translucent(900, 500)));
    let content = content([(id("p"), with(slide("photo-full", "a", ""), &[(MediaKey::Image, "a.png")], &[]))]);
    let page = renderer(&sandbox.path(""), None).slide(&content, &id("p"), (640, 320)).expect("a page");
    let made = page.iter().find(|file| file.media_type == "image/png").map(bytes).expect("a picture");
    let made = image::load_from_memory(&made).expect("a sound picture").into_rgba8();
    assert_eq!((made.dimensions(), made.get_pixel(5, 5).0[3]), ((640, 356), 120));
}

#[test]
fn broken_pictures_and_tables_are_faults_with_their_place() {
    let sandbox = Sandbox::new();
    let whole = fixture::png(&fixture::translucent(300, 300));
    let mut bomb = fixture::png(&fixture::translucent(1, 1));
    bomb[16..24].copy_from_slice(&[0, 0, 0x4e, 0x20, 0, 0, 0x4e, 0x20]);
    let crc = crc32(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&crc);
    let photo = fixture::jpeg(&landscape(400, 250));
    sandbox.write("slides/cut.jpg", &photo[..photo.len() * 2 / 3]);
    sandbox.write("slides/cut.png", &whole[..whole.len() / 2]).write("slides/bomb.png", &bomb);
    sandbox.write("slides/ragged.csv", "Ngày,Giờ\nThứ Hai,07:30\nThứ Ba\n").write("slides/empty.csv", "Ngày,Giờ\n");
    sandbox.write("slides/latin1.csv", b"a,b\n1,\xe0\n");
    let picture = |name: &str| with(slide("photo", "a", ""), &[(MediaKey::Image, name)], &[]);
    let table = |name: &str| with(slide("table", "a", ""), &[(MediaKey::Table, name)], &[]);
    let slides = [
        ("bomb", picture("bomb.png")),
        ("cut", picture("cut.png")),
        ("cut-jpeg", picture("cut.jpg")),
        ("lost", picture("lost.png")),
        ("empty", table("empty.csv")),
        ("latin1", table("latin1.csv")),
        ("ragged", table("ragged.csv")),
    ];
    let content = content(slides.map(|(name, slide)| (id(name), slide)));
    let renderer = renderer(&sandbox.path(""), None);
    let all: String = content.slides.keys().map(|id| human(&faults(&renderer, &content, id.as_str()))).collect();
    golden("render/faults.txt", &all);
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())))
}

#[test]
fn a_spoilt_cache_is_made_again_and_a_sound_one_is_used() {
    let sandbox = Sandbox::new();
    write_media(&sandbox.path(""));
    let content = content([(id("p"), with(slide("photo", "a", ""), &[(MediaKey::Image, "nui.jpg")], &[]))]);
    let cache = sandbox.path("cache");
    let render = || {
        let page = renderer(&sandbox.path(""), Some(cache.clone())).slide(&content, &id("p"), (640, 320)).expect("a page");
        page.iter().map(|file| (file.path.clone(), bytes(file))).collect::<Vec<_>>()
    };
    let first = render();
    let entries = tree(&cache);
    let (name, sound) = entries.iter().next().expect("an entry");
    assert_eq!(entries.len(), 1);

    // A flipped bit is detected, and the entry is made again.
    let mut damaged = sound.clone();
    *damaged.last_mut().expect("bytes") ^= 1;
    std::fs::write(cache.join(name), damaged).expect("written");
    assert!(render() == first && tree(&cache) == entries);

    // An entry with the right digest is used as stored, without decoding a picture.
    let other = fixture::jpeg(&landscape(8, 8));
    let head = format!("bangtin-rendition/2 jpg {}\n", bangtin::base::digest::Digest::of(&other));
    std::fs::write(cache.join(name), [head.as_bytes(), &other].concat()).expect("written");
    assert!(render().iter().any(|(_, bytes)| **bytes == *other));
}

#[test]
fn a_changed_picture_is_seen_by_the_same_renderer() {
    let sandbox = Sandbox::new();
    let content = content([(id("p"), with(slide("photo", "a", ""), &[(MediaKey::Image, "a.jpg")], &[]))]);
    let renderer = renderer(&sandbox.path(""), None);
    let render = |picture: &[u8]| {
        sandbox.write("slides/a.jpg", picture);
        renderer.slide(&content, &id("p"), (640, 320)).expect("a page")
    };
    let (first, second) = (render(&fixture::jpeg(&landscape(300, 200))), render(&fixture::jpeg(&landscape(200, 300))));
    assert!(first.iter().zip(&second).all(|(a, b)| a.digest != b.digest));
}

#[test]
fn a_faulty_template_is_named_with_line_and_column() {
    let sandbox = Sandbox::new();
    sandbox.write("themes/bad/theme.yaml", "").write("themes/bad/layouts/text.html", "<p>\n{{ title | }}\n");
    sandbox.write("themes/bad/layouts/title.html", "{% if %}\n");
    match Theme::load(&sandbox.path(""), "bad") {
        Err(Failure::Content(faults)) => golden("render/template.txt", &human(&faults)),
        _ => panic!("two faults were expected"),
    }
    assert!(matches!(Theme::load(&sandbox.path(""), "none"), Err(Failure::Refused(_))));
}

#[test]
fn a_heading_takes_the_titles_place_and_text_is_escaped() {
    let sandbox = Sandbox::new();
    let mut english = slide("text", "<b>", "## Cao Bằng & **Tà Lùng**\n\nHeight 30 m <i>x</i>\n");
    english.language = language("en");
    let content = content([(id("a/b"), slide("text", "<b>", "x")), (id("a/b.en"), english)]);
    let renderer = renderer(&sandbox.path(""), None);
    let page = |name: &str| {
        let page = renderer.slide(&content, &id(name), (640, 320)).expect("a page");
        (page[0].path.to_string(), String::from_utf8_lossy(&bytes(&page[0])).into_owned())
    };
    let (path, html) = page("a/b.en");
    assert_eq!(path, "slides/a/b.en@640x320.html");
    assert!(html.contains("<html lang=\"en\" data-floor=\"7\">") && html.contains("<h1>Cao\u{a0}Bằng &amp; Tà\u{a0}Lùng</h1>"), "{html}");
    assert!(html.contains("30\u{a0}m") && !html.contains("<i>") && html.contains("Department of Culture"), "{html}");
    assert!(page("a/b").1.contains("<h1>&lt;b&gt;</h1>"));
}

#[test]
fn headings_of_columns_stay_with_their_columns() {
    let sandbox = Sandbox::new();
    let slides = [
        ("a", "## Một\n\nx\n\n---\n\n## Hai\n\ny\n"),
        ("b", "# Chung\n\n## Một\n\nx\n\n---\n\n## Hai\n\ny\n"),
        ("c", "# Chung\n\nx\n\n---\n\ny\n"),
    ];
    let content = content(slides.map(|(name, body)| (id(name), slide("two-column", "Tên", body))));
    let renderer = renderer(&sandbox.path(""), None);
    for (name, title, headings) in [("a", "Tên", 2), ("b", "Chung", 2), ("c", "Chung", 0)] {
        let page = renderer.slide(&content, &id(name), (640, 320)).expect("a page");
        let html = String::from_utf8_lossy(&bytes(&page[0])).into_owned();
        assert!(html.contains(&format!("<h1>{title}</h1>")), "{name}: {html}");
        assert_eq!((html.matches("<h2>").count(), html.matches("class=\"body\"").count()), (headings, 2), "{name}: {html}");
    }
}

#[test]
fn a_credit_keeps_the_label_of_its_author_and_gets_one_without() {
    let sandbox = Sandbox::new();
    write_media(&sandbox.path(""));
    let (photo, film) = ((MediaKey::Image, "nui.jpg"), (MediaKey::Video, "phim.mp4"));
    let cases = [
        ("photo", "vi", photo, "Tranh: Lan", "Tranh: Lan"),
        ("photo-full", "vi", photo, "Sở VHTTDL", "Ảnh: Sở VHTTDL"),
        ("title", "en", photo, "Lan", "Photo: Lan"),
        ("text", "zh", photo, "绘图：Lan", "绘图：Lan"),
        ("quote", "zh", photo, "Lan", "图片：Lan"),
        ("video", "vi", film, "Lan", "Phim: Lan"),
        ("video", "en", film, "Drawn film: Lan", "Drawn film: Lan"),
    ];
    for (layout, code, media, written, shown) in cases {
        let mut credited = with(slide(layout, "Tên", ""), &[media], &[("credit", written)]);
        credited.language = language(code);
        let page = renderer(&sandbox.path(""), None).slide(&content([(id("p"), credited)]), &id("p"), (640, 320)).expect("a page");
        let html = String::from_utf8_lossy(&bytes(&page[0])).into_owned();
        assert!(html.replace('\u{a0}', " ").contains(&format!("<p class=\"credit\">{shown}</p>")), "{layout} {code} {written}: {html}");
    }
}

/// No check: writes every page to `target/tmp/gallery` for viewing.
#[test]
#[ignore = "for the eye"]
fn gallery_for_the_eye() {
    let sandbox = Sandbox::new();
    write_media(&sandbox.path(""));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gallery");
    for (path, bytes) in all(&renderer(&sandbox.path(""), None), &gallery(), 2) {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        std::fs::write(path, bytes).expect("a written file");
    }
}
