//! What the command line says about itself in one language: help, and errors in the arguments.
//! Texts are beside their arguments, as `English | tiếng Việt`; the words that clap adds are here.
//! Never prints and never runs a command.

use std::ffi::OsString;
use std::fmt;
use std::fmt::Write as _;

use clap::builder::{PossibleValue, StyledStr, Styles};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Parser, ValueEnum};

use super::color::{Pen, Pens, When};
use super::output;
use super::text::{Lang, Text};
use crate::text;

/// Separates the two languages of a help text.
pub const SEPARATOR: &str = " | ";

/// Placeholders of values, and their Vietnamese.
const PLACEHOLDERS: [(&str, &str); 25] = [
    ("ADDR", "ĐỊA_CHỈ"),
    ("CMD", "LỆNH"),
    ("COLOR", "MÀU"),
    ("COMMAND", "LỆNH"),
    ("DATE", "NGÀY"),
    ("DIGEST", "MÃ_BĂM"),
    ("DIR", "THƯ_MỤC"),
    ("FILE", "TỆP"),
    ("FILE.pub", "TỆP.pub"),
    ("FORMAT", "DẠNG"),
    ("ID", "MÃ"),
    ("KID|HOLDER|FILE.pub", "MÃ_KHÓA|NGƯỜI_GIỮ|TỆP.pub"),
    ("LANG", "NGÔN_NGỮ"),
    ("MONTH", "THÁNG"),
    ("NAME", "TÊN"),
    ("NUMBER", "SỐ"),
    ("NUMBER, DATE", "SỐ, NGÀY"),
    ("PROGRAM", "CHƯƠNG_TRÌNH"),
    ("ROLE", "VAI_TRÒ"),
    ("ROLE=FILE.pub", "VAI_TRÒ=TỆP.pub"),
    ("ROLE=N", "VAI_TRÒ=N"),
    ("SITE", "CỤM"),
    ("TEXT", "NỘI_DUNG"),
    ("TIME", "THỜI_ĐIỂM"),
    ("URL", "ĐỊA_CHỈ"),
];

/// clap's own help texts.
const OWN: [(&str, &str, &str); 4] = [
    ("help", "Print help", "Hiện trợ giúp"),
    ("version", "Print version", "Hiện phiên bản"),
    ("subcommand", "Commands to print the help of", "Lệnh cần hiện trợ giúp"),
    ("help of commands", "Print this help, or that of a command", "Hiện trợ giúp này hoặc trợ giúp của một lệnh"),
];

/// Why the value of an argument is refused.
#[derive(Debug)]
pub struct Invalid(pub Text);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.en)
    }
}

impl std::error::Error for Invalid {}

/// The output that replaces running a command.
#[derive(Debug)]
pub struct Answer {
    pub text: String,
    /// 0: help or version, for standard output; 2: wrong arguments, for standard error.
    pub exit_code: u8,
    tool: String,
    lang: Lang,
}

impl Answer {
    /// Prints it; returns the exit code, 3 if it can't be written.
    pub fn print(&self) -> u8 {
        if self.exit_code == 0 {
            crate::out!("{}", self.text);
        } else {
            crate::err!("{}", self.text);
        }
        match output::end(Ok(()), &self.tool, self.lang, Pen::PLAIN) {
            0 => self.exit_code,
            code => code,
        }
    }
}

// How a binary speaks: the options of both.
#[allow(missing_docs, reason = "it would be shown as the description of the command")]
#[derive(clap::Args, Clone, Copy)]
pub struct SpeechArgs {
    /// Language of messages [default: by locale] | Ngôn ngữ của thông báo [mặc định: theo máy]
    #[arg(long, global = true, value_enum, hide_possible_values = true)]
    lang: Option<Lang>,
    /// When to use colour | Khi nào dùng màu
    #[arg(long, global = true, value_enum, default_value = "auto", hide_possible_values = true)]
    color: When,
}

/// Reads the process's command line, or returns the output to print instead of running. `environment` gives a variable of the process.
pub fn start<P: Parser + AsRef<SpeechArgs>>(environment: impl Fn(&str) -> Option<String>) -> Result<(P, Lang, Pens), Answer> {
    let (locale, no_color) = (Lang::from_environment(&environment), environment("NO_COLOR"));
    let pens = |color: When| Pens {
        out: color.pen(&std::io::stdout(), no_color.as_deref()),
        err: color.pen(&std::io::stderr(), no_color.as_deref()),
    };
    let parsed: P = parse(&std::env::args_os().collect::<Vec<_>>(), locale, pens)?;
    let SpeechArgs { lang, color } = *parsed.as_ref();
    Ok((parsed, lang.unwrap_or(locale), pens(color)))
}

/// Reads a command line, including the program's name, or returns the output to print instead of running. `locale` is the language without
/// `--lang`; `pens` gives the pens for a `--color`.
fn parse<P: Parser>(arguments: &[OsString], locale: Lang, pens: impl Fn(When) -> Pens) -> Result<P, Answer> {
    // The help is translated only when it is printed.
    P::try_parse_from(arguments).map_err(|error| {
        let mut others = arguments.to_vec();
        let lang = take(&mut others, "--lang").unwrap_or(locale);
        let Pens { out, err } = pens(take(&mut others, "--color").unwrap_or_default());
        // `help` takes `--help` for the name of a command: whoever asks it so wants what it shows.
        if error.kind() == ErrorKind::InvalidSubcommand {
            others.retain(|word| word != "--help" && word != "-h");
        }
        // Where only those options are wrong, such as one given twice, the whole line fails again.
        let mut command = P::command();
        command.build();
        let tool = command.get_name().to_owned();
        let command = translated(command, lang);
        let again = |arguments: &[OsString]| command.clone().try_get_matches_from(arguments).err();
        let error = again(&others).or_else(|| again(arguments)).unwrap_or(error);
        let (text, exit_code, pen) = match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => (error.render(), 0, out),
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => (error.render(), 2, err),
            _ => (wrong(&error, lang), 2, err),
        };
        Answer { text: if pen.is_colored() { text.ansi().to_string() } else { text.to_string() }, exit_code, tool, lang }
    })
}

/// Removes an option from a command line that failed to parse: other errors can then be reported in its language, and `help` takes no
/// options.
fn take<V: ValueEnum>(arguments: &mut Vec<OsString>, option: &str) -> Option<V> {
    let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    let word = |at: usize| arguments[..end].get(at).and_then(|word| word.to_str());
    let (at, count, value) = (1..end).find_map(|at| {
        let rest = word(at)?.strip_prefix(option)?;
        let (count, value) = if rest.is_empty() { (2, word(at + 1)?) } else { (1, rest.strip_prefix('=')?) };
        Some((at, count, V::from_str(value, false).ok()?))
    })?;
    arguments.drain(at..at + count);
    Some(value)
}

/// A built command with its whole help in one language.
fn translated(command: Command, lang: Lang) -> Command {
    let command = command.mut_args(|arg| argument(arg, lang)).mut_subcommands(|sub| translated(sub, lang));
    let about = if command.get_name() == "help" { own("help of commands", lang).to_owned() } else { plain(command.get_about(), lang) };
    let mut command = command.about(about).subcommand_value_name(placeholder("COMMAND", lang).unwrap_or("COMMAND"));
    let heading = |text: &Text, style: clap::builder::styling::Style| format!("{style}{}{style:#}", text.get(lang));
    let style = *Styles::styled().get_header();
    let usage = heading(&text!(vi: "Cách dùng:", en: "Usage:"), *Styles::styled().get_usage());
    let mut template = format!("{{about-with-newline}}\n{usage} {}", usage_of(&command.render_usage(), lang));
    for (there, text, tag) in [
        (command.get_subcommands().any(|sub| !sub.is_hide_set()), text!(vi: "Lệnh:", en: "Commands:"), "subcommands"),
        (command.get_positionals().next().is_some(), text!(vi: "Tham số:", en: "Arguments:"), "positionals"),
    ] {
        if there {
            let _ = write!(template, "\n\n{}\n{{{tag}}}", heading(&text, style));
        }
    }
    // clap has one list only for all options without a heading of their own.
    let options = |common: bool| {
        let is_common = |arg: &Arg| arg.is_global_set() || OWN.iter().any(|own| own.0 == arg.get_id().as_str());
        let shown = command.clone().mut_args(|arg| if is_common(&arg) == common { arg } else { arg.hide(true) });
        shown.help_template("{options}").render_help().ansi().to_string()
    };
    for (list, text) in
        [(options(false), text!(vi: "Tùy chọn:", en: "Options:")), (options(true), text!(vi: "Tùy chọn chung:", en: "Common options:"))]
    {
        if !list.trim().is_empty() {
            let _ = write!(template, "\n\n{}\n{}", heading(&text, style), list.trim_end());
        }
    }
    command.help_template(template)
}

/// An argument with its help, placeholders, default and values in one language.
fn argument(arg: Arg, lang: Lang) -> Arg {
    let id = arg.get_id().to_string();
    let help = if OWN.iter().any(|own| own.0 == id) { own(&id, lang).to_owned() } else { plain(arg.get_help(), lang) };
    if !arg.get_action().takes_values() {
        return arg.help(help);
    }
    let defaults: Vec<String> = arg.get_default_values().iter().map(|value| value.to_string_lossy().into_owned()).collect();
    let default = (!arg.is_hide_default_value_set() && defaults.iter().any(|value| !value.is_empty())).then(|| {
        let value = defaults.join(" ");
        text!(vi: " [mặc định: {value}]", en: " [default: {value}]")
    });
    let values: Vec<String> =
        arg.get_possible_values().iter().filter(|value| !value.is_hide_set()).map(|value| possible(value, lang)).collect();
    let values = (!values.is_empty()).then(|| {
        let list = values.join("; ");
        text!(vi: " [giá trị: {list}]", en: " [values: {list}]")
    });
    let help = [values, default].into_iter().flatten().fold(help, |help, more| help + more.get(lang));
    let name = arg.get_value_names().and_then(|names| placeholder(names.first()?, lang));
    let arg = arg.help(help).hide_default_value(true).hide_possible_values(true);
    if let Some(name) = name { arg.value_name(name) } else { arg }
}

/// A legal value and its meaning.
fn possible(value: &PossibleValue, lang: Lang) -> String {
    let name = value.get_name();
    value.get_help().map_or_else(|| name.to_owned(), |help| format!("{name} – {}", half(&help.to_string(), lang)))
}

/// A placeholder in one language; clap requires `'static` names.
fn placeholder(name: &str, lang: Lang) -> Option<&'static str> {
    PLACEHOLDERS.iter().find(|(en, _)| *en == name).map(|(en, vi)| if lang == Lang::Vi { *vi } else { *en })
}

fn own(id: &str, lang: Lang) -> &'static str {
    OWN.iter().find(|own| own.0 == id).map_or("", |(_, en, vi)| if lang == Lang::Vi { vi } else { en })
}

fn plain(text: Option<&StyledStr>, lang: Lang) -> String {
    text.map(|text| half(&text.to_string(), lang).to_owned()).unwrap_or_default()
}

fn half(both: &str, lang: Lang) -> &str {
    both.split_once(SEPARATOR).map_or(both, |(en, vi)| if lang == Lang::Vi { vi } else { en })
}

/// A usage line of clap without its heading.
fn usage_of(usage: &StyledStr, lang: Lang) -> String {
    let usage = usage.to_string();
    let usage = usage.strip_prefix("Usage:").unwrap_or(&usage).trim();
    if lang == Lang::Vi { usage.replace("[OPTIONS]", "[TÙY_CHỌN]") } else { usage.to_owned() }
}

/// What is wrong with a command line, similar names, and the usage.
fn wrong(error: &clap::Error, lang: Lang) -> StyledStr {
    let pen = Pen::COLORED;
    let (label, tip) = match lang {
        Lang::Vi => ("lỗi:", "gợi ý:"),
        Lang::En => ("error:", "tip:"),
    };
    let mut out = format!("{} {}\n", pen.error(label), cause(error).get(lang));
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        // clap lists the best one last; the others are far.
        if let Some(near) = list(error, kind).last() {
            let _ = write!(out, "\n  {} {}\n", pen.warning(tip), text!(vi: "có phải “{near}”?", en: "did you mean “{near}”?").get(lang));
        }
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let heading = pen.strong(text!(vi: "Cách dùng:", en: "Usage:").get(lang));
        let _ = write!(out, "\n{heading} {}\n", usage_of(usage, lang));
    }
    let more = text!(vi: "Xem thêm bằng “--help”.", en: "For more information, try “--help”.");
    let _ = write!(out, "\n{}\n", more.get(lang));
    out.into()
}

/// Whether a text has the form of a time of day.
fn is_time(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    (2..=3).contains(&parts.len()) && parts.iter().all(|part| (1..=2).contains(&part.len()) && part.bytes().all(|c| c.is_ascii_digit()))
}

fn cause(error: &clap::Error) -> Text {
    let first = |kind| list(error, kind).into_iter().next().unwrap_or_default();
    let joined = |kind, between| list(error, kind).join(between);
    let argument = first(ContextKind::InvalidArg);
    let value = first(ContextKind::InvalidValue);
    match error.kind() {
        ErrorKind::UnknownArgument if is_time(&argument) => text!(
            vi: "không nhận tham số “{argument}”; giờ viết liền sau ngày với chữ T, dạng 2026-12-03T{argument}",
            en: "there is no argument “{argument}”; a time follows its day with a T, such as 2026-12-03T{argument}"
        ),
        ErrorKind::UnknownArgument => text!(vi: "không nhận tham số “{argument}”", en: "there is no argument “{argument}”"),
        ErrorKind::InvalidSubcommand => {
            let name = first(ContextKind::InvalidSubcommand);
            text!(vi: "không có lệnh “{name}”", en: "there is no command “{name}”")
        }
        ErrorKind::MissingSubcommand => {
            let (name, known) = (first(ContextKind::InvalidSubcommand), joined(ContextKind::ValidSubcommand, ", "));
            text!(vi: "sau “{name}” cần một lệnh: {known}", en: "“{name}” needs a command: {known}")
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = joined(ContextKind::InvalidArg, "\n  ");
            text!(vi: "thiếu tham số bắt buộc:\n  {missing}", en: "required arguments are missing:\n  {missing}")
        }
        ErrorKind::ArgumentConflict => {
            let others = joined(ContextKind::PriorArg, ", ");
            let argument = if argument.is_empty() { first(ContextKind::InvalidSubcommand) } else { argument };
            match others.as_str() {
                "" => {
                    text!(vi: "“{argument}” không dùng cùng các tham số khác đã nêu", en: "“{argument}” can't be used with the other arguments given")
                }
                same if same == argument => text!(vi: "“{argument}” chỉ được nêu một lần", en: "“{argument}” can be given only once"),
                _ => text!(vi: "“{argument}” không dùng cùng với {others}", en: "“{argument}” can't be used with {others}"),
            }
        }
        ErrorKind::InvalidValue => {
            let legal = joined(ContextKind::ValidValue, ", ");
            if value.is_empty() && legal.is_empty() {
                return text!(vi: "“{argument}” cần một giá trị", en: "“{argument}” needs a value");
            } else if value.is_empty() {
                return text!(vi: "“{argument}” cần một giá trị: {legal}", en: "“{argument}” needs a value: {legal}");
            }
            text!(vi: "“{argument}” không nhận giá trị “{value}”; các giá trị: {legal}", en: "“{argument}” does not take “{value}”; the values are: {legal}")
        }
        ErrorKind::ValueValidation => {
            let Text { vi, en } = std::error::Error::source(error).map(reason).unwrap_or(text!(vi: "không hợp lệ", en: "not valid"));
            text!(vi: "giá trị “{value}” của “{argument}”: {vi}", en: "the value “{value}” of “{argument}”: {en}")
        }
        ErrorKind::TooManyValues => {
            text!(vi: "thừa giá trị “{value}” của “{argument}”", en: "the value “{value}” of “{argument}” is one too many")
        }
        ErrorKind::InvalidUtf8 => text!(vi: "một tham số không phải văn bản UTF-8", en: "an argument is not UTF-8 text"),
        _ => text!(vi: "tham số không hợp lệ", en: "the arguments are not valid"),
    }
}

/// The reason that a value parser gave; an error of another type comes from a number.
fn reason(source: &(dyn std::error::Error + 'static)) -> Text {
    let said = source.to_string();
    // The parser's words about a range name it; the standard library's about what is no number are not for people.
    let en = if said.contains(" is not in ") { said.as_str() } else { "a whole number is required" };
    let number = || text!(vi: "cần một số nguyên trong phạm vi cho phép", en: "{en}");
    source.downcast_ref::<Invalid>().map_or_else(number, |invalid| invalid.0.clone())
}

fn list(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    let texts = match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    };
    texts.iter().map(|text| super::text::printable(text)).collect()
}
