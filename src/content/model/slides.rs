//! Reads `slides/**/*.md`; a translation inherits from its original. A slide with faults stays as a placeholder.
//! Never knows a playlist.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::agencies::{check_date_order, resolve_agency};
use super::slide_body;
use super::slide_film;
use super::slide_media;
use super::slide_parts;
use super::theme::{self, Layouts};
use super::values::{Agency, MediaKey, Slide, SlideBody};
use super::written::{FileFaults, FromYaml as _, SlideFile, Spanned, language_names, suggest_known};
use crate::base::diagnostic::{Diagnostic, Severity, SourceLocation};
use crate::base::ids::{AgencyId, Language, SlideId};
use crate::content::source::front_matter::{self, SlideParts, YAML_LINE_OFFSET};
use crate::content::source::text::{SourceText, TextSpan};
use crate::content::source::{ContentTree, markdown_check, yaml};
use crate::text;

/// The categories of slides, with their names in Vietnamese, English, Chinese.
pub const CATEGORIES: [(&str, [&str; 3]); 12] = [
    ("doi-ngoai", ["Đối ngoại", "Foreign affairs", "对外事务"]),
    ("co-so", ["Thông tin cơ sở", "Local information", "基层信息"]),
    ("phap-luat", ["Pháp luật", "Law", "法律法规"]),
    ("van-hoa", ["Văn hóa", "Culture", "文化"]),
    ("du-lich", ["Du lịch", "Travel", "旅游"]),
    ("xuc-tien-dau-tu", ["Xúc tiến đầu tư", "Investment", "投资促进"]),
    ("su-kien", ["Sự kiện", "Events", "活动"]),
    ("an-ninh", ["An ninh trật tự", "Public security", "治安"]),
    ("y-te", ["Y tế", "Health", "卫生健康"]),
    ("giao-duc", ["Giáo dục", "Education", "教育"]),
    ("thoi-tiet", ["Thời tiết", "Weather", "天气"]),
    ("nong-nghiep", ["Nông nghiệp", "Agriculture", "农业"]),
];
/// Keys that a translation may set: title, duration, revision, media, and a layout's small texts, which need translation.
const TRANSLATION_KEYS: [&str; 18] = [
    "title", "duration", "revision", "image", "focus", "video", "audio", "table", "poster", "captions", "subtitle", "caption", "credit",
    "cite", "number", "date", "place", "alt",
];

/// The opening `---`.
const FIRST_LINE: TextSpan = TextSpan { line: 1, column: 1, length: 3 };

/// What a slide's file may name.
#[derive(Clone, Copy)]
pub struct SlideContext<'a> {
    /// The first is that of files without a suffix.
    pub languages: &'a [Language],
    pub agencies: &'a BTreeMap<AgencyId, Agency>,
    /// `None` if the theme could not be read.
    pub theme: Option<&'a Layouts>,
}

/// Slides that an earlier run has read and whose inputs are unchanged, with the warnings of those that have some.
#[derive(Debug, Default)]
pub struct KeptSlides {
    pub slides: BTreeMap<SlideId, Box<Slide>>,
    pub warnings: BTreeMap<SlideId, Vec<Diagnostic>>,
}

/// Slides, and what is wrong with them.
#[derive(Debug, Default)]
pub struct ParsedSlides {
    /// Includes placeholders.
    pub slides: BTreeMap<SlideId, Box<Slide>>,
    pub faults_by_slide: BTreeMap<SlideId, Vec<Diagnostic>>,
    /// Faults of files that can't be slides.
    pub faults: Vec<Diagnostic>,
}

type ParsedSlide = (SlideId, Slide, Vec<Diagnostic>);

/// Reads all slides except the kept ones: originals first, then translations.
pub fn read(tree: &ContentTree, kept: KeptSlides, known: &SlideContext<'_>) -> ParsedSlides {
    let mut out = ParsedSlides { slides: kept.slides, faults_by_slide: kept.warnings, faults: Vec::new() };
    add_placeholders(tree, known, &mut out);
    let (mut originals, mut translations) = (Vec::new(), Vec::new());
    for (path, file) in tree.texts.range("slides/".to_owned()..).take_while(|(path, _)| path.starts_with("slides/")) {
        let Some(stem) = path["slides/".len()..].strip_suffix(".md") else { continue };
        match SlideId::parse(stem) {
            None => out.faults.push(bad_name_fault(file)),
            Some(id) if id.split_part().1 > 1 => out.faults.push(part_name_fault(file)),
            Some(id) if id.split_language().1.is_some() => translations.push((id, file)),
            Some(id) => originals.push((id, file)),
        }
    }
    let read: Vec<ParsedSlide> = originals.into_par_iter().map(|(id, file)| parse_original(id, file, tree, known)).collect();
    read.into_iter().for_each(|one| out.insert(one));
    let read: Vec<ParsedSlide> = translations.into_par_iter().map(|(id, file)| parse_translation(id, file, &out, tree, known)).collect();
    read.into_iter().for_each(|one| out.insert(one));
    out
}

impl ParsedSlides {
    fn insert(&mut self, (id, slide, faults): ParsedSlide) {
        if !faults.is_empty() {
            self.faults_by_slide.insert(id.clone(), faults);
        }
        self.slides.insert(id, Box::new(slide));
    }
}

/// Unreadable slides stay as placeholders, so that entries and translations that name them are not reported as well.
fn add_placeholders(tree: &ContentTree, known: &SlideContext<'_>, out: &mut ParsedSlides) {
    for path in &tree.unreadable {
        let Some(id) = path.strip_prefix("slides/").and_then(|path| path.strip_suffix(".md")).and_then(SlideId::parse) else { continue };
        let faults = tree.faults_of(path).cloned().collect();
        let language = id.split_language().1.unwrap_or_else(|| first_language(known));
        out.insert((id, placeholder(&SourceText::new(path.clone(), ""), language), faults));
    }
}

fn parse_original(id: SlideId, file: &SourceText, tree: &ContentTree, known: &SlideContext<'_>) -> ParsedSlide {
    let mut faults = FileFaults::new(file);
    let slide = original_slide(&id, tree, known, &mut faults);
    (id, slide, faults.list)
}

fn parse_translation(id: SlideId, file: &SourceText, read: &ParsedSlides, tree: &ContentTree, known: &SlideContext<'_>) -> ParsedSlide {
    let (base, language) = id.split_language();
    let mut faults = FileFaults::new(file);
    let language = language.unwrap_or_else(|| first_language(known));
    if !known.languages.is_empty() && (!known.languages.contains(&language) || known.languages.first() == Some(&language)) {
        report_unexpected_language(file, &language, known, &mut faults);
    }
    let slide = if let Some(original) = read.slides.get(&base) {
        translated_slide((&id, original), language, tree, known, &mut faults)
    } else {
        faults.list.push(Diagnostic::error(
            "translation-alone",
            file.file_location(),
            text!(vi: "không có trang gốc slides/{base}.md", en: "the slide that it translates, slides/{base}.md, is not there"),
            text!(vi: "tạo trang gốc, hoặc bỏ đuôi ngôn ngữ khỏi tên tệp", en: "make that slide, or drop the language from the file's name"),
        ));
        placeholder(file, language)
    };
    (id, slide, faults.list)
}

fn first_language(known: &SlideContext<'_>) -> Language {
    known.languages.first().cloned().unwrap_or_else(Language::vietnamese)
}

fn original_slide(id: &SlideId, tree: &ContentTree, known: &SlideContext<'_>, faults: &mut FileFaults<'_>) -> Slide {
    let file = faults.file;
    let language = first_language(known);
    let Some((written, parts)) = split_and_parse(faults) else { return placeholder(file, language) };
    for key in ["title", "agency", "category", "layout"] {
        if !written.has(key) {
            faults.report_missing(key, FIRST_LINE);
        }
    }
    check_category(&written, faults);
    let mut slide = placeholder(file, language);
    slide.title = written.title.as_ref().map_or_else(|| id.as_str().to_owned(), |title| title.value.clone());
    if let Some(agency) = &written.agency {
        slide.agency = resolve_agency(agency, known.agencies, faults);
    }
    slide.category = written.category.as_ref().map(|category| category.value.clone()).unwrap_or_default();
    slide.layout = written.layout.as_ref().map(|layout| layout.value.clone()).unwrap_or_default();
    if let Some(valid) = &written.valid {
        check_date_order(valid.value.from.as_ref(), valid.value.until.as_ref(), faults);
        slide.valid = (valid.value.from.as_ref().map(|day| day.value), valid.value.until.as_ref().map(|day| day.value));
    }
    slide.revision = revision(&written);
    slide.place = place(&written, file);
    slide.texts = small_texts(&written).collect();
    if let Some((layouts, name)) = known.theme.zip(written.layout.as_ref()) {
        theme::check_layout(name, &written, layouts, faults);
    }
    attach_body_and_media(&mut slide, &written, &parts, tree, faults);
    slide.duration_ms = match &written.duration {
        Some(length) => length.value.0,
        None if written.has("duration") => slide.duration_ms,
        None => default_duration_ms(&slide, &written, parts.body, faults),
    };
    slide.sets_duration = written.has("duration");
    slide.focus = written.focus.as_ref().map(|focus| focus.value);
    slide.rows = written.rows.as_ref().map(|rows| rows.value.get());
    slide_media::check_length(&slide, &written, faults);
    slide_film::check(&slide, &written, tree, faults);
    slide_body::check_reading(&slide, &written, parts.body, faults);
    slide_parts::split(id, &mut slide, &written, tree, faults);
    slide
}

fn translated_slide(
    (id, original): (&SlideId, &Slide),
    language: Language,
    tree: &ContentTree,
    known: &SlideContext<'_>,
    faults: &mut FileFaults<'_>,
) -> Slide {
    let file = faults.file;
    let mut slide =
        Slide { language, source: source(file), place: front_matter_location(file), pictures: BTreeMap::new(), ..original.clone() };
    let Some((written, parts)) = split_and_parse(faults) else { return slide };
    for (key, span) in written.present.iter().copied().filter(|(key, _)| !TRANSLATION_KEYS.contains(key)) {
        let own = TRANSLATION_KEYS.join(", ");
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
    slide.revision = revision(&written);
    slide.place = place(&written, file);
    if let Some(layout) = known.theme.and_then(|layouts| layouts.get(&original.layout)?.as_ref()) {
        theme::report_refused_keys(&original.layout, layout, &written, faults);
    }
    slide.texts.extend(small_texts(&written));
    if written.image.is_some() || written.focus.is_some() {
        slide.focus = written.focus.as_ref().map(|focus| focus.value);
    }
    attach_body_and_media(&mut slide, &written, &parts, tree, faults);
    slide.duration_ms = match &written.duration {
        Some(length) => length.value.0,
        None if original.sets_duration || written.has("duration") => original.duration_ms,
        // With the film of its original, it lasts as long, and that file tells what is wrong with the length.
        None if slide.media.contains_key(&MediaKey::Video) && written.video.is_none() => original.duration_ms,
        None => default_duration_ms(&slide, &written, parts.body, faults),
    };
    slide_media::check_length(&slide, &written, faults);
    slide_film::check(&slide, &written, tree, faults);
    slide_body::check_reading(&slide, &written, parts.body, faults);
    slide_parts::split(id, &mut slide, &written, tree, faults);
    slide
}

fn attach_body_and_media(slide: &mut Slide, written: &SlideFile, parts: &SlideParts<'_>, tree: &ContentTree, faults: &mut FileFaults<'_>) {
    slide.body = SlideBody::Loaded(parts.body.to_owned());
    let folder = faults.file.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    for (key, name) in media(written) {
        if let Some(media) = slide_media::checked_media(folder, key, name, tree, faults) {
            slide.media.insert(key, media);
        }
    }
    slide_media::check_captions(slide, written, tree, faults);
    slide.pictures = slide_body::check(parts.body, parts.body_offset, folder, tree, faults);
}

/// The film's own length, else the reading time of the body.
fn default_duration_ms(slide: &Slide, written: &SlideFile, body: &str, faults: &mut FileFaults<'_>) -> u64 {
    match slide.media.get(&MediaKey::Video) {
        Some(film) => slide_film::own_length_ms(film, written.video.as_ref().map_or(FIRST_LINE, |named| named.span), faults),
        None => markdown_check::reading_time_ms(body),
    }
}

fn split_and_parse<'a>(faults: &mut FileFaults<'a>) -> Option<(SlideFile, SlideParts<'a>)> {
    let file = faults.file;
    let parts = front_matter::split(file).map_err(|fault| faults.list.push(fault)).ok()?;
    let node = if parts.yaml.trim().is_empty() {
        yaml::YamlNode { span: FIRST_LINE, value: yaml::YamlValue::Map(Vec::new()) }
    } else {
        yaml::parse(file, parts.yaml, YAML_LINE_OFFSET, &mut faults.list)?
    };
    Some((SlideFile::read(&node, faults)?, parts))
}

fn check_category(written: &SlideFile, faults: &mut FileFaults<'_>) {
    let categories = CATEGORIES.map(|(id, names)| (id, names.to_vec()));
    if let Some(category) = &written.category
        && !categories.iter().any(|(id, _)| *id == category.value)
    {
        faults.report_unknown("unknown-category", category.span, &text!(vi: "chuyên mục", en: "category"), &category.value, &categories);
    }
}

fn media(written: &SlideFile) -> Vec<(MediaKey, &Spanned<String>)> {
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

fn small_texts(written: &SlideFile) -> impl Iterator<Item = (String, String)> {
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
    keys.into_iter().filter_map(|(key, text)| Some((key.to_owned(), text.as_ref()?.value.clone())))
}

fn revision(written: &SlideFile) -> u64 {
    written.revision.as_ref().map_or(1, |revision| revision.value.0)
}

fn source(file: &SourceText) -> String {
    // Once: a folder below may have the same name.
    file.path().strip_prefix("slides/").unwrap_or(file.path()).to_owned()
}

fn front_matter_location(file: &SourceText) -> SourceLocation {
    file.location(FIRST_LINE)
}

/// Where its revision is set or, without one, its title.
fn place(written: &SlideFile, file: &SourceText) -> SourceLocation {
    let span = written.revision.as_ref().map(|revision| revision.span).or_else(|| written.title.as_ref().map(|title| title.span));
    file.location(span.unwrap_or(FIRST_LINE))
}

fn placeholder(file: &SourceText, language: Language) -> Slide {
    Slide {
        language,
        source: source(file),
        title: source(file),
        agency: AgencyId::placeholder(),
        category: String::new(),
        layout: String::new(),
        duration_ms: 10_000,
        sets_duration: false,
        valid: (None, None),
        revision: 1,
        body: SlideBody::Loaded(String::new()),
        media: BTreeMap::new(),
        pictures: BTreeMap::new(),
        focus: None,
        rows: None,
        parts: 1,
        texts: BTreeMap::new(),
        place: front_matter_location(file),
    }
}

fn bad_name_fault(file: &SourceText) -> Diagnostic {
    Diagnostic::error(
        "file-place",
        file.file_location(),
        text!(vi: "tên tệp này không thể là tên trang", en: "this name can't be a slide's"),
        text!(
            vi: "chỉ dùng a-z, 0-9, gạch nối; bản dịch thêm .en, .zh trước .md; kể cả thư mục dưới slides/ tối đa 200 ký tự",
            en: "use a-z, 0-9, hyphen; a translation adds .en, .zh before .md; 200 characters at most with the folders below slides/"
        ),
    )
}

/// A name that is kept for the parts of a slide whose table is split.
fn part_name_fault(file: &SourceText) -> Diagnostic {
    Diagnostic::error(
        "file-place",
        file.file_location(),
        text!(vi: "hai gạch nối rồi một số ở cuối tên dành cho các phần của một bảng dài", en: "two hyphens and a number at the end name a part of a long table"),
        text!(vi: "dùng một gạch nối: ten-2.md", en: "use one hyphen: name-2.md"),
    )
}

fn report_unexpected_language(file: &SourceText, language: &Language, known: &SlideContext<'_>, faults: &mut FileFaults<'_>) {
    let others = language_names(known.languages.iter().skip(1).map(Language::as_str));
    let cause = if known.languages.first() == Some(language) {
        text!(vi: "“{language}” là tiếng của tệp không có đuôi", en: "“{language}” is the language of files without a suffix")
    } else {
        text!(vi: "“{language}” không có trong languages của bangtin.yaml", en: "“{language}” is not among the languages of bangtin.yaml")
    };
    let help = suggest_known(language.as_str(), &others);
    faults.list.push(Diagnostic { code: "unknown-language", severity: Severity::Error, place: file.file_location(), cause, help });
}
