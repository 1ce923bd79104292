//! Detached minisign files, read strictly: four lines, prehashed only. `docs/formats.md`, "Signature files".
//! Never reads policy from the comments and never logs them.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::keys::PublicKey;
use crate::base::limits::SIGNATURE_BYTES;

const UNTRUSTED: &str = "untrusted comment: ";
const TRUSTED: &str = "trusted comment: ";

/// A well-formed signature file, not verified yet.
#[derive(Clone)]
pub struct SignatureFile {
    id: [u8; 8],
    inner: minisign::SignatureBox,
}

impl SignatureFile {
    /// Reads a signature file: exactly four lines, each ended by one LF; bytes 0x20–0x7E, TAB and LF; at most 1 KiB; canonical base64;
    /// algorithm `ED`; no blank at either end of the trusted comment. The two algorithm bytes are not signed, so accepting the old `Ed` too
    /// would let a signature be read in two ways; the crate `minisign` trims the comment before it verifies, so blanks would not be signed.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let plain = |byte: &u8| matches!(byte, 0x20..=0x7e | b'\t' | b'\n');
        if bytes.len() as u64 > SIGNATURE_BYTES || !bytes.iter().all(plain) {
            return None;
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let (first, second, third, fourth) = (lines.next()?, lines.next()?, lines.next()?, lines.next()?);
        let comment = third.strip_prefix(TRUSTED)?;
        if lines.next().is_some() || !first.starts_with(UNTRUSTED) || comment.trim() != comment {
            return None;
        }
        let signed = STANDARD.decode(second).ok().filter(|bytes| bytes.len() == 74)?;
        STANDARD.decode(fourth).ok().filter(|bytes| bytes.len() == 64)?;
        let id = signed.strip_prefix(b"ED")?.first_chunk::<8>()?;
        Some(Self { id: *id, inner: minisign::SignatureBox::from_string(text).ok()? })
    }

    /// Whether it says that this key made it.
    pub fn is_by(&self, key: &PublicKey) -> bool {
        self.id == *key.id()
    }

    /// Whether this key made both signatures of the file, over these bytes and over the trusted comment.
    pub fn verifies_with(&self, key: &PublicKey, bytes: &[u8]) -> bool {
        self.is_by(key) && minisign::verify(key.verifier(), &self.inner, Cursor::new(bytes), true, false, false).is_ok()
    }
}
