//! Why a command failed: four kinds, which scripts distinguish by exit code 1, 2 or 3.
//! Never prints.

use std::io::ErrorKind;
use std::path::Path;

use super::color::Pen;
use super::diagnostic::Diagnostic;
use super::text::{Lang, Text, printable_lines};
use crate::text;

/// The failure of a command.
#[derive(Clone, Debug)]
pub enum Failure {
    /// Faults in the content. Exit code 1.
    Content(Vec<Diagnostic>),
    /// The input (a document, a key, a store) is faulty or was refused, or part of it while the rest is done. Exit code 1.
    Refused(Text),
    /// Wrong arguments. Exit code 2.
    Usage(Text),
    /// A network, disk or other outside error. Exit code 3.
    External(Text),
}

impl Failure {
    /// The exit code: 1 content or input, 2 usage, 3 outside error.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Content(_) | Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::External(_) => 3,
        }
    }

    /// Its message; `None` for faults in the content, which have their own.
    pub fn text(&self) -> Option<&Text> {
        match self {
            Self::Content(_) => None,
            Self::Refused(text) | Self::Usage(text) | Self::External(text) => Some(text),
        }
    }

    /// A failed file operation, with its path; where a file or a link lies in place of a folder, with that and what to do.
    pub fn io(path: &Path, error: &std::io::Error) -> Self {
        let dangling = path.is_symlink() && !path.exists();
        let mut above = path.ancestors().skip(usize::from(!dangling));
        Self::External(match above.find(|each| each.symlink_metadata().is_ok() && !each.is_dir()) {
            None => system_at(&path.display(), error),
            Some(other) => {
                let other = other.display();
                text!(
                    vi: "{other} là một tệp hoặc một liên kết không dẫn tới đâu, không phải thư mục: hãy sửa liên kết, hoặc xóa rồi chạy lại",
                    en: "{other} is a file, or a link that leads nowhere, and no folder: correct the link, or remove it and run this again"
                )
            }
        })
    }

    /// Ends a command; with exit code 1 if it left out parts of its work, in these words about their number.
    pub fn unless_all(left_out: usize, words: fn(usize) -> Text) -> Result<(), Self> {
        if left_out == 0 { Ok(()) } else { Err(Self::Refused(words(left_out))) }
    }

    /// The same failure, with its message about something: `{what}: {message}`.
    #[must_use]
    pub fn about(self, what: &dyn std::fmt::Display) -> Self {
        let about = |Text { vi, en }| text!(vi: "{what}: {vi}", en: "{what}: {en}");
        match self {
            Self::Content(faults) => Self::Content(faults),
            Self::Refused(text) => Self::Refused(about(text)),
            Self::Usage(text) => Self::Usage(about(text)),
            Self::External(text) => Self::External(about(text)),
        }
    }

    /// The message for standard error, ending with a line feed. `tool` is the name of the command.
    pub fn human(&self, tool: &str, lang: Lang, pen: Pen) -> String {
        match self {
            Self::Content(faults) => faults.iter().map(|fault| fault.render(lang, pen) + "\n").collect(),
            Self::Refused(text) | Self::Usage(text) | Self::External(text) => {
                format!("{} {}\n", pen.error(&format!("{tool}:")), printable_lines(text.get(lang)))
            }
        }
    }
}

/// The reason in a library's own words, which are English: quoted in Vietnamese, beside a cause of our own.
pub fn library_reason(reason: &dyn std::fmt::Display) -> String {
    format!("lý do của thư viện: {reason}")
}

/// A system error in words, for a caller who names no path: the folder stands first if the error is about a temporary file.
pub fn system(error: &std::io::Error) -> Text {
    let own = error.get_ref().map(ToString::to_string).unwrap_or_default();
    let folder = own.split_once(" at path \"").and_then(|(_, path)| path.rsplit_once(std::path::MAIN_SEPARATOR));
    folder.map_or_else(|| cause(error), |(folder, _)| system_at(&folder, error))
}

/// A system error in words, for a caller who names the path. English uses the system's text; Vietnamese quotes it for rare errors.
pub fn cause(error: &std::io::Error) -> Text {
    let own = error.get_ref().map(ToString::to_string);
    // Some libraries wrap an error of the system, and add the name of a temporary file.
    let wrapped = own.as_deref().and_then(|own| own.split_once("(os error ")?.1.split_once(')')?.0.parse().ok());
    if let Some(code) = wrapped {
        return cause(&std::io::Error::from_raw_os_error(code));
    }
    let vi = match error.kind() {
        ErrorKind::NotFound => "không có tệp hoặc thư mục này",
        ErrorKind::PermissionDenied => "không có quyền truy cập",
        ErrorKind::AlreadyExists => "đã có",
        ErrorKind::NotADirectory => "không phải là thư mục",
        ErrorKind::IsADirectory => "là thư mục, không phải tệp",
        ErrorKind::DirectoryNotEmpty => "thư mục không rỗng",
        ErrorKind::ReadOnlyFilesystem => "ổ đĩa chỉ cho đọc",
        ErrorKind::StorageFull => "ổ đĩa đã đầy",
        ErrorKind::QuotaExceeded => "vượt quá hạn mức dung lượng",
        ErrorKind::FileTooLarge => "tệp quá lớn",
        ErrorKind::InvalidFilename => "tên tệp không hợp lệ",
        ErrorKind::ResourceBusy => "đang được dùng",
        ErrorKind::UnexpectedEof => "dữ liệu kết thúc giữa chừng",
        ErrorKind::InvalidData => "dữ liệu không hợp lệ",
        ErrorKind::Interrupted => "bị ngắt giữa chừng",
        ErrorKind::TimedOut => "quá thời gian chờ",
        ErrorKind::ConnectionRefused => "máy chủ từ chối kết nối",
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => "kết nối bị ngắt",
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => "không kết nối được mạng",
        ErrorKind::AddrInUse => "địa chỉ hoặc cổng đang được dùng",
        ErrorKind::AddrNotAvailable => "máy này không có địa chỉ đó",
        ErrorKind::OutOfMemory => "hết bộ nhớ",
        ErrorKind::Unsupported if error.raw_os_error().is_none() => {
            return text!(vi: "hệ điều hành này không có cách làm đó", en: "this operating system can't do that");
        }
        _ => return Text { vi: library_reason(error), en: error.to_string() },
    };
    let code = error.raw_os_error().map(|code| format!(" (lỗi hệ thống số {code})")).unwrap_or_default();
    // An error of another library has a text of its own, which says more than its kind.
    let too_many = |own: &str| own.strip_prefix("more than ")?.strip_suffix(" bytes").map(|most| format!("quá {most} byte"));
    let more = own.map_or(code, |own| format!(" ({})", too_many(&own).unwrap_or_else(|| library_reason(&own))));
    text!(vi: "{vi}{more}", en: "{error}")
}

/// A system error about something, as a path or an address.
pub fn system_at(what: &dyn std::fmt::Display, error: &std::io::Error) -> Text {
    let Text { vi, en } = cause(error);
    text!(vi: "{what}: {vi}", en: "{what}: {en}")
}

#[cfg(test)]
mod tests {
    use std::io::Error;

    use super::*;

    #[test]
    fn common_faults_of_the_system_are_said_in_vietnamese() {
        for code in [1, 2, 13, 17, 20, 21, 28, 30, 36, 39, 98, 104, 110, 111, 113] {
            let Text { vi, en } = system(&Error::from_raw_os_error(code));
            assert!(vi.ends_with(&format!("(lỗi hệ thống số {code})")) && en.ends_with(&format!("(os error {code})")), "{vi} {en}");
        }
        assert_eq!(system(&Error::other("no luck")).vi, "lý do của thư viện: no luck");
        let full = Error::new(ErrorKind::StorageFull, "No space left on device (os error 28) at path \"/x/.tmp-a\"");
        let Text { vi, en } = system(&full);
        assert_eq!((vi.as_str(), en.as_str()), ("/x: ổ đĩa đã đầy (lỗi hệ thống số 28)", "/x: No space left on device (os error 28)"));
        let Text { vi, en } = system_at(&"/x/1.json", &full);
        assert_eq!(
            (vi.as_str(), en.as_str()),
            ("/x/1.json: ổ đĩa đã đầy (lỗi hệ thống số 28)", "/x/1.json: No space left on device (os error 28)")
        );
        assert_eq!(system(&Error::from_raw_os_error(71)).vi, "lý do của thư viện: Protocol error (os error 71)");
        assert_eq!(system(&Error::from(ErrorKind::UnexpectedEof)).vi, "dữ liệu kết thúc giữa chừng");
    }
}
