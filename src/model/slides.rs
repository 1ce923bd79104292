//! `slides/**/*.md` → slides, translations with what they inherit. A slide with faults stays as a stand-in.
//! Never knows a playlist.

use std::collections::BTreeMap;

use super::agencies::order;
use super::slide_body;
use super::slide_media::{self, Beside};
use super::theme::Layout;
use super::values::{Agency, MediaKey, Slide};
use super::written::{At, Faults, SlideFile, Written as _};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::ids::{AgencyId, Language, SlideId};
use crate::source::front_matter::{self, LINES_BEFORE};
use crate::source::text::{SourceText, Span};
use crate::source::{Tree, markdown_check, yaml};
use crate::text;

/// The categories of slides.
pub const CATEGORIES: [&str; 12] = [
    "doi-ngoai",
    "co-so",
    "phap-luat",
    "van-hoa",
    "du-lich",
    "xuc-tien-dau-tu",
    "su-kien",
    "an-ninh",
    "y-te",
    "giao-duc",
    "thoi-tiet",
    "nong-nghiep",
];
/// Keys that a translation may set itself: title, duration, media, and the small texts of a layout, which need translating too.
const OWN: [&str; 16] = [
    "title", "duration", "image", "video", "audio", "table", "poster", "captions", "subtitle", "caption", "credit", "cite", "number",
    "date", "place", "alt",
];

/// What a slide's file may name.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// Languages of the content, the first that of files without a suffix.
    pub languages: &'a [Language],
    /// Agencies.
    pub agencies: &'a BTreeMap<AgencyId, Agency>,
    /// Layouts of the theme, when it could be read.
    pub theme: Option<&'a BTreeMap<String, Layout>>,
}

/// Slides, and faults per slide.
pub type Read = (BTreeMap<SlideId, Slide>, BTreeMap<SlideId, Vec<Diagnostic>>);

/// Reads all slides.
pub fn read(tree: &Tree, known: &Known<'_>) -> Read {
    let mut slides = BTreeMap::new();
    let mut broken: BTreeMap<SlideId, Vec<Diagnostic>> = BTreeMap::new();
    let mut translations = Vec::new();
    let files = tree.texts.range("slides/".to_owned()..).take_while(|(path, _)| path.starts_with("slides/"));
    for (path, file) in files.filter(|(path, _)| path.ends_with(".md")) {
        let stem = &path["slides/".len()..path.len() - ".md".len()];
        let Some(id) = SlideId::parse(stem) else {
            let stand_in = SlideId::parse("unnamed").into_iter();
            stand_in.for_each(|id| broken.entry(id).or_default().push(bad_name(file)));
            continue;
        };
        if id.split().1.is_some() {
            translations.push((id, file));
            continue;
        }
        let mut faults = Faults::new(file);
        let slide = original(&id, tree, known, &mut faults);
        keep(&mut slides, &mut broken, id, slide, faults);
    }
    for (id, file) in translations {
        let (base, language) = id.split();
        let mut faults = Faults::new(file);
        let language = language.unwrap_or_else(|| first_language(known));
        if !known.languages.is_empty() && (!known.languages.contains(&language) || known.languages.first() == Some(&language)) {
            foreign_language(file, &language, known, &mut faults);
        }
        let slide = match slides.get(&base) {
            Some(original) => translation(original, language, tree, &mut faults),
            None => {
                let named = base.as_str().to_owned();
                faults.list.push(Diagnostic::error(
                    "translation-alone",
                    file.whole(),
                    text!(vi: "không có trang gốc slides/{named}.md", en: "the slide that it translates, slides/{named}.md, is not there"),
                    text!(vi: "tạo trang gốc, hoặc bỏ đuôi ngôn ngữ khỏi tên tệp", en: "make that slide, or drop the language from the file's name"),
                ));
                stand_in(file, language)
            }
        };
        keep(&mut slides, &mut broken, id, slide, faults);
    }
    (slides, broken)
}

fn keep(
    slides: &mut BTreeMap<SlideId, Slide>,
    broken: &mut BTreeMap<SlideId, Vec<Diagnostic>>,
    id: SlideId,
    slide: Slide,
    faults: Faults<'_>,
) {
    if !faults.list.is_empty() {
        broken.insert(id.clone(), faults.list);
    }
    slides.insert(id, slide);
}

fn first_language(known: &Known<'_>) -> Language {
    known.languages.first().cloned().or_else(|| Language::parse("vi")).unwrap_or_else(|| unreachable!("a literal code"))
}

fn original(id: &SlideId, tree: &Tree, known: &Known<'_>, faults: &mut Faults<'_>) -> Slide {
    let file = faults.file;
    let language = first_language(known);
    let Some((written, body, body_at)) = parts(faults) else { return stand_in(file, language) };
    for key in ["title", "agency", "category", "layout"] {
        if !given(&written).iter().any(|(name, _)| *name == key) && !file_names(file, key) {
            missing(key, faults);
        }
    }
    names(&written, known, faults);
    let mut slide = stand_in(file, language);
    slide.title = written.title.as_ref().map_or_else(|| id.as_str().to_owned(), |title| title.value.clone());
    if let Some(agency) = &written.agency {
        slide.agency = agency.value.clone();
    }
    slide.category = written.category.as_ref().map(|category| category.value.clone()).unwrap_or_default();
    slide.layout = written.layout.as_ref().map(|layout| layout.value.clone()).unwrap_or_default();
    if let Some(valid) = &written.valid {
        order(valid.value.from.as_ref(), valid.value.until.as_ref(), faults);
        slide.valid = (valid.value.from.as_ref().map(|day| day.value), valid.value.until.as_ref().map(|day| day.value));
    }
    slide.texts = small_texts(&written).collect();
    if let Some(layouts) = known.theme {
        layout(&written, layouts, faults);
    }
    finish(&mut slide, &written, Body { text: body, at: body_at }, tree, faults);
    slide.ms = written.duration.as_ref().map_or_else(|| natural(&slide, faults), |length| length.value.0);
    slide
}

fn small_texts(written: &SlideFile) -> impl Iterator<Item = (String, String)> {
    texts(written).into_iter().map(|(key, text)| (key.to_owned(), text.value.clone()))
}

fn translation(original: &Slide, language: Language, tree: &Tree, faults: &mut Faults<'_>) -> Slide {
    let file = faults.file;
    let mut slide = Slide { language, source: source(file), place: top(file), pictures: BTreeMap::new(), ..original.clone() };
    let Some((written, body, body_at)) = parts(faults) else { return slide };
    for (key, span) in given(&written).into_iter().filter(|(key, _)| !OWN.contains(key)) {
        let own = OWN.join(", ");
        faults.error(
            "translation-key",
            span,
            text!(vi: "bản dịch lấy “{key}” của trang gốc, không đặt lại được", en: "a translation takes “{key}” from its slide and can't set it"),
            text!(vi: "xóa dòng này; bản dịch chỉ đặt: {own}", en: "remove this line; a translation may set: {own}"),
        );
    }
    if let Some(title) = &written.title {
        slide.title = title.value.clone();
    }
    slide.texts.extend(small_texts(&written));
    finish(&mut slide, &written, Body { text: body, at: body_at }, tree, faults);
    // Neither sets a duration exactly when the original's is its natural one.
    slide.ms = match &written.duration {
        Some(length) => length.value.0,
        None if duration_is_set(original, tree) => original.ms,
        None => natural(&slide, faults),
    };
    slide
}

fn duration_is_set(original: &Slide, tree: &Tree) -> bool {
    let Some(file) = tree.texts.get(&format!("slides/{}", original.source)) else { return false };
    front_matter::split(file).is_ok_and(|parts| {
        yaml::parse(file, parts.yaml, LINES_BEFORE, &mut Vec::new()).is_some_and(|node| match node.value {
            yaml::Value::Map(entries) => entries.iter().any(|(key, _)| key.text == "duration"),
            _ => false,
        })
    })
}

struct Body<'a> {
    text: &'a str,
    at: usize,
}

fn finish(slide: &mut Slide, written: &SlideFile, body: Body<'_>, tree: &Tree, faults: &mut Faults<'_>) {
    body.text.clone_into(&mut slide.body);
    let beside = Beside::of(faults.file.path());
    for (key, name) in media(written) {
        if let Some(media) = slide_media::find(&beside, key, name, tree, faults) {
            slide.media.insert(key, media);
        }
    }
    slide.pictures = slide_body::check(body.text, body.at, &beside, tree, faults);
}

/// The video's own length, else the reading time of the body.
fn natural(slide: &Slide, faults: &mut Faults<'_>) -> u64 {
    let Some(video) = slide.media.get(&MediaKey::Video) else { return markdown_check::reading_ms(&slide.body) };
    if !(1_000..=3_600_000).contains(&video.ms) {
        let seconds = video.ms / 1_000;
        faults.error(
            "video-length",
            Span { line: 1, column: 1, length: 3 },
            text!(vi: "video dài {seconds} giây; một trang đứng từ 1 giây đến 1 giờ", en: "the video lasts {seconds} s; a slide stands from 1 second to 1 hour"),
            text!(vi: "đặt duration, hoặc cắt video", en: "set duration, or cut the video"),
        );
        return 10_000;
    }
    video.ms
}

fn parts<'a>(faults: &mut Faults<'a>) -> Option<(SlideFile, &'a str, usize)> {
    let file = faults.file;
    match front_matter::split(file) {
        Err(fault) => {
            faults.list.push(fault);
            None
        }
        Ok(parts) if parts.yaml.trim().is_empty() => {
            let empty =
                SlideFile::read(&yaml::Node { span: Span { line: 1, column: 1, length: 3 }, value: yaml::Value::Map(Vec::new()) }, faults)?;
            Some((empty, parts.body, parts.body_at))
        }
        Ok(parts) => {
            let node = yaml::parse(file, parts.yaml, LINES_BEFORE, &mut faults.list)?;
            Some((SlideFile::read(&node, faults)?, parts.body, parts.body_at))
        }
    }
}

fn names(written: &SlideFile, known: &Known<'_>, faults: &mut Faults<'_>) {
    if let Some(agency) = &written.agency
        && !known.agencies.contains_key(&agency.value)
    {
        let names: Vec<&str> = known.agencies.keys().map(AgencyId::as_str).collect();
        faults.unknown("unknown-agency", agency.span, &text!(vi: "đơn vị", en: "agency"), agency.value.as_str(), &names);
    }
    if let Some(category) = &written.category
        && !CATEGORIES.contains(&category.value.as_str())
    {
        faults.unknown("unknown-category", category.span, &text!(vi: "chuyên mục", en: "category"), &category.value, &CATEGORIES);
    }
}

fn layout(written: &SlideFile, layouts: &BTreeMap<String, Layout>, faults: &mut Faults<'_>) {
    let Some(name) = &written.layout else { return };
    let Some(layout) = layouts.get(&name.value) else {
        let known: Vec<&str> = layouts.keys().map(String::as_str).collect();
        faults.unknown("unknown-layout", name.span, &text!(vi: "bố cục", en: "layout"), &name.value, &known);
        return;
    };
    let set = given(written);
    let shown = &name.value;
    for key in layout.needs.iter().filter(|key| !set.iter().any(|(given, _)| given == key) && !file_names(faults.file, key)) {
        faults.error(
            "layout-needs",
            name.span,
            text!(vi: "bố cục “{shown}” cần khóa “{key}”", en: "the layout “{shown}” needs the key “{key}”"),
            text!(vi: "thêm {key}: …, hoặc chọn bố cục khác", en: "add {key}: …, or choose another layout"),
        );
    }
    for (key, span) in set {
        let taken = layout.needs.iter().chain(&layout.takes).any(|other| other == key) || super::theme::COMMON.contains(&key);
        if !taken {
            let keys = [layout.needs.clone(), layout.takes.clone()].concat().join(", ");
            faults.error(
                "layout-refuses",
                span,
                text!(vi: "bố cục “{shown}” không dùng khóa “{key}”", en: "the layout “{shown}” does not use the key “{key}”"),
                text!(vi: "xóa khóa này; bố cục này dùng: {keys}", en: "remove the key; this layout uses: {keys}"),
            );
        }
    }
}

fn missing(key: &str, faults: &mut Faults<'_>) {
    faults.error(
        "missing-key",
        Span { line: 1, column: 1, length: 3 },
        text!(vi: "thiếu khóa “{key}”", en: "the key “{key}” is missing"),
        text!(vi: "thêm {key}: …", en: "add {key}: …"),
    );
}

/// Whether the front matter has a line for a key whose value was at fault: that was told already.
fn file_names(file: &SourceText, key: &str) -> bool {
    let Ok(parts) = front_matter::split(file) else { return false };
    parts.yaml.lines().any(|line| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(':')))
}

fn media(written: &SlideFile) -> Vec<(MediaKey, &At<String>)> {
    let keys = [
        (MediaKey::Image, &written.image),
        (MediaKey::Video, &written.video),
        (MediaKey::Audio, &written.audio),
        (MediaKey::Table, &written.table),
        (MediaKey::Poster, &written.poster),
        (MediaKey::Captions, &written.captions),
    ];
    keys.into_iter().filter_map(|(key, name)| Some((key, name.as_ref()?))).collect()
}

fn texts(written: &SlideFile) -> Vec<(&'static str, &At<String>)> {
    let keys = [
        ("subtitle", &written.subtitle),
        ("caption", &written.caption),
        ("credit", &written.credit),
        ("cite", &written.cite),
        ("number", &written.number),
        ("date", &written.date),
        ("place", &written.place),
        ("alt", &written.alt),
    ];
    keys.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?))).collect()
}

/// The keys that are set, with their places.
fn given(written: &SlideFile) -> Vec<(&'static str, Span)> {
    let mut out: Vec<(&'static str, Span)> = texts(written).into_iter().map(|(key, text)| (key, text.span)).collect();
    out.extend(media(written).into_iter().map(|(key, name)| (key.as_str(), name.span)));
    let mut add = |key, span: Option<Span>| out.extend(span.map(|span| (key, span)));
    add("title", written.title.as_ref().map(|at| at.span));
    add("agency", written.agency.as_ref().map(|at| at.span));
    add("category", written.category.as_ref().map(|at| at.span));
    add("layout", written.layout.as_ref().map(|at| at.span));
    add("duration", written.duration.as_ref().map(|at| at.span));
    add("valid", written.valid.as_ref().map(|at| at.span));
    out
}

fn source(file: &SourceText) -> String {
    file.path().trim_start_matches("slides/").to_owned()
}

fn top(file: &SourceText) -> crate::base::diagnostic::Place {
    file.place(Span { line: 1, column: 1, length: 3 })
}

fn stand_in(file: &SourceText, language: Language) -> Slide {
    let agency = AgencyId::parse("unknown").unwrap_or_else(|| unreachable!("a literal name"));
    Slide {
        language,
        source: source(file),
        title: source(file),
        agency,
        category: String::new(),
        layout: String::new(),
        ms: 10_000,
        valid: (None, None),
        body: String::new(),
        media: BTreeMap::new(),
        pictures: BTreeMap::new(),
        texts: BTreeMap::new(),
        place: top(file),
    }
}

fn bad_name(file: &SourceText) -> Diagnostic {
    Diagnostic::error(
        "file-place",
        file.whole(),
        text!(vi: "tên tệp này không thể là tên trang", en: "this name can't be a slide's"),
        text!(vi: "chỉ dùng a-z, 0-9, gạch nối; bản dịch thêm .en, .zh trước .md", en: "use a-z, 0-9, hyphen; a translation adds .en, .zh before .md"),
    )
}

fn foreign_language(file: &SourceText, language: &Language, known: &Known<'_>, faults: &mut Faults<'_>) {
    let others: Vec<&str> = known.languages.iter().skip(1).map(Language::as_str).collect();
    let cause = if known.languages.first() == Some(language) {
        text!(vi: "“{language}” là tiếng của tệp không có đuôi", en: "“{language}” is the language of files without a suffix")
    } else {
        text!(vi: "“{language}” không có trong languages của bangtin.yaml", en: "“{language}” is not among the languages of bangtin.yaml")
    };
    let help = super::written::nearest(language.as_str(), &others);
    faults.list.push(Diagnostic { code: "unknown-language", severity: Severity::Error, place: file.whole(), cause, help });
}
