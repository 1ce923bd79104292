//! The parts of a slide whose table is split: how many there are, the same on every face, so that faces with one loop agree; their titles.
//! Never renders, never plans.

use super::values::{Content, MediaKey, Slide};
use super::written::{FileFaults, SlideFile};
use crate::base::ids::SlideId;
use crate::base::limits::TABLE_PARTS;
use crate::base::numbers;
use crate::base::text::Text;
use crate::content::source::{ContentTree, table};
use crate::text;

/// Rows of a table that stand on a screen at a time unless the slide says otherwise: more would be too small to read on a small face.
const ROWS: u32 = 8;

impl Content {
    /// The slide of an id, which may be that of one of its parts.
    pub fn slide(&self, id: &SlideId) -> Option<&Slide> {
        let (whole, part) = id.split_part();
        self.slides.get(&whole).map(AsRef::as_ref).filter(|slide| part <= slide.parts)
    }
}

impl Slide {
    /// The title of the slide or, of a slide that is split, of the part that has this id: `Bảng giá (2/5)`.
    pub fn title_of(&self, id: &SlideId) -> String {
        let (title, part, parts) = (&self.title, id.split_part().1, self.parts);
        if parts > 1 { format!("{title} ({part}/{parts})") } else { title.clone() }
    }
}

/// Splits the table that a slide's own file names; a translation without one has the parts of its original. Warns if nobody chose the
/// number of rows.
pub fn split(id: &SlideId, slide: &mut Slide, written: &SlideFile, tree: &ContentTree, faults: &mut FileFaults<'_>) {
    let (Some(named), Some(media)) = (&written.table, slide.media.get(&MediaKey::Table)) else { return };
    let Some(Ok(parsed)) = tree.texts.get(&media.path).map(|file| table::parse(file.text())) else { return };
    let (count, rows) = (parsed.table.rows.len(), slide.rows.unwrap_or(ROWS));
    let parts = u32::try_from(count.div_ceil(rows as usize)).unwrap_or(u32::MAX);
    if parts > TABLE_PARTS {
        let most = rows * TABLE_PARTS;
        faults.error(
            "table-too-long",
            named.span,
            text!(vi: "bảng có {count} hàng, một trang chứa được đến {most}", en: "the table has {count} rows, a slide holds up to {most}"),
            text!(vi: "chia thành nhiều bảng, mỗi bảng một trang; hoặc tăng `rows` (số hàng mỗi màn hình)", en: "divide it into several tables, one to a slide; or raise `rows`, the rows on a screen"),
        );
        return;
    }
    if SlideId::parse(id.part(parts).as_str()).is_none() {
        faults.error(
            "table-too-long",
            named.span,
            text!(vi: "tên tệp của trang quá dài, không đặt được tên cho các phần của bảng", en: "the slide's name is too long to name the parts of its table"),
            text!(vi: "rút ngắn tên tệp hoặc thư mục", en: "shorten the name of the file or its folder"),
        );
        return;
    }
    slide.parts = parts;
    if parts > 1 && slide.rows.is_none() {
        let seconds = |ms: u64| numbers::thousandths(i64::try_from(ms).unwrap_or(i64::MAX));
        let (Text { vi, en }, whole) = (seconds(slide.duration_ms), seconds(slide.duration_ms * u64::from(parts)));
        let (whole_vi, whole_en) = (whole.vi, whole.en);
        faults.warning(
            "table-split",
            named.span,
            text!(
                vi: "bảng có {count} hàng, được chia thành {parts} phần chiếu lần lượt, mỗi phần {vi} giây, cả thảy {whole_vi} giây",
                en: "the table has {count} rows and is split into {parts} parts, shown one after another, {en} s each, {whole_en} s in all"
            ),
            text!(
                vi: "nếu đúng ý thì ghi `rows: {rows}` (số hàng nhiều nhất mỗi phần, chọn số khác cũng được); nếu không thì rút ngắn bảng",
                en: "if that is meant, write `rows: {rows}`, the most rows of a part, or another number; if not, shorten the table"
            ),
        );
    }
}
