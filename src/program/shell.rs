//! Embeds the browser shell's files in the binary, so a screen always runs the page that this version was tested with.
//! Never reads them from disk.

use std::sync::LazyLock;

use crate::base::digest::Digest;

/// The shell's page, for the daemon and the preview.
pub const PAGE: &str = include_str!("../../player/index.html");

/// The page that `build` writes beside a program as `index.html`; it loads `program.json` and the modules in `player/`.
pub const STATIC_PAGE: &str = include_str!("../../player/static.html");

/// Content security policy of the shell's page: own scripts and styles only, nothing inline, no framing.
pub const PAGE_POLICY: &str =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'none'";

/// Content security policy of every slide: no scripts, everything else from the same server.
pub const SLIDE_POLICY: &str =
    "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; frame-ancestors 'self'";

/// One file that a page loads.
pub struct ShellFile {
    pub name: &'static str,
    pub media_type: &'static str,
    pub bytes: &'static [u8],
}

macro_rules! shell_file {
    ($name:literal, $media_type:literal) => {
        ShellFile { name: $name, media_type: $media_type, bytes: include_bytes!(concat!("../../player/", $name)) }
    };
}

/// Every file that either page loads.
pub static FILES: [ShellFile; 10] = [
    shell_file!("shell.css", "text/css"),
    shell_file!("shell.js", "text/javascript"),
    shell_file!("director.js", "text/javascript"),
    shell_file!("stage.js", "text/javascript"),
    shell_file!("slide.js", "text/javascript"),
    shell_file!("fit.js", "text/javascript"),
    shell_file!("timeline.js", "text/javascript"),
    shell_file!("clock.js", "text/javascript"),
    shell_file!("source.js", "text/javascript"),
    shell_file!("report.js", "text/javascript"),
];

/// Measures a page in a browser of the office, on what the shell does to it; no player serves it.
pub static MEASURE: ShellFile = shell_file!("measure.js", "text/javascript");

/// The digest of the page and of every file: a browser that began with another one has an old shell.
pub static DIGEST: LazyLock<Digest> = LazyLock::new(|| {
    let files = FILES.iter().flat_map(|file| [file.name.as_bytes(), file.bytes]);
    Digest::of(&[PAGE.as_bytes()].into_iter().chain(files).collect::<Vec<_>>().concat())
});

/// Finds a file by its name.
pub fn find(name: &str) -> Option<&'static ShellFile> {
    FILES.iter().find(|file| file.name == name)
}
