//! The faults of files as files: names, kinds, sizes, encodings.
//! Never opens one.

use super::media;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::failure;
use crate::base::limits::{CONTENT_FILES, MARKDOWN_DEPTH, PATH_BYTES};
use crate::base::text::Text;
use crate::base::text::printable;
use crate::text;

/// More entries than the limit allows.
pub fn too_many_files() -> Diagnostic {
    Diagnostic::error(
        "too-many-files",
        SourceLocation::file("."),
        text!(vi: "hơn {CONTENT_FILES} tệp và thư mục", en: "more than {CONTENT_FILES} files and folders"),
        text!(vi: "kiểm tra xem có chỉ nhầm thư mục không", en: "look whether this is the right folder"),
    )
}

/// A file that every content folder has.
pub fn missing(name: &str) -> Diagnostic {
    let least = match name {
        "agencies.yaml" => "so-a: {name: {vi: Sở A}, kind: department, roles: [chief]}",
        _ => "name: {vi: …}, time_zone: Asia/Ho_Chi_Minh, languages: [vi], theme: caobang, tool: …",
    };
    Diagnostic::error(
        "file-missing",
        SourceLocation::file(name),
        text!(vi: "thiếu tệp này", en: "this file is missing"),
        text!(vi: "tạo tệp theo docs/content.md, ít nhất là: {least}", en: "make it as docs/content.md shows, at least: {least}"),
    )
}

/// A symbolic link.
pub fn symlink(name: &str) -> Diagnostic {
    Diagnostic::error(
        "symlink",
        SourceLocation::file(name),
        text!(vi: "đây là liên kết tượng trưng", en: "this is a symbolic link"),
        text!(vi: "chép tệp thật vào chỗ này", en: "put a copy of the real file here"),
    )
}

/// A file with several names.
pub fn hard_link(name: &str) -> Diagnostic {
    Diagnostic::error(
        "hard-link",
        SourceLocation::file(name),
        text!(vi: "tệp này còn có tên khác trên đĩa (liên kết cứng)", en: "this file has another name on the disk (hard link)"),
        text!(vi: "thay bằng một bản chép riêng", en: "put a copy of its own here"),
    )
}

/// A device, socket or pipe.
pub fn not_a_file(name: &str) -> Diagnostic {
    Diagnostic::error(
        "not-a-file",
        SourceLocation::file(name),
        text!(vi: "đây là thiết bị, ống dẫn hoặc ổ cắm, không phải tệp", en: "this is a device, a pipe or a socket, not a file"),
        text!(vi: "xóa nó khỏi thư mục nội dung", en: "remove it from the content folder"),
    )
}

/// A folder that has the name of a file.
pub fn folder_named_as_file(name: &str) -> Diagnostic {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Diagnostic::error(
        "not-a-file",
        SourceLocation::file(name),
        text!(vi: "đây là thư mục, tên lại là tên của tệp .{extension}", en: "this is a folder, and its name is that of a .{extension} file"),
        text!(
            vi: "đặt tệp vào chỗ này, xóa thư mục nếu rỗng, hoặc đổi tên thư mục, không có “.{extension}”",
            en: "put the file in its place, delete the folder if it is empty, or rename it without “.{extension}”"
        ),
    )
}

/// A name outside the legal form. `legal`: a name to give it; `original`: the file of which it looks like a copy.
pub fn bad_name(name: &str, legal: Option<&str>, original: Option<&str>) -> Diagnostic {
    let shown = printable(name);
    let rule = text!(
        vi: "chỉ dùng chữ thường không dấu a-z, số 0-9, gạch nối và dấu chấm; tên không kết thúc bằng dấu chấm, không phải “con”, “nul”, “aux”, “com1” …",
        en: "use only a-z, 0-9, hyphen and dot; no dot at the end; not “con”, “nul”, “aux”, “com1” …"
    );
    let help = legal.map_or(rule.clone(), |legal| {
        let Text { vi, en } = rule;
        text!(vi: "đổi tên thành {legal}; {vi}", en: "rename it to {legal}; {en}")
    });
    Diagnostic::error(
        "file-name",
        SourceLocation::file(name),
        text!(vi: "tên “{shown}” không dùng được", en: "the name “{shown}” can't be used"),
        or_deleted(help, original),
    )
}

/// A remedy for a file that may be no more than a copy of another one.
fn or_deleted(help: Text, original: Option<&str>) -> Text {
    let Some(original) = original.map(printable) else { return help };
    let Text { vi, en } = help;
    text!(
        vi: "{vi}; nếu chỉ là bản chép thừa của “{original}” thì xóa",
        en: "{en}; delete it if it is only a spare copy of “{original}”"
    )
}

/// A path that no program can hold.
pub fn long_path(name: &str) -> Diagnostic {
    let bytes = name.len();
    Diagnostic::error(
        "file-name",
        SourceLocation::file(name),
        text!(vi: "đường dẫn dài {bytes} byte, tối đa {PATH_BYTES}", en: "the path has {bytes} bytes, {PATH_BYTES} at most"),
        text!(vi: "rút ngắn tên tệp và tên các thư mục chứa nó", en: "shorten the names of the file and of the folders around it"),
    )
}

/// Two names that some file systems treat as one.
pub fn name_collision(name: &str, twin: &str) -> Diagnostic {
    Diagnostic::error(
        "file-twins",
        SourceLocation::file(name),
        text!(vi: "tên này chỉ khác “{twin}” ở chữ hoa hay cách viết dấu", en: "this name differs from “{twin}” only in case or in how accents are stored"),
        text!(vi: "đổi tên một trong hai", en: "rename one of the two"),
    )
}

/// A folder that no command reads.
pub fn unknown_folder(name: &str, known: &[&str]) -> Diagnostic {
    let legal = known.join(", ");
    Diagnostic::warning(
        "unknown-folder",
        SourceLocation::file(name),
        text!(vi: "không lệnh nào đọc thư mục này", en: "no command reads this folder"),
        text!(vi: "thư mục nội dung: {legal}", en: "folders of content are: {legal}"),
    )
}

/// A YAML file at the top that no command reads.
pub fn unknown_file(name: &str) -> Diagnostic {
    Diagnostic::warning(
        "unknown-file",
        SourceLocation::file(name),
        text!(vi: "không lệnh nào đọc tệp này", en: "no command reads this file"),
        text!(vi: "tệp ở đây là bangtin.yaml và agencies.yaml", en: "the files here are bangtin.yaml and agencies.yaml"),
    )
}

/// A file whose kind has no use. `renamed`: its name if it had the extension in use, and the file of which it looks like a copy.
pub fn unknown_kind(name: &str, extension: &str, (renamed, original): (Option<&str>, Option<&str>)) -> Diagnostic {
    let help = match (extension, renamed) {
        ("yml", Some(renamed)) => or_deleted(text!(vi: "đổi tên thành {renamed}", en: "rename it to {renamed}"), original),
        ("mov" | "avi" | "mkv" | "wmv", _) => text!(vi: "chuyển sang mp4 (H.264, AAC)", en: "convert it to mp4 (H.264, AAC)"),
        _ => media::picture_remedy(extension).unwrap_or_else(|| {
            text!(
                vi: "chuyển ra khỏi thư mục nội dung; loại dùng được: md, yaml, jpg, png, webp, mp4, webm, m4a, mp3, ogg, csv, vtt",
                en: "move it out of the content folder; kinds in use: md, yaml, jpg, png, webp, mp4, webm, m4a, mp3, ogg, csv, vtt"
            )
        }),
    };
    Diagnostic::error(
        "file-kind",
        SourceLocation::file(name),
        text!(vi: "loại tệp “{extension}” không dùng được ở đây", en: "a file of kind “{extension}” has no use here"),
        help,
    )
}

/// A file over its limit.
pub fn too_large(place: SourceLocation, limit: u64) -> Diagnostic {
    let shown = limit >> 20;
    Diagnostic::error(
        "file-too-large",
        place,
        text!(vi: "tệp lớn hơn {shown} MiB", en: "the file is larger than {shown} MiB"),
        text!(vi: "chia nhỏ hoặc nén lại", en: "split it or compress it"),
    )
}

/// A line over its limit.
pub fn line_too_long(place: SourceLocation, limit: usize) -> Diagnostic {
    let shown = limit >> 10;
    Diagnostic::error(
        "line-too-long",
        place,
        text!(vi: "dòng dài hơn {shown} KiB", en: "the line is longer than {shown} KiB"),
        text!(vi: "xuống dòng ở giữa; tệp xuất từ chương trình khác thì xuất lại, có xuống dòng", en: "break the line; export the file again with line breaks if a program wrote it"),
    )
}

/// A line of a slide that begins with more lists and quotations inside each other than the limit.
pub fn nested_too_deep(place: SourceLocation) -> Diagnostic {
    Diagnostic::error(
        "markdown-too-deep",
        place,
        text!(
            vi: "danh sách hoặc trích dẫn lồng nhau sâu hơn {MARKDOWN_DEPTH} tầng",
            en: "lists or quotations nested deeper than {MARKDOWN_DEPTH}"
        ),
        text!(
            vi: "không trang chiếu nào cần sâu đến thế; xóa bớt dấu “-”, “>” và khoảng trắng ở đầu dòng",
            en: "no slide needs that; delete signs “-” and “>” and spaces at the start of the line"
        ),
    )
}

/// A file that can't be read.
pub fn unreadable(name: &str, error: &std::io::Error) -> Diagnostic {
    let Text { vi, en } = failure::system(error);
    Diagnostic::error(
        "file-unreadable",
        SourceLocation::file(name),
        text!(vi: "không đọc được: {vi}", en: "can't be read: {en}"),
        text!(vi: "kiểm tra quyền của tệp", en: "look at the file's permissions"),
    )
}

/// A byte-order mark at the start.
pub fn byte_order_mark(name: &str) -> Diagnostic {
    Diagnostic::error(
        "byte-order-mark",
        SourceLocation::file(name),
        text!(vi: "tệp bắt đầu bằng dấu BOM", en: "the file begins with a byte-order mark"),
        text!(vi: "lưu lại kiểu “UTF-8” (không BOM)", en: "save it as “UTF-8” (without BOM)"),
    )
}

/// A table in UTF-16, which is read all the same.
pub fn utf16_table(name: &str) -> Diagnostic {
    Diagnostic::warning(
        "table-encoding",
        SourceLocation::file(name),
        text!(vi: "bảng ở dạng UTF-16 (“Unicode Text” của Excel); được đọc theo dạng đó", en: "the table is UTF-16 (Excel's “Unicode Text”); it is read so"),
        text!(
            vi: "xem chữ trên trang có đúng không; để không còn cảnh báo, lưu lại kiểu “CSV UTF-8”",
            en: "look whether the slide reads well; to be warned no more, save it as “CSV UTF-8”"
        ),
    )
}

/// A table with the mark of UTF-16 whose bytes are something else.
pub fn broken_utf16(name: &str) -> Diagnostic {
    Diagnostic::error(
        "not-utf8",
        SourceLocation::file(name),
        text!(vi: "tệp có dấu đầu tệp của UTF-16 nhưng nội dung không phải UTF-16", en: "the file begins with the mark of UTF-16 but is not UTF-16"),
        text!(vi: "chép lại tệp gốc cho đủ, hoặc lưu lại kiểu “CSV UTF-8”", en: "copy the original file again, whole, or save it as “CSV UTF-8”"),
    )
}

/// A byte that is not UTF-8.
pub fn not_utf8(place: SourceLocation, byte: u8) -> Diagnostic {
    Diagnostic::error(
        "not-utf8",
        place,
        text!(vi: "byte 0x{byte:02X} ở đây không phải UTF-8", en: "the byte 0x{byte:02X} here is not UTF-8"),
        text!(vi: "lưu tệp bằng bảng mã Unicode UTF-8, không phải TCVN3, VNI, UTF-16 (bảng tính: kiểu “CSV UTF-8”)", en: "save the file in the encoding UTF-8, not UTF-16 (of a spreadsheet: “CSV UTF-8”)"),
    )
}
