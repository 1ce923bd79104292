//! Faults as annotations of GitHub Actions, which Forgejo and Gitea also read: workflow commands on standard output.
//! Never prints.

use std::fmt::Write as _;

use super::diagnostic::{Diagnostic, Severity};
use super::text::Lang;

/// A workflow command. Values are escaped as GitHub requires, so that a fault's text can't end it. `prefix`: the path of the content folder
/// in the repository.
pub fn github(fault: &Diagnostic, prefix: &str, lang: Lang) -> String {
    let kind = if fault.severity == Severity::Error { "error" } else { "warning" };
    let value = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
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
