//! One cycle of fetching: transports, retry, the numbered steps.
//! Never serves.
