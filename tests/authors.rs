//! Who wrote what a reviewer is asked to approve: also where an edit was committed with the approvals of before, ahead of them, or in a merge.

use crate::approve::{SECOND, approve, others_sign, province};
use crate::harness::Sandbox;

const SLIDE: &str = "content/slides/du-lich/thang-hen.md";

/// A repository in a sandbox. What is approved there is approved at nine o'clock.
pub struct Repository<'a> {
    sandbox: &'a Sandbox,
    folder: &'a str,
}

impl<'a> Repository<'a> {
    /// A new one in a folder of the sandbox.
    pub fn new(sandbox: &'a Sandbox, folder: &'a str) -> Self {
        let repository = Self { sandbox, folder };
        repository.git("08:00", "mai", &["init", "-q", "-b", "main"]);
        repository
    }

    pub fn git(&self, time: &str, name: &str, args: &[&str]) {
        let date = format!("GIT_COMMITTER_DATE=2026-12-01T{time}:00+07:00");
        let who = [format!("user.name={name}"), format!("user.email={name}@example.vn")];
        let fixed = [date.as_str(), "git", "-C", self.folder, "-c", &who[0], "-c", &who[1], "-c", "commit.gpgsign=false"];
        self.sandbox.run("env", &[fixed.as_slice(), args].concat()).success();
    }

    /// Commits everything.
    pub fn commit(&self, time: &str, name: &str, text: &str) {
        self.git(time, name, &["add", "--all"]);
        self.git(time, name, &["commit", "-q", "-m", text]);
    }
}

/// How approvals and an edit come into a repository.
type Committing<'a> = &'a dyn Fn(&Repository<'_>);

/// Writes the second slide anew.
fn edit(sandbox: &Sandbox, place: &str) {
    sandbox.write(SLIDE, SECOND.replace("trên núi", place));
}

#[test]
fn an_edit_keeps_its_author_whenever_the_approvals_of_before_are_committed() {
    // Who the report names, by what is committed after all have signed at nine.
    let together = |repository: &Repository<'_>| repository.commit("10:00", "binh", "Sửa, và văn bản phê duyệt");
    let before = |repository: &Repository<'_>| {
        repository.git("09:30", "binh", &["add", "slides"]);
        repository.git("09:30", "binh", &["commit", "-q", "-m", "Sửa"]);
        repository.commit("10:00", "lan", "Văn bản phê duyệt");
    };
    let squashed = |repository: &Repository<'_>| repository.commit("10:00", "lan", "Gộp\n\nCo-authored-by: binh <binh@example.vn>");
    // Made before nine, and unknown to the reviewers: their commit was put behind it later.
    let rebased = |repository: &Repository<'_>| {
        repository.git("08:30", "binh", &["add", "slides"]);
        repository.git("08:30", "binh", &["commit", "-q", "-m", "Sửa"]);
        repository.commit("10:00", "lan", "Văn bản phê duyệt");
    };
    let cases: [(&str, Committing<'_>, &str); 4] = [
        ("together", &together, "binh <binh@example.vn>"),
        ("before", &before, "binh <binh@example.vn>"),
        ("squashed", &squashed, "binh <binh@example.vn>, lan <lan@example.vn>"),
        ("rebased", &rebased, "binh <binh@example.vn>, mai <mai@example.vn>"),
    ];
    for (name, commit, authors) in cases {
        let province = province();
        let sandbox = &province.0;
        let repository = Repository::new(sandbox, "content");
        repository.commit("08:00", "mai", "Tháng Mười hai");
        approve(&province, "lan", &["--unseen"]).success();
        others_sign(&province);
        edit(sandbox, "giữa núi");
        commit(&repository);
        let said = approve(&province, "lan", &["--unseen"]).success().stdout;
        assert!(said.contains(&format!("~ du-lich/thang-hen: Hồ Thang Hen (so-tttt) · {authors}\n")), "{name}: {said}");
        let source = "in its source, as git has it, text: “Hồ trên núi.” → “Hồ giữa núi.”";
        assert!(name == "rebased" || said.contains(source), "{name}: {said}");
        assert!(!said.contains("du-lich/ban-gioc: "), "{name}: {said}");
    }
}

#[test]
fn who_settles_a_merge_is_an_author_and_a_new_slide_has_all_that_it_ever_had() {
    let province = province();
    let sandbox = &province.0;
    // The content is a folder of the repository.
    let repository = Repository::new(sandbox, ".");
    sandbox.write("content/slides/du-lich/moi.md", SECOND.replace("Hồ Thang Hen", "Hồ mới"));
    repository.commit("08:00", "mai", "Tháng Mười hai");
    approve(&province, "lan", &["--unseen"]).success();
    others_sign(&province);
    repository.commit("09:01", "lan", "Văn bản phê duyệt");
    repository.git("10:00", "binh", &["checkout", "-q", "-b", "nhanh"]);
    edit(sandbox, "giữa núi");
    repository.commit("10:00", "binh", "Sửa");
    repository.git("10:30", "chi", &["checkout", "-q", "main"]);
    edit(sandbox, "bên núi");
    repository.commit("10:30", "chi", "Sửa");
    repository.git("11:00", "dung", &["merge", "-q", "--no-commit", "-s", "ours", "nhanh"]);
    edit(sandbox, "dưới núi");
    // It was written before the approvals that do not have it.
    let list = "content/playlists/2026-12/province.yaml";
    let text = std::fs::read_to_string(sandbox.path(list)).unwrap();
    sandbox.write(list, format!("{text}  - slide: du-lich/moi.md\n"));
    repository.commit("11:00", "dung", "Gộp");
    let said = approve(&province, "lan", &["--unseen"]).success().stdout;
    let [binh, chi, dung] = ["binh", "chi", "dung"].map(|name| format!("{name} <{name}@example.vn>"));
    assert!(said.contains(&format!("~ du-lich/thang-hen: Hồ Thang Hen (so-tttt) · {binh}, {chi}, {dung}\n")), "{said}");
    assert!(said.contains("+ du-lich/moi: Hồ mới (so-tttt) · mai <mai@example.vn>\n"), "{said}");
}
