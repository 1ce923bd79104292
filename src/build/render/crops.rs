//! Finds pictures of which a layout shows little on some face, where the author has not said what must stay in view.
//! Never opens a picture.

use std::collections::BTreeSet;

use super::theme::Theme;
use crate::base::diagnostic::Diagnostic;
use crate::base::ids::SlideId;
use crate::content::model::values::{Content, MediaFile, MediaKey, Slide};
use crate::content::model::{Layout, Layouts};
use crate::text;

/// Percent of its width or height below which a picture counts as heavily cut.
const LITTLE: u64 = 60;

/// The warnings for all slides with a picture of their own, on the faces of all sites.
pub fn check(theme: &Theme, layouts: &Layouts, content: &Content) -> Vec<Diagnostic> {
    let screens = content.sites.values().flat_map(|site| &site.screens);
    let sizes: BTreeSet<(u32, u32)> = screens.map(|screen| (screen.width, screen.height)).collect();
    // Elsewhere the author has no means to say it.
    let takes = |layout: &Layout| layout.takes.iter().chain(&layout.needs).any(|key| key == "focus");
    let slides =
        content.slides.iter().filter(|(_, slide)| layouts.get(&slide.layout).is_some_and(|layout| layout.as_ref().is_some_and(takes)));
    slides.filter_map(|(id, slide)| warning(theme, slide, own_picture(content, id, slide)?, &sizes)).collect()
}

/// The picture of a slide without `focus`; a translation's is that of its original unless its file names another.
fn own_picture<'a>(content: &'a Content, id: &SlideId, slide: &'a Slide) -> Option<&'a MediaFile> {
    let picture = slide.media.get(&MediaKey::Image).filter(|_| slide.focus.is_none())?;
    let original = id.is_translation().then(|| content.slides.get(&id.split_language().0)).flatten();
    let inherited = original.is_some_and(|original| original.media.get(&MediaKey::Image) == Some(picture));
    (!inherited).then_some(picture)
}

/// Tells of the face on which least of the picture is seen.
fn warning(theme: &Theme, slide: &Slide, picture: &MediaFile, sizes: &BTreeSet<(u32, u32)>) -> Option<Diagnostic> {
    let seen = |size: &(u32, u32)| {
        let room = theme.picture_box(&slide.layout, *size);
        let cut = !room.contain && !theme.is_over_backdrop(&slide.layout, *size, (picture.width, picture.height));
        let [across, down] = [u64::from(room.width) * u64::from(picture.height), u64::from(room.height) * u64::from(picture.width)];
        // The width that is seen is across ÷ down of the whole, or the height is down ÷ across.
        let percent = across.min(down) * 100 / across.max(down).max(1);
        cut.then_some((percent, *size, across < down))
    };
    let (percent, (width, height), sides) = sizes.iter().filter_map(seen).min().filter(|(percent, ..)| *percent < LITTLE)?;
    let layout = &slide.layout;
    let (vi, en) = if sides { ("chiều ngang", "width") } else { ("chiều cao", "height") };
    Some(Diagnostic::warning(
        "crop-heavy",
        slide.place.clone(),
        text!(
            vi: "trên màn hình {width}×{height}, bố cục “{layout}” chỉ hiện {percent}% {vi} của ảnh",
            en: "on screens of {width}×{height} the layout “{layout}” shows only {percent}% of the {en} of the picture"
        ),
        text!(
            vi: "thêm `focus:` cho biết phần phải thấy: top, center, bottom, left, right hoặc \"50% 20%\" (ngang, dọc); rồi xem trước trang",
            en: "add `focus:` to say what must be seen: top, center, bottom, left, right, or \"50% 20%\" (across, down); then look at the preview"
        ),
    ))
}
