//! Programs that a new root takes the approval from: asked of the judges that a player asks, under the old root and under the new.
//! Never judges by itself.

use std::path::Path;

use super::publish_site;
use super::trust_files;
use crate::base::failure::Failure;
use crate::base::text::Text;
use crate::base::times::Instant;
use crate::trust::document::Verified;
use crate::trust::root::Root;

/// Whether the person knows that programs fall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Falling {
    /// `--accept-drop`
    Accepted,
    /// Not unawares.
    Unwanted,
}

impl From<bool> for Falling {
    fn from(accept: bool) -> Self {
        if accept { Self::Accepted } else { Self::Unwanted }
    }
}

/// The filed programs, not yet past, that are approved under the old root and not under the new one: site, month, title, and why.
pub fn between(trust: &Path, old: &Verified<Root>, new: &Verified<Root>, now: Instant) -> Result<Vec<Text>, Failure> {
    let Some(content) = trust.parent() else { return Ok(Vec::new()) };
    let mut lines = Vec::new();
    for filed in trust_files::filed(content)? {
        let (manifest, digest) = (filed.program.manifest(), filed.program.digest());
        if manifest.valid.until.is_some_and(|until| until <= now.0) {
            continue;
        }
        let judged = |root| publish_site::judged(root, &manifest.site, digest, manifest.kind, filed.manifest.clone(), &filed.files);
        if let (Ok(_), Err(refusal)) = (judged(old), judged(new)) {
            let (site, title, Text { vi, en }) = (&manifest.site, &manifest.title, manifest.kind.name());
            let month = manifest.month.map(|month| format!(" {month}")).unwrap_or_default();
            let why = refusal.text();
            let (why_vi, why_en) = (&why.vi, &why.en);
            lines.push(crate::text!(
                vi: "{site}: {vi}{month} “{title}” ({digest}): {why_vi}",
                en: "{site}: {en}{month} “{title}” ({digest}): {why_en}"
            ));
        }
    }
    lines.sort_by(|a, b| a.en.cmp(&b.en));
    Ok(lines)
}

/// The list in one text.
pub fn told(drops: &[Text]) -> Text {
    let count = drops.len();
    let list = |pick: fn(&Text) -> &str| drops.iter().fold(String::new(), |all, text| all + "\n  " + pick(text));
    let (vi, en) = (list(|text| &text.vi), list(|text| &text.en));
    crate::text!(
        vi: "{count} chương trình mất hiệu lực duyệt khi văn bản gốc mới được phát hành, màn hình sẽ bỏ chúng:{vi}",
        en: "{count} programs lose their approval once the new root is published, and screens will drop them:{en}"
    )
}

/// Refuses unless nothing falls or that is accepted.
pub fn demand(drops: &[Text], falling: Falling) -> Result<(), Failure> {
    if drops.is_empty() || falling == Falling::Accepted {
        return Ok(());
    }
    let Text { vi, en } = told(drops);
    Err(Failure::Refused(crate::text!(
        vi: "{vi}\nHãy cho người duyệt còn lại ký trước, hoặc thêm người mới bằng một văn bản gốc riêng rồi ký duyệt lại; nếu chấp nhận mất, thêm --accept-drop",
        en: "{en}\nLet the remaining reviewers approve them first, or add the new reviewer by a root of its own and approve again; to accept the loss, add --accept-drop"
    )))
}
