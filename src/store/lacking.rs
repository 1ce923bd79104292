//! What only people can give to a store that is whole otherwise: approvals of programs, signatures of withdrawals, another evergreen program.
//! Never judges, and never says what to do.

use std::collections::BTreeSet;

use crate::base::ids::SiteId;
use crate::base::terms::ProgramKind;
use crate::base::times::Month;

/// See the module.
#[derive(Debug, Default)]
pub struct Lacking {
    /// Programs without the approvals that the root requires, though none that the release names is absent.
    pub programs: BTreeSet<LackingProgram>,
    /// Numbers of whole withdrawals without the signatures that the root requires.
    pub withdrawals: BTreeSet<u64>,
    /// The sites whose evergreen programs are all withdrawn.
    pub evergreen: BTreeSet<SiteId>,
}

/// A program that lacks approvals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LackingProgram {
    pub site: SiteId,
    pub kind: ProgramKind,
    pub month: Option<Month>,
    /// End of its window, in Unix seconds.
    pub until: Option<i64>,
}

impl Lacking {
    /// Adds what another store or site lacks.
    pub fn add(&mut self, other: Self) {
        self.programs.extend(other.programs);
        self.withdrawals.extend(other.withdrawals);
        self.evergreen.extend(other.evergreen);
    }
}
