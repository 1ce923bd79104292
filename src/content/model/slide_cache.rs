//! Caches slides from an earlier run, so that unchanged slides are not read again. Only slides without faults are kept: each run finds
//! all faults anew. The Markdown stays in its file. Never reads a file.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use super::values::{MediaFile, MediaKey, Slide, SlideBody};
use crate::base::diagnostic::SourceLocation;
use crate::base::digest::Digest;
use crate::base::ids::{AgencyId, Language, SlideId};
use crate::base::stamp::FileStamp;
use crate::content::source::{ContentTree, media};

/// A slide that need not be read again.
#[derive(Clone, Debug)]
pub struct CachedSlide {
    /// Boxed because thousands are moved.
    pub slide: Box<Slide>,
    /// Whether it sets `duration` itself; its translations depend on that.
    pub explicit_duration: bool,
    /// Of what its page depends on beside its media: its text and, for a translation, the original's text.
    pub text_digest: Digest,
}

/// All slides that need not be read again.
#[derive(Debug, Default)]
pub struct CachedSlides {
    pub slides: BTreeMap<SlideId, Box<Slide>>,
    /// Slides that set `duration` themselves.
    pub explicit_duration: BTreeSet<SlideId>,
}

/// The inputs that must be unchanged for a cached slide to be valid.
#[derive(Clone, Copy, Debug)]
pub struct SlideInputs<'a> {
    /// Below the content folder.
    pub path: &'a str,
    pub stamp: FileStamp,
    /// Of the files that all slides depend on: settings, agencies, themes.
    pub shared_inputs: Digest,
}

#[derive(Serialize, Deserialize)]
struct SlideRecord<'a> {
    shared_inputs: [u8; 32],
    stamp: FileStamp,
    text_digest: [u8; 32],
    explicit_duration: bool,
    language: &'a str,
    title: &'a str,
    agency: &'a str,
    category: &'a str,
    layout: &'a str,
    ms: u64,
    valid: (Option<i32>, Option<i32>),
    first_line: &'a str,
    #[serde(borrow)]
    media: Vec<(u8, MediaRecord<'a>)>,
    #[serde(borrow)]
    pictures: Vec<(&'a str, MediaRecord<'a>)>,
    #[serde(borrow)]
    texts: Vec<(&'a str, &'a str)>,
}

/// A file beside the slide: a picture, video or sound with its measured facts, a text with its digest.
#[derive(Serialize, Deserialize)]
struct MediaRecord<'a> {
    name: &'a str,
    facts: (u32, u32, u64),
    text: Option<[u8; 32]>,
}

const KEYS: [MediaKey; 6] = [MediaKey::Image, MediaKey::Video, MediaKey::Audio, MediaKey::Table, MediaKey::Poster, MediaKey::Captions];

/// Encodes a slide for the cache; `None` if it can't be encoded.
pub fn encode(kept: &CachedSlide, ground: &SlideInputs<'_>, tree: &ContentTree) -> Option<Vec<u8>> {
    let slide = &kept.slide;
    let day = |date: Option<NaiveDate>| date.map(|date| date.num_days_from_ce());
    let key = |key: MediaKey| u8::try_from(KEYS.iter().position(|each| *each == key)?).ok();
    let file = |media: &'_ MediaFile| {
        let text = tree.texts.get(&media.path).map(|text| *Digest::of(text.text().as_bytes()).as_bytes());
        (text, (media.width, media.height, media.duration_ms))
    };
    let mut entry = SlideRecord {
        shared_inputs: *ground.shared_inputs.as_bytes(),
        stamp: ground.stamp,
        text_digest: *kept.text_digest.as_bytes(),
        explicit_duration: kept.explicit_duration,
        language: slide.language.as_str(),
        title: &slide.title,
        agency: slide.agency.as_str(),
        category: &slide.category,
        layout: &slide.layout,
        ms: slide.duration_ms,
        valid: (day(slide.valid.0), day(slide.valid.1)),
        first_line: &slide.place.source,
        media: Vec::new(),
        pictures: Vec::new(),
        texts: slide.texts.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect(),
    };
    for (name, media) in &slide.media {
        let (text, facts) = file(media);
        entry.media.push((key(*name)?, MediaRecord { name: &media.path, facts, text }));
    }
    for (name, media) in &slide.pictures {
        let (text, facts) = file(media);
        entry.pictures.push((name, MediaRecord { name: &media.path, facts, text }));
    }
    postcard::to_allocvec(&entry).ok()
}

/// Decodes a cached slide; `None` if the bytes are malformed or an input has changed.
pub fn decode(bytes: &[u8], ground: &SlideInputs<'_>, tree: &ContentTree) -> Option<CachedSlide> {
    let entry: SlideRecord<'_> = postcard::from_bytes(bytes).ok()?;
    if entry.stamp != ground.stamp || entry.shared_inputs != *ground.shared_inputs.as_bytes() {
        return None;
    }
    let day = |days: Option<i32>| days.and_then(NaiveDate::from_num_days_from_ce_opt);
    let mut slide = Box::new(Slide {
        language: Language::parse(entry.language)?,
        source: ground.path.strip_prefix("slides/")?.to_owned(),
        title: entry.title.to_owned(),
        agency: AgencyId::parse(entry.agency)?,
        category: entry.category.to_owned(),
        layout: entry.layout.to_owned(),
        duration_ms: entry.ms,
        valid: (day(entry.valid.0), day(entry.valid.1)),
        body: SlideBody::OnDisk(entry.stamp),
        media: BTreeMap::new(),
        pictures: BTreeMap::new(),
        texts: entry.texts.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect(),
        place: SourceLocation { path: ground.path.to_owned(), line: 1, column: 1, length: 3, source: entry.first_line.to_owned() },
    });
    for (key, file) in &entry.media {
        slide.media.insert(*KEYS.get(usize::from(*key))?, file.if_unchanged(tree)?);
    }
    for (name, file) in &entry.pictures {
        slide.pictures.insert((*name).to_owned(), file.if_unchanged(tree)?);
    }
    Some(CachedSlide { slide, explicit_duration: entry.explicit_duration, text_digest: Digest::from_bytes(entry.text_digest) })
}

impl MediaRecord<'_> {
    /// The file, if its facts or its digest are unchanged.
    fn if_unchanged(&self, tree: &ContentTree) -> Option<MediaFile> {
        let path = self.name.to_owned();
        let (width, height, ms) = self.facts;
        if let Some(text) = tree.texts.get(self.name) {
            let same = self.text.is_some_and(|digest| digest == *Digest::of(text.text().as_bytes()).as_bytes());
            let media_type = if self.name.ends_with(".csv") { "text/csv" } else { "text/vtt" };
            return same.then_some(MediaFile { path, media_type, width, height, duration_ms: ms });
        }
        let media::MediaInfo { media_type, width: now_width, height: now_height, ms: now_ms } =
            tree.media.get(self.name).copied().flatten()?;
        (self.text.is_none() && (now_width, now_height, now_ms) == self.facts).then_some(MediaFile {
            path,
            media_type,
            width,
            height,
            duration_ms: ms,
        })
    }
}
