//! The player binary: parse, run, exit code.

fn main() {}
