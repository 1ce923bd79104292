//! Tests of at.
