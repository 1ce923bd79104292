//! `slides/**/*.md` → slides, translations with what they inherit. A slide with faults stays as a stand-in.
//! Never knows a playlist.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::agencies::order;
use super::kept::Held;
use super::slide_body;
use super::slide_media::{self, Beside};
use super::theme::{self, Layout};
use super::values::{Agency, Markdown, MediaKey, Slide};
use super::written::{At, Faults, SlideFile, Written as _};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::ids::{AgencyId, Language, SlideId};
use crate::base::limits::{LOOP_MS, SLIDE_MS};
use crate::content::source::front_matter::{self, LINES_BEFORE};
use crate::content::source::text::{SourceText, Span};
use crate::content::source::{Tree, markdown_check, yaml};
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

/// Slides, and what is wrong with them.
#[derive(Debug, Default)]
pub struct Read {
    /// All slides, stand-ins too.
    pub slides: BTreeMap<SlideId, Box<Slide>>,
    /// Faults per slide.
    pub broken: BTreeMap<SlideId, Vec<Diagnostic>>,
    /// Faults of files that can't be slides.
    pub faults: Vec<Diagnostic>,
    /// Slides that set a duration themselves.
    pub timed: BTreeSet<SlideId>,
}

/// One slide, whether it sets a duration, and its faults.
type One = (SlideId, Slide, bool, Vec<Diagnostic>);

/// Reads all slides but those that are kept: first those that others translate, then the translations.
pub fn read(tree: &Tree, kept: Held, known: &Known<'_>) -> Read {
    let mut out = Read { slides: kept.slides, timed: kept.timed, ..Read::default() };
    unreadable(tree, known, &mut out);
    let (mut originals, mut translations) = (Vec::new(), Vec::new());
    for (path, file) in tree.texts.range("slides/".to_owned()..).take_while(|(path, _)| path.starts_with("slides/")) {
        let Some(stem) = path["slides/".len()..].strip_suffix(".md") else { continue };
        match SlideId::parse(stem) {
            None => out.faults.push(bad_name(file)),
            Some(id) if id.split().1.is_some() => translations.push((id, file)),
            Some(id) => originals.push((id, file)),
        }
    }
    let read: Vec<One> = originals.into_par_iter().map(|(id, file)| original(id, file, tree, known)).collect();
    read.into_iter().for_each(|one| out.keep(one));
    let read: Vec<One> = translations.into_par_iter().map(|(id, file)| translated(id, file, &out, tree, known)).collect();
    read.into_iter().for_each(|one| out.keep(one));
    out
}

impl Read {
    fn keep(&mut self, (id, slide, sets_duration, faults): One) {
        if sets_duration {
            self.timed.insert(id.clone());
        }
        if !faults.is_empty() {
            self.broken.insert(id.clone(), faults);
        }
        self.slides.insert(id, Box::new(slide));
    }
}

/// Slides whose files could not be read stay as stand-ins, so that entries and translations that name them are not at fault too.
fn unreadable(tree: &Tree, known: &Known<'_>, out: &mut Read) {
    for path in &tree.unreadable {
        let Some(id) = path.strip_prefix("slides/").and_then(|path| path.strip_suffix(".md")).and_then(SlideId::parse) else { continue };
        let faults = tree.faults.iter().filter(|fault| fault.place.path == *path).cloned().collect();
        let language = id.split().1.unwrap_or_else(|| first_language(known));
        out.keep((id, stand_in(&SourceText::new(path.clone(), ""), language), false, faults));
    }
}

fn original(id: SlideId, file: &SourceText, tree: &Tree, known: &Known<'_>) -> One {
    let mut faults = Faults::new(file);
    let (slide, sets_duration) = own(&id, tree, known, &mut faults);
    (id, slide, sets_duration, faults.list)
}

fn translated(id: SlideId, file: &SourceText, read: &Read, tree: &Tree, known: &Known<'_>) -> One {
    let (base, language) = id.split();
    let mut faults = Faults::new(file);
    let language = language.unwrap_or_else(|| first_language(known));
    if !known.languages.is_empty() && (!known.languages.contains(&language) || known.languages.first() == Some(&language)) {
        foreign_language(file, &language, known, &mut faults);
    }
    let slide = if let Some(original) = read.slides.get(&base) {
        translation((original, read.timed.contains(&base)), language, tree, known, &mut faults)
    } else {
        faults.list.push(Diagnostic::error(
            "translation-alone",
            file.whole(),
            text!(vi: "không có trang gốc slides/{base}.md", en: "the slide that it translates, slides/{base}.md, is not there"),
            text!(vi: "tạo trang gốc, hoặc bỏ đuôi ngôn ngữ khỏi tên tệp", en: "make that slide, or drop the language from the file's name"),
        ));
        stand_in(file, language)
    };
    (id, slide, false, faults.list)
}

fn first_language(known: &Known<'_>) -> Language {
    known.languages.first().cloned().unwrap_or_else(Language::vietnamese)
}

/// A slide, and whether it sets a duration itself.
fn own(id: &SlideId, tree: &Tree, known: &Known<'_>, faults: &mut Faults<'_>) -> (Slide, bool) {
    let file = faults.file;
    let language = first_language(known);
    let Some((written, body, body_at)) = parts(faults) else { return (stand_in(file, language), false) };
    for key in ["title", "agency", "category", "layout"] {
        if !written.given.iter().any(|(name, _)| *name == key) {
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
    if let Some((layouts, name)) = known.theme.zip(written.layout.as_ref()) {
        theme::fit(name, &written, layouts, faults);
    }
    finish(&mut slide, &written, &Body { text: body, at: body_at }, tree, faults);
    slide.ms = written.duration.as_ref().map_or_else(|| natural(&slide, body, faults), |length| length.value.0);
    (slide, written.duration.is_some())
}

fn small_texts(written: &SlideFile) -> impl Iterator<Item = (String, String)> {
    texts(written).into_iter().map(|(key, text)| (key.to_owned(), text.value.clone()))
}

/// A translation of a slide, of which it is known whether it sets a duration itself.
fn translation(
    (original, original_sets_duration): (&Slide, bool),
    language: Language,
    tree: &Tree,
    known: &Known<'_>,
    faults: &mut Faults<'_>,
) -> Slide {
    let file = faults.file;
    let mut slide = Slide { language, source: source(file), place: top(file), pictures: BTreeMap::new(), ..original.clone() };
    let Some((written, body, body_at)) = parts(faults) else { return slide };
    for (key, span) in written.given.iter().copied().filter(|(key, _)| !OWN.contains(key)) {
        let own = OWN.join(", ");
        faults.error(
            "translation-key",
            span,
            text!(vi: "bản dịch lấy “{key}” của trang gốc, không đặt lại được", en: "a translation takes “{key}” from its slide and can't set it"),
            text!(vi: "xóa dòng này; bản dịch chỉ đặt: {own}", en: "remove this line; a translation may set: {own}"),
        );
    }
    if let Some(title) = &written.title {
        slide.title.clone_from(&title.value);
    }
    if let Some(layout) = known.theme.and_then(|layouts| layouts.get(&original.layout)) {
        theme::refuse(&original.layout, layout, &written, faults);
    }
    slide.texts.extend(small_texts(&written));
    finish(&mut slide, &written, &Body { text: body, at: body_at }, tree, faults);
    slide.ms = match &written.duration {
        Some(length) => length.value.0,
        None if original_sets_duration => original.ms,
        None => natural(&slide, body, faults),
    };
    slide
}

struct Body<'a> {
    text: &'a str,
    at: usize,
}

fn finish(slide: &mut Slide, written: &SlideFile, body: &Body<'_>, tree: &Tree, faults: &mut Faults<'_>) {
    slide.body = Markdown::Read(body.text.to_owned());
    let beside = Beside::of(faults.file.path());
    for (key, name) in media(written) {
        if let Some(media) = slide_media::find(&beside, key, name, tree, faults) {
            slide.media.insert(key, media);
        }
    }
    slide.pictures = slide_body::check(body.text, body.at, &beside, tree, faults);
}

/// The video's own length, else the reading time of the body.
fn natural(slide: &Slide, body: &str, faults: &mut Faults<'_>) -> u64 {
    let Some(video) = slide.media.get(&MediaKey::Video) else { return markdown_check::reading_ms(body) };
    if !(LOOP_MS..=SLIDE_MS).contains(&video.ms) {
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
        && !known.agencies.is_empty()
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

fn missing(key: &str, faults: &mut Faults<'_>) {
    faults.error(
        "missing-key",
        Span { line: 1, column: 1, length: 3 },
        text!(vi: "thiếu mục “{key}”", en: "the key “{key}” is missing"),
        text!(vi: "thêm {key}: …", en: "add {key}: …"),
    );
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

fn source(file: &SourceText) -> String {
    file.path().trim_start_matches("slides/").to_owned()
}

fn top(file: &SourceText) -> crate::base::diagnostic::Place {
    file.place(Span { line: 1, column: 1, length: 3 })
}

fn stand_in(file: &SourceText, language: Language) -> Slide {
    Slide {
        language,
        source: source(file),
        title: source(file),
        agency: AgencyId::unknown(),
        category: String::new(),
        layout: String::new(),
        ms: 10_000,
        valid: (None, None),
        body: Markdown::Read(String::new()),
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
