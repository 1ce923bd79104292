//! Bytes in, positions kept: walk, front matter, YAML, Markdown, media facts.
//! Never knows a playlist.
