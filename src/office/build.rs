//! `bangtin build`: content → program folders that any web server can show. The same compilation serves approve, publish and demo.
//! Never signs and never sends.

use std::path::PathBuf;
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
use crate::model::values::{Content, Period};
use crate::render::{Body, Renderer, Theme};
use crate::store::tree::Source;
use crate::text;

/// Arguments as typed.
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
    let ledger = build_kept::ledger(context, &root);
    let (content, warnings, mut session) = Session::load(&ledger, &root, since)?;
    let period = args.month.map_or(Period::Evergreen, Period::Month);
    let sites = chosen_sites(&content, args.site.as_deref())?;
    let load = || renderer(context, &content);
    let shelf = Shelf::new(&content, &load);
    let theme = session.theme();
    if theme.is_none() {
        session.set_theme(&shelf.renderer()?.theme_files()?);
    }
    let makings = Makings { content: &content, shelf: &shelf, theme, kept: &|name| session.page(&content, name) };
    let survey = |site: &SiteId| {
        let folder = context.cwd.join(&args.out).join(site.as_str()).join(period_name(period));
        build_folder::survey(folder, |folder| build_kept::record(context, folder), SystemTime::now())
    };
    // Programs are planned from memory while the folders are looked at.
    let (drafts, surveys) = rayon::join(|| build_draft::drafts(&makings, &sites, period), || sites.iter().map(survey).collect::<Vec<_>>());
    let (drafts, rendered) = drafts?;
    context.warn(&warnings);
    drafts.iter().for_each(|draft| context.warn(&draft.warnings));
    for (name, files) in &rendered {
        session.set_page(&content, name, files);
    }
    session.save();
    for (draft, survey) in drafts.iter().zip(surveys) {
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
    let root = context.content_root()?;
    let theme = Theme::load(&root, &content.settings.theme)?;
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
