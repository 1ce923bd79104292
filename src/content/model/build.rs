//! Turns the files as read into valid content and reports the faults of all files in one run, sorted by file name.
//! Never stops at the first fault; never reads a file.

use std::collections::BTreeMap;

use super::slides::{self, KeptSlides};
use super::theme::{self, Layouts};
use super::values::{Content, Period, Playlist, Site};
use super::{agencies, calendar, cross_checks, ended_agencies, playlists, settings, sites};
use crate::base::diagnostic::{Diagnostic, Severity};
use crate::base::ids::{PlaylistId, SiteId, SlideId};
use crate::content::source::ContentTree;

/// The usable content, and everything that is wrong with it.
#[derive(Debug, Default)]
pub struct LoadedContent {
    /// `None` if `bangtin.yaml` or the calendar is unusable. Slides with faults stay in it as placeholders.
    pub content: Option<Content>,
    /// Name and layouts of the theme; `None` if it is missing or unreadable.
    pub theme: Option<(String, Layouts)>,
    /// Sorted by place.
    pub faults: Vec<Diagnostic>,
    /// Only slides with at least one error.
    pub faults_by_slide: BTreeMap<SlideId, Vec<Diagnostic>>,
    /// Only slides with warnings and no error: what their own files say, not what is wrong with them in a playlist.
    pub warnings_by_slide: BTreeMap<SlideId, Vec<Diagnostic>>,
}

impl LoadedContent {
    /// Whether any fault is an error.
    pub fn has_errors(&self) -> bool {
        self.faults.iter().any(|fault| fault.severity == Severity::Error)
    }
}

/// Builds the content.
pub fn build_content(tree: &ContentTree) -> LoadedContent {
    build_with_cached(tree, KeptSlides::default())
}

/// Builds the content of a tree without the slides in `kept`, which an earlier run has read.
pub fn build_with_cached(tree: &ContentTree, kept: KeptSlides) -> LoadedContent {
    let mut faults = tree.faults.clone();
    let (settings, basics) = settings::read(tree, &mut faults);
    let languages = basics.languages;
    let agencies = agencies::read(tree, basics.policy.as_ref(), &mut faults);
    let calendar = calendar::read(tree, &mut faults);
    let sites = sites::read(tree, &languages, &agencies, &mut faults);
    cross_checks::check_sites_of_policy(tree, &basics.sites, &sites, &mut faults);
    let theme = basics.theme.and_then(|theme| Some((theme.value.clone(), theme::read(tree, &theme, &mut faults)?)));
    let layouts = theme.as_ref().map(|(_, layouts)| layouts);
    let slides::ParsedSlides { slides, faults_by_slide: mut broken, faults: misplaced } =
        slides::read(tree, kept, &slides::SlideContext { languages: &languages, agencies: &agencies, theme: layouts });
    faults.extend(misplaced);
    for list in broken.values() {
        faults.extend(list.iter().cloned());
    }
    for fault in &tree.faults {
        let path = tree.renamed.get(&fault.place.path).unwrap_or(&fault.place.path);
        let id = path.strip_prefix("slides/").and_then(|path| SlideId::parse(path.strip_suffix(".md")?));
        if let Some(id) = id.filter(|id| slides.contains_key(id)) {
            let list = broken.entry(id).or_default();
            if !list.contains(fault) {
                list.push(fault.clone());
            }
        }
    }
    let (faults_by_slide, warnings_by_slide) =
        broken.into_iter().partition(|(_, list)| list.iter().any(|fault| fault.severity == Severity::Error));
    let at_fault = |path: &str| faults.iter().any(|fault| fault.severity == Severity::Error && fault.place.path == path);
    let sound_sites: BTreeMap<SiteId, Site> =
        sites.iter().filter(|(id, _)| !at_fault(&format!("sites/{id}.yaml"))).map(|(id, site)| (id.clone(), site.clone())).collect();
    let all_sites = tree.texts.keys().chain(&tree.unreadable).filter(|path| path.starts_with("sites/")).count() == sound_sites.len();
    let known = playlists::PlaylistContext { tree, slides: &slides, agencies: &agencies, sites: &sound_sites, all_sites };
    let lists: BTreeMap<(Period, PlaylistId), Playlist> = playlists::read(&known, &mut faults);
    let content = settings.filter(|_| !calendar.years.is_empty()).map(|settings| Content {
        settings,
        agencies,
        sites,
        calendar,
        slides,
        faulty_playlists: playlists::faulty(tree, &lists),
        playlists: lists,
    });
    if let Some(content) = content.as_ref().filter(|_| faults.iter().all(|fault| fault.severity == Severity::Warning)) {
        cross_checks::check_broadcasters(content, &mut faults);
        ended_agencies::check(content, tree, &mut faults);
    }
    faults
        .sort_by(|a, b| (&a.place.path, a.place.line, a.place.column, a.code).cmp(&(&b.place.path, b.place.line, b.place.column, b.code)));
    faults.dedup();
    LoadedContent { content, theme, faults, faults_by_slide, warnings_by_slide }
}
