//! Every limit on what comes from outside, in one table. Sizes in bytes, counts in pieces.
//! Never holds policy: only bounds.

use std::time::Duration;

/// Largest integer in signed JSON: 2^53 − 1.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;
/// Deepest nesting of signed JSON, the outer object counted as 1.
pub const JSON_DEPTH: usize = 8;
/// Largest manifest.
pub const MANIFEST_BYTES: u64 = 16 << 20;
/// Most files in a program.
pub const MANIFEST_FILES: usize = 20_000;
/// Longest path in a program.
pub const PATH_BYTES: usize = 255;
/// Widest and highest screen and output, in pixels.
pub const SCREEN_SIDE: u32 = 32_768;
/// Largest root, approval, withdrawal and release.
pub const SMALL_DOCUMENT_BYTES: u64 = 64 << 10;
/// Largest head.
pub const HEAD_BYTES: u64 = 256 << 10;
/// Largest `latest.json`.
pub const LATEST_BYTES: u64 = 1 << 10;
/// Largest detached signature file.
pub const SIGNATURE_BYTES: u64 = 1 << 10;
/// Longest file of a key or a password.
pub const KEY_FILE_BYTES: u64 = 4 << 10;
/// Most programs in a head.
pub const HEAD_PROGRAMS: usize = 64;
/// Most roots walked in one cycle.
pub const ROOT_STEPS: u64 = 1_024;
/// Most withdrawals walked in one cycle.
pub const WITHDRAWAL_STEPS: u64 = 1_024;
/// How many of the last releases a player looks at.
pub const RELEASES: u64 = 16;
/// Largest text file of the content (YAML, Markdown, CSV).
pub const CONTENT_TEXT_BYTES: u64 = 1 << 20;
/// Longest line of such a file, in bytes. Every fault carries its line, and looking for a column walks it.
pub const CONTENT_LINE_BYTES: usize = 16 << 10;
/// Most faults told of one file of the content.
pub const FILE_FAULTS: usize = 100;
/// Deepest nesting of a YAML file.
pub const YAML_DEPTH: usize = 16;
/// Most keys, list items and values in a YAML file.
pub const YAML_NODES: usize = 20_000;
/// Most files and folders in a content folder.
pub const CONTENT_FILES: usize = 200_000;
/// Most pixels of a picture.
pub const PICTURE_PIXELS: u64 = 64_000_000;
/// Widest and highest video, in pixels.
pub const VIDEO_SIDE: u32 = 4_096;
/// Largest media file of the content.
pub const CONTENT_MEDIA_BYTES: u64 = 4 << 30;
/// Longest span of a monthly program, in seconds: 32 days.
pub const MONTHLY_SECONDS: i64 = 32 * 86_400;
/// Longest span of an urgent program, in seconds: 72 hours.
pub const URGENT_SECONDS: i64 = 72 * 3_600;
/// Longest window of a kit, in seconds: 400 days.
pub const KIT_SECONDS: i64 = 400 * 86_400;
/// Size at which a segment of the returns is closed.
pub const SEGMENT_BYTES: u64 = 1 << 20;
/// Shortest loop and item, in milliseconds.
pub const LOOP_MS: u64 = 1_000;
/// Most requests of pages of the office that wait for news at the same time; one more is answered 503 and asks again.
pub const NEWS_WAITERS: usize = 64;
/// How long such a request waits, below what proxies cut off.
pub const NEWS_WAIT: Duration = Duration::from_secs(25);
