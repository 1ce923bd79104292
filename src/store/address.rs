//! Opens a store by its address: a folder, a bucket or a WebDAV server. An address holds no secret.
//! Never writes.

use std::fmt;
use std::path::{Path, PathBuf};

use super::backend::StoreBackend;
#[cfg(feature = "cloud")]
use super::cloud::BucketServer;
use super::dav::DavServer;
use super::folder_store::FolderStore;
use super::remote::{RemoteServer, RemoteStore};
use crate::base::failure::Failure;
use crate::base::os;

/// The address of a store, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreAddress {
    Folder(PathBuf),
    /// `s3://`, `gs://`, `az://`.
    Bucket(String),
    /// `http://`, `https://`.
    Dav(String),
}

impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket(address) | Self::Dav(address) => write!(f, "{address}"),
        }
    }
}

/// Environment variables with the user and password of a WebDAV server.
const DAV: [&str; 2] = ["BANGTIN_DAV_USER", "BANGTIN_DAV_PASSWORD"];

impl StoreAddress {
    /// Parses an address; a relative folder is relative to `cwd`.
    pub fn parse(text: &str, cwd: &Path) -> Result<Self, Failure> {
        if text.is_empty() {
            return Err(Failure::Usage(crate::text!(vi: "chưa nêu kho: địa chỉ rỗng", en: "no store is named: the address is empty")));
        }
        let Some((scheme, rest)) = text.split_once("://") else { return Ok(Self::Folder(cwd.join(text))) };
        let host = rest.split('/').next().unwrap_or_default();
        // Every process of the machine can read a command line, and the shell keeps it in its history.
        if host.contains('@') || rest.contains(['?', '#']) {
            return Err(Failure::Usage(crate::text!(
                vi: "địa chỉ kho không được chứa tên, mật khẩu hay tham số; hãy để chúng trong biến môi trường (xem docs/hosting.md)",
                en: "a store's address holds no user, password or parameter; put them into the environment (see docs/hosting.md)"
            )));
        }
        match scheme {
            "file" => Ok(Self::Folder(os::file_url_path(rest))),
            "s3" | "gs" | "az" if !host.is_empty() => Ok(Self::Bucket(text.trim_end_matches('/').to_owned())),
            "http" | "https" if !host.is_empty() => Ok(Self::Dav(text.trim_end_matches('/').to_owned())),
            _ => Err(Failure::Usage(crate::text!(
                vi: "không nhận ra địa chỉ kho {text}; hãy dùng một thư mục, file://, s3://, gs://, az://, http:// hoặc https:// (WebDAV)",
                en: "{text} is not the address of a store; use a folder, file://, s3://, gs://, az://, http:// or https:// (WebDAV)"
            ))),
        }
    }

    /// Opens the store for writing and locks a folder. `environment`: the variables of the process.
    pub fn open(&self, environment: &[(String, String)]) -> Result<Box<dyn StoreBackend>, Failure> {
        match self {
            Self::Folder(folder) => Ok(Box::new(FolderStore::open(folder)?)),
            _ => self.open_read_only(environment),
        }
    }

    /// As [`StoreAddress::open`], to write a few documents: a server is not asked for a listing.
    pub fn open_for_documents(&self, environment: &[(String, String)]) -> Result<Box<dyn StoreBackend>, Failure> {
        match self {
            Self::Folder(_) => self.open(environment),
            _ => self.open_unlisted(environment),
        }
    }

    /// Opens the store for reading.
    pub fn open_read_only(&self, environment: &[(String, String)]) -> Result<Box<dyn StoreBackend>, Failure> {
        self.open_with(environment, RemoteStore::new)
    }

    /// Opens the store for reading with the eyes of a player: what it passes by in a folder counts as absent.
    pub fn open_as_player(&self, environment: &[(String, String)]) -> Result<Box<dyn StoreBackend>, Failure> {
        match self {
            Self::Folder(folder) => Ok(Box::new(FolderStore::open_as_player(folder)?)),
            _ => self.open_read_only(environment),
        }
    }

    /// As [`StoreAddress::open_read_only`], for a few files: a server is not asked for a listing.
    pub fn open_unlisted(&self, environment: &[(String, String)]) -> Result<Box<dyn StoreBackend>, Failure> {
        self.open_with(environment, RemoteStore::unlisted)
    }

    fn open_with(
        &self,
        environment: &[(String, String)],
        remote: fn(Box<dyn RemoteServer>) -> RemoteStore,
    ) -> Result<Box<dyn StoreBackend>, Failure> {
        let [user, password] = DAV.map(|name| environment.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()));
        Ok(match self {
            Self::Folder(folder) => Box::new(FolderStore::open_read_only(folder)?),
            #[cfg(feature = "cloud")]
            Self::Bucket(address) => Box::new(remote(Box::new(BucketServer::open(address, environment)?))),
            #[cfg(not(feature = "cloud"))]
            Self::Bucket(address) => {
                return Err(Failure::Usage(crate::text!(
                    vi: "{address}: bản bangtin này không hỗ trợ kho đám mây (s3://, gs://, az://); \
                        hãy cài lại bằng `cargo install --path . --features cloud`, hoặc dùng một thư mục hay máy chủ WebDAV (https://)",
                    en: "{address}: this build of bangtin has no bucket stores (s3://, gs://, az://); \
                        install it again with `cargo install --path . --features cloud`, or use a folder or a WebDAV server (https://)"
                )));
            }
            Self::Dav(address) => Box::new(remote(Box::new(DavServer::open(address, user.zip(password))))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let parse = |text: &str| StoreAddress::parse(text, Path::new("/here")).ok();
        let folder = |path: &str| Some(StoreAddress::Folder(PathBuf::from(path)));
        assert_eq!(parse("store"), folder("/here/store"));
        assert_eq!(parse("/srv/store"), folder("/srv/store"));
        assert_eq!(parse("file:///srv/store"), folder("/srv/store"));
        assert_eq!(parse("s3://bucket/a/"), Some(StoreAddress::Bucket("s3://bucket/a".to_owned())));
        assert_eq!(parse("https://kho.example/bangtin/"), Some(StoreAddress::Dav("https://kho.example/bangtin".to_owned())));
        for wrong in ["ftp://kho.example", "s3://", "https://user:secret@kho.example/", "https://kho.example/?token=x", "s3://key@bucket"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[cfg(not(feature = "cloud"))]
    #[test]
    fn a_build_without_bucket_stores_says_so_and_what_to_do() {
        for address in ["s3://bucket/kho", "gs://bucket", "az://container/kho"] {
            let Err(Failure::Usage(text)) = StoreAddress::Bucket(address.to_owned()).open(&[]) else { panic!("{address} opens") };
            assert!(
                text.en.starts_with(address) && text.en.contains("--features cloud") && text.vi.contains("--features cloud"),
                "{text:?}"
            );
        }
    }
}
