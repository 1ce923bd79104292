//! Slides as an earlier run read them, so that what did not change is not read again. Only slides without a fault are kept: whatever is
//! told of content is found anew each time, and the Markdown stays in its file. Never reads a file.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use super::values::{MediaFile, MediaKey, Slide, SlideBody};
use crate::base::diagnostic::SourceLocation;
use crate::base::digest::Digest;
use crate::base::ids::{AgencyId, Language, SlideId};
use crate::base::stamp::FileStamp;
use crate::content::source::{ContentTree, media};

/// A slide that needs no reading.
#[derive(Clone, Debug)]
pub struct CachedSlide {
    /// As it was read. Boxed: thousands are passed from hand to hand.
    pub slide: Box<Slide>,
    /// Whether it sets a duration itself: its translations ask.
    pub explicit_duration: bool,
    /// What its page depends on beside its media: its text and, of a translation, that of its slide.
    pub text_digest: Digest,
}

/// All slides that need no reading.
#[derive(Debug, Default)]
pub struct CachedSlides {
    /// As they were read.
    pub slides: BTreeMap<SlideId, Box<Slide>>,
    /// Those that set a duration themselves.
    pub explicit_duration: BTreeSet<SlideId>,
}

/// What has to be as it was for a slide to be as it was.
#[derive(Clone, Copy, Debug)]
pub struct SlideInputs<'a> {
    /// Its file below the content folder.
    pub path: &'a str,
    /// That file.
    pub stamp: FileStamp,
    /// The files that all slides depend on: settings, agencies, themes.
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

/// A file beside the slide: a picture, video or sound by what it says of itself, a text by its digest.
#[derive(Serialize, Deserialize)]
struct MediaRecord<'a> {
    name: &'a str,
    facts: (u32, u32, u64),
    text: Option<[u8; 32]>,
}

const KEYS: [MediaKey; 6] = [MediaKey::Image, MediaKey::Video, MediaKey::Audio, MediaKey::Table, MediaKey::Poster, MediaKey::Captions];

/// The bytes that keep a slide; `None` for one whose files are not in the tree.
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

/// The slide of an entry, if all that it depends on is as it was.
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
    /// The file, if it still says the same.
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
