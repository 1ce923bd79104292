//! Judges what a theme is made of, by lists of what is allowed: finished pages, templates and style sheets.
//! Never renders, never changes a text.

mod address;
mod allowed;
mod constructs;
mod finding;
mod page;
mod sheet;
mod steady;
mod tags;
mod template;

pub use address::without_query;
pub use finding::{Finding, FindingKind};
pub use page::in_page;
pub use sheet::{Known, in_sheet};
pub use template::in_template;
