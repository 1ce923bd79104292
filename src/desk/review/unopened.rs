//! The pages that a reviewer has not opened, in words: how many they are, and which.
//! Never decides which pages count as opened.

use std::collections::BTreeSet;

use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::relpath::RelPath;
use crate::base::text::Text;
use crate::filing::report::{ReviewReport, SlideReport};

/// A page, with the site whose program has it.
pub type SitePage = (SiteId, RelPath);

/// How many pages these are, and of how many slides: `216 trang theo cỡ (108 trang chiếu × 2 cỡ)`.
pub fn count_of(left: &[SitePage]) -> Text {
    let slides: BTreeSet<_> = left.iter().filter_map(|(site, page)| Some((site, page.as_str().rsplit_once('@')?.0))).collect();
    let (pages, slides) = (left.len(), slides.len());
    let (all, of) = (numbers::counted(pages, "page"), numbers::counted(slides, "slide"));
    match pages.checked_div(slides) {
        Some(sizes) if sizes > 1 && sizes * slides == pages => crate::text!(
            vi: "{pages} trang theo cỡ ({slides} trang chiếu × {sizes} cỡ)",
            en: "{all} ({of} × {sizes} sizes)"
        ),
        Some(_) if pages > slides => {
            crate::text!(vi: "{pages} trang theo cỡ (của {slides} trang chiếu)", en: "{all} (of {of})")
        }
        _ => crate::text!(vi: "{pages} trang theo cỡ", en: "{all}"),
    }
}

/// Which pages these are, by slide: `ta-lung: “Hồ Thang Hen” (du-lich/thang-hen): 384×768, 640×320`.
pub fn listed(reports: &[&ReviewReport], left: &[SitePage]) -> Vec<String> {
    let left: BTreeSet<(&SiteId, &RelPath)> = left.iter().map(|(site, page)| (site, page)).collect();
    let of = |report: &&ReviewReport| {
        let slides = report.slides.iter().map(|slide| {
            let open = slide.pages.iter().filter(|page| left.contains(&(&report.site, &page.path)));
            (slide, open.map(|page| page.size.replace('x', "×")).collect::<Vec<_>>())
        });
        let line = |(slide, sizes): (&SlideReport, Vec<String>)| {
            format!("{}: “{}” ({}): {}", report.site, slide.title, slide.id, sizes.join(", "))
        };
        slides.filter(|(_, sizes)| !sizes.is_empty()).map(line).collect::<Vec<_>>()
    };
    reports.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_with_their_slides_where_the_counts_differ() {
        let left = |pages: &[&str]| {
            let page = |path: &&str| Some((SiteId::parse("ta-lung")?, RelPath::parse(path)?));
            count_of(&pages.iter().filter_map(page).collect::<Vec<_>>())
        };
        let four = ["slides/a@640x320.html", "slides/a@384x768.html", "slides/b@640x320.html", "slides/b@384x768.html"];
        for (count, vi, en) in [
            (4, "4 trang theo cỡ (2 trang chiếu × 2 cỡ)", "4 pages (2 slides × 2 sizes)"),
            (3, "3 trang theo cỡ (của 2 trang chiếu)", "3 pages (of 2 slides)"),
            (2, "2 trang theo cỡ (1 trang chiếu × 2 cỡ)", "2 pages (1 slide × 2 sizes)"),
            (1, "1 trang theo cỡ", "1 page"),
            (0, "0 trang theo cỡ", "0 pages"),
        ] {
            let text = left(&four[..count]);
            assert_eq!((text.vi.as_str(), text.en.as_str()), (vi, en));
        }
    }
}
