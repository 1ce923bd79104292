//! Standard output and standard error of the process. A reader that leaves (`| head`) or a full disk never ends the work: later output is
//! dropped, and [`end`] reports an answer that could not be written.
//! Never panics and never decides what is printed.

use std::collections::BTreeMap;
use std::fmt::{Arguments, Display};
use std::io::{self, ErrorKind, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

use super::color::Pen;
use super::failure::{self, Failure};
use super::limits::LINES_REMEMBERED;
use super::lock::MutexExt as _;
use super::text::{Lang, Text, printable_json, printable_lines};
use crate::text;

/// Why standard output takes no more.
static OUT_ERROR: OnceLock<io::Error> = OnceLock::new();

/// Writes to standard output; see [`outln!`](crate::outln).
pub fn write_out(words: Arguments<'_>) {
    keep(|out| out.write_fmt(words));
}

/// Prints an answer in JSON.
pub fn print_json(json: &dyn Display) {
    write_out(format_args!("{}\n", printable_json(&json.to_string())));
}

/// Writes to standard error; see [`errln!`](crate::errln). What can't be written is dropped: there is no other place to report it.
pub fn write_err(words: Arguments<'_>) {
    let _ = io::stderr().lock().write_fmt(words);
}

/// Writes everything printed so far: before a question, and before work that takes long.
pub fn flush() {
    keep(io::Write::flush);
}

/// Lines of the log, and how often each came.
static LOGGED: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

/// Whether this process keeps no log.
static NO_LOG: AtomicBool = AtomicBool::new(false);

/// Ends the log of this process: a person at a terminal, who is told the same in words, reads none.
pub fn keep_no_log() {
    NO_LOG.store(true, Ordering::Relaxed);
}

/// Writes to a server's log; see [`logln!`](crate::logln). A line that comes again is written the 10th, the 100th, the 1000th … time, so that
/// an error that lasts for years fills no disk.
pub fn write_log(words: Arguments<'_>) {
    if NO_LOG.load(Ordering::Relaxed) {
        return;
    }
    let line = printable_lines(&words.to_string());
    let mut logged = LOGGED.hold();
    if logged.len() >= LINES_REMEMBERED {
        logged.clear();
    }
    let times = logged.entry(line.clone()).and_modify(|times| *times += 1).or_insert(1);
    if *times == 1 {
        write_err(format_args!("{line}\n"));
    } else if *times == 10_u64.pow(times.ilog10()) {
        write_err(format_args!("{line} ({times} times)\n"));
    }
}

/// Ends the output: the reason if the answer was not written whole. A reader that closed its pipe has all that it asked for.
fn finish() -> Result<(), Failure> {
    flush();
    match OUT_ERROR.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            let Text { vi, en } = failure::system(error);
            Err(Failure::External(text!(
                vi: "chưa ghi được hết kết quả ra đầu ra chuẩn ({vi}); lệnh vẫn làm tiếp cho đến hết",
                en: "the answer was not written whole to standard output ({en}); the work itself went on to its end"
            )))
        }
        _ => Ok(()),
    }
}

/// Ends a command: prints why it failed and whether its answer was lost. Returns the exit code.
pub fn end(done: Result<(), Failure>, tool: &str, lang: Lang, pen: Pen) -> u8 {
    let failures: Vec<Failure> = [done, finish()].into_iter().filter_map(Result::err).collect();
    failures.iter().for_each(|failure| write_err(format_args!("{}", failure.human(tool, lang, pen))));
    failures.first().map_or(0, Failure::exit_code)
}

fn keep(write: impl FnOnce(&mut io::StdoutLock<'static>) -> io::Result<()>) {
    if OUT_ERROR.get().is_none()
        && let Err(error) = write(&mut io::stdout().lock())
    {
        let _ = OUT_ERROR.set(error);
    }
}

/// Writes a line to a server's log on standard error: without control characters, whatever names are in it, and seldom if it repeats.
#[macro_export]
macro_rules! logln {
    ($($words:tt)*) => { $crate::base::output::write_log(format_args!($($words)*)) };
}

/// As `print!`, but never panics.
#[macro_export]
macro_rules! out {
    ($($words:tt)*) => { $crate::base::output::write_out(format_args!($($words)*)) };
}

/// As `println!`, but never panics.
#[macro_export]
macro_rules! outln {
    ($($words:tt)*) => { $crate::base::output::write_out(format_args!("{}\n", format_args!($($words)*))) };
}

/// As `eprint!`, but never panics.
#[macro_export]
macro_rules! err {
    ($($words:tt)*) => { $crate::base::output::write_err(format_args!($($words)*)) };
}

/// As `eprintln!`, but never panics.
#[macro_export]
macro_rules! errln {
    ($($words:tt)*) => { $crate::base::output::write_err(format_args!("{}\n", format_args!($($words)*))) };
}
