//! The folder of signed files that the commands about the root use.
//! Never opens it.

use std::path::PathBuf;

use crate::base::failure::Failure;
use crate::office::context::Context;

/// Where the signed files are, for every command about the root.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct FolderArgs {
    /// Folder of the signed files [default: trust/ in the content folder] | Thư mục văn bản đã ký [mặc định: trust/ trong thư mục nội dung]
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
}

impl FolderArgs {
    /// The folder.
    pub fn folder(&self, context: &Context) -> Result<PathBuf, Failure> {
        match &self.trust {
            Some(folder) => Ok(context.cwd.join(folder)),
            None => Ok(context.content_root()?.join("trust")),
        }
    }
}
