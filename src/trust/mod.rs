//! Keys and signed documents: built, signed, verified, judged. `docs/trust.md` has the rules, `docs/formats.md` the forms.
//! Takes bytes and gives values: never touches a disk, a network or a clock.

pub mod approval;
pub mod document;
#[cfg(feature = "office")]
pub mod expiry;
pub mod freshness;
pub mod head;
pub mod hint;
pub mod judge;
pub mod keys;
#[cfg(feature = "office")]
pub mod next_head;
#[cfg(feature = "office")]
pub mod next_root;
#[cfg(feature = "office")]
pub mod policy;
pub mod refusal;
pub mod release;
pub mod root;
#[cfg(feature = "office")]
pub mod root_changes;
pub mod secret;
pub mod signature;
pub mod withdrawal;
