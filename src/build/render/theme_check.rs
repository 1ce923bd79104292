//! Checks a theme before any slide is shown with it: what its templates and style sheets hold, the files that they name, and every layout,
//! rendered with a sample slide. Never writes, never renders a slide of the content.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use tera::Context;

use super::markup::{self, COMPUTED, Finding, FindingKind};
use super::page::{self, MediaRef};
use super::theme::Theme;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::failure::Failure;
use crate::base::file_types;
use crate::base::files::read_file_limited;
use crate::base::ids::{AgencyId, Language};
use crate::base::limits::THEME_FILE_BYTES;
use crate::content::model::values::{Slide, SlideBody};
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

/// What the templates and style sheets of a theme hold that a player's browser blocks or does not find, with the line of each.
pub fn source_faults(theme: &Theme) -> Result<Vec<Diagnostic>, Failure> {
    let mut faults: Vec<_> = theme.machine_files()?.into_iter().filter_map(|(made, path)| made.fault(&path)).collect();
    for (name, template) in theme.templates() {
        let file = SourceText::new(theme.shown(&format!("layouts/{name}")), template);
        let there = |address: &str| match address.trim_start_matches(COMPUTED) {
            fixed if fixed.contains(COMPUTED) => true,
            fixed if address.starts_with(COMPUTED) => !fixed.starts_with("theme/") || theme.holds(without_query(fixed)),
            _ => false,
        };
        faults.extend(conflict::check(&file));
        faults.extend(markup::in_page(file.text()).into_iter().filter_map(|finding| fault(&file, finding, &there)));
    }
    for path in theme.file_paths() {
        let (name, source) = theme.source(path);
        let mut head = Vec::new();
        File::open(&source).and_then(|file| file.take(64).read_to_end(&mut head)).map_err(|error| Failure::io(&source, &error))?;
        if media::is_lfs_pointer(&head) {
            faults.push(media::lfs_pointer(&theme.shown(&name)));
        } else if name.ends_with(".css") {
            let bytes = read_file_limited(&source, THEME_FILE_BYTES).map_err(|error| Failure::io(&source, &error))?;
            let file = SourceText::new(theme.shown(&name), &String::from_utf8_lossy(&bytes));
            faults.extend(conflict::check(&file));
            let there = |address: &str| beside(path.as_str(), address).is_some_and(|path| theme.holds(&path));
            faults.extend(markup::in_sheet(file.text()).into_iter().filter_map(|finding| fault(&file, finding, &there)));
        }
    }
    Ok(faults)
}

fn fault(file: &SourceText, Finding { kind, bytes }: Finding, there: &dyn Fn(&str) -> bool) -> Option<Diagnostic> {
    kind_fault(kind, there, file.location(file.span(bytes)))
}

fn kind_fault(kind: FindingKind, there: &dyn Fn(&str) -> bool, place: SourceLocation) -> Option<Diagnostic> {
    Some(match kind {
        FindingKind::Forbidden(what) => Diagnostic::error(
            "theme-markup",
            place,
            text!(vi: "trang không được có {what}: trình duyệt của máy phát chặn nó", en: "a page can't hold {what}: the player's browser blocks it"),
            text!(vi: "bỏ đi; kiểu dáng viết trong theme.css với class", en: "remove it; style goes into theme.css, by class"),
        ),
        FindingKind::External(address) => {
            let shown: String = address.chars().take(60).collect();
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
        FindingKind::File(address) if there(&address) => return None,
        FindingKind::File(address) => {
            let shown = address.replace(COMPUTED, "");
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
    })
}

fn without_query(address: &str) -> &str {
    address.split(['?', '#']).next().unwrap_or_default()
}

/// The path in a program of a file that a sheet names.
fn beside(sheet: &str, address: &str) -> Option<String> {
    let mut parts: Vec<&str> = sheet.split('/').collect();
    parts.pop();
    for part in without_query(address).split('/') {
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

/// Renders a layout with the least and with the most that a slide can give it.
fn layout_faults(theme: &Theme, name: &str, layout: &Layout) -> Vec<Diagnostic> {
    let place = || SourceLocation::file(theme.shown(&format!("layouts/{name}.html")));
    let there = |path: &str| theme.holds(without_query(path)) || MEDIA.iter().any(|(key, extension)| path == sample_path(key, extension));
    let in_program = |kind| match kind {
        FindingKind::File(address) => FindingKind::File(address.strip_prefix(ROOT).unwrap_or(&address).to_owned()),
        other => other,
    };
    let all = layout.needs.iter().chain(&layout.takes).collect();
    let mut faults = Vec::new();
    for page in [sample(theme, name, &layout.needs.iter().collect(), false), sample(theme, name, &all, true)] {
        match theme.render(name, &page) {
            Err(fault) => return vec![fault],
            Ok(html) => {
                let kinds = markup::in_page(&html).into_iter().map(|finding| in_program(finding.kind));
                faults.extend(kinds.filter_map(|kind| kind_fault(kind, &there, place())));
            }
        }
    }
    faults
}

fn sample_path(key: &str, extension: &str) -> String {
    format!("assets/{key}.{extension}")
}

/// What a template is given for a slide with these keys.
fn sample(theme: &Theme, layout: &str, keys: &BTreeSet<&String>, sheets: bool) -> Context {
    let given = |key: &str| keys.iter().any(|given| *given == key);
    let texts = keys.iter().filter(|key| !["table", "rows"].contains(&key.as_str()) && !MEDIA.iter().any(|(media, _)| media == *key));
    let slide = Slide {
        language: Language::vietnamese(),
        source: String::new(),
        title: "A".to_owned(),
        agency: AgencyId::placeholder(),
        category: "co-so".to_owned(),
        layout: layout.to_owned(),
        duration_ms: 0,
        sets_duration: false,
        valid: (None, None),
        revision: 1,
        body: SlideBody::Loaded(String::new()),
        media: BTreeMap::new(),
        pictures: BTreeMap::new(),
        rows: None,
        parts: 1,
        texts: texts.map(|key| ((*key).clone(), "A".to_owned())).collect(),
        place: SourceLocation::file(""),
    };
    let mut context = Context::new();
    page::insert_metadata(&mut context, &BTreeMap::new(), None, &slide, (1_920, 1_080).into());
    page::insert_body(&mut context, &slide, &markdown::parse(BODY), &|_| None);
    if given("table") {
        let row = || vec!["A".to_owned(), "1".to_owned()];
        // With all keys, the first part of a table that is split.
        page::insert_table(&mut context, &CsvTable { header: row(), rows: vec![row(), row()] }, (1, if sheets { 2 } else { 1 }));
    }
    for (key, extension) in MEDIA.into_iter().filter(|(key, _)| given(key)) {
        let media_type = file_types::from_extension(extension).unwrap_or_default();
        context.insert(key, &MediaRef { src: format!("{ROOT}{}", sample_path(key, extension)), media_type });
    }
    context.insert("root", ROOT);
    if sheets {
        let addresses: Vec<String> = theme.sheets().iter().map(|sheet| format!("{ROOT}{}", sheet.file.path)).collect();
        context.insert("sheets", &addresses);
    }
    context
}
