//! `bangtin approve`: builds what a reviewer is asked to answer for, has every page of it opened, and signs.
//! Never signs unasked at a terminal, and never in continuous integration unless the office approves by merging.

use std::cell::RefCell;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use serde_json::{Value, json};

use super::approve_ci;
use super::secrets::{self, PasswordArgs};
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::relpath::RelPath;
use crate::base::text::Text;
use crate::base::times::Month;
use crate::build::compile;
use crate::content::model::choose;
use crate::content::model::values::{Content, Period};
use crate::desk::review::{Event, Names, Review, Reviewed};
use crate::filing::approve::{self, Asked, Reviewer};
use crate::filing::record::{self, Files, Record};
use crate::filing::report::{self, Report};
use crate::filing::signed_files;
use crate::office::alarm;
use crate::office::args;
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::office::{browser, confirm};
use crate::trust::approval::Decision;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Month to approve, YYYY-MM / tháng cần duyệt
    #[arg(long, value_name = "MONTH", value_parser = args::parse_month, required_unless_present = "evergreen")]
    month: Option<Month>,
    /// Approve the evergreen week / duyệt tuần dự phòng
    #[arg(long, conflicts_with = "month")]
    evergreen: bool,
    /// One site only / chỉ một cụm [default: all]
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
    /// Your secret key / khóa bí mật của bạn
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Refuse unless this is the program / chỉ ký nếu đúng chương trình này
    #[arg(long, value_name = "DIGEST", requires = "site")]
    program: Option<String>,
    /// Number and date of the decision: "12/QĐ-STTTT, 2026-11-20" / số và ngày quyết định
    #[arg(long, value_name = "NUMBER, DATE", value_parser = decision, default_value = "", hide_default_value = true)]
    document: Decision,
    /// A remark that is signed too / ghi chú, được ký cùng
    #[arg(long, value_name = "TEXT", default_value = "")]
    remark: String,
    /// Open the review page in the browser / mở trang duyệt trong trình duyệt
    #[arg(long)]
    open: bool,
    /// Sign without opening every page; the approval will say how many / ký khi chưa mở hết các trang; lời duyệt sẽ ghi rõ bao nhiêu
    #[arg(long)]
    unseen: bool,
    /// Do not ask before signing / không hỏi lại trước khi ký
    #[arg(long)]
    yes: bool,
    /// Merge is approval: sign on a build machine, for roles with `by_merge: true` / hợp nhất là duyệt: ký trên máy tích hợp
    #[arg(long)]
    in_ci: bool,
    /// How to print / cách in
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// How the answer is printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// For people
    Human,
    /// One JSON object on standard output, everything else on standard error
    Json,
}

/// Reads `12/QĐ-STTTT, 2026-11-20`.
fn decision(text: &str) -> Result<Decision, String> {
    if text.is_empty() {
        return Ok(Decision::default());
    }
    let (number, date) = text
        .rsplit_once(',')
        .ok_or("number and date with a comma between / số và ngày cách nhau bằng dấu phẩy: \"12/QĐ-STTTT, 2026-11-20\"")?;
    let (number, date) = (number.trim(), date.trim());
    if number.is_empty() || number.chars().count() > 100 || number.chars().any(char::is_control) {
        return Err("the number before the comma is empty or too long / trước dấu phẩy thiếu số quyết định, hoặc quá dài".to_owned());
    }
    let day = chrono::NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().filter(|_| date.len() == 10);
    let day =
        day.ok_or_else(|| format!("{date:?} is no date as 2026-11-20, the year first / không phải ngày dạng 2026-11-20, năm trước"))?;
    Ok(Decision { number: number.to_owned(), date: day.to_string() })
}

/// How long the browser may take over the last page.
const LAST_PAGE: Duration = Duration::from_secs(10);

/// A page that is still to be opened.
type Left = (SiteId, RelPath);

/// A program with all that is known about it.
struct Case {
    asked: Asked,
    record: Record,
    report: Report,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    if !args.in_ci {
        approve_ci::no_machine(&context.environment)?;
    }
    let (content, warnings) = context.load()?;
    context.warn(&warnings);
    let folder = context.content_root()?;
    let chain = signed_files::roots(&folder)?;
    let root = signed_files::newest(&chain)?;
    let key = secrets::open(context, &args.key, &args.password)?;
    let kid = key.public().kid();
    if args.in_ci {
        approve_ci::by_merge(&content.settings.approval, root.body(), kid)?;
    }
    let reviewer = Reviewer {
        folder: &folder,
        root,
        key: &key,
        now: args.now.instant(content.settings.time_zone)?,
        wanted: args.program.as_deref(),
        decision: args.document.clone(),
        remark: args.remark.clone(),
    };
    let period = args.month.map_or(Period::Evergreen, Period::Month);
    let sites = choose::sites(&content, args.site.as_deref())?;
    let renderer = compile::renderer(&folder, context.cache.clone(), &content)?;
    let asked = approve::ask(&reviewer, &sites, period, &|site, period| {
        compile::compile(&renderer, &content, site, period).map(|(built, _)| built)
    })?;
    alarm::warn(context, root, reviewer.now);
    let filed = signed_files::filed(&folder)?;
    let files = Files { folder: &folder, content: &content, root, filed: &filed, kid, told: RefCell::default() };
    let holder = root.body().holder(kid).unwrap_or_default();
    let case = |asked: Asked| {
        let record = record::record(&files, &asked)?;
        let report = report::report(&asked, &record, root.body(), holder, content.settings.time_zone);
        Ok(Case { asked, record, report })
    };
    let cases = asked.into_iter().map(case).collect::<Result<Vec<_>, Failure>>()?;
    let desk = Desk { args: &args, context, content: &content };
    if args.format == Format::Human {
        cases.iter().for_each(|case| print!("{}", case.report.text(content.settings.time_zone, context.lang)));
    }
    let outcome = desk.consent(&cases).and_then(|left| {
        let signed = cases.iter().map(|case| {
            let unseen = left.iter().filter(|(site, _)| *site == case.report.site).count() as u64;
            approve::sign(&reviewer, &case.asked, unseen).map(|path| (path, unseen))
        });
        signed.collect::<Result<Vec<_>, Failure>>()
    });
    desk.tell(&cases, outcome.as_deref().unwrap_or_default());
    outcome.map(drop)
}

/// Where the reviewer sits.
struct Desk<'a> {
    args: &'a Args,
    context: &'a Context,
    content: &'a Content,
}

impl Desk<'_> {
    /// Waits until every page has been opened and the reviewer agrees; gives the pages that were not.
    fn consent(&self, cases: &[Case]) -> Result<Vec<Left>, Failure> {
        let (tell, events) = confirm::input_events();
        let names = Names { office: json!(self.content.settings.name), agencies: self.agencies() };
        let review = Review::start(cases.iter().filter(|case| !case.report.signed).map(|case| self.reviewed(case)).collect(), names, tell)?;
        let left = review.left();
        if self.args.unseen || left.is_empty() {
            self.say_unseen(left.len());
        } else {
            self.say_address(review.url(), left.len());
            self.opened(&review, &events)?;
        }
        let asks = !self.args.yes && std::io::stdin().is_terminal() && cases.iter().any(|case| !case.report.signed);
        if asks && !self.confirmed(review.url(), &events) {
            return Err(Failure::Refused(crate::text!(vi: "chưa ký gì", en: "nothing was signed")));
        }
        Ok(review.left())
    }

    fn reviewed(&self, case: &Case) -> Reviewed {
        let Case { asked, record, report } = case;
        let name = self.content.sites.get(&asked.site).map(|site| json!(site.name)).unwrap_or_default();
        Reviewed::new(report.clone(), asked.built.clone(), &record.needs, name)
    }

    fn agencies(&self) -> Value {
        self.content.agencies.iter().map(|(id, agency)| (id.to_string(), json!(agency.name))).collect::<serde_json::Map<_, _>>().into()
    }

    /// Waits for the last page. Where nobody can type and no browser was asked for, nobody will open one either.
    fn opened(&self, review: &Review, events: &Receiver<Event>) -> Result<(), Failure> {
        loop {
            let left = review.left();
            if left.is_empty() {
                wait_for_page(review, events);
                return Ok(());
            }
            match events.recv() {
                Ok(Event::Opened) => {}
                Ok(Event::Line(_)) => self.say_left(&left),
                Ok(Event::End) if self.args.open => {}
                Ok(Event::End) | Err(_) => return Err(unopened(&left)),
            }
        }
    }

    fn confirmed(&self, url: &str, events: &Receiver<Event>) -> bool {
        self.say(&crate::text!(vi: "Ký duyệt? (xem lại tại {url}/) [c/K] ", en: "Sign? (look again at {url}/) [y/N] "), "");
        loop {
            match events.recv() {
                Ok(Event::Line(answer)) => return confirm::agrees(&answer),
                Ok(Event::Opened) => {}
                Ok(Event::End) | Err(_) => return false,
            }
        }
    }

    fn say(&self, text: &Text, end: &str) {
        let text = text.get(self.context.lang);
        match self.args.format {
            Format::Human => print!("{text}{end}"),
            Format::Json => eprint!("{text}{end}"),
        }
        let _ = std::io::stdout().flush();
    }

    fn say_address(&self, url: &str, count: usize) {
        if self.args.open {
            browser::open(self.context, url);
        }
        let text = crate::text!(
            vi: "Mở từng trang tại {url}/ rồi mới ký được; còn {count} trang (Ctrl-C để bỏ, Enter để xem còn gì)",
            en: "Open each page at {url}/ before you sign; {count} to open (Ctrl-C to give up, Enter to see what is left)"
        );
        self.say(&text, "\n");
    }

    fn say_left(&self, left: &[Left]) {
        let (count, list) = (left.len(), listed(left));
        self.say(&crate::text!(vi: "còn {count} trang chưa mở:\n  {list}", en: "not opened yet, {count}:\n  {list}"), "\n");
    }

    fn say_unseen(&self, count: usize) {
        if count > 0 {
            let text =
                crate::text!(vi: "CHƯA MỞ {count} trang; lời duyệt ghi rõ điều này", en: "NOT OPENED: {count} pages; the approval says so");
            self.say(&text, "\n");
        }
    }

    /// The end, for people or as JSON.
    fn tell(&self, cases: &[Case], signed: &[(PathBuf, u64)]) {
        if self.args.format == Format::Human {
            for (path, _) in signed {
                let path = path.display();
                self.say(&crate::text!(vi: "đã ký {path}", en: "signed {path}"), "\n");
            }
            return;
        }
        let program = |(index, case): (usize, &Case)| {
            let mut told = json!(case.report);
            let (path, unseen) = signed.get(index).map(|(path, unseen)| (path.display().to_string(), *unseen)).unzip();
            told["approval"] = json!(path);
            told["unseen"] = json!(unseen);
            told
        };
        println!("{}", json!({"programs": cases.iter().enumerate().map(program).collect::<Vec<_>>()}));
    }
}

/// When all of the last page is sent, its pictures are still to follow. Waits until the browser has laid it out, though not for one that
/// was closed.
fn wait_for_page(review: &Review, events: &Receiver<Event>) {
    while !review.is_heard() && events.recv_timeout(LAST_PAGE).is_ok() {}
}

fn listed(left: &[Left]) -> String {
    left.iter().map(|(site, page)| format!("{site}: {page}")).collect::<Vec<_>>().join("\n  ")
}

fn unopened(left: &[Left]) -> Failure {
    let (count, list) = (left.len(), listed(left));
    Failure::Refused(crate::text!(
        vi: "chưa ký: còn {count} trang chưa mở:\n  {list}\nchạy lại ở cửa sổ lệnh hoặc với --open rồi mở từng trang; hoặc ký mà không xem bằng --unseen",
        en: "not signed: {count} pages have not been opened:\n  {list}\nrun again at a terminal or with --open and open each; or sign without a look with --unseen"
    ))
}
