//! Colour for people at a terminal: when it is used, and for which kind of word.
//! Never looks at a stream or the environment itself: the binaries do.

use std::io::IsTerminal;

use clap::builder::styling::{AnsiColor, Style};

use super::os;

/// The value of `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum When {
    /// on a terminal, unless NO_COLOR is set | trên cửa sổ lệnh, trừ khi có NO_COLOR
    #[default]
    Auto,
    /// into files and pipes too | cả khi ghi ra tệp hay chuyển cho lệnh khác
    Always,
    /// none | không dùng màu
    Never,
}

impl When {
    /// The pen for one stream. `no_color` is the variable `NO_COLOR`; empty is unset (no-color.org).
    pub fn pen(self, stream: &impl IsTerminal, no_color: Option<&str>) -> Pen {
        match self {
            Self::Auto => Pen { colored: stream.is_terminal() && no_color.is_none_or(str::is_empty) && os::shows_colors() },
            Self::Always => Pen::COLORED,
            Self::Never => Pen::PLAIN,
        }
    }
}

/// The pens of both streams.
#[derive(Clone, Copy, Debug)]
pub struct Pens {
    pub out: Pen,
    pub err: Pen,
}

/// Writes words for one stream, coloured or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pen {
    colored: bool,
}

impl Pen {
    /// Without colour.
    pub const PLAIN: Self = Self { colored: false };
    /// With colour.
    pub const COLORED: Self = Self { colored: true };

    /// Whether the output has escape sequences.
    pub fn is_colored(self) -> bool {
        self.colored
    }

    /// An error: red.
    pub fn error(self, text: &str) -> String {
        self.styled(AnsiColor::Red.on_default().bold(), text)
    }

    /// A warning: amber.
    pub fn warning(self, text: &str) -> String {
        self.styled(AnsiColor::Yellow.on_default().bold(), text)
    }

    /// A place, a heading: bold.
    pub fn strong(self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    fn styled(self, style: Style, text: &str) -> String {
        if self.colored { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
