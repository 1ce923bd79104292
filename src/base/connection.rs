//! Why a request over the network got no answer, in words for people.
//! Never decides what to do about it.

use super::certificates;
use super::failure::{self, library_reason};
use super::text::Text;
use crate::text;

const UNKNOWN_HOST: &str = "không tìm thấy tên máy chủ; xem lại địa chỉ và kết nối mạng";

/// The cause and, where people can do something, the remedy. English has the library's own words.
pub fn reason(error: &ureq::Error) -> Text {
    if let Some(remedy) = certificates::remedy(error) {
        return remedy;
    }
    let own = library_reason(error);
    let vi = match error {
        ureq::Error::HostNotFound => UNKNOWN_HOST.to_owned(),
        // The system's resolver says so by a text alone.
        ureq::Error::Io(error) if error.to_string().starts_with("failed to lookup address") => UNKNOWN_HOST.to_owned(),
        ureq::Error::ConnectionFailed => "không kết nối được".to_owned(),
        ureq::Error::Timeout(_) => "máy chủ không trả lời kịp".to_owned(),
        ureq::Error::Io(error) => failure::system(error).vi,
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => format!("địa chỉ viết sai; sửa lại địa chỉ ({own})"),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) => format!("không lập được kết nối bảo mật ({own})"),
        ureq::Error::Protocol(_) => format!("máy chủ trả lời không đúng giao thức HTTP ({own})"),
        _ => own,
    };
    text!(vi: "{vi}", en: "{error}")
}
