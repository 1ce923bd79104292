//! `bangtin preview`: the content folder live in a browser, in the player's own shell.
//! Never serves a file of the folder as stored: only pages rendered from it.

use std::net::SocketAddr;

use crate::base::diagnostic;
use crate::base::failure::Failure;
use crate::base::output;
use crate::base::text::Text;
use crate::build::cache::BuildCacheFolder;
use crate::desk::live::Preview;
use crate::office::args;
use crate::office::context::Context;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Address to listen on; other machines need a token | Địa chỉ lắng nghe; máy khác cần mã truy cập
    #[arg(long, value_name = "ADDR", value_parser = args::parse_address, default_value = "127.0.0.1:7070")]
    listen: SocketAddr,
    /// Open the page in the browser | Mở trang trong trình duyệt
    #[arg(long)]
    open: bool,
}

/// Faults of one reading that are printed; a mistake in a file that all use can cause hundreds.
const FIRST: usize = 10;

/// Runs the command: previews every site, screen and period of the content folder until it is ended.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let root = context.content_root()?;
    let memory = BuildCacheFolder::new(context.cache.clone(), context.tool.clone());
    let preview = Preview::start(root, &memory, args.listen, context.lang)?;
    let entry = preview.entry();
    context.print_text(&crate::text!(vi: "Xem trước tại {entry} (Ctrl-C để dừng)", en: "Preview at {entry} (Ctrl-C to stop)"));
    match preview.network() {
        None => {}
        Some(Ok(url)) => context.print_text(&crate::text!(
            vi: "Mở cho máy khác trong mạng; ai có địa chỉ này đều xem được: {url}",
            en: "Open to the network; whoever has this address can look: {url}"
        )),
        Some(Err(url)) => context.print_text(&crate::text!(
            vi: "Máy khác cũng xem được, nhưng không tìm thấy địa chỉ của máy này trong mạng; hãy thay “…” bằng địa chỉ đó: {url}",
            en: "Other machines can look too, but this machine's address in the network was not found; put it in place of “…”: {url}"
        )),
    }
    if args.open {
        context.browse(entry);
    }
    preview.run(|faults| {
        let (first, more) = faults.split_at(faults.len().min(FIRST));
        context.print_faults(first);
        let Text { vi, en } = diagnostic::counted(more);
        match (faults.len(), more.len()) {
            (0, _) => context.print_text(&crate::text!(vi: "Đã sửa hết lỗi", en: "All faults are fixed")),
            (_, 0) => {}
            _ => context.alarm(&crate::text!(
                vi: "còn {vi} nữa; xem đủ bằng: bangtin check",
                en: "and {en} more; see all of them with: bangtin check"
            )),
        }
        output::flush();
    })
}
