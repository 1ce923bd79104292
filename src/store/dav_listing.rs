//! Parses the answer of a WebDAV server to a PROPFIND: files and folders below an address.
//! Never sends a request.

use chrono::DateTime;
use percent_encoding::percent_decode_str;
use quick_xml::events::Event;

use super::backend::StoreEntry;
use super::remote::FolderListing;
use crate::base::failure::library_reason;
use crate::base::text::Text;

/// The body of the request.
pub const PROPFIND_BODY: &[u8] = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <D:propfind xmlns:D=\"DAV:\"><D:prop><D:resourcetype/><D:getcontentlength/><D:getlastmodified/></D:prop></D:propfind>\n";

#[derive(Default)]
struct ListingEntry {
    href: String,
    length: String,
    modified: String,
    /// Of the whole entry, beside the statuses of its properties.
    status: String,
    folder: bool,
}

/// An answer that is not whole.
fn broken_off() -> Text {
    crate::text!(vi: "máy chủ liệt kê dở dang: thiếu phần cuối", en: "the server's listing breaks off: its end is missing")
}

fn unreadable(error: &dyn std::fmt::Display) -> Text {
    Text { vi: library_reason(error), en: error.to_string() }
}

/// Parses a listing of a folder of `base`, an address without a trailing slash. `None` if the answer does not name the folder: it speaks of another
/// address, and what it lacks may be there. Fails if it is not whole.
pub fn parse(answer: &[u8], base: &str, folder: &str) -> Result<Option<FolderListing>, Text> {
    let mut reader = quick_xml::Reader::from_reader(answer);
    let (mut listing, mut found, mut inside) = (FolderListing::default(), ListingEntry::default(), Vec::new());
    let base = decoded_path(base);
    let own = format!("{base}/{}", folder.trim_end_matches('/'));
    let (mut named, mut whole, mut of_property) = (false, false, false);
    loop {
        let event = reader.read_event().map_err(|error| unreadable(&error))?;
        match event {
            Event::Start(tag) => {
                inside = tag.local_name().as_ref().to_vec();
                match inside.as_slice() {
                    b"response" => found = ListingEntry::default(),
                    b"collection" => found.folder = true,
                    b"propstat" => of_property = true,
                    _ => {}
                }
            }
            Event::Empty(tag) if tag.local_name().as_ref() == b"collection" => found.folder = true,
            Event::Text(text) => {
                let text = text.decode().map_err(|error| unreadable(&error))?;
                match inside.as_slice() {
                    b"href" => found.href.push_str(text.trim()),
                    b"getcontentlength" => found.length.push_str(text.trim()),
                    b"getlastmodified" => found.modified.push_str(text.trim()),
                    b"status" if !of_property => found.status.push_str(text.trim()),
                    _ => {}
                }
            }
            Event::End(tag) => {
                inside.clear();
                match tag.local_name().as_ref() {
                    b"propstat" => of_property = false,
                    b"multistatus" => whole = true,
                    b"response" => {
                        let found = std::mem::take(&mut found);
                        named |= decoded_path(&found.href) == own.trim_end_matches('/');
                        push_entry(found, &base, &mut listing)?;
                    }
                    _ => {}
                }
            }
            Event::Eof if whole => return Ok(named.then_some(listing)),
            Event::Eof => return Err(broken_off()),
            _ => {}
        }
    }
}

fn push_entry(found: ListingEntry, base: &str, listing: &mut FolderListing) -> Result<(), Text> {
    // `HTTP/1.1 507 …`: the server lists no more than it has listed (RFC 4918, 11.5); with 404 the file went away meanwhile.
    match found.status.split(' ').nth(1) {
        Some("507") => return Err(broken_off()),
        Some("404" | "410") => return Ok(()),
        _ => {}
    }
    let path = decoded_path(&found.href);
    let Some(path) = path.strip_prefix(base).and_then(|path| path.strip_prefix('/')).filter(|path| !path.is_empty()) else { return Ok(()) };
    // Of a folder that it may not open, a server says no more than a status and the address.
    if found.folder || found.href.ends_with('/') {
        listing.folders.push(format!("{}/", path.trim_end_matches('/')));
    } else {
        let modified = DateTime::parse_from_rfc2822(&found.modified).map_or(i64::MAX, |time| time.timestamp());
        listing.files.push(StoreEntry { path: path.to_owned(), size: found.length.parse().unwrap_or(u64::MAX), modified });
    }
    Ok(())
}

/// The path of an address or of an absolute path, percent-decoded, without a trailing slash.
fn decoded_path(address: &str) -> String {
    let path = match address.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => address,
    };
    percent_decode_str(path).decode_utf8_lossy().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_nginx_and_apache() {
        let answer = br#"<?xml version="1.0" encoding="utf-8" ?>
<D:multistatus xmlns:D="DAV:">
<D:response><D:href>/b%E1%BA%A3ng/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop></D:propstat></D:response>
<D:response><D:href>/b%e1%ba%a3ng/root</D:href><D:propstat><D:prop><D:resourcetype><D:collection></D:collection></D:resourcetype></D:prop></D:propstat></D:response>
<D:response xmlns:lp1="DAV:"><D:href>http://kho.example/b%E1%BA%A3ng/root/1.json</D:href><D:propstat><D:prop><lp1:resourcetype/>
<lp1:getcontentlength>1234</lp1:getcontentlength><lp1:getlastmodified>Thu, 03 Dec 2026 02:00:00 GMT</lp1:getlastmodified></D:prop></D:propstat></D:response>
</D:multistatus>"#;
        let listing = parse(answer, "http://kho.example/b\u{1ea3}ng", "").unwrap();
        let file = StoreEntry { path: "root/1.json".to_owned(), size: 1_234, modified: 1_796_263_200 };
        assert_eq!(listing, Some(FolderListing { files: vec![file], folders: vec!["root/".to_owned()] }));
        assert!(parse(b"<a><b></a>", "http://kho.example", "").is_err());
    }

    /// An answer with entries: address, whether it is a folder, status.
    fn answer(entries: &[(&str, bool, &str)]) -> String {
        let entry = |(href, folder, status): &(&str, bool, &str)| {
            let kind = if *folder { "<D:resourcetype><D:collection/></D:resourcetype>" } else { "<D:resourcetype/>" };
            let missing = "<D:propstat><D:prop><D:getcontentlength/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>";
            match *status {
                "" => format!("<D:response><D:href>{href}</D:href><D:propstat><D:prop>{kind}</D:prop></D:propstat>{missing}</D:response>"),
                status => format!("<D:response><D:href>{href}</D:href><D:status>HTTP/1.1 {status}</D:status></D:response>"),
            }
        };
        format!("<D:multistatus xmlns:D=\"DAV:\">{}</D:multistatus>", entries.iter().map(entry).collect::<String>())
    }

    #[test]
    fn an_answer_that_is_not_whole_is_no_listing() {
        let own = ("/kho/objects/", true, "");
        let read = |text: &str| parse(text.as_bytes(), "http://kho.example/kho", "objects/");
        let whole = answer(&[own, ("/kho/objects/41/", true, ""), ("/kho/objects/a", false, "")]);
        let FolderListing { files, folders } = read(&whole).unwrap().unwrap();
        assert_eq!((files.len(), folders), (1, vec!["objects/".to_owned(), "objects/41/".to_owned()]));
        for end in (0..whole.len() - "</D:multistatus>".len()).step_by(7) {
            assert!(read(&whole[..end]).is_err(), "{}", &whole[..end]);
        }
        let longer = answer(&[own, ("/kho/objects/41/", true, ""), ("/kho/objects/", true, "507 Insufficient Storage")]);
        assert!(read(&longer).is_err());
        // A server behind another one that has the folder at another address, and one that answers for the folder above.
        for other in ["/inner/objects/", "/kho2/objects/", "/kho/"] {
            assert_eq!(read(&answer(&[(other, true, ""), ("/kho/objects/a", false, "")])), Ok(None), "{other}");
        }
        let some = answer(&[own, ("/kho/objects/closed/", true, "403 Forbidden"), ("/kho/objects/gone", false, "404 Not Found")]);
        let FolderListing { files, folders } = read(&some).unwrap().unwrap();
        assert_eq!((files.len(), folders), (0, vec!["objects/".to_owned(), "objects/closed/".to_owned()]));
    }
}
