//! Serves a store to players over HTTP, with validators and ranges. Any static server works too.
//! Never serves a file outside the layout of a store, never lists, never writes.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use tiny_http::Request;

use super::backend::StoreBackend as _;
use super::folder_store::FolderStore;
use super::{layout, survey};
use crate::base::digest::Digest;
use crate::base::failure::{self, Failure};
use crate::base::files::read_stream_limited;
use crate::base::http::{self, HttpResponse};
use crate::base::http_service::{HttpService, STACK};
use crate::base::limits::MANIFEST_BYTES;
use crate::base::os;
use crate::base::plain_file::{self, PlainFile};
use crate::base::relpath::RelPath;
use crate::base::text::Text;
use crate::text;

/// What a person reads who opens the address in a browser.
const FOR_PLAYERS: &str = "Đây là kho chương trình cho đầu phát (bangtin-player), không phải trang để xem. Muốn xem trước nội dung: bangtin preview\n\n\
    This is a store for players (bangtin-player), not a page to look at. To look at the content: bangtin preview\n";

/// Starts serving a store.
pub fn start(store: &Path, listen: SocketAddr) -> Result<HttpService, Failure> {
    let place = FolderStore::open_read_only(store)?;
    if place.size(&layout::root(1))?.is_none() {
        return Err(survey::no_first_root(&place));
    }
    let outside = |error: std::io::Error| {
        let Text { vi, en } = failure::system(&error);
        Failure::External(text!(vi: "không mở được {listen}: {vi}", en: "can't listen on {listen}: {en}"))
    };
    let listener = TcpListener::bind(listen).map_err(outside)?;
    let root = store.to_owned();
    HttpService::start(listener, STACK, Arc::new(move |request| answer(&root, request))).map_err(outside)
}

/// At Ctrl-C, SIGTERM or SIGHUP from now on, the process ends with exit code 0.
pub fn end_when_asked() -> Result<(), Failure> {
    os::at_end(|| std::process::exit(0)).map_err(|error| Failure::io("signals".as_ref(), &error))
}

fn answer(root: &Path, request: Request) {
    let answer = if http::is_read_method(&request) {
        let path = http::path(&request);
        find_file(root, path).unwrap_or_else(|| HttpResponse::text(404, if path == "/" { FOR_PLAYERS } else { "nothing here" }))
    } else {
        HttpResponse::text(405, "GET and HEAD only")
    };
    // The client may have disconnected.
    let _ = http::respond(request, answer);
}

fn find_file(root: &Path, path: &str) -> Option<HttpResponse> {
    let name = RelPath::parse(path.strip_prefix('/')?)?;
    let (first, _) = name.as_str().split_once('/')?;
    if !layout::FOLDERS.contains(&first) || name.as_str().contains("/.") {
        return None;
    }
    let PlainFile::Found(file) = plain_file::open(root, name.as_str()).ok()? else { return None };
    let metadata = file.metadata().ok()?;
    let size = metadata.len();
    let last = name.as_str().rsplit('/').next().unwrap_or_default();
    let answer = match (first, Digest::parse(last)) {
        ("objects", Some(digest)) => HttpResponse::file("application/octet-stream", file, size).with_digest_etag(digest),
        // Large, and never changed in place: its size and time tell it from another one.
        ("packs" | "blocks", _) => {
            let stamp = Digest::of(format!("{size} {:?}", metadata.modified().ok()?).as_bytes());
            HttpResponse::file("application/octet-stream", file, size).with_digest_etag(stamp)
        }
        _ => {
            let json = name.extension() == "json";
            let media_type = if json { "application/json" } else { "application/octet-stream" };
            HttpResponse::bytes(media_type, read_stream_limited(file, MANIFEST_BYTES).ok()?).with_content_etag()
        }
    };
    let changes = last == "latest.json";
    Some(answer.with_header("Cache-Control", if changes { "no-cache" } else { "public, max-age=31536000, immutable" }))
}
