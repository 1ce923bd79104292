//! Checks a theme before any slide is shown with it: its templates and style sheets in all their branches, the files that they name, and
//! every layout, rendered with sample slides. Never writes, never renders a slide of the content.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use tera::Context;

use super::markup::{self, Finding, FindingKind};
use super::page::{self, MediaRef};
use super::theme::Theme;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::failure::Failure;
use crate::base::file_types;
use crate::base::files::read_regular_file;
use crate::base::ids::{AgencyId, Language};
use crate::base::limits::THEME_FILE_BYTES;
use crate::base::os;
use crate::base::text::Text;
use crate::content::model::values::{Focus, Slide, SlideBody};
use crate::content::model::{Layout, Layouts};
use crate::content::source::machine_files::{self, MachineFile};
use crate::content::source::table::CsvTable;
use crate::content::source::text::SourceText;
use crate::content::source::{conflict, markdown, media};
use crate::text;

/// From the sample page to the root of its program.
const ROOT: &str = "../";
/// The sample's text: everything that a body may hold.
const BODY: &str = "# A\n\nB *b* **b** ~~b~~ `b`\n\n- C\n\n1. D\n\n> E\n\n---\n\n| F | G |\n| --- | --- |\n| 1 | 2 |\n";
/// The sample slides of a layout: language, screen, how often the text stands there, and whether they have every key that the layout takes.
const SAMPLES: [(&str, (u32, u32), usize, bool); 4] =
    [("vi", (1_920, 1_080), 1, false), ("vi", (1_920, 1_080), 1, true), ("zh", (384, 768), 12, true), ("en", (640, 320), 4, false)];
/// The media that a slide may have, with the extension of the sample.
const MEDIA: [(&str, &str); 5] = [("image", "jpg"), ("poster", "jpg"), ("video", "mp4"), ("audio", "m4a"), ("captions", "vtt")];

/// All faults of a theme and its layouts.
pub fn check_theme(content_root: &Path, name: &str, layouts: &Layouts) -> Result<Vec<Diagnostic>, Failure> {
    let oversized = Theme::oversized(content_root, name)?;
    if !oversized.is_empty() {
        return Ok(oversized.into_iter().map(|(file, most)| too_large(&file, most)).collect());
    }
    let theme = match Theme::load(content_root, name) {
        Err(Failure::Content(faults)) => return Ok(faults),
        loaded => loaded?,
    };
    let mut faults = source_faults(&theme)?;
    let system = theme.machine_files()?.into_iter().filter_map(|(made, path)| match made {
        MachineFile::System(maker) => Some((maker, path)),
        _ => None,
    });
    faults.extend(machine_files::warnings(&system.collect::<Vec<_>>()));
    let told: BTreeSet<_> = faults.iter().map(|fault| (fault.code, fault.cause.en.clone())).collect();
    for (name, layout) in layouts.iter().filter_map(|(name, layout)| Some((name, layout.as_ref()?))) {
        if theme.template(name).is_none() {
            faults.push(no_template(name, layout));
            continue;
        }
        let rendered = layout_faults(&theme, name, layout);
        faults.extend(rendered.into_iter().filter(|fault| !told.contains(&(fault.code, fault.cause.en.clone()))));
    }
    Ok(faults)
}

/// What is wrong in the templates and style sheets of a theme, whatever slide is shown, with the line of each.
pub fn source_faults(theme: &Theme) -> Result<Vec<Diagnostic>, Failure> {
    let mut faults: Vec<_> = theme.machine_files()?.into_iter().filter_map(|(made, path)| made.fault(&path)).collect();
    for (name, template) in theme.templates() {
        let file = SourceText::new(theme.shown(&format!("layouts/{name}")), template);
        faults.extend(conflict::check(&file));
        let found = markup::in_template(file.text(), &|path| theme.holds(path));
        faults.extend(found.into_iter().map(|finding| fault(&file, finding)));
    }
    let fonts = theme.coverage()?;
    for path in theme.file_paths() {
        let (name, source) = theme.source(path);
        let mut head = Vec::new();
        os::open_regular(&source).and_then(|file| file.take(64).read_to_end(&mut head)).map_err(|error| Failure::io(&source, &error))?;
        if media::is_lfs_pointer(&head) {
            faults.push(media::lfs_pointer(&theme.shown(&name)));
        } else if name.starts_with("images/") {
            // Of other faults the page shows at once what they do.
            faults.extend(media::probe(&source, &theme.shown(&name)).err().filter(|fault| fault.code == "media-moves"));
        } else if name.ends_with(".css") {
            let bytes = read_regular_file(&source, THEME_FILE_BYTES).map_err(|error| Failure::io(&source, &error))?;
            let file = SourceText::new(theme.shown(&name), &String::from_utf8_lossy(&bytes));
            faults.extend(conflict::check(&file));
            let there = |address: &str| beside(path.as_str(), address).is_some_and(|path| theme.holds(&path));
            let known = markup::Known { file: &there, font: &|family| fonts.declares(family) };
            faults.extend(markup::in_sheet(file.text(), known).into_iter().map(|finding| fault(&file, finding)));
        }
    }
    Ok(faults)
}

fn fault(file: &SourceText, Finding { kind, bytes }: Finding) -> Diagnostic {
    let text = file.text();
    let (start, end) = (text.floor_char_boundary(bytes.start), text.ceil_char_boundary(bytes.end));
    kind_fault(kind, file.location(file.span(start..end)))
}

fn kind_fault(kind: FindingKind, place: SourceLocation) -> Diagnostic {
    match kind {
        FindingKind::Forbidden(what) => {
            let what = start_of(&what);
            let help = text!(
                vi: "bỏ đi; docs/themes.md liệt kê những gì được dùng; kiểu dáng viết trong theme.css với class",
                en: "remove it; docs/themes.md lists what is allowed; style goes into theme.css, by class"
            );
            markup_fault(place, text!(vi: "giao diện không được có {what}", en: "a theme can't hold {what}"), help)
        }
        FindingKind::Malformed(what) => {
            let cause =
                text!(vi: "trình duyệt có thể hiểu chỗ này theo cách khác ({what})", en: "browsers may read this in another way ({what})");
            markup_fault(place, cause, text!(vi: "viết lại đúng chuẩn HTML và CSS", en: "write it as the standards of HTML and CSS ask"))
        }
        FindingKind::Unclear(cause) => {
            let help = text!(vi: "viết lại theo mục “Rules for a template” của docs/themes.md", en: "write it as “Rules for a template” in docs/themes.md says");
            markup_fault(place, cause, help)
        }
        FindingKind::Font(family) => {
            let shown = start_of(&family);
            Diagnostic::error(
                "theme-font",
                place,
                text!(vi: "không @font-face nào của giao diện khai báo phông “{shown}”: mỗi máy hiện một kiểu", en: "no @font-face of the theme declares the font “{shown}”: each machine shows another one"),
                text!(
                    vi: "đặt tệp woff2 vào fonts/ và khai báo bằng @font-face với một src; hoặc dùng serif, sans-serif, monospace",
                    en: "put a woff2 file into fonts/ and declare it by @font-face with one src; or name serif, sans-serif, monospace"
                ),
            )
        }
        FindingKind::External(address) => {
            let shown = start_of(&address);
            Diagnostic::error(
                "theme-address",
                place,
                text!(vi: "địa chỉ bên ngoài “{shown}”: trình duyệt của máy phát chặn nó", en: "an address outside, “{shown}”: the player's browser blocks it"),
                text!(
                    vi: "chép tệp vào giao diện: images/ hoặc fonts/; trong mẫu viết {{{{ root }}}}theme/images/…",
                    en: "copy the file into the theme: images/ or fonts/; in a template write {{{{ root }}}}theme/images/…"
                ),
            )
        }
        FindingKind::Missing(address) => {
            let shown = start_of(&address);
            Diagnostic::error(
                "theme-file",
                place,
                text!(vi: "chương trình không có tệp “{shown}”", en: "a program has no file “{shown}”"),
                text!(
                    vi: "đặt tệp vào giao diện: png, jpg, webp trong images/, woff2 trong fonts/; trong mẫu viết {{{{ root }}}}theme/images/…",
                    en: "put the file into the theme: png, jpg, webp into images/, woff2 into fonts/; in a template write {{{{ root }}}}theme/images/…"
                ),
            )
        }
    }
}

fn markup_fault(place: SourceLocation, cause: Text, help: Text) -> Diagnostic {
    Diagnostic::error("theme-markup", place, cause, help)
}

/// As much of an author's text as a message shows.
fn start_of(text: &str) -> String {
    text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The path in a program of a file that a sheet names.
fn beside(sheet: &str, address: &str) -> Option<String> {
    let mut parts: Vec<&str> = sheet.split('/').collect();
    parts.pop();
    for part in markup::without_query(address).split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn too_large(file: &str, most: u64) -> Diagnostic {
    let most = most >> 20;
    Diagnostic::error(
        "file-too-large",
        SourceLocation::file(file),
        text!(vi: "tệp của giao diện lớn hơn {most} MiB", en: "the file of the theme is larger than {most} MiB"),
        text!(vi: "thu nhỏ ảnh hoặc phông chữ, hoặc bỏ tệp khỏi giao diện", en: "make the picture or the font smaller, or take the file out of the theme"),
    )
}

fn no_template(name: &str, layout: &Layout) -> Diagnostic {
    Diagnostic::error(
        "theme-template",
        layout.place.clone(),
        text!(vi: "bố cục “{name}” chưa có mẫu layouts/{name}.html", en: "the layout “{name}” has no template layouts/{name}.html"),
        text!(vi: "viết mẫu đó, hoặc bỏ bố cục khỏi theme.yaml", en: "write it, or remove the layout from theme.yaml"),
    )
}

/// Renders a layout with sample slides.
fn layout_faults(theme: &Theme, name: &str, layout: &Layout) -> Vec<Diagnostic> {
    let place = || SourceLocation::file(theme.shown(&format!("layouts/{name}.html")));
    let sample_file = |path: &str| MEDIA.iter().any(|(key, extension)| path == sample_path(key, extension));
    let held = |path: &str| theme.holds(markup::without_query(path)) || sample_file(path);
    let there = |address: &str| address.strip_prefix(ROOT).is_some_and(held);
    let in_program = |kind| match kind {
        FindingKind::Missing(address) => FindingKind::Missing(address.strip_prefix(ROOT).unwrap_or(&address).to_owned()),
        other => other,
    };
    let mut faults: Vec<Diagnostic> = Vec::new();
    for kind in SAMPLES {
        match theme.render(name, &sample(theme, name, layout, kind)) {
            Err(fault) => return vec![fault],
            Ok(html) => {
                let found = markup::in_page(&html, &there).into_iter().map(|finding| kind_fault(in_program(finding.kind), place()));
                found.for_each(|fault| {
                    if !faults.contains(&fault) {
                        faults.push(fault);
                    }
                });
            }
        }
    }
    faults
}

fn sample_path(key: &str, extension: &str) -> String {
    format!("assets/{key}.{extension}")
}

/// What a template is given for a sample slide.
fn sample(theme: &Theme, name: &str, layout: &Layout, (language, size, times, full): (&str, (u32, u32), usize, bool)) -> Context {
    let keys: BTreeSet<&String> = layout.needs.iter().chain(layout.takes.iter().filter(|_| full)).collect();
    let given = |key: &str| keys.iter().any(|given| *given == key);
    let texts =
        keys.iter().filter(|key| !["table", "rows", "focus"].contains(&key.as_str()) && !MEDIA.iter().any(|(media, _)| media == *key));
    let words = "A".repeat(times);
    let slide = Slide {
        language: Language::parse(language).unwrap_or_else(Language::vietnamese),
        source: String::new(),
        title: words.clone(),
        agency: AgencyId::placeholder(),
        category: "co-so".to_owned(),
        layout: name.to_owned(),
        duration_ms: 0,
        sets_duration: false,
        valid: (None, None),
        revision: 1,
        body: SlideBody::Loaded(String::new()),
        media: BTreeMap::new(),
        pictures: BTreeMap::new(),
        focus: None,
        rows: None,
        parts: 1,
        texts: texts.map(|key| ((*key).clone(), words.clone())).collect(),
        place: SourceLocation::file(""),
    };
    let mut context = Context::new();
    page::insert_metadata(&mut context, &BTreeMap::new(), None, &slide, size.into());
    page::insert_body(&mut context, &slide, &markdown::parse(&BODY.repeat(times)), &|_| None);
    if given("table") {
        let row = || vec!["A".to_owned(), "1".to_owned()];
        // With all keys, the first part of a table that is split.
        let parts = if full { 2 } else { 1 };
        page::insert_table(&mut context, "vi", &CsvTable { header: row(), rows: vec![row(); 2 * times] }, (1, parts));
    }
    for (key, extension) in MEDIA.into_iter().filter(|(key, _)| given(key)) {
        let media_type = file_types::from_extension(extension).unwrap_or_default();
        context.insert(key, &MediaRef { src: format!("{ROOT}{}", sample_path(key, extension)), media_type });
    }
    context.insert("root", ROOT);
    if full && given("image") {
        page::insert_focus(&mut context, Some(Focus { x: 50, y: 0 }));
        context.insert("backdrop", &MediaRef { src: format!("{ROOT}{}", sample_path("image", "jpg")), media_type: "image/jpeg" });
    }
    if full {
        let addresses: Vec<String> = theme.sheets().iter().map(|sheet| format!("{ROOT}{}", sheet.path)).collect();
        context.insert("sheets", &addresses);
    }
    context
}
