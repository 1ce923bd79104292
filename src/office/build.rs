//! `bangtin build`: content → program folders that any web server can show. The same compilation serves approve, publish and demo.
//! Never signs and never sends.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::built::{Built, period_name};
use super::context::Context;
use crate::base::diagnostic::{Diagnostic, Place};
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::times::Month;
use crate::model::values::{Content, Period};
use crate::plan::{self, Plan};
use crate::program::pack::{self, PageName};
use crate::render::{Body, Page, Renderer, Theme};
use crate::show::shell_files;
use crate::store::tree::Source;
use crate::text;

pub use crate::program::pack::Packed as Compiled;

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
    let (content, warnings) = context.load()?;
    let period = args.month.map_or(Period::Evergreen, Period::Month);
    let sites = chosen_sites(&content, args.site.as_deref())?;
    let renderer = renderer(context, &content)?;
    let mut warned = warnings;
    let mut faults = Vec::new();
    let mut compiled = Vec::new();
    for site in sites {
        match compile_with(&renderer, &content, &site, period) {
            Ok((program, more)) => {
                warned.extend(more);
                compiled.push((site, program));
            }
            Err(Failure::Content(more)) => faults.extend(more),
            Err(other) => return Err(other),
        }
    }
    context.warn(&warned);
    if !faults.is_empty() {
        return Err(Failure::Content(faults));
    }
    for (site, program) in compiled {
        let folder = context.cwd.join(&args.out).join(site.as_str()).join(period_name(period));
        write_folder(&folder, &program)?;
        let (digest, files, bytes) = (program.program.digest(), program.files.len(), program.program.total_bytes());
        println!("{digest}  {site}/{}  {files} files  {bytes} bytes", period_name(period));
    }
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

/// Compiles one program.
///
/// # Errors
/// All faults of the plan and of every slide together.
pub fn compile(context: &Context, content: &Content, site: &SiteId, period: Period) -> Result<Compiled, Failure> {
    Ok(compile_with(&renderer(context, content)?, content, site, period)?.0)
}

/// Compiles one program with a renderer at hand; gives the plan's warnings too.
pub fn compile_with(renderer: &Renderer, content: &Content, site: &SiteId, period: Period) -> Result<(Compiled, Vec<Diagnostic>), Failure> {
    let mut plan = match period {
        Period::Month(month) => plan::month(content, site, month),
        Period::Evergreen => plan::evergreen(content, site),
    }
    .map_err(Failure::Content)?;
    let warnings = std::mem::take(&mut plan.warnings);
    let (pages, mut files) = render_pages(renderer, content, &plan)?;
    files.extend(renderer.theme_files()?);
    let packed = pack::pack(content, &plan, &pages, files).map_err(|what| {
        let place = Place::file(format!("sites/{site}.yaml"));
        Failure::Content(vec![Diagnostic::error(
            "program-refused",
            place,
            text!(vi: "chương trình không hợp lệ: {what}", en: "the program is not well formed: {what}"),
            text!(vi: "giảm số trang hoặc dung lượng ảnh, video của tháng", en: "use fewer slides, or smaller pictures and videos, in the month"),
        )])
    })?;
    Ok((packed, warnings))
}

type Pages = BTreeMap<PageName, crate::base::relpath::RelPath>;

fn render_pages(renderer: &Renderer, content: &Content, plan: &Plan) -> Result<(Pages, Vec<crate::render::Rendered>), Failure> {
    let Some(site) = content.sites.get(&plan.site) else { return Ok((Pages::new(), Vec::new())) };
    let wanted: Vec<PageName> = pack::pages(plan, site).into_iter().collect();
    let rendered: Vec<Result<Page, Vec<Diagnostic>>> =
        wanted.par_iter().map(|name| renderer.slide(content, &name.slide, name.size)).collect();
    let (mut pages, mut files, mut faults) = (Pages::new(), Vec::new(), Vec::new());
    for (name, result) in wanted.into_iter().zip(rendered) {
        match result {
            Ok(page) => {
                pages.insert(name, page.path);
                files.extend(page.files);
            }
            Err(more) => faults.extend(more.into_iter().filter(|fault| !faults.contains(fault)).collect::<Vec<_>>()),
        }
    }
    if faults.is_empty() { Ok((pages, files)) } else { Err(Failure::Content(faults)) }
}

/// The same program as the signing commands take it.
pub fn built(compiled: Compiled) -> Built {
    let source = |body: Body| match body {
        Body::Bytes(bytes) => Source::Bytes(bytes),
        Body::File(path) => Source::File(path),
    };
    let objects = compiled.files.into_iter().map(|file| (file.digest, source(file.body))).collect();
    Built { program: compiled.program, manifest: compiled.bytes, objects }
}

/// Writes a program and the wrapper that plays it from any web server. The folder is made whole beside its place and then put there; an
/// older build gives way, any other folder is left alone.
pub fn write_folder(folder: &Path, program: &Compiled) -> Result<(), Failure> {
    let above = folder.parent().unwrap_or(Path::new("."));
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |error: std::io::Error| Failure::io(&path, &error)
    };
    if folder.exists() && !folder.join("program.json").is_file() && fs::read_dir(folder).map_err(fail(folder))?.next().is_some() {
        let shown = folder.display();
        return Err(Failure::Usage(text!(
            vi: "{shown} không phải là một bản biên dịch trước đây; hãy chọn thư mục khác",
            en: "{shown} is not an earlier build; choose another folder"
        )));
    }
    fs::create_dir_all(above).map_err(fail(above))?;
    let temp = tempfile::Builder::new().prefix(".building-").tempdir_in(above).map_err(fail(above))?;
    let mut made = std::collections::BTreeSet::new();
    let mut put = |name: &str, body: &Body| -> Result<(), Failure> {
        let path = temp.path().join(name);
        let parent = path.parent().unwrap_or(temp.path()).to_owned();
        if made.insert(parent.clone()) {
            fs::create_dir_all(&parent).map_err(fail(&parent))?;
        }
        match body {
            Body::Bytes(bytes) => fs::write(&path, bytes).map_err(fail(&path)),
            Body::File(source) => fs::copy(source, &path).map(drop).map_err(fail(source)),
        }
    };
    for file in &program.files {
        put(file.path.as_str(), &file.body)?;
    }
    put("program.json", &Body::Bytes(program.bytes.clone().into()))?;
    put("index.html", &Body::Bytes(shell_files::STATIC_PAGE.as_bytes().into()))?;
    for file in &shell_files::FILES {
        put(&format!("player/{}", file.name), &Body::Bytes(file.bytes.into()))?;
    }
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o755)).map_err(fail(temp.path()))?;
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(fail(folder))?;
    }
    fs::rename(temp.keep(), folder).map_err(fail(folder))
}
