//! A progress bar on standard error while objects are sent, for a person at a terminal.
//! Never shown to a script.

use std::sync::OnceLock;

use indicatif::{ProgressBar, ProgressStyle};

use crate::base::text::Lang;
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
        let line = "{msg} {wide_bar} {bytes}/{total_bytes}  {binary_bytes_per_sec}  {eta}";
        if let Ok(style) = ProgressStyle::with_template(line) {
            bar.set_style(style);
        }
        let text = crate::text!(vi: "gửi {files} tệp", en: "sending {files} files");
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
