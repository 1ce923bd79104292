//! All integration tests in one binary; a file per capability.

mod architecture;
mod at;
mod build;
mod check;
mod daemon;
mod delta;
mod demo;
mod edits;
mod harness;
mod hostile;
mod inspect;
mod preview;
mod publish;
mod pull;
mod readme;
mod render;
mod rotation;
mod serve;
mod stories;
mod timetable;
mod transport;
mod trust;
mod verify;
mod withdraw;
mod withdrawals;
