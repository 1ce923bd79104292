//! The faults of text that has too little room, in words.
//! Never judges: `build::room` does.

use std::collections::BTreeSet;

use super::room::TextRoom;
use crate::base::diagnostic::{Diagnostic, SourceLocation};
use crate::base::text::Text;
use crate::content::model::faces::Face;
use crate::content::model::values::{Site, Slide};
use crate::text;

/// A face of a site has too little room for the slides of a layout.
pub fn face_too_small(site: &Site, face: Face, layout: &str, room: TextRoom) -> Diagnostic {
    let (width, height, lines, letters) = (face.width, face.height, room.lines.floor(), room.letters.floor());
    Diagnostic::warning(
        "face-too-small",
        site.place.clone(),
        text!(
            vi: "màn hình {width}×{height} quá nhỏ cho bố cục “{layout}”: ở cỡ chữ nhỏ nhất còn đọc được chỉ có {lines} dòng, mỗi dòng {letters} chữ cái",
            en: "a screen of {width}×{height} is too small for the layout “{layout}”: at the smallest letters that can be read it has {lines} lines of {letters} letters"
        ),
        text!(
            vi: "trên màn hình này chỉ chiếu trang rất ít chữ (mục screens của danh sách phát); hoặc sửa viewing của cụm nếu người xem đứng gần hơn",
            en: "show only slides of few words on it (screens of the playlist); or correct the site's viewing, if people stand nearer"
        ),
    )
}

/// A slide may not fit on these faces: on the tightest it takes `lines` where there is `room` for fewer. No line of its file is at fault alone.
pub fn may_not_fit(slide: &Slide, faces: &BTreeSet<Face>, tightest: Face, (lines, room): (f64, f64)) -> Diagnostic {
    let (lines, room) = (lines.ceil(), room.floor());
    let size = |face: &Face| format!("{}×{}", face.width, face.height);
    let sizes = faces.iter().map(size).collect::<BTreeSet<_>>();
    let Text { vi, en } = if sizes.len() > 1 {
        let size = size(&tightest);
        text!(vi: "; chật nhất là {size}", en: "; the tightest is {size}")
    } else {
        text!(vi: "", en: "")
    };
    let sizes = sizes.into_iter().collect::<Vec<_>>().join(", ");
    Diagnostic::warning(
        "may-not-fit",
        SourceLocation::file(&slide.place.path),
        text!(
            vi: "trang có thể không vừa màn hình {sizes}{vi}: cần khoảng {lines} dòng ở cỡ chữ nhỏ nhất còn đọc được, chỉ đủ chỗ cho {room} dòng",
            en: "the slide may not fit on screens of {sizes}{en}: it takes about {lines} lines at the smallest letters that can be read, and there is room for {room}"
        ),
        text!(
            vi: "rút ngắn hoặc tách thành nhiều trang; bangtin preview và bangtin check --render đo chính xác và chỉ chỗ bị mất chữ",
            en: "shorten it, or split it into several slides; bangtin preview and bangtin check --render measure it and show the words that are lost"
        ),
    )
}
