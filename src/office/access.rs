//! What the commands about a store have in common: which store, and by which roots it is checked.
//! Never looks into a store.

use std::path::{Path, PathBuf};

use super::context::Context;
use crate::base::failure::Failure;
use crate::base::slow;
use crate::base::text::Text;
use crate::build::folders;
use crate::filing::archive::{self, Archive};
use crate::filing::filed::FiledPrograms;
use crate::filing::signed_files;
use crate::filing::withdrawal_copies::{self, SignedWithdrawal, TakenOver};
use crate::filing::withdrawals::{self, StoredWithdrawal};
use crate::filing::withdrawals_unsent::{self, Settled};
use crate::publish::installation::NewStore;
use crate::store::address::StoreAddress;
use crate::trust::root::SignedRoot;

// Whether a store may be made, for every command that writes into one.
#[allow(missing_docs, reason = "it would be shown as the description of the command")]
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct NewStoreArgs {
    /// Begin a new store there, though something was published elsewhere | Lập kho mới tại đó, dù đã từng phát hành vào kho khác
    #[arg(long)]
    new_store: bool,
}

impl NewStoreArgs {
    /// What to do with a store that holds nothing yet.
    pub fn answer(self) -> NewStore {
        if self.new_store { NewStore::Begin } else { NewStore::Refuse }
    }
}

// Where the archive is, for every command that uses it.
#[allow(missing_docs, reason = "it would be shown as the description of the command")]
#[derive(clap::Args, Clone, Debug)]
pub struct ArchiveArgs {
    /// Folder that keeps what was published [default: `archive` beside the content folder] | Kho lưu giữ những gì đã phát hành [mặc định: `archive` cạnh thư mục nội dung]
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
}

impl ArchiveArgs {
    /// The archive, to read from.
    pub fn open(&self, context: &Context, content: &Path) -> Result<Archive, Failure> {
        Ok(Archive::open(&self.folder(context, content)?))
    }

    /// The folder; refuses one inside the content.
    pub fn folder(&self, context: &Context, content: &Path) -> Result<PathBuf, Failure> {
        let folder = self.archive.as_ref().map_or_else(|| archive::beside(content), |given| context.cwd.join(given));
        folders::refuse_inside_inputs(content, &folder)?;
        Ok(folder)
    }
}

/// The store at an address; refuses a folder inside the content.
pub fn parse_address(url: &str, context: &Context) -> Result<StoreAddress, Failure> {
    let address = StoreAddress::parse(url, &context.cwd)?;
    if let (StoreAddress::Folder(folder), Ok(root)) = (&address, context.content_root()) {
        folders::refuse_inside_inputs(&root, folder)?;
    }
    Ok(address)
}

/// Does work with the store at an address; a person at a terminal is told what keeps it waiting.
pub fn waiting<T>(context: &Context, url: &str, work: impl FnOnce() -> T) -> T {
    if context.quiet || !context.terminal {
        return work();
    }
    let text = crate::text!(vi: "đang chờ kho {url} trả lời …", en: "waiting for the store {url} to answer …");
    slow::told(|| crate::errln!("{}", text.get(context.lang)), work)
}

/// The withdrawals of the content folder, once those that a store has beyond them are taken over.
pub fn with_newer(
    context: &Context,
    (folder, chain, filed): (&Path, &[SignedRoot], &FiledPrograms),
    (store, newer): (&str, &[SignedWithdrawal]),
) -> Result<Vec<StoredWithdrawal>, Failure> {
    let TakenOver { said, aside } = withdrawal_copies::take_over(folder, (chain, filed), (store, newer))?;
    aside.iter().for_each(|text| context.alarm(text));
    said.iter().for_each(|text| context.print_text(text));
    withdrawals::read(folder, chain, filed)
}

/// The withdrawals of the content folder, if there is one to judge a store by; none without its roots. Damage of the content is no fault of
/// the store: it is said that nothing was compared, and why.
pub fn withdrawals(context: &Context, chain: &[SignedRoot]) -> Vec<StoredWithdrawal> {
    let Some(content) = context.content_root().ok().filter(|_| !chain.is_empty()) else { return Vec::new() };
    or_none(context, FiledPrograms::list(&content).and_then(|filed| withdrawals::read(&content, chain, &filed)))
}

/// The withdrawals of a content folder; none, with a word on why, where they can't be read.
pub fn or_none(context: &Context, read: Result<Vec<StoredWithdrawal>, Failure>) -> Vec<StoredWithdrawal> {
    read.unwrap_or_else(|failure| {
        if let Some(Text { vi, en }) = failure.text() {
            context.alarm(&crate::text!(
                vi: "không đọc được các văn bản thu hồi của nội dung nên chưa tính đến chúng: {vi}",
                en: "the withdrawals of the content can't be read, and are not considered here: {en}"
            ));
        }
        Vec::new()
    })
}

/// Says what became of the withdrawals here whose number was another's. Returns how many still wait to be signed anew.
pub fn settle_unsent(
    context: &Context,
    (folder, chain, filed): (&Path, &[SignedRoot], &FiledPrograms),
    store: &str,
) -> Result<usize, Failure> {
    let Settled { said, waits } = withdrawals_unsent::settle(folder, (chain, filed), store)?;
    said.iter().for_each(|text| context.print_text(text));
    waits.iter().for_each(|text| context.alarm(text));
    Ok(waits.len())
}

/// The roots of the content folder, if there is one. A machine without content can maintain a store too; it trusts the store's own first
/// root on first use.
pub fn roots(context: &Context) -> Result<Vec<SignedRoot>, Failure> {
    match context.content_root() {
        Ok(folder) if folder.join("trust/root/1.json").is_file() => signed_files::roots(&folder),
        Ok(_) => Ok(Vec::new()),
        Err(failure) if context.content.is_some() => Err(failure),
        Err(_) => Ok(Vec::new()),
    }
}
