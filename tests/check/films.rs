//! Films as cameras, editing programs and browsers write them: their length, whether they are whole, which tracks they have.

use std::fs;

use bangtin::content::source::media::{MediaInfo, probe};

use super::{output, sound};
use crate::harness::{Sandbox, golden};

/// Three seconds of pictures, and of sound.
const PICTURES: &str = "testsrc=size=64x48:rate=10:duration=3";
const SOUND: &str = "sine=duration=3";
const H264: [&str; 4] = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];

fn ffmpeg(sandbox: &Sandbox, args: &[&str]) {
    sandbox.run("ffmpeg", &[&["-v", "error", "-y"], args].concat()).success();
}

/// A film of pictures, with these options.
fn pictures(sandbox: &Sandbox, options: &[&str], name: &str) {
    ffmpeg(sandbox, &[&["-f", "lavfi", "-i", PICTURES], options, &[name]].concat());
}

/// A film of pictures and sound, with these options.
fn both(sandbox: &Sandbox, options: &[&str], name: &str) {
    ffmpeg(sandbox, &[&["-f", "lavfi", "-i", PICTURES, "-f", "lavfi", "-i", SOUND], options, &[name]].concat());
}

fn facts(sandbox: &Sandbox, name: &str) -> MediaInfo {
    probe(&sandbox.path(name), name).unwrap_or_else(|fault| panic!("{name}: {fault:?}"))
}

/// Code and cause of a file's fault, or `good`.
fn fault(sandbox: &Sandbox, name: &str) -> (&'static str, String) {
    probe(&sandbox.path(name), name).map_or_else(|fault| (fault.code, fault.cause.en), |_| ("good", String::new()))
}

/// Writes a part of a file under another name.
fn part(sandbox: &Sandbox, from: &str, bytes: impl Fn(&[u8]) -> Vec<u8>, to: &str) {
    let whole = fs::read(sandbox.path(from)).unwrap();
    sandbox.write(to, bytes(&whole));
}

/// Where four letters stand in a file.
fn place(bytes: &[u8], kind: [u8; 4]) -> usize {
    bytes.windows(4).position(|part| *part == kind).unwrap()
}

#[test]
fn the_length_of_a_film_is_that_of_its_edit_list() {
    let sandbox = Sandbox::new();
    pictures(&sandbox, &H264, "whole.mp4");
    both(&sandbox, &[&H264[..], &["-c:a", "aac"]].concat(), "sound.mp4");
    // Cut without encoding anew: the file keeps all pictures from the one before, and its edit list begins later.
    ffmpeg(&sandbox, &["-ss", "1.4", "-i", "whole.mp4", "-c", "copy", "cut.mp4"]);
    ffmpeg(&sandbox, &["-ss", "1", "-i", "sound.mp4", "-c", "copy", "both.mp4"]);
    ffmpeg(&sandbox, &["-itsoffset", "0.5", "-i", "whole.mp4", "-c", "copy", "waits.mp4"]);
    let all = ["whole.mp4", "sound.mp4", "cut.mp4", "both.mp4", "waits.mp4"].map(|name| facts(&sandbox, name).ms);
    assert_eq!(all, [3_000, 3_000, 1_600, 2_000, 3_500]);
    // An edit shows no more than there is, and one without a length shows all.
    for (length, ms) in [(u32::MAX, 3_000_u64), (0, 3_000), (700, 700)] {
        let edit = |whole: &[u8]| {
            let at = place(whole, *b"elst") + 12;
            [&whole[..at], &length.to_be_bytes(), &whole[at + 4..]].concat()
        };
        part(&sandbox, "whole.mp4", edit, "edited.mp4");
        assert_eq!(facts(&sandbox, "edited.mp4").ms, ms, "{length}");
    }
}

#[test]
fn a_film_that_was_cut_short_is_found_by_its_tables() {
    let sandbox = Sandbox::new();
    both(&sandbox, &[&H264[..], &["-c:a", "aac", "-movflags", "+faststart"]].concat(), "front.mp4");
    both(&sandbox, &[&H264[..], &["-c:a", "aac"]].concat(), "end.mp4");
    both(&sandbox, &[&H264[..], &["-c:a", "aac", "-g", "10", "-movflags", "frag_keyframe+empty_moov"]].concat(), "parts.mp4");
    both(&sandbox, &["-c:v", "libvpx", "-c:a", "libopus"], "whole.webm");
    both(&sandbox, &["-c:v", "libvpx", "-c:a", "libopus", "-f", "webm", "-live", "1"], "live.webm");
    let hum = |options: &[&str], name: &str| ffmpeg(&sandbox, &[&["-f", "lavfi", "-i", SOUND], options, &[name]].concat());
    hum(&["-c:a", "aac", "-movflags", "+faststart"], "sound.m4a");
    hum(&["-c:a", "libvorbis"], "vorbis.ogg");
    hum(&["-c:a", "libopus"], "opus.ogg");
    hum(&["-c:a", "libmp3lame", "-metadata", "title=a"], "tagged.mp3");
    hum(&["-c:a", "libmp3lame", "-id3v2_version", "0"], "plain.mp3");
    let mut wrong = Vec::new();
    let films: [(&str, &[usize]); 10] = [
        ("front.mp4", &[40, 75, 99]),
        ("end.mp4", &[40, 75, 99]),
        ("parts.mp4", &[40, 75, 99]),
        ("whole.webm", &[40, 75, 99]),
        ("live.webm", &[40, 75, 99]),
        ("sound.m4a", &[40, 99]),
        ("vorbis.ogg", &[40, 75, 99]),
        ("opus.ogg", &[40, 75, 99]),
        ("tagged.mp3", &[40, 75, 90]),
        ("plain.mp3", &[40, 75, 90]),
    ];
    for (name, shares) in films {
        assert_eq!(fault(&sandbox, name).0, "good", "{name}");
        let cut_name = format!("cut.{}", name.rsplit_once('.').unwrap().1);
        for share in shares {
            part(&sandbox, name, |whole| whole[..whole.len() * share / 100].to_vec(), &cut_name);
            let (code, cause) = fault(&sandbox, &cut_name);
            if code != "media-broken" || !cause.contains("cut short") {
                wrong.push(format!("{name}, {share} %: {code} {cause}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // What stands behind the film is no part of it.
    part(&sandbox, "tagged.mp3", |whole| [whole, b"TAG", &[0; 125][..]].concat(), "more.mp3");
    assert_eq!(fault(&sandbox, "more.mp3").0, "good");
    part(&sandbox, "front.mp4", |whole| [whole, b"\0\0\0\x10junk"].concat(), "more.mp4");
    part(&sandbox, "whole.webm", |whole| [whole, &[0; 30]].concat(), "more.webm");
    assert_eq!(["more.mp4", "more.webm"].map(|name| fault(&sandbox, name).0), ["good"; 2]);
    let content = sound();
    part(&sandbox, "front.mp4", |whole| whole[..whole.len() * 2 / 5].to_vec(), "cut.mp4");
    fs::copy(sandbox.path("cut.mp4"), content.path("content/slides/du-lich/phim.mp4")).unwrap();
    content.write("content/slides/du-lich/phim.md", slide("phim.mp4", ""));
    golden("check/film-cut.txt", &told(&content));
}

/// What `check` says, in English and then in Vietnamese.
fn told(content: &Sandbox) -> String {
    format!("{}{}", output(content, &["--lang", "en"]), output(content, &["--lang", "vi"]))
}

fn slide(film: &str, more: &str) -> String {
    format!("---\ntitle: Phim\nagency: so-tttt\ncategory: du-lich\nlayout: video\nvideo: {film}\n{more}---\n")
}

#[test]
fn tracks_that_are_neither_pictures_nor_sound_are_passed_over() {
    let sandbox = Sandbox::new();
    sandbox.write("a.srt", "1\n00:00:00,000 --> 00:00:02,000\nChữ\n");
    sandbox.write("a.txt", ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=9000\ntitle=a\n");
    let sounding = [&H264[..], &["-c:a", "aac"]].concat();
    both(&sandbox, &sounding, "plain.mp4");
    both(&sandbox, &[&sounding[..], &["-timecode", "01:00:00:00"]].concat(), "timecode.mp4");
    ffmpeg(&sandbox, &["-i", "plain.mp4", "-i", "a.srt", "-map", "0", "-map", "1", "-c", "copy", "-c:s", "mov_text", "subtitles.mp4"]);
    ffmpeg(&sandbox, &["-i", "plain.mp4", "-i", "a.txt", "-map_metadata", "1", "-map_chapters", "1", "-c", "copy", "chapters.mp4"]);
    pictures(&sandbox, &["-i", "a.srt", "-map", "0", "-map", "1", "-c:v", "libvpx", "-c:s", "webvtt"], "subtitles.webm");
    // Telemetry, as action cameras write it: a track of a kind of its own, in a coding of its own.
    let telemetry = |whole: &[u8]| {
        let mut bytes = whole.to_vec();
        let handler = whole.windows(16).position(|part| part.starts_with(b"hdlr") && part.ends_with(b"tmcd")).unwrap() + 12;
        let coding = whole.windows(4).rposition(|part| part == b"tmcd").unwrap();
        assert!(handler < coding);
        bytes[handler..handler + 4].copy_from_slice(b"meta");
        bytes[coding..coding + 4].copy_from_slice(b"gpmd");
        bytes
    };
    part(&sandbox, "timecode.mp4", telemetry, "telemetry.mp4");
    for name in ["timecode.mp4", "subtitles.mp4", "chapters.mp4", "subtitles.webm", "telemetry.mp4"] {
        assert_eq!(facts(&sandbox, name), MediaInfo { width: 64, height: 48, ms: 3_000, ..MediaInfo::default() }, "{name}");
    }
}

/// A file whose bytes from `at` on are others.
fn with(bytes: &[u8], at: usize, new: &[u8]) -> Vec<u8> {
    [&bytes[..at], new, &bytes[at + new.len()..]].concat()
}

/// How long a film or sound lasts, and what its head says in place of that, in milliseconds.
fn lengths(sandbox: &Sandbox, name: &str) -> (u64, u64) {
    let MediaInfo { ms, said_ms, .. } = facts(sandbox, name);
    (ms, said_ms)
}

/// Whether a length is three seconds, to which encoders add parts of a frame.
fn three_seconds(ms: u64) -> bool {
    (3_000..=3_100).contains(&ms)
}

#[test]
fn the_length_of_a_webm_film_is_that_of_its_blocks() {
    let films = Sandbox::new();
    let webm = ["-c:v", "libvpx", "-c:a", "libopus"];
    both(&films, &webm, "opus.webm");
    both(&films, &[&webm[..], &["-cluster_time_limit", "200"]].concat(), "clusters.webm");
    both(&films, &["-c:v", "libvpx", "-c:a", "libvorbis"], "vorbis.webm");
    pictures(&films, &["-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p"], "vp9.webm");
    // `Duration`, of eight bytes, in milliseconds.
    let duration = |whole: &[u8]| whole.windows(3).position(|part| *part == [0x44, 0x89, 0x88]).unwrap();
    for name in ["opus.webm", "clusters.webm", "vorbis.webm", "vp9.webm"] {
        let (ms, said) = lengths(&films, name);
        assert!(three_seconds(ms) && said == 0, "{name}: {ms}, {said}");
        for wrong in [1_000, 9_000] {
            part(&films, name, |whole| with(whole, duration(whole) + 3, &f64::from(wrong).to_be_bytes()), "wrong.webm");
            let (ms, said) = lengths(&films, "wrong.webm");
            assert!(three_seconds(ms) && said == u64::try_from(wrong).unwrap(), "{name}, {wrong}: {ms}, {said}");
        }
        part(&films, name, |whole| with(whole, duration(whole) + 3, &2_950.0_f64.to_be_bytes()), "near.webm");
        assert_eq!(lengths(&films, "near.webm"), (2_950, 0), "{name}");
        // In its place an element that means nothing.
        part(&films, name, |whole| with(whole, duration(whole), &[0xec, 0x89]), "missing.webm");
        let (ms, said) = lengths(&films, "missing.webm");
        assert!(three_seconds(ms) && said == 0, "{name}: {ms}, {said}");
    }
    // A minute and a half in clusters of five seconds: those at the end alone are read.
    let long = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=1:duration=90", "-c:v", "libvpx", "-cluster_time_limit", "5000"];
    ffmpeg(&films, &[&long[..], &["long.webm"]].concat());
    part(&films, "long.webm", |whole| with(whole, duration(whole) + 3, &60_000.0_f64.to_be_bytes()), "wrong.webm");
    assert_eq!((lengths(&films, "long.webm"), lengths(&films, "wrong.webm")), ((90_000, 0), (90_000, 60_000)));
    // Subtitles may stand longer than what is seen and heard.
    films.write("a.srt", "1\n00:00:00,000 --> 00:00:05,000\nChữ\n");
    pictures(&films, &["-i", "a.srt", "-map", "0", "-map", "1", "-c:v", "libvpx", "-c:s", "webvtt"], "subtitles.webm");
    assert_eq!(lengths(&films, "subtitles.webm"), (3_000, 0));
    let content = sound();
    let (film, path) = (content.path("content/slides/du-lich/phim.webm"), "content/slides/du-lich/phim.md");
    part(&films, "vp9.webm", |whole| with(whole, duration(whole) + 3, &1_000.0_f64.to_be_bytes()), "wrong.webm");
    fs::copy(films.path("wrong.webm"), film).unwrap();
    content.write(path, slide("phim.webm", ""));
    golden("check/film-length.txt", &told(&content));
    content.write(path, slide("phim.webm", "duration: 20s\n"));
    content.bangtin(&["check"]).success().stdout_has("warning[video-ends-early]: the film lasts 3 s, the slide 20 s");
}

#[test]
fn the_length_of_an_mp4_film_is_that_of_its_samples() {
    let films = Sandbox::new();
    pictures(&films, &H264, "film.mp4");
    ffmpeg(&films, &["-f", "lavfi", "-i", SOUND, "-c:a", "aac", "sound.m4a"]);
    // Where each box has its length, behind its name, and how many units are a second there.
    for (name, kind, at, second) in [
        ("film.mp4", *b"mvhd", 20, 1_000),
        ("film.mp4", *b"tkhd", 24, 1_000),
        ("film.mp4", *b"mdhd", 20, 10_240),
        ("sound.m4a", *b"mvhd", 20, 1_000),
        ("sound.m4a", *b"tkhd", 24, 1_000),
        ("sound.m4a", *b"mdhd", 20, 44_100),
    ] {
        let kind_name = String::from_utf8_lossy(&kind).into_owned();
        for (seconds, told) in [(1_u32, 1_000), (9, 9_000), (0, 0)] {
            let to = name.replace("film", "wrong").replace("sound", "wrong");
            part(&films, name, |whole| with(whole, place(whole, kind) + at, &(seconds * second).to_be_bytes()), &to);
            assert_eq!(lengths(&films, &to), (3_000, told), "{name}, {kind_name}: {seconds} s");
        }
    }
    // Thirty samples, each as long as a third of what it was; and as many more in one table than there are.
    part(&films, "film.mp4", |whole| with(whole, place(whole, *b"stts") + 16, &341_u32.to_be_bytes()), "short.mp4");
    assert_eq!(lengths(&films, "short.mp4"), (1_000, 3_000));
    part(&films, "film.mp4", |whole| with(whole, place(whole, *b"stts") + 12, &90_u32.to_be_bytes()), "more.mp4");
    assert_eq!(lengths(&films, "more.mp4"), (3_000, 0));
}

/// An Ogg page's check sum (RFC 3533, 6).
fn ogg_sum(page: &[u8]) -> u32 {
    page.iter().fold(0, |sum, byte| {
        let mixed = sum ^ u32::from(*byte) << 24;
        (0..8).fold(mixed, |sum: u32, _| if sum >> 31 == 1 { sum << 1 ^ 0x04c1_1db7 } else { sum << 1 })
    })
}

/// An Ogg file whose last page counts this many samples.
fn with_last_count(whole: &[u8], samples: u64) -> Vec<u8> {
    let at = whole.windows(4).rposition(|part| part == b"OggS").unwrap();
    let mut page = whole[at..].to_vec();
    page[6..14].copy_from_slice(&samples.to_le_bytes());
    page[22..26].fill(0);
    let sum = ogg_sum(&page).to_le_bytes();
    page[22..26].copy_from_slice(&sum);
    [&whole[..at], &page].concat()
}

#[test]
fn the_length_of_a_sound_is_that_of_its_packets() {
    let sounds = Sandbox::new();
    let hum = |options: &[&str], name: &str| ffmpeg(&sounds, &[&["-f", "lavfi", "-i", SOUND], options, &[name]].concat());
    hum(&["-c:a", "libopus"], "opus.ogg");
    hum(&["-c:a", "libopus", "-frame_duration", "60"], "slow.ogg");
    hum(&["-c:a", "libvorbis"], "vorbis.ogg");
    hum(&["-c:a", "libmp3lame"], "cbr.mp3");
    hum(&["-c:a", "libmp3lame", "-q:a", "5"], "vbr.mp3");
    hum(&["-c:a", "libmp3lame", "-ar", "16000"], "low.mp3");
    hum(&["-c:a", "libmp3lame", "-write_xing", "0"], "bare.mp3");
    for name in ["opus.ogg", "slow.ogg", "vorbis.ogg", "cbr.mp3", "vbr.mp3", "low.mp3", "bare.mp3"] {
        let (ms, said) = lengths(&sounds, name);
        assert!((2_990..=3_150).contains(&ms) && said == 0, "{name}: {ms}, {said}");
    }
    // The first packet of a Vorbis sound says less than it lasts.
    let near = |(ms, said): (u64, u64), seconds: u64| ms.abs_diff(3_000) < 50 && said.abs_diff(seconds * 1_000) < 100;
    for (name, second) in [("opus.ogg", 48_000), ("vorbis.ogg", 44_100)] {
        for seconds in [1, 9] {
            part(&sounds, name, |whole| with_last_count(whole, seconds * second), "wrong.ogg");
            let found = lengths(&sounds, "wrong.ogg");
            assert!(near(found, seconds), "{name}, {seconds} s: {found:?}");
        }
    }
    for (name, note) in [("cbr.mp3", *b"Info"), ("vbr.mp3", *b"Xing")] {
        for seconds in [1_u32, 9] {
            // Behind its flags, the number of frames, each of 1,152 samples.
            part(&sounds, name, |whole| with(whole, place(whole, note) + 8, &(seconds * 44_100 / 1_152).to_be_bytes()), "wrong.mp3");
            let found = lengths(&sounds, "wrong.mp3");
            assert!(near(found, seconds.into()), "{name}, {seconds} s: {found:?}");
        }
        // Two sounds in one, as `cat` joins them: the first alone says how long it is.
        part(&sounds, name, |whole| [whole, whole].concat(), "two.mp3");
        let (ms, said) = lengths(&sounds, "two.mp3");
        assert!((6_000..=6_200).contains(&ms) && three_seconds(said), "{name}: {ms}, {said}");
    }
    part(&sounds, "opus.ogg", |whole| [whole, whole].concat(), "two.ogg");
    let cause = fault(&sounds, "two.ogg");
    assert!(cause.0 == "media-broken" && cause.1.contains("it has more than one “Ogg”"), "{cause:?}");
}

#[test]
fn a_film_or_sound_that_begins_late_is_a_warning() {
    let films = Sandbox::new();
    let content = sound();
    both(&films, &[&H264[..], &["-c:a", "aac"]].concat(), "film.mp4");
    both(&films, &["-c:v", "libvpx", "-c:a", "libvorbis"], "film.webm");
    ffmpeg(&films, &["-f", "lavfi", "-i", SOUND, "-c:a", "aac", "sound.m4a"]);
    let late = |by: &str, from: &str, maps: [&str; 2], to: &str| {
        ffmpeg(&films, &["-itsoffset", by, "-i", from, "-i", from, "-map", maps[0], "-map", maps[1], "-c", "copy", to]);
    };
    late("0.5", "film.mp4", ["0:v", "1:a"], "pictures.mp4");
    late("0.05", "film.mp4", ["0:v", "1:a"], "hardly.mp4");
    late("1", "film.mp4", ["1:v", "0:a"], "sound.mp4");
    late("0.5", "film.webm", ["0:v", "1:a"], "pictures.webm");
    late("1", "film.webm", ["1:v", "0:a"], "sound.webm");
    ffmpeg(&films, &["-itsoffset", "1", "-i", "sound.m4a", "-c", "copy", "late.m4a"]);
    for (name, (blank, silent)) in [
        ("film.mp4", (0, 0)),
        ("film.webm", (0, 0)),
        ("sound.m4a", (0, 0)),
        ("hardly.mp4", (50, 0)),
        ("pictures.mp4", (500, 0)),
        ("pictures.webm", (500, 0)),
        ("sound.mp4", (0, 1_000)),
        ("sound.webm", (0, 1_000)),
        ("late.m4a", (0, 1_000)),
    ] {
        let MediaInfo { blank_ms, silent_ms, .. } = facts(&films, name);
        assert!(blank_ms.abs_diff(blank) < 30 && silent_ms.abs_diff(silent) < 30, "{name}: {blank_ms}, {silent_ms}");
    }
    let path = "content/slides/du-lich/phim.md";
    content.write(path, slide("phim.mp4", ""));
    let take = |name: &str| fs::copy(films.path(name), content.path("content/slides/du-lich/phim.mp4")).unwrap();
    for name in ["film.mp4", "hardly.mp4"] {
        take(name);
        assert_eq!(content.bangtin(&["check"]).success().stdout, "", "{name}");
    }
    take("sound.mp4");
    content.bangtin(&["check"]).success().stdout_has("warning[media-starts-late]: the file has no sound for its first 1 s");
    take("pictures.mp4");
    golden("check/film-starts-late.txt", &told(&content));
}

/// A fragmented film whose fragments name no sample.
fn without_samples(whole: &[u8]) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    while let Some(at) = bytes.windows(4).position(|part| part == b"trun") {
        bytes[at..at + 4].copy_from_slice(b"free");
    }
    bytes
}

#[test]
fn a_film_without_a_length_lasts_as_long_as_its_parts() {
    let films = Sandbox::new();
    let sounding = [&H264[..], &["-c:a", "aac", "-g", "10"]].concat();
    both(&films, &[&sounding[..], &["-movflags", "frag_keyframe+empty_moov"]].concat(), "parts.mp4");
    // Here the index has the length of the first fragment alone.
    both(&films, &[&sounding[..], &["-movflags", "frag_keyframe"]].concat(), "first.mp4");
    both(&films, &[&sounding[..], &["-movflags", "frag_keyframe+delay_moov"]].concat(), "delayed.mp4");
    both(&films, &["-c:v", "libvpx", "-c:a", "libopus", "-live", "1"], "live.webm");
    both(&films, &["-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p", "-c:a", "libopus", "-live", "1"], "vp9.webm");
    let content = sound();
    let path = "content/slides/du-lich/phim.md";
    for name in ["parts.mp4", "first.mp4", "delayed.mp4", "live.webm", "vp9.webm"] {
        let (ms, said) = lengths(&films, name);
        // Without an edit list the first picture of these parts stands at 0.2 s; browsers too say 3.2.
        assert!((2_990..=3_200).contains(&ms) && said == 0, "{name}: {ms}, {said}");
        fs::copy(films.path(name), content.path(&format!("content/slides/du-lich/{name}"))).unwrap();
        content.write(path, slide(name, ""));
        assert_eq!(content.bangtin(&["check"]).success().stdout, "", "{name}");
        fs::remove_file(content.path(&format!("content/slides/du-lich/{name}"))).unwrap();
    }
    part(&films, "parts.mp4", without_samples, "none.mp4");
    assert_eq!(lengths(&films, "none.mp4"), (0, 0));
    fs::copy(films.path("none.mp4"), content.path("content/slides/du-lich/none.mp4")).unwrap();
    content.write(path, slide("none.mp4", "duration: 3s\n"));
    assert_eq!(content.bangtin(&["check"]).success().stdout, "");
    content.write(path, slide("none.mp4", ""));
    golden("check/film-no-length.txt", &told(&content));
    // A sound's slide does not say how long the sound is, so that one without a length could be cut off unnoticed.
    ffmpeg(
        &films,
        &["-i", "parts.mp4", "-vn", "-c", "copy", "-movflags", "frag_keyframe+empty_moov", "-frag_duration", "500000", "parts.m4a"],
    );
    assert!((3_000..=3_250).contains(&facts(&films, "parts.m4a").ms));
    part(&films, "parts.m4a", without_samples, "none.m4a");
    assert_eq!(fault(&films, "none.m4a"), ("media-broken", "the file is broken or incomplete: it does not say how long it is".to_owned()));
    // One whose fragments say how long they are all together.
    let with_length = |length: u32| {
        move |whole: &[u8]| {
            let (at, index) = (place(whole, *b"mvex"), place(whole, *b"moov"));
            let mut bytes = [&whole[..at + 4], &[0, 0, 0, 16], b"mehd", &[0; 4], &length.to_be_bytes(), &whole[at + 4..]].concat();
            for size in [index, at] {
                let old = u32::from_be_bytes(bytes[size - 4..size].try_into().unwrap());
                bytes[size - 4..size].copy_from_slice(&(old + 16).to_be_bytes());
            }
            bytes
        }
    };
    part(&films, "parts.mp4", with_length(3_150), "said.mp4");
    assert_eq!(lengths(&films, "said.mp4"), (3_150, 0));
    for wrong in [1_000, 9_000] {
        part(&films, "parts.mp4", with_length(wrong), "said.mp4");
        let (ms, said) = lengths(&films, "said.mp4");
        assert!((3_000..=3_200).contains(&ms) && said == u64::from(wrong), "{wrong}: {ms}, {said}");
    }
}

#[test]
fn codings_are_known_as_the_manual_names_them() {
    let sandbox = Sandbox::new();
    let av1 = ["-c:v", "libaom-av1", "-cpu-used", "8", "-t", "0.5", "-pix_fmt", "yuv420p"];
    let hevc = ["-c:v", "libx265", "-x265-params", "log-level=none", "-t", "0.5", "-pix_fmt", "yuv420p"];
    let films: [(&[&str], &str); 8] = [
        (&H264, "h264.mp4"),
        (&["-c:v", "libvpx"], "vp8.webm"),
        (&["-c:v", "libvpx-vp9", "-pix_fmt", "yuv420p"], "vp9.webm"),
        (&av1, "av1.webm"),
        (&av1, "av1.mp4"),
        (&hevc, "hev1.mp4"),
        (&[&hevc[..], &["-tag:v", "hvc1"]].concat(), "hvc1.mp4"),
        (&["-c:v", "mjpeg", "-t", "0.5"], "mjpeg.mp4"),
    ];
    for (options, name) in films {
        pictures(&sandbox, options, name);
    }
    let good = ["h264.mp4", "vp8.webm", "vp9.webm", "av1.webm"];
    assert_eq!(good.map(|name| fault(&sandbox, name).0), ["good"; 4]);
    // x265 writes its settings into the header, which is longer than a kilobyte.
    let other = ["av1.mp4", "hev1.mp4", "hvc1.mp4", "mjpeg.mp4"];
    assert_eq!(other.map(|name| fault(&sandbox, name).0), ["media-coding"; 4]);
    let named = [("hev1.mp4", "H.265 (HEVC)"), ("hvc1.mp4", "H.265 (HEVC)"), ("av1.mp4", "AV1"), ("mjpeg.mp4", "mp4v")];
    for (name, coding) in named {
        let cause = format!("pictures or sound are coded in a way that players don't take ({coding})");
        assert_eq!(fault(&sandbox, name), ("media-coding", cause), "{name}");
    }
    // An upright film of a phone is kept as it was held, with a turn.
    ffmpeg(&sandbox, &["-i", "h264.mp4", "-c", "copy", "-metadata:s:v:0", "rotate=90", "turned.mp4"]);
    let turned = facts(&sandbox, "turned.mp4");
    assert_eq!((turned.width, turned.height), (48, 64));
}

#[test]
fn a_film_that_few_players_decode_is_a_warning() {
    let films = Sandbox::new();
    for (coder, format, name) in [
        ("libx264", "yuv420p10le", "ten.mp4"),
        ("libx264", "yuv444p", "full.mp4"),
        ("libx264", "yuv422p", "half.mp4"),
        ("libvpx-vp9", "yuv420p10le", "ten.webm"),
        ("libvpx-vp9", "yuv444p", "full.webm"),
        ("libaom-av1", "yuv420p10le", "av1.webm"),
        ("libaom-av1", "yuv420p", "plain-av1.webm"),
        ("libvpx-vp9", "yuv420p", "plain.webm"),
        ("libx264", "yuv420p", "plain.mp4"),
    ] {
        let cpu: &[&str] = if coder == "libx264" { &[] } else { &["-cpu-used", "8"] };
        pictures(&films, &[&["-c:v", coder][..], cpu, &["-t", "0.5", "-pix_fmt", format]].concat(), name);
        assert_eq!(facts(&films, name).rare, !name.contains("plain"), "{name}");
    }
    pictures(&films, &["-c:v", "libx264", "-profile:v", "baseline", "-pix_fmt", "yuv420p"], "base.mp4");
    assert!(!facts(&films, "base.mp4").rare);
    let content = sound();
    fs::copy(films.path("ten.mp4"), content.path("content/slides/du-lich/phim.mp4")).unwrap();
    content.write("content/slides/du-lich/phim.md", slide("phim.mp4", "duration: 1s\n"));
    golden("check/film-rare.txt", &told(&content));
}

#[test]
fn a_film_that_ends_before_its_slide_is_a_warning() {
    let content = sound();
    ffmpeg(&content, &[&["-f", "lavfi", "-i", PICTURES][..], &H264, &["content/slides/du-lich/phim.mp4"]].concat());
    let path = "content/slides/du-lich/phim.md";
    for (duration, warned) in [("20s", true), ("5s", true), ("4s", false), ("3s", false)] {
        content.write(path, slide("phim.mp4", &format!("duration: {duration}\n")));
        let done = content.bangtin(&["check"]).success();
        assert_eq!(done.stdout.contains("warning[video-ends-early]"), warned, "{duration}: {}", done.stdout);
    }
    // What a translation takes from its original is told once; its own film is its own.
    content.write(path, slide("phim.mp4", "duration: 20s\n"));
    let short = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=0.5", "-c:v", "libx264", "-pix_fmt", "yuv420p"];
    ffmpeg(&content, &[&short[..], &["content/slides/du-lich/film.mp4"]].concat());
    content.write("content/slides/du-lich/phim.en.md", "---\ntitle: Film\nvideo: film.mp4\n---\n");
    golden("check/film-ends-early.txt", &told(&content));
    content.write("content/slides/du-lich/phim.en.md", "---\ntitle: Film\n---\n");
    assert_eq!(content.bangtin(&["check"]).success().stdout.matches("warning[video-ends-early]").count(), 1);
    // Of a slide whose duration is at fault, or whose film gives none, nothing follows.
    for (film, keys) in [("phim.mp4", "duration: 3 giây\n"), ("film.mp4", "")] {
        content.write(path, slide(film, keys));
        let said = content.bangtin(&["check"]).code(1).stdout;
        assert_eq!((said.matches("error[").count(), said.matches("warning[").count()), (1, 0), "{said}");
    }
}

#[test]
fn a_film_whose_sound_goes_on_after_its_pictures_is_a_warning() {
    let films = Sandbox::new();
    let long = |seconds: u32, options: &[&str], name: &str| {
        let sound = format!("sine=duration={seconds}");
        ffmpeg(&films, &[&["-f", "lavfi", "-i", PICTURES, "-f", "lavfi", "-i", &sound], options, &[name]].concat());
    };
    let mp4 = [&H264[..], &["-c:a", "aac"]].concat();
    let parts = [&mp4[..], &["-g", "10", "-movflags", "frag_keyframe+empty_moov"]].concat();
    let webm = ["-c:v", "libvpx", "-c:a", "libopus"];
    for (name, options) in [("long.mp4", &mp4[..]), ("parts.mp4", &parts[..]), ("long.webm", &webm[..])] {
        long(8, options, name);
        let MediaInfo { ms, still_ms, .. } = facts(&films, name);
        // The parts begin at 0.2 s.
        assert!(ms.abs_diff(8_000) < 250 && still_ms.abs_diff(5_000) < 250, "{name}: {ms}, {still_ms}");
        long(3, options, name);
        assert_eq!(facts(&films, name).still_ms, 0, "{name}");
    }
    long(8, &mp4, "long.mp4");
    let (content, path) = (sound(), "content/slides/du-lich/phim.md");
    fs::copy(films.path("long.mp4"), content.path("content/slides/du-lich/phim.mp4")).unwrap();
    let begins = "warning[video-ends-early]: the film's pictures last 3 s (its sound lasts longer), the slide ";
    for (keys, told) in [("", true), ("duration: 6s\n", true), ("duration: 3s\n", false)] {
        content.write(path, slide("phim.mp4", keys));
        let said = content.bangtin(&["check"]).success().stdout;
        assert_eq!((said.contains("video-ends-early"), said.contains(begins)), (told, told), "{keys}: {said}");
        let rest = "the slide 6 s: for the last 3 s the film's last picture stands";
        assert_eq!(said.contains(rest), keys.contains("6s"), "{keys}: {said}");
    }
    content.write(path, slide("phim.mp4", ""));
    let vietnamese = content.bangtin(&["--lang", "vi", "check"]).success();
    vietnamese.stdout_has("hình của phim dài 3 giây (tiếng dài hơn), trang chiếu 8").stdout_has("cắt tiếng cho bằng hình");
}

#[test]
fn a_film_or_sound_of_which_a_browser_has_a_choice_is_a_warning() {
    let films = Sandbox::new();
    both(&films, &[&H264[..], &["-c:a", "aac"]].concat(), "one.mp4");
    let again = |maps: &[&str], more: &[&str], to: &str| {
        let maps: Vec<&str> = maps.iter().flat_map(|map| ["-map", *map]).collect();
        ffmpeg(&films, &[&["-i", "one.mp4"][..], &maps, more, &[to]].concat());
    };
    again(&["0:v", "0:v", "0:a"], &["-c", "copy"], "pictures.mp4");
    again(&["0:v", "0:a", "0:a"], &["-c", "copy"], "sounds.mp4");
    let webm = ["-c:v", "libvpx", "-c:a", "libvorbis"];
    again(&["0:v", "0:v"], &webm, "pictures.webm");
    again(&["0:v", "0:a", "0:a"], &webm, "sounds.webm");
    again(&["0:v", "0:a"], &webm, "one.webm");
    again(&["0:a", "0:a"], &["-c", "copy"], "sounds.m4a");
    again(&["0:a"], &["-c", "copy"], "one.m4a");
    for (name, told) in [
        ("one.mp4", false),
        ("pictures.mp4", true),
        ("sounds.mp4", true),
        ("one.webm", false),
        ("pictures.webm", true),
        ("sounds.webm", true),
        ("one.m4a", false),
        ("sounds.m4a", true),
    ] {
        assert_eq!(facts(&films, name).has_choice, told, "{name}");
    }
    let content = sound();
    fs::copy(films.path("pictures.mp4"), content.path("content/slides/du-lich/pictures.mp4")).unwrap();
    content
        .write("content/slides/du-lich/phim.md", slide("pictures.mp4", ""))
        .write("content/slides/du-lich/phim.en.md", "---\ntitle: Film\n---\n");
    golden("check/film-tracks.txt", &told(&content));
}

/// A file in which the boxes of this path stand twice; sizes around them grow.
fn doubled(bytes: &[u8], path: &[&str]) -> Vec<u8> {
    let (mut out, mut at) = (Vec::new(), 0);
    while at + 8 <= bytes.len() {
        let size = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let whole = &bytes[at..at + size];
        match path {
            [last] if whole[4..8] == *last.as_bytes() => out.extend([whole, whole].concat()),
            [first, rest @ ..] if whole[4..8] == *first.as_bytes() => {
                let held = doubled(&whole[8..], rest);
                out.extend([&u32::try_from(8 + held.len()).unwrap().to_be_bytes()[..], &whole[4..8], &held].concat());
            }
            _ => out.extend(whole),
        }
        at += size;
    }
    out
}

#[test]
fn a_film_that_says_two_things_of_itself_is_refused() {
    let films = Sandbox::new();
    both(&films, &[&H264[..], &["-c:a", "aac"]].concat(), "one.mp4");
    ffmpeg(&films, &["-ss", "1", "-i", "one.mp4", "-c", "copy", "edited.mp4"]);
    ffmpeg(&films, &["-f", "lavfi", "-i", SOUND, "-c:a", "aac", "one.m4a"]);
    let twice = |name: &str| {
        format!(
            "the file is broken or incomplete: it has more than one “{name}”, of which there may be one, so each machine may show another"
        )
    };
    let cases: [(&str, &[&str]); 16] = [
        ("one.mp4", &["ftyp"]),
        ("one.mp4", &["moov"]),
        ("one.mp4", &["moov", "mvhd"]),
        ("one.mp4", &["moov", "trak", "tkhd"]),
        ("edited.mp4", &["moov", "trak", "edts"]),
        ("edited.mp4", &["moov", "trak", "edts", "elst"]),
        ("one.mp4", &["moov", "trak", "mdia"]),
        ("one.mp4", &["moov", "trak", "mdia", "mdhd"]),
        ("one.mp4", &["moov", "trak", "mdia", "hdlr"]),
        ("one.mp4", &["moov", "trak", "mdia", "minf"]),
        ("one.mp4", &["moov", "trak", "mdia", "minf", "stbl"]),
        ("one.mp4", &["moov", "trak", "mdia", "minf", "stbl", "stsd"]),
        ("one.mp4", &["moov", "trak", "mdia", "minf", "stbl", "stts"]),
        ("one.mp4", &["moov", "trak", "mdia", "minf", "stbl", "stsz"]),
        ("one.mp4", &["moov", "trak", "mdia", "minf", "stbl", "stco"]),
        ("one.m4a", &["moov"]),
    ];
    for (from, path) in cases {
        let to = from.replace("one", "two").replace("edited", "two");
        part(&films, from, |whole| doubled(whole, path), &to);
        assert_eq!(fault(&films, &to), ("media-broken", twice(path.last().unwrap())), "{path:?}");
    }
    // Two films in one, as `cat` joins them.
    part(&films, "one.mp4", |whole| [whole, whole].concat(), "two.mp4");
    assert_eq!(fault(&films, "two.mp4"), ("media-broken", twice("ftyp")));
    // What may stand often, may.
    part(&films, "one.mp4", |whole| [whole, b"\0\0\0\x08free\0\0\0\x08free"].concat(), "free.mp4");
    assert_eq!(fault(&films, "free.mp4").0, "good");
    let webm = ["-c:v", "libvpx", "-c:a", "libopus"];
    both(&films, &webm, "one.webm");
    both(&films, &[&webm[..], &["-live", "1"]].concat(), "live.webm");
    for from in ["one.webm", "live.webm"] {
        part(&films, from, |whole| [whole, whole].concat(), "two.webm");
        assert_eq!(fault(&films, "two.webm"), ("media-broken", twice("Segment")), "{from}");
        for (name, id) in [("Tracks", [0x16, 0x54, 0xae, 0x6b]), ("Info", [0x15, 0x49, 0xa9, 0x66])] {
            part(&films, from, |whole| element_again(whole, id, 0), "same.webm");
            assert_eq!(fault(&films, "same.webm").0, "good", "{from} {name}: the same again");
            part(&films, from, |whole| element_again(whole, id, 1), "two.webm");
            assert_eq!(fault(&films, "two.webm"), ("media-broken", twice(name)), "{from}");
        }
    }
    let content = sound();
    part(&films, "one.mp4", |whole| doubled(whole, &["moov"]), "two.mp4");
    fs::copy(films.path("two.mp4"), content.path("content/slides/du-lich/phim.mp4")).unwrap();
    content.write("content/slides/du-lich/phim.md", slide("phim.mp4", ""));
    golden("check/film-twice.txt", &told(&content));
}

/// A WebM file in which an element of its segment stands twice, the last byte of the second changed by so much.
fn element_again(bytes: &[u8], id: [u8; 4], by: u8) -> Vec<u8> {
    // How long a size is written stands in its first bits.
    let size = |at: usize| {
        let width = bytes[at].leading_zeros() as usize + 1;
        (width, bytes[at..at + width].iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte)) & (u64::MAX >> (64 - 7 * width)))
    };
    // The list of what stands where names it before.
    let at = bytes.windows(4).rposition(|part| *part == id).unwrap();
    let (width, held) = size(at + 4);
    let end = at + 4 + width + usize::try_from(held).unwrap();
    let mut again = bytes[at..end].to_vec();
    *again.last_mut().unwrap() ^= by;
    let mut out = [&bytes[..end], &again, &bytes[end..]].concat();
    let segment = place(bytes, [0x18, 0x53, 0x80, 0x67]) + 4;
    let (width, held) = size(segment);
    // All ones: its size is unknown.
    if held != u64::MAX >> (64 - 7 * width) {
        let grown = (held + again.len() as u64).to_be_bytes();
        out[segment + 1..segment + width].copy_from_slice(&grown[8 - (width - 1)..]);
    }
    out
}
