//! `approvals/<program>/<kid>.json`: one reviewer's statement about one program.
//! Never decides whether it suffices: `judge` does.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};

use super::document::SignedDocument;
use crate::base::dates;
use crate::base::digest::Digest;
use crate::base::ids::{RoleId, SiteId};
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::terms::{BuildOrigin, ProgramKind};
use crate::base::text::{Text, printable};
use crate::text;

/// What an approval says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    pub program: Digest,
    /// Length of the manifest in bytes, its line feed included.
    pub manifest_size: u64,
    /// Sum of `size` over all files of the program.
    pub total_bytes: u64,
    pub site: SiteId,
    pub kind: ProgramKind,
    /// First second, as in the manifest.
    pub show_from: i64,
    /// First second after it, as in the manifest; `null` for evergreen.
    #[serde(deserialize_with = "nullable")]
    pub show_until: Option<i64>,
    pub roles: BTreeSet<RoleId>,
    #[serde(default)]
    pub document: Decision,
    /// Pages of the program that the reviewer had not opened when signing; `None` if the signing tool did not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<u64>,
    #[serde(default)]
    pub remark: String,
    /// What the signing tool made the program with and from; it decides only whether a newer tool may publish it unasked (U1–U3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built: Option<BuildOrigin>,
}

/// The number and date of the decision behind an approval; empty if there is none. It is for the record: no check uses it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// For example `12/QĐ-SVHTTDL`.
    #[serde(default)]
    pub number: String,
    /// `YYYY-MM-DD`.
    #[serde(default)]
    pub date: String,
}

impl Decision {
    /// As people write it: `số 12/QĐ-SVHTTDL ngày 20/11/2026`; `None` if there is none.
    pub fn text(&self) -> Option<Text> {
        let number = printable(&self.number);
        let Some(day) = NaiveDate::parse_from_str(&self.date, "%Y-%m-%d").ok() else {
            return (!number.is_empty()).then(|| text!(vi: "số {number}", en: "{number}"));
        };
        let Text { vi, en } = dates::day(day);
        Some(text!(vi: "số {number} ngày {vi}", en: "{number} of {en}"))
    }

    /// What to say of one that is dated after the day on which it is signed with an approval.
    pub fn ahead_of(&self, today: NaiveDate) -> Option<Text> {
        let day = NaiveDate::parse_from_str(&self.date, "%Y-%m-%d").ok().filter(|day| *day > today)?;
        let (Text { vi, en }, Text { vi: vi_today, en: en_today }) = (dates::day(day), dates::day(today));
        Some(text!(
            vi: "quyết định đề ngày {vi}, sau hôm nay ({vi_today}); nếu không đúng thì sửa --document",
            en: "the decision is dated {en}, which is after today ({en_today}); correct --document if that is wrong"
        ))
    }

    /// Reads `12/QĐ-SVHTTDL, 2026-11-20`, `12/QĐ-SVHTTDL, 20/11/2026` or, as the paper says it, `số 12/QĐ-SVHTTDL ngày 20/11/2026`; an empty text
    /// means no decision.
    pub fn parse(text: &str) -> Result<Self, Text> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let spoken = || text.rsplit_once(" ngày ");
        let halves = spoken().filter(|(_, day)| written_day(day.trim()).is_some()).or_else(|| text.rsplit_once(',')).or_else(spoken);
        let (number, date) = halves.ok_or_else(|| {
            text!(
                vi: "cần số và ngày, cách nhau bằng dấu phẩy, ví dụ \"123/QĐ-SVHTTDL, 25/11/2026\"",
                en: "number and date with a comma between them are required, such as \"123/QĐ-SVHTTDL, 25/11/2026\""
            )
        })?;
        let (number, date) = (number.trim().trim_end_matches(',').trim_end(), date.trim());
        let number = ["số ", "Số "].iter().find_map(|word| number.strip_prefix(word)).unwrap_or(number).trim_start();
        if number.is_empty() || number.chars().count() > 100 || number.chars().any(char::is_control) {
            return Err(
                text!(vi: "số quyết định trước dấu phẩy thiếu hoặc quá dài", en: "the number before the comma is empty or too long"),
            );
        }
        let day = written_day(date).ok_or_else(|| match dates::mistyped(date) {
            Some(Text { vi, en }) => text!(vi: "“{date}”: {vi}", en: "“{date}”: {en}"),
            None => text!(vi: "“{date}” không phải là ngày, dạng 20/11/2026 hoặc 2026-11-20", en: "“{date}” is not a date, such as 2026-11-20 or 20/11/2026"),
        })?;
        Ok(Self { number: number.to_owned(), date: day.to_string() })
    }
}

/// A day as signed documents write it, or as the paper does: `2026-11-20`, `20/11/2026`.
fn written_day(text: &str) -> Option<NaiveDate> {
    let papers =
        || NaiveDate::parse_from_str(text, "%d/%m/%Y").ok().filter(|_| text.rsplit('/').next().is_some_and(|year| year.len() == 4));
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10).or_else(papers)
}

/// A field that may be `null` but not missing.
fn nullable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Option::deserialize(deserializer)
}

impl SignedDocument for Approval {
    const TYPE: &'static str = "bangtin-approval";
    const LIMIT: u64 = SMALL_DOCUMENT_BYTES;

    fn check(&self) -> Result<(), Text> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_written_as_people_write_it() {
        let told = |text: &str| Decision::parse(text).unwrap().text().map(|text| (text.vi, text.en));
        let both = ("số 12/QĐ-SVHTTDL ngày 20/11/2026".to_owned(), "12/QĐ-SVHTTDL of 2026-11-20".to_owned());
        for date in ["2026-11-20", "20/11/2026"] {
            assert_eq!(told(&format!("12/QĐ-SVHTTDL, {date}")), Some(both.clone()));
        }
        for paper in ["12/QĐ-SVHTTDL ngày 20/11/2026", "số 12/QĐ-SVHTTDL, ngày 20/11/2026", "Số 12/QĐ-SVHTTDL ngày 2026-11-20"] {
            assert_eq!(told(paper), Some(both.clone()), "{paper}");
        }
        assert_eq!(told("12/QĐ, UBND ngày 20/11/2026").unwrap().0, "số 12/QĐ, UBND ngày 20/11/2026");
        assert_eq!(Decision::parse("12/QĐ ngày 31/02/2026").unwrap_err().vi, "“31/02/2026”: không có ngày 31/02/2026");
        assert!(Decision::parse("12/QĐ").unwrap_err().vi.ends_with("ví dụ \"123/QĐ-SVHTTDL, 25/11/2026\""));
        assert_eq!(Decision::parse("1, 3/2/2026").unwrap().date, "2026-02-03");
        for (date, en) in [
            ("31/02/2026", "“31/02/2026”: the day 31/02/2026 does not exist"),
            ("20/11/26", "“20/11/26” is not a date, such as 2026-11-20 or 20/11/2026"),
        ] {
            assert_eq!(Decision::parse(&format!("1, {date}")).unwrap_err().en, en);
        }
        assert_eq!(told(""), None);
        let (signed, dated) = (|day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap(), Decision::parse("1, 2026-11-20").unwrap());
        assert_eq!((dated.ahead_of(signed(20)), dated.ahead_of(signed(19)).is_some()), (None, true));
        assert_eq!(Decision::default().ahead_of(signed(1)), None);
        let odd = Decision { number: "12".to_owned(), date: "hôm qua".to_owned() };
        assert_eq!(odd.text().map(|text| text.vi), Some("số 12".to_owned()));
    }
}
