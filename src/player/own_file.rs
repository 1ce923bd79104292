//! What lies in the place of one of a player's own files and is no file: it gives way to `….unreadable`, and that is told with what to do.
//! Never removes anything, and never reads or writes the file itself.

use std::fs;
use std::path::Path;

use crate::base::failure;
use crate::base::files;
use crate::base::text::Text;
use crate::text;

/// Makes way for a file of the player's own. Gives what to tell of what was set aside; the error says what can't be, and what to do.
pub fn make_way(path: &Path) -> Result<Option<Text>, Text> {
    let Text { vi: kind_vi, en: kind_en } = kind(path);
    let shown = path.display();
    match files::make_way(path) {
        Ok(aside) => Ok(aside.map(|aside| {
            let aside = aside.display();
            text!(
                vi: "{kind_vi} nằm ở chỗ của tệp {shown}, đã cất thành {aside}; đầu phát dùng tệp mới. Hãy xem thứ đã cất rồi xóa; nếu không ai đặt vào, hãy thay ổ đĩa",
                en: "a {kind_en} lay in place of the file {shown} and was set aside as {aside}; the player uses a new file. Look at what was set aside and remove it; if nobody put it there, replace the disk"
            )
        })),
        Err(error) => {
            let Text { vi, en } = failure::cause(&error);
            Err(text!(
                vi: "{kind_vi} nằm ở chỗ của tệp {shown}, không cất đi được: {vi}. Hãy xóa {kind_vi} này",
                en: "a {kind_en} lies in place of the file {shown} and can't be set aside: {en}. Remove this {kind_en}"
            ))
        }
    }
}

/// What lay in the place of a file since the start, and whether it still does.
#[derive(Default)]
pub struct InPlace {
    told: Option<Text>,
    stays: bool,
}

impl InPlace {
    /// Makes way for the file. False if something stays in its place.
    pub fn clear(&mut self, path: &Path) -> bool {
        match make_way(path) {
            Ok(None) if !self.stays => {}
            Ok(told) => (self.told, self.stays) = (told, false),
            Err(fault) => (self.told, self.stays) = (Some(fault), true),
        }
        !self.stays
    }

    /// What to tell of it.
    pub fn fault(&self) -> Option<&Text> {
        self.told.as_ref()
    }
}

/// Whether there is a file at a path, and nothing else.
pub fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file())
}

fn kind(path: &Path) -> Text {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => text!(vi: "thư mục", en: "folder"),
        Ok(meta) if meta.is_symlink() => text!(vi: "liên kết", en: "link"),
        _ => text!(vi: "ống dẫn hoặc thiết bị", en: "pipe or device"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f11_what_is_no_file_is_set_aside_and_told_and_what_can_t_be_is_to_be_removed() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("health.json");
        let aside = place.path().join("health.json.unreadable");
        assert_eq!(make_way(&path), Ok(None));
        fs::write(&path, "own").unwrap();
        assert!(is_file(&path) && make_way(&path) == Ok(None) && !aside.exists());
        fs::remove_file(&path).unwrap();
        fs::create_dir_all(path.join("somebody's")).unwrap();
        let told = make_way(&path).unwrap().unwrap();
        assert!(told.en.starts_with("a folder lay in place of the file ") && told.en.contains("health.json.unreadable; "), "{told:?}");
        assert!(aside.join("somebody's").is_dir() && !path.exists());
        fs::create_dir(&path).unwrap();
        let mut place = InPlace::default();
        assert!(!place.clear(&path) && !place.clear(&path) && path.is_dir());
        let Text { vi, en } = place.fault().unwrap();
        assert!(vi.ends_with(". Hãy xóa thư mục này") && en.ends_with(". Remove this folder"), "{vi} {en}");
        fs::remove_dir(&path).unwrap();
        assert!(place.clear(&path) && place.fault().is_none(), "what is gone is told no more");
    }
}
