//! The one list of paths in a store, used by publisher, player and server. Paths are relative, with `/`.
//! Never touches a disk or a network.

use crate::base::digest::Digest;
use crate::base::ids::SiteId;
use crate::trust::head::HeadNumber;
use crate::trust::keys::KeyId;

/// The folders of a store; what else lies beside them is none of its files.
pub const FOLDERS: [&str; 9] = ["root", "programs", "approvals", "withdrawals", "releases", "sites", "objects", "blocks", "packs"];

/// Suffix of the signature file of a document with one signature.
pub const SIGNATURE_SUFFIX: &str = ".minisig";

/// Path of a root.
pub fn root(version: u64) -> String {
    format!("root/{version}.json")
}

/// One holder's signature of a root.
pub fn root_signature(version: u64, kid: KeyId) -> String {
    format!("root/{version}.json.{kid}.minisig")
}

/// Path of a manifest.
pub fn program(digest: Digest) -> String {
    format!("programs/{digest}.json")
}

/// One reviewer's approval.
pub fn approval(program: Digest, kid: KeyId) -> String {
    format!("approvals/{program}/{kid}.json")
}

/// The signature of an approval.
pub fn approval_signature(program: Digest, kid: KeyId) -> String {
    approval(program, kid) + SIGNATURE_SUFFIX
}

/// Path of a withdrawal.
pub fn withdrawal(number: u64) -> String {
    format!("withdrawals/{number}.json")
}

/// One holder's signature of a withdrawal.
pub fn withdrawal_signature(number: u64, kid: KeyId) -> String {
    format!("withdrawals/{number}.json.{kid}.minisig")
}

/// Path, at a player, of another withdrawal under a number that is taken. No withdrawal of a store has such a name.
pub fn withdrawal_twin(number: u64, digest: Digest) -> String {
    format!("withdrawals/{number}-{digest}.json")
}

/// One holder's signature of it.
pub fn withdrawal_twin_signature(number: u64, digest: Digest, kid: KeyId) -> String {
    format!("{}.{kid}{SIGNATURE_SUFFIX}", withdrawal_twin(number, digest))
}

/// Parses the number and the digest in the file name of such a withdrawal or of its signature; `None` for any other name.
pub fn parse_withdrawal_twin(name: &str) -> Option<(u64, Digest)> {
    let (number, digest) = name.split_once(".json")?.0.split_once('-')?;
    Some((number.parse().ok()?, Digest::parse(digest)?))
}

/// Folder of a site's kit releases.
pub fn releases(site: &SiteId) -> String {
    format!("releases/{site}")
}

/// Path of a kit release.
pub fn release(site: &SiteId, number: u64) -> String {
    format!("{}/{number}.json", releases(site))
}

/// The signature of a kit release.
pub fn release_signature(site: &SiteId, number: u64) -> String {
    release(site, number) + SIGNATURE_SUFFIX
}

/// Path of a head.
pub fn head(site: &SiteId, number: HeadNumber) -> String {
    format!("sites/{site}/heads/{number}.json")
}

/// The signature of a head.
pub fn head_signature(site: &SiteId, number: HeadNumber) -> String {
    head(site, number) + SIGNATURE_SUFFIX
}

/// The folder of a site's heads.
pub fn heads(site: &SiteId) -> String {
    format!("sites/{site}/heads")
}

/// Parses the number in the file name of a head or its signature; `None` for any other name.
pub fn parse_head_number(name: &str) -> Option<HeadNumber> {
    HeadNumber::parse(name.strip_suffix(SIGNATURE_SUFFIX).unwrap_or(name).strip_suffix(".json")?)
}

/// The unsigned hint: the only file of a store that changes.
pub fn hint(site: &SiteId) -> String {
    format!("sites/{site}/latest.json")
}

/// Path of an object.
pub fn object(digest: Digest) -> String {
    let name = digest.to_string();
    format!("objects/{}/{name}", &name[..2])
}

/// The block signature of a large object.
pub fn blocks(digest: Digest) -> String {
    let name = digest.to_string();
    format!("blocks/{}/{name}", &name[..2])
}

/// A pack of a program: all its small files, or the difference from another program.
pub fn pack(program: Digest, since: Option<Digest>) -> String {
    since.map_or_else(|| format!("packs/{program}/all.zst"), |base| format!("packs/{program}/{base}.zst"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_are_those_of_the_design() {
        let (digest, kid) = (Digest::of(b""), KeyId::parse("0123456789abcdef").unwrap());
        let site = SiteId::parse("ta-lung").unwrap();
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(root(2), "root/2.json");
        assert_eq!(root_signature(2, kid), "root/2.json.0123456789abcdef.minisig");
        assert_eq!(program(digest), format!("programs/{hex}.json"));
        assert_eq!(approval_signature(digest, kid), format!("approvals/{hex}/0123456789abcdef.json.minisig"));
        assert_eq!(withdrawal_signature(4, kid), "withdrawals/4.json.0123456789abcdef.minisig");
        assert_eq!(withdrawal_twin_signature(4, digest, kid), format!("withdrawals/4-{hex}.json.0123456789abcdef.minisig"));
        let names = [format!("4-{hex}.json"), format!("4-{hex}.json.0123456789abcdef.minisig"), "4.json".to_owned(), format!("{hex}.json")];
        assert_eq!(names.map(|name| parse_withdrawal_twin(&name)), [Some((4, digest)), Some((4, digest)), None, None]);
        assert_eq!(release_signature(&site, 7), "releases/ta-lung/7.json.minisig");
        assert_eq!(head_signature(&site, HeadNumber { epoch: 1, version: 42 }), "sites/ta-lung/heads/1-42.json.minisig");
        assert_eq!(hint(&site), "sites/ta-lung/latest.json");
        assert_eq!(object(digest), format!("objects/e3/{hex}"));
        assert_eq!(blocks(digest), format!("blocks/e3/{hex}"));
        assert_eq!(pack(digest, None), format!("packs/{hex}/all.zst"));
        assert_eq!(pack(digest, Some(digest)), format!("packs/{hex}/{hex}.zst"));
    }
}
