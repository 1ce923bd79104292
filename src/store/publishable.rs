//! A program ready to publish.
//! Never judges: it takes only results of `trust::judge`.

use std::collections::BTreeMap;

use crate::trust::judge::{ApprovalFile, Approved};
use crate::trust::keys::KeyId;

/// A program with its manifest and approvals, as published.
#[derive(Clone)]
pub struct PublishableProgram {
    pub approved: Approved,
    pub manifest: Vec<u8>,
    /// The approvals named by its entry in the head.
    pub approvals: BTreeMap<KeyId, ApprovalFile>,
}
