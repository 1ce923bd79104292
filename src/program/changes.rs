//! Compares two programs: fields, faces, times, loops, airtime, slides with their files, all other files. Programs that compare as equal differ at
//! most in the names of loops, which nobody sees. Pure: never reads a file, never prints.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::airtime::{self, AirtimeChanges};
use super::dependencies::{self, PageDependencies, ReadFile};
use super::manifest::{Loop, Manifest, ManifestFile, ManifestScreen, ManifestSpan};
use super::page_text::{self, TextChange};
use super::screen_content::{self, ContentChange};
use crate::base::ids::{ScreenId, SlideId};
use crate::base::relpath::RelPath;
use crate::base::terms::ProgramKind;

/// Folders of a program.
const THEME: &str = "theme/";
const THEME_FONTS: &str = "theme/fonts/";
const PAGES: &str = "slides/";

/// Every difference between a program and a later one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProgramChanges {
    /// Fields of the manifest that the other lists do not cover.
    pub fields: Vec<FieldChange>,
    pub screens: Vec<ScreenChange>,
    pub loops: LoopChanges,
    /// How often and when slides play.
    pub airtime: AirtimeChanges,
    pub slides: SlideChanges,
    /// Files other than pages: the theme, pictures, films, sounds.
    pub files: Vec<FileChange>,
}

/// One changed field; `null` where it is absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// Name in the JSON.
    pub name: String,
    pub before: Value,
    pub after: Value,
}

/// Kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    Added,
    Removed,
    Changed,
}

/// Changes of one screen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ScreenChange {
    pub id: ScreenId,
    pub change: ChangeKind,
    pub fields: Vec<FieldChange>,
    /// What differs in what it shows; empty unless both programs have the screen.
    pub content: ContentChange,
    /// Seconds with content, before and after.
    pub seconds: (i64, i64),
    /// Stretches added (`closed`: removed), in the seconds of the spans; empty unless both programs have the same window.
    pub opened: Vec<(i64, i64)>,
    pub closed: Vec<(i64, i64)>,
}

/// Changes of loops, compared by content: their names mean nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LoopChanges {
    pub kept: usize,
    pub added: usize,
    pub removed: usize,
    /// Slides with a different duration: milliseconds before and after.
    pub durations: BTreeMap<SlideId, (Vec<u64>, Vec<u64>)>,
}

/// Changes of slides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SlideChanges {
    pub added: BTreeSet<SlideId>,
    pub removed: BTreeSet<SlideId>,
    pub changed: BTreeMap<SlideId, SlideChange>,
}

/// Changes of one slide.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SlideChange {
    pub fields: Vec<FieldChange>,
    /// Changed files among those that it needs: its pages, its pictures, the theme's.
    pub files: Vec<FileChange>,
    /// What people read on it, before and after; `null` where a page of before is not at hand.
    pub texts: Option<Vec<TextChange>>,
    /// Without `texts`: changed lines of its source file, if its history knows them; no proof of what was signed.
    pub sources: Option<Vec<TextChange>>,
}

/// What differs in a slide that the theme alone changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChange {
    Fonts,
    /// Its style sheets or pictures, perhaps fonts too.
    Style,
}

/// Change of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileChange {
    pub path: RelPath,
    pub change: ChangeKind,
    /// Length in bytes; `None` when the file was removed.
    pub size: Option<u64>,
}

/// Compares two programs of one site and kind. `needs` belongs to the later one.
pub fn compare(old: &Manifest, new: &Manifest, needs: &PageDependencies) -> ProgramChanges {
    ProgramChanges {
        fields: fields(old, new, &["files", "loops", "screens", "slides"]),
        screens: screens(old, new, needs),
        loops: loops(old, new),
        airtime: airtime::compare(old, new),
        slides: slides(old, new, needs),
        files: non_page_files(old, new),
    }
}

impl ProgramChanges {
    /// Reads on the pages of both programs, and in the captions of their films, which words changed.
    pub fn read_texts(&mut self, (old, read_old): (&Manifest, ReadFile<'_>), (new, read_new): (&Manifest, ReadFile<'_>)) {
        // With them, whether the page has captions.
        let blocks = |manifest: &Manifest, page: &RelPath, read: ReadFile<'_>| {
            let text = |path: &RelPath| Some(String::from_utf8_lossy(&read(manifest.file(path.as_str())?).ok()?).into_owned());
            let html = text(page)?;
            let (mut all, mut has_captions) = (page_text::blocks(&html), false);
            for captions in dependencies::named_files(manifest, page, &html).iter().filter(|path| is_captions(path)) {
                all.extend(page_text::captions(&text(captions)?));
                has_captions = true;
            }
            Some((all, has_captions))
        };
        for (id, change) in &mut self.slides.changed {
            let (Some(before), Some(after)) = (old.slides.get(id), new.slides.get(id)) else { continue };
            let mut texts = Some(Vec::new());
            for (page, was) in after.pages.iter().filter_map(|(size, page)| Some((page, before.pages.get(size)?))) {
                if was == page && file_change(old, new, page).is_none() {
                    continue;
                }
                let both = blocks(old, was, read_old).zip(blocks(new, page, read_new));
                if both.as_ref().is_some_and(|((_, had_captions), _)| *had_captions) {
                    change.replace_captions();
                }
                let found = both.map(|((was, _), (is, _))| page_text::differences(&was, &is));
                texts = texts.zip(found).map(|(mut all, found)| {
                    // A slide has the same words in most sizes.
                    let more: Vec<_> = found.into_iter().filter(|each| !all.contains(each)).collect();
                    all.extend(more);
                    all
                });
            }
            change.texts = texts;
        }
    }

    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self { loops: LoopChanges { kept: self.loops.kept, ..LoopChanges::default() }, ..Self::default() }
    }
}

impl SlideChange {
    /// What the theme changed, if nothing else did: its pages have the same bytes, and so has every picture, film and sound of them.
    pub fn theme_only(&self) -> Option<ThemeChange> {
        let fonts = self.files.iter().all(FileChange::is_font);
        let only = self.fields.is_empty() && self.files.iter().all(FileChange::is_of_theme);
        only.then_some(if fonts { ThemeChange::Fonts } else { ThemeChange::Style })
    }

    /// Captions in place of others: their file is named after its bytes, so that it seems to be new.
    fn replace_captions(&mut self) {
        for file in self.files.iter_mut().filter(|file| file.is_captions() && file.change == ChangeKind::Added) {
            file.change = ChangeKind::Changed;
        }
    }
}

impl FileChange {
    /// Whether it is a picture, film or sound of slides: neither a page nor a file of the theme.
    pub fn is_media(&self) -> bool {
        !self.is_of_theme() && !self.path.as_str().starts_with(PAGES)
    }

    /// Whether it holds the captions of a film.
    pub fn is_captions(&self) -> bool {
        is_captions(&self.path)
    }

    /// Whether it is a font of the theme.
    pub fn is_font(&self) -> bool {
        self.path.as_str().starts_with(THEME_FONTS)
    }

    /// Whether it belongs to the theme.
    pub fn is_of_theme(&self) -> bool {
        self.path.as_str().starts_with(THEME)
    }
}

fn is_captions(path: &RelPath) -> bool {
    path.as_str().ends_with(".vtt")
}

/// Whether a page looks the same in both programs: the page and every file that it needs are unchanged.
pub fn same_page(old: &Manifest, new: &Manifest, page: &RelPath, needs: &PageDependencies) -> bool {
    needs.get(page).is_some_and(|all| all.iter().all(|path| file_change(old, new, path).is_none()))
}

fn fields<T: Serialize>(old: &T, new: &T, except: &[&str]) -> Vec<FieldChange> {
    let object = |value: &T| match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (old, new) = (object(old), object(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).filter(|name| !except.contains(&name.as_str())).collect();
    let field = |name: &String| {
        let (before, after) = (old.get(name).cloned().unwrap_or_default(), new.get(name).cloned().unwrap_or_default());
        (before != after).then(|| FieldChange { name: name.clone(), before, after })
    };
    names.into_iter().filter_map(field).collect()
}

fn screens(old: &Manifest, new: &Manifest, needs: &PageDependencies) -> Vec<ScreenChange> {
    let find = |manifest: &'_ Manifest, id: &ScreenId| manifest.screens.iter().find(|screen| screen.id == *id).cloned();
    let comparable = old.valid == new.valid || old.kind == ProgramKind::Evergreen;
    let ids: BTreeSet<&ScreenId> = old.screens.iter().chain(&new.screens).map(|screen| &screen.id).collect();
    let change = |id: &ScreenId| {
        let (before, after) = (find(old, id), find(new, id));
        let open = |screen: &Option<ManifestScreen>| screen.as_ref().map(|screen| merged_spans(&screen.spans)).unwrap_or_default();
        let (was, is) = (open(&before), open(&after));
        let total = |all: &[(i64, i64)]| all.iter().map(|(start, end)| end - start).sum();
        let (change, fields, content) = match (&before, &after) {
            (None, _) => (ChangeKind::Added, Vec::new(), ContentChange::default()),
            (_, None) => (ChangeKind::Removed, Vec::new(), ContentChange::default()),
            (Some(before), Some(after)) => {
                // Spans are compared by the content of their loops, not by loop names.
                let fields = fields(before, after, &["spans"]);
                if fields.is_empty() && resolved_spans(old, before) == resolved_spans(new, after) {
                    return None;
                }
                let same = |page: &RelPath| same_page(old, new, page, needs);
                (ChangeKind::Changed, fields, screen_content::compare((old, before), (new, after), same))
            }
        };
        let (opened, closed) =
            if comparable { (subtract_intervals(&is, &was), subtract_intervals(&was, &is)) } else { (Vec::new(), Vec::new()) };
        Some(ScreenChange { id: id.clone(), change, fields, content, seconds: (total(&was), total(&is)), opened, closed })
    };
    ids.into_iter().filter_map(change).collect()
}

/// Replaces the loop names in spans by the loops.
fn resolved_spans<'a>(manifest: &'a Manifest, screen: &'a ManifestScreen) -> Vec<(i64, i64, Option<&'a Loop>, u64)> {
    screen.spans.iter().map(|(start, end, name, phase)| (*start, *end, manifest.loops.get(name), *phase)).collect()
}

/// Joins adjacent spans.
fn merged_spans(spans: &[ManifestSpan]) -> Vec<(i64, i64)> {
    let mut all: Vec<(i64, i64)> = Vec::new();
    for (start, end, _, _) in spans {
        match all.last_mut() {
            Some(last) if last.1 == *start => last.1 = *end,
            _ => all.push((*start, *end)),
        }
    }
    all
}

/// Returns the parts of `stretches` outside `others`; both sorted and disjoint.
fn subtract_intervals(stretches: &[(i64, i64)], others: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut left = Vec::new();
    for (mut start, end) in stretches.iter().copied() {
        for (from, until) in others.iter().copied() {
            if until <= start || from >= end {
                continue;
            }
            if from > start {
                left.push((start, from));
            }
            start = until;
        }
        if start < end {
            left.push((start, end));
        }
    }
    left
}

fn loops(old: &Manifest, new: &Manifest) -> LoopChanges {
    let set = |manifest: &'_ Manifest| -> BTreeSet<Loop> { manifest.loops.values().cloned().collect() };
    let (was, is) = (set(old), set(new));
    let (before, after) = (durations(old), durations(new));
    let changed = after.iter().filter_map(|(id, now)| {
        let then = before.get(id).filter(|then| *then != now)?;
        Some((id.clone(), (then.iter().copied().collect(), now.iter().copied().collect())))
    });
    LoopChanges {
        kept: is.intersection(&was).count(),
        added: is.difference(&was).count(),
        removed: was.difference(&is).count(),
        durations: changed.collect(),
    }
}

fn durations(manifest: &Manifest) -> BTreeMap<SlideId, BTreeSet<u64>> {
    let mut all: BTreeMap<SlideId, BTreeSet<u64>> = BTreeMap::new();
    for (id, ms) in manifest.loops.values().flat_map(|each| &each.items) {
        all.entry(id.clone()).or_default().insert(*ms);
    }
    all
}

fn slides(old: &Manifest, new: &Manifest, needs: &PageDependencies) -> SlideChanges {
    let mut all = SlideChanges::default();
    all.removed.extend(old.slides.keys().filter(|id| !new.slides.contains_key(*id)).cloned());
    for (id, slide) in &new.slides {
        let Some(before) = old.slides.get(id) else {
            all.added.insert(id.clone());
            continue;
        };
        let pages = slide.pages.values().chain(before.pages.values());
        let needed: BTreeSet<&RelPath> = slide.pages.values().filter_map(|page| needs.get(page)).flatten().chain(pages).collect();
        let files: Vec<_> = needed.into_iter().filter_map(|path| file_change(old, new, path)).collect();
        let fields = fields(before, slide, &[]);
        if !files.is_empty() || !fields.is_empty() {
            all.changed.insert(id.clone(), SlideChange { fields, files, texts: None, sources: None });
        }
    }
    all
}

fn non_page_files(old: &Manifest, new: &Manifest) -> Vec<FileChange> {
    let pages: BTreeSet<&RelPath> =
        [old, new].into_iter().flat_map(|each| each.slides.values()).flat_map(|slide| slide.pages.values()).collect();
    let all: BTreeSet<&RelPath> = old.files.iter().chain(&new.files).map(|file| &file.path).collect();
    // Pages of slides are reported with their slides; a page of no slide is a file like any other.
    all.difference(&pages).filter_map(|path| file_change(old, new, path)).collect()
}

fn file_change(old: &Manifest, new: &Manifest, path: &RelPath) -> Option<FileChange> {
    let same = |one: &ManifestFile, other: &ManifestFile| one.sha256 == other.sha256 && one.media_type == other.media_type;
    let (change, size) = match (old.file(path.as_str()), new.file(path.as_str())) {
        (Some(before), Some(after)) if same(before, after) => return None,
        (Some(_), Some(after)) => (ChangeKind::Changed, Some(after.size)),
        (None, Some(after)) => (ChangeKind::Added, Some(after.size)),
        (Some(_), None) => (ChangeKind::Removed, None),
        (None, None) => return None,
    };
    Some(FileChange { path: path.clone(), change, size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_is_left() {
        assert_eq!(subtract_intervals(&[(0, 10)], &[(2, 4), (6, 12)]), [(0, 2), (4, 6)]);
        assert_eq!(subtract_intervals(&[(0, 10), (20, 30)], &[]), [(0, 10), (20, 30)]);
        assert_eq!(subtract_intervals(&[(5, 6)], &[(0, 10)]), []);
    }
}
