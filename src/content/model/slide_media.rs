//! The media that a slide names: beside it, of the expected kind, undamaged.
//! Never opens a file.

use super::values::{MediaFile, MediaKey, Slide};
use super::written::{FileFaults, SlideFile, Spanned, nearest, nearest_of, written_emphasis};
use crate::base::diagnostic::Diagnostic;
use crate::base::limits::MAX_FAULTS_PER_FILE;
use crate::base::numbers;
use crate::base::relpath::RelPath;
use crate::base::text::Text;
use crate::content::source::text::{SourceText, TextSpan};
use crate::content::source::{ContentTree, captions, emphasis, table};
use crate::text;

/// An end of a film or sound of this length or less may be lost without a word: the lengths of files are not exact.
const LOST_END_MS: u64 = 500;

/// Names of the files in a folder with one of these extensions.
fn names_in<'t>(folder: &str, tree: &'t ContentTree, extensions: &[&str]) -> Vec<&'t str> {
    let all = tree.media.keys().chain(tree.texts.keys());
    let inside = all.filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/')).filter(|name| !name.contains('/'));
    inside.filter(|name| name.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))).collect()
}

/// The extensions that a key takes.
fn extensions_for(key: MediaKey) -> &'static [&'static str] {
    match key {
        MediaKey::Image | MediaKey::Poster => &["jpg", "jpeg", "png", "webp"],
        MediaKey::Video => &["mp4", "webm"],
        MediaKey::Audio => &["m4a", "mp3", "ogg"],
        MediaKey::Table => &["csv"],
        MediaKey::Captions => &["vtt"],
    }
}

/// Whether a slide can name a file of this name.
pub fn is_taken(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let keys = [MediaKey::Image, MediaKey::Video, MediaKey::Audio, MediaKey::Table, MediaKey::Poster, MediaKey::Captions];
    keys.into_iter().any(|key| extensions_for(key).contains(&extension))
}

/// The file in the slide's folder that a key names; reports its faults and gives `None` if it can't be used.
pub fn checked_media(
    folder: &str,
    key: MediaKey,
    name: &Spanned<String>,
    tree: &ContentTree,
    faults: &mut FileFaults<'_>,
) -> Option<MediaFile> {
    let media = lookup_media(folder, key, (&name.value, name.span), tree, faults)?;
    let text = tree.texts.get(&media.path);
    match (key, text) {
        (MediaKey::Table, Some(file)) => match table::parse(file.text()) {
            Ok(parsed) => faults.list.extend(parsed.notes(file).into_iter().chain(emphasis_in_cells(file))),
            Err(fault) => {
                faults.list.push(fault.to_diagnostic(file));
                return None;
            }
        },
        (MediaKey::Captions, Some(file)) if !captions::has_signature(file.text()) => {
            faults.error(
                "captions-form",
                name.span,
                text!(vi: "tệp phụ đề không bắt đầu bằng WEBVTT", en: "the captions do not begin with WEBVTT"),
                text!(vi: "xuất phụ đề ở dạng WebVTT", en: "export the captions as WebVTT"),
            );
            return None;
        }
        (MediaKey::Captions, Some(file)) => faults.list.extend(caption_reference(file).into_iter().chain(captions::check_form(file))),
        _ => {}
    }
    Some(media)
}

/// Warns of captions that the slide names and that are never shown with its film.
pub fn check_captions(slide: &Slide, written: &SlideFile, tree: &ContentTree, faults: &mut FileFaults<'_>) {
    let named = written.captions.as_ref().and_then(|_| slide.media.get(&MediaKey::Captions));
    let Some(file) = named.and_then(|media| tree.texts.get(&media.path)).filter(|file| captions::has_signature(file.text())) else {
        return;
    };
    let film_ms = slide.media.get(&MediaKey::Video).map_or(0, |film| film.duration_ms);
    faults.list.extend(captions::check(file, film_ms));
}

/// Warns of a film or sound of the slide that goes on when its time is over: the rest is never shown. Of what a translation takes from its
/// original, the original's file tells.
pub fn check_length(slide: &Slide, written: &SlideFile, faults: &mut FileFaults<'_>) {
    let own = [(MediaKey::Video, written.video.as_ref()), (MediaKey::Audio, written.audio.as_ref())];
    for (key, name) in own {
        let Some(span) = written.duration.as_ref().map(|length| length.span).or(name.map(|name| name.span)) else { continue };
        let Some(media) = slide.media.get(&key).filter(|media| media.duration_ms > slide.duration_ms + LOST_END_MS) else { continue };
        let tenths = |ms: u64| numbers::thousandths(i64::try_from(ms / 100 * 100).unwrap_or(i64::MAX));
        let (Text { vi, en }, Text { vi: stands_vi, en: stands_en }) = (tenths(media.duration_ms), tenths(slide.duration_ms));
        let (what_vi, what_en) = if key == MediaKey::Video { ("phim", "the film") } else { ("âm thanh", "the sound") };
        let whole = media.duration_ms.div_ceil(1_000);
        faults.warning(
            "media-cut",
            span,
            text!(vi: "{what_vi} dài {vi} giây, trang chỉ chiếu {stands_vi} giây: phần cuối không bao giờ được chiếu", en: "{what_en} lasts {en} s, the slide {stands_en} s: its end is never shown"),
            text!(vi: "đặt duration: {whole}s, hoặc cắt ngắn tệp", en: "set duration: {whole}s, or cut the file"),
        );
    }
}

/// A character that captions name in place of holding it: nobody who reads the file sees which it is.
fn caption_reference(file: &SourceText) -> Option<Diagnostic> {
    let text = file.text();
    let named = |at: usize| {
        let rest = &text[at + 1..];
        let known = ["amp;", "lt;", "gt;", "nbsp;"].iter().any(|name| rest.starts_with(name));
        rest.starts_with(|c: char| c == '#' || c.is_ascii_alphabetic()) && !known
    };
    let at = text.match_indices('&').map(|(at, _)| at).find(|at| named(*at))?;
    let length = text[at + 1..].find(|c: char| c != '#' && !c.is_ascii_alphanumeric()).map_or(text.len() - at, |end| end + 1);
    let with_end = length + usize::from(text[at + length..].starts_with(';'));
    Some(Diagnostic::error(
        "captions-form",
        file.location(file.span(at..at + with_end)),
        text!(vi: "phụ đề gọi tên một ký tự thay vì viết ra", en: "the captions name a character in place of writing it"),
        text!(vi: "viết thẳng chữ đó; dấu & viết là &amp;", en: "write the letter itself; for the sign & write &amp;"),
    ))
}

/// Warnings of signs of emphasis in a table's cells, one for each line.
fn emphasis_in_cells(file: &SourceText) -> Vec<Diagnostic> {
    let mut start = 0;
    let lines = file.text().split_inclusive('\n').filter_map(|line| {
        let found = emphasis::in_plain_text(line).map(|signs| start + signs.start..start + signs.end);
        start += line.len();
        found
    });
    let faults = lines.map(|signs| {
        let (cause, help) = written_emphasis(&file.text()[signs.clone()]);
        Diagnostic::warning("emphasis-left", file.location(file.span(signs)), cause, help)
    });
    faults.take(MAX_FAULTS_PER_FILE).collect()
}

/// Finds a file in the slide's folder by name.
pub fn lookup_media(
    folder: &str,
    key: MediaKey,
    (name, span): (&str, TextSpan),
    tree: &ContentTree,
    faults: &mut FileFaults<'_>,
) -> Option<MediaFile> {
    let (path, extensions) = (format!("{folder}/{name}"), extensions_for(key));
    let own_faults = || tree.faults_of(&path).cloned();
    // A file's faults count as the slide's too: the slide can't be shown.
    if tree.unreadable.contains(&path) {
        faults.list.extend(own_faults());
        return None;
    }
    if RelPath::parse(name).is_none() || name.contains('/') {
        let help = nearest(name, &names_in(folder, tree, extensions)).map_or_else(
            || text!(vi: "chép tệp vào cùng thư mục, đặt tên bằng a-z, 0-9, gạch nối", en: "put the file into the same folder, named with a-z, 0-9, hyphen"),
            |near| text!(vi: "có phải “{near}”? Viết đúng như tên tệp", en: "did you mean “{near}”? Write it as the file is named"),
        );
        let cause = text!(vi: "“{name}” không phải tên tệp nằm cạnh trang", en: "“{name}” is not the name of a file beside the slide");
        faults.error("media-outside", span, cause, help);
        return None;
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if !extensions.contains(&extension) {
        let legal = extensions.join(", ");
        faults.error(
            "media-kind",
            span,
            text!(vi: "“{name}” không phải loại tệp dùng được ở đây", en: "“{name}” is not a kind of file for this key"),
            text!(vi: "loại dùng được: {legal}", en: "kinds for it: {legal}"),
        );
        return None;
    }
    if !tree.contains(&path) {
        let near = names_in(folder, tree, extensions);
        let cause = text!(vi: "không có tệp “{name}” cạnh trang này", en: "there is no file “{name}” beside this slide");
        let help = if near.is_empty() {
            text!(vi: "đặt tệp vào cùng thư mục với trang", en: "put the file into the slide's folder")
        } else {
            nearest_of(name, &near, &text!(vi: "tệp hiện có trong thư mục", en: "files in the folder"))
        };
        faults.error("media-missing", span, cause, help);
        return None;
    }
    if tree.texts.contains_key(&path) {
        return Some(MediaFile { path, width: 0, height: 0, duration_ms: 0 });
    }
    let Some(facts) = tree.media.get(&path).copied().flatten() else {
        faults.list.extend(own_faults());
        return None;
    };
    Some(MediaFile { path, width: facts.width, height: facts.height, duration_ms: facts.ms })
}
