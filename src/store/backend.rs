//! The operations that publishing, checking and pruning need from a store: a folder ([`super::folder_store`]) or a server
//! ([`super::remote`]). Never knows what to publish.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

use super::layout;
use crate::base::bytes::ByteSource;
use crate::base::digest::{Digest, DigestWriter};
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{HINT_BYTES, SIGNATURE_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::text::Text;
use crate::trust::head::HeadNumber;
use crate::trust::hint::Hint;
use crate::trust::judge::ApprovalFile;
use crate::trust::keys::KeyId;

/// One file of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreEntry {
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Last write, Unix seconds by the store's clock.
    pub modified: i64,
}

/// Called with the number of bytes sent since the last call.
pub type ProgressFn<'a> = &'a (dyn Fn(u64) + Sync);

/// A store. An immutable file is created once, atomically, and never with different content.
pub trait StoreBackend: Sync {
    /// The name for messages.
    fn name(&self) -> String;

    /// Reads a file of at most `limit` bytes; `None` if it is absent. With a longer file a folder fails; a server yields `limit` + 1 bytes.
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Failure>;

    /// Opens a file as a stream; `None` if it is absent.
    fn open(&self, path: &str) -> Result<Option<Box<dyn Read + Send + '_>>, Failure>;

    /// A file's length in bytes; `None` if it is absent.
    fn size(&self, path: &str) -> Result<Option<u64>, Failure>;

    /// Lists every file below a folder, `""` for all; `None` if this store can't list.
    fn list(&self, folder: &str) -> Result<Option<Vec<StoreEntry>>, Failure>;

    /// What lies in a store and is neither a plain file nor a folder, by path, with what to do: players pass it by. Only a folder has such.
    fn obstacles(&self) -> Result<Vec<(String, Text)>, Failure> {
        Ok(Vec::new())
    }

    /// Creates a file; writes nothing and returns false if it exists.
    fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, Failure>;

    /// Checks that concurrent creates of the same path are mutually exclusive; else returns a warning for the publisher. `there` is an
    /// existing file with content `bytes`, used to probe a server.
    fn check_exclusive_create(&self, there: &str, bytes: &[u8]) -> Result<Option<Text>, Failure>;

    /// Writes a site's hint, the only kind of file that may change. Keeps newer numbers from a concurrent publisher.
    fn replace_hint(&self, path: &str, latest: Hint) -> Result<(), Failure>;

    /// Whether an object is present: a folder hashes it, a server reports its size only.
    fn has_object(&self, digest: Digest, size: u64) -> Result<bool, Failure>;

    /// Writes an object under its digest and hashes it on the way. Refuses different content and leaves nothing under that name.
    fn put_object(&self, digest: Digest, size: u64, source: &ByteSource, sent: ProgressFn<'_>) -> Result<(), Failure>;

    /// An object's bytes, if they are on this machine and match the digest.
    fn local_source(&self, digest: Digest, size: u64) -> Option<ByteSource>;

    /// Removes a file; an absent file is no error.
    fn remove(&self, path: &str) -> Result<(), Failure>;

    /// Maximum number of concurrent writes.
    fn max_writers(&self) -> usize;

    /// Writes an immutable file. Accepts an existing file with the same content and refuses one with different content.
    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        if self.create(path, bytes)? {
            return Ok(());
        }
        let size = bytes.len() as u64;
        let there = match self.size(path)? {
            Some(same) if same == size => self.read(path, size)?.unwrap_or_default(),
            None | Some(0) => Vec::new(),
            Some(_) => return Err(conflict_failure(&self.name(), path)),
        };
        match there {
            there if there == bytes => Ok(()),
            there if there.is_empty() => Err(self.nothing_there(path)),
            _ => Err(conflict_failure(&self.name(), path)),
        }
    }

    /// That a file which the store says it has is absent or empty, and what to do.
    fn nothing_there(&self, path: &str) -> Failure {
        not_given_back(&self.name(), path)
    }

    /// Writes an immutable file unless the name exists, with any content: for signatures, where any good one serves.
    fn put_if_absent(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        self.create(path, bytes).map(drop)
    }

    /// The numbers with a head or a signature of one. A publisher stopped between the two leaves a signature alone; its number is used.
    fn head_numbers(&self, site: &SiteId) -> Result<BTreeSet<HeadNumber>, Failure> {
        let folder = layout::heads(site);
        match self.list(&folder)? {
            Some(entries) => Ok(entries.iter().filter_map(|entry| layout::parse_head_number(entry.path.rsplit('/').next()?)).collect()),
            None => probe_heads(self, site),
        }
    }

    /// A site's hint; `None` if it is absent or malformed.
    fn hint(&self, site: &SiteId) -> Result<Option<Hint>, Failure> {
        Ok(self.read(&layout::hint(site), HINT_BYTES)?.and_then(|bytes| Hint::parse(&bytes)))
    }

    /// The newest head named by the hint; the default number without a hint.
    fn hinted_head(&self, site: &SiteId) -> Result<HeadNumber, Failure> {
        Ok(self.hint(site)?.unwrap_or_default().head_number())
    }

    /// One reviewer's approval of a program; `None` unless both its files are there.
    fn approval(&self, program: Digest, kid: KeyId) -> Result<Option<ApprovalFile>, Failure> {
        let statement = self.read(&layout::approval(program, kid), SMALL_DOCUMENT_BYTES)?;
        let signature = self.read(&layout::approval_signature(program, kid), SIGNATURE_BYTES)?;
        Ok(statement.zip(signature).map(|(statement, signature)| ApprovalFile { statement, signature }))
    }
}

/// Finds numbers without a listing: from the hint upward, in its epoch and the next. A hint that is too low costs a few requests. One
/// that is too high leads the publisher to existing heads, which are never overwritten.
fn probe_heads<P: StoreBackend + ?Sized>(place: &P, site: &SiteId) -> Result<BTreeSet<HeadNumber>, Failure> {
    let HeadNumber { epoch, version } = place.hinted_head(site)?;
    let mut found = BTreeSet::new();
    for (epoch, first) in [(epoch.max(1), version.max(1)), (epoch.max(1).saturating_add(1), 1)] {
        for number in (first..).map(|version| HeadNumber { epoch, version }) {
            let there = |path: String| place.size(&path).map(|size| size.is_some());
            if !there(layout::head_signature(site, number))? && !there(layout::head(site, number))? {
                break;
            }
            found.insert(number);
        }
    }
    Ok(found)
}

/// The path already exists with different content.
pub fn conflict_failure(place: &str, path: &str) -> Failure {
    Failure::Refused(crate::text!(
        vi: "{place}: {path} đã có với nội dung khác: có người khác vừa phát hành, hoặc kho bị sửa; không ghi đè. Hãy chạy lại lệnh để phát hành tiếp sau bản của họ; nếu vẫn vậy, xem bằng: bangtin store check {place}",
        en: "{place}: {path} exists with different content: somebody else has published, or the store was changed; it is not overwritten. Run the command again to publish after them; if that does not help, look with: bangtin store check {place}"
    ))
}

/// A store says that it took a file, or that it has it, and gives back nothing.
pub fn not_given_back(place: &str, path: &str) -> Failure {
    Failure::External(crate::text!(
        vi: "{place}: kho nói đã có {path} nhưng không trả lại gì: tệp không có ở đó, hoặc rỗng; không phải do người khác phát hành. Hãy kiểm tra quyền ghi, dung lượng và bộ nhớ đệm của máy chủ, xóa tệp đó nếu nó rỗng, rồi chạy lại lệnh",
        en: "{place}: the store says that it has {path}, but does not give it back: nothing is there, or an empty file; nobody else has published. Check the server's rights, space and caches, remove that file if it is empty, and run the command again"
    ))
}

/// The source of an object no longer has the approved bytes.
pub fn changed_object(digest: Digest) -> Failure {
    Failure::Refused(crate::text!(
        vi: "tệp {digest} không còn đúng những byte đã duyệt; không phát hành",
        en: "object {digest} no longer has the approved bytes; it is not published"
    ))
}

/// Read size, in bytes.
const PIECE: usize = 256 << 10;

/// A stream that holds back its last piece until digest and size match, so that no receiver gets a complete file of different content.
pub struct VerifyingReader<'a, R> {
    inner: io::Take<R>,
    writer: DigestWriter<io::Sink>,
    expected: (Digest, u64),
    current_piece: io::Cursor<Vec<u8>>,
    next: Vec<u8>,
    wrong: &'a AtomicBool,
    sent: ProgressFn<'a>,
}

impl<'a, R: Read> VerifyingReader<'a, R> {
    /// Wraps a stream that must have this digest and size in bytes. Sets `wrong` if it does not: a sender may report only its own error.
    pub fn new(inner: R, expected: (Digest, u64), sent: ProgressFn<'a>, wrong: &'a AtomicBool) -> Self {
        // One extra byte shows that the stream is too long.
        let inner = inner.take(expected.1.saturating_add(1));
        let writer = DigestWriter::new(io::sink());
        Self { inner, writer, expected, current_piece: io::Cursor::default(), next: Vec::new(), wrong, sent }
    }

    fn piece(&mut self) -> io::Result<Vec<u8>> {
        let mut piece = Vec::with_capacity(PIECE);
        self.inner.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
        io::Write::write_all(&mut self.writer, &piece)?;
        Ok(piece)
    }
}

impl<R: Read> Read for VerifyingReader<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.current_piece.position() == self.current_piece.get_ref().len() as u64 {
            if self.next.is_empty() {
                self.next = self.piece()?;
            }
            self.current_piece = io::Cursor::new(std::mem::take(&mut self.next));
            self.next = self.piece()?;
            if self.next.is_empty() && (self.writer.digest(), self.writer.size()) != self.expected {
                self.wrong.store(true, Ordering::SeqCst);
                return Err(io::Error::other("not the approved bytes"));
            }
        }
        let count = self.current_piece.read(buf)?;
        (self.sent)(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checked_stream_keeps_its_end_back_from_other_bytes() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 7] {
            let bytes: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let (digest, size) = (Digest::of(&bytes), length as u64);
            let mut out = Vec::new();
            let wrong = AtomicBool::new(false);
            VerifyingReader::new(bytes.as_slice(), (digest, size), &|_| (), &wrong).read_to_end(&mut out).unwrap();
            assert!(out == bytes && !wrong.into_inner(), "{length}");
            let longer = [bytes.as_slice(), b"x"].concat();
            let mut other = bytes.clone();
            other.reverse();
            for given in [longer.as_slice(), other.get(1..).unwrap_or(b"y"), if length > 1 { &other } else { b"yy" }] {
                let (mut out, wrong) = (Vec::new(), AtomicBool::new(false));
                VerifyingReader::new(given, (digest, size), &|_| (), &wrong).read_to_end(&mut out).unwrap_err();
                assert!(wrong.into_inner() && out.len() < given.len().max(1), "{length}");
            }
        }
    }
}
