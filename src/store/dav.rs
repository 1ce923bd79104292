//! A store on a WebDAV server (RFC 4918): nginx, Apache, a NAS. The client of `object_store` holds a whole film in memory, has no
//! conditional writes and lists only the root of a host. Never decides what to write.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use base64::Engine as _;
use ureq::http::{Request, Response};
use ureq::{Agent, Body, SendBody};

use super::backend::{ProgressFn, VerifyingReader, changed_object};
use super::dav_listing::{self, ListingFault};
use super::dav_refusals;
use super::remote::{FolderListing, RemoteFile, RemoteServer};
use crate::base::bytes::ByteSource;
use crate::base::certificates;
use crate::base::connection;
use crate::base::digest::Digest;
use crate::base::failure::{self, Failure};
use crate::base::lock::MutexExt as _;
use crate::base::paced::Paced;
use crate::base::text::Text;
use crate::base::token;

/// Longest wait for a byte of an answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// The same after a file was sent: a server may write a film to its disk first.
const WRITE_TIMEOUT: Duration = Duration::from_secs(120);
/// A body is given up if it brings less than 4 KB a second over this time of waiting for it.
const BODY_TIME: Duration = ANSWER_TIMEOUT;
const BODY_LEAST: u64 = (4 << 10) * BODY_TIME.as_secs();
/// Attempts per request when the connection fails.
const TRIES: u32 = 3;
/// Time to connect, and how long the first contact is tried before the server counts as one that can't be reached.
const CONTACT: Duration = Duration::from_secs(10);

/// A folder on a WebDAV server.
pub struct DavServer {
    agent: Agent,
    base: String,
    authorization: Option<String>,
    /// Whether the server has ever answered.
    answered: AtomicBool,
    /// Why there was no first contact: no further request is made then.
    unreachable: OnceLock<Text>,
    /// The server requires MKCOL before files in a folder; many create folders themselves.
    needs_mkcol: AtomicBool,
    created_folders: Mutex<std::collections::BTreeSet<String>>,
    /// The server does not support MOVE, so exclusive creation is impossible.
    lacks_move: AtomicBool,
}

impl DavServer {
    /// Opens the folder at an address. `credentials`: user and password, if the server requires them.
    pub fn open(address: &str, credentials: Option<(&str, &str)>) -> Self {
        let config = Agent::config_builder()
            .timeout_connect(Some(CONTACT))
            .timeout_recv_response(Some(ANSWER_TIMEOUT))
            .timeout_per_read(Some(ANSWER_TIMEOUT))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .user_agent(concat!("bangtin/", env!("CARGO_PKG_VERSION")))
            .tls_config(certificates::trust(address, &[]))
            .build();
        let basic = |(user, password)| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")));
        Self {
            agent: config.into(),
            base: address.trim_end_matches('/').to_owned(),
            authorization: credentials.map(basic),
            answered: AtomicBool::new(false),
            unreachable: OnceLock::new(),
            needs_mkcol: AtomicBool::new(false),
            created_folders: Mutex::default(),
            lacks_move: AtomicBool::new(false),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    fn request_once(&self, method: &str, path: &str, headers: &[(&str, &str)], body: SendBody<'_>) -> Result<Response<Body>, ureq::Error> {
        let mut request = Request::builder().method(method).uri(self.url(path));
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let wait = if matches!(method, "PUT" | "MOVE") { WRITE_TIMEOUT } else { ANSWER_TIMEOUT };
        self.agent.run(self.agent.configure_request(request.body(body)?).timeout_recv_response(Some(wait)).build())
    }

    /// Makes a request that is safe to repeat when the connection fails.
    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], bytes: &[u8]) -> Result<Response<Body>, Failure> {
        self.with_retries(path, || {
            let mut bytes = bytes;
            let length = bytes.len().to_string();
            let with_length = [headers, &[("Content-Length", length.as_str())]].concat();
            match (method, bytes.is_empty()) {
                ("PUT" | "PROPFIND", _) | (_, false) => self.request_once(method, path, &with_length, SendBody::from_reader(&mut bytes)),
                _ => self.request_once(method, path, headers, SendBody::none()),
            }
        })
    }

    fn with_retries(
        &self,
        path: &str,
        mut request: impl FnMut() -> Result<Response<Body>, ureq::Error>,
    ) -> Result<Response<Body>, Failure> {
        if let Some(reason) = self.unreachable.get() {
            return Err(self.connection_failure(path, reason.clone()));
        }
        let (began, mut tries) = (Instant::now(), 1);
        loop {
            let error = match request() {
                Ok(response) => {
                    self.answered.store(true, Ordering::SeqCst);
                    return Ok(response);
                }
                Err(error) => error,
            };
            let answered = self.answered.load(Ordering::SeqCst);
            // A server that takes a request and is silent was waited for long enough.
            let silent =
                matches!(error, ureq::Error::Timeout(ureq::Timeout::RecvResponse | ureq::Timeout::RecvBody | ureq::Timeout::PerRead));
            if tries == TRIES || silent || (!answered && began.elapsed() >= CONTACT) {
                let reason = connection::reason(&error);
                if !answered {
                    drop(self.unreachable.set(reason.clone()));
                }
                return Err(self.connection_failure(path, reason));
            }
            std::thread::sleep(Duration::from_secs(1 << tries));
            tries += 1;
        }
    }

    fn connection_failure(&self, path: &str, reason: Text) -> Failure {
        Failure::External(reason).about(&self.url(path))
    }

    fn status_failure(&self, method: &str, path: &str, status: u16) -> Failure {
        Failure::External(dav_refusals::text(&self.url(path), method, status))
    }

    /// Requests a file; `None` if it is absent.
    fn find(&self, method: &str, path: &str) -> Result<Option<Response<Body>>, Failure> {
        let response = self.request(method, path, &[("Accept-Encoding", "identity")], b"")?;
        match response.status().as_u16() {
            200 => Ok(Some(response)),
            404 | 410 => Ok(None),
            status => Err(self.status_failure(method, path, status)),
        }
    }

    fn read_body(&self, path: &str, response: Response<Body>, limit: u64) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let read = body(response).take(limit).read_to_end(&mut bytes);
        read.map(|_| bytes).map_err(|error| self.connection_failure(path, failure::system(&error)))
    }

    /// Makes the folders of a path that are not known to be there. Who needs one waits until it is made.
    fn make_folders(&self, path: &str) -> Result<(), Failure> {
        let mut made = self.created_folders.hold();
        for (at, _) in path.match_indices('/') {
            let folder = &path[..=at];
            if made.contains(folder) {
                continue;
            }
            let status = self.request("MKCOL", folder, &[], b"")?.status().as_u16();
            // 405: it exists.
            if !matches!(status, 200..=299 | 405) {
                return Err(self.status_failure("MKCOL", folder, status));
            }
            made.insert(folder.to_owned());
        }
        Ok(())
    }

    /// Writes a file whose body can be opened again; retries after creating its folders if the server requires them.
    fn put<'a>(
        &self,
        path: &str,
        size: u64,
        headers: &[(&str, &str)],
        mut body: impl FnMut() -> io::Result<Box<dyn Read + 'a>>,
    ) -> Result<u16, Failure> {
        let length = size.to_string();
        let headers = [headers, &[("Content-Length", length.as_str())]].concat();
        loop {
            let first = !self.needs_mkcol.load(Ordering::SeqCst);
            if !first {
                self.make_folders(path)?;
            }
            let answer = self.with_retries(path, || self.request_once("PUT", path, &headers, SendBody::from_reader(&mut *body()?)))?;
            match answer.status().as_u16() {
                // RFC 4918, 9.7.1: 409 if the parent folder is missing; some servers answer 404 or 403.
                403 | 404 | 409 if first => self.needs_mkcol.store(true, Ordering::SeqCst),
                status => return Ok(status),
            }
        }
    }

    fn write(&self, path: &str, bytes: &[u8], headers: &[(&str, &str)]) -> Result<u16, Failure> {
        self.put(path, bytes.len() as u64, headers, || Ok(Box::new(bytes)))
    }

    fn check_written(&self, path: &str, status: u16) -> Result<(), Failure> {
        if matches!(status, 200..=299) { Ok(()) } else { Err(self.status_failure("PUT", path, status)) }
    }

    /// Leaves no temporary file with a server that says that it moved one and did nothing; reading back tells what is missing.
    fn remove_unmoved(&self, path: &str, temporary: &str) -> Result<(), Failure> {
        if self.size(path)?.is_some() { Ok(()) } else { self.remove(temporary) }
    }

    /// Creates a file without MOVE: checks first, then sends a condition that the server may ignore.
    fn create_without_move(&self, path: &str, bytes: &[u8]) -> Result<bool, Failure> {
        if self.size(path)?.is_some() {
            return Ok(false);
        }
        match self.write(path, bytes, &[("If-None-Match", "*")])? {
            412 => Ok(false),
            status => self.check_written(path, status).map(|()| true),
        }
    }

    /// Lists below a folder; `None` if the server can't, the inner error if its answer is not whole, or has no end.
    fn list_below(&self, folder: &str, depth: &str) -> Result<Result<Option<FolderListing>, Text>, Failure> {
        let response =
            self.request("PROPFIND", folder, &[("Depth", depth), ("Content-Type", "application/xml")], dav_listing::PROPFIND_BODY)?;
        match response.status().as_u16() {
            207 => {}
            404 => return Ok(Ok(Some(FolderListing::default()))),
            _ => return Ok(Ok(None)),
        }
        match dav_listing::read(body(response), &self.base, folder) {
            Ok(listing) => Ok(Ok(listing)),
            Err(ListingFault::Answer(reason)) => Ok(Err(reason)),
            Err(ListingFault::Connection(reason)) => Err(self.connection_failure(folder, reason)),
        }
    }
}

/// The body of an answer. Never waits for one that drips.
fn body(response: Response<Body>) -> impl Read + Send {
    Paced::new(response.into_body().into_reader(), BODY_TIME, BODY_LEAST)
}

impl RemoteServer for DavServer {
    fn name(&self) -> String {
        self.base.clone()
    }

    fn get(&self, path: &str, limit: u64) -> Result<Option<RemoteFile>, Failure> {
        let Some(response) = self.find("GET", path)? else { return Ok(None) };
        let etag = response.headers().get("etag").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let bytes = self.read_body(path, response, limit + 1)?;
        Ok(Some(RemoteFile { bytes, etag, version: None }))
    }

    fn open(&self, path: &str) -> Result<Option<Box<dyn Read + Send + '_>>, Failure> {
        Ok(self.find("GET", path)?.map(|response| Box::new(body(response)) as _))
    }

    fn size(&self, path: &str) -> Result<Option<u64>, Failure> {
        let length = |response: Response<Body>| response.headers().get("content-length")?.to_str().ok()?.parse().ok();
        Ok(self.find("HEAD", path)?.map(|response| length(response).unwrap_or(u64::MAX)))
    }

    fn list_all(&self) -> Result<Option<FolderListing>, Failure> {
        // Servers may refuse this depth (RFC 4918, 9.1), answer as if another was asked for, or break off.
        let all = self.list_below("", "infinity")?.unwrap_or_default();
        if all.as_ref().is_some_and(FolderListing::is_empty) { self.list_folder("") } else { Ok(all) }
    }

    fn list_folder(&self, folder: &str) -> Result<Option<FolderListing>, Failure> {
        self.list_below(folder, "1")?.map_err(|reason| self.connection_failure(folder, reason))
    }

    fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, Failure> {
        if self.lacks_move.load(Ordering::SeqCst) {
            return self.create_without_move(path, bytes);
        }
        // nginx and others ignore `If-None-Match: *`; the protocol itself defines MOVE without overwriting.
        let temporary = format!("{path}.{:016x}{TEMPORARY}", u64::from_le_bytes(token::random_token()?));
        let status = self.write(&temporary, bytes, &[])?;
        self.check_written(&temporary, status)?;
        let url = self.url(path);
        match self.request("MOVE", &temporary, &[("Destination", &url), ("Overwrite", "F")], b"")?.status().as_u16() {
            200..=299 => self.remove_unmoved(path, &temporary).map(|()| true),
            412 => self.remove(&temporary).map(|()| false),
            405 | 501 | 403 | 400 => {
                self.remove(&temporary)?;
                self.lacks_move.store(true, Ordering::SeqCst);
                self.create_without_move(path, bytes)
            }
            status => {
                self.remove(&temporary)?;
                Err(self.status_failure("MOVE", path, status))
            }
        }
    }

    fn is_exclusive(&self, there: &str, bytes: &[u8]) -> Result<bool, Failure> {
        Ok(!self.create(there, bytes)? && !self.lacks_move.load(Ordering::SeqCst))
    }

    fn replace(&self, path: &str, bytes: &[u8], seen: Option<&RemoteFile>) -> Result<bool, Failure> {
        let now = self.get(path, bytes.len() as u64 + 1)?;
        // An entity tag alone is too weak: nginx derives it from the second and the length.
        match (&now, seen) {
            (None, None) => return self.create(path, bytes),
            (Some(now), Some(seen)) if now.bytes == seen.bytes => {}
            _ => return Ok(false),
        }
        // A server that honours the condition excludes a race; with others a short window remains.
        let etag = now.as_ref().and_then(|now| now.etag.as_deref()).filter(|etag| !etag.starts_with("W/"));
        let condition = etag.map(|etag| ("If-Match", etag));
        match self.write(path, bytes, condition.as_slice())? {
            412 => Ok(false),
            status => self.check_written(path, status).map(|()| true),
        }
    }

    fn send(&self, path: &str, object: (Digest, u64), source: &ByteSource, sent: ProgressFn<'_>) -> Result<(), Failure> {
        let wrong = AtomicBool::new(false);
        let status = self.put(path, object.1, &[], || Ok(Box::new(VerifyingReader::new(source.open()?, object, sent, &wrong))));
        if wrong.load(Ordering::SeqCst) {
            return Err(changed_object(object.0));
        }
        self.check_written(path, status?)
    }

    fn remove(&self, path: &str) -> Result<(), Failure> {
        match self.request("DELETE", path, &[], b"")?.status().as_u16() {
            200..=299 | 404 | 410 => Ok(()),
            status => Err(self.status_failure("DELETE", path, status)),
        }
    }
}

/// Suffix of temporary files.
pub const TEMPORARY: &str = ".tmp";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_needs_a_folder_waits_until_it_is_made() {
        let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
        let (address, folders) = (format!("http://{}/kho", server.server_addr()), Mutex::new(Vec::<String>::new()));
        let store = DavServer::open(&address, None);
        let write = |name: &str| store.write(&format!("objects/41/{name}"), b"x", &[]).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(request) = server.recv_timeout(Duration::from_secs(2)).unwrap() {
                        let (path, makes) = (request.url().to_owned(), request.method().as_str() == "MKCOL");
                        let parent = path.trim_end_matches('/').rsplit_once('/').unwrap().0.to_owned();
                        if makes {
                            std::thread::sleep(Duration::from_millis(100));
                            folders.hold().push(path.trim_end_matches('/').to_owned());
                        }
                        let there = makes || folders.hold().contains(&parent);
                        request.respond(tiny_http::Response::empty(if there { 201 } else { 409 })).unwrap();
                    }
                });
            }
            assert_eq!(write("first"), 201);
            store.created_folders.hold().clear();
            folders.hold().clear();
            let all = ["a", "b", "c"].map(|name| scope.spawn(move || write(name)));
            assert_eq!(all.map(|each| each.join().unwrap()), [201; 3]);
        });
    }
}
