//! Inputs shared by all sites of a publication.
//! Never decides what is published.

use std::collections::BTreeSet;

use crate::base::digest::Digest;
use crate::base::times::{Month, Timestamp};
use crate::base::zone::TimeZone;
use crate::build::compile::BuildFn;
use crate::filing::filed::FiledPrograms;
use crate::store::backend::StoreBackend;
use crate::trust::document::Verified;
use crate::trust::root::Root;
use crate::trust::secret::SecretKey;
use crate::trust::withdrawal::Withdrawal;

/// How long a head is fresh by default, in seconds.
const FRESH_SECONDS: i64 = 90 * 86_400;

/// Inputs of a publication, the same for all sites.
pub struct PublishContext<'a> {
    /// For times in messages.
    pub zone: TimeZone,
    pub build: BuildFn<'a>,
    /// The newest root.
    pub root: &'a Verified<Root>,
    /// Older roots, newest first.
    pub older: Vec<&'a Verified<Root>>,
    pub store: &'a dyn StoreBackend,
    /// What was published from here before, to any store.
    pub archive: &'a dyn StoreBackend,
    /// Contents of `approvals/`.
    pub filed: FiledPrograms,
    pub key: &'a SecretKey,
    pub now: Timestamp,
    /// Whether the publisher says that `now` is right although a release bears a later moment.
    pub clock_is_right: bool,
    /// When new programs take over, if given.
    pub at: Option<Timestamp>,
    /// When the heads should be renewed, if given.
    pub expires: Option<Timestamp>,
    /// Commit of the content.
    pub source: String,
    /// Requested months; empty: all that are approved and not past.
    pub months: BTreeSet<Month>,
    /// Approved programs to list as they are, in place of what the content builds for their site and period.
    pub programs: BTreeSet<Digest>,
    /// Programs to take off.
    pub without: BTreeSet<Digest>,
    /// All, from number 1 on.
    pub withdrawals: Vec<Verified<Withdrawal>>,
}

impl PublishContext<'_> {
    /// When the heads should be renewed: as given, or in 90 days.
    pub fn renewal(&self) -> Timestamp {
        self.expires.unwrap_or(Timestamp(self.now.0 + FRESH_SECONDS))
    }

    /// Whether the publisher has said which periods are to be published.
    pub fn names_periods(&self) -> bool {
        !self.months.is_empty() || !self.programs.is_empty()
    }
}
