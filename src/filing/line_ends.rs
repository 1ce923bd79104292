//! Signed files whose line ends git or an editor has changed: told apart from forged and damaged ones, with the way back.
//! Never accepts such a file: what is verified is what the file holds.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use crate::base::text::Text;
use crate::content::source::history;
use crate::trust::judge::ApprovalFile;
use crate::trust::keys::KeyId;
use crate::trust::signature::SignatureFile;

/// Bytes with each CR LF as LF.
pub fn with_line_feeds(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for (at, byte) in bytes.iter().enumerate() {
        if *byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            out.push(*byte);
        }
    }
    out
}

/// Why a document is refused, if it is `good` with each CR LF as LF in it and in its signatures.
pub fn changed<K: Ord + Copy>(
    path: &Path,
    (bytes, signatures): (&[u8], &BTreeMap<K, Vec<u8>>),
    good: impl FnOnce(&[u8], &BTreeMap<K, Vec<u8>>) -> bool,
) -> Option<Text> {
    let document = with_line_feeds(bytes);
    let restored = signatures.iter().map(|(of, signature)| (*of, with_line_feeds(signature))).collect();
    let differs = document != bytes || restored != *signatures;
    (differs && good(&document, &restored)).then(|| text(path))
}

/// As [`changed`], of a file that carries no signatures.
pub fn changed_file(path: &Path, bytes: &[u8], good: impl FnOnce(&[u8]) -> bool) -> Option<Text> {
    changed(path, (bytes, &BTreeMap::<KeyId, _>::new()), |document, _| good(document))
}

/// As [`changed`], of an approval.
pub fn changed_approval(path: &Path, file: &ApprovalFile, good: impl Fn(&ApprovalFile) -> bool) -> Option<Text> {
    let [statement, signature] = [&file.statement, &file.signature].map(|bytes| with_line_feeds(bytes));
    let differs = statement != file.statement || signature != file.signature;
    (differs && !good(file) && good(&ApprovalFile { statement, signature })).then(|| text(path))
}

/// As [`changed`], of a signature file alone: well formed with line feeds only.
pub fn changed_signature(path: &Path, bytes: &[u8]) -> Option<Text> {
    let good = |bytes: &[u8]| SignatureFile::parse(bytes).is_some();
    if good(bytes) { None } else { changed_file(path, bytes, good) }
}

fn text(path: &Path) -> Text {
    let [Text { vi, en }, Text { vi: vi_remedy, en: en_remedy }] = cause_and_remedy(path);
    crate::text!(vi: "{vi}. {vi_remedy}", en: "{en}. {en_remedy}")
}

/// What has happened to a file whose line ends have changed, and how its bytes come back.
pub fn cause_and_remedy(path: &Path) -> [Text; 2] {
    let cause = crate::text!(
        vi: "git hoặc trình soạn thảo đã đổi dấu xuống dòng (CR LF thay cho LF) của tệp này hoặc của tệp chữ ký bên cạnh, nên chữ ký không còn khớp; nội dung không bị sửa",
        en: "git or an editor has changed the line endings of this file, or of a signature file beside it (CR LF in place of LF), so the signature no longer fits; what it says is unchanged"
    );
    [cause, remedy(path)]
}

/// How the bytes come back: from git if it has the file, else by saving or copying it again.
fn remedy(path: &Path) -> Text {
    let signed = |folder: &&Path| folder.file_name().is_some_and(|name| name == OsStr::new("trust") || name == OsStr::new("approvals"));
    let place = path.ancestors().find(signed).and_then(|signed| Some((signed.parent()?, signed.file_name()?.to_str()?)));
    let tracked = |(content, name): &(&Path, &str)| !history::tracked_files(content, name).is_empty();
    let Some((content, name)) = place.filter(tracked) else {
        return crate::text!(
            vi: "Lưu lại các tệp đó với dấu xuống dòng LF (Unix), hoặc chép lại đúng từng byte từ nơi gửi đến",
            en: "Save these files with the line endings LF (Unix), or copy them again, byte for byte, from where they came"
        );
    };
    let content = content.display();
    crate::text!(
        vi: "Lấy lại từ git bằng hai lệnh: git -C {content} rm -r -q {name}; git -C {content} -c core.autocrlf=false checkout HEAD -- {name}. Rồi ghi dòng * -text vào {content}/.gitattributes và đưa vào git, để không máy nào đổi nữa",
        en: "Bring them back from git with two commands: git -C {content} rm -r -q {name}; git -C {content} -c core.autocrlf=false checkout HEAD -- {name}. Then put the line * -text into {content}/.gitattributes and commit it, so that no machine changes them again"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_carriage_return_before_a_line_feed_goes() {
        for (given, expected) in [("", ""), ("a\r\nb\r\n", "a\nb\n"), ("a\rb\r", "a\rb\r"), ("\r\r\n", "\r\n")] {
            assert_eq!(with_line_feeds(given.as_bytes()), expected.as_bytes(), "{given:?}");
        }
    }

    #[test]
    fn what_is_not_good_either_way_or_good_as_it_is_has_no_changed_line_ends() {
        let path = Path::new("a.json");
        assert!(changed_file(path, b"a\r\n", |bytes| bytes == b"a\n").is_some());
        assert_eq!(changed_file(path, b"a\r\n", |bytes| bytes == b"b\n"), None);
        assert_eq!(changed_file(path, b"a\n", |bytes| bytes == b"a\n"), None);
        let file = ApprovalFile { statement: b"a\r\n".to_vec(), signature: Vec::new() };
        assert_eq!(changed_approval(path, &file, |_| true), None, "another program may write CR LF and sign it");
    }
}
