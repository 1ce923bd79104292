//! `bangtin demo`: the whole workflow on this machine, in a temporary folder: keys, approval, store, server and one player a site, in one
//! process. Never writes into the content folder, and leaves nothing behind.

mod office;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::args::{FormatArgs, OutputFormat};
use super::context::Context;
use crate::base::clock::{self, Clock, SystemClock, VirtualClock};
use crate::base::connection;
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::http_service;
use crate::base::ids::{PlayerId, ScreenId, SiteId, SlideId};
use crate::base::output;
use crate::base::text::Lang;
use crate::base::times::Timestamp;
use crate::base::work_folder::WorkFolder;
use crate::build::compile::Compiler;
use crate::content::model::choose;
use crate::content::model::values::{self, Content};
use crate::content::plan::moment;
use crate::player::config::Config;
use crate::player::run::{self, RunningPlayer};
use crate::player::show::health::Health;
use crate::player::show::on_air::OnAir;
use crate::program::manifest::{ManifestFile, page_key};
use crate::program::show::{ScreenState, Shown, show};
use crate::store::serve;
use crate::text;
use office::DemoOffice;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// One site only | Chỉ một cụm
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
    /// Moment at which the screens begin [default: now, if a month is on; else in its opening hours] | Thời điểm bắt đầu chiếu [mặc định: bây giờ, nếu đang có chương trình tháng; không thì trong giờ hoạt động]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Check that the right slide is served, then end | Kiểm tra đúng trang đang chiếu rồi dừng
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// How long a player may take to show its first program.
const PATIENCE: Duration = Duration::from_secs(60);

struct DemoSite {
    id: SiteId,
    name: String,
    config: PathBuf,
    handle: RunningPlayer,
}

/// Runs the command: until it is ended, or once.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let (mut content, _) = context.load()?;
    // The demonstration's own reviewers have withdrawn nothing.
    content.slides.values_mut().for_each(|slide| slide.revision = 1);
    let zone = content.settings.time_zone;
    let sites = choose::select_sites(&content, args.site.as_deref())?;
    let compiler = Compiler::new(&context.content_root()?, context.cache.clone(), &content)?;
    let asked = args.at.as_deref().map(|text| moment::parse(text, zone, clock::present())).transpose()?;
    let real = SystemClock::new().now_ms();
    let start = match asked {
        Some(asked) => asked.0 * 1_000,
        None => office::demo_moment(&content, &sites, real)?,
    };
    let temp = WorkFolder::new("bangtin-demo-", || 0)?;
    // The players' log is in English.
    output::keep_no_log();
    if !context.quiet {
        let text = crate::text!(vi: "Đang tạo chương trình, ký duyệt và phát hành…", en: "Building, approving and publishing the content…");
        crate::errln!("{}", text.get(context.lang));
    }
    let office = DemoOffice::open(temp.path(), &content, Timestamp(start.div_euclid(1_000)))?;
    office.approve_and_publish(&content, &compiler, &sites)?;
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let store = serve::start(&office.store(), anywhere)?;
    let shifted = (start != real).then(|| Arc::new(VirtualClock::starting_at(start)));
    let clock: Arc<dyn Clock> = match &shifted {
        Some(clock) => clock.clone(),
        None => Arc::new(SystemClock::new()),
    };
    let mut running = Vec::new();
    for id in sites {
        running.push(start_player(context, &office, &content, id, store.address(), clock.clone())?);
    }
    running.iter().try_for_each(wait_until_ready)?;
    if let Some(clock) = shifted {
        // The screens begin at the announced moment, however long the preparations took.
        clock.step(start - clock.now_ms());
    }
    let at = zone.moment(Timestamp(start.div_euclid(1_000)));
    let begin = (at.get(context.lang), start != real);
    match args.format.form() {
        OutputFormat::Json => print_json(&args, &content, &running, store.address(), begin.0)?,
        OutputFormat::Human => print_text((&args, context), &content, &running, store.address(), begin)?,
    }
    if args.once { Ok(()) } else { http_service::forever() }
}

fn start_player(
    context: &Context,
    office: &DemoOffice,
    content: &Content,
    id: SiteId,
    store: SocketAddr,
    clock: Arc<dyn Clock>,
) -> Result<DemoSite, Failure> {
    let site = content.sites.get(&id);
    let name = |lang| site.map(|site| values::name(&site.name, lang).to_owned()).unwrap_or_default();
    let folder = office.folder().join("players").join(id.as_str());
    let config = Config {
        player: PlayerId::parse(&format!("{id}-1"))
            .ok_or_else(|| Failure::Refused(text!(vi: "tên cụm quá dài", en: "the site's name is too long")))?,
        site: id.clone(),
        store: vec![format!("http://{store}/")],
        ca: None,
        data: folder.join("data"),
        root: office.root(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        play_key: Some(office.play_key()?),
        volume: site.map_or(70, |site| site.volume),
        poll_seconds: 10,
        reserve_bytes: 0,
        bytes_per_second: None,
        bytes_per_day: None,
        fetch_hours: Vec::new(),
        // The operator's page speaks Vietnamese first.
        name: Some(name(Lang::Vi)),
    };
    let path = folder.join("player.json");
    let bytes = serde_json::to_vec_pretty(&config).unwrap_or_default();
    files::write_atomic(&path, &bytes).map_err(|error| Failure::io(&path, &error))?;
    let handle = run::start(&config, clock)?;
    Ok(DemoSite { id, name: name(context.lang), config: path, handle })
}

fn wait_until_ready(site: &DemoSite) -> Result<(), Failure> {
    // The evergreen week may be on air before the month is there.
    let is_complete = |health: &Health| !health.programs.is_empty() && health.pending.is_empty();
    if http_service::wait_until(PATIENCE, || is_complete(&site.handle.stage().health())) {
        return Ok(());
    }
    let health = site.handle.stage().health.read().map(|health| format!("{:?}", health.last_error)).unwrap_or_default();
    Err(Failure::External(text!(vi: "đầu phát không nhận được chương trình: {health}", en: "the player got no program: {health}")))
}

/// The screens of a site.
fn screens(site: &DemoSite) -> Vec<String> {
    site.handle.stage().on_air().screens().map(ToString::to_string).collect()
}

fn print_json(args: &Args, content: &Content, running: &[DemoSite], store: SocketAddr, at: &str) -> Result<(), Failure> {
    let site = |site: &DemoSite| -> Result<Value, Failure> {
        let address = format!("http://{}/", site.handle.address());
        let mut said = json!({"site": site.id, "address": address, "screens": screens(site)});
        if args.once {
            let shown =
                check_screens(content, site)?.into_iter().map(|(screen, slide)| (screen, slide.unwrap_or_else(|| "dark".to_owned())));
            said["shown"] = json!(shown.collect::<BTreeMap<_, _>>());
        }
        Ok(said)
    };
    let sites = running.iter().map(site).collect::<Result<Vec<_>, Failure>>()?;
    let config = running.first().map(|site| site.config.clone());
    output::print_json(&json!({"store": format!("http://{store}/"), "at": at, "sites": sites, "player_config": config}));
    Ok(())
}

fn print_text(
    (args, context): (&Args, &Context),
    content: &Content,
    running: &[DemoSite],
    store: SocketAddr,
    begin: (&str, bool),
) -> Result<(), Failure> {
    print_addresses(args, context, running, store, begin);
    for site in running.iter().filter(|_| args.once) {
        let shown = check_screens(content, site)?;
        let lines = shown.iter().filter(|_| !context.quiet);
        let dark = text!(vi: "tắt", en: "dark");
        lines.for_each(|(screen, stands)| crate::outln!("{} {screen}: {}", site.id, stands.as_deref().unwrap_or(dark.get(context.lang))));
    }
    Ok(())
}

fn print_addresses(args: &Args, context: &Context, running: &[DemoSite], store: SocketAddr, (at, made_up): (&str, bool)) {
    let heading = if made_up {
        text!(vi: "Các màn hình chạy theo giờ giả định, bắt đầu lúc {at}.", en: "The screens run by a made-up clock that begins at {at}.")
    } else {
        text!(vi: "Các màn hình bắt đầu lúc {at}.", en: "The screens begin at {at}.")
    };
    crate::outln!("{}", heading.get(context.lang));
    if args.once {
        return;
    }
    crate::outln!("{}\n", text!(vi: "Mở trong trình duyệt:", en: "Open in a browser:").get(context.lang));
    for site in running {
        let address = site.handle.address();
        let faces: String = screens(site).iter().map(|screen| format!("\n    http://{address}/screens/{screen}/")).collect();
        crate::outln!("  {}\n    http://{address}/{faces}", site.name);
    }
    let last = text!(
        vi: "\n  Kho chương trình, cho bangtin verify và bangtin-player: http://{store}/ — dừng bằng Ctrl-C",
        en: "\n  The store, for bangtin verify and bangtin-player: http://{store}/ — end with Ctrl-C"
    );
    crate::outln!("{}", last.get(context.lang));
}

/// The slide that each screen of a site shows, by screen; `None` for a dark one. Asks the player over HTTP, as a browser does, and compares the
/// page with what was signed. A dark
/// screen outside opening hours is correct; the built-in card, or a slide without its page, is not.
fn check_screens(content: &Content, site: &DemoSite) -> Result<BTreeMap<String, Option<String>>, Failure> {
    let mut all = BTreeMap::new();
    let on_air = site.handle.stage().on_air();
    for screen in content.sites.get(&site.id).into_iter().flat_map(|each| &each.screens).map(|screen| &screen.id) {
        let now = site.handle.stage().time.now();
        let shown = show(on_air.schedule(), screen.as_str(), now.ms, now.trusted);
        let stands = match due(&on_air, (&site.id, screen), &shown)? {
            Due::Dark => None,
            Due::Page { program, slide, file } => {
                let url = format!("http://{}/p/{program}/{}", site.handle.address(), file.path);
                let read = ureq::get(&url).call().and_then(|mut answer| answer.body_mut().read_to_vec());
                let bytes = read.map_err(|error| Failure::External(connection::reason(&error)).about(&url))?;
                if Digest::of(&bytes) != file.sha256 {
                    return Err(Failure::Refused(text!(vi: "{url} không đúng bản đã ký", en: "{url} is not what was signed")));
                }
                Some(slide.to_string())
            }
        };
        all.insert(screen.to_string(), stands);
    }
    Ok(all)
}

/// What a screen is to show.
#[derive(Debug)]
enum Due<'a> {
    Dark,
    Page { program: Digest, slide: &'a SlideId, file: &'a ManifestFile },
}

/// What a screen is to show. Fails for the built-in card, and for a slide whose page the player does not serve.
fn due<'a>(on_air: &'a OnAir, (site, screen): (&SiteId, &ScreenId), shown: &'a Shown) -> Result<Due<'a>, Failure> {
    let page = || {
        let (program, slide) = (shown.program?, shown.slide.as_ref()?);
        let manifest = on_air.program(program)?.manifest();
        let face = manifest.screens.iter().find(|face| face.id == *screen)?;
        let page = manifest.slides.get(slide)?.pages.get(&page_key(face.width, face.height))?;
        Some(Due::Page { program, slide, file: on_air.file(program, page.as_str())? })
    };
    let found = match shown.state {
        ScreenState::Dark => Some(Due::Dark),
        ScreenState::Card => None,
        ScreenState::Slide => page(),
    };
    found.ok_or_else(|| Failure::Refused(text!(vi: "{site} {screen}: không có trang nào", en: "{site} {screen}: no slide")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::token::Token;
    use crate::content::model::values::Period;
    use crate::content::{model, source};
    use crate::player::show::on_air::ShellSettings;
    use crate::program::show::{Schedule, ScheduledProgram, WithdrawnContent};

    #[test]
    fn only_a_page_that_is_served_or_a_dark_screen_is_right() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
        let content = model::build_content(&source::read(&root).unwrap()).content.unwrap();
        let (site, _) = content.sites.first_key_value().unwrap();
        let built = Compiler::new(&root, None, &content).unwrap().compile(site, Period::Evergreen).unwrap();
        let program = Arc::new(built.program);
        let on_air = |withdrawn| {
            let settings = ShellSettings { site: site.clone(), volume: 0, token: Token::new().unwrap() };
            let schedule =
                Schedule { programs: vec![ScheduledProgram { program: program.clone(), from: 0 }], withdrawn, ..Schedule::default() };
            OnAir::new(&settings, schedule)
        };
        let face = &program.manifest().screens[0];
        let all = on_air(WithdrawnContent::none());
        let moment = |hour: i64| show(all.schedule(), face.id.as_str(), (1_796_263_200 + hour * 3_600) * 1_000, true);
        let shown = (0..24).map(moment).find(|shown| shown.state == ScreenState::Slide).unwrap();
        let slide = shown.slide.clone().unwrap();
        let Ok(Due::Page { slide: found, file, .. }) = due(&all, (site, &face.id), &shown) else { panic!("{shown:?}") };
        assert_eq!(
            (found, file.path.as_str()),
            (&slide, program.manifest().slides[&slide].pages[&page_key(face.width, face.height)].as_str())
        );
        // Nothing to serve: the program is gone, the slide is unknown or withdrawn, the screen is not in it, the card stands.
        let other = SlideId::parse("khong/co").unwrap();
        for wrong in [
            Shown { program: Some(Digest::of(b"gone")), ..shown.clone() },
            Shown { program: None, ..shown.clone() },
            Shown { slide: Some(other), ..shown.clone() },
            Shown { slide: None, ..shown.clone() },
            Shown { state: ScreenState::Card, ..shown.clone() },
        ] {
            assert!(matches!(due(&all, (site, &face.id), &wrong), Err(Failure::Refused(_))), "{wrong:?}");
        }
        assert!(due(&all, (site, &ScreenId::parse("zz").unwrap()), &shown).is_err());
        let taken = WithdrawnContent { slides: BTreeMap::from([(program.digest(), [slide].into())]), ..WithdrawnContent::none() };
        assert!(due(&on_air(taken), (site, &face.id), &shown).is_err());
        let dark = Shown { state: ScreenState::Dark, slide: None, ..shown.clone() };
        assert!(matches!(due(&all, (site, &face.id), &dark), Ok(Due::Dark)));
    }
}
