//! Why a cycle ended early.
//! Never acts on it: the cycle does.

use super::transport::Unusable;

/// Why a cycle ended early.
pub struct Stop {
    /// What was wrong.
    pub reason: String,
    /// Whether that lies outside.
    pub outside: bool,
    /// When the source wants to be asked again, in seconds.
    pub retry_after_s: Option<u64>,
}

impl From<Unusable> for Stop {
    fn from(unusable: Unusable) -> Self {
        Self { reason: unusable.reason, outside: true, retry_after_s: unusable.retry_after_s }
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self { reason: format!("disk: {error}"), outside: true, retry_after_s: None }
    }
}

/// The end of a cycle for which the source or its documents are to blame.
pub fn refused(reason: impl Into<String>) -> Stop {
    Stop { reason: reason.into(), outside: false, retry_after_s: None }
}
