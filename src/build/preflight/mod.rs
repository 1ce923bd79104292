//! Measures pages in a browser before anyone signs them: the shell's own module measures, here it becomes faults of the content.
//! Never changes a page, never reaches a network.

mod browser;
mod connection;
mod finding;
mod found;
mod measuring;
mod places;
mod stand;
mod tab;

pub use found::browser_program;
pub use measuring::{Measured, PreflightOrder, measure_into};
