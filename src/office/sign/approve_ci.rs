//! Where `approve` may run: a reviewer's key does not belong in continuous integration, unless its roles are approved by merge.
//! Never reads the environment itself.

use crate::base::failure::Failure;
use crate::base::ids::RoleId;
use crate::content::model::values::ApprovalPolicy;
use crate::trust::keys::KeyId;
use crate::trust::root::Root;

/// Variables that identify the common forges and build servers; the tests' commands are given none of them.
pub const CI_VARIABLES: [&str; 14] = [
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "FORGEJO_ACTIONS",
    "GITEA_ACTIONS",
    "JENKINS_URL",
    "BUILDKITE",
    "CIRCLECI",
    "DRONE",
    "TEAMCITY_VERSION",
    "TF_BUILD",
    "TRAVIS",
    "BITBUCKET_BUILD_NUMBER",
    "CODEBUILD_BUILD_ID",
];

/// Refuses in continuous integration and names the variable that revealed it.
pub fn refuse_in_ci(environment: &[(String, String)]) -> Result<(), Failure> {
    let set = |value: &str| !matches!(value.trim().to_ascii_lowercase().as_str(), "" | "0" | "false" | "no");
    let Some((name, _)) = environment.iter().find(|(name, value)| CI_VARIABLES.contains(&name.as_str()) && set(value)) else {
        return Ok(());
    };
    Err(Failure::Usage(crate::text!(
        vi: "đây là máy CI (có biến {name}); người duyệt ký trên máy của mình, vì khóa để ở đây thì ai sửa được quy trình cũng ký được. \
             Nếu cơ quan đã quyết định “coi việc gộp vào nhánh chính là phê duyệt”: ghi by_merge: true cho vai trò đó trong bangtin.yaml rồi chạy với --in-ci (docs/approving.md)",
        en: "this is continuous integration ({name} is set); a reviewer signs on a machine of their own, since whoever can change the workflow could use \
             a key kept here. If the office has decided that merge is approval: write by_merge: true for that role in bangtin.yaml and use --in-ci \
             (docs/approving.md)"
    )))
}

/// Allows a key to sign in continuous integration only if all its roles are approved by merge.
pub fn ensure_by_merge(policy: &ApprovalPolicy, root: &Root, kid: KeyId) -> Result<(), Failure> {
    let held = root.roles.review.iter().filter(|(_, role)| role.keys.contains(&kid)).map(|(name, _)| name);
    let personal: Vec<&str> = held.filter(|name| !policy.roles.get(*name).is_some_and(|role| role.by_merge)).map(RoleId::as_str).collect();
    if personal.is_empty() {
        return Ok(());
    }
    let roles = personal.join(", ");
    Err(Failure::Usage(crate::text!(
        vi: "khóa {kid} giữ vai trò {roles}, mà bangtin.yaml không ghi by_merge: true cho vai trò này; không ký bằng --in-ci. \
             Hoặc ghi by_merge: true cho vai trò đó, hoặc để người giữ khóa ký trên máy của mình",
        en: "key {kid} holds {roles}, for which bangtin.yaml does not say by_merge: true; --in-ci does not sign with it. \
             Either write by_merge: true for that role, or let its holder sign on a machine of their own"
    )))
}
