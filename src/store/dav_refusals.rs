//! What the status means with which a WebDAV server refuses a request, and what to do about it.
//! Never sends a request.

use crate::base::connection;
use crate::base::text::Text;

/// Why a server refused `method` for an address.
pub fn text(url: &str, method: &str, status: u16) -> Text {
    match status {
        401 | 403 => crate::text!(
            vi: "{url}: máy chủ từ chối {method} ({status}); tên và mật khẩu lấy từ biến môi trường BANGTIN_DAV_USER, BANGTIN_DAV_PASSWORD",
            en: "{url}: the server refuses {method} ({status}); user and password come from the environment: BANGTIN_DAV_USER, BANGTIN_DAV_PASSWORD"
        ),
        405 | 501 => crate::text!(
            vi: "{url}: máy chủ không nhận {method} ({status}); hãy bật WebDAV cho thư mục này (xem docs/hosting.md)",
            en: "{url}: the server does not accept {method} ({status}); switch WebDAV on for this folder (see docs/hosting.md)"
        ),
        413 => crate::text!(
            vi: "{url}: máy chủ không nhận tệp lớn như vậy (413); hãy nâng giới hạn, ở nginx là client_max_body_size 0",
            en: "{url}: the server does not accept a file of this size (413); raise its limit, with nginx: client_max_body_size 0"
        ),
        507 => crate::text!(
            vi: "{url}: ổ đĩa của máy chủ, hoặc hạn mức của tài khoản, đã đầy (507); hãy dọn chỗ ở đó rồi chạy lại lệnh này: những gì đã gửi không phải gửi lại",
            en: "{url}: the server's disk, or the account's share of it, is full (507); make room there and run this again: what was sent is not sent again"
        ),
        300..=399 => crate::text!(
            vi: "{url}: máy chủ chuyển {method} sang địa chỉ khác ({status}); hãy nêu thẳng địa chỉ đó",
            en: "{url}: the server sends {method} to another address ({status}); name that address itself"
        ),
        _ => {
            let Text { vi, en } = connection::status(status);
            crate::text!(vi: "{url}: {method}: {vi}; hãy hỏi người quản trị máy chủ", en: "{url}: {method}: {en}; ask who runs the server")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_status_is_a_bare_number() {
        for (status, vi, en) in [
            (403, "máy chủ từ chối PUT (403)", "the server refuses PUT (403)"),
            (413, "nâng giới hạn", "raise its limit"),
            (507, "đã đầy (507); hãy dọn chỗ", "is full (507); make room"),
            (302, "địa chỉ khác (302)", "another address (302)"),
            (500, "đang lỗi hoặc quá tải (mã 500)", "has failed or is overloaded (status 500)"),
            (418, "trả lời khác thường (mã 418)", "gives an unusual answer (status 418)"),
        ] {
            let told = text("http://kho.example/a", "PUT", status);
            assert!(told.vi.contains(vi) && told.en.contains(en), "{told:?}");
        }
    }
}
