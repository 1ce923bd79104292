//! Finds the browser of this machine.
//! Never starts it.

use std::path::{Path, PathBuf};

use crate::base::failure::Failure;
use crate::base::os;
use crate::text;

/// Chromium and what is built from it, as their packages name them.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge"];

/// The browser named, else the first of the known ones in the folders of `PATH`. `search`: the value of
/// `PATH`.
pub fn browser_program(named: Option<&Path>, search: &str) -> Result<PathBuf, Failure> {
    if os::with_pipes(Path::new("")).is_none() {
        return Err(not_here());
    }
    if let Some(named) = named {
        let shown = named.display();
        let absent = || text!(vi: "--browser: {shown} không phải là tệp", en: "--browser: {shown} is no file");
        return if named.is_file() { Ok(named.to_owned()) } else { Err(Failure::Usage(absent())) };
    }
    let programs = || std::env::split_paths(search).filter(|folder| folder.is_absolute());
    NAMES.iter().find_map(|name| programs().map(|folder| folder.join(name)).find(|path| path.is_file())).ok_or_else(|| {
        let names = NAMES.join(", ");
        Failure::External(text!(
            vi: "không thấy trình duyệt nào để đo trang ({names}): hãy cài Chromium (Debian: apt install chromium), hoặc chỉ bằng --browser",
            en: "there is no browser to measure pages with ({names}): install Chromium (Debian: apt install chromium), or name one with --browser"
        ))
    })
}

/// Nothing speaks with a browser on this system.
pub fn not_here() -> Failure {
    Failure::Usage(text!(
        vi: "check --render chỉ chạy trên Linux; trên máy này, bangtin preview đo các trang trong trình duyệt",
        en: "check --render works on Linux only; on this machine, bangtin preview measures the pages in a browser"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_browser_on_the_path_is_taken_and_a_named_one_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        for (at, name) in [(&one, "google-chrome"), (&other, "chromium"), (&other, "own")] {
            std::fs::create_dir_all(at).unwrap();
            std::fs::write(at.join(name), "").unwrap();
        }
        let both = format!("{}:{}", one.display(), other.display());
        assert_eq!(browser_program(None, &both).unwrap(), other.join("chromium"));
        assert_eq!(browser_program(None, &one.display().to_string()).unwrap(), one.join("google-chrome"));
        assert_eq!(browser_program(Some(&other.join("own")), &both).unwrap(), other.join("own"));
        assert!(matches!(browser_program(Some(&other.join("none")), &both), Err(Failure::Usage(_))));
        let Err(Failure::External(said)) = browser_program(None, "") else { panic!("a browser without a PATH") };
        assert!(said.en.contains("apt install chromium") && said.vi.contains("--browser"));
    }
}
