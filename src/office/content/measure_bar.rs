//! A progress bar on standard error while pages are measured, for a person at a terminal.
//! Never shown to a script.

use std::sync::OnceLock;

use indicatif::{ProgressBar, ProgressStyle};

use crate::office::context::Context;

/// The bar of a measurement; shown once the first page is measured.
pub struct MeasureBar<'a> {
    /// `None`: nobody looks.
    context: Option<&'a Context>,
    bar: OnceLock<ProgressBar>,
}

/// A bar for the one who looks at the terminal.
pub fn bar(context: &Context) -> MeasureBar<'_> {
    MeasureBar { context: Some(context).filter(|context| !context.quiet && context.terminal), bar: OnceLock::new() }
}

impl MeasureBar<'_> {
    /// Shows how many pages of how many are measured.
    pub fn show(&self, done: usize, all: usize) {
        let Some(context) = self.context else { return };
        let bar = self.bar.get_or_init(|| {
            let bar = ProgressBar::new(all as u64);
            if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}") {
                bar.set_style(style);
            }
            let text = crate::text!(vi: "đo các trang", en: "measuring pages");
            bar.set_message(text.get(context.lang).to_owned());
            bar
        });
        bar.set_position(done as u64);
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
