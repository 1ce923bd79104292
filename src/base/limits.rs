//! Every limit on what comes from outside: what it bounds and in which unit, the reason, the effect of exceeding it. A test finds limits in
//! other files. Sizes and steps that only shape the tool's own work are defined where that work is done. Never holds policy.

use std::time::Duration;

// Signed documents, the manifest, the store: read by players, which refuse what exceeds a limit.

/// Largest integer in signed JSON: 2^53 − 1, the last that every reader of JSON keeps exactly. A larger one is refused with its document.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;
/// Deepest nesting of signed JSON, the outer object counted as 1; guards the stack. A deeper document is refused.
pub const JSON_DEPTH: usize = 8;
/// Largest manifest, in bytes: room for [`MANIFEST_FILES`]. A larger one is refused, by `build` too.
pub const MANIFEST_BYTES: u64 = 16 << 20;
/// Most files in a program: a month of ten thousand slides with their pictures. A program with more is refused, by `build` too.
pub const MANIFEST_FILES: usize = 20_000;
/// Longest path in a program, in bytes: the longest name of common file systems. A longer one is refused.
pub const PATH_BYTES: usize = 255;
/// Widest and highest screen and output, in pixels: far beyond any wall of LEDs. A larger one is refused with its site or program.
pub const SCREEN_SIDE: u32 = 32_768;
/// Largest root, approval, withdrawal and release, key and configuration of a player, in bytes. A larger one is refused.
pub const SMALL_DOCUMENT_BYTES: u64 = 64 << 10;
/// Largest head, in bytes: room for [`HEAD_PROGRAMS`] with all their fields. A larger one is refused.
pub const HEAD_BYTES: u64 = 256 << 10;
/// Largest `latest.json`, in bytes. A larger one is refused.
pub const HINT_BYTES: u64 = 1 << 10;
/// Largest detached signature file, in bytes. A larger one is refused.
pub const SIGNATURE_BYTES: u64 = 1 << 10;
/// Longest key or password file, and longest typed line, in bytes. A longer one is refused.
pub const KEY_FILE_BYTES: u64 = 4 << 10;
/// Largest file of certificate authorities, in bytes; a system's list has 250 KB. A larger one is refused.
pub const AUTHORITIES_BYTES: u64 = 4 << 20;
/// Most programs in a head: the months ahead, the evergreen week, urgent programs and kits. A head with more is refused.
pub const HEAD_PROGRAMS: usize = 64;
/// Most roots read in one look, so that a store can't keep a player busy; more end the look.
pub const ROOT_STEPS: u64 = 1_024;
/// Most withdrawals read in one look; more end the look.
pub const WITHDRAWAL_STEPS: u64 = 1_024;
/// Longest reason of a withdrawal that is made, in letters: a sentence or two. A longer one is wrong usage.
pub const REASON_LETTERS: usize = 500;
/// Longest reason of a withdrawal that a player takes from a source, in bytes: what a player keeps is kept several times, and for good. A longer one is
/// refused; those taken before stay.
pub const REASON_BYTES: usize = 4 << 10;
/// Most bytes of withdrawals and their signatures that a player takes, so that the holder of one stolen key can't fill its memory: some ten
/// thousand. Further ones are refused.
pub const WITHDRAWAL_BYTES: usize = 16 << 20;
/// Most statements under one number of a withdrawal that a player takes of one key, so that no key fills a number and keeps the statements of others
/// out. Further ones are refused, and told.
pub const TWINS_OF_A_KEY: usize = 4;
/// Most numbers of withdrawals that are held and that a look compares with what a source has under them, in a second or two over a slow line; the
/// next looks go on.
pub const TWINS_COMPARED: u64 = 64;
/// How many of the last kit releases a player reads. Older ones have no effect.
pub const KIT_RELEASES_READ: u64 = 16;
/// Longest span of a monthly program, in seconds: 32 days, a month and its edges in any zone. A longer one is refused.
pub const MONTHLY_SECONDS: i64 = 32 * 86_400;
/// Longest span of an urgent program, in seconds: 72 hours. A longer one is refused.
pub const URGENT_SECONDS: i64 = 72 * 3_600;
/// Longest window of a kit, in seconds: 400 days. A longer one is refused.
pub const KIT_SECONDS: i64 = 400 * 86_400;
/// Shortest loop and item, in milliseconds: below it a screen flickers. Such a program is refused; the planner lengthens shorter items.
pub const MIN_LOOP_MS: u64 = 1_000;

// Packs, block signatures, ranges: unsigned hints. What exceeds a limit is skipped, and the objects are fetched singly or whole.

/// Largest window of a pack's compression, in bytes: a player keeps it in memory while it unpacks.
pub const PACK_WINDOW_BYTES: u64 = 8 << 20;
/// Largest dictionary of a pack, in bytes without its tables: kept in memory too. A larger one is not used.
pub const PACK_DICTIONARY_BYTES: u64 = 4 << 20;
/// Largest pack, in bytes, packed and unpacked.
pub const PACK_BYTES: u64 = 256 << 20;
/// Longest line before a file in a pack, in bytes: a name of [`PATH_BYTES`] and its size.
pub const PACK_LINE_BYTES: usize = 300;
/// Most documents before the first object of a pack: approvals with their signatures, and the manifest.
pub const PACK_DOCUMENTS: usize = 512;
/// Longest header line of a part in a multipart range response, in bytes.
pub const PART_LINE_BYTES: u64 = 1 << 10;
/// Most lines before a part's bytes: a boundary and a few headers. A response with more is discarded.
pub const PART_LINES: usize = 16;
/// Longest body of an error response that is read to keep the connection usable, in bytes. After a longer one the connection is closed.
pub const REFUSAL_BYTES: u64 = 8 << 10;
/// Longest wait before a source is asked again, whatever it asks for: a withdrawal must not wait for longer.
pub const RETRY_LONGEST: Duration = Duration::from_secs(15 * 60);
/// Longest time that a look waits for all sources that ran out of their first turn, shared by them; a look at the only source has as much. What has
/// been read counts, and the next look goes on.
pub const LOOK_TIME: Duration = Duration::from_secs(50);
/// Time of the first turns that one source can wait for, shared by those before it: with a look each minute, and whatever the others do, a source
/// is asked within 70 seconds.
pub const LOOK_TURNS: Duration = Duration::from_secs(8);
/// Most kit releases, from the newest on, that a store may name and not have; then no further ones are asked for.
pub const KIT_RELEASES_MISSED: u64 = 3;
/// Time between looks of a player that read everything, whatever the hint says: a wrong hint hides nothing for longer.
pub const FULL_LOOK: Duration = Duration::from_secs(6 * 3_600);
/// Longest time between looks that ask for one root, withdrawal and head more than the hint names: so long it may hide the next ones.
pub const FURTHER_LOOK: Duration = Duration::from_secs(600);
/// Longest time between two readings through of all that a player has stored, but for the wait for dark screens: a day.
pub const SCRUB: Duration = Duration::from_secs(7 * 86_400);
/// Largest listing of a WebDAV server, in bytes: a hundred thousand files, each of some 600 bytes, since names are short. Beyond it the server is
/// asked folder by folder (a store spreads its objects over 256), and fails with a folder of that size.
pub const LISTING_BYTES: u64 = 64 << 20;
/// Longest time that one listing of a WebDAV server is read: as long as a silent one is waited for. Beyond it, as with one that is too large.
pub const LISTING_TIME: Duration = Duration::from_secs(30);
/// Most folders of a store that are listed one after another: those of tens of thousands of programs. Beyond it the command fails.
pub const STORE_FOLDERS: usize = 50_000;

// What a browser sends to a player, and to the pages for people of the office.

/// Largest head of a request, in bytes: more than a browser sends. A larger one is answered 431.
pub const REQUEST_HEAD_BYTES: usize = 16 << 10;
/// Longest time for a request to come in, head and body. A later one is answered 408.
pub const REQUEST_WAIT: Duration = Duration::from_secs(10);
/// Most clients that are connected to a server at the same time, each on a small thread. For one more the one goes whose request is longest
/// on its way; if all are being answered, the new one gets 503.
pub const CONNECTIONS: usize = 128;
/// Most requests whose body is awaited at the same time. For one more the one goes that is awaited longest, with 503.
pub const BODIES: usize = 4;
/// Largest post of a play, in bytes. A larger one is answered 413.
pub const PLAY_BYTES: u64 = 16 << 10;
/// Longest play in a post, in milliseconds: the longest slide, twice, to allow for a late successor. A longer one is answered 422.
pub const PLAY_MS: u64 = 2 * SLIDE_MS;
/// How many plays are remembered, so that a repeated post counts once. A post repeated later counts twice.
pub const PLAYS_REMEMBERED: usize = 256;
/// Most requests that wait for news at the same time, each on its own thread. One more is answered 503 and asks again.
pub const NEWS_WAITERS: usize = 64;
/// How long such a request waits: less than the timeout of proxies. Then the answer is that nothing is new.
pub const NEWS_WAIT: Duration = Duration::from_secs(25);

/// How many different lines of the log are remembered, so that one that repeats is not written each time. Then all are forgotten.
pub const LINES_REMEMBERED: usize = 256;

// The content folder: every fault is reported to the author with its place.

/// Largest text file of the content (YAML, Markdown, CSV, captions) and of a theme's layouts, in bytes. A larger one is a fault.
pub const CONTENT_TEXT_BYTES: u64 = 1 << 20;
/// Longest line of such a file, in bytes. Every fault carries its line, and finding a column scans it. A longer one is a fault.
pub const CONTENT_LINE_BYTES: usize = 16 << 10;
/// Most faults reported for one file of the content; the rest is reported once these are fixed.
pub const MAX_FAULTS_PER_FILE: usize = 100;
/// Most faults reported for illegal characters in one file: a wrong encoding would hide all others.
pub const CHARACTER_FAULTS: usize = 5;
/// Deepest nesting of a YAML file; guards the stack. A deeper file is a fault.
pub const YAML_DEPTH: usize = 16;
/// Deepest nesting of lists and quotations that a line of a slide may begin with; guards the time of the parser. A deeper line is a fault.
pub const MARKDOWN_DEPTH: usize = 16;
/// Columns that such a line may be indented by; guards the time of the parser. A line indented further is a fault.
pub const MARKDOWN_INDENT: usize = 128;
/// Most keys, list items and values in a YAML file; aliases can't multiply beyond it. A larger one is a fault.
pub const YAML_NODES: usize = 20_000;
/// Most files and folders in a content folder. More are a fault.
pub const CONTENT_FILES: usize = 200_000;
/// Most screens that a table is split over. A longer table is a fault.
pub const TABLE_PARTS: u32 = 60;
/// Longest duration of a slide, in milliseconds: an hour. A longer duration or video is a fault.
pub const SLIDE_MS: u64 = 3_600_000;
/// Largest video or sound of the content, in bytes. A larger one is a fault.
pub const CONTENT_MEDIA_BYTES: u64 = 4 << 30;
/// Largest picture of the content, in bytes: it is read into memory. A larger one is a fault.
pub const PICTURE_BYTES: u64 = 256 << 20;
/// Most pixels of a picture: a quarter of a gigabyte once decoded. More are a fault.
pub const PICTURE_PIXELS: u64 = 64_000_000;
/// Widest and highest picture, in pixels. A larger one is a fault.
pub const PICTURE_SIDE: u32 = 20_000;
/// Most memory to decode a picture, in bytes: [`PICTURE_PIXELS`] of eight bytes, the largest kind. Beyond it decoding fails.
pub const PICTURE_DECODE_BYTES: u64 = 512 << 20;
/// Widest and highest video, in pixels: every player decodes this size. A larger one is a fault.
pub const VIDEO_SIDE: u32 = 4_096;
/// Largest index of a film, in bytes: it is read into memory, and an hour of pictures and sound needs three megabytes. A larger one is a fault.
pub const FILM_INDEX_BYTES: u64 = 32 << 20;
/// Most parts of a film's file, such as fragments, that are looked at: hours of frames. What follows is not looked at.
pub const FILM_PARTS: u32 = 1_000_000;
/// File of the content above which a git repository grows slow, in bytes. A larger one outside Git LFS is a warning.
pub const HEAVY_FILE_BYTES: u64 = 50_000_000;
/// Content folder above which copying its repository takes very long, in bytes. A larger one outside Git LFS is a warning.
pub const HEAVY_FOLDER_BYTES: u64 = 2_000_000_000;
/// Largest style sheet, picture and part of a font in a theme, in bytes. A larger one fails the theme.
pub const THEME_FILE_BYTES: u64 = 16 << 20;

// The tool's own files, which others may have changed. What exceeds a limit is made again.

/// Size at which a segment of the returns is closed, in bytes. One of twice the size is set aside.
pub const SEGMENT_BYTES: u64 = 1 << 20;
/// Most bytes of closed segments of the returns on a player: two years of four screens. The oldest are removed, and the journal says so.
pub const RETURNS_BYTES: u64 = 2 << 30;
/// Longest time that closed segments stay on a player, in days: they are fetched once a year. Older ones are removed, as above.
pub const RETURNS_DAYS: i64 = 800;
/// Most incidents that wait in memory while the journal can't be written. Further ones are only logged.
pub const WAITING_ENTRIES: usize = 1_000;
/// Size of the file in a player's data folder that gives way on a full disk, in bytes: room for some hundred statements.
pub const BALLAST_BYTES: usize = 1 << 20;
/// Largest copy of a player's state, in bytes: room for some ten thousand withdrawals. A larger one is set aside.
pub const STATE_BYTES: u64 = 64 << 20;
/// Largest cache file of earlier builds, in bytes. A larger one is ignored.
pub const CACHE_FILE_BYTES: u64 = 1 << 30;
/// Longest message that the browser of `check --render` writes, in bytes: a picture of a large face. A longer one ends the check.
pub const BROWSER_MESSAGE_BYTES: u64 = 256 << 20;
/// Most bytes read of what that browser writes about its own faults. A larger log is not quoted.
pub const BROWSER_LOG_BYTES: u64 = 1 << 20;
/// Largest file of a page that that browser is handed, in bytes: no picture is larger. A larger film stays away, as its size does not depend on it.
pub const PREFLIGHT_FILE_BYTES: u64 = 64 << 20;
/// Largest cached rendition of a picture, in bytes. A larger one is made again each time.
pub const RENDITION_BYTES: u64 = 256 << 20;
