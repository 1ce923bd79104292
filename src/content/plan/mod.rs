//! When each slide is due: calendar, hours, day-parts, shares and validity become spans and loops. Pure.
//! Never knows HTML. The rules stand in `docs/timetable.md`.

mod candidates;
mod days;
pub mod due;
mod faults;
pub mod moment;
mod planned;
mod planner;
pub mod reasons;
mod rotation;
mod spans;
mod stretch;
pub mod why;
pub mod zone;

pub use planned::{Plan, PlannedLoop, PlannedScreen};
pub use planner::{evergreen, month, period};
