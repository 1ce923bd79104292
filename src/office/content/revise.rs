//! `bangtin revise`: raises the `revision` of every slide that a withdrawal names, so that they may be approved again.
//! Never signs, and never writes into git.

use crate::base::failure::Failure;
use crate::base::numbers;
use crate::content::author::revise;
use crate::filing::returning::{self, SlideRevision};
use crate::office::context::Context;

#[allow(missing_docs, reason = "it would be shown as the description of the command, which `Command` gives")]
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The number of the withdrawal | Số của văn bản thu hồi
    #[arg(long, value_name = "NUMBER")]
    withdrawal: u64,
}

/// Runs the command.
pub fn run(args: Args, context: &Context) -> Result<(), Failure> {
    let (content, warnings) = context.load()?;
    context.print_warnings(&warnings);
    let folder = context.content_root()?;
    let raised = returning::raised(&folder, &content, args.withdrawal)?;
    let changed: Result<Vec<_>, Failure> =
        raised.iter().map(|SlideRevision { source, revision }| revise::with_revision(&folder, source, *revision)).collect();
    for (slide, SlideRevision { source, revision }) in changed?.iter().zip(&raised) {
        slide.write()?;
        context.print_text(&crate::text!(vi: "slides/{source}: revision {revision}", en: "slides/{source}: revision {revision}"));
    }
    let (number, count) = (args.withdrawal, raised.len());
    let (slides, them) = (numbers::counted(count, "slide"), if count == 1 { "commit it" } else { "commit them together" });
    context.print_text(&match count {
        0 => crate::text!(
            vi: "Không phải làm gì: lần sửa (revision) của các trang trong văn bản thu hồi số {number} đã được nâng",
            en: "Nothing to do: the slides of withdrawal {number} already have their revision raised"
        ),
        _ => crate::text!(
            vi: "Đã nâng lần sửa (revision) của {count} trang; ghi tất cả vào git trong một lần (git commit), rồi duyệt và phát hành",
            en: "Raised the revision of {slides}; {them} (git commit), then approve and publish"
        ),
    });
    Ok(())
}
