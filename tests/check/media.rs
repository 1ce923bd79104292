//! Hostile pictures and films: bombs, broken files, polyglots, private metadata.

use std::fs;
use std::io::{Cursor, Write as _};

use bangtin::build::render::picture::{PictureBox, render};
use bangtin::content::source::media::probe;
use image::{DynamicImage, ImageFormat, RgbImage};

use crate::harness::Sandbox;

const ROOM: PictureBox = PictureBox { width: 64, height: 64, contain: true };

fn png(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let picture = DynamicImage::from(RgbImage::from_pixel(width, height, image::Rgb([200, 30, 30])));
    picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

fn chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    let body = [kind, data].concat();
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc32(&body).to_be_bytes()].concat()
}

/// A PNG that claims this size and has the pixels of a small one.
fn sized(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(1, 1);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32(&bytes[12..29]).to_be_bytes();
    bytes[29..33].copy_from_slice(&crc);
    bytes
}

/// A small PNG with extra chunks after its header.
fn with_chunks(chunks: &[Vec<u8>]) -> Vec<u8> {
    let plain = png(8, 8);
    [&plain[..33], &chunks.concat(), &plain[33..]].concat()
}

/// Zeros, compressed as in a PNG: the data of an all-zero picture.
fn packed_zeros(count: u32) -> Vec<u8> {
    let zeros = RgbImage::from_pixel(count / 3, 1, image::Rgb([0, 0, 0]));
    let mut bytes = Vec::new();
    DynamicImage::from(zeros).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    let at = bytes.windows(4).position(|part| part == b"IDAT").unwrap();
    let length = u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap()) as usize;
    bytes[at + 4..at + 4 + length].to_vec()
}

fn most_memory_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() >> 10
}

/// Runs in its own process, with bounded and measured memory.
#[test]
fn a61_picture_bombs_are_refused_before_memory_is_taken() {
    let own = std::env::current_exe().unwrap();
    let args =
        ["--as=1073741824", "--cpu=30", "--core=0", own.to_str().unwrap(), "--exact", "check::media::bombs", "--ignored", "--nocapture"];
    let done = Sandbox::new().run("prlimit", &args).success();
    assert!(done.stdout.contains("1 passed"), "{done:?}");
}

#[test]
#[ignore = "a61_picture_bombs_are_refused_before_memory_is_taken runs it in a process with limits"]
fn bombs() {
    let sandbox = Sandbox::new();
    let profile = [b"a\0\0".to_vec(), packed_zeros(60_000)].concat();
    let text = [b"Comment\0\0".to_vec(), packed_zeros(60_000)].concat();
    let animated = [
        chunk(b"acTL", &[0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
        chunk(b"fcTL", &[[0; 4], [0xff; 4], [0xff; 4], [0; 4], [0; 4], [0; 4], [0; 4]].concat()[..26]),
    ];
    let refused = [
        ("50,000 on each side", sized(50_000, 50_000)),
        ("one pixel high and 2^31 wide", sized(1 << 31, 1)),
        ("2^31 - 1 on each side", sized((1 << 31) - 1, (1 << 31) - 1)),
        ("no pixel at all", sized(0, 0)),
        ("truncated", png(900, 900)[..400].to_vec()),
        ("a header and nothing", png(4, 4)[..33].to_vec()),
    ];
    for (name, bytes) in &refused {
        sandbox.write("a.png", bytes);
        assert!(probe(&sandbox.path("a.png"), "a.png").is_err() || name.starts_with("truncated") || name.starts_with("a header"), "{name}");
        assert!(render(bytes, ROOM).is_err(), "{name}");
    }
    // Metadata is neither unpacked nor kept, and animation frames are not decoded.
    for (name, bytes) in [
        ("a colour profile", with_chunks(&[chunk(b"iCCP", &profile)])),
        ("text", with_chunks(&vec![chunk(b"zTXt", &text); 200])),
        ("an endless animation", with_chunks(&animated)),
    ] {
        if let Ok(made) = render(&bytes, ROOM) {
            for kind in [&b"iCCP"[..], b"zTXt", b"acTL", b"fcTL", b"Exif"] {
                assert!(!made.bytes.windows(kind.len()).any(|part| part == kind), "{name}");
            }
        }
    }
    let most = most_memory_mib();
    assert!(most < 200, "{most} MiB");
}

#[test]
fn a61_what_is_shown_is_encoded_anew_and_holds_pixels_only() {
    // Polyglots: picture and page, picture and archive.
    for tail in [&b"<!doctype html><script>alert(1)</script>"[..], b"PK\x03\x04 a.zip"] {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
            let mut bytes = Vec::new();
            let picture = DynamicImage::from(RgbImage::from_pixel(20, 20, image::Rgb([9, 90, 200])));
            picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
            bytes.write_all(tail).unwrap();
            let made = render(&bytes, ROOM).expect("the picture in it is sound");
            assert!(!made.bytes.windows(tail.len()).any(|part| part == tail), "{format:?}");
        }
    }
    let private = [chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\0GPS-HERE"), chunk(b"tEXt", b"Author\0GPS-HERE")];
    let made = render(&with_chunks(&private), ROOM).unwrap();
    assert!(!made.bytes.windows(8).any(|part| part == b"GPS-HERE"));
}

fn film(sandbox: &Sandbox, source: &str, options: &[&str], name: &str) {
    sandbox.run("ffmpeg", &[&["-v", "error", "-f", "lavfi", "-i", source], options, &["-y", name]].concat()).success();
}

#[test]
fn a62_films_of_another_coding_too_large_or_broken_are_refused() {
    let sandbox = Sandbox::new();
    let code = |name: &str| probe(&sandbox.path(name), name).map_or_else(|fault| fault.code, |_| "good");
    let small = "testsrc=size=32x32:rate=5:duration=1";
    film(&sandbox, small, &["-c:v", "libx264", "-pix_fmt", "yuv420p"], "good.mp4");
    film(&sandbox, small, &["-c:v", "mpeg4"], "mpeg4.mp4");
    film(&sandbox, "testsrc=size=4352x64:rate=5:duration=1", &["-c:v", "libx264", "-pix_fmt", "yuv420p"], "wide.mp4");
    film(&sandbox, "sine=duration=1", &["-c:a", "alac"], "alac.m4a");
    film(&sandbox, "sine=duration=1", &["-c:a", "flac"], "flac.ogg");
    film(&sandbox, small, &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-f", "matroska"], "h264.webm");
    assert_eq!(["good.mp4", "mpeg4.mp4", "wide.mp4"].map(code), ["good", "media-coding", "media-too-large"]);
    assert_eq!(["alac.m4a", "flac.ogg", "h264.webm"].map(code), ["media-coding"; 3]);
    // A large track behind a small one counts.
    sandbox
        .run("ffmpeg", &["-v", "error", "-i", "good.mp4", "-i", "wide.mp4", "-map", "1:v", "-map", "0:v", "-c", "copy", "-y", "two.mp4"])
        .success();
    assert_eq!(code("two.mp4"), "media-too-large");
    let whole = fs::read(sandbox.path("good.mp4")).unwrap();
    let moov = whole.windows(4).position(|part| part == b"moov").unwrap();
    for (name, bytes) in [
        ("no-moov.mp4", whole[..moov - 4].to_vec()),
        ("moov-cut.mp4", whole[..moov + 60].to_vec()),
        ("moov-zeroed.mp4", [&whole[..moov + 4], &vec![0; whole.len() - moov - 4]].concat()),
        ("moov-endless.mp4", [&whole[..moov - 4], &[0xff; 4], &whole[moov..]].concat()),
    ] {
        sandbox.write(name, &bytes);
        assert!(code(name).starts_with("media-"), "{name}: {}", code(name));
    }
}
