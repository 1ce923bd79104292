//! `bangtin build`: content → program folders that any web server can show. The same compilation serves approve, publish and demo.
//! Never signs and never sends.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use super::build_draft::{self, Draft, Makings, Shelf};
use super::build_folder;
use super::build_kept::{self, Session};
use super::built::{Built, period_name};
use super::context::Context;
use crate::base::diagnostic::Diagnostic;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::times::Month;
use crate::content::model::values::{Content, Period};
use crate::render::{Body, Renderer, Theme};
use crate::store::tree::Source;
use crate::text;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Month to compile, YYYY-MM / tháng cần biên dịch
    #[arg(long, value_name = "MONTH", value_parser = parse_month, required_unless_present = "evergreen")]
    month: Option<Month>,
    /// Compile the evergreen week / biên dịch tuần dự phòng
    #[arg(long, conflicts_with = "month")]
    evergreen: bool,
    /// One site only / chỉ một cụm
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
    /// Folder for the result / thư mục kết quả
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// Reads a month given on the command line.
pub fn parse_month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| "YYYY-MM".to_owned())
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let root = context.content_root()?;
    let since = SystemTime::now();
    // This thread takes part in the work instead of waiting for as many others: a small build is over before those have come to speed. It
    // fails where there are such threads already, and then they do the work.
    let _ = rayon::ThreadPoolBuilder::new().use_current_thread().build_global();
    let period = args.month.map_or(Period::Evergreen, Period::Month);
    let survey = |site: &str| {
        let folder = context.cwd.join(&args.out).join(site).join(period_name(period));
        build_folder::survey(folder, |folder| build_kept::record(context, folder), SystemTime::now())
    };
    let ledger = build_kept::ledger(context, &root);
    // The folders that there are, most likely those of the sites, are looked at while the content is read.
    let (mut theme, mut surveys) = (None, HashMap::new());
    let meanwhile = |named: Option<&str>| {
        theme = named.and_then(|name| Theme::load(&root, name).ok());
        surveys.extend(likely_sites(&context.cwd.join(&args.out), args.site.as_deref()).map(|site| (site.clone(), survey(&site))));
    };
    let (content, warnings, mut session) = Session::load(&ledger, &root, since, meanwhile)?;
    let theme = Mutex::new(theme);
    let sites = chosen_sites(&content, args.site.as_deref())?;
    let load = || renderer_with(theme.lock().unwrap_or_else(PoisonError::into_inner).take(), context, &content);
    let shelf = Shelf::new(&content, &load);
    let theme = session.theme();
    if theme.is_none() {
        session.set_theme(&shelf.renderer()?.theme_files()?);
    }
    let makings = Makings { content: &content, shelf: &shelf, theme, kept: &|name| session.page(&content, name) };
    let (drafts, rendered) = build_draft::drafts(&makings, &sites, period)?;
    context.warn(&warnings);
    drafts.iter().for_each(|draft| context.warn(&draft.warnings));
    for (name, files) in &rendered {
        session.set_page(&content, name, files);
    }
    session.save();
    for draft in &drafts {
        let survey = surveys.remove(draft.site.as_str()).unwrap_or_else(|| survey(draft.site.as_str()));
        build_folder::write(survey, draft, &shelf, &SystemTime::now)?;
        let (digest, files, bytes) = (draft.program.digest(), draft.files.len(), draft.program.total_bytes());
        println!("{digest}  {}/{}  {files} files  {bytes} bytes", draft.site, period_name(period));
    }
    build_kept::prune(context, since);
    // The process ends here: taking ten thousand slides and pages apart one by one would be the last thing that it does.
    drop(shelf);
    std::mem::forget((drafts, rendered, session, content));
    Ok(())
}

/// The sites that a build is probably about, before the content is known: the one named, else those that an earlier build was about.
fn likely_sites(out: &Path, named: Option<&str>) -> impl Iterator<Item = String> {
    let entries = if named.is_some() { None } else { out.read_dir().ok() };
    let there = entries.into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    named.map(str::to_owned).into_iter().chain(there).filter(|name| SiteId::parse(name).is_some())
}

/// The sites that a command is about: the one named, else all.
pub fn chosen_sites(content: &Content, named: Option<&str>) -> Result<Vec<SiteId>, Failure> {
    let Some(named) = named else { return Ok(content.sites.keys().cloned().collect()) };
    if let Some((id, _)) = content.sites.get_key_value(named) {
        return Ok(vec![id.clone()]);
    }
    let known = content.sites.keys().map(SiteId::as_str).collect::<Vec<_>>().join(", ");
    Err(Failure::Usage(text!(vi: "không có cụm “{named}”; các cụm hiện có: {known}", en: "no site “{named}”; the sites are: {known}")))
}

/// The renderer of a content folder, with the user's cache of renditions.
pub fn renderer(context: &Context, content: &Content) -> Result<Renderer, Failure> {
    renderer_with(None, context, content)
}

/// The renderer with a theme that is loaded already, if it is.
fn renderer_with(theme: Option<Theme>, context: &Context, content: &Content) -> Result<Renderer, Failure> {
    let root = context.content_root()?;
    let theme = theme.map_or_else(|| Theme::load(&root, &content.settings.theme), Ok)?;
    Ok(Renderer::new(theme, root, context.cache.clone()))
}

/// Compiles one program, all of it anew: what is signed or sent owes nothing to an earlier run but renditions of pictures.
///
/// # Errors
/// All faults of the plan and of every slide together.
pub fn compile(context: &Context, content: &Content, site: &SiteId, period: Period) -> Result<Built, Failure> {
    Ok(compile_with(&renderer(context, content)?, content, site, period)?.0)
}

/// Compiles one program with a renderer at hand; gives the plan's warnings too.
pub fn compile_with(renderer: &Renderer, content: &Content, site: &SiteId, period: Period) -> Result<(Built, Vec<Diagnostic>), Failure> {
    let shelf = Shelf::of(content, renderer);
    let makings = Makings { content, shelf: &shelf, theme: None, kept: &|_| None };
    let (drafts, _) = build_draft::drafts(&makings, std::slice::from_ref(site), period)?;
    let Some(draft) = drafts.into_iter().next() else { return Err(Failure::Content(Vec::new())) };
    built(draft, &shelf)
}

/// The program as the signing commands take it.
fn built(draft: Draft, shelf: &Shelf<'_>) -> Result<(Built, Vec<Diagnostic>), Failure> {
    let object = |part: &build_draft::Part| {
        let source = match shelf.body(part)? {
            Body::Bytes(bytes) => Source::Bytes(bytes),
            Body::File(path) => Source::File(path),
        };
        Ok((part.file.digest, source))
    };
    let objects = draft.files.iter().map(object).collect::<Result<_, Failure>>()?;
    Ok((Built { program: draft.program, manifest: draft.bytes, objects }, draft.warnings))
}
