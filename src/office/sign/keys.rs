//! `bangtin keys`: makes keys, as standard minisign files.
//! Never overwrites one and never sends one anywhere.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::secrets::{self, PasswordArgs};
use crate::base::failure::Failure;
use crate::content::source::history;
use crate::filing::keys;
use crate::office::args;
use crate::office::context::Context;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Make a key: FILE (secret) and FILE.pub | Tạo khóa: TỆP (bí mật) và TỆP.pub
    New(NewKeyArgs),
}

#[derive(clap::Args, Debug)]
struct NewKeyArgs {
    /// The secret key's file | Tệp khóa bí mật
    file: PathBuf,
    /// Who holds it, for the root | Người giữ khóa, ghi vào văn bản phân quyền
    #[arg(long, value_name = "NAME", value_parser = args::one_line)]
    holder: Option<String>,
    /// Leave the secret key unencrypted | Không mã hóa khóa bí mật
    #[arg(long, conflicts_with = "password")]
    no_password: bool,
    #[command(flatten)]
    password: PasswordArgs,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let Command::New(args) = args.command;
    let secret = context.cwd.join(&args.file);
    keys::vacant(&secret)?;
    let password = if args.no_password { None } else { Some(secrets::new_password(context, &secret, &args.password)?) };
    let key = keys::create(&secret, password.as_ref().map(|password| password.as_str()), args.holder.as_deref().unwrap_or_default())?;
    let (kid, public) = (key.public().kid(), keys::public_path(&secret));
    if let (Some(folder), Some(name)) = (secret.parent(), secret.file_name().and_then(OsStr::to_str))
        && history::would_be_added(folder, name)
    {
        let shown = secret.display();
        context.alarm(&crate::text!(
            vi: "{shown} nằm trong thư mục git mà không bị bỏ qua: git add --all rồi git push sẽ công bố khóa bí mật. Hãy để khóa ở nơi khác, hoặc ghi {name} vào .gitignore",
            en: "{shown} lies in a git work tree and is not ignored: git add --all and git push would publish the secret key. Keep it elsewhere, or write {name} into .gitignore"
        ));
    }
    let (secret, public) = (secret.display(), public.display());
    context.print_text(&crate::text!(
        vi: "khóa {kid}\n  bí mật:    {secret} (giữ kín, sao lưu ngoại tuyến)\n  công khai: {public}",
        en: "key {kid}\n  secret: {secret} (keep it to yourself, back it up offline)\n  public: {public}"
    ));
    Ok(())
}
