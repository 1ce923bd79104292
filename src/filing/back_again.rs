//! Finds withdrawals from one program whose content a later program of the same site and period would show again: they hold for that program
//! alone, so its reviewers have to know. Never decides whether a withdrawal counts: `judge` does.

use super::filed::{Claim, FiledProgram, FiledPrograms};
use super::judged::judge_filed;
use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::terms::ProgramKind;
use crate::base::text::{Text, printable};
use crate::base::times::Month;
use crate::base::zone::TimeZone;
use crate::program::manifest::Manifest;
use crate::program::validate::Program;
use crate::trust::document::Verified;
use crate::trust::root::Root;
use crate::trust::withdrawal::{Withdrawal, WithdrawalScope};

/// Site and period: one program of them follows another.
pub fn place(manifest: &Manifest) -> (&SiteId, ProgramKind, Option<Month>) {
    (&manifest.site, manifest.kind, manifest.month)
}

/// The statements about one program alone that `program` follows, unless another has followed since that is approved: its reviewers were told.
pub fn followed<'a>(
    (root, filed): (&Verified<Root>, &FiledPrograms),
    withdrawals: &'a [Verified<Withdrawal>],
    program: &Program,
) -> Result<Vec<&'a Verified<Withdrawal>>, Failure> {
    let (digest, here) = (program.digest(), place(program.manifest()));
    let about_one = withdrawals.iter().filter_map(|each| match &each.body().scope {
        WithdrawalScope::Program { program, site, kind, .. } if (site, *kind) == (here.0, here.1) && *program != digest => {
            Some((*program, each))
        }
        _ => None,
    });
    let mut about_one: Vec<_> = about_one.collect();
    if about_one.is_empty() {
        return Ok(Vec::new());
    }
    // Two programs of one period share time, also after the office has moved to another time zone.
    let valid = program.manifest().valid;
    let shares_time =
        |from: i64, until: Option<i64>| until.is_none_or(|until| until > valid.from) && valid.until.is_none_or(|until| from < until);
    let same = filed.read_claimed(|Claim { approval, .. }| {
        approval.site == *here.0 && approval.kind == here.1 && shares_time(approval.show_from, approval.show_until)
    })?;
    let same: Vec<&FiledProgram> = same.into_iter().filter(|each| place(each.program.manifest()) == here).collect();
    about_one.retain(|(taken, statement)| {
        let since = |each: &&FiledProgram| {
            let later = each.first_signed().is_some_and(|first| first > statement.issued());
            later && ![*taken, digest].contains(&each.program.digest()) && judge_filed(root, each).is_ok()
        };
        same.iter().any(|each| each.program.digest() == *taken) && !same.iter().any(since)
    });
    Ok(about_one.into_iter().map(|(_, statement)| statement).collect())
}

/// Says that a program follows one that was withdrawn whole, and by which statement; nothing if it does not.
pub fn replaced(
    on_file: (&Verified<Root>, &FiledPrograms),
    withdrawals: &[Verified<Withdrawal>],
    program: &Program,
    zone: TimeZone,
) -> Result<Option<Text>, Failure> {
    let followed = followed(on_file, withdrawals, program)?;
    let whole = |each: &&&Verified<Withdrawal>| matches!(each.body().scope, WithdrawalScope::Program { slides: None, .. });
    Ok(followed.iter().rfind(whole).map(|last| {
        let Text { vi, en } = taken_by(last, zone);
        crate::text!(
            vi: "trở lại sau khi cả chương trình bị thu hồi: {vi}",
            en: "back after a withdrawal of the whole program: {en}"
        )
    }))
}

/// Names a statement, its moment and reason.
pub fn taken_by(statement: &Verified<Withdrawal>, zone: TimeZone) -> Text {
    let (number, reason) = (statement.body().version, printable(&statement.body().reason));
    let Text { vi, en } = zone.moment(statement.issued());
    crate::text!(
        vi: "văn bản thu hồi số {number}, ký lúc {vi}, lý do: “{reason}”",
        en: "withdrawal {number}, signed {en}, reason: “{reason}”"
    )
}
