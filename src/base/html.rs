//! Text in pages that the program writes itself. Pages of slides come from templates, which escape by themselves.
//! Never knows a page.

/// Text as HTML shows it unchanged, in elements and between double quotes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
