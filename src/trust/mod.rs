//! Keys and signed documents: built, signed, verified.
//! Never does network.
