//! `bangtin approve`: builds what a reviewer is asked to answer for, shows it, and signs.
//! Never signs unasked at a terminal.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use super::approving::{self, Reviewer};
use super::build;
use super::context::Context;
use super::secrets::{self, PasswordArgs};
use super::{moment, trust_alarm, trust_files};
use crate::base::failure::Failure;
use crate::base::text::Lang;
use crate::base::times::Month;
use crate::model::values::Period;
use crate::trust::approval::Decision;

/// Arguments as typed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Month to approve, YYYY-MM / tháng cần duyệt
    #[arg(long, value_name = "MONTH", value_parser = build::parse_month, required_unless_present = "evergreen")]
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
    /// Number of the decision / số quyết định
    #[arg(long, value_name = "NUMBER", requires = "date")]
    document: Option<String>,
    /// Date of the decision, YYYY-MM-DD / ngày quyết định
    #[arg(long, value_name = "DATE", requires = "document")]
    date: Option<chrono::NaiveDate>,
    /// A remark that is signed too / ghi chú, được ký cùng
    #[arg(long, value_name = "TEXT", default_value = "")]
    remark: String,
    /// Do not ask before signing / không hỏi lại trước khi ký
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    now: moment::NowArgs,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let (content, warnings) = context.load()?;
    context.warn(&warnings);
    let folder = context.content_root()?;
    let chain = trust_files::roots(&folder)?;
    let key = secrets::open(context, &args.key, &args.password)?;
    let reviewer = Reviewer {
        folder: &folder,
        root: trust_files::newest(&chain)?,
        key: &key,
        now: args.now.instant(content.settings.time_zone)?,
        wanted: args.program.as_deref(),
        decision: Decision { number: args.document.unwrap_or_default(), date: args.date.map(|date| date.to_string()).unwrap_or_default() },
        remark: args.remark,
    };
    let period = args.month.map_or(Period::Evergreen, Period::Month);
    let sites = build::chosen_sites(&content, args.site.as_deref())?;
    let asked = approving::ask(&reviewer, &sites, period, &|site, period| build::compile(context, &content, site, period))?;
    trust_alarm::warn(context, reviewer.root, reviewer.now);
    for each in &asked {
        print!("{}", approving::shown(each, content.settings.time_zone, context.lang));
    }
    if !args.yes && std::io::stdin().is_terminal() && !confirmed(context.lang)? {
        return Err(Failure::Refused(crate::text!(vi: "chưa ký gì", en: "nothing was signed")));
    }
    for each in &asked {
        let path = approving::sign(&reviewer, each)?;
        let path = path.display();
        let said = crate::text!(vi: "đã ký {path}", en: "signed {path}");
        println!("{}", said.get(context.lang));
    }
    Ok(())
}

fn confirmed(lang: Lang) -> Result<bool, Failure> {
    let question = crate::text!(vi: "Ký duyệt? [c/K] ", en: "Sign? [y/N] ");
    print!("{}", question.get(lang));
    let failed = |error: std::io::Error| Failure::Outside(crate::text!(vi: "{error}", en: "{error}"));
    std::io::stdout().flush().map_err(failed)?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(failed)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "c" | "có"))
}
