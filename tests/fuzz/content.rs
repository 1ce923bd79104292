//! Authors' files: YAML, slides (front matter and Markdown), tables, films and sounds.

use std::fs;

use bangtin::base::diagnostic::Diagnostic;
use bangtin::base::limits::{VIDEO_SIDE, YAML_DEPTH, YAML_NODES};
use bangtin::content::source::text::SourceText;
use bangtin::content::source::yaml::{YamlNode, YamlValue};
use bangtin::content::source::{characters, front_matter, markdown, markdown_check, media as files, table as tables, yaml as trees};

use super::Target;
use crate::harness::{Sandbox, repository, tree};

/// The sample content's files of a kind.
fn samples(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let all = tree(&repository().join("content").join(folder)).into_iter();
    all.filter(|(name, bytes)| name.ends_with(extension) && bytes.len() < 8 << 10).map(|(_, bytes)| bytes).take(12).collect()
}

/// Depth of a tree and number of its values.
fn size(node: &YamlNode) -> (usize, usize) {
    let of = |nodes: Vec<&YamlNode>| nodes.into_iter().map(size).fold((0, 1), |all, each| (all.0.max(each.0), all.1 + each.1));
    let (depth, count) = match &node.value {
        YamlValue::Scalar { .. } => return (0, 1),
        YamlValue::List(items) => of(items.iter().collect()),
        YamlValue::Map(entries) => of(entries.iter().map(|(_, node)| node).collect()),
    };
    (depth + 1, count)
}

fn places(faults: &[Diagnostic], file: &SourceText) {
    for fault in faults {
        assert!(fault.place.line as usize <= file.text().lines().count() + 2, "{fault:?}");
    }
}

const YAML: &[&str] = &[
    "&a ",
    "*a",
    "!!python/object:os ",
    "<<: *a",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "? ",
    "- ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    "|\n",
    ">\n",
    "\"",
    "'",
    "#",
    "\t",
    "no",
    "12:30",
    "\u{202e}",
    "\u{200b}",
    "\r\n",
    "\u{85}",
    "\u{2028}",
    "  ",
    "\n",
];

pub fn yaml() -> Target {
    let seeds = ["sites", "playlists", "calendar"].iter().flat_map(|folder| samples(folder, ".yaml")).collect();
    let run = |input: &[u8]| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let file = SourceText::new("a.yaml", text);
        let mut faults = Vec::new();
        if let Some(root) = trees::parse(&file, file.text(), 0, &mut faults) {
            let (depth, count) = size(&root);
            assert!(depth <= YAML_DEPTH && count <= YAML_NODES, "{depth} deep, {count} values");
        } else {
            assert!(!faults.is_empty(), "nothing and no reason");
        }
        faults.extend(characters::check(&file));
        places(&faults, &file);
    };
    Target { seeds, words: YAML, run: Box::new(run) }
}

/// Elements that Markdown may produce.
const ELEMENTS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "em",
    "strong",
    "del",
    "code",
    "pre",
    "blockquote",
    "hr",
    "br",
    "img",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
];
const ATTRIBUTES: &[&str] = &["src", "alt", "title", "class", "start", "value"];

/// Checks that every tag and attribute of a page is one that we write, and that no address comes from the author.
fn harmless(html: &str) {
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let tag = &rest[at + 1..];
        let end = tag.find(|c: char| !(c.is_ascii_alphanumeric() || c == '/')).unwrap_or(tag.len());
        let name = tag[..end].trim_start_matches('/').trim_end_matches('/');
        assert!(ELEMENTS.contains(&name), "<{name}> in {html}");
        let inside_of = |rest: &'_ str| rest.len() - rest.trim_start_matches([' ', '/', '\n']).len();
        let mut inside = &tag[end + inside_of(&tag[end..])..];
        while let Some((attribute, after)) = inside.split_once("=\"").filter(|_| !inside.starts_with('>')) {
            assert!(ATTRIBUTES.contains(&attribute), "{attribute:?} in {html}");
            let (value, more) = after.split_once('"').expect("a closed value");
            assert!(attribute != "src" || value == "x/1.jpg", "{value} in {html}");
            inside = &more[inside_of(more)..];
        }
        let closed = inside.trim_start_matches([' ', '/']);
        assert!(closed.starts_with('>'), "{html}");
        rest = &closed[1..];
    }
}

const MARKDOWN: &[&str] = &[
    "---\n",
    "<script>",
    "</p>",
    "<!--",
    "-->",
    "<a href=x onclick=y>",
    "<![CDATA[",
    "![a](b.jpg)",
    "[a](javascript:b)",
    "[a]: //b \"c\"\n",
    "![a][b]",
    "&#x3c;",
    "&lt;",
    "\\<",
    "|",
    "| -: |",
    "> ",
    "* ",
    "1. ",
    "```\n",
    "~~",
    "**",
    "_",
    "](",
    "![",
    "\u{202e}",
    "\n\n",
    "    ",
    "<https://a.b>",
    "\" style=\"",
];

pub fn slide() -> Target {
    let run = |input: &[u8]| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let file = SourceText::new("a.md", text);
        let Ok(parts) = front_matter::split(&file) else { return };
        let mut faults = Vec::new();
        trees::parse(&file, parts.yaml, front_matter::YAML_LINE_OFFSET, &mut faults);
        places(&faults, &file);
        for (_, range) in markdown_check::elements_to_check(parts.body) {
            let _ = file.span(parts.body_offset + range.start..parts.body_offset + range.end);
        }
        assert!((8_000..=45_000).contains(&markdown_check::reading_time_ms(parts.body)));
        let document = markdown::parse(parts.body);
        let _ = document.first_heading();
        let mut whole = document.without_first_heading().split_columns();
        whole.push(document);
        for each in whole {
            harmless(&each.to_html(&|name| (name.len() % 2 == 0).then(|| "x/1.jpg".to_owned())));
        }
    };
    Target { seeds: samples("slides", ".md"), words: MARKDOWN, run: Box::new(run) }
}

pub fn table() -> Target {
    let run = |input: &[u8]| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        if let Ok(table) = tables::parse(text) {
            let table = table.table;
            assert!(!table.rows.is_empty() && table.rows.iter().all(|row| row.len() == table.header.len()));
        }
    };
    let seeds = vec![b"a,b\n1,2\n3,4\n".to_vec(), "\u{feff}\"gi\u{1edd}\", x\n\"1,5\n2\",\"\"\"\"\n".into()];
    Target { seeds, words: &["\"", ",", "\n", "\r\n", "\"\"", ";", "\u{feff}"], run: Box::new(run) }
}

/// Headers of films and sounds; each input is tried under each file name.
pub fn media() -> Target {
    let sandbox = Sandbox::new();
    let pictures = "testsrc=size=16x16:rate=5:duration=1";
    let (h264, vp8, vp9) = (["-pix_fmt", "yuv420p", "-c:v", "libx264"], ["-pix_fmt", "yuv420p", "-c:v", "libvpx"], ["-c:v", "libvpx-vp9"]);
    let samples: [(&str, &[&str], &str); 9] = [
        (pictures, &h264, "a.mp4"),
        (pictures, &vp8, "a.webm"),
        ("sine=duration=0.2", &["-c:a", "aac"], "a.m4a"),
        ("sine=duration=0.2", &["-c:a", "libmp3lame"], "a.mp3"),
        ("sine=duration=0.2", &["-c:a", "libvorbis"], "a.ogg"),
        (pictures, &[&h264[..], &["-movflags", "frag_keyframe+empty_moov"]].concat(), "parts.mp4"),
        (pictures, &[&h264[..], &["-movflags", "+faststart", "-timecode", "00:00:00:00"]].concat(), "front.mp4"),
        (pictures, &[&vp9[..], &["-live", "1"]].concat(), "live.webm"),
        (pictures, &vp9, "vp9.webm"),
    ];
    for (source, options, name) in samples {
        sandbox.run("ffmpeg", &[&["-v", "error", "-f", "lavfi", "-i", source], options, &["-y", name]].concat()).success();
    }
    let names = ["a.mp4", "a.webm", "a.m4a", "a.mp3", "a.ogg"];
    let seeds = samples.map(|(_, _, name)| fs::read(sandbox.path(name)).unwrap()).to_vec();
    let words = &[
        "moov",
        "mdat",
        "trak",
        "stsd",
        "ftyp",
        "mvhd",
        "elst",
        "stco",
        "stsz",
        "stsc",
        "stz2",
        "co64",
        "mvex",
        "esds",
        "OggS",
        "ID3",
        "\x1a\u{45}",
        "\x1f\u{43}",
        "free",
        "\0\0\0\x01",
        "\0\0\0\x08",
        "\0\0\0\0",
    ];
    let run = move |input: &[u8]| {
        let path = sandbox.path("input");
        fs::write(&path, input).unwrap();
        for name in names {
            if let Ok(facts) = files::probe(&path, name) {
                // Films may leave out how long they are.
                assert!(facts.ms > 0 || facts.width > 0);
                assert!(facts.width <= VIDEO_SIDE && facts.height <= VIDEO_SIDE);
            }
        }
    };
    Target { seeds, words, run: Box::new(run) }
}
