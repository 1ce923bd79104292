//! Opening keys for the signing commands: secret key files with their passwords, public key files with their holders.
//! Never keeps a password longer than the call, and never prints one.

use std::path::{Path, PathBuf};

use super::context::Context;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::text::Text;
use crate::trust::keys::PublicKey;
use crate::trust::secret::SecretKey;

/// Longest key or password file, in bytes.
const KEY_FILE_BYTES: u64 = 4 << 10;

/// Where a password comes from, for every command that signs.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct PasswordArgs {
    /// Read the key's password from the first line of FILE / đọc mật khẩu của khóa từ dòng đầu của FILE [default: ask]
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// Opens a secret key file; asks for its password only if it has one.
pub fn open(context: &Context, path: &Path, password: &PasswordArgs) -> Result<SecretKey, Failure> {
    let path = context.cwd.join(path);
    let text = read_text(&path)?;
    let name = path.display().to_string();
    SecretKey::open(&text, || {
        let prompt = crate::text!(vi: "Mật khẩu của {name}: ", en: "Password of {name}: ");
        read_password(context, password, &prompt)
    })
    .map_err(|Text { vi, en }| Failure::Refused(crate::text!(vi: "{name}: {vi}", en: "{name}: {en}")))
}

/// A new password: from the file, or asked twice.
pub fn new_password(context: &Context, password: &PasswordArgs) -> Result<String, Failure> {
    let first = crate::text!(vi: "Mật khẩu mới cho khóa: ", en: "New password for the key: ");
    let chosen = read_password(context, password, &first).map_err(Failure::Usage)?;
    if password.password_file.is_none() {
        let again = crate::text!(vi: "Nhập lại: ", en: "Once more: ");
        if read_password(context, password, &again).map_err(Failure::Usage)? != chosen {
            return Err(Failure::Refused(crate::text!(vi: "hai lần nhập khác nhau", en: "the two entries differ")));
        }
    }
    if chosen.is_empty() {
        return Err(Failure::Usage(crate::text!(
            vi: "mật khẩu rỗng; nếu thật sự muốn khóa không mật khẩu, dùng --no-password",
            en: "the password is empty; use --no-password if a key without one is really wanted"
        )));
    }
    Ok(chosen)
}

fn read_password(context: &Context, password: &PasswordArgs, prompt: &Text) -> Result<String, Text> {
    if let Some(file) = &password.password_file {
        let text = read_text(&context.cwd.join(file)).map_err(|_| {
            let file = file.display();
            crate::text!(vi: "không đọc được tệp mật khẩu {file}", en: "the password file {file} can't be read")
        })?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    rpassword::prompt_password(prompt.get(context.lang)).map_err(|_| {
        crate::text!(
            vi: "khóa có mật khẩu mà không có bàn phím để hỏi; dùng --password-file",
            en: "the key has a password and there is no terminal to ask for it; use --password-file"
        )
    })
}

/// A public key and its holder: the comment of its file, else the file's name.
pub fn public(context: &Context, path: &Path) -> Result<(PublicKey, String), Failure> {
    let path = context.cwd.join(path);
    let text = read_text(&path)?;
    let name = path.display();
    let key = PublicKey::parse_file(&text).ok_or_else(|| {
        Failure::Refused(crate::text!(vi: "{name}: không phải khóa công khai minisign", en: "{name}: not a minisign public key"))
    })?;
    Ok((key, holder(&text, &path)))
}

/// Whether a key file is a public one.
pub fn is_public(context: &Context, path: &Path) -> Result<bool, Failure> {
    Ok(PublicKey::parse_file(&read_text(&context.cwd.join(path))?).is_some())
}

fn holder(text: &str, path: &Path) -> String {
    let comment = text.lines().next().and_then(|line| line.strip_prefix("untrusted comment: ")).unwrap_or_default().trim();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if comment.is_empty() || comment.starts_with("minisign public key") { stem } else { comment.to_owned() }
}

fn read_text(path: &Path) -> Result<String, Failure> {
    let bytes = files::read_limited(path, KEY_FILE_BYTES).map_err(|error| Failure::io(path, &error))?;
    String::from_utf8(bytes).map_err(|_| {
        let name = path.display();
        Failure::Refused(crate::text!(vi: "{name}: không phải tệp chữ", en: "{name}: not a text file"))
    })
}

/// The holder of a secret key file: the comment of the public one beside it, else the file's name.
pub fn holder_beside(context: &Context, path: &Path) -> String {
    let beside = PathBuf::from(format!("{}.pub", path.display()));
    public(context, &beside).map_or_else(|_| path.file_name().unwrap_or_default().to_string_lossy().into_owned(), |(_, holder)| holder)
}
