//! Why a command did not do its work, in the three kinds that scripts tell apart by exit code.
//! Never prints.

use super::diagnostic::Diagnostic;
use super::text::Text;

/// The end of a command that did not do its work.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The content is at fault, in these places. Exit code 1.
    Content(Vec<Diagnostic>),
    /// The input (a document, a key, a store) is at fault or was refused. Exit code 1.
    Refused(Text),
    /// The command was called wrongly. Exit code 2.
    Usage(Text),
    /// The outside failed: network, disk. Exit code 3.
    Outside(Text),
}

impl Failure {
    /// The exit code: 1 content or input, 2 usage, 3 outside.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Content(_) | Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::Outside(_) => 3,
        }
    }

    /// A failed file operation, with the path it was about.
    pub fn io(path: &std::path::Path, error: &std::io::Error) -> Self {
        let path = path.display();
        Self::Outside(crate::text!(vi: "{path}: {error}", en: "{path}: {error}"))
    }
}
