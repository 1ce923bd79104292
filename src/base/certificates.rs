//! The certificate authorities that connections trust: those of the system, or of the file in `SSL_CERT_FILE`, and an office's own.
//! Never decides what to do about a refused connection.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

pub use ureq::tls::Certificate;
use ureq::tls::{PemItem, RootCerts, TlsConfig};

use super::failure;
use super::files::read_file_limited;
use super::limits::AUTHORITIES_BYTES;
use super::text::Text;
use crate::text;

/// The variables that name authorities in place of the system's.
const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];
/// The system's authorities; read once. [`VARIABLES`] replace them.
static SYSTEM: OnceLock<Vec<Certificate<'static>>> = OnceLock::new();
/// The file in `SSL_CERT_FILE`, for messages.
static NAMED: OnceLock<PathBuf> = OnceLock::new();

/// Remembers what `SSL_CERT_FILE` holds, so that a refused connection can say what is wrong with it.
pub fn remember_named_file(file: Option<OsString>) {
    if let Some(file) = file {
        let _ = NAMED.set(file.into());
    }
}

/// The system's authorities, or those that the environment names in their place.
fn system() -> &'static [Certificate<'static>] {
    SYSTEM.get_or_init(|| {
        let found = rustls_native_certs::load_native_certs();
        found.certs.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).collect()
    })
}

/// The authorities that the environment names, for a client that knows the system's by itself; `None` if it names none. `environment`: the
/// variables of the process.
pub fn named(environment: &[(String, String)]) -> Option<&'static [Certificate<'static>]> {
    environment.iter().any(|(name, _)| VARIABLES.contains(&name.as_str())).then(system)
}

/// What a connection to this address trusts: the system's authorities and `own`. A system that has none gets the browsers' list, which is
/// built in.
pub fn trust(address: &str, own: &[Certificate<'static>]) -> TlsConfig {
    let mut certs = RootCerts::WebPki;
    if address.starts_with("https://") {
        let system = system();
        if !system.is_empty() || !own.is_empty() {
            certs = system.iter().chain(own).cloned().into();
        }
    }
    TlsConfig::builder().root_certs(certs).build()
}

/// An office's own authorities: a file of PEM certificates. Fails if it can't be read or holds none.
pub fn read(path: &Path) -> Result<Vec<Certificate<'static>>, Text> {
    let name = path.display();
    let bytes = read_file_limited(path, AUTHORITIES_BYTES).map_err(|error| failure::system_at(&name, &error))?;
    let found: Vec<_> = ureq::tls::parse_pem(&bytes)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        Err(text!(vi: "{name}: không có chứng thư dạng PEM", en: "{name}: holds no PEM certificate"))
    } else {
        Ok(found)
    }
}

/// What to do about a server whose certificate no known authority signed; `None` for another fault.
pub fn remedy(error: &(dyn std::error::Error + 'static)) -> Option<Text> {
    // The cause may lie deep in an error of a library.
    let unknown = |error: &&(dyn std::error::Error + 'static)| error.to_string().contains("UnknownIssuer");
    std::iter::successors(Some(error), |error| error.source()).find(unknown)?;
    let text = text!(
        vi: "chứng thư của máy chủ do một tổ chức chưa được tin cậy cấp; nếu là tổ chức của cơ quan mình, nêu chứng thư gốc trong SSL_CERT_FILE (lệnh bangtin) hoặc mục ca của player.json (đầu phát)",
        en: "an authority that is not trusted here signed the server's certificate; if it is your office's own, name its certificate in SSL_CERT_FILE (for bangtin) or under ca in player.json (on a player)"
    );
    let Some(Text { vi, en }) = NAMED.get().and_then(|file| read(file).err()) else { return Some(text) };
    Some(Text {
        vi: format!("{}. SSL_CERT_FILE hiện không dùng được: {vi}", text.vi),
        en: format!("{}. SSL_CERT_FILE is of no use now: {en}", text.en),
    })
}
