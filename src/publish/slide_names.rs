//! How people read which slides were withdrawn: by title and id.
//! Never decides which slides those are.

use std::collections::BTreeSet;

use crate::base::ids::SlideId;
use crate::base::text::{Text, printable};

/// `“Câu ca Cao Bằng” (van-hoa/ca-dao)`; without a title the id alone.
pub fn named(slide: &SlideId, title: Option<&str>) -> String {
    title.map_or_else(|| slide.to_string(), |title| format!("“{}” ({slide})", printable(title)))
}

/// The withdrawn slides of a program; `None` if there are none. `title`: the title of a slide, if it is known.
pub fn withdrawn<'a>(slides: &BTreeSet<SlideId>, title: impl Fn(&SlideId) -> Option<&'a str>) -> Option<Text> {
    let list = slides.iter().map(|slide| named(slide, title(slide))).collect::<Vec<_>>().join(", ");
    (!slides.is_empty()).then(|| crate::text!(vi: "trang đã thu hồi: {list}", en: "withdrawn from it: {list}"))
}
