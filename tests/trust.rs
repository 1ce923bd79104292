//! Trust, judged by the library's own checks and by stock minisign. Names begin with the number of the case in `docs/attacks.md`.

mod documents;
pub mod kit;
mod programs;
mod roots;
mod signatures;
