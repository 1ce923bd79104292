//! A file of zeros in a player's data folder that gives way on a full disk, so that statements can be stored.
//! Never stores one: its caller does.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::base::files;
use crate::base::limits::BALLAST_BYTES;
use crate::base::text::Text;
use crate::player::own_file::InPlace;
use crate::text;

/// See the module.
pub struct Ballast {
    path: PathBuf,
    fault: Option<Text>,
    in_place: InPlace,
}

impl Ballast {
    /// That of a data folder.
    pub fn new(data: &Path) -> Self {
        Self { path: data.join("ballast"), fault: None, in_place: InPlace::default() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why there is none, what lay in its place, and what to do.
    pub fn faults(&self) -> impl Iterator<Item = &Text> {
        self.fault.iter().chain(self.in_place.fault())
    }

    /// Whether all of it is there.
    pub fn is_whole(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|meta| meta.is_file() && meta.len() == BALLAST_BYTES as u64)
    }

    /// Makes room. False if there was none to make.
    pub fn give_way(&self) -> bool {
        fs::remove_file(&self.path).is_ok()
    }

    /// Puts it back where it is not whole; without room the next call tries again. Whether it was not.
    pub fn put_back(&mut self) -> bool {
        self.fault = None;
        let lacking = !self.is_whole();
        if lacking {
            self.in_place.clear(&self.path);
            let full = |error: &io::Error| matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded);
            let written = files::write_atomic(&self.path, &vec![0; BALLAST_BYTES]);
            self.fault = written.err().filter(full).map(|_| {
                text!(
                    vi: "ổ đĩa gần đầy: phần dự phòng để lưu văn bản thu hồi đã dùng hết; văn bản nhận sau đây có thể mất khi khởi động lại. Hãy giải phóng dung lượng",
                    en: "the disk is nearly full: the room kept for withdrawals is used up, and a restart may lose those that come now. Make room"
                )
            });
        }
        lacking
    }
}
