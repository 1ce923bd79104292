//! A store in a bucket (`s3://`, `gs://`, `az://`), through the crate `object_store`, which reads the credentials from the environment.
//! Never decides what to write.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream::BoxStream};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, Certificate, ClientOptions, Error, ObjectStore, ObjectStoreExt as _, PutMode, PutMultipartOptions, PutOptions,
    PutPayload, RetryConfig, UpdateVersion,
};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::backend::{ProgressFn, StoreEntry, VerifyingReader, changed_object};
use super::remote::{FolderListing, RemoteFile, RemoteServer};
use crate::base::bytes::ByteSource;
use crate::base::certificates;
use crate::base::digest::Digest;
use crate::base::failure::{Failure, library_reason};
use crate::base::text::Text;

/// Largest single upload, in bytes; larger objects go in parts. No bucket accepts parts under 5 MiB.
const PART_BYTES: u64 = 8 << 20;
/// Most parts of one object; S3 allows 10,000.
const PARTS: u64 = 9_000;
/// Concurrent part uploads of one object.
const PARTS_AHEAD: usize = 2;
/// Timeout of one request: a part over a connection of 128 kbit/s.
const REQUEST: Duration = Duration::from_secs(600);
/// Cache header of every file except the hint: immutable.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A bucket, or a folder in one.
pub struct BucketServer {
    store: Box<dyn ObjectStore>,
    folder: Path,
    name: String,
    variables: &'static str,
    runtime: Runtime,
}

impl BucketServer {
    /// Opens the bucket of an address `s3://bucket/folder`, `gs://…` or `az://…`; `environment` holds the variables of the process.
    pub fn open(address: &str, environment: &[(String, String)]) -> Result<Self, Failure> {
        // Several crates can provide the cryptography of rustls; select the player's one explicitly.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let wrong =
            |error: &dyn std::fmt::Display| Failure::Usage(Text { vi: library_reason(error), en: error.to_string() }).about(&address);
        let options = ClientOptions::new()
            .with_timeout(REQUEST)
            .with_connect_timeout(Duration::from_secs(10))
            .with_user_agent(object_store::HeaderValue::from_static(concat!("bangtin/", env!("CARGO_PKG_VERSION"))));
        let options = match certificates::named(environment) {
            Some(authorities) => trust_only(options, authorities).map_err(|error| wrong(&error))?,
            None => options,
        };
        let retry = RetryConfig { max_retries: 4, retry_timeout: Duration::from_secs(60), ..RetryConfig::default() };
        let set = |prefix: &'static str| {
            let own = environment.iter().filter(move |(name, _)| name.starts_with(prefix));
            own.map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        };
        macro_rules! build {
            ($builder:ty, $prefix:literal) => {{
                let builder = <$builder>::new().with_url(address).with_client_options(options).with_retry(retry);
                let builder = set($prefix).fold(builder, |builder, (name, value)| match name.parse() {
                    Ok(key) => builder.with_config(key, value),
                    Err(_) => builder,
                });
                Box::new(builder.build().map_err(|error| wrong(&error))?) as Box<dyn ObjectStore>
            }};
        }
        let (scheme, rest) = address.split_once("://").unwrap_or_default();
        let (store, variables) = match scheme {
            "s3" => (build!(AmazonS3Builder, "AWS_"), "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT"),
            "gs" => (build!(GoogleCloudStorageBuilder, "GOOGLE_"), "GOOGLE_APPLICATION_CREDENTIALS"),
            _ => (build!(MicrosoftAzureBuilder, "AZURE_"), "AZURE_STORAGE_ACCOUNT_NAME, AZURE_STORAGE_ACCOUNT_KEY"),
        };
        let folder = Path::parse(rest.split_once('/').map_or("", |(_, folder)| folder)).map_err(|error| wrong(&error))?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|error| Failure::io(address.as_ref(), &error))?;
        Ok(Self { store, folder, name: address.trim_end_matches('/').to_owned(), variables, runtime })
    }

    fn full_path(&self, path: &str) -> Path {
        if self.folder.as_ref().is_empty() { Path::from(path) } else { Path::from(format!("{}/{path}", self.folder)) }
    }

    fn external(&self, path: &str, error: &Error) -> Failure {
        let (name, variables, reason) = (&self.name, self.variables, library_reason(error));
        if let Some(Text { vi, en }) = certificates::remedy(error) {
            return Failure::External(crate::text!(vi: "{name}: {path}: {vi}", en: "{name}: {path}: {en}"));
        }
        Failure::External(match error {
            Error::Unauthenticated { .. } | Error::PermissionDenied { .. } => crate::text!(
                vi: "{name}: {path}: máy chủ từ chối ({reason}); quyền truy cập lấy từ các biến môi trường {variables}",
                en: "{name}: {path}: the server refuses: {error}; access comes from the environment: {variables}"
            ),
            _ => crate::text!(
                vi: "{name}: {path}: {reason}; quyền truy cập và địa chỉ lấy từ các biến môi trường {variables}",
                en: "{name}: {path}: {error}; access and address come from the environment: {variables}"
            ),
        })
    }

    /// The result of a request for a file; `None` if it is absent.
    fn find<T>(&self, path: &str, result: Result<T, Error>) -> Result<Option<T>, Failure> {
        match result {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.external(path, &error)),
        }
    }

    fn write(&self, path: &str, bytes: Vec<u8>, mode: PutMode) -> Result<(), Error> {
        let options = PutOptions { mode, attributes: attributes(path), ..PutOptions::default() };
        self.runtime.block_on(self.store.put_opts(&self.full_path(path), PutPayload::from(bytes), options)).map(drop)
    }

    /// Uploads an object in parts. An error of the server is inside the one returned.
    fn send_in_parts(&self, path: &str, size: u64, body: &mut dyn Read) -> io::Result<()> {
        let part = PART_BYTES.max(size.div_ceil(PARTS));
        let options = PutMultipartOptions { attributes: attributes(path), ..PutMultipartOptions::default() };
        let mut upload = self.runtime.block_on(self.store.put_multipart_opts(&self.full_path(path), options))?;
        let mut under_way: VecDeque<JoinHandle<object_store::Result<()>>> = VecDeque::new();
        let mut parts = || -> io::Result<()> {
            loop {
                let mut bytes = Vec::new();
                body.take(part).read_to_end(&mut bytes)?;
                while under_way.len() >= if bytes.is_empty() { 1 } else { PARTS_AHEAD } {
                    let Some(first) = under_way.pop_front() else { break };
                    self.runtime.block_on(first).map_err(io::Error::other)??;
                }
                if bytes.is_empty() {
                    return Ok(());
                }
                under_way.push_back(self.runtime.spawn(upload.put_part(PutPayload::from(bytes))));
            }
        };
        let done = parts();
        for rest in under_way {
            let _ = self.runtime.block_on(rest);
        }
        match done {
            Ok(()) => Ok(self.runtime.block_on(upload.complete()).map(drop)?),
            Err(stopped) => {
                // Unfinished parts are invisible and cost the owner of the bucket money.
                let _ = self.runtime.block_on(upload.abort());
                Err(stopped)
            }
        }
    }
}

/// Trusts these authorities in place of the system's: the client's own verifier knows them on some systems only. One that can't be read does
/// no harm to the others.
fn trust_only(options: ClientOptions, authorities: &[certificates::Certificate<'_>]) -> Result<ClientOptions, Error> {
    let readable = |der: &&[u8]| rustls::RootCertStore::empty().add((*der).into()).is_ok();
    let mut all = authorities.iter().map(certificates::Certificate::der).filter(readable);
    all.try_fold(options.with_no_system_certificates(true), |options, der| Ok(options.with_root_certificate(Certificate::from_der(der)?)))
}

/// The HTTP headers of a file. Objects never get a type that a browser executes.
fn attributes(path: &str) -> Attributes {
    let kind = match path.rsplit('.').next() {
        Some("json") => "application/json",
        Some("minisig") => "text/plain",
        _ => "application/octet-stream",
    };
    let cache = if path.ends_with("/latest.json") { "no-cache" } else { FOR_EVER };
    Attributes::from_iter([(Attribute::CacheControl, cache), (Attribute::ContentType, kind)])
}

/// Whether the server reports that it does not support conditional writes.
fn is_unsupported(error: &Error) -> bool {
    matches!(error, Error::NotImplemented { .. } | Error::NotSupported { .. }) || error.to_string().contains("501 Not Implemented")
}

impl RemoteServer for BucketServer {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn get(&self, path: &str, limit: u64) -> Result<Option<RemoteFile>, Failure> {
        let got = async {
            let result = self.store.get(&self.full_path(path)).await?;
            let meta = result.meta.clone();
            // The caller refuses a longer file: one byte too many marks it.
            let bytes = if meta.size > limit { vec![0; usize::try_from(limit + 1).unwrap_or(0)] } else { result.bytes().await?.to_vec() };
            Ok(RemoteFile { bytes, etag: meta.e_tag, version: meta.version })
        };
        self.find(path, self.runtime.block_on(got))
    }

    fn open(&self, path: &str) -> Result<Option<Box<dyn Read + Send + '_>>, Failure> {
        let found = self.find(path, self.runtime.block_on(self.store.get(&self.full_path(path))))?;
        Ok(found.map(|result| {
            let pieces = result.into_stream().map_ok(|piece| piece.to_vec()).boxed();
            Box::new(BucketReader { runtime: &self.runtime, pieces, piece: io::Cursor::default() }) as _
        }))
    }

    fn size(&self, path: &str) -> Result<Option<u64>, Failure> {
        Ok(self.find(path, self.runtime.block_on(self.store.head(&self.full_path(path))))?.map(|meta| meta.size))
    }

    fn list_all(&self) -> Result<Option<FolderListing>, Failure> {
        let top = self.folder.as_ref();
        let found: Result<Vec<_>, Error> = self.runtime.block_on(self.store.list((!top.is_empty()).then_some(&self.folder)).try_collect());
        let entry = |meta: object_store::ObjectMeta| {
            let path = meta.location.as_ref().strip_prefix(top)?.trim_start_matches('/').to_owned();
            Some(StoreEntry { path, size: meta.size, modified: meta.last_modified.timestamp() })
        };
        let files = found.map_err(|error| self.external("", &error))?.into_iter().filter_map(entry).collect();
        Ok(Some(FolderListing { files, folders: Vec::new() }))
    }

    fn list_folder(&self, _: &str) -> Result<Option<FolderListing>, Failure> {
        Ok(None)
    }

    fn create(&self, path: &str, bytes: &[u8]) -> Result<bool, Failure> {
        match self.write(path, bytes.to_vec(), PutMode::Create) {
            Ok(()) => Ok(true),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(false),
            Err(error) if is_unsupported(&error) => {
                if self.size(path)?.is_some() {
                    return Ok(false);
                }
                self.write(path, bytes.to_vec(), PutMode::Overwrite).map(|()| true).map_err(|error| self.external(path, &error))
            }
            Err(error) => Err(self.external(path, &error)),
        }
    }

    fn is_exclusive(&self, there: &str, bytes: &[u8]) -> Result<bool, Failure> {
        // A server that ignores the condition writes the same bytes again.
        match self.write(there, bytes.to_vec(), PutMode::Create) {
            Ok(()) => Ok(false),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(true),
            Err(error) if is_unsupported(&error) => Ok(false),
            Err(error) => Err(self.external(there, &error)),
        }
    }

    fn replace(&self, path: &str, bytes: &[u8], seen: Option<&RemoteFile>) -> Result<bool, Failure> {
        let mode = match seen {
            None => PutMode::Create,
            Some(RemoteFile { etag: None, version: None, .. }) => PutMode::Overwrite,
            Some(got) => PutMode::Update(UpdateVersion { e_tag: got.etag.clone(), version: got.version.clone() }),
        };
        match self.write(path, bytes.to_vec(), mode) {
            Ok(()) => Ok(true),
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotFound { .. }) => Ok(false),
            Err(error) if is_unsupported(&error) => {
                self.write(path, bytes.to_vec(), PutMode::Overwrite).map(|()| true).map_err(|error| self.external(path, &error))
            }
            Err(error) => Err(self.external(path, &error)),
        }
    }

    fn send(&self, path: &str, object: (Digest, u64), source: &ByteSource, sent: ProgressFn<'_>) -> Result<(), Failure> {
        let unreadable = |error: io::Error| Failure::io(path.as_ref(), &error);
        let wrong = AtomicBool::new(false);
        let mut body = VerifyingReader::new(source.open().map_err(unreadable)?, object, sent, &wrong);
        let done = if object.1 > PART_BYTES {
            self.send_in_parts(path, object.1, &mut body)
        } else {
            let mut bytes = Vec::new();
            body.read_to_end(&mut bytes).and_then(|_| Ok(self.write(path, bytes, PutMode::Overwrite)?))
        };
        done.map_err(|error| match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
            Some(server) => self.external(path, server),
            None if wrong.into_inner() => changed_object(object.0),
            None => unreadable(error),
        })
    }

    fn remove(&self, path: &str) -> Result<(), Failure> {
        self.find(path, self.runtime.block_on(self.store.delete(&self.full_path(path)))).map(drop)
    }
}

struct BucketReader<'a> {
    runtime: &'a Runtime,
    pieces: BoxStream<'static, object_store::Result<Vec<u8>>>,
    piece: io::Cursor<Vec<u8>>,
}

impl Read for BucketReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.piece.read(buf)?;
            if count > 0 || buf.is_empty() {
                return Ok(count);
            }
            match self.runtime.block_on(self.pieces.next()) {
                Some(piece) => self.piece = io::Cursor::new(piece.map_err(io::Error::other)?),
                None => return Ok(0),
            }
        }
    }
}
