//! Parses the answer of a WebDAV server to a PROPFIND: files and folders below an address.
//! Reads it as a stream, up to a limit of bytes and time. Never sends a request.

use std::io::{self, BufRead, BufReader, Read};
use std::time::Instant;

use chrono::DateTime;
use percent_encoding::percent_decode_str;
use quick_xml::events::Event;

use super::backend::StoreEntry;
use super::remote::FolderListing;
use crate::base::failure::{self, library_reason};
use crate::base::limits::{LISTING_BYTES, LISTING_TIME};
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

/// An answer beyond the limits.
fn endless() -> Text {
    crate::text!(
        vi: "máy chủ liệt kê mãi không hết; hãy kiểm tra máy chủ và địa chỉ",
        en: "the server's listing does not end; check the server and the address"
    )
}

fn unreadable(error: &dyn std::fmt::Display) -> ListingFault {
    ListingFault::Answer(Text { vi: library_reason(error), en: error.to_string() })
}

/// Why there is no listing.
#[derive(Debug, PartialEq, Eq)]
pub enum ListingFault {
    /// The connection failed while it was read.
    Connection(Text),
    /// What the server answers is no listing, not a whole one, or one without an end: it may give another one when it is asked in another way.
    Answer(Text),
}

impl From<quick_xml::Error> for ListingFault {
    fn from(error: quick_xml::Error) -> Self {
        match error {
            quick_xml::Error::Io(error) if error.kind() == TOO_LONG => Self::Answer(endless()),
            quick_xml::Error::Io(error) => Self::Connection(failure::system(&error)),
            // The end comes inside a tag.
            quick_xml::Error::Syntax(_) => Self::Answer(broken_off()),
            error => unreadable(&error),
        }
    }
}

/// What reading beyond the limits fails with.
const TOO_LONG: io::ErrorKind = io::ErrorKind::FileTooLarge;

/// An answer that is read up to the limits.
struct Bounded<R> {
    body: R,
    /// Bytes that may still come.
    left: u64,
    began: Instant,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || self.began.elapsed() > LISTING_TIME {
            return Err(TOO_LONG.into());
        }
        let most = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let count = self.body.read(&mut buffer[..most])?;
        self.left -= count as u64;
        Ok(count)
    }
}

/// Reads a listing of a folder of `base`, an address without a trailing slash. `None` if the answer does not name the folder: it speaks of another
/// address, and what it lacks may be there. Fails if it is not whole, or goes on beyond the limits.
pub fn read(answer: impl Read, base: &str, folder: &str) -> Result<Option<FolderListing>, ListingFault> {
    parse(BufReader::new(Bounded { body: answer, left: LISTING_BYTES, began: Instant::now() }), base, folder)
}

fn parse(answer: impl BufRead, base: &str, folder: &str) -> Result<Option<FolderListing>, ListingFault> {
    let mut reader = quick_xml::Reader::from_reader(answer);
    let (mut listing, mut found, mut inside) = (FolderListing::default(), ListingEntry::default(), Vec::new());
    let base = decoded_path(base);
    let own = format!("{base}/{}", folder.trim_end_matches('/'));
    let (mut named, mut whole, mut of_property, mut held) = (false, false, false, Vec::new());
    loop {
        held.clear();
        match reader.read_event_into(&mut held)? {
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
            Event::Eof => return Err(ListingFault::Answer(broken_off())),
            _ => {}
        }
    }
}

fn push_entry(found: ListingEntry, base: &str, listing: &mut FolderListing) -> Result<(), ListingFault> {
    // `HTTP/1.1 507 …`: the server lists no more than it has listed (RFC 4918, 11.5); with 404 the file went away meanwhile.
    match found.status.split(' ').nth(1) {
        Some("507") => return Err(ListingFault::Answer(broken_off())),
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
        let listing = parse(&answer[..], "http://kho.example/b\u{1ea3}ng", "").unwrap();
        let file = StoreEntry { path: "root/1.json".to_owned(), size: 1_234, modified: 1_796_263_200 };
        assert_eq!(listing, Some(FolderListing { files: vec![file], folders: vec!["root/".to_owned()] }));
        assert!(parse(&b"<a><b></a>"[..], "http://kho.example", "").is_err());
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

    /// One that is sent again and again.
    struct Again(&'static [u8], usize);

    impl Read for Again {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = buffer.len().min(self.0.len() - self.1);
            buffer[..count].copy_from_slice(&self.0[self.1..self.1 + count]);
            self.1 = (self.1 + count) % self.0.len();
            Ok(count)
        }
    }

    struct Broken;

    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }

    #[test]
    fn an_answer_without_an_end_is_given_up_and_said_to_be_one() {
        for bytes in [&b"<D:response><D:href>/kho/objects/41/</D:href><D:status>HTTP/1.1 404 Gone</D:status></D:response>"[..], b"<", b"a "]
        {
            assert_eq!(read(Again(bytes, 0), "http://kho.example/kho", "objects/"), Err(ListingFault::Answer(endless())));
        }
        let mut late = Bounded { body: Again(b"a", 0), left: 9, began: Instant::now().checked_sub(2 * LISTING_TIME).unwrap() };
        assert_eq!(late.read(&mut [0; 1]).unwrap_err().kind(), TOO_LONG);
        // A connection that breaks is no answer.
        assert!(matches!(read(Broken, "http://kho.example/kho", ""), Err(ListingFault::Connection(_))));
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
