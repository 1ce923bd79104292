//! What the commands about a store have in common: which store, and by which roots it is checked.
//! Never looks into a store.

use super::context::Context;
use crate::base::failure::Failure;
use crate::base::slow;
use crate::build::folders;
use crate::filing::signed_files;
use crate::store::address::StoreAddress;
use crate::trust::root::SignedRoot;

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
