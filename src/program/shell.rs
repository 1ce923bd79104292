//! The browser shell's files, carried inside the binary, so that the page on a screen is always the one this version was tested with.
//! Never reads them from disk.

/// The shell's page, for the daemon and the preview.
pub const PAGE: &str = include_str!("../../player/index.html");

/// The page that `build` puts beside a program as `index.html`; it reads `program.json` beside it and the modules in `player/`.
pub const STATIC_PAGE: &str = include_str!("../../player/static.html");

/// The policy of the shell's page: scripts and styles of its own only, nothing inline, and no page may frame it.
pub const PAGE_POLICY: &str =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'none'";

/// The policy of every slide: no script at all, everything else from the same server.
pub const SLIDE_POLICY: &str =
    "default-src 'none'; script-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; font-src 'self'; frame-ancestors 'self'";

/// One file that the page asks for.
pub struct ShellFile {
    /// Its name beside the page.
    pub name: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

macro_rules! shell_file {
    ($name:literal, $media_type:literal) => {
        ShellFile { name: $name, media_type: $media_type, bytes: include_bytes!(concat!("../../player/", $name)) }
    };
}

/// Every file that either page asks for.
pub static FILES: [ShellFile; 9] = [
    shell_file!("shell.css", "text/css"),
    shell_file!("shell.js", "text/javascript"),
    shell_file!("director.js", "text/javascript"),
    shell_file!("stage.js", "text/javascript"),
    shell_file!("slide.js", "text/javascript"),
    shell_file!("timeline.js", "text/javascript"),
    shell_file!("clock.js", "text/javascript"),
    shell_file!("source.js", "text/javascript"),
    shell_file!("report.js", "text/javascript"),
];

/// The file of a name.
pub fn find(name: &str) -> Option<&'static ShellFile> {
    FILES.iter().find(|file| file.name == name)
}
