//! A program as it is published.
//! Never judges: it takes only what `trust::judge` made.

use std::collections::BTreeMap;

use crate::trust::judge::{ApprovalFile, Approved};
use crate::trust::keys::KeyId;

/// A program with everything that is published about it.
#[derive(Clone)]
pub struct PublishableProgram {
    /// The judgement.
    pub approved: Approved,
    /// The manifest's bytes.
    pub manifest: Vec<u8>,
    /// The approvals that its entry names.
    pub approvals: BTreeMap<KeyId, ApprovalFile>,
}
