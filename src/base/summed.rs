//! A JSON object that ends with a SHA-256 of itself: `{…,"sum":"…"}`, the digest of the same text without that key. So a changed byte is seen.
//! Never reads or writes a file.

use super::digest::Digest;

/// What stands before the digest, and after it.
const MARKS: (&[u8], &[u8]) = (b",\"sum\":\"", b"\"}");

/// The text of an object that is not empty, with its sum.
pub fn seal(mut text: Vec<u8>) -> Vec<u8> {
    let sum = Digest::of(&text);
    text.truncate(text.len().saturating_sub(1));
    [text.as_slice(), MARKS.0, sum.to_string().as_bytes(), MARKS.1].concat()
}

/// The text without its sum; `None` if there is none, or if it is another's.
pub fn open(sealed: &[u8]) -> Option<Vec<u8>> {
    let rest = sealed.strip_suffix(MARKS.1)?;
    let (rest, sum) = rest.split_at_checked(rest.len().checked_sub(64)?)?;
    let text = [rest.strip_suffix(MARKS.0)?, b"}"].concat();
    let sum = Digest::parse(str::from_utf8(sum).ok()?)?;
    (sum == Digest::of(&text)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_changes_unseen() {
        let text = b"{\"a\":1}".to_vec();
        let sealed = seal(text.clone());
        assert_eq!(open(&sealed), Some(text));
        for at in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[at] ^= 1;
            assert_eq!((open(&bent), open(&sealed[..at])), (None, None), "{at}");
        }
    }
}
