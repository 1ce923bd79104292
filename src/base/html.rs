//! Escapes text in pages that the program writes itself; the templates of slides escape by themselves.
//! Never knows a page.

/// Escapes text for HTML elements and double-quoted attributes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
