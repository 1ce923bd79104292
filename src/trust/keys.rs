//! Public keys: 32 bytes of Ed25519 in minisign's 56-character form, and the key id (`kid`) computed from them.
//! The 8-byte id inside a key grants nothing; never reads a secret key.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::base::digest::{Digest, from_hex};

/// A key id: the first 8 bytes of the SHA-256 of the key's 32 bytes, written as 16 lowercase hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 8]);

impl KeyId {
    /// Reads exactly 16 lowercase hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        from_hex(text).map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

crate::as_text!(KeyId, "a kid is 16 lowercase hexadecimal digits");

/// A public key that can verify: well formed, on the field, not of small order.
#[derive(Clone)]
pub struct PublicKey {
    id: [u8; 8],
    key: [u8; 32],
    kid: KeyId,
    verifier: minisign::PublicKey,
}

impl PublicKey {
    /// Reads the 56-character form: canonical base64 of `Ed`, the 8-byte id, the 32 key bytes.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 56 {
            return None;
        }
        let bytes = STANDARD.decode(text).ok()?;
        let rest = bytes.strip_prefix(b"Ed")?;
        let (id, key) = rest.split_at_checked(8)?;
        let (id, key): ([u8; 8], [u8; 32]) = (id.try_into().ok()?, key.try_into().ok()?);
        if is_weak(&key) {
            return None;
        }
        let verifier = minisign::PublicKey::from_bytes(&bytes).ok()?;
        let mut kid = [0; 8];
        kid.copy_from_slice(&Digest::of(&key).as_bytes()[..8]);
        Some(Self { id, key, kid: KeyId(kid), verifier })
    }

    /// Reads a `.pub` file of minisign: a comment line, then the 56 characters; or the 56 characters alone.
    pub fn parse_pub_file(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let first = lines.next()?;
        let key = if first.starts_with("untrusted comment:") { lines.next()? } else { first };
        if lines.all(str::is_empty) { Self::parse(key.trim_end()) } else { None }
    }

    /// The key id.
    pub fn kid(&self) -> KeyId {
        self.kid
    }

    /// The key's 32 bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// The 8-byte id with which minisign finds a key; it grants no right.
    pub(super) fn id(&self) -> &[u8; 8] {
        &self.id
    }

    pub(super) fn verifier(&self) -> &minisign::PublicKey {
        &self.verifier
    }

    /// A whole `.pub` file of minisign.
    pub fn to_pub_file(&self) -> String {
        format!("untrusted comment: minisign public key {:016X}\n{self}\n", u64::from_le_bytes(self.id))
    }

    /// The same, with the holder's name as the comment unless it is empty.
    pub fn to_file_of(&self, holder: &str) -> String {
        let holder: String = holder.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        match holder.trim() {
            "" => self.to_pub_file(),
            holder => format!("untrusted comment: {holder}\n{self}\n"),
        }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [b"Ed".as_slice(), &self.id, &self.key].concat();
        f.write_str(&STANDARD.encode(bytes))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Keys are equal if their 32 bytes are, whatever their 8-byte ids.
impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for PublicKey {}

crate::as_text!(PublicKey, "a key is the 56 characters of a minisign .pub file, and not a weak one");

/// The y coordinates of the eight points of small order (0, 1, p − 1 and the two of order 8).
const SMALL_ORDER: [&str; 5] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];

/// Whether a key is of small order (anyone can make signatures that it accepts) or encoded as a number not below the field's p (a second
/// encoding of another key). Stock minisign refuses both.
fn is_weak(key: &[u8; 32]) -> bool {
    let mut y = *key;
    y[31] &= 0x7f;
    let beyond_field = y[0] >= 0xed && y[1..31].iter().all(|byte| *byte == 0xff) && y[31] == 0x7f;
    beyond_field || SMALL_ORDER.contains(&base16ct::lower::encode_string(&y).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_key(key: [u8; 32]) -> String {
        STANDARD.encode([b"Ed".as_slice(), &[7; 8], &key].concat())
    }

    #[test]
    fn a22_keys_of_small_order_are_refused_in_every_writing() {
        for hex in SMALL_ORDER {
            let mut key: [u8; 32] = from_hex(hex).unwrap();
            assert!(PublicKey::parse(&with_key(key)).is_none(), "{hex}");
            key[31] |= 0x80;
            assert!(PublicKey::parse(&with_key(key)).is_none(), "{hex} with the sign bit");
        }
        for low in 0xed..=0xff {
            let mut key = [0xff; 32];
            (key[0], key[31]) = (low, 0x7f);
            assert!(PublicKey::parse(&with_key(key)).is_none(), "p + {}", low - 0xed);
        }
    }

    #[test]
    fn the_name_comes_from_the_key_bytes_alone() {
        let text = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
        let key = PublicKey::parse(text).unwrap();
        assert_eq!(key.to_string(), text);
        let other = PublicKey::parse(&STANDARD.encode([b"Ed".as_slice(), &[7; 8], key.bytes()].concat())).unwrap();
        assert_eq!((key.kid(), &key), (other.kid(), &other));
        assert_eq!(key.kid().to_string(), Digest::of(key.bytes()).to_string()[..16]);
        assert_eq!(PublicKey::parse_pub_file(&key.to_pub_file()), Some(key));
    }

    #[test]
    fn other_forms_are_refused() {
        let text = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
        let dotted = format!("{}.", &text[..55]);
        let prehashed = STANDARD.encode([b"ED".as_slice(), &[7; 8], &[9; 32]].concat());
        for bad in ["", &text[..55], &format!("{text} "), &dotted, &prehashed] {
            assert!(PublicKey::parse(bad).is_none(), "{bad:?}");
        }
    }
}
