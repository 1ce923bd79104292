//! Reports what a new root takes away, and asks for consent.
//! Never finds it out: `filing::drops` does.

use crate::base::failure::Failure;
use crate::base::text::Text;
use crate::filing::drops::RootDrops;
use crate::office::confirm::{self, Confirmation};
use crate::office::context::Context;
use crate::publish::root_effect::RootEffect;

// Whether the person accepts that programs lose their approval.
#[allow(missing_docs, reason = "it would be shown as the description of the command")]
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct DropArgs {
    /// Go on although programs lose their approval | Vẫn làm dù có chương trình mất hiệu lực duyệt
    #[arg(long)]
    accept_drop: bool,
}

/// Refuses unless nothing is dropped or `args` accepts it; what is dropped is reported anyway. A filed program that can't be judged is an
/// error only without consent: a stolen key must be removable whatever the content is like.
pub fn enforce(drops: Result<RootDrops, Failure>, args: DropArgs, context: &Context) -> Result<(), Failure> {
    if args.accept_drop {
        print_drops(drops, context);
        return Ok(());
    }
    let drops = drops?;
    if drops.is_empty() {
        return Ok(());
    }
    let Text { vi, en } = drops.to_text();
    Err(Failure::Refused(crate::text!(
        vi: "{vi}\nHãy để những người duyệt còn giữ khóa ký trước, hoặc thêm người mới bằng một văn bản phân quyền riêng rồi ký lại; nếu chấp nhận mất, thêm --accept-drop",
        en: "{en}\nLet the remaining reviewers sign them first, or add the new reviewer by a root of its own and let her sign; to accept the loss, add --accept-drop"
    )))
}

/// Reports what roots take off the screens of a store, and asks where a site is left without any program; without a terminal, only `args`
/// is a yes.
pub fn consent(effect: &RootEffect, args: DropArgs, context: &Context) -> Result<(), Failure> {
    let Some(text) = effect.to_text() else { return Ok(()) };
    context.alarm(&text);
    if effect.emptied.is_empty() || args.accept_drop {
        return Ok(());
    }
    let question = crate::text!(vi: "Vẫn đưa văn bản phân quyền vào kho? [c/K] ", en: "Publish the roots nevertheless? [y/N] ");
    if confirm::can_ask() && confirm::confirm(context, Confirmation::Ask, &question)? {
        return Ok(());
    }
    Err(Failure::Refused(crate::text!(
        vi: "chưa đưa gì vào kho. Hãy để những người giữ khóa theo văn bản phân quyền mới duyệt trước (bangtin approve), rồi phát hành (bangtin publish), lệnh đó đưa cả văn bản phân quyền vào kho; nếu phải bỏ quyền của một khóa ngay, thêm --accept-drop",
        en: "nothing is written. Let the reviewers of the new root approve first (bangtin approve), then run bangtin publish, which brings the roots too; if a key must lose its rights at once, add --accept-drop"
    )))
}

/// Prints what is dropped on standard error.
pub fn print_drops(drops: Result<RootDrops, Failure>, context: &Context) {
    match drops {
        Ok(drops) if drops.is_empty() => {}
        Ok(drops) => context.alarm(&drops.to_text()),
        Err(Failure::Refused(Text { vi, en }) | Failure::Usage(Text { vi, en }) | Failure::External(Text { vi, en })) => {
            let text = crate::text!(
                vi: "không xét được chương trình nào sẽ mất hiệu lực duyệt: {vi}",
                en: "it can't be said which programs lose their approval: {en}"
            );
            context.alarm(&text);
        }
        Err(Failure::Content(faults)) => faults.iter().for_each(|fault| crate::errln!("{}", fault.render(context.lang, context.pens.err))),
    }
}
