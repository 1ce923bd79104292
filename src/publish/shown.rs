//! From when until when a listed program is on the screens, as `program::show` chooses: the one rule for what `publish` and `verify` say.
//! Never judges a program, and never says what stands on a screen at a moment.

use crate::base::dates;
use crate::base::digest::Digest;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::{Month, Timestamp};
use crate::base::zone::TimeZone;
use crate::program::validate::Program;

/// A program of a head.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    program: Digest,
    kind: ProgramKind,
    month: Option<Month>,
    /// Unix second at which it takes over.
    from: i64,
    /// Its window, in Unix seconds.
    valid: (i64, Option<i64>),
}

/// When a program is on the screens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Showing {
    During(Begin, End),
    /// Another of its period takes over at this moment, before it would begin.
    Never(i64),
    /// A kit.
    WhenReleased,
}

/// Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    At(i64),
    /// At once, although its entry names this later moment: no other evergreen program is left.
    AtOnce(i64),
}

/// Unix seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Open,
    Over(i64),
    /// Another of its period takes over.
    Replaced(i64),
}

impl Listed {
    /// A program that a head lists with this `from`.
    pub fn new(program: &Program, from: i64) -> Self {
        let manifest = program.manifest();
        let valid = (manifest.valid.from, manifest.valid.until);
        Self { program: program.digest(), kind: manifest.kind, month: manifest.month, from, valid }
    }

    /// Of two of one period, the later one plays; of two with the same moment, the one whose digest is lower.
    fn rank(&self) -> (i64, std::cmp::Reverse<Digest>) {
        (self.from, std::cmp::Reverse(self.program))
    }
}

/// When one of the programs that count is on the screens: approved ones that are not withdrawn. `now`: Unix seconds.
pub fn showing(of: Listed, counting: &[Listed], now: i64) -> Showing {
    let (from, until) = of.valid;
    let over = until.map_or(End::Open, End::Over);
    match of.kind {
        ProgramKind::Kit => return Showing::WhenReleased,
        ProgramKind::Urgent => return Showing::During(Begin::At(of.from.max(from)), over),
        ProgramKind::Monthly | ProgramKind::Evergreen => {}
    }
    let same = |other: &&Listed| (other.kind, other.month) == (of.kind, of.month) && other.program != of.program;
    let rivals: Vec<&Listed> = counting.iter().filter(same).collect();
    let replaced = rivals.iter().filter(|other| other.rank() > of.rank()).map(|other| other.from).min();
    let begins = if of.kind == ProgramKind::Evergreen { of.from } else { of.from.max(from) };
    if let Some(replaced) = replaced.filter(|replaced| *replaced <= begins) {
        return Showing::Never(replaced);
    }
    // Before the first one's moment, nothing else can be shown.
    let first = of.kind == ProgramKind::Evergreen && rivals.iter().all(|other| other.from >= of.from);
    let begin = if first && of.from > now { Begin::AtOnce(of.from) } else { Begin::At(begins) };
    Showing::During(begin, replaced.map_or(over, End::Replaced))
}

impl Showing {
    /// In words that follow the program's title.
    pub fn words(self, zone: TimeZone) -> Text {
        let moment = |at: i64| zone.moment(Timestamp(at));
        match self {
            Self::During(begin, end) => {
                let (Text { vi, en }, Text { vi: vi_end, en: en_end }) = (begin.words(zone), end.words(zone));
                crate::text!(vi: "{vi}{vi_end}", en: "{en}{en_end}")
            }
            Self::Never(replaced) => {
                let Text { vi, en } = moment(replaced);
                crate::text!(
                    vi: "không bao giờ chiếu: chương trình khác của kỳ này thay thế từ {vi}, trước khi đến lượt chương trình này",
                    en: "never shown: another of its period takes over on {en}, before this one begins"
                )
            }
            Self::WhenReleased => crate::text!(vi: "chỉ chiếu khi có lệnh phát", en: "shown only when it is released"),
        }
    }
}

impl Begin {
    fn words(self, zone: TimeZone) -> Text {
        match self {
            Self::At(from) => {
                let Text { vi, en } = dates::begin(zone.to_local(from));
                crate::text!(vi: "chiếu từ {vi}", en: "shown from {en}")
            }
            Self::AtOnce(from) => {
                let Text { vi, en } = zone.moment(Timestamp(from));
                crate::text!(
                    vi: "chiếu ngay khi đầu phát nhận được, không đợi đến {vi}, vì không còn chương trình thường xuyên nào khác",
                    en: "shown as soon as a player has it, not only from {en}: no other evergreen program is left"
                )
            }
        }
    }
}

impl End {
    fn words(self, zone: TimeZone) -> Text {
        match self {
            Self::Open => crate::text!(vi: "", en: ""),
            Self::Over(until) => {
                let Text { vi, en } = dates::end(zone.to_local(until));
                crate::text!(vi: " đến {vi}", en: " until {en}")
            }
            Self::Replaced(at) => {
                let Text { vi, en } = zone.moment(Timestamp(at));
                crate::text!(vi: " đến {vi} thì chương trình khác thay thế", en: " until {en}, when another takes over")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(name: &str, kind: ProgramKind, from: i64) -> Listed {
        let (month, valid) = if kind == ProgramKind::Monthly { (Month::parse("2026-12"), (1_000, Some(2_000))) } else { (None, (0, None)) };
        Listed { program: Digest::of(name.as_bytes()), kind, month, from, valid }
    }

    fn all(kind: ProgramKind, froms: &[i64], now: i64) -> Vec<Showing> {
        let listed: Vec<_> = froms.iter().enumerate().map(|(at, from)| listed(&at.to_string(), kind, *from)).collect();
        listed.iter().map(|each| showing(*each, &listed, now)).collect()
    }

    #[test]
    fn a_month_begins_with_its_window_and_ends_where_another_takes_over() {
        let month = |froms: &[i64]| all(ProgramKind::Monthly, froms, 500);
        assert_eq!(month(&[400]), [Showing::During(Begin::At(1_000), End::Over(2_000))]);
        assert_eq!(month(&[400, 900]), [Showing::Never(900), Showing::During(Begin::At(1_000), End::Over(2_000))]);
        assert_eq!(month(&[400, 1_000])[0], Showing::Never(1_000), "at the moment at which the month begins");
        assert_eq!(
            month(&[400, 1_200]),
            [Showing::During(Begin::At(1_000), End::Replaced(1_200)), Showing::During(Begin::At(1_200), End::Over(2_000))]
        );
        assert_eq!(month(&[400, 1_200, 1_500])[0], Showing::During(Begin::At(1_000), End::Replaced(1_200)));
        let tie = month(&[400, 400]);
        assert_eq!(tie.iter().filter(|each| **each == Showing::Never(400)).count(), 1, "{tie:?}");
    }

    #[test]
    fn the_first_evergreen_program_does_not_wait_for_its_moment() {
        let evergreen = |froms: &[i64]| all(ProgramKind::Evergreen, froms, 500);
        assert_eq!(evergreen(&[400]), [Showing::During(Begin::At(400), End::Open)]);
        assert_eq!(evergreen(&[900]), [Showing::During(Begin::AtOnce(900), End::Open)]);
        assert_eq!(evergreen(&[400, 900])[1], Showing::During(Begin::At(900), End::Open));
        assert_eq!(
            evergreen(&[700, 900]),
            [Showing::During(Begin::AtOnce(700), End::Replaced(900)), Showing::During(Begin::At(900), End::Open)]
        );
        let tie = evergreen(&[900, 900]);
        assert_eq!(tie.iter().filter(|each| **each == Showing::Never(900)).count(), 1, "{tie:?}");
        assert_eq!(tie.iter().filter(|each| **each == Showing::During(Begin::AtOnce(900), End::Open)).count(), 1, "{tie:?}");
    }
}
