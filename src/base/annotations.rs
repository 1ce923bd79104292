//! Faults as annotations of GitHub Actions, which Forgejo and Gitea also read: workflow commands on standard output.
//! Never prints.

use std::fmt::Write as _;

use super::diagnostic::{Diagnostic, Severity};
use super::text::{Lang, printable_lines};

/// A workflow command. Values are escaped as GitHub requires, so that a fault's text can't end it. `prefix`: the path of the content folder
/// in the repository. Control and invisible characters become visible ones: a log is read at terminals too.
pub fn github(fault: &Diagnostic, prefix: &str, lang: Lang) -> String {
    let kind = if fault.severity == Severity::Error { "error" } else { "warning" };
    let value = |text: &str| printable_lines(text).replace('%', "%25").replace('\n', "%0A");
    let property = |text: &str| value(text).replace(':', "%3A").replace(',', "%2C");
    let path = if prefix.is_empty() { fault.place.path.clone() } else { format!("{prefix}/{}", fault.place.path) };
    let mut place = format!("file={}", property(&path));
    if fault.place.line > 0 {
        let _ = write!(place, ",line={}", fault.place.line);
    }
    if fault.place.column > 0 {
        let last = fault.place.column + fault.place.length - 1;
        let _ = write!(place, ",col={},endColumn={last}", fault.place.column);
    }
    let message = format!("{}\n{}", fault.cause.get(lang), fault.help.get(lang));
    format!("::{kind} {place},title={}::{}", property(fault.code), value(&message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::diagnostic::SourceLocation;

    #[test]
    fn nothing_of_a_fault_steers_the_log() {
        let text = |text: &str| crate::text!(vi: "{text}", en: "{text}");
        let fault = Diagnostic::error("x", SourceLocation::file("a\u{1b}[31m,b\u{202e}.md"), text("c\u{9b}d\re"), text("50 %\nf"));
        let shown = github(&fault, "p", Lang::En);
        assert_eq!(shown, "::error file=p/a\u{fffd}[31m%2Cb\u{fffd}.md,title=x::c\u{fffd}d\u{fffd}e%0A50 %25%0Af");
    }
}
