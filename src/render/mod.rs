//! Slides become pages: theme, media renditions, fonts.
//! Never knows time.
