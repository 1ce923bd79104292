//! The judgement: pure, numbered checks that cite the rules of `docs/trust.md`. Each check exists once, and publisher and player run the
//! same ones. Never fetches and never stores.

mod head;
mod program;
mod release;
mod root;
mod withdrawal;

pub use head::{HeadNews, HeadRefusal, Held, floor, head, head_stands, kept_head};
pub use program::{ApprovalFile, Approved, Counted, approvals, held_roles, needed_roles, program, so_far, wanted};
pub use release::{release, release_fits};
pub use root::{HalfRoot, initial_root, root_signed_by_old, succeeds};
pub use withdrawal::{Begun, Withdrawn, signatures_wanted, withdrawal, withdrawal_begun, withdrawn};
