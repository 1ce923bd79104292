//! `bangtin-player verify`: whether everything that the player keeps is still what was signed, in words or as JSON.
//! Never changes anything; a pull repairs what it finds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use crate::base::dates;
use crate::base::failure::Failure;
use crate::base::format_args::OutputFormat;
use crate::base::numbers;
use crate::base::text::{Lang, Text, printable, printable_json};
use crate::player::config::Config;
use crate::player::pull::audit::{self, Audit, AuditedProgram};
use crate::player::record::audit::{JournalFaults, journal_faults, memory_fault};
use crate::player::{rounds, run};
use crate::text;

/// Verifies; returns the text to print, and a failure if anything is damaged.
pub fn verify(config: &Config, format: OutputFormat, lang: Lang) -> Result<(String, Result<(), Failure>), Failure> {
    let on_air = rounds::last_health(config).map(|health| health.programs).unwrap_or_default();
    let audit = audit::audit(&config.pull_settings(), &on_air).map_err(Failure::Refused)?;
    let folder = format!("returns/{}/{}", config.site, config.player);
    let owner = run::journal_owner(config, 0, audit.segment);
    let named = |faults: BTreeMap<String, Text>| faults.into_iter().map(|(name, fault)| (format!("{folder}/{name}"), fault)).collect();
    let JournalFaults { damaged, unsigned } = journal_faults(&owner);
    let mut journal = JournalFaults { damaged: named(damaged), unsigned: named(unsigned) };
    journal.damaged.extend(memory_fault(&owner).map(|fault| (run::JOURNAL_MEMORY.to_owned(), fault)));
    let output = match format {
        OutputFormat::Human => words(&audit, &journal, lang),
        OutputFormat::Json => printable_json(&format!("{}\n", as_json(&audit, &journal))),
    };
    Ok((output, verdict(&config.data, &audit, &journal).map_or(Ok(()), |reason| Err(Failure::Refused(reason)))))
}

/// What is wrong in all, and what to do; `None` if nothing is.
fn verdict(data: &Path, audit: &Audit, journal: &JournalFaults) -> Option<Text> {
    let (count, data) = (audit.faults.len(), data.display());
    let (damaged, unsigned) = (journal.damaged.len(), journal.unsigned.len());
    let (places, are) = if damaged == 1 { ("place", "is") } else { ("places", "are") };
    let (segments, have) = if unsigned == 1 { ("segment", "has") } else { ("segments", "have") };
    if count > 0 || audit.lost.is_some() {
        let (files, are) = if count == 1 { ("file", "is") } else { ("files", "are") };
        let (then_vi, then_en) = if audit.lost.is_some() {
            (
                "đầu phát chưa chiếu gì cho đến khi tải lại được những gì đã mất",
                "the player shows nothing until what is lost is fetched again",
            )
        } else {
            ("đầu phát không chiếu những gì hỏng", "the player shows nothing of it")
        };
        return Some(text!(
            vi: "{data}: {count} chỗ hỏng hoặc thiếu; {then_vi}; đang chạy thì tự tải lại, không thì chạy: bangtin-player pull",
            en: "{data}: {count} {files} {are} damaged or missing; {then_en}; running, it fetches it again by itself, else run: bangtin-player pull"
        ));
    }
    if damaged > 0 {
        return Some(text!(
            vi: "{data}: nhật ký chiếu có {damaged} chỗ hỏng hoặc thiếu; bản ghi lượt chiếu ở đó không dùng làm bằng chứng được. Hãy báo cơ quan và sao chép nhật ký chiếu về đó; sau đó xóa tại đây các đoạn đến hết chỗ ấy thì không còn báo. Nếu lặp lại, hãy thay ổ đĩa",
            en: "{data}: {damaged} {places} of the journal {are} damaged or missing, and no evidence any more. Tell the office and copy the journal there; once the segments up to that place are removed here, it is told no more. If it happens again, replace the disk"
        ));
    }
    (unsigned > 0).then(|| {
        text!(
            vi: "{data}: nhật ký chiếu có {unsigned} đoạn không có chữ ký để chứng minh nội dung không bị sửa; việc cần làm ghi ở dòng của đoạn ấy",
            en: "{data}: {unsigned} {segments} of the journal {have} no signature to show that nothing was changed; the line of each says what to do"
        )
    })
}

fn words(audit: &Audit, journal: &JournalFaults, lang: Lang) -> String {
    let mut out = String::new();
    let mut line = |text: Text| {
        let _ = writeln!(out, "{}", text.get(lang));
    };
    let Audit { root, withdrawals, releases, objects: (objects, bytes), .. } = audit;
    let head = audit.head.map_or_else(|| "–".to_owned(), |number| number.to_string());
    let (taken, kits) = (numbers::counted(*withdrawals, "withdrawal"), numbers::counted(*releases, "kit release"));
    line(text!(
        vi: "văn bản phân quyền số {root}, bản phát hành {head}, {withdrawals} văn bản thu hồi, {releases} lệnh phát",
        en: "root {root}, release {head}, {taken}, {kits}"
    ));
    for (number, count) in &audit.twins {
        line(text!(
            vi: "số {number}: {count} văn bản thu hồi khác nhau cùng mang số này, tất cả đều có hiệu lực",
            en: "number {number}: {count} different withdrawals carry it, and all of them count"
        ));
    }
    if let Some(Text { vi, en }) = &audit.lost {
        line(text!(vi: "CHƯA CHIẾU GÌ: {vi}", en: "NOTHING IS SHOWN: {en}"));
    }
    for each in &audit.programs {
        let (program, Text { vi: name_vi, en: name_en }) = (each.program, name(each));
        line(match (&each.refused, &each.damage) {
            (None, _) if audit.lost.is_some() => {
                text!(vi: "{name_vi} ({program}): chưa chiếu", en: "{name_en} ({program}): not shown yet")
            }
            (None, None) => text!(vi: "{name_vi} ({program})", en: "{name_en} ({program})"),
            (None, Some(Text { vi, en })) => text!(vi: "{name_vi} ({program}): {vi}", en: "{name_en} ({program}): {en}"),
            (Some(Text { vi, en }), _) => text!(
                vi: "{name_vi} ({program}): không chiếu: {vi}",
                en: "{name_en} ({program}): not shown: {en}"
            ),
        });
    }
    let (Text { vi, en }, read) = (numbers::bytes(*bytes), numbers::counted(*objects, "object"));
    line(text!(vi: "đã đọc {objects} tệp, {vi}", en: "{read} read, {en}"));
    for (path, Text { vi, en }) in audit.faults.iter().chain(&journal.damaged) {
        line(text!(vi: "HỎNG: {path}: {vi}", en: "DAMAGED: {path}: {en}"));
    }
    for (path, Text { vi, en }) in &journal.unsigned {
        line(text!(vi: "KHÔNG CÓ CHỮ KÝ: {path}: {vi}", en: "NOT SIGNED: {path}: {en}"));
    }
    for (path, Text { vi, en }) in &audit.pending {
        line(text!(vi: "CÒN PHẢI TẢI: {path}: {vi}", en: "STILL TO BE FETCHED: {path}: {en}"));
    }
    out
}

/// A program by kind and title, and by its month unless the title says it: months may share a title.
fn name(each: &AuditedProgram) -> Text {
    let title = printable(each.title.as_deref().unwrap_or("?"));
    let Text { vi, en } = each.kind.named(&title);
    match each.month.filter(|month| !title.contains(&format!("{:02}/{}", month.month, month.year))) {
        Some(month) => {
            let Text { vi: month_vi, en: month_en } = dates::month(month);
            text!(vi: "{vi}, {month_vi}", en: "{en}, {month_en}")
        }
        None => text!(vi: "{vi}", en: "{en}"),
    }
}

fn as_json(audit: &Audit, journal: &JournalFaults) -> serde_json::Value {
    let program = |each: &AuditedProgram| {
        json!({"program": each.program, "kind": each.kind, "title": each.title, "refused": each.refused, "damage": each.damage,
            "missing_slides": each.missing_slides})
    };
    let programs = audit.programs.iter().map(program);
    json!({
        "ok": audit.faults.is_empty() && journal.damaged.is_empty() && journal.unsigned.is_empty(),
        "root": audit.root,
        "head": audit.head,
        "withdrawals": audit.withdrawals,
        "twins": audit.twins,
        "releases": audit.releases,
        "programs": programs.collect::<Vec<_>>(),
        "objects": audit.objects.0,
        "bytes": audit.objects.1,
        "faults": audit.faults,
        "pending": audit.pending,
        "lost": audit.lost,
        "journal": journal.damaged,
        "unsigned": journal.unsigned,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::base::digest::Digest;
    use crate::base::terms::ProgramKind;
    use crate::base::times::Month;

    #[test]
    fn programs_of_one_title_are_told_apart_by_kind_and_month() {
        let program = Digest::parse(&"0".repeat(64)).unwrap();
        for (kind, title, month, vi, en) in [
            (
                ProgramKind::Monthly,
                "Chương trình chung",
                "2026-12",
                "chương trình tháng “Chương trình chung”, tháng 12/2026",
                "monthly program “Chương trình chung”, 2026-12",
            ),
            (
                ProgramKind::Monthly,
                "Chương trình tháng 12/2026",
                "2026-12",
                "“Chương trình tháng 12/2026”",
                "monthly program “Chương trình tháng 12/2026”",
            ),
            (
                ProgramKind::Evergreen,
                "Chương trình chung",
                "",
                "chương trình thường xuyên “Chương trình chung”",
                "evergreen program “Chương trình chung”",
            ),
        ] {
            let named = name(&AuditedProgram {
                program,
                kind,
                title: Some(title.to_owned()),
                month: Month::parse(month),
                refused: None,
                damage: None,
                missing_slides: BTreeSet::new(),
            });
            assert_eq!((named.vi.as_str(), named.en.as_str()), (vi, en));
        }
    }
}
