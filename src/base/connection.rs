//! Why a request over the network got no answer, in words for people.
//! Never decides what to do about it.

use std::io::ErrorKind;

use super::certificates;
use super::failure::{self, library_reason};
use super::text::Text;
use crate::text;

const UNKNOWN_HOST: &str = "không tìm thấy tên máy chủ";
/// What the system says of a network or a server that is down.
const NETWORK: [ErrorKind; 6] = [
    ErrorKind::ConnectionRefused,
    ErrorKind::ConnectionReset,
    ErrorKind::HostUnreachable,
    ErrorKind::NetworkUnreachable,
    ErrorKind::NetworkDown,
    ErrorKind::TimedOut,
];

/// The cause and, where people can do something, the remedy. English has the system's or the library's own words for the cause.
pub fn reason(error: &ureq::Error) -> Text {
    if let Some(remedy) = certificates::remedy(error) {
        return remedy;
    }
    let own = library_reason(error);
    let en = if let ureq::Error::Io(error) = error { failure::system(error).en } else { error.to_string() };
    let (vi, unreachable) = match error {
        ureq::Error::HostNotFound => (UNKNOWN_HOST.to_owned(), true),
        // The system's resolver says so by a text alone.
        ureq::Error::Io(error) if error.to_string().starts_with("failed to lookup address") => (UNKNOWN_HOST.to_owned(), true),
        ureq::Error::ConnectionFailed => ("không kết nối được".to_owned(), true),
        ureq::Error::Timeout(_) => ("máy chủ không trả lời kịp".to_owned(), true),
        ureq::Error::Io(error) => (failure::system(error).vi, NETWORK.contains(&error.kind())),
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => (format!("địa chỉ viết sai; sửa lại địa chỉ ({own})"), false),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => (format!("không lập được kết nối bảo mật ({own})"), false),
        ureq::Error::Protocol(_) => (format!("máy chủ trả lời không đúng giao thức HTTP ({own})"), false),
        _ => (own, false),
    };
    if unreachable {
        return text!(vi: "{vi}; hãy kiểm tra mạng và địa chỉ", en: "{en}; check the network and the address");
    }
    text!(vi: "{vi}", en: "{en}")
}

/// What an answer with this HTTP status means, which is neither the file nor its absence.
pub fn status(status: u16) -> Text {
    let (vi, en) = match status {
        300..=399 => ("chuyển sang địa chỉ khác, đầu phát không theo", "sends to another address, which a player does not follow"),
        401 | 407 => ("đòi đăng nhập", "asks for a login"),
        429 => ("nhận quá nhiều yêu cầu", "has too many requests"),
        500..=599 => ("đang lỗi hoặc quá tải", "has failed or is overloaded"),
        _ => ("trả lời khác thường", "gives an unusual answer"),
    };
    text!(vi: "máy chủ {vi} (mã {status})", en: "the server {en} (status {status})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_or_the_system_answers_is_said_in_words() {
        assert_eq!(status(503).vi, "máy chủ đang lỗi hoặc quá tải (mã 503)");
        assert_eq!([302, 401, 429, 500, 418].map(|code| status(code).en.ends_with(&format!(" (status {code})"))), [true; 5]);
        let Text { vi, en } = reason(&ureq::Error::Io(std::io::Error::from_raw_os_error(111)));
        assert_eq!(en, "Connection refused (os error 111); check the network and the address");
        assert_eq!(vi, "máy chủ từ chối kết nối (lỗi hệ thống số 111); hãy kiểm tra mạng và địa chỉ");
    }
}
