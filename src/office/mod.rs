//! Wiring of the office's commands, one file each: arguments, options, calls, exit code.
//! Never holds logic that a stage could hold.

mod access;
mod alarm;
mod args;
mod confirm;
pub mod content;
pub mod context;
pub mod demo;
pub mod now;
pub mod sign;
pub mod store;
pub mod trust;

use crate::base::failure::Failure;
use crate::text;
use content::{at, build, check, preview, revise, schema};
use context::Context;
use sign::{approve, keys, withdraw};
use store::{publish, serve, verify};

/// The commands of `bangtin`, in the order of the work. clap describes the arguments of a command only when that command is called.
#[derive(clap::Subcommand, Debug)]
#[command(defer = true)]
pub enum Command {
    /// Find every fault in the content | Tìm mọi lỗi trong nội dung
    Check(check::Args),
    /// Print the JSON Schemas of the content files | In lược đồ JSON của các tệp nội dung
    Schema(schema::Args),
    /// Show every site, screen and moment in a browser | Xem trước trong trình duyệt mọi cụm, mọi màn hình, mọi thời điểm
    Preview(preview::Args),
    /// Build programs: folders of static files | Tạo chương trình: thư mục tệp tĩnh
    Build(build::Args),
    /// Say what the content files put on a screen at a moment, and why | Cho biết theo tệp nội dung, màn hình chiếu gì vào một thời điểm, vì sao
    At(at::Args),
    /// Make a key | Tạo khóa
    Keys(keys::Args),
    /// Set up, show and change who may sign what | Lập, xem và thay đổi ai được ký gì
    Trust(trust::Args),
    /// Sign the approval of a program | Ký duyệt một chương trình
    Approve(approve::Args),
    /// Publish approved programs into a store | Phát hành chương trình đã duyệt vào kho
    Publish(publish::Args),
    /// Take an approved program, or slides of it, off the screens for good | Thu hồi hẳn chương trình hoặc trang đã duyệt
    Withdraw(withdraw::Args),
    /// Raise the revision of the slides of a withdrawal, to show them again | Nâng lần sửa (revision) của các trang trong một văn bản thu hồi để chiếu trở lại
    Revise(revise::Args),
    /// Check a store, or remove what is no longer needed | Kiểm tra hoặc dọn kho
    Store(store::Args),
    /// Verify a store as a new player of each site does: who approved what, what plays | Xác thực kho như một đầu phát mới của từng cụm: ai đã duyệt gì, đang chiếu gì
    Verify(verify::Args),
    /// Serve a store to players, for trying out | Phục vụ kho cho đầu phát, để chạy thử
    Serve(serve::Args),
    /// Run everything, from content to screen, on this machine | Chạy thử toàn bộ quy trình trên máy này
    Demo(demo::Args),
}

impl Command {
    /// Runs the command.
    pub fn run(self, context: &Context) -> Result<(), Failure> {
        match self {
            Self::Check(args) => check::run(args, context),
            Self::Schema(args) => schema::run(args, context),
            Self::Preview(args) => preview::run(args, context),
            Self::Build(args) => context.end(build::run(args, context), &text!(vi: "chưa tạo chương trình nào", en: "nothing was built")),
            Self::At(args) => context.end(at::run(args, context), &text!(vi: "không trả lời được", en: "no answer")),
            Self::Keys(args) => keys::run(args, context),
            Self::Trust(args) => trust::run(args, context),
            Self::Approve(args) => context.end(approve::run(args, context), &text!(vi: "chưa ký gì", en: "nothing was signed")),
            Self::Publish(args) => {
                context.end(publish::run(args, context), &text!(vi: "chưa phát hành chương trình nào", en: "no program was published"))
            }
            Self::Withdraw(args) => withdraw::run(args, context),
            Self::Revise(args) => context.end(revise::run(args, context), &text!(vi: "chưa sửa tệp nào", en: "no file was changed")),
            Self::Store(args) => store::run(args, context),
            Self::Verify(args) => verify::run(&args, context),
            Self::Serve(args) => serve::run(args, context),
            Self::Demo(args) => context.end(demo::run(args, context), &text!(vi: "chưa chạy thử", en: "nothing was tried out")),
        }
    }
}
