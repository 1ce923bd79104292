//! Slides as an earlier run read them, so that what did not change is not read again. Only slides without a fault are kept: whatever is
//! told of content is found anew each time, and the Markdown stays in its file. Never reads a file.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use serde::{Deserialize, Serialize};

use super::values::{Markdown, Media, MediaKey, Slide};
use crate::base::diagnostic::Place;
use crate::base::digest::Digest;
use crate::base::ids::{AgencyId, Language, SlideId};
use crate::base::stamp::Stamp;
use crate::content::source::{Tree, media};

/// A slide that needs no reading.
#[derive(Clone, Debug)]
pub struct Kept {
    /// As it was read. Boxed: thousands are passed from hand to hand.
    pub slide: Box<Slide>,
    /// Whether it sets a duration itself: its translations ask.
    pub timed: bool,
    /// What its page depends on beside its media: its text and, of a translation, that of its slide.
    pub identity: Digest,
}

/// All slides that need no reading.
#[derive(Debug, Default)]
pub struct Held {
    /// As they were read.
    pub slides: BTreeMap<SlideId, Box<Slide>>,
    /// Those that set a duration themselves.
    pub timed: BTreeSet<SlideId>,
}

/// What has to be as it was for a slide to be as it was.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// Its file below the content folder.
    pub path: &'a str,
    /// That file.
    pub stamp: Stamp,
    /// The files that all slides depend on: settings, agencies, themes.
    pub basis: Digest,
}

#[derive(Serialize, Deserialize)]
struct Entry<'a> {
    basis: [u8; 32],
    stamp: Stamp,
    identity: [u8; 32],
    timed: bool,
    language: &'a str,
    title: &'a str,
    agency: &'a str,
    category: &'a str,
    layout: &'a str,
    ms: u64,
    valid: (Option<i32>, Option<i32>),
    first_line: &'a str,
    #[serde(borrow)]
    media: Vec<(u8, File<'a>)>,
    #[serde(borrow)]
    pictures: Vec<(&'a str, File<'a>)>,
    #[serde(borrow)]
    texts: Vec<(&'a str, &'a str)>,
}

/// A file beside the slide: a picture, video or sound by what it says of itself, a text by its digest.
#[derive(Serialize, Deserialize)]
struct File<'a> {
    name: &'a str,
    facts: (u32, u32, u64),
    text: Option<[u8; 32]>,
}

const KEYS: [MediaKey; 6] = [MediaKey::Image, MediaKey::Video, MediaKey::Audio, MediaKey::Table, MediaKey::Poster, MediaKey::Captions];

/// The bytes that keep a slide; `None` for one whose files are not in the tree.
pub fn encode(kept: &Kept, ground: &Ground<'_>, tree: &Tree) -> Option<Vec<u8>> {
    let slide = &kept.slide;
    let day = |date: Option<NaiveDate>| date.map(|date| date.num_days_from_ce());
    let key = |key: MediaKey| u8::try_from(KEYS.iter().position(|each| *each == key)?).ok();
    let file = |media: &'_ Media| {
        let text = tree.texts.get(&media.path).map(|text| *Digest::of(text.text().as_bytes()).bytes());
        (text, (media.width, media.height, media.ms))
    };
    let mut entry = Entry {
        basis: *ground.basis.bytes(),
        stamp: ground.stamp,
        identity: *kept.identity.bytes(),
        timed: kept.timed,
        language: slide.language.as_str(),
        title: &slide.title,
        agency: slide.agency.as_str(),
        category: &slide.category,
        layout: &slide.layout,
        ms: slide.ms,
        valid: (day(slide.valid.0), day(slide.valid.1)),
        first_line: &slide.place.source,
        media: Vec::new(),
        pictures: Vec::new(),
        texts: slide.texts.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect(),
    };
    for (name, media) in &slide.media {
        let (text, facts) = file(media);
        entry.media.push((key(*name)?, File { name: &media.path, facts, text }));
    }
    for (name, media) in &slide.pictures {
        let (text, facts) = file(media);
        entry.pictures.push((name, File { name: &media.path, facts, text }));
    }
    postcard::to_allocvec(&entry).ok()
}

/// The slide of an entry, if all that it depends on is as it was.
pub fn decode(bytes: &[u8], ground: &Ground<'_>, tree: &Tree) -> Option<Kept> {
    let entry: Entry<'_> = postcard::from_bytes(bytes).ok()?;
    if entry.stamp != ground.stamp || entry.basis != *ground.basis.bytes() {
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
        ms: entry.ms,
        valid: (day(entry.valid.0), day(entry.valid.1)),
        body: Markdown::Unread(entry.stamp),
        media: BTreeMap::new(),
        pictures: BTreeMap::new(),
        texts: entry.texts.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect(),
        place: Place { path: ground.path.to_owned(), line: 1, column: 1, length: 3, source: entry.first_line.to_owned() },
    });
    for (key, file) in &entry.media {
        slide.media.insert(*KEYS.get(usize::from(*key))?, file.still(tree)?);
    }
    for (name, file) in &entry.pictures {
        slide.pictures.insert((*name).to_owned(), file.still(tree)?);
    }
    Some(Kept { slide, timed: entry.timed, identity: Digest::from_bytes(entry.identity) })
}

impl File<'_> {
    /// The file, if it still says the same.
    fn still(&self, tree: &Tree) -> Option<Media> {
        let path = self.name.to_owned();
        let (width, height, ms) = self.facts;
        if let Some(text) = tree.texts.get(self.name) {
            let same = self.text.is_some_and(|digest| digest == *Digest::of(text.text().as_bytes()).bytes());
            let media_type = if self.name.ends_with(".csv") { "text/csv" } else { "text/vtt" };
            return same.then_some(Media { path, media_type, width, height, ms });
        }
        let media::Facts { media_type, width: now_width, height: now_height, ms: now_ms } = tree.media.get(self.name).copied().flatten()?;
        (self.text.is_none() && (now_width, now_height, now_ms) == self.facts).then_some(Media { path, media_type, width, height, ms })
    }
}
