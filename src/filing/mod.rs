//! The signed files of a content folder: roots and their drafts, approvals and the record about them, withdrawals.
//! Never uses the network, and never judges: `trust` does.

pub mod approve;
pub mod archive;
pub mod back_again;
pub mod draft;
pub mod drops;
mod earlier;
pub mod filed;
pub mod first_root;
pub mod gone;
pub mod in_force;
pub mod judged;
pub mod keys;
mod line_ends;
mod page_copies;
pub mod plan_faults;
pub mod record;
pub mod report;
pub mod report_text;
pub mod returning;
pub mod signed_files;
pub mod statements;
pub mod withdraw;
pub mod withdrawal_again;
pub mod withdrawal_copies;
mod withdrawal_effect;
mod withdrawal_folder;
pub mod withdrawal_lists;
pub mod withdrawal_reach;
mod withdrawal_refusals;
pub mod withdrawal_text;
pub mod withdrawal_views;
pub mod withdrawals;
pub mod withdrawals_unsent;
pub mod withdrawn;
