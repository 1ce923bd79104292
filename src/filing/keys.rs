//! Key files: secret keys with their passwords, public keys with their holders, new pairs of both.
//! Never overwrites one and never asks for a password by itself.

use std::path::{Path, PathBuf};

use super::signed_files::{list_names, refused_file};
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::limits::KEY_FILE_BYTES;
use crate::base::password::Password;
use crate::base::text::Text;
use crate::content::model::written::nearest_of;
use crate::trust::keys::PublicKey;
use crate::trust::secret::SecretKey;

/// Opens a secret key file; calls `password` only if the file is encrypted, with the number of wrong ones so far, until it gives none.
pub fn open(path: &Path, mut password: impl FnMut(u32) -> Option<Result<Password, Text>>) -> Result<SecretKey, Failure> {
    let text = read_text(path)?;
    if PublicKey::parse_pub_file(&text).is_some() {
        return Err(refused_file(path, &public_given(path)));
    }
    let taken = |given: Result<Password, Text>| given.map(|mut password| std::mem::take(&mut *password));
    SecretKey::from_file_text_asking(&text, |wrong| password(wrong).map(taken)).map_err(|text| refused_file(path, &text))
}

/// A public key where the secret one is meant.
fn public_given(path: &Path) -> Text {
    let secret = path.with_extension("");
    let meant = if path.extension().is_some_and(|end| end == "pub") && secret.is_file() {
        let secret = secret.display();
        crate::text!(vi: ", có lẽ là {secret}", en: ", perhaps {secret}")
    } else {
        crate::text!(vi: "", en: "")
    };
    let Text { vi, en } = meant;
    crate::text!(
        vi: "đây là khóa công khai; ở đây phải là tệp khóa bí mật{vi}",
        en: "this is a public key; the file of the secret key belongs here{en}"
    )
}

/// A secret key where the public one is meant.
fn secret_given(path: &Path) -> Text {
    let public = public_path(path);
    let (there, public) = (public.is_file(), public.display());
    if there {
        crate::text!(
            vi: "đây là khóa bí mật, chỉ người giữ mới được giữ; ở đây phải là khóa công khai: {public}",
            en: "this is a secret key, which stays with its holder; the public one belongs here: {public}"
        )
    } else {
        crate::text!(
            vi: "đây là khóa bí mật, chỉ người giữ mới được giữ; ở đây phải là khóa công khai: tệp .pub của khóa đó",
            en: "this is a secret key, which stays with its holder; the public one belongs here: the .pub file of that key"
        )
    }
}

/// A public key and its holder: the comment of its file, else the file's name.
pub fn read_public_key(path: &Path) -> Result<(PublicKey, String), Failure> {
    let text = read_text(path)?;
    let key = PublicKey::parse_pub_file(&text).ok_or_else(|| {
        let other =
            || crate::text!(vi: "không phải khóa công khai minisign, hoặc là khóa yếu", en: "not a minisign public key, or a weak one");
        refused_file(path, &if SecretKey::is_file_text(&text) { secret_given(path) } else { other() })
    })?;
    let comment = text.lines().next().and_then(|line| line.strip_prefix("untrusted comment: ")).unwrap_or_default().trim();
    let stem = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let holder = if comment.is_empty() || comment.starts_with("minisign public key") { stem() } else { comment.to_owned() };
    Ok((key, holder))
}

/// The name of a key on the command line; of a `.pub` file that is there, the id of its key.
pub fn named(folder: &Path, name: &str) -> Result<String, Failure> {
    let path = folder.join(name);
    if !name.ends_with(".pub") || !path.is_file() {
        return Ok(name.to_owned());
    }
    read_public_key(&path).map(|(key, _)| key.kid().to_string())
}

/// Whether a key file is a public one.
pub fn is_public(path: &Path) -> Result<bool, Failure> {
    Ok(PublicKey::parse_pub_file(&read_text(path)?).is_some())
}

/// The holder of a secret key file: the comment of the public one beside it, else the file's name.
pub fn holder_of_secret_key(path: &Path) -> String {
    read_public_key(&public_path(path))
        .map_or_else(|_| path.file_name().unwrap_or_default().to_string_lossy().into_owned(), |(_, holder)| holder)
}

/// The path of the public key beside a secret key file.
pub fn public_path(secret: &Path) -> PathBuf {
    PathBuf::from(format!("{}.pub", secret.display()))
}

/// Refuses the path of a new key pair if one of its files exists.
pub fn vacant(secret: &Path) -> Result<(), Failure> {
    match [secret, &public_path(secret)].into_iter().find(|path| path.symlink_metadata().is_ok()) {
        Some(path) => Err(already_exists(path)),
        None => Ok(()),
    }
}

/// Makes a key and writes both of its files.
pub fn create(secret: &Path, password: Option<&str>, holder: &str) -> Result<SecretKey, Failure> {
    let (key, text) = SecretKey::generate(password).map_err(Failure::Refused)?;
    if let Some(folder) = secret.parent() {
        files::create_dirs_synced(folder).map_err(|error| Failure::io(folder, &error))?;
    }
    write(secret, 0o600, &text)?;
    write(&public_path(secret), 0o644, &key.public().to_file_of(holder)).inspect_err(|_| drop(std::fs::remove_file(secret)))?;
    Ok(key)
}

/// Leaves no part of a file that could not be written whole.
fn write(path: &Path, mode: u32, text: &str) -> Result<(), Failure> {
    files::create_with_mode(path, mode, text.as_bytes()).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => already_exists(path),
        _ => {
            let _ = std::fs::remove_file(path);
            Failure::io(path, &error)
        }
    })
}

fn already_exists(path: &Path) -> Failure {
    let path = path.display();
    Failure::Refused(crate::text!(vi: "{path} đã có; không ghi đè khóa", en: "{path} exists; a key is never overwritten"))
}

fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = files::read_file_limited(path, KEY_FILE_BYTES).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound if !path.is_symlink() => no_file(path),
        _ => Failure::io(path, &error),
    })?;
    String::from_utf8(bytes).map_err(|_| refused_file(path, &crate::text!(vi: "không phải tệp văn bản thuần", en: "not a plain text file")))
}

/// A key file that is not there was mistyped: the nearest key in its folder, or all of them.
fn no_file(path: &Path) -> Failure {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let names = path.parent().and_then(|folder| list_names(folder).ok()).unwrap_or_default();
    // A secret key has its public one beside it.
    let is_key = |other: &&String| if name.ends_with(".pub") { other.ends_with(".pub") } else { names.contains(&format!("{other}.pub")) };
    let known: Vec<&str> = names.iter().filter(is_key).map(String::as_str).collect();
    let Text { vi, en } = if known.is_empty() {
        crate::text!(vi: "thư mục đó không có khóa nào như vậy", en: "that folder holds no such key")
    } else {
        nearest_of(&name, &known, &crate::text!(vi: "các khóa trong thư mục đó", en: "keys in that folder"))
    };
    let shown = path.display();
    Failure::Usage(crate::text!(vi: "không có tệp khóa {shown}; {vi}", en: "there is no key file {shown}; {en}"))
}
