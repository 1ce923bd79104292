//! `bangtin withdraw`: takes approved programs, or slides of them, off the screens for good, and says how to correct the content.
//! Never changes content, and never needs the publisher's key.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::secrets::{self, PasswordArgs};
use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::shell::quoted;
use crate::base::text::Text;
use crate::base::times::{Month, Timestamp};
use crate::content::model::choose;
use crate::filing::filed::FiledPrograms;
use crate::filing::signed_files;
use crate::filing::withdraw::{self, WithdrawalSigner, WithdrawalTerms};
use crate::filing::withdrawal_again::EarlierWithdrawals;
use crate::filing::withdrawal_reach::{self, WithdrawalNames, WithdrawalReach};
use crate::filing::withdrawal_text::{self, WithdrawalWay};
use crate::filing::withdrawal_views::WithdrawalViews;
use crate::filing::withdrawals::{self, StoredWithdrawal};
use crate::filing::withdrawals_unsent;
use crate::filing::withdrawn::{WithdrawalOutcome, Withdrawn};
use crate::office::access::{self, ArchiveArgs};
use crate::office::alarm;
use crate::office::args;
use crate::office::confirm::{self, Confirmation};
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::publish::clock::{self, Earlier, Signing};
use crate::publish::look::{self, StoreSurvey};
use crate::publish::withdrawals::{self as sending, Done, Reach};
use crate::text;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The program: its digest or the beginning of it | Chương trình: mã băm hoặc phần đầu mã băm
    #[arg(value_name = "PROGRAM", value_parser = args::digest_start)]
    program: Option<String>,
    /// The program of this month at --site | Chương trình của tháng này tại --site
    #[arg(long, value_name = "MONTH", value_parser = args::parse_month, conflicts_with_all = ["program", "evergreen"])]
    month: Option<Month>,
    /// The evergreen program of --site | Chương trình thường xuyên của --site
    #[arg(long, conflicts_with = "program")]
    evergreen: bool,
    /// The site | Cụm thông tin
    #[arg(long, value_name = "SITE", conflicts_with = "program")]
    site: Option<String>,
    /// This slide, by id or title, from every program in force or to come; may be repeated [default: the whole program] | Trang này, theo mã hoặc tiêu đề, khỏi mọi chương trình đang và sẽ chiếu; nêu được nhiều lần [mặc định: cả chương trình]
    #[arg(long, value_name = "ID")]
    slide: Vec<String>,
    /// Take the slides out of the named programs only | Chỉ bỏ trang khỏi các chương trình được nêu
    #[arg(long, requires = "slide")]
    only: bool,
    /// Add your signature to this withdrawal | Ký thêm vào văn bản thu hồi số này
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["program", "month", "evergreen", "site", "slide", "role"])]
    withdrawal: Option<u64>,
    /// The reason, signed with the withdrawal; not needed to add a signature | Lý do, được ký cùng; không cần khi ký thêm
    #[arg(long, value_name = "TEXT", value_parser = args::one_line)]
    reason: Option<String>,
    /// The reviewer role to sign in [default: one that the key holds] | Vai trò duyệt để ký [mặc định: vai trò của khóa]
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Your secret key | Khóa bí mật của bạn
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Put it into this store at once | Đưa vào kho này ngay
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    #[command(flatten)]
    archive: ArchiveArgs,
    /// Withdraw without asking what was approved anew, or is at other sites than --site alone | Không hỏi lại trước khi thu hồi những gì đã được duyệt lại, hoặc chỉ có ở cụm khác với --site
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let folder = context.content_root()?;
    let destination = args.to.as_deref().map(|url| access::parse_address(url, context)).transpose()?;
    let (chain, filed) = (signed_files::roots(&folder)?, FiledPrograms::list(&folder)?);
    let site = choose::site_ids(filed.sites()?, args.site.as_slice())?;
    let named = names(&args, site.first())?;
    // A fault in the content must not prevent a withdrawal: the content is needed for words only.
    let (content, zone) = (context.load().map(|(content, _)| content).ok(), context.zone());
    let (now, to) = (args.now.instant(zone)?, args.to.as_deref().unwrap_or_default());
    // A statement about slides concerns the players of every site.
    let sites: Vec<SiteId> = filed.sites()?.into_iter().cloned().collect();
    let stored = withdrawals::read(&folder, &chain, &filed)?;
    let archive = args.archive.folder(context, &folder)?;
    let look = || look::look(destination.as_ref(), &archive, &context.environment, &chain, (&stored, &sites));
    let StoreSurvey { listed, takes_next, newer, published, unreadable } = access::waiting(context, to, look)?;
    unreadable.iter().for_each(|text| context.alarm(text));
    let stored = access::with_newer(context, (&folder, &chain, &filed), (to, &newer))?;
    let unsent = withdrawals_unsent::read(&folder, &chain, &stored)?;
    let terms = WithdrawalTerms { reason: args.reason.clone(), role: args.role.clone(), unsent, published };
    let reach = reached((context, &args, &named), &filed, (&stored, &terms), &listed, now)?;
    let (root, key) = (signed_files::newest(&chain)?, secrets::open(context, &args.key, &args.password)?);
    reach.ensure_allowed(root.body(), key.public().kid())?;
    let again = EarlierWithdrawals { root, statements: &stored, filed: &filed, zone }.approved_again(&reach)?;
    ensure_meant(context, &args, &again, reach.elsewhere(&named, root.body(), key.public().kid()))?;
    let signer = WithdrawalSigner { folder: &folder, chain: &chain, root, key: &key, now };
    alarm::warn(context, root, now);
    let approved = reach.programs.iter().filter_map(|filed| Some((Earlier::Withdrawn, filed.first_signed()?)));
    clock::before_earlier(now, Signing::Withdrawal, approved, zone).iter().for_each(|text| context.alarm(text));
    let taken = withdraw::withdraw(&signer, &filed, &reach, &terms)?;
    let statements = withdrawals::read(&folder, &chain, &filed)?;
    // Before anything is printed: whatever becomes of the output, the store has it.
    let send = |store| sending::alone(&store, &context.environment, &chain, (&statements, takes_next), &sites);
    let sent = destination.filter(|_| taken.any_complete()).map(|store| access::waiting(context, to, || send(store)));
    let way = way(context, &args, &taken, sent.as_ref());
    let statement = |outcome: &WithdrawalOutcome| statements.iter().find(|each| each.number == outcome.number);
    taken.done.iter().for_each(|(outcome, _)| print_result(context, &folder, (statement(outcome), &way), (outcome, &taken, &args)));
    let views = WithdrawalViews { root, statements: &statements, taken: &taken, filed: &filed, reach: &reach, listed: &listed, now, zone };
    let reason = taken.done.first().and_then(|(outcome, _)| statement(outcome)).map(|each| &each.body.reason);
    let command = command(&args, reason.filter(|_| args.withdrawal.is_some()));
    let story = views.story(reason.map_or("", String::as_str), way, command);
    withdrawal_text::all(&story, (content.as_ref(), &withdrawals::revisions(&statements))).iter().for_each(|text| context.print_text(text));
    views.gone().iter().for_each(|text| context.print_text(text));
    let left = views.left();
    print_left(context, &args, &left, &taken);
    print_next_step(context, &args, &named, &taken);
    access::settle_unsent(context, (&folder, &chain, &filed), to)?;
    sent.zip(args.to.as_deref()).map_or(Ok(()), |(sent, url)| print_sent(context, url, (&sites, &taken), sent))?;
    Failure::unless_all(left.len(), not_all)?;
    taken.ensure_signed()
}

/// What the command takes: what the statement says of which the number is given, or what is named.
fn reached<'a>(
    (context, args, named): (&Context, &Args, &WithdrawalNames<'_>),
    filed: &'a FiledPrograms,
    (stored, terms): (&[StoredWithdrawal], &WithdrawalTerms),
    listed: &BTreeSet<Digest>,
    now: Timestamp,
) -> Result<WithdrawalReach<'a>, Failure> {
    let found = match args.withdrawal {
        None => withdrawal_reach::reach(filed, named, listed, now),
        Some(number) => {
            let renewed = terms.renewed(number).map(|body| (number, &body.scope));
            let statement = renewed.map_or_else(|| withdrawals::find(stored, number), Ok);
            statement.and_then(|statement| withdrawal_reach::of_statement(filed, statement, listed, now))
        }
    };
    // A damaged file must not prevent a withdrawal.
    filed.passed_over().iter().for_each(|text| context.alarm(text));
    found
}

/// Asks before anything is signed that takes what was approved, or signed, again after a withdrawal: it may be an old command, run once more;
/// or that takes slides `elsewhere` alone than at the site named.
fn ensure_meant(context: &Context, args: &Args, approved_again: &[Text], elsewhere: Option<Text>) -> Result<(), Failure> {
    let doubtful = || approved_again.iter().chain(&elsewhere);
    let said = if args.yes || doubtful().next().is_none() { Confirmation::Given } else { Confirmation::Ask };
    doubtful().for_each(|text| context.alarm(text));
    let question = if approved_again.is_empty() {
        text!(vi: "Vẫn thu hồi? [c/K] ", en: "Withdraw it all the same? [y/N] ")
    } else {
        text!(vi: "Vẫn thu hồi lần nữa? [c/K] ", en: "Withdraw it again? [y/N] ")
    };
    if confirm::confirm(context, said, &question)? {
        return Ok(());
    }
    Err(Failure::Refused(text!(vi: "không ký; chưa có văn bản thu hồi nào được ghi", en: "nothing was signed")))
}

fn not_all(left: usize) -> Text {
    let (programs, have) = (numbers::counted(left, "program"), if left == 1 { "has" } else { "have" });
    text!(
        vi: "chưa thu hồi hết: còn {left} chương trình nêu trên",
        en: "not everything is withdrawn: {programs} named above still {have} it"
    )
}

/// How the withdrawals go on from here; says at once if they could not be sent.
fn way(context: &Context, args: &Args, taken: &Withdrawn<'_>, sent: Option<&Done<Reach>>) -> WithdrawalWay {
    match (sent, &args.to) {
        (Some(Done { end: Ok(Reach::Players), .. }), _) => WithdrawalWay::Sent,
        (Some(Done { end: Err(_), said: None, .. }), Some(url)) => {
            let last = taken.done.iter().rfind(|(outcome, _)| outcome.missing_signatures == 0).map_or(0, |(outcome, _)| outcome.number);
            let (key, to) = (quoted(&args.key.display().to_string()), quoted(url));
            context.alarm(&text!(
                vi: "ĐÃ KÝ, CHƯA GỬI ĐƯỢC: văn bản thu hồi chưa vào {url}, màn hình vẫn chiếu như cũ; gửi sau bằng:\n  bangtin withdraw --withdrawal {last} --key {key} --to {to}\nhoặc người phát hành chạy: bangtin publish --to {to} --key TỆP",
                en: "SIGNED, NOT SENT: the withdrawal is not yet in {url}, and the screens show what they did; send it later with:\n  bangtin withdraw --withdrawal {last} --key {key} --to {to}\nor the publisher runs: bangtin publish --to {to} --key FILE"
            ));
            WithdrawalWay::NotSent
        }
        _ => WithdrawalWay::Signed,
    }
}

/// This command for more slides, around their names.
fn command(args: &Args, again: Option<&String>) -> (String, String) {
    let month = args.month.map(|month| month.to_string());
    let place = [("", args.program.as_deref()), (" --month", month.as_deref()), (" --site", args.site.as_deref())];
    let place: String = place.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name} {value}"))).collect();
    let flag = |given: bool, name| if given { name } else { "" };
    let before = format!("bangtin withdraw{place}{}", flag(args.evergreen, " --evergreen"));
    let (key, reason) = (args.key.display().to_string(), args.reason.as_ref().or(again));
    let ends = [(" --reason", reason), (" --key", Some(&key)), (" --to", args.to.as_ref())];
    let ends: String = ends.into_iter().filter_map(|(name, value)| value.map(|value| format!("{name} {}", quoted(value)))).collect();
    (before, format!("{}{ends}", flag(args.only, " --only")))
}

/// The programs that still show it, and the command with which a holder of another role takes it from them.
fn print_left(context: &Context, args: &Args, left: &[Text], taken: &Withdrawn<'_>) {
    left.iter().for_each(|text| context.alarm(text));
    let (before, after) = command(args, None);
    let slides: String = args.slide.iter().map(|slide| format!(" --slide {}", quoted(slide))).collect();
    let own = format!(" --key {}", quoted(&args.key.display().to_string()));
    let (vi, en) = (after.replace(&own, " --key TỆP"), after.replace(&own, " --key FILE"));
    let (_, Text { vi: vi_step, en: en_step }) = taken.steps();
    let next = left.first().map(|_| {
        text!(
            vi: "{vi_step}người giữ vai trò cần có chạy:\n  {before}{slides}{vi}",
            en: "{en_step}a holder of the role that is needed runs:\n  {before}{slides}{en}"
        )
    });
    next.iter().for_each(|text| context.alarm(text));
}

/// What is named on the command line; refuses to guess it.
fn names<'a>(args: &'a Args, site: Option<&'a SiteId>) -> Result<WithdrawalNames<'a>, Failure> {
    let whole = args.program.is_some() || args.month.is_some() || args.evergreen;
    if !whole && args.slide.is_empty() && args.withdrawal.is_none() {
        return Err(Failure::Usage(text!(
            vi: "hãy nêu điều cần thu hồi: một trang (--slide TIÊU_ĐỀ), hoặc cả chương trình (--month THÁNG --site CỤM, hoặc --evergreen --site CỤM)",
            en: "name what to withdraw: a slide (--slide TITLE), or a whole program (--month MONTH --site SITE, or --evergreen --site SITE)"
        )));
    }
    Ok(WithdrawalNames {
        digest: args.program.as_deref(),
        site,
        month: args.month,
        evergreen: args.evergreen,
        slides: &args.slide,
        only: args.only,
    })
}

/// What does not limit the withdrawal, and that what was signed is to be committed; and, where it was not sent, that the screens go on: last,
/// because it decides.
fn print_next_step(context: &Context, args: &Args, named: &WithdrawalNames<'_>, taken: &Withdrawn<'_>) {
    named.no_limit().iter().for_each(|text| context.print_text(text));
    taken.to_commit().iter().for_each(|text| context.print_text(text));
    match (&args.to, taken.any_complete()) {
        (None, true) => context.print_text(&crate::text!(
            vi: "Lệnh này CHƯA đưa gì vào kho: nếu trước đó cũng chưa gửi thì màn hình vẫn chiếu. Để gửi, chạy lại lệnh này với --to KHO.",
            en: "NOT SENT by this command: unless it was sent before, the screens still show it. To send it, run this command again with --to STORE."
        )),
        (Some(url), false) => context.alarm(&crate::text!(
            vi: "CHƯA gửi gì đến {url}: còn thiếu chữ ký, màn hình vẫn chiếu như cũ.",
            en: "NOT SENT to {url}: signatures are missing, and the screens show what they did."
        )),
        _ => {}
    }
}

fn print_result(
    context: &Context,
    folder: &Path,
    (statement, way): (Option<&StoredWithdrawal>, &WithdrawalWay),
    (outcome, taken, args): (&WithdrawalOutcome, &Withdrawn<'_>, &Args),
) {
    let WithdrawalOutcome { number, missing_signatures: lacking, .. } = outcome;
    let path = withdrawals::path(folder, *number);
    context.print_text(&withdrawal_text::outcome(outcome, *way, &path));
    if let Some(statement) = statement.filter(|_| *lacking > 0) {
        let (role, Text { vi, en }) = (&statement.body.role, statement.command(args.to.as_deref()));
        let more = numbers::counted(*lacking, "more signature");
        let (Text { vi: vi_step, en: en_step }, _) = taken.steps();
        let next = crate::text!(
            vi: "{vi_step}Còn thiếu {lacking} chữ ký của người giữ vai trò {role}; chưa có hiệu lực. Người ký tiếp chạy:\n  {vi}",
            en: "{en_step}{more} by holders of role {role} required; it has no effect before. The next one runs:\n  {en}"
        );
        context.print_text(&next);
    }
}

/// What became of sending the withdrawals that were `taken` to the store.
fn print_sent(context: &Context, url: &str, (sites, taken): (&[SiteId], &Withdrawn<'_>), sent: Done<Reach>) -> Result<(), Failure> {
    let (already, sites) = (sent.said.is_none(), sites.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", "));
    match context.tell(sent)? {
        Reach::FirstPublication => context.print_text(&crate::text!(
            vi: "{url}: chưa có bản phát hành nào cho {sites}; văn bản thu hồi có hiệu lực từ bản đầu tiên",
            en: "{url}: nothing has been published for {sites} yet; the withdrawal holds from the first publication on"
        )),
        Reach::Players if already => {
            let complete = taken.done.iter().filter(|(outcome, _)| outcome.missing_signatures == 0);
            let numbers: Vec<String> = complete.map(|(outcome, _)| outcome.number.to_string()).collect();
            let (many, numbers) = (if numbers.len() == 1 { "" } else { "s" }, numbers.join(", "));
            context.print_text(&crate::text!(
                vi: "Kho {url} đã có văn bản thu hồi số {numbers} từ trước",
                en: "Store {url} already has withdrawal{many} {numbers}"
            ));
        }
        Reach::Players => {}
    }
    Ok(())
}
