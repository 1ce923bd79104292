//! Opening keys for the signing commands: secret key files with their passwords, public key files with their holders.
//! Never keeps a password longer than the call, and never prints one.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::base::failure::Failure;
use crate::base::files;
use crate::base::text::Text;
use crate::office::context::Context;
use crate::trust::keys::PublicKey;
use crate::trust::secret::SecretKey;

/// Longest key or password file, in bytes.
const KEY_FILE_BYTES: u64 = 4 << 10;

// Where a password comes from, for every command that signs. Without one of these it is asked at the terminal.
#[allow(missing_docs, reason = "it would be shown as the description of the command")]
#[derive(clap::Args, Clone, Debug, Default)]
#[group(id = "password", multiple = false)]
pub struct PasswordArgs {
    /// Read the key's password from the first line of FILE / đọc mật khẩu của khóa từ dòng đầu của FILE [default: ask]
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Read it from an open file descriptor; a pipe gives each key a line / đọc từ bộ mô tả tệp N; mỗi khóa một dòng
    #[arg(long, value_name = "N")]
    pub password_fd: Option<u16>,
    /// Read it from what a key agent's command prints; split at blanks, no shell; the key's path is in BANGTIN_KEY / đọc từ lệnh CMD
    #[arg(long, value_name = "CMD")]
    pub password_command: Option<String>,
}

impl PasswordArgs {
    fn asks_at_the_terminal(&self) -> bool {
        self.password_file.is_none() && self.password_fd.is_none() && self.password_command.is_none()
    }
}

/// Opens a secret key file; asks for its password only if it has one.
pub fn open(context: &Context, path: &Path, password: &PasswordArgs) -> Result<SecretKey, Failure> {
    let path = context.cwd.join(path);
    let text = read_text(&path)?;
    let name = path.display().to_string();
    SecretKey::open(&text, || {
        let prompt = crate::text!(vi: "Mật khẩu của {name}: ", en: "Password of {name}: ");
        read_password(context, password, &path, &prompt)
    })
    .map_err(|Text { vi, en }| Failure::Refused(crate::text!(vi: "{name}: {vi}", en: "{name}: {en}")))
}

/// The password of a new key: from where it was said, or asked twice.
pub fn new_password(context: &Context, path: &Path, password: &PasswordArgs) -> Result<String, Failure> {
    let first = crate::text!(vi: "Mật khẩu mới cho khóa: ", en: "New password for the key: ");
    let chosen = read_password(context, password, path, &first).map_err(Failure::Usage)?;
    if password.asks_at_the_terminal() {
        let again = crate::text!(vi: "Nhập lại: ", en: "Once more: ");
        if read_password(context, password, path, &again).map_err(Failure::Usage)? != chosen {
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

fn read_password(context: &Context, password: &PasswordArgs, key: &Path, prompt: &Text) -> Result<String, Text> {
    if let Some(file) = &password.password_file {
        let text = read_text(&context.cwd.join(file)).map_err(|_| {
            let file = file.display();
            crate::text!(vi: "không đọc được tệp mật khẩu {file}", en: "the password file {file} can't be read")
        })?;
        return Ok(text.lines().next().unwrap_or_default().to_owned());
    }
    if let Some(number) = password.password_fd {
        // Opened by its name among the process's own descriptors: taking hold of a number directly is not safe Rust.
        return File::open(format!("/dev/fd/{number}")).and_then(first_line).map_err(|error| {
            crate::text!(
                vi: "không đọc được mật khẩu từ bộ mô tả tệp {number}: {error}",
                en: "no password can be read from file descriptor {number}: {error}"
            )
        });
    }
    if let Some(command) = &password.password_command {
        return from_command(context, command, key);
    }
    rpassword::prompt_password(prompt.get(context.lang)).map_err(|_| {
        crate::text!(
            vi: "khóa có mật khẩu mà không có bàn phím để hỏi; dùng --password-file, --password-fd hoặc --password-command",
            en: "the key has a password and there is no terminal to ask for it; use --password-file, --password-fd or --password-command"
        )
    })
}

/// The first line that a command prints. Its standard input and error stay the person's, so that it can ask in its own way.
fn from_command(context: &Context, command: &str, key: &Path) -> Result<String, Text> {
    let failed = |why: String| crate::text!(vi: "lệnh mật khẩu {command:?} không chạy được: {why}", en: "the password command {command:?} failed: {why}");
    let mut words = command.split_whitespace();
    let program = words.next().ok_or_else(|| failed("…".to_owned()))?;
    let mut child = Command::new(program);
    child.args(words).current_dir(&context.cwd).env("BANGTIN_KEY", key).stdout(Stdio::piped());
    let mut child = child.spawn().map_err(|error| failed(error.to_string()))?;
    // Read to its end, so that a command that prints more lines is not cut off while it does.
    let mut printed = Vec::new();
    let read = child.stdout.take().map_or(Ok(0), |out| out.take(KEY_FILE_BYTES).read_to_end(&mut printed));
    let status = child.wait().map_err(|error| failed(error.to_string()))?;
    if !status.success() {
        return Err(failed(status.to_string()));
    }
    read.and_then(|_| first_line(printed.as_slice())).map_err(|error| failed(error.to_string()))
}

/// The first line, read byte by byte: what follows it in a pipe is for the next key.
fn first_line(mut from: impl Read) -> io::Result<String> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while from.read(&mut byte)? == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
        if line.len() as u64 > KEY_FILE_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {KEY_FILE_BYTES} bytes")));
        }
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    String::from_utf8(line).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))
}

/// A public key and its holder: the comment of its file, else the file's name.
pub fn public(context: &Context, path: &Path) -> Result<(PublicKey, String), Failure> {
    let path = context.cwd.join(path);
    let text = read_text(&path)?;
    let name = path.display();
    let key = PublicKey::parse_file(&text).ok_or_else(|| {
        Failure::Refused(crate::text!(
            vi: "{name}: không phải khóa công khai minisign, hoặc là khóa yếu",
            en: "{name}: not a minisign public key, or a weak one"
        ))
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
