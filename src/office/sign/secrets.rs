//! How the signing commands get a key's password: from the source in the arguments, else typed at the terminal.
//! Never prints one.

use std::path::{Path, PathBuf};

use crate::base::failure::Failure;
use crate::base::password::{self, Password, PasswordSource};
use crate::base::text::Text;
use crate::filing::keys;
use crate::office::context::Context;
use crate::trust::secret::SecretKey;

// The source of the password, for every command that signs. Without one of these it is typed at the terminal.
#[allow(missing_docs, reason = "it would be shown as the description of the command")]
#[derive(clap::Args, Clone, Debug, Default)]
#[group(id = "password", multiple = false)]
pub struct PasswordArgs {
    /// Read the key's password from the first line of FILE [default: ask] | Đọc mật khẩu của khóa từ dòng đầu của TỆP [mặc định: hỏi]
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Read it from file descriptor N; one line for each key | Đọc mật khẩu từ bộ mô tả tệp N; mỗi khóa một dòng
    #[arg(long, value_name = "N")]
    pub password_fd: Option<u16>,
    /// Read it from what a command prints; split at blanks, no shell; the key's path is in BANGTIN_KEY | Đọc mật khẩu do một lệnh in ra; tách theo dấu cách, không qua shell; đường dẫn khóa ở BANGTIN_KEY
    #[arg(long, value_name = "CMD")]
    pub password_command: Option<String>,
}

impl PasswordArgs {
    /// `None`: the person is asked.
    fn source(&self) -> Option<PasswordSource<'_>> {
        let file = self.password_file.as_deref().map(PasswordSource::File);
        file.or(self.password_fd.map(PasswordSource::Descriptor)).or(self.password_command.as_deref().map(PasswordSource::Command))
    }
}

/// How often a person is asked for the password of a key.
const TRIES: u32 = 3;

/// Opens a secret key file; asks for a password only if it has one.
pub fn open(context: &Context, path: &Path, password: &PasswordArgs) -> Result<SecretKey, Failure> {
    let path = context.cwd.join(path);
    let tries = if password.source().is_none() { TRIES } else { 1 };
    keys::open(&path, |wrong| {
        let name = path.display();
        if wrong > 0 && wrong < tries {
            context.alarm(&crate::text!(vi: "sai mật khẩu; hãy nhập lại", en: "wrong password; try again"));
        }
        let prompt = crate::text!(vi: "Mật khẩu của {name}: ", en: "Password of {name}: ");
        (wrong < tries).then(|| read_password(context, password, &path, &prompt))
    })
}

/// The password of a new key: from the given source, or typed twice.
pub fn new_password(context: &Context, path: &Path, password: &PasswordArgs) -> Result<Password, Failure> {
    let first = crate::text!(vi: "Mật khẩu mới cho khóa: ", en: "New password for the key: ");
    let chosen = read_password(context, password, path, &first).map_err(Failure::Usage)?;
    if password.source().is_none() {
        let again = crate::text!(vi: "Nhập lại: ", en: "Once more: ");
        if ask(context, &again).map_err(Failure::Usage)? != chosen {
            return Err(Failure::Refused(crate::text!(vi: "hai lần nhập khác nhau", en: "the two entries differ")));
        }
    }
    if chosen.is_empty() {
        return Err(Failure::Usage(crate::text!(
            vi: "mật khẩu rỗng; nếu thật sự muốn khóa không mật khẩu, dùng --no-password",
            en: "the password is empty; use --no-password if a key without one is intended"
        )));
    }
    Ok(chosen)
}

fn read_password(context: &Context, password: &PasswordArgs, key: &Path, prompt: &Text) -> Result<Password, Text> {
    match password.source() {
        Some(source) => password::read(&source, &context.cwd, key),
        None => ask(context, prompt),
    }
}

fn ask(context: &Context, prompt: &Text) -> Result<Password, Text> {
    rpassword::prompt_password(prompt.get(context.lang)).map(Password::new).map_err(|_| {
        crate::text!(
            vi: "không hỏi được mật khẩu của khóa vì lệnh không chạy trong cửa sổ lệnh; dùng --password-file, --password-fd hoặc --password-command",
            en: "there is no terminal to ask for the password of the key; use --password-file, --password-fd or --password-command"
        )
    })
}
