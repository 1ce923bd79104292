//! The journal of a player: what spoils it, a disk that takes nothing, and how old segments go.

use std::fs;
use std::fs::OpenOptions;
use std::path::Path;

use bangtin::base::ids::{PlayerId, SiteId};
use bangtin::base::limits::{RETURNS_BYTES, RETURNS_DAYS, SEGMENT_BYTES};
use bangtin::player::record::entry::JournalEntry;
use bangtin::player::record::journal::{Journal, JournalOwner};

const DAY_MS: i64 = 86_400_000;

fn open(folder: &Path, now: i64, floor_ms: i64) -> Journal {
    let (site, player) = (SiteId::parse("ta-lung").unwrap(), PlayerId::parse("ta-lung-1").unwrap());
    Journal::open(JournalOwner { folder: folder.to_owned(), site, player, key: Ok(None), floor_ms }, now)
}

fn incident(at: i64) -> JournalEntry {
    JournalEntry::Incident { kind: "test".into(), at, detail: String::new() }
}

fn segments(folder: &Path) -> Vec<u64> {
    let number = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().to_str()?.strip_suffix(".jsonl")?.parse().ok();
    let mut all: Vec<u64> = fs::read_dir(folder).unwrap().filter_map(number).collect();
    all.sort_unstable();
    all
}

fn last_text(folder: &Path, seq: u64) -> String {
    fs::read_to_string(folder.join(format!("{seq}.jsonl"))).unwrap()
}

#[test]
fn a_segment_that_can_t_be_continued_is_set_aside_and_the_next_one_says_so() {
    type Spoil = fn(&Path);
    let spoils: [Spoil; 6] = [
        |path| fs::write(path, "").unwrap(),
        |path| fs::write(path, vec![0; 500]).unwrap(),
        |path| fs::write(path, "{\"format\":\"bangtin-ret").unwrap(),
        |path| fs::write(path, vec![b'{'; usize::try_from(SEGMENT_BYTES * 2 + 1).unwrap()]).unwrap(),
        |path| fs::remove_file(path).and_then(|()| fs::create_dir(path)).unwrap(),
        |path| fs::remove_file(path).and_then(|()| std::os::unix::fs::symlink("/dev/zero", path)).unwrap(),
    ];
    for (at, spoil) in spoils.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path(), DAY_MS, 0).append(&incident(1), DAY_MS).unwrap();
        spoil(&folder.path().join("1.jsonl"));
        let mut journal = open(folder.path(), DAY_MS, 0);
        journal.append(&incident(2), DAY_MS).unwrap();
        let text = last_text(folder.path(), 2);
        assert!(text.contains("journal-unreadable") && text.lines().count() == 3, "{at}: {text}");
        assert!(fs::symlink_metadata(folder.path().join("1.jsonl.unreadable")).is_ok(), "{at}");
        let faults: Vec<_> = journal.faults().map(|fault| fault.en.clone()).collect();
        assert!(faults.len() == 1 && faults[0].contains("1.jsonl.unreadable"), "{at}: {faults:?}");
        open(folder.path(), DAY_MS, 0).append(&incident(3), DAY_MS).unwrap();
        assert_eq!(last_text(folder.path(), 2).lines().count(), 4, "{at}: continued");
    }
}

#[test]
fn a_folder_that_takes_nothing_is_told_and_what_can_t_be_told_again_waits() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("returns");
    fs::write(&place, "in the way").unwrap();
    let mut journal = open(&place, DAY_MS, 0);
    assert!(journal.append(&incident(1), DAY_MS).is_err() && journal.faults().next().is_some());
    fs::remove_file(&place).unwrap();
    journal.append(&incident(2), DAY_MS).unwrap();
    assert!(journal.faults().next().is_none());
    assert_eq!(last_text(&place, 1).lines().count(), 3);
}

#[test]
fn a_clock_far_ahead_opens_no_segment_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path(), 40_000 * DAY_MS, 0);
    journal.append(&incident(1), 40_000 * DAY_MS).unwrap();
    journal.append(&incident(2), 20_000 * DAY_MS).unwrap();
    assert_eq!(last_text(folder.path(), 2).lines().count(), 2);
}

#[test]
fn the_oldest_segments_go_by_age_and_the_journal_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path(), DAY_MS, 0);
    for day in 1..=3 {
        journal.append(&incident(day), day * DAY_MS).unwrap();
    }
    // A clock far ahead makes nothing old.
    journal.append(&incident(4), 50_000 * DAY_MS).unwrap();
    assert!(folder.path().join("1.jsonl").exists());
    let mut journal = open(folder.path(), 5 * DAY_MS, (RETURNS_DAYS + 3) * DAY_MS);
    journal.append(&incident(5), 5 * DAY_MS).unwrap();
    assert_eq!(segments(folder.path()), [3, 4, 5]);
    journal.append(&incident(6), 5 * DAY_MS).unwrap();
    assert!(last_text(folder.path(), 5).contains("segments 1 to 2"));
}

#[test]
fn the_oldest_segments_go_by_size_and_nothing_of_the_limit_or_less_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path(), DAY_MS, 0);
    for day in 1..=3 {
        journal.append(&incident(day), day * DAY_MS).unwrap();
    }
    // Files with holes take no room.
    let grow = |seq: u64, size: u64| {
        OpenOptions::new().append(true).open(folder.path().join(format!("{seq}.jsonl"))).unwrap().set_len(size).unwrap();
    };
    grow(1, RETURNS_BYTES / 2);
    grow(2, RETURNS_BYTES / 4);
    journal.append(&incident(4), 4 * DAY_MS).unwrap();
    assert!(folder.path().join("1.jsonl").exists());
    grow(2, RETURNS_BYTES);
    for day in [5, 5] {
        journal.append(&incident(day), day * DAY_MS).unwrap();
    }
    assert_eq!(segments(folder.path()), [3, 4, 5]);
    assert!(last_text(folder.path(), 5).contains("segments 1 to 2"));
}
