//! The judgement: pure, numbered checks that cite the rules of `docs/trust.md`. Each check exists once, and publisher and player run the
//! same ones. Never fetches and never stores.

mod head;
mod program;
mod release;
mod root;
mod withdrawal;

pub use head::{HeadContext, HeadOutcome, HeadRefusal, clock_floor, ensure_evergreen_left, head, stored_head};
pub use program::{
    ApprovalFile, Approved, CountedApprovals, ShortRole, approval_signed_by, approvals, approvals_to_fetch, authentic_approval,
    is_approval_of, program, program_with_approvals, required_roles, roles_of, short_roles, usable_roles, valid_approvals,
};
pub use release::{release, release_matches_kit};
pub use root::{PendingRoot, ensure_successor, initial_root, root_signed_by_old};
pub use withdrawal::{
    PartialWithdrawal, WithdrawalEffect, WithdrawnRevisions, concerns_programs, is_whole_withdrawal, partial_withdrawal,
    required_signatures, withdrawal, withdrawal_effect, withdrawn_revisions,
};
