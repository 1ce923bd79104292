//! `bangtin-player verify`: whether everything that the player keeps is still what was signed, in words or as JSON.
//! Never changes anything; a pull repairs what it finds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use crate::base::failure::Failure;
use crate::base::format_args::OutputFormat;
use crate::base::numbers;
use crate::base::text::{Lang, Text, printable, printable_json};
use crate::player::config::Config;
use crate::player::pull::audit::{self, Audit};
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
    if let Some(Text { vi, en }) = &audit.lost {
        line(text!(vi: "CHƯA CHIẾU GÌ: {vi}", en: "NOTHING IS SHOWN: {en}"));
    }
    for each in &audit.programs {
        let (program, title) = (each.program, printable(each.title.as_deref().unwrap_or("?")));
        line(match &each.refused {
            None if audit.lost.is_some() => {
                text!(vi: "chương trình {program} “{title}”: chưa chiếu", en: "program {program} “{title}”: not shown yet")
            }
            None => text!(vi: "chương trình {program} “{title}”", en: "program {program} “{title}”"),
            Some(Text { vi, en }) => text!(
                vi: "chương trình {program} “{title}”: không chiếu: {vi}",
                en: "program {program} “{title}”: not shown: {en}"
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

fn as_json(audit: &Audit, journal: &JournalFaults) -> serde_json::Value {
    let programs = audit.programs.iter().map(|each| json!({"program": each.program, "title": each.title, "refused": each.refused}));
    json!({
        "ok": audit.faults.is_empty() && journal.damaged.is_empty() && journal.unsigned.is_empty(),
        "root": audit.root,
        "head": audit.head,
        "withdrawals": audit.withdrawals,
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
