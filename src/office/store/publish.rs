//! `bangtin publish`: collects the approved programs of every site, judges them as a player does, and writes the store.
//! Never publishes what is not approved, and no program at all if one site's part is refused.

use std::path::PathBuf;

use super::progress;
use crate::base::diagnostic::Diagnostic;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::text::Text;
use crate::base::times::{Month, Timestamp};
use crate::base::zone::TimeZone;
use crate::build::compile::Compiler;
use crate::content::model::choose;
use crate::content::model::values::Content;
use crate::content::plan::moment;
use crate::content::source::history;
use crate::filing::filed::{Claim, FiledPrograms};
use crate::filing::judged::approved_lines;
use crate::filing::returning::{self, ReturnCheck};
use crate::filing::signed_files;
use crate::filing::withdrawals;
use crate::office::access::{self, ArchiveArgs, NewStoreArgs};
use crate::office::alarm;
use crate::office::args;
use crate::office::confirm::{self, Confirmation};
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::office::sign::secrets::{self, PasswordArgs};
use crate::publish::choice;
use crate::publish::context::PublishContext;
use crate::publish::installation;
use crate::publish::read_back;
use crate::publish::reader::StoreReader;
use crate::publish::withdrawals::{self as sending, StoreBefore};
use crate::publish::write::{self, PublicationPlan, PublishResult};
use crate::store::folder_store::FolderStore;
use crate::store::object_check::CheckDepth;
use crate::text;
use crate::trust::document::Verified;
use crate::trust::root::Root;
use crate::trust::secret::SecretKey;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The store: a folder, file://, s3://, gs://, az://, http(s):// (WebDAV) | Kho: thư mục, file://, s3://, gs://, az://, http(s):// (WebDAV)
    #[arg(long, value_name = "URL")]
    to: String,
    #[command(flatten)]
    new_store: NewStoreArgs,
    /// Months to publish, such as 2026-12 [default: all approved and not yet past] | Các tháng cần phát hành, dạng 2026-12 [mặc định: mọi tháng đã duyệt và chưa qua]
    #[arg(long, value_name = "MONTH", num_args = 1.., value_parser = args::parse_month)]
    month: Vec<Month>,
    /// One site only [default: all] | Chỉ một cụm [mặc định: mọi cụm]
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
    /// The publisher's secret key | Khóa bí mật của người phát hành
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    archive: ArchiveArgs,
    /// When new programs, and those not yet in force, take over: a moment, or now [default: in 15 minutes; the first release at once] | Lúc chương trình mới, hoặc chưa áp dụng, bắt đầu áp dụng; hoặc now [mặc định: sau 15 phút; bản phát hành đầu tiên: ngay]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// When to publish again at the latest [default: in 90 days] | Hạn phát hành lại [mặc định: sau 90 ngày]
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// An approved program to publish as it is, not built again: its digest or the beginning; may be repeated | Chương trình đã duyệt, phát hành nguyên như vậy, không tạo lại: mã băm hoặc phần đầu; nêu được nhiều lần
    #[arg(long, value_name = "DIGEST", value_parser = args::digest_start)]
    program: Vec<String>,
    /// A published program to take off: its digest or the beginning | Chương trình đã phát hành cần gỡ: mã băm hoặc phần đầu
    #[arg(long, value_name = "DIGEST", value_parser = args::digest_start)]
    without: Vec<String>,
    /// Publish without asking a program of --program that is older than the one whose place it takes | Không hỏi lại trước khi phát hành chương trình nêu ở --program mà cũ hơn chương trình bị thay
    #[arg(long)]
    yes: bool,
    /// Where players read the store [default: the store] | Nơi đầu phát đọc kho [mặc định: chính kho này]
    #[arg(long, value_name = "URL")]
    read_back: Option<String>,
    /// Read every byte, not just the sizes | Đọc từng byte, không chỉ xem kích thước
    #[arg(long)]
    deep: bool,
    /// This computer's clock is right, even though a release carries a later time | Đồng hồ máy này đúng, dù có bản phát hành ghi thời điểm muộn hơn
    #[arg(long)]
    clock_is_right: bool,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    publish(&args, context).inspect_err(|failure| offer_approved(failure, &args, context))
}

fn publish(args: &Args, context: &Context) -> Result<(), Failure> {
    let (folder, zone, content) = (context.content_root()?, context.zone(), content(args, context)?);
    let filed = FiledPrograms::list(&folder)?;
    let sites = sites(args, content.as_ref().ok(), &filed)?;
    let chain = signed_files::roots(&folder)?;
    let root = signed_files::newest(&chain)?;
    let (key, now) = publisher(context, args, root)?;
    let (at, expires) = moments(args, zone, now)?;
    let (destination, archive) = (access::parse_address(&args.to, context)?, args.archive.folder(context, &folder)?);
    installation::ensure_apart(&destination, &archive)?;
    let (store, archive) = (destination.open(&context.environment)?, FolderStore::open(&archive)?);
    let stored = withdrawals::read(&folder, &chain, &filed)?;
    let look = || sending::before(&*store, &archive, &chain, (&stored, &sites), args.new_store.answer());
    let StoreBefore { is_new, newer } = access::waiting(context, &args.to, look)?;
    let statements = access::with_newer(context, (&folder, &chain, &filed), (&args.to, &newer))?;
    let unsent = access::settle_unsent(context, (&folder, &chain, &filed), &args.to)?;
    let place = (&*store, &destination, context.environment.as_slice());
    let send = || context.tell(sending::with_programs(place, &archive, &chain, &statements, &sites));
    // Into a new store nothing is written before all of it may be: nobody there waits for a withdrawal.
    let withdrawals = if is_new { sending::for_new_store(&chain, &statements)? } else { send()? };
    let compiler = content.as_ref().map_err(|faults| Failure::Content(faults.clone()));
    let compiler = unless_named(args, compiler.and_then(|content| Compiler::new(&folder, context.cache.clone(), content)))?;
    let desk = PublishContext {
        zone,
        build: &|site, period| compiler.as_ref().map_err(|faults| Failure::Content(faults.clone()))?.compile(site, period),
        root,
        older: chain.iter().rev().skip(1).map(|files| &files.root).collect(),
        store: &*store,
        archive: &archive,
        programs: choice::digests(&filed, &args.program)?,
        without: choice::digests(&filed, &args.without)?,
        filed,
        key: &key,
        now,
        clock_is_right: args.clock_is_right,
        at,
        expires,
        source: history::head_commit(&folder),
        months: args.month.iter().copied().collect(),
        withdrawals,
    };
    let plans = planned(args, context, &desk, &sites)?;
    is_new.then(send).transpose()?;
    let done = write::write(&*store, &archive, &chain, plans, &*progress::reporter(context))?;
    print_result(context, &done, &desk.filed);
    let served = args.read_back.as_ref().map_or(Ok(destination), |url| access::parse_address(url, context))?;
    read_back::read_back(&StoreReader::open(&served, &context.environment)?, &chain, &done.hints, depth(args))?;
    ensure_all(&done, unsent)
}

/// What is to be published. Asks before an older program takes the place of a newer one.
fn planned(args: &Args, context: &Context, desk: &PublishContext<'_>, sites: &[SiteId]) -> Result<PublicationPlan, Failure> {
    let plans = write::plan_all(desk, sites)?;
    let older = plans.older(desk);
    plans.odd_approvals(desk).iter().chain(&older).for_each(|text| context.alarm(text));
    let said = if args.yes || older.is_empty() { Confirmation::Given } else { Confirmation::Ask };
    if confirm::confirm(context, said, &text!(vi: "Vẫn phát hành? [c/K] ", en: "Publish it all the same? [y/N] "))? {
        return Ok(plans);
    }
    Err(Failure::Refused(text!(vi: "không phát hành gì", en: "nothing was published")))
}

/// The content, or its faults.
fn content(args: &Args, context: &Context) -> Result<Result<Content, Vec<Diagnostic>>, Failure> {
    let loaded = context.load().inspect(|(_, warnings)| context.print_warnings(warnings));
    unless_named(args, loaded.map(|(content, _)| content))
}

/// What the content gives; or its faults, where only approved programs are to be listed as they are, which do not ask what it says now.
fn unless_named<T>(args: &Args, made: Result<T, Failure>) -> Result<Result<T, Vec<Diagnostic>>, Failure> {
    match made {
        Err(Failure::Content(faults)) if args.month.is_empty() && !args.program.is_empty() => Ok(Err(faults)),
        made => made.map(Ok),
    }
}

/// Names the approved programs where a fault of the content ends the command: a newer version of the tool may find faults in what an older one
/// built, and what is approved can be listed as it is.
fn offer_approved(failure: &Failure, args: &Args, context: &Context) {
    let Failure::Content(_) = failure else { return };
    let approved = || {
        let (now, folder) = (args.now.instant(context.zone()).ok()?, context.content_root().ok()?);
        let (filed, chain) = (FiledPrograms::list(&folder).ok()?, signed_files::roots(&folder).ok()?);
        let current = |claim: &Claim| claim.approval.show_until.is_none_or(|until| until > now.0);
        let root = signed_files::newest(&chain).ok()?;
        let withdrawals = returning::complete(&folder, &chain, &filed).unwrap_or_default();
        let check = ReturnCheck { root, withdrawals: &withdrawals, filed: &filed };
        Some(approved_lines(root, &filed.read_claimed(current).ok()?, |filed| check.note(filed)))
    };
    if let Some(Text { vi, en }) = approved().filter(|list| !list.en.is_empty()) {
        context.alarm(&crate::text!(
            vi: "nội dung hiện có lỗi; chương trình đã duyệt vẫn phát hành được nguyên như vậy, không tạo lại, bằng --program MÃ_BĂM:{vi}",
            en: "the content has faults now; an approved program can still be published as it is, not built again, with --program DIGEST:{en}"
        ));
    }
}

/// The sites to publish for: the named one, or all of the content; without a content, all that something is approved for.
fn sites(args: &Args, content: Option<&Content>, filed: &FiledPrograms) -> Result<Vec<SiteId>, Failure> {
    match content {
        Some(content) => {
            args.month.iter().try_for_each(|month| choose::ensure_month(content, *month))?;
            choose::select_sites(content, args.site.as_deref())
        }
        None if args.site.is_some() => choose::site_ids(filed.sites()?, args.site.as_slice()),
        None => Ok(filed.sites()?.into_iter().cloned().collect()),
    }
}

fn depth(args: &Args) -> CheckDepth {
    if args.deep { CheckDepth::Bytes } else { CheckDepth::Sizes }
}

/// Fails if something was left out, if a withdrawal waits to be signed anew, or if a moment was given that decides nothing: the publisher meant
/// something by it.
fn ensure_all(done: &PublishResult, unsent: usize) -> Result<(), Failure> {
    Failure::unless_all(done.left_out.len(), not_all)?;
    Failure::unless_all(unsent, not_signed_anew)?;
    let names = done.idle.iter().copied().collect::<Vec<_>>().join(", ");
    if names.is_empty() {
        return Ok(());
    }
    Err(Failure::Refused(text!(
        vi: "{names} không có tác dụng ở cụm nào: mọi chương trình được liệt kê đều đã áp dụng. Để chiếu lại một chương trình đã duyệt trước đây: bangtin publish --to KHO --key TỆP --program MÃ_BĂM --at LÚC; để gỡ một chương trình: --without MÃ_BĂM",
        en: "{names} had no effect at any site: all programs that are listed have taken over already. To go back to an earlier approved program: bangtin publish --to STORE --key FILE --program DIGEST --at TIME; to take one off: --without DIGEST"
    )))
}

fn not_all(left: usize) -> Text {
    let named = if left == 1 { "1 program or site is".to_owned() } else { format!("{left} programs or sites are") };
    text!(
        vi: "{left} chương trình hoặc cụm chưa phát hành được, vì các lý do nêu trên",
        en: "not everything is published; {named} left out for the reasons named above"
    )
}

fn not_signed_anew(unsent: usize) -> Text {
    let withdrawals = numbers::counted(unsent, "withdrawal");
    text!(
        vi: "đã phát hành, nhưng còn {unsent} văn bản thu hồi nêu trên phải ký lại",
        en: "published; but {withdrawals} named above must be signed anew"
    )
}

/// When new programs take over, and when to publish again, as far as they are given.
fn moments(args: &Args, zone: TimeZone, now: Timestamp) -> Result<(Option<Timestamp>, Option<Timestamp>), Failure> {
    let at = args.at.as_deref().map(|text| if text == "now" { Ok(now) } else { moment::parse_later(text, zone, now) }).transpose()?;
    let expires = args.expires.as_deref().map(|text| moment::parse_later(text, zone, now)).transpose()?;
    match at.zip(expires) {
        Some((at, expires)) if expires <= at => Err(Failure::Usage(text!(
            vi: "--expires phải sau --at: hạn phát hành lại không thể đến trước lúc bắt đầu áp dụng",
            en: "--expires must be after --at: a release is not due for renewal before it takes over"
        ))),
        _ => Ok((at, expires)),
    }
}

fn print_result(context: &Context, done: &PublishResult, filed: &FiledPrograms) {
    done.warnings.iter().chain(&filed.passed_over()).for_each(|warning| context.alarm(warning));
    done.messages.iter().for_each(|text| context.print_text(text));
    // The outcome speaks of reasons above it, which --quiet takes away with the messages.
    done.left_out.iter().filter(|_| context.quiet).for_each(|reason| context.alarm(reason));
}

/// The publisher's key, refused before any work if the root does not name it, and the moment of the signature.
fn publisher(context: &Context, args: &Args, root: &Verified<Root>) -> Result<(SecretKey, Timestamp), Failure> {
    let key = secrets::open(context, &args.key, &args.password)?;
    let kid = key.public().kid();
    if !root.body().roles.publish.keys.contains(&kid) {
        return Err(Failure::Refused(installation::may_not_publish(root.body(), kid)));
    }
    let now = args.now.instant(context.zone())?;
    alarm::warn(context, root, now);
    Ok((key, now))
}
