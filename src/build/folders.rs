//! Builds the programs of a period into folders `OUT/SITE/PERIOD`. With the cache of an earlier build it reads, renders and writes only
//! what has changed. Never signs, never sends.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::SystemTime;

use super::cache::{BuildCache, BuildCacheFolder};
use super::draft::{self, BuildInputs, LazyRenderer, ProgramDraft};
use super::folder;
use super::render::{Renderer, Theme};
use crate::base::diagnostic::Diagnostic;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::ids::SiteId;
use crate::content::model::choose;
use crate::content::model::values::Period;

/// What to build, and where.
pub struct BuildOrder<'a> {
    /// Content folder.
    pub root: &'a Path,
    pub out: &'a Path,
    pub period: Period,
    /// `None`: all sites.
    pub site: Option<&'a str>,
    pub memory: &'a BuildCacheFolder,
    /// Start of the command.
    pub since: SystemTime,
}

/// What was built.
pub struct BuildOutcome {
    /// One per site.
    pub drafts: Vec<ProgramDraft>,
    pub warnings: Vec<Diagnostic>,
}

/// Adds this thread to the worker pool, for a process that builds once: a small build ends before new threads are up to speed. Does
/// nothing if the pool exists already.
pub fn take_part() {
    let _ = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
}

/// Builds and writes the programs. Fails with all faults of the content and of every slide together.
pub fn build(order: &BuildOrder<'_>) -> Result<BuildOutcome, Failure> {
    let BuildOrder { root, out, period, memory, since, .. } = *order;
    refuse_inside_inputs(root, out)?;
    refuse_store(out)?;
    let survey = |site: &str| {
        let folder = out.join(site).join(period.to_string());
        let records = memory.cache_file(&folder, "result");
        folder::survey(folder, records, SystemTime::now())
    };
    let ledger = memory.cache_file(root, "content");
    // Surveys the existing output folders, probably those of the sites, while the content is read.
    let (mut theme, mut surveys) = (None, HashMap::new());
    let meanwhile = |named: Option<&str>| {
        theme = named.and_then(|name| Theme::load(root, name).ok());
        surveys.extend(likely_sites(out, order.site).map(|site| (site.clone(), survey(&site))));
    };
    let (content, warnings, mut session) = BuildCache::load(&ledger, root, since, meanwhile)?;
    let sites = choose::select_sites(&content, order.site)?;
    period.month().iter().try_for_each(|month| choose::ensure_month(&content, *month))?;
    sites.iter().try_for_each(|site| refuse_inside_inputs(root, &out.join(site.as_str()).join(period.to_string())))?;
    let name = content.settings.theme.clone();
    let renderer = LazyLock::new(move || {
        let theme = theme.map_or_else(|| Theme::load(root, &name), Ok)?;
        Ok(Renderer::new(theme, root.to_owned(), memory.cache().map(PathBuf::from)))
    });
    let shelf = LazyRenderer { content: &content, renderer: &|| renderer.as_ref().map_err(Failure::clone), pages: None };
    let theme = session.theme();
    if theme.is_none() {
        session.set_theme(&(shelf.renderer)()?.theme_files()?);
    }
    let inputs = BuildInputs { shelf: &shelf, theme, cached_files: &|name| session.page(name) };
    let (drafts, rendered) = draft::build_drafts(&inputs, &sites, period)?;
    for (name, files) in rendered {
        session.set_page(name, files);
    }
    session.save(&content);
    for draft in &drafts {
        let survey = surveys.remove(draft.site.as_str()).unwrap_or_else(|| survey(draft.site.as_str()));
        folder::write(&survey, draft, &shelf, &SystemTime::now)?;
    }
    memory.prune(since);
    Ok(BuildOutcome { drafts, warnings })
}

/// Refuses a place inside the content folder or the themes beside it: what is written there would be read as content.
pub fn refuse_inside_inputs(root: &Path, out: &Path) -> Result<(), Failure> {
    let themes = root.join("../themes");
    let Some(root) = [root, &themes].into_iter().find(|folder| files::is_inside(out, folder)) else { return Ok(()) };
    let (out, root) = (out.display(), root.display());
    Err(Failure::Usage(crate::text!(
        vi: "{out} nằm trong thư mục nội dung hoặc giao diện {root}; hãy chọn thư mục khác",
        en: "{out} is inside the content folder or the themes, {root}; choose another folder"
    )))
}

/// Refuses a store or an archive, known by its first root: nobody has approved what is built.
fn refuse_store(out: &Path) -> Result<(), Failure> {
    if !out.join("root/1.json").exists() {
        return Ok(());
    }
    let out = out.display();
    Err(Failure::Usage(crate::text!(
        vi: "{out} là kho hoặc thư mục lưu giữ, nơi chỉ có nội dung đã duyệt; hãy chọn thư mục khác",
        en: "{out} is a store or an archive, which hold approved content only; choose another folder"
    )))
}

/// Guesses the sites of a build before the content is known: the one named, else those of earlier builds.
fn likely_sites(out: &Path, named: Option<&str>) -> impl Iterator<Item = String> {
    let entries = if named.is_some() { None } else { out.read_dir().ok() };
    let there = entries.into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    named.map(str::to_owned).into_iter().chain(there).filter(|name| SiteId::parse(name).is_some())
}
