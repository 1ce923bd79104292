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

/// The cause and, where people can do something, the remedy. English has the library's own words for the cause.
pub fn reason(error: &ureq::Error) -> Text {
    if let Some(remedy) = certificates::remedy(error) {
        return remedy;
    }
    let own = library_reason(error);
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
        return text!(vi: "{vi}; hãy kiểm tra mạng và địa chỉ", en: "{error}; check the network and the address");
    }
    text!(vi: "{vi}", en: "{error}")
}
