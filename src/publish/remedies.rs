//! What to do about a store whose files are whole and which players refuse nevertheless: who has to approve or to sign what.
//! Never looks into a store.

use crate::base::ids::SiteId;
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::times::Timestamp;
use crate::store::lacking::{Lacking, LackingProgram};

/// A text for each kind of lack; none where nothing is lacking.
pub fn texts(lacking: &Lacking, now: Timestamp) -> Vec<Text> {
    let withdrawals = lacking.withdrawals.iter().map(|number| unsigned(*number));
    unapproved(lacking, now).into_iter().chain(withdrawals).chain(withdrawn_evergreen(lacking)).collect()
}

/// All of some texts as one.
pub fn joined(texts: &[Text]) -> Text {
    let join = |pick: fn(&Text) -> &String| texts.iter().map(|text| pick(text).as_str()).collect::<Vec<_>>().join("\n");
    Text { vi: join(|text| &text.vi), en: join(|text| &text.en) }
}

fn unapproved(lacking: &Lacking, now: Timestamp) -> Option<Text> {
    let count = lacking.programs.len();
    let (lack, commands) = (numbers::counted(count, "program"), lacking.programs.iter().filter_map(|program| approve(program, now)));
    let commands = commands.collect::<std::collections::BTreeSet<_>>();
    let list = |file: &str| commands.iter().fold(String::new(), |all, command| format!("{all}\n    {command} --key {file}"));
    let (vi, en) = (list("TỆP"), list("FILE"));
    match (count, commands.is_empty()) {
        (0, _) => None,
        (_, true) => Some(crate::text!(
            vi: "{count} chương trình đã qua không còn đủ văn bản phê duyệt, không xóa tệp nào vì việc này: phát hành lại (bangtin publish) thì bản mới không còn chúng",
            en: "{lack} of the past without the approvals required, for which no file is to be removed: publish again (bangtin publish), and the next release leaves them out"
        )),
        (_, false) => Some(crate::text!(
            vi: "{count} chương trình chưa đủ văn bản phê duyệt, không xóa tệp nào vì việc này: duyệt nếu chưa duyệt, rồi phát hành lại (bangtin publish):{vi}",
            en: "{lack} without the approvals required, for which no file is to be removed: approve where that is not done yet, then publish again (bangtin publish):{en}"
        )),
    }
}

/// The command that approves what takes the place of a program, unless its time is over.
fn approve(program: &LackingProgram, now: Timestamp) -> Option<String> {
    let LackingProgram { site, kind, month, until } = program;
    match (month, kind) {
        _ if until.is_some_and(|until| until <= now.0) => None,
        (Some(month), _) => Some(format!("bangtin approve --month {month} --site {site}")),
        (None, ProgramKind::Evergreen) => Some(format!("bangtin approve --evergreen --site {site}")),
        (None, _) => None,
    }
}

fn unsigned(number: u64) -> Text {
    crate::text!(
        vi: "văn bản thu hồi số {number} chưa đủ chữ ký, không xóa tệp nào vì việc này: ký nếu chưa ký (bangtin withdraw --withdrawal {number} --key TỆP), rồi phát hành lại (bangtin publish)",
        en: "withdrawal {number} lacks signatures, and no file is to be removed for it: sign it where that is not done yet (bangtin withdraw --withdrawal {number} --key FILE), then publish again (bangtin publish)"
    )
}

fn withdrawn_evergreen(lacking: &Lacking) -> Option<Text> {
    let sites = lacking.evergreen.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", ");
    (!sites.is_empty()).then(|| {
        crate::text!(
            vi: "chương trình thường xuyên của {sites} đã bị thu hồi: phải duyệt chương trình khác (bangtin approve --evergreen) rồi phát hành; không xóa tệp nào vì việc này",
            en: "the evergreen program of {sites} is withdrawn: approve another (bangtin approve --evergreen) and publish; no file is to be removed for it"
        )
    })
}
