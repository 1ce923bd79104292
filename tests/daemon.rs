//! Tests of daemon.
