//! Tests of serve.
