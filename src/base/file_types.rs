//! The file types that a program may hold. Separate scripts and SVG, which can carry scripts, are excluded.
//! Never looks into files.

/// Extensions and media types, the only pairs that a manifest may list.
pub const MEDIA_TYPES: [(&str, &str); 13] = [
    ("html", "text/html"),
    ("css", "text/css"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("m4a", "audio/mp4"),
    ("mp3", "audio/mpeg"),
    ("ogg", "audio/ogg"),
    ("woff2", "font/woff2"),
    ("vtt", "text/vtt"),
];

/// The media type of an extension; `None` if a program may not hold it.
pub fn from_extension(extension: &str) -> Option<&'static str> {
    MEDIA_TYPES.iter().find(|(known, _)| *known == extension).map(|(_, media_type)| *media_type)
}
