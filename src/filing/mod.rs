//! The signed files that lie in a content folder: roots and their drafts, approvals and what is on record about them, withdrawals.
//! Never does network, and never judges: `trust` does.

pub mod apply;
pub mod approve;
pub mod draft;
pub mod drops;
pub mod first_root;
pub mod judged;
pub mod keys;
pub mod record;
pub mod report;
pub mod signed_files;
pub mod withdraw;
pub mod withdrawals;
