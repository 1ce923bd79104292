//! A store in a folder: a mounted stick or a shared disk. Opens only named files; symlinks count as absent.
//! Never writes to the store.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::path::PathBuf;

use super::transport::{FetchRequest, FetchResponse, PullError, RangesResponse, Transport};
use crate::base::os;
use crate::base::plain_file::{self, Obstacle, PlainFile};
use crate::store::scan::ByteRange;
use crate::text;

/// A folder that holds a store's root.
pub struct FolderTransport {
    root: PathBuf,
    name: String,
}

impl FolderTransport {
    /// The store in a folder.
    pub fn new(root: &str) -> Self {
        Self { root: PathBuf::from(root), name: root.to_owned() }
    }

    /// Opens a regular file below the root; `None` if there is none.
    fn open(&self, path: &str) -> Result<Option<File>, PullError> {
        if !self.root.is_dir() {
            let (name, link) = (&self.name, self.root.is_symlink());
            return Err(PullError::external(if link {
                text!(
                    vi: "không thấy {name}: liên kết không dẫn tới thư mục nào; hãy gắn ổ đĩa hoặc sửa liên kết",
                    en: "{name} is not there: the link leads to no folder; mount its disk, or correct the link"
                )
            } else if name.split('/').any(|part| part.trim_matches('.').contains(['.', ':'])) {
                text!(
                    vi: "không thấy {name}; nếu đó là một địa chỉ mạng, hãy viết http:// hoặc https:// ở trước",
                    en: "{name} is not there; if it is an address, write http:// or https:// before it"
                )
            } else {
                text!(vi: "không thấy {name}", en: "{name} is not there")
            }));
        }
        match plain_file::open(&self.root, path) {
            Ok(PlainFile::Found(file)) => Ok(Some(file)),
            // A link in place of a folder is a fault of the store.
            Ok(PlainFile::Obstacle(Obstacle { path: link, is_link: true, is_above: true })) => {
                let link = link.display();
                Err(PullError::external(text!(
                    vi: "{link} là liên kết, kho không dùng liên kết: thay bằng thư mục thật, hoặc chép lại kho",
                    en: "{link} is a link, and a store has none: put the folder itself there, or copy the store again"
                )))
            }
            Ok(PlainFile::Absent | PlainFile::Obstacle(_)) => Ok(None),
            Err(error) => Err(PullError::io(path, &error)),
        }
    }
}

impl Transport for FolderTransport {
    fn get(&self, request: FetchRequest<'_>) -> Result<FetchResponse, PullError> {
        let Some(mut file) = self.open(request.path)? else { return Ok(FetchResponse::Absent) };
        file.seek(SeekFrom::Start(request.from)).map_err(|error| PullError::io(request.path, &error))?;
        Ok(FetchResponse::Found { body: Box::new(file), start: request.from })
    }

    fn get_ranges<'a>(&'a self, path: &str, size: u64, stretches: &[ByteRange]) -> Result<RangesResponse<'a>, PullError> {
        let Some(file) = self.open(path)? else { return Ok(RangesResponse::Absent) };
        if file.metadata().map_err(|error| PullError::io(path, &error))?.len() != size {
            return Ok(RangesResponse::Mismatch);
        }
        Ok(RangesResponse::Found(Box::new(RangesReader { file, stretches: stretches.iter().copied().collect() })))
    }

    fn name(&self) -> &str {
        &self.name
    }
}

struct RangesReader {
    file: File,
    stretches: VecDeque<ByteRange>,
}

impl std::io::Read for RangesReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Some((start, end)) = self.stretches.front_mut() else { return Ok(0) };
        let want = usize::try_from(*end - *start).unwrap_or(usize::MAX).min(buffer.len());
        let count = os::read_at(&self.file, &mut buffer[..want], *start)?;
        *start += count as u64;
        if *start == *end {
            self.stretches.pop_front();
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_its_scheme_is_told_as_one() {
        let said = |root: &str| FolderTransport::new(root).open("latest.json").unwrap_err().reason.en;
        for address in ["etc/127.0.0.1:18213", "etc/store.example/bangtin", "localhost:80"] {
            assert!(said(address).ends_with("is not there; if it is an address, write http:// or https:// before it"), "{address}");
        }
        for folder in ["nowhere", "../nowhere", "nowhere/./stick"] {
            assert_eq!(said(folder), format!("{folder} is not there"));
        }
    }
}
