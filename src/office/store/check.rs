//! `bangtin store check`: what is missing from a store, damaged in it, or would be refused by a player.
//! Never changes it.

use serde_json::json;

use crate::base::failure::Failure;
use crate::base::numbers;
use crate::base::output;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::content::model::choose;
use crate::filing::withdrawals::StoredWithdrawal;
use crate::office::access::{self, ArchiveArgs};
use crate::office::args::{FormatArgs, OutputFormat};
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::publish::archive;
use crate::publish::clock;
use crate::publish::remedies;
use crate::publish::root_waits;
use crate::publish::withdrawal_count;
use crate::publish::withdrawal_waits;
use crate::store::backend::StoreBackend;
use crate::store::check::{self, StoreReport};
use crate::store::object_check::CheckDepth;
use crate::store::survey::{self, StoreFaultKind, StoreFaults};
use crate::trust::root::SignedRoot;

/// Arguments as typed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The store: a folder, file://, s3://, gs://, az://, http(s):// | Kho: thư mục, file://, s3://, gs://, az://, http(s)://
    #[arg(value_name = "URL")]
    url: String,
    /// Only this site; may be repeated [default: all] | Chỉ cụm này; nêu được nhiều lần [mặc định: mọi cụm]
    #[arg(long, value_name = "SITE")]
    site: Vec<String>,
    /// Read every byte, not just the sizes | Đọc từng byte, không chỉ xem kích thước
    #[arg(long)]
    deep: bool,
    #[command(flatten)]
    archive: ArchiveArgs,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let chain = access::roots(context)?;
    let trusted: Vec<_> = chain.iter().map(|files| &files.root).collect();
    let place = access::parse_address(&args.url, context)?.open_as_player(&context.environment)?;
    // The first question to a server takes as long as its silence.
    let there = access::waiting(context, &args.url, || survey::sites(&*place))?;
    survey::ensure_store(&*place, there.as_deref())?;
    let sites = choose::site_ids(there.iter().flatten(), &args.site)?;
    let depth = if args.deep { CheckDepth::Bytes } else { CheckDepth::Sizes };
    let mut report = check::check(&*place, &trusted, &sites, depth)?;
    if args.site.is_empty()
        && let Ok(content) = context.content_root()
    {
        check::compare_sites(&mut report, &archive::sites(&args.archive.folder(context, &content)?)?);
    }
    let here = access::withdrawals(context, &chain);
    add_others(&mut report, &*place, &chain, &here)?;
    let half = withdrawal_waits::add(&mut report, &*place, (&args.url, &here))?;
    let (zone, now) = (context.zone(), args.now.instant(context.zone())?);
    let signed = report.sites.iter().filter_map(|state| Some((&state.site, state.newest?, state.signed?)));
    let ahead = signed.filter_map(|signed| clock::signed_ahead(now, signed, zone));
    let warnings: Vec<Text> = ahead.chain(root_waits::not_counted_on(&report, &args.url)).chain(half).collect();
    match args.format.form() {
        OutputFormat::Json => output::print_json(&as_json(&report, &warnings, depth)),
        OutputFormat::Human => {
            print(&report, &warnings, context);
            if trusted.is_empty() {
                context.print_text(&on_sight());
            }
            let good = report.faults.by_path().is_empty().then(|| verdict(&report, depth));
            good.iter().for_each(|text| context.print_text(text));
        }
    }
    result((&place.name(), &args.url), &report, &here, now)
}

/// Adds the withdrawals that are not those of the content folder, if there is one.
fn add_others(report: &mut StoreReport, place: &dyn StoreBackend, chain: &[SignedRoot], here: &[StoredWithdrawal]) -> Result<(), Failure> {
    for (path, text) in withdrawal_count::others(place, chain, here)? {
        report.faults.add(&path, StoreFaultKind::Other, text);
    }
    Ok(())
}

/// What to do: about damaged and missing files, and about what only people can put right.
fn result((name, url): (&str, &str), report: &StoreReport, here: &[StoredWithdrawal], now: Timestamp) -> Result<(), Failure> {
    let count = report.faults.by_path().len();
    let waits = root_waits::remedy(report, url).into_iter().chain(withdrawal_waits::remedy(report, (url, here)));
    let files = waits.chain(files_remedy(&report.faults));
    let mut remedies: Vec<Text> = files.chain(remedies::texts(&report.lacking, now)).collect();
    if remedies.is_empty() {
        remedies.push(crate::text!(
            vi: "phát hành lại (bangtin publish); không xóa tệp nào",
            en: "publish again (bangtin publish); no file is to be removed"
        ));
    }
    let (faults, Text { vi, en }) = (numbers::counted(count, "fault"), remedies::joined(&remedies));
    if count == 0 {
        return Ok(());
    }
    Err(Failure::Refused(crate::text!(vi: "{name}: {count} lỗi; {vi}", en: "{name}: {faults}; {en}")))
}

fn files_remedy(faults: &StoreFaults) -> Option<Text> {
    if faults.any(&[StoreFaultKind::Damaged, StoreFaultKind::Refused]) {
        return Some(crate::text!(
            vi: "bangtin publish gửi lại tệp thiếu và gửi nốt tệp nội dung bị cụt; tệp hỏng khác thì xóa rồi phát hành lại",
            en: "bangtin publish sends missing files and completes objects cut short; any other damaged file must be removed before you publish again"
        ));
    }
    faults.any(&[StoreFaultKind::Missing, StoreFaultKind::Behind]).then(|| {
        crate::text!(
            vi: "bangtin publish gửi lại tệp thiếu và cập nhật tệp cũ",
            en: "bangtin publish sends missing files and renews those that are behind"
        )
    })
}

/// What stands last if nothing is wrong.
fn verdict(report: &StoreReport, depth: CheckDepth) -> Text {
    let (count, sites) = (report.sites.len(), numbers::counted(report.sites.len(), "site"));
    let Text { vi, en } = depth.words();
    crate::text!(vi: "Kho hợp lệ: {count} cụm ({vi})", en: "The store is valid: {sites} ({en})")
}

fn print(report: &StoreReport, warnings: &[Text], context: &Context) {
    warnings.iter().for_each(|text| crate::outln!("{}", text.get(context.lang)));
    for (path, (wrong, detail)) in report.faults.by_path() {
        let kind = kind(*wrong);
        crate::outln!("{path}: {}: {}", kind.get(context.lang), detail.get(context.lang));
    }
    for state in &report.sites {
        let (site, heads, programs) = (&state.site, state.heads, state.programs);
        let newest = state.newest.map_or_else(|| "–".to_owned(), |number| number.to_string());
        let (listed, good) = (numbers::counted(programs, "program"), numbers::counted(heads, "valid release"));
        context.print_text(&crate::text!(
            vi: "{site}: bản phát hành {newest} ({programs} chương trình); kho giữ {heads} bản phát hành hợp lệ",
            en: "{site}: release {newest} ({listed}); the store keeps {good}"
        ));
    }
    let (root, id, objects) = (report.root.body().version, report.root.root_id(), report.objects);
    let (Text { vi, en }, counted) = (numbers::bytes(report.bytes), numbers::counted(report.objects, "object"));
    context.print_text(&crate::text!(
        vi: "văn bản phân quyền số {root}, mã hệ thống {id}; {objects} tệp theo mã băm, {vi}",
        en: "root {root}, installation {id}; {counted}, {en}"
    ));
}

fn on_sight() -> Text {
    crate::text!(
        vi: "không có thư mục nội dung: tin văn bản phân quyền đầu tiên của chính kho này; hãy đối chiếu mã hệ thống ở trên",
        en: "no content folder: the store's own first root was trusted on first use; compare the installation above"
    )
}

fn kind(wrong: StoreFaultKind) -> Text {
    match wrong {
        StoreFaultKind::Missing => crate::text!(vi: "thiếu", en: "missing"),
        StoreFaultKind::Damaged => crate::text!(vi: "hỏng", en: "damaged"),
        StoreFaultKind::Refused | StoreFaultKind::Lacking => crate::text!(vi: "đầu phát sẽ từ chối", en: "a player refuses it"),
        StoreFaultKind::Behind => crate::text!(vi: "cũ", en: "behind"),
        StoreFaultKind::Waiting => crate::text!(vi: "chờ phát hành", en: "waits to be published"),
        StoreFaultKind::Unsent => crate::text!(vi: "chờ gửi", en: "waits to be sent"),
        StoreFaultKind::Other => crate::text!(vi: "trùng số", en: "same number"),
    }
}

fn as_json(report: &StoreReport, warnings: &[Text], depth: CheckDepth) -> serde_json::Value {
    let faults: Vec<_> =
        report.faults.by_path().iter().map(|(path, (wrong, detail))| json!({"path": path, "kind": wrong, "detail": detail})).collect();
    let sites = report
        .sites
        .iter()
        .map(|state| json!({"site": state.site, "head": state.newest.map(|number| number.to_string()), "heads": state.heads, "programs": state.programs}));
    json!({
        "ok": report.faults.by_path().is_empty(),
        "root": report.root.body().version,
        "root_id": report.root.root_id(),
        "withdrawals": report.withdrawals,
        "sites": sites.collect::<Vec<_>>(),
        "objects": report.objects,
        "bytes": report.bytes,
        "deep": depth == CheckDepth::Bytes,
        "faults": faults,
        "warnings": warnings,
    })
}
