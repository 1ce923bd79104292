//! `bangtin keys`: makes keys, as stock minisign files.
//! Never overwrites one and never sends one anywhere.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::secrets::{self, PasswordArgs};
use crate::base::failure::Failure;
use crate::base::files;
use crate::office::context::Context;
use crate::trust::secret::SecretKey;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Make a key: FILE (secret) and FILE.pub / tạo khóa: FILE (bí mật) và FILE.pub
    New(New),
}

#[derive(clap::Args, Debug)]
struct New {
    /// The secret key's file / tệp khóa bí mật
    file: PathBuf,
    /// Who holds it, for the root document / người giữ, sẽ ghi vào văn bản gốc
    #[arg(long, value_name = "NAME")]
    holder: Option<String>,
    /// Leave the secret key unencrypted / không mã hóa khóa bí mật
    #[arg(long, conflicts_with = "password")]
    no_password: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let Command::New(args) = args.command;
    let secret = context.cwd.join(&args.file);
    let public = PathBuf::from(format!("{}.pub", secret.display()));
    for path in [&secret, &public] {
        if path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
    }
    let password = if args.no_password { None } else { Some(secrets::new_password(context, &secret, &args.password)?) };
    let (key, text) = SecretKey::generate(password.as_deref()).map_err(Failure::Refused)?;
    if let Some(folder) = secret.parent() {
        files::make_folders(folder).map_err(|error| Failure::io(folder, &error))?;
    }
    create(&secret, 0o600, text.as_bytes())?;
    create(&public, 0o644, public_text(&key, args.holder.as_deref()).as_bytes())?;
    if !context.quiet {
        let (kid, secret, public) = (key.public().kid(), secret.display(), public.display());
        let said = crate::text!(
            vi: "khóa {kid}\n  bí mật:    {secret} (giữ kín, sao lưu ngoại tuyến)\n  công khai: {public}",
            en: "key {kid}\n  secret: {secret} (keep it to yourself, back it up offline)\n  public: {public}"
        );
        println!("{}", said.get(context.lang));
    }
    Ok(())
}

fn public_text(key: &SecretKey, holder: Option<&str>) -> String {
    let plain = key.public().to_file();
    let holder: String = holder.unwrap_or_default().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match (holder.trim(), plain.split_once('\n')) {
        ("", _) | (_, None) => plain,
        (holder, Some((_, rest))) => format!("untrusted comment: {holder}\n{rest}"),
    }
}

fn create(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), Failure> {
    let file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path);
    let written = file.and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.map_err(|error| if error.kind() == std::io::ErrorKind::AlreadyExists { exists(path) } else { Failure::io(path, &error) })
}

fn exists(path: &Path) -> Failure {
    let path = path.display();
    Failure::Refused(crate::text!(vi: "{path} đã có; không ghi đè khóa", en: "{path} exists; a key is never overwritten"))
}
