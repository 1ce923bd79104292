//! Unsigned network input: request headers, multipart answers, listings, and the hints of a store (blocks, packs, edits).

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use bangtin::base::digest::Digest;
use bangtin::base::http::{self, HttpResponse, RequestedRange};
use bangtin::base::limits::{PACK_BYTES, RETRY_LONGEST};
use bangtin::player::pull::multipart::{MultipartReader, boundary};
use bangtin::player::pull::retry;
use bangtin::store::blocks::{self, COARSE_BLOCK};
use bangtin::store::packs::{self, PackReader};
use bangtin::store::{dav_listing, edit, scan};
use tiny_http::{Header, Method, Request, TestRequest};

use super::Target;
use crate::delta::shop::noise;

/// The input's first line is a request's path, the others are its headers; the server's code answers it.
pub fn request() -> Target {
    let text = |lines: &[&str]| lines.join("\n").into_bytes();
    let etag = Digest::of(b"a");
    let seeds = vec![
        text(&["/screens/a/?x", "Host: localhost:8377", "Range: bytes=0-9", &format!("If-Range: \"{etag}\"")]),
        text(&["/p/00/slides/a.html", "Host: 127.0.0.1:8377", &format!("If-None-Match: W/\"{etag}\", *"), "Range: bytes=-5"]),
        text(&["/", "Host: [::1]:8377", "Host: localhost:8377", "Range: bytes=3-"]),
    ];
    let words = &[
        "Host: ",
        "Range: bytes=",
        "\n",
        "..",
        "%2e",
        "?",
        "#",
        "//",
        "\0",
        "If-Range: ",
        "If-None-Match: ",
        "localhost:8377",
        ".evil.example",
    ];
    let run = move |input: &[u8]| {
        let text = String::from_utf8_lossy(input);
        let mut lines = text.lines();
        let path = lines.next().unwrap_or_default();
        let mut asked =
            TestRequest::new().with_method(if path.len().is_multiple_of(2) { Method::Get } else { Method::Head }).with_path(path);
        let mut hosts = Vec::new();
        for line in lines.filter(|line| line.is_ascii()) {
            let Some((name, value)) = line.split_once(": ") else { continue };
            if let Ok(header) = Header::from_bytes(name, value) {
                if name.eq_ignore_ascii_case("host") {
                    hosts.push(header.value.as_str().to_owned());
                }
                asked = asked.with_header(header);
            }
        }
        let asked: Request = asked.into();
        let own = http::loopback_hosts(8377);
        let allowed = hosts.len() == 1 && own.iter().any(|own| own.eq_ignore_ascii_case(&hosts[0]));
        assert_eq!(http::host_allowed(&asked, &own), allowed, "{hosts:?}");
        assert!(!http::path(&asked).contains('?'));
        let body: Arc<[u8]> = Arc::from(&b"0123456789"[..]);
        let _ = http::respond(asked, HttpResponse::bytes("text/plain", body).with_digest_etag(etag));
    };
    Target { seeds, words, run: Box::new(run) }
}

pub fn range() -> Target {
    let seeds =
        ["bytes=0-0", "bytes=2-", "bytes=-3", "bytes=0-1,3-4", "lines=1-2", " bytes=5-2 "].map(|text| text.as_bytes().to_vec()).to_vec();
    let run = |input: &[u8]| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        for size in [0, 1, 10, u64::MAX] {
            if let RequestedRange::Range(first, length) = http::parse_range(Some(text), size) {
                assert!(length > 0 && first.checked_add(length).is_some_and(|end| end <= size), "{text:?} of {size}");
            }
        }
    };
    Target { seeds, words: &["bytes=", "-", ",", " ", "18446744073709551615", "18446744073709551616"], run: Box::new(run) }
}

/// The first line is the content type; the rest the body.
pub fn byteranges() -> Target {
    let good = "multipart/byteranges; boundary=x\n\r\n--x\r\nContent-Type: a/b\r\nContent-Range: bytes 1-3/20\r\n\r\nabc\r\n--x\r\n\
                content-range: bytes 7-7/20\r\n\r\nd\r\n--x--\r\n";
    let seeds = vec![
        good.as_bytes().to_vec(),
        good.replace("boundary=x", "boundary=\"x\"; a=b").into_bytes(),
        good.replace("/20", "/*").into_bytes(),
    ];
    let words = &["--x", "--x--", "\r\n", "\n", "Content-Range: bytes ", "boundary=", "boundary=\"\"", "multipart/byteranges;", "/20", ";"];
    let run = |input: &[u8]| {
        let (kind, body) = input.split_at(input.iter().position(|byte| *byte == b'\n').map_or(input.len(), |at| at + 1));
        let Some(boundary) = std::str::from_utf8(kind).ok().and_then(|kind| boundary(kind.trim_end())) else { return };
        assert!((1..=70).contains(&boundary.len()));
        let mut out = Vec::new();
        let done = MultipartReader::new(body, boundary, 20, &[(1, 4), (7, 8)]).read_to_end(&mut out);
        assert!(out.len() <= 4 && (done.is_err() || out.len() == 4));
    };
    Target { seeds, words, run: Box::new(run) }
}

pub fn retry_after() -> Target {
    let run = |input: &[u8]| {
        let asked = std::str::from_utf8(input).ok().and_then(|text| text.parse::<u64>().ok());
        for failures in [0, 5, u32::MAX] {
            for fraction in [0.0, 0.5, 1.0] {
                assert!(retry::next_delay(Duration::from_secs(60), failures, asked, fraction) <= RETRY_LONGEST);
            }
        }
    };
    let seeds = ["120", "0", "Thu, 03 Dec 2026 02:00:00 GMT"].map(|text| text.as_bytes().to_vec()).to_vec();
    Target { seeds, words: &["1", "18446744073709551615"], run: Box::new(run) }
}

pub fn dav_listing() -> Target {
    let answer = r#"<?xml version="1.0" encoding="utf-8" ?>
<D:multistatus xmlns:D="DAV:"><D:response><D:href>/b%E1%BA%A3ng/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype>
</D:prop></D:propstat></D:response><D:response><D:href>http://kho.example/b%e1%ba%a3ng/root/1.json</D:href><D:propstat><D:prop>
<D:getcontentlength>1234</D:getcontentlength><D:getlastmodified>Thu, 03 Dec 2026 02:00:00 GMT</D:getlastmodified></D:prop></D:propstat>
</D:response></D:multistatus>"#;
    let words = &[
        "<!DOCTYPE a [<!ENTITY b \"cccccccccc\"><!ENTITY d \"&b;&b;&b;&b;\">]>",
        "&d;",
        "&amp;",
        "&#0;",
        "<D:response>",
        "</D:response>",
        "<D:href>",
        "%2e%2e/",
        "%",
        "%e",
        "<![CDATA[",
        "]]>",
        "<!--",
        "<a",
        "/>",
        "<D:collection/>",
        "../",
    ];
    let run = |input: &[u8]| {
        if let Ok(Some(listing)) = dav_listing::read(input, "http://kho.example/b\u{1ea3}ng", "") {
            let named = listing.files.iter().map(|file| &file.path).chain(&listing.folders);
            let mut total = 0;
            for path in named {
                assert!(!path.is_empty() && !path.starts_with('/'), "{path:?}");
                total += path.len();
            }
            // No entity expands, nothing is reported twice. An invalid byte may become three.
            assert!(total <= 3 * input.len(), "{total} of {}", input.len());
        }
    };
    Target { seeds: vec![answer.as_bytes().to_vec()], words, run: Box::new(run) }
}

/// Foreign block entries, searched in an old copy.
pub fn blocks() -> Target {
    let old = noise(1, 160 << 10);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&old).unwrap();
    let moved = [noise(2, 777), old.clone()].concat();
    let entries = |block: usize| moved.chunks_exact(block).flat_map(blocks::entry).collect::<Vec<u8>>();
    let seeds = vec![entries(COARSE_BLOCK as usize), entries(1 << 10), blocks::entry(&[0; 1 << 10]).repeat(300)];
    let run = move |input: &[u8]| {
        let whole = &input[..input.len() / blocks::ENTRY_BYTES * blocks::ENTRY_BYTES];
        for block in [COARSE_BLOCK, blocks::FINE_BLOCK] {
            let end = std::time::Instant::now() + Duration::from_secs(2);
            let found = scan::find_blocks(&file, &[(0, old.len() as u64)], whole, block, &|| std::time::Instant::now() > end).unwrap();
            let found = found.unwrap_or_default();
            assert!(found.iter().flatten().all(|at| at + u64::from(block) <= old.len() as u64));
        }
    };
    Target { seeds, words: &["rs\x016", "\0\0\0\0", "AAAA"], run: Box::new(run) }
}

/// Packs, some with a dictionary; the limit on unpacked bytes always holds.
pub fn pack() -> Target {
    let mut plain = Vec::new();
    for (path, bytes) in [("programs/a.json", noise(1, 300)), ("objects/b", b"page ".repeat(900)), ("edits/c/d", noise(2, 40))] {
        plain.extend(packs::file_header(path, bytes.len() as u64).into_bytes());
        plain.extend(bytes);
    }
    let bomb = [packs::file_header("objects/b", 200 << 20).into_bytes(), vec![0; 64 << 20]].concat();
    let liar = packs::file_header("objects/b", u64::MAX).into_bytes();
    let seeds = [&plain, &bomb, &liar].map(|bytes| zstd::bulk::compress(bytes, 9).unwrap()).to_vec();
    let run = |input: &[u8]| {
        let Ok(mut reader) = PackReader::open(input, None) else { return };
        let mut total = 0;
        let mut sink = io::sink();
        while let Ok(Some((path, size))) = reader.next_file() {
            assert!(path.len() <= 300);
            let Ok(read) = io::copy(&mut reader, &mut sink) else { break };
            assert!(read <= size);
            total += read;
        }
        assert!(total <= PACK_BYTES);
    };
    Target { seeds, words: &["\u{28}\u{b5}", "objects/", " 5\n", "\n"], run: Box::new(run) }
}

pub fn edit() -> Target {
    let old = noise(3, 4_000);
    let mut file: File = tempfile::tempfile().unwrap();
    file.write_all(&old).unwrap();
    let mut delta = edit::MAGIC.to_vec();
    let mut copy = |from: u64, length: u32| delta.extend([&[edit::COPY][..], &from.to_be_bytes(), &length.to_be_bytes()].concat());
    copy(0, 1_500);
    copy(2_000, 2_000);
    delta.extend([&[edit::LITERAL][..], &5_u32.to_be_bytes(), b"hello", &[edit::END]].concat());
    let seeds = vec![delta, [&edit::MAGIC[..], &[edit::END]].concat()];
    let run = move |input: &[u8]| {
        let mut out = Vec::new();
        let done = edit::apply(input, &file, 4_096, &mut out);
        assert!(out.len() <= 4_096, "{} bytes", out.len());
        let _ = done;
        if let Ok(text) = std::str::from_utf8(input)
            && let Some((new, old)) = edit::parse_path(text)
        {
            assert_eq!(edit::path(new, old), text);
        }
    };
    let path: Vec<u8> = edit::path(Digest::of(b"a"), Digest::of(b"b")).into_bytes();
    Target { seeds: [seeds, vec![path]].concat(), words: &["edits/", "/", "C\0\0\0\x05", "S", "\0"], run: Box::new(run) }
}
