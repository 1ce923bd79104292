//! The error of a cycle.
//! Never acts on it: the cycle does.

use super::transport::TransportError;
use crate::base::failure;
use crate::base::text::Text;
use crate::text;

/// Why a cycle ended early.
#[derive(Debug)]
pub struct CycleError {
    pub reason: Text,
    /// Whether the cause is outside: network, disk, an incomplete source.
    pub external: bool,
    /// `Retry-After` of the source, in seconds.
    pub retry_after_s: Option<u64>,
}

impl CycleError {
    /// An outside error, which may pass by itself.
    pub fn external(reason: Text) -> Self {
        Self { reason, external: true, retry_after_s: None }
    }

    /// Documents that break a rule.
    pub fn refused(reason: Text) -> Self {
        Self { reason, external: false, retry_after_s: None }
    }
}

impl From<TransportError> for CycleError {
    fn from(error: TransportError) -> Self {
        Self { reason: error.reason, external: true, retry_after_s: error.retry_after_s }
    }
}

impl From<std::io::Error> for CycleError {
    fn from(error: std::io::Error) -> Self {
        let Text { vi, en } = failure::system(&error);
        Self::external(text!(vi: "ổ đĩa: {vi}", en: "disk: {en}"))
    }
}
