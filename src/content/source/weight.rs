//! Warns of files and folders that make a git repository slow: each version of a file stays in it for good.
//! Never opens a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::history;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::limits::{HEAVY_FILE_BYTES, HEAVY_FOLDER_BYTES};
use crate::base::stamp::FileStamp;
use crate::text;

/// The warnings of a content folder. Files that git keeps in LFS, and those refused already, do not count.
pub fn check(root: &Path, stamps: &BTreeMap<String, FileStamp>, unreadable: &BTreeSet<String>) -> Vec<Diagnostic> {
    let sizes = || stamps.iter().filter(|(path, _)| !unreadable.contains(*path)).map(|(path, stamp)| (path, stamp.size));
    let heavy: Vec<(&String, u64)> = sizes().filter(|(_, size)| *size > HEAVY_FILE_BYTES).collect();
    let in_lfs = if heavy.is_empty() { BTreeSet::new() } else { history::in_lfs(root, heavy.iter().map(|(path, _)| path.as_str())) };
    let (in_lfs, heavy): (Vec<_>, Vec<_>) = heavy.into_iter().partition(|(path, _)| in_lfs.contains(*path));
    let help = || {
        text!(
            vi: "nén nhỏ lại (phim ngắn hơn, ảnh nhỏ hơn), hoặc lưu bằng Git LFS: git lfs track",
            en: "make it smaller (a shorter film, a smaller picture), or keep it in Git LFS: git lfs track"
        )
    };
    let file = |(path, size): &(&String, u64)| {
        let (megabytes, most) = (size / 1_000_000, HEAVY_FILE_BYTES / 1_000_000);
        let cause = text!(
            vi: "tệp có {megabytes} MB; trên {most} MB thì kho git chậm dần, vì giữ mọi phiên bản của tệp",
            en: "the file has {megabytes} MB; over {most} MB the repository grows slow, since git keeps every version"
        );
        Diagnostic::warning("file-heavy", SourceLocation::file(path.as_str()), cause, help())
    };
    let mut warnings: Vec<_> = heavy.iter().map(file).collect();
    let total = sizes().map(|(_, size)| size).sum::<u64>() - in_lfs.iter().map(|(_, size)| size).sum::<u64>();
    if total > HEAVY_FOLDER_BYTES {
        let (megabytes, most) = (total / 1_000_000, HEAVY_FOLDER_BYTES / 1_000_000_000);
        let cause = text!(
            vi: "thư mục nội dung có {megabytes} MB ngoài Git LFS; trên {most} GB thì chép kho git rất lâu",
            en: "the content folder has {megabytes} MB outside Git LFS; over {most} GB a copy of the repository takes very long"
        );
        warnings.push(Diagnostic::warning("folder-heavy", SourceLocation::file("."), cause, help()));
    }
    warnings
}
