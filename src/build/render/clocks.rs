//! What every style sheet of a program begins with: the boxes of clocks and dates keep their size whatever stands in them, and nothing in them
//! is painted outside, so that nothing of a page is shown at some minutes only. Never writes a time: the player's shell does.

/// The first layer of a page wins with what is important, whatever a theme says.
const STILL: &str = "@layer { [data-clock], [data-date] { display: inline-block !important; contain: size layout paint !important; \
    overflow-clip-margin: 0px !important; inline-size: 5ch; block-size: 1lh; vertical-align: top; white-space: nowrap; } [data-date] { inline-size: 25ch; } }\n";

/// A style sheet of a theme as a program has it.
pub fn with_still_boxes(sheet: &str) -> String {
    format!("{STILL}{sheet}")
}
