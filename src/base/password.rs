//! Passwords from where a script keeps them: a file, an open descriptor, a key agent's command. Every buffer is wiped after use.
//! Never asks a person and never prints one.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use zeroize::Zeroizing;

use super::failure;
use super::files;
use super::limits::KEY_FILE_BYTES;
use super::os;
use super::text::Text;

/// A password; its memory is wiped when it is dropped.
pub type Password = Zeroizing<String>;

/// Where a password comes from.
pub enum PasswordSource<'a> {
    /// The first line of a file.
    File(&'a Path),
    /// The next line of an open descriptor: a pipe gives each key its own.
    Descriptor(u16),
    /// The first line that a command prints; the command is split at white space, without a shell.
    Command(&'a str),
}

/// Reads the password of the key at `key`, or says why there is none. Paths are relative to `folder`, where a command runs too.
pub fn read(source: &PasswordSource<'_>, folder: &Path, key: &Path) -> Result<Password, Text> {
    match source {
        PasswordSource::File(file) => from_file(&folder.join(file)).map_err(|_| {
            let file = file.display();
            crate::text!(vi: "không đọc được tệp mật khẩu {file}", en: "the password file {file} can't be read")
        }),
        PasswordSource::Descriptor(number) => os::open_descriptor(*number).and_then(first_line).map_err(|error| {
            let Text { vi, en } = failure::system(&error);
            crate::text!(
                vi: "không đọc được mật khẩu từ bộ mô tả tệp {number}: {vi}",
                en: "no password can be read from file descriptor {number}: {en}"
            )
        }),
        PasswordSource::Command(command) => from_command(command, folder, key).map_err(|why| {
            crate::text!(vi: "lệnh mật khẩu “{command}” không chạy được: {why}", en: "the password command “{command}” failed: {why}")
        }),
    }
}

fn from_file(path: &Path) -> io::Result<Password> {
    let bytes = Zeroizing::new(files::read_file_limited(path, KEY_FILE_BYTES)?);
    first_line(bytes.as_slice())
}

/// The first line that a command prints. It inherits standard input and error, so that it can ask the person.
fn from_command(command: &str, folder: &Path, key: &Path) -> Result<Password, String> {
    let mut words = command.split_whitespace();
    let program = words.next().ok_or("…")?;
    let mut child = Command::new(program);
    child.args(words).current_dir(folder).env("BANGTIN_KEY", key).stdout(Stdio::piped());
    let mut child = child.spawn().map_err(|error| error.to_string())?;
    // Read to the end, so that a command with more output does not fail on a closed pipe.
    let mut printed = Zeroizing::new(Vec::with_capacity(usize::try_from(KEY_FILE_BYTES).unwrap_or_default()));
    let read = child.stdout.take().map_or(Ok(0), |out| out.take(KEY_FILE_BYTES).read_to_end(&mut printed));
    let status = child.wait().map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(status.to_string());
    }
    read.and_then(|_| first_line(printed.as_slice())).map_err(|error| error.to_string())
}

/// The first line, read byte by byte: the next key reads what follows in a pipe.
fn first_line(mut from: impl Read) -> io::Result<Password> {
    // Allocates once: a growing buffer leaves copies in memory.
    let mut line = Zeroizing::new(Vec::with_capacity(usize::try_from(KEY_FILE_BYTES).unwrap_or_default() + 1));
    let mut byte = [0];
    while from.read(&mut byte)? == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
        if line.len() as u64 > KEY_FILE_BYTES {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("more than {KEY_FILE_BYTES} bytes")));
        }
    }
    let text = std::str::from_utf8(&line).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))?;
    Ok(Password::new(text.strip_suffix('\r').unwrap_or(text).to_owned()))
}
