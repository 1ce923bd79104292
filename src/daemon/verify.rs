//! `bangtin-player verify`: whether everything that the player keeps is still what was signed, in words or as JSON.
//! Never changes anything; a pull repairs what it finds.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;

use crate::base::failure::Failure;
use crate::base::numbers;
use crate::base::text::{Lang, Text, printable, printable_json};
use crate::player::config::Config;
use crate::player::pull::audit::{self, Audit};
use crate::player::record::audit::{journal_faults, memory_fault};
use crate::player::{rounds, run};
use crate::text;

/// How the answer is printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum VerifyFormat {
    /// for people | cho người đọc
    Human,
    /// one object | một đối tượng
    Json,
}

/// Verifies; returns the text to print, and a failure if anything is damaged.
pub fn verify(config: &Config, format: VerifyFormat, lang: Lang) -> Result<(String, Result<(), Failure>), Failure> {
    let on_air = rounds::last_health(config).map(|health| health.programs).unwrap_or_default();
    let audit = audit::audit(&config.pull_settings(), &on_air).map_err(Failure::Refused)?;
    let folder = format!("returns/{}/{}", config.site, config.player);
    let owner = run::journal_owner(config, 0, audit.segment);
    let segments = journal_faults(&owner).into_iter().map(|(name, fault)| (format!("{folder}/{name}"), fault));
    let journal = segments.chain(memory_fault(&owner).map(|fault| (run::JOURNAL_MEMORY.to_owned(), fault))).collect();
    let output = match format {
        VerifyFormat::Human => words(&audit, &journal, lang),
        VerifyFormat::Json => printable_json(&format!("{}\n", as_json(&audit, &journal))),
    };
    let (count, data) = (audit.faults.len(), config.data.display());
    let end = if count == 0 && journal.is_empty() {
        Ok(())
    } else if count == 0 {
        let count = journal.len();
        let (places, are) = if count == 1 { ("place", "is") } else { ("places", "are") };
        Err(Failure::Refused(text!(
            vi: "{data}: nhật ký chiếu có {count} chỗ hỏng hoặc thiếu; bản ghi lượt chiếu ở đó không dùng làm bằng chứng được. Hãy báo cơ quan; nếu lặp lại, hãy thay ổ đĩa",
            en: "{data}: {count} {places} of the journal {are} damaged or missing, and no evidence any more. Tell the office; if it happens again, replace the disk"
        )))
    } else {
        let (files, are) = if count == 1 { ("file", "is") } else { ("files", "are") };
        Err(Failure::Refused(text!(
            vi: "{data}: {count} chỗ hỏng hoặc thiếu; đầu phát không chiếu những gì hỏng; đang chạy thì tự tải lại, không thì chạy: bangtin-player pull",
            en: "{data}: {count} {files} {are} damaged or missing; the player shows nothing of it; running, it fetches it again by itself, else run: bangtin-player pull"
        )))
    };
    Ok((output, end))
}

fn words(audit: &Audit, journal: &BTreeMap<String, Text>, lang: Lang) -> String {
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
    for each in &audit.programs {
        let (program, title) = (each.program, printable(each.title.as_deref().unwrap_or("?")));
        line(match &each.refused {
            None => text!(vi: "chương trình {program} “{title}”", en: "program {program} “{title}”"),
            Some(Text { vi, en }) => text!(
                vi: "chương trình {program} “{title}”: không chiếu: {vi}",
                en: "program {program} “{title}”: not shown: {en}"
            ),
        });
    }
    let (Text { vi, en }, read) = (numbers::bytes(*bytes), numbers::counted(*objects, "object"));
    line(text!(vi: "đã đọc {objects} tệp, {vi}", en: "{read} read, {en}"));
    for (path, Text { vi, en }) in audit.faults.iter().chain(journal) {
        line(text!(vi: "HỎNG: {path}: {vi}", en: "DAMAGED: {path}: {en}"));
    }
    for (path, Text { vi, en }) in &audit.pending {
        line(text!(vi: "CÒN PHẢI TẢI: {path}: {vi}", en: "STILL TO BE FETCHED: {path}: {en}"));
    }
    out
}

fn as_json(audit: &Audit, journal: &BTreeMap<String, Text>) -> serde_json::Value {
    let programs = audit.programs.iter().map(|each| json!({"program": each.program, "title": each.title, "refused": each.refused}));
    json!({
        "ok": audit.faults.is_empty() && journal.is_empty(),
        "root": audit.root,
        "head": audit.head,
        "withdrawals": audit.withdrawals,
        "releases": audit.releases,
        "programs": programs.collect::<Vec<_>>(),
        "objects": audit.objects.0,
        "bytes": audit.objects.1,
        "faults": audit.faults,
        "pending": audit.pending,
        "journal": journal,
    })
}
