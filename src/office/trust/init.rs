//! `bangtin trust init`: the first root, made from the content's policy and the keys that people bring. Signs with the secret keys given,
//! else leaves a draft for holders to sign elsewhere. Never changes a root that exists.

use std::path::PathBuf;

use super::draft_output;
use super::edit::VALID_MONTHS;
use crate::base::failure::Failure;
use crate::base::help::Invalid;
use crate::base::ids::RoleId;
use crate::base::numbers;
use crate::base::shell;
use crate::content::model::choose;
use crate::content::model::values::ApprovalPolicy;
use crate::content::plan::moment;
use crate::filing::draft;
use crate::filing::first_root::{self, FirstRoot};
use crate::filing::keys;
use crate::office::args::split_role_and_file;
use crate::office::context::Context;
use crate::office::now::NowArgs;
use crate::office::sign::secrets::{self, PasswordArgs};
use crate::text;
use crate::trust::next_root::KeyRole;
use crate::trust::policy::{InitialHolders, KeyHolder};
use crate::trust::secret::SecretKey;

/// Arguments as typed.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The root keys: a .pub file of each holder, or the secret key to sign here | Khóa phân quyền: tệp .pub của từng người, hoặc khóa bí mật để ký tại đây
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    root_key: Vec<PathBuf>,
    /// How many root keys must sign [default: more than half] | Số khóa phân quyền phải ký [mặc định: quá nửa]
    #[arg(long, value_name = "N")]
    root_threshold: Option<u64>,
    /// Public keys that may sign releases | Khóa công khai được ký bản phát hành
    #[arg(long, value_name = "FILE.pub", required = true, num_args = 1..)]
    publish_key: Vec<PathBuf>,
    /// Public keys of reviewers | Khóa công khai của người duyệt
    #[arg(long, value_name = "ROLE=FILE.pub", required = true, num_args = 1.., value_parser = role_and_file)]
    review: Vec<(String, PathBuf)>,
    /// When to renew the root at the latest [default: in two years] | Hạn thay văn bản phân quyền [mặc định: sau hai năm]
    #[arg(long, value_name = "DATE")]
    expires: Option<String>,
    /// Folder to write to [default: trust/ in the content folder] | Thư mục để ghi [mặc định: trust/ trong thư mục nội dung]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    #[command(flatten)]
    password: PasswordArgs,
    #[command(flatten)]
    now: NowArgs,
}

/// A reviewer role as typed: the content says which there are.
fn role_and_file(text: &str) -> Result<(String, PathBuf), Invalid> {
    let (role, file) = split_role_and_file(text)?;
    match KeyRole::parse(role) {
        Some(seat @ (KeyRole::Root | KeyRole::Publish)) => {
            Err(Invalid(text!(vi: "{seat} có tùy chọn riêng: --{seat}-key", en: "{seat} has an option of its own: --{seat}-key")))
        }
        _ => Ok((role.to_owned(), file)),
    }
}

/// Runs the command.
pub fn run(args: &Args, context: &Context) -> Result<(), Failure> {
    let (content, _) = context.load()?;
    let folder = match &args.out {
        Some(out) => context.cwd.join(out),
        None => context.content_root()?.join("trust"),
    };
    let now = args.now.instant(content.settings.time_zone)?;
    let expires = match &args.expires {
        Some(text) => moment::parse_later(text, content.settings.time_zone, now)?,
        None => now.plus_months(VALID_MONTHS),
    };
    let review = review_holders(context, args, &content.settings.approval)?;
    let (secrets, root) = root_holders(context, args)?;
    let count = root.len() as u64;
    let root_threshold = args.root_threshold.unwrap_or(count / 2 + 1);
    let holders = InitialHolders { root, root_threshold, publish: publish_holders(context, args)?, review };
    match first_root::create_first_root(&folder, &content.settings.approval, holders, &secrets, (now, expires))? {
        FirstRoot::Root(path) => {
            let path = path.display();
            let place = args.out.as_ref().map(|out| format!(" --trust {}", shell::quoted(&out.display().to_string()))).unwrap_or_default();
            context.print_text(&crate::text!(
                vi: "Đã lập {path}\nXem lại bằng: bangtin trust show{place}. Giữ khóa phân quyền ngoại tuyến; đưa thư mục này vào git.",
                en: "Made {path}\nLook at it with: bangtin trust show{place}. Keep the root keys offline; commit this folder to git."
            ));
        }
        FirstRoot::Draft(draft) => {
            let (path, signed) = (draft::path(&folder), secrets.len());
            let signatures = numbers::counted(signed, "signature");
            let path = path.display();
            context.print_text(&crate::text!(
                vi: "Đã lập dự thảo văn bản phân quyền {path} với {signed} chữ ký, chưa đủ {root_threshold}",
                en: "Made the draft {path} with {signatures}; {root_threshold} required"
            ));
            draft_output::print_signers(context, None, &draft)?;
            draft_output::print_next_sign(context, &folder);
        }
    }
    Ok(())
}

fn root_holders(context: &Context, args: &Args) -> Result<(Vec<SecretKey>, Vec<KeyHolder>), Failure> {
    let (mut secrets, mut holders) = (Vec::new(), Vec::new());
    for path in &args.root_key {
        if keys::is_public(&context.cwd.join(path))? {
            holders.push(keys::read_public_key(&context.cwd.join(path))?);
            continue;
        }
        let key = secrets::open(context, path, &args.password)?;
        holders.push((key.public().clone(), keys::holder_of_secret_key(&context.cwd.join(path))));
        secrets.push(key);
    }
    Ok((secrets, holders))
}

fn publish_holders(context: &Context, args: &Args) -> Result<Vec<KeyHolder>, Failure> {
    args.publish_key.iter().map(|path| keys::read_public_key(&context.cwd.join(path))).collect()
}

fn review_holders(context: &Context, args: &Args, policy: &ApprovalPolicy) -> Result<Vec<(RoleId, KeyHolder)>, Failure> {
    let role = |name: &str| RoleId::parse(name).ok_or_else(|| choose::unknown_role(policy.roles.keys().map(RoleId::as_str), name));
    args.review.iter().map(|(name, path)| Ok((role(name)?, keys::read_public_key(&context.cwd.join(path))?))).collect()
}
