//! Why nothing is signed about a withdrawal, in words: the whole program is gone, another statement comes first, the reason is another.
//! Never decides it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::filed::FiledProgram;
use super::withdrawals::{self, StoredWithdrawal};
use crate::base::failure::Failure;
use crate::base::ids::{RoleId, SiteId, SlideId};
use crate::base::numbers;
use crate::base::text::Text;
use crate::trust::judge;
use crate::trust::keys::KeyId;
use crate::trust::root::Root;
use crate::trust::root_changes::names;

/// Nothing is signed about slides of a program that is gone: it would say nothing of other programs either.
pub fn gone_whole(number: u64) -> Text {
    crate::text!(
        vi: "cả chương trình đã thu hồi từ trước (văn bản số {number}); chưa ký gì về trang được nêu. Muốn trang không trở lại trong chương trình khác thì chạy lại mà bỏ --only",
        en: "the whole program is withdrawn already (withdrawal {number}); nothing was signed about the slides named. To keep them out of other programs too, run this again without --only"
    )
}

/// Only one statement may lack signatures: numbers have no gaps, so nothing can be published after it.
/// What was published, or may be since an older root took it, is never to be removed. `published`: the last number that store or archive has.
pub fn pending(folder: &Path, last: &StoredWithdrawal, published: u64) -> Failure {
    let (number, Text { vi, en }) = (last.number, last.command(None));
    if last.lapsed.is_some() || number <= published {
        let (role, missing) = (&last.body.role, last.missing_signatures());
        let more = numbers::counted(missing, "more signature");
        return Failure::Refused(crate::text!(
            vi: "văn bản thu hồi số {number} đã có hiệu lực trước đây, nay theo văn bản phân quyền mới còn thiếu {missing} chữ ký của vai trò {role}; phải ký đủ trước, vì các văn bản thu hồi có hiệu lực theo thứ tự số. Không xóa tệp nào. Người giữ vai trò {role} ký bằng:\n  {vi}\nrồi chạy lại lệnh này",
            en: "withdrawal {number} was in force before and lacks {more} by role {role} under the newest root; it must be fully signed first: withdrawals take effect in the order of their numbers. Remove no file. A holder of role {role} signs with:\n  {en}\nthen run this again"
        ));
    }
    let path = withdrawals::path(folder, number);
    let path = path.display();
    Failure::Refused(crate::text!(
        vi: "văn bản thu hồi số {number} còn thiếu chữ ký; phải ký đủ văn bản số {number} trước, vì các văn bản thu hồi có hiệu lực theo thứ tự số. Người khác giữ vai trò ký thêm bằng:\n  {vi}\nhoặc nếu không cần nữa thì xóa các tệp {path}* (chưa phát hành), rồi chạy lại",
        en: "withdrawal {number} still lacks signatures and must be fully signed first: withdrawals take effect in the order of their numbers. Another holder of its role signs with:\n  {en}\nor, if it is no longer needed, remove the files {path}* (they are not published), and run again"
    ))
}

/// A signature goes under the reason that is there.
pub fn another_reason(number: u64, reason: &str) -> Failure {
    Failure::Refused(crate::text!(
        vi: "văn bản thu hồi số {number} đã có với lý do khác: “{reason}”; để ký vào đúng văn bản đó, chạy lại mà không có --reason",
        en: "withdrawal {number} is there with another reason: “{reason}”; to sign that very statement, run again without --reason"
    ))
}

/// The role that is named is not one in which the key may withdraw here; these others are. `holds`: whether the key holds it.
pub fn another_role(kid: KeyId, (role, holds): (&RoleId, bool), others: &BTreeSet<RoleId>) -> Text {
    let others = names(others);
    let (vi, en) = if holds {
        (format!("vai trò {role} không duyệt chương trình này"), format!("role {role} does not approve this program"))
    } else {
        (format!("khóa {kid} không giữ vai trò {role}"), format!("key {kid} does not hold role {role}"))
    };
    crate::text!(
        vi: "{vi}; khóa này thu hồi được với vai trò {others}: hãy bỏ --role",
        en: "{en}; it may withdraw in role {others}: leave out --role"
    )
}

/// The key has no role in which it may take these slides, or the whole, from any of these programs: the roles that may, first those that may
/// everywhere.
pub fn not_allowed(root: &Root, kid: KeyId, slides: Option<&BTreeSet<SlideId>>, programs: &[&FiledProgram]) -> Text {
    let needed = |filed: &&FiledProgram| {
        let site = &filed.program.manifest().site;
        (site.clone(), judge::required_roles(root, site, &filed.program))
    };
    let needed: Vec<(SiteId, BTreeSet<RoleId>)> = programs.iter().map(needed).collect();
    let mut by_site: BTreeMap<&SiteId, BTreeSet<&RoleId>> = BTreeMap::new();
    needed.iter().for_each(|(site, roles)| by_site.entry(site).or_default().extend(roles));
    let (mut vi, mut en) = (Vec::new(), Vec::new());
    if by_site.len() > 1 {
        let covers_all = |role: &&RoleId| needed.iter().all(|(_, roles)| roles.contains(*role));
        let everywhere: BTreeSet<&RoleId> = needed.iter().flat_map(|(_, roles)| roles).filter(covers_all).collect();
        by_site.values_mut().for_each(|roles| roles.retain(|role| !everywhere.contains(role)));
        let all = names(everywhere);
        if !all.is_empty() {
            vi.push(format!("{all} cho mọi cụm"));
            en.push(format!("{all} for all sites"));
        }
    }
    for (site, roles) in by_site.into_iter().filter(|(_, roles)| !roles.is_empty()) {
        let roles = names(roles);
        vi.push(format!("{roles} cho cụm {site}"));
        en.push(format!("{roles} for site {site}"));
    }
    let (what_vi, what_en) = match (slides.map(BTreeSet::len), programs.len()) {
        (Some(1), _) => ("trang này", "this slide"),
        (Some(_), _) => ("các trang này", "these slides"),
        (None, 1) => ("chương trình này", "this program"),
        (None, _) => ("các chương trình này", "these programs"),
    };
    let (vi, en) = (vi.join(", hoặc "), en.join(", or "));
    crate::text!(
        vi: "khóa {kid} không được thu hồi {what_vi}: cần giữ một trong các vai trò {vi}; hãy nhờ người giữ một vai trò đó ký",
        en: "key {kid} may not withdraw {what_en}: it takes one of the roles {en}; ask somebody who holds one to sign"
    )
}

/// Only a holder of its role signs a statement.
pub fn no_holder(number: u64, role: &RoleId) -> Failure {
    Failure::Refused(crate::text!(
        vi: "văn bản thu hồi số {number} cần người giữ vai trò {role}; khóa này không giữ vai trò đó",
        en: "withdrawal {number} takes a holder of role {role}, which this key is not"
    ))
}
