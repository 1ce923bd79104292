//! `bangtin approve`: builds what a reviewer must approve, has every page opened, and signs.
//! Never signs unasked at a terminal, and never in continuous integration unless the office approves by merge.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::approve_ci;
use super::secrets::{self, PasswordArgs};
use crate::base::failure::Failure;
use crate::base::help::Invalid;
use crate::base::numbers;
use crate::base::output;
use crate::base::text::Text;
use crate::base::zone::TimeZone;
use crate::build::compile::Compiler;
use crate::content::model::choose;
use crate::content::model::values::Content;
use crate::content::plan::reasons;
use crate::desk::review::unopened::{self, SitePage, count_of};
use crate::desk::review::{DisplayNames, Keyboard, LostPage, Reader, ReviewOutcome, ReviewServer, ReviewedProgram, SiteTexts};
use crate::filing::approve::{self, ApprovalRequest, ReviewerContext};
use crate::filing::archive::Archive;
use crate::filing::back_again;
use crate::filing::filed::FiledPrograms;
use crate::filing::record::{self, ApprovalRecord, RecordInputs};
use crate::filing::report::{self, ReviewReport};
use crate::filing::report_text::{self, Listing};
use crate::filing::returning::{self, ReturnCheck};
use crate::filing::signed_files;
use crate::office::access::ArchiveArgs;
use crate::office::alarm;
use crate::office::args::{self, FormatArgs, OutputFormat, PeriodArgs};
use crate::office::confirm::{self, Confirmation};
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::trust::approval::Decision;
use crate::trust::document::Verified;
use crate::trust::root::Root;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    period: PeriodArgs,
    #[command(flatten)]
    archive: ArchiveArgs,
    /// One site only [default: all] | Chỉ một cụm [mặc định: mọi cụm]
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
    /// Your secret key | Khóa bí mật của bạn
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Sign only if the program has this digest | Chỉ ký nếu đúng chương trình có mã băm này
    #[arg(long, value_name = "DIGEST", requires = "site")]
    program: Option<String>,
    /// Number and date of the decision: "12/QĐ-SVHTTDL, 2026-11-20" | Số và ngày quyết định: "12/QĐ-SVHTTDL, 2026-11-20"
    #[arg(long, value_name = "NUMBER, DATE", value_parser = decision, default_value = "", hide_default_value = true)]
    document: Decision,
    /// A remark, signed with the approval | Ghi chú, được ký cùng
    #[arg(long, value_name = "TEXT", value_parser = args::one_line, default_value = "")]
    remark: String,
    /// Open the review page in the browser | Mở trang duyệt trong trình duyệt
    #[arg(long)]
    open: bool,
    /// List every slide and file, also unchanged ones and those that only the theme changed | Liệt kê mọi trang chiếu và tệp, kể cả trang như cũ và trang chỉ khác giao diện
    #[arg(long)]
    all: bool,
    /// Sign although pages are unopened; the approval states how many | Ký khi chưa xem hết các trang; văn bản phê duyệt ghi rõ số trang theo cỡ chưa xem
    #[arg(long)]
    unseen: bool,
    /// Do not ask before signing | Không hỏi lại trước khi ký
    #[arg(long)]
    yes: bool,
    /// Merge as approval: sign on a CI machine, for roles with `by_merge: true` | Coi việc gộp vào nhánh chính là phê duyệt: ký trên máy CI, cho vai trò có `by_merge: true`
    #[arg(long)]
    in_ci: bool,
    #[command(flatten)]
    format: FormatArgs,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    now: NowArgs,
}

struct ReviewCase {
    asked: ApprovalRequest,
    record: ApprovalRecord,
    report: ReviewReport,
}

impl ReviewCase {
    fn of(asked: ApprovalRequest, files: &RecordInputs<'_>, returning: &ReturnCheck<'_>) -> Result<Self, Failure> {
        let root = files.root.body();
        let record = record::record(files, &asked)?;
        let zone = files.content.settings.time_zone;
        let last = record.last.as_ref().map(|last| last.program().manifest());
        let returned = returning.returned(&asked.built.program, last, zone)?;
        let mut report = report::report((&asked, &record, &returned), root, root.holder(files.kid).unwrap_or_default(), files.content);
        let back = back_again::replaced((files.root, files.filed), returning.withdrawals, &asked.built.program, zone)?;
        report.notes = back.into_iter().chain(report.notes).collect();
        Ok(Self { asked, record, report })
    }
}

fn decision(text: &str) -> Result<Decision, Invalid> {
    Decision::parse(&args::one_line(text)?).map_err(Invalid)
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    if !args.in_ci {
        approve_ci::refuse_in_ci(&context.environment)?;
    }
    let (content, warnings) = context.load()?;
    context.print_warnings(&warnings);
    let (zone, folder) = (content.settings.time_zone, context.content_root()?);
    let chain = signed_files::roots(&folder)?;
    let root = signed_files::newest(&chain)?;
    let key = secrets::open(context, &args.key, &args.password)?;
    let kid = key.public().kid();
    if args.in_ci {
        approve_ci::ensure_by_merge(&content.settings.approval, root.body(), kid)?;
    }
    let reviewer = ReviewerContext {
        folder: &folder,
        root,
        key: &key,
        now: args.now.instant(zone)?,
        expected_program: args.program.as_deref(),
        decision: args.document.clone(),
        remark: args.remark.clone(),
    };
    let (sites, period) = (choose::select_sites(&content, args.site.as_deref())?, args.period.period());
    period.month().iter().try_for_each(|month| choose::ensure_month(&content, *month))?;
    let compiler = Compiler::new(&folder, context.cache.clone(), &content)?;
    let mut asked = approve::prepare_requests(&reviewer, &sites, period, &|site, period| compiler.compile(site, period))?;
    alarm::before_approval(context, (root, &reviewer.decision), reviewer.now);
    let filed = FiledPrograms::list(&folder)?;
    let returning = ReturnCheck { root, withdrawals: &returning::complete(&folder, &chain, &filed)?, filed: &filed };
    let refused = leave_out(context, &returning, &mut asked)?;
    let files = RecordInputs::new(&folder, &content, (&chain, &filed), kid, args.archive.open(context, &folder)?)?;
    let cases = asked.into_iter().map(|asked| ReviewCase::of(asked, &files, &returning)).collect::<Result<Vec<_>, Failure>>()?;
    let desk = ApprovalSession { args: &args, context, content: &content, root, archive: files.archive.clone() };
    let review = desk.open_review(&cases)?;
    desk.print_reports(&cases, zone);
    let mut signed = Vec::new();
    let outcome = desk.wait_for_consent(&cases, &review).and_then(|left| {
        let reviewer = ReviewerContext { now: args.now.instant(zone)?, ..reviewer };
        cases.iter().try_for_each(|case| {
            let unseen = left.iter().filter(|(site, _)| *site == case.report.site).count() as u64;
            approve::sign(&reviewer, &case.asked, unseen).map(|path| signed.push((path, unseen)))
        })
    });
    // Also after a failure: the programs before it are signed.
    desk.print_result(&cases, &signed);
    filed.left_unknown().iter().for_each(|text| context.alarm(text));
    review.end(ReviewOutcome::of(outcome.is_ok(), signed.is_empty()));
    outcome.and_then(|()| Failure::unless_all(refused, not_all))
}

fn not_all(refused: usize) -> Text {
    let programs = numbers::counted(refused, "program");
    crate::text!(
        vi: "chưa ký hết: {refused} chương trình không ký, vì lý do nêu ở trên",
        en: "not everything is signed: {programs} left out for the reasons above"
    )
}

/// Leaves out what a withdrawal bars, and says why. Returns how many programs that are.
fn leave_out(context: &Context, returning: &ReturnCheck<'_>, asked: &mut Vec<ApprovalRequest>) -> Result<usize, Failure> {
    let all = asked.len();
    returning.refuse(asked)?.iter().for_each(|text| context.alarm(text));
    Ok(all - asked.len())
}

/// The arguments and content that all steps of one approval use.
struct ApprovalSession<'a> {
    args: &'a Args,
    context: &'a Context,
    content: &'a Content,
    root: &'a Verified<Root>,
    archive: Archive,
}

impl ApprovalSession<'_> {
    /// Warns of a clock by which these would be signed, or were, before what was signed earlier.
    fn warn_of_clock(&self, cases: &[ReviewCase]) {
        let records = cases.iter().map(|case| (&case.asked.site, &case.record));
        let now = self.args.now.instant(self.content.settings.time_zone);
        now.iter().for_each(|now| alarm::clock_behind(self.context, (self.root, *now), records.clone()));
    }

    fn print_reports(&self, cases: &[ReviewCase], zone: TimeZone) {
        self.warn_of_clock(cases);
        if self.args.format.form() == OutputFormat::Human && !self.context.quiet {
            cases.iter().for_each(|case| crate::out!("{}", case.report.text(zone, self.context.lang, Listing::asked(self.args.all))));
        }
    }

    /// Serves the pages that are not signed yet. Refuses where nobody can answer: before anything is listed.
    fn open_review(&self, cases: &[ReviewCase]) -> Result<ReviewServer, Failure> {
        let names = DisplayNames { office: json!(self.content.settings.name), agencies: self.agencies() };
        let unsigned: Vec<_> = cases.iter().filter(|case| !case.report.signed).map(|case| self.reviewed_program(case)).collect();
        let asks = !unsigned.is_empty() && self.consent() == Confirmation::Ask;
        if asks {
            confirm::ensure_can_ask()?;
        }
        // Standard input belongs to a script unless somebody is asked at a terminal.
        let reads = self.reads(asks);
        ReviewServer::start(unsigned, names, if reads { Keyboard::Read } else { Keyboard::Untouched }, self.context.lang)
    }

    /// Waits until every page has been opened and the reviewer agrees; returns the unopened pages.
    fn wait_for_consent(&self, cases: &[ReviewCase], review: &ReviewServer) -> Result<Vec<SitePage>, Failure> {
        let left = review.unopened();
        if self.args.unseen || left.is_empty() {
            self.print_unseen(&left);
        } else if self.looks() && !confirm::can_ask() {
            return Err(refused_unopened(cases, &left));
        } else {
            self.print_address(review.url(), &left);
            review.opened(self.reader(), &|left| self.print_unopened(cases, left)).map_err(|left| refused_unopened(cases, &left))?;
        }
        let lost = review.lost();
        let (count, pages) = (lost.len(), numbers::counted(lost.len(), "page"));
        self.print_lost(cases, &lost);
        self.print_unheard(cases, &review.unheard());
        if self.consent() == Confirmation::Ask && !review.is_empty() {
            if count > 0 {
                self.ask(
                    review,
                    &crate::text!(vi: "Vẫn ký dù {count} trang theo cỡ bị mất chữ? [c/K] ", en: "Sign although words are lost on {pages}? [y/N] "),
                )?;
            }
            let reports: Vec<_> = cases.iter().map(|case| &case.report).collect();
            self.ask(review, &report_text::question(&reports, review.url()))?;
        }
        Ok(review.unopened())
    }

    fn ask(&self, review: &ReviewServer, question: &Text) -> Result<(), Failure> {
        self.print_text(question, "");
        if confirm::is_yes(|| Ok(review.answer()), |text| self.print_text(text, ""))? {
            return Ok(());
        }
        Err(Failure::Refused(crate::text!(
            vi: "không ký; chưa có văn bản phê duyệt nào được ghi",
            en: "not signed: no approval was written"
        )))
    }

    /// Also without a question: what is signed is told.
    fn print_lost(&self, cases: &[ReviewCase], lost: &[LostPage]) {
        if lost.is_empty() {
            return;
        }
        let (count, pages) = (lost.len(), numbers::counted(lost.len(), "page"));
        let line = |(site, page, words): &LostPage| format!("\n  {}: “{words}”", listed(cases, &[(site.clone(), page.clone())]));
        let list: String = lost.iter().map(line).collect();
        self.print_text(
            &crate::text!(vi: "MẤT CHỮ ở {count} trang theo cỡ, từ chỗ:{list}", en: "WORDS ARE LOST on {pages}, from:{list}"),
            "\n",
        );
    }

    /// Also without a question.
    fn print_unheard(&self, cases: &[ReviewCase], unheard: &[SitePage]) {
        if !unheard.is_empty() {
            let (Text { vi, en }, list) = (count_of(unheard), listed(cases, unheard));
            self.print_text(&crate::text!(vi: "CHƯA NGHE TIẾNG của {vi}:\n  {list}", en: "SOUND NOT HEARD of {en}:\n  {list}"), "\n");
        }
    }

    /// Whether lines typed at the keyboard are read, also where a question will be asked.
    fn reads(&self, asks: bool) -> bool {
        confirm::can_ask() && (asks || self.looks())
    }

    /// Whether the reviewer opens the pages without our help.
    fn looks(&self) -> bool {
        !self.args.unseen && !self.args.open
    }

    fn reader(&self) -> Reader {
        if self.args.open { Reader::InABrowser } else { Reader::AtTheKeyboard }
    }

    /// Merging was the consent of an office that approves by merge.
    fn consent(&self) -> Confirmation {
        if self.args.yes || self.args.in_ci { Confirmation::Given } else { Confirmation::Ask }
    }

    fn reviewed_program(&self, case: &ReviewCase) -> ReviewedProgram {
        let ReviewCase { asked, record, report } = case;
        let site = self.content.sites.get(&asked.site).map(|site| SiteTexts {
            name: json!(site.name),
            reasons: json!(reasons::reasons(self.content, site, self.args.period.period())),
        });
        let site = site.unwrap_or(SiteTexts { name: Value::Null, reasons: json!({}) });
        let last = record.last.as_ref().map(|last| (last.program().clone(), self.archive.clone()));
        ReviewedProgram::new(report.clone(), asked.built.clone(), &record.needs, site, last)
    }

    fn agencies(&self) -> Value {
        self.content.agencies.iter().map(|(id, agency)| (id.to_string(), json!(agency.name))).collect::<serde_json::Map<_, _>>().into()
    }

    fn print_text(&self, text: &Text, end: &str) {
        let text = text.get(self.context.lang);
        match self.args.format.form() {
            OutputFormat::Human => crate::out!("{text}{end}"),
            OutputFormat::Json => crate::err!("{text}{end}"),
        }
        output::flush();
    }

    fn print_address(&self, url: &str, left: &[SitePage]) {
        let Text { vi, en } = count_of(left);
        if self.args.open {
            self.context.browse(url);
        }
        let enter = || crate::text!(vi: ", Enter để biết còn trang nào và bao nhiêu", en: ", Enter to see what is left and how much");
        let enter = self.reads(self.consent() == Confirmation::Ask).then(enter).unwrap_or_else(|| crate::text!(vi: "", en: ""));
        let Text { vi: vi_enter, en: en_enter } = enter;
        let text = crate::text!(
            vi: "Xem từng trang tại {url}/ rồi mới ký được; còn {vi} chưa xem (Ctrl-C để bỏ{vi_enter})",
            en: "Open each page at {url}/ before you sign; {en} unopened (Ctrl-C to give up{en_enter})"
        );
        let advice = report_text::stopping_advice(self.args.site.as_deref());
        self.print_text(&text, "\n");
        self.print_text(&advice, "\n");
    }

    fn print_unopened(&self, cases: &[ReviewCase], left: &[SitePage]) {
        let (Text { vi, en }, list) = (count_of(left), listed(cases, left));
        self.print_text(&crate::text!(vi: "Chưa xem:\n  {list}\nCòn {vi} chưa xem", en: "Unopened:\n  {list}\n{en} unopened"), "\n");
    }

    fn print_unseen(&self, left: &[SitePage]) {
        if !left.is_empty() && !self.context.quiet {
            let Text { vi, en } = count_of(left);
            let text = crate::text!(vi: "CHƯA XEM {vi}; văn bản phê duyệt sẽ ghi rõ", en: "UNOPENED: {en}; the approval will say so");
            self.print_text(&text, "\n");
        }
    }

    fn print_result(&self, cases: &[ReviewCase], signed: &[(PathBuf, u64)]) {
        self.warn_of_clock(&cases[..signed.len()]);
        if self.args.format.form() == OutputFormat::Human {
            for ((path, _), case) in signed.iter().zip(cases) {
                let (path, (title, site), Text { vi, en }) = (path.display(), case.report.named(), case.report.standing());
                self.print_text(
                    &match case.asked.earlier {
                        Some(_) => {
                            crate::text!(vi: "Đã ký từ trước, giữ nguyên: “{title}”, cụm {site}: {vi}\n  {path}", en: "Signed before, unchanged: “{title}”, site {site}: {en}\n  {path}")
                        }
                        None => crate::text!(vi: "Đã ký “{title}”, cụm {site}: {vi}\n  {path}", en: "Signed “{title}”, site {site}: {en}\n  {path}"),
                    },
                    "\n",
                );
            }
            return;
        }
        let program = |(index, case): (usize, &ReviewCase)| {
            let mut item = json!(case.report);
            let (path, unseen) = signed.get(index).map(|(path, unseen)| (path.display().to_string(), *unseen)).unzip();
            item["signed"] = json!(path.is_some() || case.report.signed);
            item["approval"] = json!(path);
            item["unseen"] = json!(unseen);
            item
        };
        output::print_json(&json!({"programs": cases.iter().enumerate().map(program).collect::<Vec<_>>()}));
    }
}

fn listed(cases: &[ReviewCase], left: &[SitePage]) -> String {
    unopened::listed(&cases.iter().map(|case| &case.report).collect::<Vec<_>>(), left).join("\n  ")
}

fn refused_unopened(cases: &[ReviewCase], left: &[SitePage]) -> Failure {
    let (Text { vi, en }, list) = (count_of(left), listed(cases, left));
    Failure::Refused(crate::text!(
        vi: "chưa ký: còn {vi} chưa xem:\n  {list}\nchạy lại ở cửa sổ lệnh hoặc với --open rồi xem từng trang; hoặc ký mà không xem bằng --unseen",
        en: "not signed: {en} unopened:\n  {list}\nrun again at a terminal or with --open and open each; or sign without a look with --unseen"
    ))
}
