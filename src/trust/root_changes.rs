//! What a root changes compared with another, in the words that a holder reads before signing it. Pure.
//! Never judges a change.

use std::collections::BTreeSet;

use super::keys::KeyId;
use super::root::{ApprovalRequirements, ReviewRole, Root, SiteScope};
use crate::base::ids::{RoleId, SiteId};
use crate::base::numbers;
use crate::base::terms::ProgramKind;
use crate::base::text::Text;
use crate::base::zone::TimeZone;

/// Every difference, one line each, except the version; dates in this zone.
pub fn describe_changes(old: &Root, new: &Root, zone: TimeZone) -> Vec<Text> {
    let mut out = Vec::new();
    let (was, now) = (&old.roles, &new.roles);
    out.extend(keys(old, new, "root", &was.root.keys, &now.root.keys));
    out.extend(threshold("root", was.root.threshold, now.root.threshold));
    out.extend(keys(old, new, "publish", &was.publish.keys, &now.publish.keys));
    out.extend(threshold("publish", was.publish.threshold, now.publish.threshold));
    let (before, after) = (was.publish.epoch, now.publish.epoch);
    if before != after {
        out.push(crate::text!(
            vi: "đợt phát hành {before} → {after}: số của các bản phát hành bắt đầu lại, bản phát hành cũ hết giá trị",
            en: "publish epoch {before} → {after}: the numbers of releases start anew, old releases are void"
        ));
    }
    reviewers(old, new, &mut out);
    let before_requirements = out.len();
    requirement_changes(old, new, &mut out);
    if old.requires != new.requires && out.len() == before_requirements {
        out.push(crate::text!(
            vi: "quy định duyệt theo cụm viết khác đi, hiệu lực như cũ",
            en: "who must approve at single sites is written in another way, to the same effect"
        ));
    }
    for (kid, key) in &new.keys {
        let Some(was) = old.keys.get(kid) else { continue };
        let (before, after) = (old.display_holder(*kid), new.display_holder(*kid));
        if before != after {
            out.push(crate::text!(vi: "khóa {kid}: tên người giữ “{before}” → “{after}”", en: "key {kid}: its holder's name “{before}” → “{after}”"));
        }
        if was.minisign.to_string() != key.minisign.to_string() {
            out.push(crate::text!(vi: "khóa {kid} ({after}) đổi mã minisign", en: "key {kid} ({after}) gets another minisign id"));
        }
    }
    if old.expires != new.expires {
        let (before, after) = match (zone.day(old.expires), zone.day(new.expires)) {
            (before, after) if before == after => (zone.moment(old.expires), zone.moment(new.expires)),
            days => days,
        };
        let (Text { vi, en }, Text { vi: then_vi, en: then_en }) = (before, after);
        out.push(crate::text!(vi: "hạn thay: {vi} → {then_vi}", en: "renew by: {en} → {then_en}"));
    }
    out
}

fn keys(old: &Root, new: &Root, role: &str, before: &BTreeSet<KeyId>, after: &BTreeSet<KeyId>) -> Vec<Text> {
    let added = after.difference(before).map(|kid| {
        let person = new.display_holder(*kid);
        crate::text!(vi: "vai trò {role}: THÊM khóa {kid} ({person})", en: "role {role}: key {kid} ({person}) is ADDED")
    });
    let removed = before.difference(after).map(|kid| {
        let person = old.display_holder(*kid);
        crate::text!(vi: "vai trò {role}: BỎ khóa {kid} ({person})", en: "role {role}: key {kid} ({person}) is REMOVED")
    });
    added.chain(removed).collect()
}

fn threshold(role: &str, before: u64, after: u64) -> Option<Text> {
    (before != after).then(
        || crate::text!(vi: "vai trò {role}: số chữ ký cần có {before} → {after}", en: "role {role}: signatures required {before} → {after}"),
    )
}

fn reviewers(old: &Root, new: &Root, out: &mut Vec<Text>) {
    let names: BTreeSet<&RoleId> = old.roles.review.keys().chain(new.roles.review.keys()).collect();
    for name in names {
        let role = name.as_str();
        let none = BTreeSet::new();
        let (before, after) = (old.roles.review.get(name), new.roles.review.get(name));
        match (before, after) {
            (None, Some(now)) => {
                let (Text { vi, en }, count, total) = (describe_scope(now), now.threshold, now.keys.len());
                let keys = numbers::counted(total, "key");
                out.push(crate::text!(
                    vi: "vai trò duyệt MỚI {role} ({vi}): {count} trong {total} khóa",
                    en: "NEW reviewer role {role} ({en}): {count} of {keys}"
                ));
            }
            (Some(_), None) => out.push(crate::text!(vi: "vai trò duyệt {role} CHẤM DỨT", en: "reviewer role {role} ENDS")),
            (Some(was), Some(now)) => {
                out.extend(threshold(role, was.threshold, now.threshold));
                let (before, after) = (describe_scope(was), describe_scope(now));
                if before != after {
                    let (Text { vi, en }, Text { vi: then_vi, en: then_en }) = (before, after);
                    out.push(crate::text!(vi: "vai trò {role}: phụ trách {vi} → {then_vi}", en: "role {role}: covers {en} → {then_en}"));
                }
            }
            (None, None) => {}
        }
        out.extend(keys(old, new, role, before.map_or(&none, |role| &role.keys), after.map_or(&none, |role| &role.keys)));
    }
}

/// What a reviewer role covers, in words.
pub fn describe_scope(role: &ReviewRole) -> Text {
    let kinds = |pick: fn(Text) -> String| role.kinds.iter().map(|kind| pick(kind.display_name())).collect::<Vec<_>>().join(", ");
    let (kinds_vi, kinds_en) = (kinds(|text| text.vi), kinds(|text| text.en));
    match &role.sites {
        SiteScope::All => crate::text!(vi: "mọi cụm; {kinds_vi}", en: "all sites; {kinds_en}"),
        SiteScope::Only(sites) => {
            let sites = sites.iter().map(SiteId::as_str).collect::<Vec<_>>().join(", ");
            crate::text!(vi: "{sites}; {kinds_vi}", en: "{sites}; {kinds_en}")
        }
    }
}

fn requirement_changes(old: &Root, new: &Root, out: &mut Vec<Text>) {
    let general = |requires: &ApprovalRequirements, kind: ProgramKind| names(requires.general(kind));
    let sites: BTreeSet<&SiteId> = old.requires.sites.keys().chain(new.requires.sites.keys()).collect();
    for kind in ProgramKind::ALL {
        let Text { vi, en } = kind.display_name();
        let (before, after) = (general(&old.requires, kind), general(&new.requires, kind));
        if before != after {
            out.push(crate::text!(
                vi: "{vi} phải được duyệt bởi: {before} → {after}",
                en: "{en} must be approved by: {before} → {after}"
            ));
        }
        for site in &sites {
            let (before, after) = (names(old.requires.of(site, kind)), names(new.requires.of(site, kind)));
            let general = (general(&old.requires, kind), general(&new.requires, kind));
            if before != after && (before.clone(), after.clone()) != general {
                out.push(crate::text!(
                    vi: "{vi} tại {site} phải được duyệt bởi: {before} → {after}",
                    en: "{en} at {site} must be approved by: {before} → {after}"
                ));
            }
        }
    }
}

/// Roles in one line.
pub fn names<'a>(roles: impl IntoIterator<Item = &'a RoleId>) -> String {
    roles.into_iter().map(RoleId::as_str).collect::<Vec<_>>().join(", ")
}
