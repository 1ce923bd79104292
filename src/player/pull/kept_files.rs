//! How a running player's files lay on the disk when they were last written or read: so that what somebody removes or changes is noticed without
//! reading anything, and told. Never reads or writes a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::os;
use crate::base::stamp::FileStamp;
use crate::base::text::Text;
use crate::text;

/// How long it is told that files were lost.
const TOLD: Duration = Duration::from_secs(86_400);
/// How many of them are named.
const NAMED: usize = 3;

/// See the module.
#[derive(Default)]
pub struct KeptFiles {
    /// None for one that was written and was gone before it could be looked at.
    stamps: BTreeMap<PathBuf, Option<FileStamp>>,
    /// What was lost lately, each file or the highest folder that was gone with it.
    lost: BTreeSet<PathBuf>,
    /// Those of which nobody was told yet.
    untold: BTreeSet<PathBuf>,
    /// When the last was, by the monotonic clock.
    last: Duration,
    /// What is said of it, and whether it was written anew.
    said: Option<Text>,
    stored: bool,
}

impl KeptFiles {
    /// These files are as they should be now, and no others are known. `written`: all of them were, so one that is not there is lost;
    /// otherwise it is not waited for.
    pub fn note(&mut self, paths: impl IntoIterator<Item = PathBuf>, written: bool) {
        let noted = |path: PathBuf| match stamp(&path) {
            Ok(stamp) => Some((path, Some(stamp))),
            Err(error) => (written && os::is_absent(&error)).then_some((path, None)),
        };
        self.stamps = paths.into_iter().filter_map(noted).collect();
    }

    /// These files too, those of them that are there and not among the others: what is known of one stays known.
    pub fn note_more(&mut self, paths: impl IntoIterator<Item = PathBuf>) {
        for path in paths {
            if !self.stamps.contains_key(&path)
                && let Ok(stamp) = stamp(&path)
            {
                self.stamps.insert(path, Some(stamp));
            }
        }
    }

    /// The files that are gone, or that somebody has touched. One of which the disk does not tell is neither.
    pub fn touched(&self) -> Vec<PathBuf> {
        let differs = |(path, noted): &(&PathBuf, &Option<FileStamp>)| match stamp(path) {
            Ok(now) => Some(now) != **noted,
            Err(error) => os::is_absent(&error),
        };
        self.stamps.iter().filter(differs).map(|(path, _)| path.clone()).collect()
    }

    /// Remembers that files were lost, at a moment of the monotonic clock. `data`: the folder in which they lie.
    pub fn lose(&mut self, paths: &[PathBuf], data: &Path, now: Duration) {
        for path in paths {
            let below = path.ancestors().take_while(|above| *above != data && above.starts_with(data));
            let highest = below.skip(1).filter(|folder| fs::symlink_metadata(folder).is_err()).last().unwrap_or(path.as_path());
            if self.lost.insert(highest.to_owned()) {
                self.untold.insert(highest.to_owned());
            }
            self.last = now;
        }
    }

    /// Forgets what was lost a day ago.
    pub fn forget_old(&mut self, now: Duration) {
        if now.saturating_sub(self.last) > TOLD {
            self.lost.clear();
        }
    }

    /// Says what was lost lately. `stored`: whether it was written anew.
    pub fn tell(&mut self, stored: bool) {
        (self.said, self.stored) = (self.words(stored), stored);
    }

    /// What was lost and is not written anew.
    pub fn fault(&self) -> Option<&Text> {
        self.said.as_ref().filter(|_| !self.stored)
    }

    /// What was lost and is written anew.
    pub fn repaired(&self) -> Option<&Text> {
        self.said.as_ref().filter(|_| self.stored)
    }

    fn words(&self, stored: bool) -> Option<Text> {
        let Text { vi, en } = named(&self.lost)?;
        let (then_vi, then_en) = if stored {
            ("đã được ghi lại", "was written anew")
        } else {
            ("sẽ được ghi lại ngay khi ổ đĩa ghi được", "is written anew as soon as the disk takes it")
        };
        Some(text!(
            vi: "tệp của đầu phát bị xóa hoặc thay đổi trên ổ đĩa khi đầu phát đang chạy: {vi}; những gì đầu phát biết {then_vi}, phần còn lại được tải lại. Nếu không ai làm việc đó, hãy thay ổ đĩa; dòng này hết sau một ngày",
            en: "files of the player were removed or changed on the disk while it ran: {en}; what the player knows {then_en}, the rest is fetched again. If nobody did that, replace the disk; this line goes within a day"
        ))
    }

    /// What was lost and not told yet, for the journal.
    pub fn take_untold(&mut self) -> Option<String> {
        let untold = std::mem::take(&mut self.untold);
        named(&untold).map(|text| text.en)
    }
}

/// Whatever else lies in the place of a file: the file is absent.
fn stamp(path: &Path) -> io::Result<FileStamp> {
    let meta = fs::symlink_metadata(path)?;
    if meta.is_file() { Ok(FileStamp::from_metadata(&meta)) } else { Err(ErrorKind::NotFound.into()) }
}

/// Some of the paths, and how many more there are.
fn named(paths: &BTreeSet<PathBuf>) -> Option<Text> {
    let more = paths.len().saturating_sub(NAMED);
    let names: Vec<String> = paths.iter().take(NAMED).map(|path| path.display().to_string()).collect();
    let names = Some(names.join(", ")).filter(|names| !names.is_empty())?;
    if more == 0 {
        return Some(text!(vi: "{names}", en: "{names}"));
    }
    Some(text!(vi: "{names} và {more} tệp khác", en: "{names} and {more} more"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_before_it_was_looked_at_is_lost_if_it_was_written() {
        let place = tempfile::tempdir().unwrap();
        let gone = vec![place.path().join("state.a")];
        let mut kept = KeptFiles::default();
        kept.note(gone.clone(), false);
        assert!(kept.touched().is_empty());
        kept.note(gone.clone(), true);
        kept.note_more(gone.clone());
        assert_eq!(kept.touched(), gone);
        fs::create_dir(&gone[0]).unwrap();
        kept.note(gone.clone(), true);
        assert_eq!(kept.touched(), gone);
    }

    #[test]
    fn what_is_gone_is_told_once_by_the_highest_folder_that_went_with_it() {
        let place = tempfile::tempdir().unwrap();
        let data = place.path().join("data");
        let paths = ["state.a", "store/root/2.json", "store/withdrawals/1.json"].map(|name| data.join(name));
        for path in &paths {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "[]").unwrap();
        }
        let mut kept = KeptFiles::default();
        kept.note(paths.clone(), false);
        let said = |kept: &mut KeptFiles, stored| {
            kept.tell(stored);
            [kept.fault(), kept.repaired()].map(|text| text.map(|text| text.en.clone()).unwrap_or_default())
        };
        assert_eq!((kept.touched().len(), said(&mut kept, true)), (0, ["", ""].map(str::to_owned)));
        fs::write(&paths[0], "").unwrap();
        fs::remove_dir_all(data.join("store")).unwrap();
        assert_eq!(kept.touched(), paths);
        kept.lose(&kept.touched(), &data, Duration::ZERO);
        let told = kept.take_untold().unwrap();
        assert_eq!(told, format!("{0}/state.a, {0}/store", data.display()));
        assert!(kept.take_untold().is_none());
        // A sentence of its own, which says what was removed; a fault until it is written anew.
        for stored in [false, true] {
            let mut texts = said(&mut kept, stored);
            texts.rotate_left(usize::from(stored));
            assert!(
                texts[0].starts_with(&format!("files of the player were removed or changed on the disk while it ran: {told}; "))
                    && texts[1].is_empty()
            );
        }
        kept.forget_old(TOLD * 2);
        assert_eq!(said(&mut kept, true), ["", ""]);
    }
}
