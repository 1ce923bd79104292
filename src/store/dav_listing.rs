//! Parses the answer of a WebDAV server to a PROPFIND: files and folders below an address.
//! Never sends a request.

use chrono::DateTime;
use percent_encoding::percent_decode_str;
use quick_xml::events::Event;

use super::backend::StoreEntry;
use super::remote::FolderListing;

/// The body of the request.
pub const PROPFIND_BODY: &[u8] = b"<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
    <D:propfind xmlns:D=\"DAV:\"><D:prop><D:resourcetype/><D:getcontentlength/><D:getlastmodified/></D:prop></D:propfind>\n";

#[derive(Default)]
struct ListingEntry {
    href: String,
    length: String,
    modified: String,
    folder: bool,
}

/// Parses a listing of `base`, an address without a trailing slash.
pub fn parse(answer: &[u8], base: &str) -> Result<FolderListing, String> {
    let mut reader = quick_xml::Reader::from_reader(answer);
    let (mut listing, mut found, mut inside) = (FolderListing::default(), ListingEntry::default(), Vec::new());
    let base = decoded_path(base);
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(tag) => {
                inside = tag.local_name().as_ref().to_vec();
                match inside.as_slice() {
                    b"response" => found = ListingEntry::default(),
                    b"collection" => found.folder = true,
                    _ => {}
                }
            }
            Event::Empty(tag) if tag.local_name().as_ref() == b"collection" => found.folder = true,
            Event::Text(text) => {
                let text = text.decode().map_err(|error| error.to_string())?;
                match inside.as_slice() {
                    b"href" => found.href.push_str(text.trim()),
                    b"getcontentlength" => found.length.push_str(text.trim()),
                    b"getlastmodified" => found.modified.push_str(text.trim()),
                    _ => {}
                }
            }
            Event::End(tag) => {
                inside.clear();
                if tag.local_name().as_ref() == b"response" {
                    push_entry(std::mem::take(&mut found), &base, &mut listing);
                }
            }
            Event::Eof => return Ok(listing),
            _ => {}
        }
    }
}

fn push_entry(found: ListingEntry, base: &str, listing: &mut FolderListing) {
    let path = decoded_path(&found.href);
    let Some(path) = path.strip_prefix(base).map(|path| path.trim_start_matches('/')).filter(|path| !path.is_empty()) else { return };
    if found.folder {
        listing.folders.push(format!("{}/", path.trim_end_matches('/')));
    } else {
        let modified = DateTime::parse_from_rfc2822(&found.modified).map_or(i64::MAX, |time| time.timestamp());
        listing.files.push(StoreEntry { path: path.to_owned(), size: found.length.parse().unwrap_or(u64::MAX), modified });
    }
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
        let listing = parse(answer, "http://kho.example/b\u{1ea3}ng").unwrap();
        let file = StoreEntry { path: "root/1.json".to_owned(), size: 1_234, modified: 1_796_263_200 };
        assert_eq!(listing, FolderListing { files: vec![file], folders: vec!["root/".to_owned()] });
        assert!(parse(b"<a><b></a>", "http://kho.example").is_err());
    }
}
