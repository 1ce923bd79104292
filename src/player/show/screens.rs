//! What is on the screens, for the operator's page: one box for all screens that show the same.
//! Never decides what is shown.

use std::fmt::Write as _;

use super::on_air::OnAir;
use super::time::ClockReading;
use crate::base::html::escape;
use crate::base::ids::ScreenId;
use crate::base::text::Text;
use crate::program::show::{ScreenState, show};
use crate::text;

/// What a box says below its screens.
#[derive(PartialEq, Eq)]
struct OnScreen {
    what: Text,
    /// The slide's id and its program.
    slide: Option<(String, Text)>,
}

/// The boxes at the moment `now`, in the order of the first screen of each.
pub fn boxes(on_air: &OnAir, now: ClockReading) -> String {
    let mut boxes: Vec<(OnScreen, Vec<&ScreenId>)> = Vec::new();
    for id in on_air.screens() {
        let shown = on_screen(on_air, id, now);
        match boxes.iter_mut().find(|(other, _)| *other == shown) {
            Some((_, screens)) => screens.push(id),
            None => boxes.push((shown, vec![id])),
        }
    }
    boxes.iter().map(|(shown, screens)| written(shown, screens)).collect()
}

fn on_screen(on_air: &OnAir, screen: &ScreenId, now: ClockReading) -> OnScreen {
    let shown = show(on_air.schedule(), screen.as_str(), now.ms, now.trusted);
    let slide = shown.program.and_then(|digest| Some((on_air.program(digest)?.manifest(), shown.slide.as_ref()?)));
    let (what, slide) = match (shown.state, slide) {
        (ScreenState::Slide, Some((manifest, id))) => {
            let title = manifest.slides.get(id).map_or(id.as_str(), |slide| slide.title.as_str());
            let program = manifest.kind.named(&manifest.title);
            (text!(vi: "{title}", en: "{title}"), Some((id.to_string(), program)))
        }
        (ScreenState::Dark, _) => (text!(vi: "Ngoài giờ hoạt động", en: "Outside opening hours"), None),
        _ => (text!(vi: "Chưa có chương trình", en: "No program yet"), None),
    };
    OnScreen { what, slide }
}

fn written(OnScreen { what: Text { vi, en }, slide }: &OnScreen, screens: &[&ScreenId]) -> String {
    let names = screens.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(", ");
    let many = if screens.len() == 1 { "" } else { "s" };
    let mut out =
        format!("<section><h2>Màn hình {names} <span lang=\"en\">Screen{many} {names}</span></h2><p class=\"what\">{}</p>", unbroken(vi));
    let _ = match slide {
        Some((id, Text { vi, en })) => {
            write!(out, "<p class=\"id\">{}</p><p class=\"note\">{} <span lang=\"en\">{}</span></p>", unbroken(id), escape(vi), escape(en))
        }
        None => write!(out, "<p class=\"note\" lang=\"en\">{}</p>", escape(en)),
    };
    out.push_str("<p class=\"see\">Xem màn hình <span lang=\"en\">See the screen</span></p><p>");
    for id in screens {
        let _ = write!(out, " <a href=\"/watch/{id}/\">{id}</a>");
    }
    out.push_str("</p></section>\n");
    out
}

/// Text whose lines end between words and behind slashes, and at a hyphen only where a part alone is wider than its box: ids are read out.
fn unbroken(text: &str) -> String {
    let part = |part: &str| {
        let (word, space) = part.strip_suffix(' ').map_or((part, ""), |word| (word, " "));
        if word.contains('-') { format!("<span class=\"whole\">{}</span>{space}", escape(word)) } else { escape(part) }
    };
    text.split_inclusive([' ', '/']).map(part).collect::<Vec<_>>().join("<wbr>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_ends_at_a_hyphen() {
        let id = unbroken("du-lich/suoi-le-nin");
        assert_eq!(id, "<span class=\"whole\">du-lich/</span><wbr><span class=\"whole\">suoi-le-nin</span>");
        assert_eq!(unbroken("Suối Lê-nin <1>"), "Suối <wbr><span class=\"whole\">Lê-nin</span> <wbr>&lt;1&gt;");
    }
}
