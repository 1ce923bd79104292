//! `bangtin verify`: a store as a new player of each site finds it, from a root that is trusted here: who approved what, what plays, what
//! is missing. Never changes a store, and never trusts a store's own root on first use.

use std::path::PathBuf;

use serde_json::json;

use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::output;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::base::zone::TimeZone;
use crate::content::model::choose;
use crate::content::plan::moment;
use crate::office::access;
use crate::office::args::{FormatArgs, OutputFormat};
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::player::pull::inspect::Inspection;
use crate::publish::clock;
use crate::publish::read_back;
use crate::publish::reader::StoreReader;
use crate::publish::remedies;
use crate::publish::root_waits;
use crate::publish::verify::{self, SiteReport};
use crate::publish::verify_text;
use crate::publish::withdrawal_waits;
use crate::store::address::StoreAddress;
use crate::store::lacking::Lacking;
use crate::store::object_check::CheckDepth;
use crate::store::survey;
use crate::trust::root::SignedRoot;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The store: a folder or an address | Kho: thư mục hoặc địa chỉ
    #[arg(value_name = "URL")]
    url: String,
    /// Only this site; may be repeated [default: all] | Chỉ cụm này; nêu được nhiều lần [mặc định: mọi cụm]
    #[arg(long, value_name = "SITE")]
    site: Vec<String>,
    /// The moment to report [default: now] | Thời điểm cần xem [mặc định: bây giờ]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// A root with its signatures beside it [default: that of the content] | Văn bản phân quyền, chữ ký đặt bên cạnh [mặc định: theo nội dung]
    #[arg(long, value_name = "FILE")]
    root: Option<PathBuf>,
    /// Read every byte, not just the sizes | Đọc từng byte, không chỉ xem kích thước
    #[arg(long)]
    deep: bool,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let content = context.load().map(|(content, _)| content).ok();
    let zone = context.zone();
    let now = args.now.instant(zone)?;
    let at = args.at.as_deref().map_or(Ok(now), |text| moment::parse(text, zone, now))?;
    let root = args.root.as_ref().map(|root| context.cwd.join(root));
    let chain = if root.is_some() { Vec::new() } else { access::roots(context)? };
    let here = access::withdrawals(context, &chain);
    let destination = access::parse_address(&args.url, context)?;
    let reader = StoreReader::open(&destination, &context.environment)?;
    access::waiting(context, &args.url, || reader.ensure_answers()).map_err(|silent| outside(&args.url, &silent.reason))?;
    let known = content.map(|content| content.sites.into_keys().collect());
    let there = sites(&destination, context, known);
    let sites = match (args.site.as_slice(), there) {
        ([], there) => there?,
        // Without an answer, nobody says which sites there are.
        (named, there) => choose::site_ids(there.iter().flatten(), named)?,
    };
    let depth = if args.deep { CheckDepth::Bytes } else { CheckDepth::Sizes };
    let mut reports = Vec::new();
    for site in &sites {
        let seen = look(&reader, site, root.as_ref(), &chain)?;
        let wrong = reader.object_faults(&seen, depth).map_err(|unusable| outside(&args.url, &unusable.reason))?;
        let mut report = verify::site_report(site, &seen, wrong, at);
        let signed = seen.head.as_ref().map(|head| (site, head.body().number(), head.issued()));
        report.warnings.extend(signed.and_then(|signed| clock::signed_ahead(now, signed, zone)));
        report.warnings.extend(verify::odd_approvals((site, &seen), &chain, now, zone));
        report.answers = !report.outside || reader.has_hint(site);
        root_waits::tell(&mut report, (&reader, &seen), (&args.url, &chain));
        withdrawal_waits::tell(&mut report, &reader, (&args.url, &here));
        if !report.faults.is_empty() {
            let obstacles = obstacles(&destination, context)?;
            report.files |= !obstacles.is_empty();
            report.faults.extend(obstacles);
        }
        reports.push(report);
    }
    args.at.as_deref().and_then(|text| moment::other_of_two(text, zone)).iter().for_each(|text| context.alarm(text));
    match args.format.form() {
        OutputFormat::Json => {
            output::print_json(&json!({"ok": reports.iter().all(|each| each.faults.is_empty()), "at": at, "sites": reports}));
        }
        OutputFormat::Human => print((&reports, depth), zone, context),
    }
    result(&args.url, reports, now)
}

fn print((reports, depth): (&[SiteReport], CheckDepth), zone: TimeZone, context: &Context) {
    reports.iter().for_each(|each| crate::out!("{}", verify_text::site_text(each, zone, context.lang)));
    let good = reports.iter().all(|each| each.faults.is_empty()).then(|| verdict(reports, depth));
    good.iter().for_each(|text| context.print_text(text));
}

/// What stands last if nothing is wrong; what is overdue keeps no screen dark, and is said all the same.
fn verdict(reports: &[SiteReport], depth: CheckDepth) -> Text {
    let (count, sites) = (reports.len(), numbers::counted(reports.len(), "site"));
    let Text { vi, en } = depth.words();
    let overdue = reports.iter().any(SiteReport::is_overdue);
    let (vi_more, en_more) =
        if overdue { ("; có văn bản đã quá hạn, xem ở trên", "; something is overdue, see above") } else { ("", "") };
    crate::text!(
        vi: "Kho hợp lệ: đầu phát của {count} cụm nhận được đủ ({vi}){vi_more}",
        en: "The store is valid: players of {sites} get everything ({en}){en_more}"
    )
}

/// What a player passes by in a folder, which may be why something is missing.
fn obstacles(destination: &StoreAddress, context: &Context) -> Result<Vec<Text>, Failure> {
    let found = destination.open_as_player(&context.environment)?.obstacles()?;
    Ok(found.into_iter().map(|(path, Text { vi, en })| crate::text!(vi: "{path} {vi}", en: "{path} {en}")).collect())
}

/// What a new player of a site sees if it starts from the root of a file, or of the content folder.
fn look(reader: &StoreReader, site: &SiteId, root: Option<&PathBuf>, chain: &[SignedRoot]) -> Result<Inspection, Failure> {
    match root {
        Some(root) => reader.read(|source| read_back::as_player_with(site, root, source)),
        None if chain.is_empty() => Err(no_root()),
        None => reader.read(|source| read_back::inspect_as_player(site, chain, source)),
    }
}

fn result(url: &str, reports: Vec<SiteReport>, now: Timestamp) -> Result<(), Failure> {
    let bad: Vec<_> = reports.iter().filter(|each| !each.faults.is_empty()).collect();
    let names = bad.iter().map(|each| each.site.as_str()).collect::<Vec<_>>().join(", ");
    match bad.as_slice() {
        [] => return Ok(()),
        bad if bad.iter().all(|each| !each.answers) => {
            return Err(Failure::External(crate::text!(
                vi: "{url}: không đọc được kho cho {names}; lý do ở trên",
                en: "{url}: the store can't be read for {names}; the reason is above"
            )));
        }
        _ => {}
    }
    if let Some(Text { vi, en }) = verify::only_waits(&bad) {
        return Err(Failure::Refused(crate::text!(vi: "{url}: {vi}", en: "{url}: {en}")));
    }
    let outside = bad.iter().all(|each| each.outside);
    let Text { vi, en } = remedy(reports, now);
    let text = crate::text!(
        vi: "{url}: đầu phát ở {names} không nhận được đủ bản phát hành; {vi}",
        en: "{url}: players of {names} don't get the whole release; {en}"
    );
    Err(if outside { Failure::External(text) } else { Failure::Refused(text) })
}

/// What to do about a store from which players don't get everything.
fn remedy(reports: Vec<SiteReport>, now: Timestamp) -> Text {
    let (damaged, waits) = (reports.iter().any(|each| each.files), verify::waits(&reports.iter().collect::<Vec<_>>()));
    let mut lacking = Lacking::default();
    reports.into_iter().for_each(|each| lacking.add(each.lacking));
    let given: Vec<Text> = waits.into_iter().chain(remedies::texts(&lacking, now)).collect();
    let files = (damaged || given.is_empty()).then(files_remedy);
    remedies::joined(&files.into_iter().chain(given).collect::<Vec<_>>())
}

fn files_remedy() -> Text {
    crate::text!(
        vi: "phát hành lại vào kho (bangtin publish) sẽ gửi nốt tệp thiếu; tệp hỏng thì xóa khỏi kho trước; nếu đây là kho bản sao thì sao chép lại",
        en: "publish again to the store (bangtin publish): that sends what is missing; remove a damaged file first; copy a mirror again"
    )
}

/// The sites to look at: those that the store lists, else those of the content.
fn sites(destination: &StoreAddress, context: &Context, known: Option<Vec<SiteId>>) -> Result<Vec<SiteId>, Failure> {
    let listed = match destination {
        // A missing folder is reported.
        StoreAddress::Folder(_) => {
            let place = destination.open_read_only(&context.environment)?;
            let listed = survey::sites(&*place)?;
            survey::ensure_store(&*place, listed.as_deref())?;
            listed
        }
        // Many servers list nothing, or list only to those who may write.
        _ => destination.open_read_only(&context.environment).and_then(|place| survey::sites(&*place)).unwrap_or_default(),
    };
    listed.filter(|sites| !sites.is_empty()).or(known).filter(|sites| !sites.is_empty()).ok_or_else(|| {
        Failure::Usage(crate::text!(
            vi: "không rõ kho này có những cụm nào; hãy nêu bằng --site",
            en: "this store does not say which sites it has; name them with --site"
        ))
    })
}

fn no_root() -> Failure {
    Failure::Usage(crate::text!(
        vi: "không có thư mục nội dung để lấy văn bản phân quyền; hãy chỉ văn bản phân quyền bằng --root TỆP",
        en: "there is no content folder to take the root from; name a trusted root with --root FILE"
    ))
}

fn outside(url: &str, Text { vi, en }: &Text) -> Failure {
    Failure::External(crate::text!(vi: "{url}: {vi}", en: "{url}: {en}"))
}
