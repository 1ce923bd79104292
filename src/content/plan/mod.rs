//! When each slide is due: calendar, hours, day-parts, shares and validity become spans and loops. Pure.
//! Never knows HTML. The rules are in `docs/timetable.md`.

mod candidates;
mod days;
pub mod due;
pub mod explain;
mod faults;
mod interval;
pub mod local_time;
pub mod moment;
pub mod never;
mod planned;
mod planner;
pub mod reasons;
mod rotation;
mod spans;

pub use planned::{Plan, PlannedLoop, PlannedScreen};
pub use planner::period;
