//! The journal of a player: what spoils it, a disk that takes nothing, and how old segments go.

use std::fs;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use bangtin::base::digest::Digest;
use bangtin::base::ids::{PlayerId, SiteId};
use bangtin::base::limits::{RETURNS_BYTES, RETURNS_DAYS, SEGMENT_BYTES};
use bangtin::base::text::Text;
use bangtin::player::record::audit::{JournalFaults, journal_faults, memory_fault};
use bangtin::player::record::entry::{JournalEntry, SegmentHeader};
use bangtin::player::record::journal::{Journal, JournalOwner};
use bangtin::player::record::memory::JournalMemory;
use bangtin::trust::secret::SecretKey;
use bangtin::trust::signature::SignatureFile;

const DAY_MS: i64 = 86_400_000;

fn open(folder: &Path, now: i64, floor_ms: i64) -> Journal {
    let (site, player) = (SiteId::parse("ta-lung").unwrap(), PlayerId::parse("ta-lung-1").unwrap());
    let memory = folder.join("memory");
    Journal::open(JournalOwner { folder: folder.to_owned(), memory, given: 0, site, player, key: Ok(None), floor_ms }, now)
}

/// A journal signed with this key, what is remembered of it, and its folder.
struct Signed(tempfile::TempDir, String);

impl Signed {
    /// With segments of this many days, of two entries each; the last is open.
    fn of_days(days: i64) -> Self {
        let signed = Self(tempfile::tempdir().unwrap(), SecretKey::generate(None).unwrap().1);
        let mut journal = signed.open(DAY_MS);
        for day in 1..=days {
            journal.append(&incident(day), day * DAY_MS).unwrap();
            journal.append(&incident(day), day * DAY_MS + 1).unwrap();
        }
        signed
    }

    fn owner(&self) -> JournalOwner {
        let (site, player) = (SiteId::parse("ta-lung").unwrap(), PlayerId::parse("ta-lung-1").unwrap());
        let key = SecretKey::from_file_text(&self.1, || Ok(String::new())).unwrap();
        let (folder, memory) = (self.path("returns"), self.path("journal.json"));
        JournalOwner { folder, memory, given: 0, site, player, key: Ok(Some(key)), floor_ms: 0 }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn segment(&self, name: &str) -> std::path::PathBuf {
        self.path("returns").join(name)
    }

    fn open(&self, now: i64) -> Journal {
        Journal::open(self.owner(), now)
    }

    /// What the player tells after a start on that day, and the text of the segment that it then writes.
    fn start(&self, day: i64, seq: u64) -> (Vec<String>, String) {
        self.start_with(0, day, seq)
    }

    /// The same, where the state says that segments were given numbers up to this one.
    fn start_with(&self, given: u64, day: i64, seq: u64) -> (Vec<String>, String) {
        let mut journal = Journal::open(JournalOwner { given, ..self.owner() }, day * DAY_MS + 2);
        journal.append(&incident(day), day * DAY_MS + 3).unwrap();
        assert_eq!(segments(&self.path("returns")).last(), Some(&seq));
        (journal.faults().map(|fault| fault.en.clone()).collect(), last_text(&self.path("returns"), seq))
    }

    fn verified(&self) -> Vec<(String, String)> {
        self.verified_with(0)
    }

    fn verified_with(&self, given: u64) -> Vec<(String, String)> {
        let owner = JournalOwner { given, ..self.owner() };
        let memory = memory_fault(&owner).map(|fault| ("journal.json".to_owned(), fault));
        let JournalFaults { damaged, unsigned } = journal_faults(&owner);
        memory.into_iter().chain(damaged).chain(unsigned).map(|(name, Text { en, .. })| (name, en)).collect()
    }

    /// Changes what is remembered, as somebody would who knows its form.
    fn remember(&self, change: impl FnOnce(&mut JournalMemory)) {
        let mut memory = JournalMemory::load(&self.path("journal.json")).unwrap();
        change(&mut memory);
        memory.save(&self.path("journal.json")).unwrap();
    }
}

/// Changes the bytes of a file.
fn bend(path: &Path, change: impl FnOnce(String) -> String) {
    fs::write(path, change(fs::read_to_string(path).unwrap())).unwrap();
}

#[test]
fn f43_a_damaged_line_of_the_open_segment_is_told_and_the_segment_is_closed_unsigned() {
    type Spoil = fn(String) -> String;
    let spoils: [Spoil; 5] = [
        |text| text.replacen("\"type\":\"incident\"", "\"type\":#incident\"", 1),
        |text| text.replacen("incident", &"\0".repeat(8), 1),
        |text| text.replacen("}\n{\"type\"", "}\n#### garbage\n{\"type\"", 1),
        |text| text.replacen("\"}\n{\"type\"", "\"}{\"type\"", 2),
        |text| text.replacen("\"type\":\"incident\"", "\"type\":\"unheard\"", 2),
    ];
    for (at, spoil) in spoils.into_iter().enumerate() {
        let signed = Signed::of_days(2);
        assert_eq!(signed.verified(), [], "{at}");
        let path = signed.segment("2.jsonl");
        bend(&path, spoil);
        let spoiled = fs::read(&path).unwrap();
        assert!(matches!(&signed.verified()[..], [(name, what)] if name == "2.jsonl" && what.contains("is damaged from byte ")), "{at}");
        let (faults, text) = signed.start(2, 3);
        assert!(faults.len() == 1 && faults[0].contains("2.jsonl of the journal is damaged from byte "), "{at}: {faults:?}");
        assert!(text.contains("\"journal-damaged\"") && text.contains("segment 2 is damaged from byte "), "{at}: {text}");
        // It stays as it lay there, and goes on to be without a signature.
        signed.start(2, 3);
        signed.start(3, 4);
        assert_eq!((fs::read(&path).unwrap(), signed.segment("2.jsonl.minisig").exists()), (spoiled, false), "{at}");
        assert!(signed.segment("1.jsonl.minisig").exists() && signed.segment("3.jsonl.minisig").exists(), "{at}");
        assert_eq!(signed.verified().len(), 1, "{at}: {:?}", signed.verified());
    }
}

#[test]
fn f43_a_closed_segment_that_has_changed_gets_no_signature_and_verify_names_it() {
    let other = |text: String| text.replacen("\"test\"", "\"tost\"", 1);
    let signed = Signed::of_days(3);
    bend(&signed.segment("1.jsonl"), other);
    let what = |signed: &Signed| signed.verified().into_iter().map(|(name, what)| format!("{name} {what}")).collect::<Vec<_>>();
    assert_eq!(what(&signed), ["1.jsonl is not as it was closed: the digest written down then is another"]);
    fs::remove_file(signed.segment("1.jsonl.minisig")).unwrap();
    let (faults, text) = signed.start(3, 3);
    assert!(!signed.segment("1.jsonl.minisig").exists() && text.contains("\"journal-damaged\""), "{text}");
    assert!(faults.len() == 1 && faults[0].contains("1.jsonl of the journal is not as it was closed"), "{faults:?}");
    // Another signature, one that is gone, and one of a key that the player had before.
    let signed = Signed::of_days(3);
    let minisig = signed.segment("2.jsonl.minisig");
    let good = fs::read(&minisig).unwrap();
    fs::copy(signed.segment("1.jsonl.minisig"), &minisig).unwrap();
    assert_eq!(what(&signed), ["2.jsonl its signature does not match"]);
    fs::remove_file(&minisig).unwrap();
    let unsigned = "2.jsonl has no signature that can be read; a restart signs it: systemctl restart bangtin-player";
    assert_eq!(what(&signed), [unsigned]);
    // So it does, also where something else lies in its place.
    for other in [None, Some("")] {
        other.into_iter().for_each(|other| fs::write(&minisig, other).unwrap());
        assert_eq!(what(&signed), [unsigned], "{other:?}");
        assert_eq!((signed.start(3, 3).0, fs::read(&minisig).unwrap().is_empty(), what(&signed)), (vec![], false, vec![]), "{other:?}");
    }
    fs::write(&minisig, good).unwrap();
    assert_eq!(what(&Signed(signed.0, SecretKey::generate(None).unwrap().1)), [""; 0]);
}

#[test]
fn f43_nothing_is_signed_that_the_next_segment_and_what_is_remembered_do_not_name_alike() {
    // What is done to three segments of a player that is off, of which the first two are signed: both of the digests that name the second
    // are forged, or one of them, or there is none left.
    let forge = |signed: &Signed, named: bool, remembered: bool| {
        let path = signed.segment("2.jsonl");
        let old = Digest::of(&fs::read(&path).unwrap()).to_string();
        bend(&path, |text| text.replacen("\"test\"", "\"tost\"", 1));
        fs::remove_file(signed.segment("2.jsonl.minisig")).unwrap();
        let new = Digest::of(&fs::read(&path).unwrap()).to_string();
        if named {
            bend(&signed.segment("3.jsonl"), |text| text.replace(&old, &new));
        }
        if remembered {
            signed.remember(|memory| memory.before = Digest::parse(&new));
        }
    };
    for (named, remembered) in [(false, false), (true, false), (false, true)] {
        let signed = Signed::of_days(3);
        forge(&signed, named, remembered);
        assert!(!signed.verified().is_empty(), "{named} {remembered}");
        // Where its heading has changed, or is not the one that is remembered, the open segment is not continued.
        let apart = named != remembered;
        let (faults, text) = signed.start(3, if apart { 4 } else { 3 });
        assert!(!signed.segment("2.jsonl.minisig").exists(), "{named} {remembered}");
        assert!(faults.iter().any(|fault| fault.contains("2.jsonl of the journal is not as it was closed")), "{faults:?}");
        assert!(text.contains("\"journal-damaged\"") && text.contains("\"journal-unreadable\"") == apart, "{text}");
        signed.start(4, if apart { 5 } else { 4 });
        assert!(!signed.segment("2.jsonl.minisig").exists(), "{named} {remembered}: nor at a later start");
    }
    // The next segment is gone, or its heading can't be read.
    let spoils: [fn(&Path); 2] = [|path| fs::remove_file(path).unwrap(), |path| fs::write(path, "#").unwrap()];
    for spoil in spoils {
        let signed = Signed::of_days(4);
        forge(&signed, false, false);
        spoil(&signed.segment("3.jsonl"));
        let (faults, text) = signed.start(4, 4);
        assert!(!signed.segment("2.jsonl.minisig").exists(), "{text}");
        assert!(faults.iter().any(|fault| fault.contains("2.jsonl of the journal has nothing that says what it held")), "{faults:?}");
    }
}

#[test]
fn f43_other_lines_in_the_open_segment_are_missed_though_each_is_an_entry() {
    type Spoil = fn(String) -> String;
    let spoils: [Spoil; 3] = [
        |text| text.replacen("\"test\"", "\"tost\"", 1),
        |text| text.lines().take(2).map(|line| format!("{line}\n")).collect(),
        |text| text.replacen('\n', "\n{\"type\":\"switch\",\"at\":1,\"epoch\":1,\"version\":2}\n", 1),
    ];
    for (at, spoil) in spoils.into_iter().enumerate() {
        // While the player is off.
        let signed = Signed::of_days(2);
        bend(&signed.segment("2.jsonl"), spoil);
        assert_eq!(signed.verified(), [("2.jsonl".to_owned(), "is not as it was written: lines are missing or are others".to_owned())]);
        let (faults, text) = signed.start(2, 3);
        assert!(faults.len() == 1 && faults[0].contains("2.jsonl.unreadable"), "{at}: {faults:?}");
        assert!(text.contains("\"journal-unreadable\"") && signed.segment("2.jsonl.unreadable").exists(), "{at}: {text}");
        assert!(!signed.segment("2.jsonl.minisig").exists(), "{at}");
        // While it runs: found when the segment is closed, and at no later start forgotten.
        let signed = Signed::of_days(1);
        let mut journal = signed.open(DAY_MS + 2);
        journal.append(&incident(1), DAY_MS + 3).unwrap();
        bend(&signed.segment("1.jsonl"), spoil);
        journal.append(&incident(2), 2 * DAY_MS).unwrap();
        let faults: Vec<_> = journal.faults().map(|fault| fault.en.clone()).collect();
        assert!(faults.len() == 1 && faults[0].contains("1.jsonl of the journal is not as it was closed"), "{at}: {faults:?}");
        drop(journal);
        signed.start(3, 3);
        assert!(!signed.segment("1.jsonl.minisig").exists() && signed.segment("2.jsonl.minisig").exists(), "{at}");
    }
}

#[test]
fn segments_are_chained_signed_and_survive_a_torn_line() {
    let signed = Signed::of_days(1);
    let first = signed.segment("1.jsonl");
    OpenOptions::new().append(true).open(&first).unwrap().write_all(b"{\"type\":\"pl").unwrap();
    let mut journal = signed.open(DAY_MS + 2);
    let text = fs::read_to_string(&first).unwrap();
    assert!(text.ends_with("were cut off\"}\n") && text.lines().count() == 4, "{text}");
    assert!(text.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{text}");
    journal.append(&incident(2), 2 * DAY_MS).unwrap();
    let second = fs::read_to_string(signed.segment("2.jsonl")).unwrap();
    let heading: SegmentHeader = serde_json::from_str(second.lines().next().unwrap()).unwrap();
    assert_eq!((heading.seq, heading.before), (2, Some(Digest::of(text.as_bytes()))));
    let signature = SignatureFile::parse(&fs::read(signed.segment("1.jsonl.minisig")).unwrap()).unwrap();
    assert!(signature.verifies_with(signed.owner().key.unwrap().unwrap().public(), text.as_bytes()));
}

#[test]
fn f44_segments_that_vanish_are_missed_once_and_no_number_is_given_twice() {
    // Which of three are removed, which are missed, and the number that is written next.
    let cases: [(&[u64], Option<&str>, u64); 7] = [
        (&[], None, 3),
        (&[3], Some("segment 3 is missing"), 4),
        (&[2, 3], Some("segments 2 to 3 are missing"), 4),
        (&[1, 2, 3], Some("segment 3 is missing"), 4),
        (&[2], Some("segment 2 is missing"), 3),
        (&[1], None, 3),
        (&[1, 2], None, 3),
    ];
    for (removed, missed, next) in cases {
        let signed = Signed::of_days(3);
        for seq in removed {
            fs::remove_file(signed.segment(&format!("{seq}.jsonl"))).unwrap();
            let _ = fs::remove_file(signed.segment(&format!("{seq}.jsonl.minisig")));
        }
        assert_eq!(signed.verified().len(), usize::from(missed.is_some()), "{removed:?}: {:?}", signed.verified());
        let (faults, text) = signed.start(3, next);
        assert_eq!(faults.len(), usize::from(missed.is_some()), "{removed:?}: {faults:?}");
        let incident = missed.map(|missed| format!("\"journal-missing\",\"at\":{},\"detail\":\"{missed}\"", 3 * DAY_MS + 2));
        assert!(incident.is_none_or(|incident| text.contains(&incident)), "{removed:?}: {text}");
        let (faults, text) = signed.start(3, next);
        assert!(faults.is_empty() && text.matches("journal-missing").count() == usize::from(missed.is_some()), "{removed:?}: {text}");
    }
    // The whole folder, and what is remembered: the folder says what there is.
    let signed = Signed::of_days(3);
    fs::remove_dir_all(signed.path("returns")).unwrap();
    assert!(signed.start(3, 4).1.contains("segment 3 is missing"));
    for (memory, next) in ["", "{\"seq\":99999999999999999999}", "{\"seq\":18446744073709551615,\"before\":null}"].into_iter().zip(5..) {
        fs::write(signed.path("journal.json"), memory).unwrap();
        assert!(signed.start(3, next).1.contains("journal-memory-lost"), "{memory}");
    }
}

#[test]
fn f44_where_what_is_remembered_is_lost_nothing_doubtful_is_signed_and_no_number_is_given_twice() {
    type Spoil = fn(&Path, Vec<u8>);
    let kinds: [(&str, Spoil); 6] = [
        ("is missing", |path, _| fs::remove_file(path).unwrap()),
        ("can't be read", |path, _| fs::write(path, "").unwrap()),
        ("can't be read", |path, _| bend(path, |text| text.replacen(":3", ":4", 1))),
        ("can't be read", |path, _| bend(path, |text| text.replacen('{', "[", 1))),
        ("can't be read", |path, _| fs::remove_file(path).and_then(|()| fs::create_dir(path)).unwrap()),
        ("is older than the segments", |path, older| fs::write(path, older).unwrap()),
    ];
    let forged = |text: String| text.replacen('\n', "\n{\"type\":\"switch\",\"at\":1,\"epoch\":1,\"version\":2}\n", 1);
    for (at, (what, spoil)) in kinds.into_iter().enumerate() {
        // With the newest segment there, in which somebody has put a line, then with it removed as well, in either order.
        for newest in [true, false] {
            let signed = Signed::of_days(2);
            let older = fs::read(signed.path("journal.json")).unwrap();
            signed.start(3, 3);
            spoil(&signed.path("journal.json"), older);
            if newest {
                bend(&signed.segment("3.jsonl"), forged);
            } else {
                fs::remove_file(signed.segment("3.jsonl")).unwrap();
            }
            let case = format!("{at} {newest}");
            let verified = signed.verified_with(3);
            assert!(verified.iter().any(|(name, told)| name == "journal.json" && told.starts_with(what)), "{case}: {verified:?}");
            let (faults, text) = signed.start_with(3, 3, 4);
            assert!(faults.iter().any(|fault| fault.contains("/journal.json ") && fault.contains(what)), "{case}: {faults:?}");
            assert!(
                text.contains(&format!("\"journal-memory-lost\",\"at\":{},\"detail\":\"journal.json {what}", 3 * DAY_MS + 2)),
                "{text}"
            );
            assert_eq!(text.contains("segment 3 is missing"), !newest, "{case}: {text}");
            let (faults, text) = signed.start_with(4, 3, 4);
            assert!(faults.is_empty() && text.matches("journal-memory-lost").count() == 1, "{case}: once: {faults:?} {text}");
            signed.start_with(4, 4, 5);
            assert!(!signed.segment("3.jsonl.minisig").exists() && signed.segment("4.jsonl.minisig").exists(), "{case}");
            let verified = signed.verified_with(5);
            assert!(verified.iter().all(|(name, _)| name == "3.jsonl"), "{case}: {verified:?}");
            if newest {
                // What is told says how it ends.
                assert!(
                    verified[0].1.ends_with("Copy it and those before it to the office, then remove them here"),
                    "{case}: {verified:?}"
                );
                for seq in 1..=3 {
                    ["jsonl", "jsonl.minisig"].iter().for_each(|end| drop(fs::remove_file(signed.segment(&format!("{seq}.{end}")))));
                }
                assert_eq!(signed.verified_with(5), [], "{case}");
            }
        }
    }
    // A segment that a crash left unsigned is not signed either: both that name it may be forged.
    let signed = Signed::of_days(3);
    fs::remove_file(signed.segment("2.jsonl.minisig")).unwrap();
    fs::remove_file(signed.path("journal.json")).unwrap();
    signed.start(3, 4);
    signed.start(4, 5);
    assert!(!signed.segment("2.jsonl.minisig").exists());
    // What no segment and no state tells of is a first start, also where it was killed before its first line.
    for lines in [0, 1] {
        let signed = Signed::of_days(0);
        bend(&signed.segment("1.jsonl"), |text| text.lines().take(lines).map(|line| format!("{line}\n")).collect());
        fs::remove_file(signed.path("journal.json")).unwrap();
        if lines == 0 {
            fs::remove_file(signed.segment("1.jsonl")).unwrap();
        }
        assert_eq!((signed.verified(), signed.start(1, 1).0), (Vec::new(), Vec::new()), "{lines}");
    }
    // A state alone tells of it.
    let signed = Signed(tempfile::tempdir().unwrap(), SecretKey::generate(None).unwrap().1);
    assert!(signed.start_with(7, 1, 8).1.contains("segment 7 is missing"));
}

#[test]
fn f44_what_is_remembered_and_vanishes_while_the_player_runs_is_written_anew() {
    let signed = Signed::of_days(1);
    let journal = signed.open(DAY_MS + 2);
    fs::remove_file(signed.path("journal.json")).unwrap();
    drop(journal);
    assert_eq!((signed.verified(), signed.start(1, 1).0), (Vec::new(), Vec::new()));
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

#[test]
fn f43_what_is_no_file_in_place_of_a_closed_segment_or_its_signature_is_told_at_a_start() {
    let in_place = |path: &Path| fs::remove_file(path).and_then(|()| fs::create_dir(path)).unwrap();
    let signed = Signed::of_days(3);
    in_place(&signed.segment("1.jsonl"));
    let (faults, text) = signed.start(3, 3);
    assert!(faults.len() == 1 && faults[0].contains("1.jsonl of the journal is no file any more"), "{faults:?}");
    assert!(text.contains("\"journal-damaged\"") && text.contains("segment 1 is no file any more"), "{text}");
    assert!(signed.verified().iter().any(|(name, _)| name == "1.jsonl"), "{:?}", signed.verified());
    // Also without a key.
    let unsigned = Journal::open(JournalOwner { key: Ok(None), ..signed.owner() }, 3 * DAY_MS + 9);
    assert!(unsigned.faults().any(|fault| fault.en.contains("1.jsonl of the journal is no file any more")));
    drop(unsigned);
    let signed = Signed::of_days(3);
    in_place(&signed.segment("2.jsonl.minisig"));
    let (faults, _) = signed.start(3, 3);
    assert!(faults.len() == 1 && faults[0].contains("2.jsonl.minisig.unreadable"), "{faults:?}");
    assert!(signed.segment("2.jsonl.minisig").is_file() && signed.verified().is_empty(), "{:?}", signed.verified());
}
