//! A progress bar on standard error while objects are sent, for a person at a terminal.
//! Never shown to a script.

use std::sync::OnceLock;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::base::numbers;
use crate::base::text::{Lang, Text};
use crate::office::context::Context;
use crate::store::publish::{NoProgress, Progress};

/// The observer of a publication.
pub fn reporter(context: &Context) -> Box<dyn Progress> {
    if context.quiet || !context.terminal {
        Box::new(NoProgress)
    } else {
        Box::new(ProgressReporter { lang: context.lang, bar: OnceLock::new() })
    }
}

struct ProgressReporter {
    lang: Lang,
    bar: OnceLock<ProgressBar>,
}

impl Progress for ProgressReporter {
    fn begin(&self, files: u64, bytes: u64) {
        let bar = self.bar.get_or_init(|| ProgressBar::new(bytes));
        let lang = self.lang;
        let write = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
            let _ = out.write_str(amount(state.pos(), state.len().unwrap_or_default()).get(lang));
        };
        if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {amount}") {
            bar.set_style(style.with_key("amount", write));
        }
        let counted = numbers::counted(files, "file");
        let text = crate::text!(vi: "gửi {files} tệp", en: "sending {counted}");
        bar.set_message(text.get(self.lang).to_owned());
    }

    fn sent(&self, bytes: u64) {
        if let Some(bar) = self.bar.get() {
            bar.inc(bytes);
        }
    }

    fn end(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

/// `8,6/10,7 MB`.
fn amount(sent: u64, all: u64) -> Text {
    let (Text { vi, en }, all) = (numbers::megabytes(sent), numbers::megabytes(all));
    let (all_vi, all_en) = (all.vi, all.en);
    crate::text!(vi: "{vi}/{all_vi} MB", en: "{en}/{all_en} MB")
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_sent_is_told_in_each_language() {
        let text = super::amount(8_610_000, 10_730_000);
        assert_eq!((text.vi.as_str(), text.en.as_str()), ("8,6/10,7 MB", "8.6/10.7 MB"));
    }
}
