//! The office of `bangtin demo`: makes keys of every role, approves the programs and publishes them into a folder, with the code of the
//! commands. Never keeps a key.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::base::failure::Failure;
use crate::base::files;
use crate::base::ids::SiteId;
use crate::base::times::{Month, Timestamp};
use crate::build::compile::{BuildFn, Compiler};
use crate::content::model::values::{Content, Period};
use crate::content::plan::due;
use crate::filing::approve::{self, ReviewerContext};
use crate::filing::filed::FiledPrograms;
use crate::filing::{first_root, signed_files};
use crate::publish::context::PublishContext;
use crate::publish::write;
use crate::store::folder_store::FolderStore;
use crate::store::publish::NoProgress;
use crate::text;
use crate::trust::approval::Decision;
use crate::trust::document::Verified;
use crate::trust::policy::InitialHolders;
use crate::trust::root::Root;
use crate::trust::secret::SecretKey;

/// An office in a folder of its own.
pub struct DemoOffice {
    folder: PathBuf,
    now: Timestamp,
    expires: Timestamp,
    publish: SecretKey,
    reviewers: Vec<SecretKey>,
}

/// How long before the demonstrated moment everything is signed, in seconds.
const SIGNED_BEFORE_SECONDS: i64 = 3_600;
/// How long the demonstration's root and heads are fresh, in seconds.
const FRESH_SECONDS: i64 = 90 * 86_400;

fn key() -> Result<SecretKey, Failure> {
    SecretKey::generate(None).map(|(key, _)| key).map_err(Failure::External)
}

impl DemoOffice {
    /// Makes keys and the first root from the content's approval policy.
    pub fn open(folder: &Path, content: &Content, at: Timestamp) -> Result<Self, Failure> {
        let now = Timestamp(at.0 - SIGNED_BEFORE_SECONDS);
        let expires = Timestamp(now.0 + FRESH_SECONDS);
        let (root, publish) = (key()?, key()?);
        let (mut reviewers, mut review) = (Vec::new(), Vec::new());
        for (role, policy) in &content.settings.approval.roles {
            for number in 1..=policy.threshold {
                let key = key()?;
                review.push((role.clone(), (key.public().clone(), format!("{role} {number}"))));
                reviewers.push(key);
            }
        }
        let holders = InitialHolders {
            root: vec![(root.public().clone(), "root".to_owned())],
            root_threshold: 1,
            publish: vec![(publish.public().clone(), "publish".to_owned())],
            review,
        };
        first_root::create_first_root(&folder.join("trust"), &content.settings.approval, holders, &[root], (now, expires))?;
        Ok(Self { folder: folder.to_owned(), now, expires, publish, reviewers })
    }

    /// The folder of the whole demonstration.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The store.
    pub fn store(&self) -> PathBuf {
        self.folder.join("store")
    }

    /// The root that a player is provisioned with.
    pub fn root(&self) -> PathBuf {
        self.folder.join("trust/root/1.json")
    }

    /// A new key for a player's returns.
    pub fn play_key(&self) -> Result<PathBuf, Failure> {
        let (key, text) = SecretKey::generate(None).map_err(Failure::External)?;
        let path = self.folder.join("players").join(format!("{}.key", key.public().kid()));
        files::write_atomic(&path, text.as_bytes()).map_err(|error| Failure::io(&path, &error))?;
        Ok(path)
    }

    /// Signs for every reviewer what that reviewer must approve.
    fn approve(&self, root: &Verified<Root>, sites: &[SiteId], periods: &[Period], build: BuildFn<'_>) -> Result<(), Failure> {
        for period in periods {
            for key in &self.reviewers {
                let reviewer = ReviewerContext {
                    folder: &self.folder,
                    root,
                    key,
                    now: self.now,
                    expected_program: None,
                    decision: Decision::default(),
                    remark: String::new(),
                };
                for site in sites {
                    // A key without a role for this program signs nothing.
                    match approve::prepare_requests(&reviewer, std::slice::from_ref(site), *period, build) {
                        Ok(asked) => asked.iter().try_for_each(|each| approve::sign(&reviewer, each, each.pages()).map(drop))?,
                        Err(Failure::Refused(_)) => {}
                        Err(other) => return Err(other),
                    }
                }
            }
        }
        Ok(())
    }

    /// Builds, approves and publishes the evergreen week and the months around the moment.
    pub fn approve_and_publish(&self, content: &Content, compiler: &Compiler<'_>, sites: &[SiteId]) -> Result<(), Failure> {
        let chain = signed_files::roots(&self.folder)?;
        let root = signed_files::newest(&chain)?;
        let build = |site: &SiteId, period: Period| compiler.compile(site, period);
        let today = Month::containing(content.settings.time_zone.to_local(self.now.0).date());
        let months: BTreeSet<Month> =
            due::common_months(content, sites).into_iter().filter(|month| [today, today.next()].contains(month)).collect();
        let periods: Vec<Period> = months.iter().map(|month| Period::Month(*month)).chain([Period::Evergreen]).collect();
        self.approve(root, sites, &periods, &build)?;
        let store = FolderStore::open(&self.store())?;
        let archive = FolderStore::open(&self.folder.join("archive"))?;
        let desk = PublishContext {
            zone: content.settings.time_zone,
            build: &build,
            root,
            older: Vec::new(),
            store: &store,
            archive: &archive,
            filed: FiledPrograms::list(&self.folder)?,
            key: &self.publish,
            now: self.now,
            // The moment to demonstrate is no clock's.
            clock_is_right: true,
            at: None,
            expires: Some(self.expires),
            source: String::new(),
            months,
            programs: BTreeSet::new(),
            without: BTreeSet::new(),
            withdrawals: Vec::new(),
        };
        let plans = write::plan_all(&desk, sites)?;
        write::write(&store, &archive, &chain, plans, &NoProgress)?;
        Ok(())
    }
}

/// The moment to demonstrate, in Unix milliseconds: now, if something plays, else when something plays next.
pub fn demo_moment(content: &Content, sites: &[SiteId], real: i64) -> Result<i64, Failure> {
    let now = real.div_euclid(1_000);
    match due::worth_seeing(content, sites, now).map_err(Failure::Content)? {
        Some(second) if second == now => Ok(real),
        Some(second) => Ok(second * 1_000),
        None => Err(Failure::Refused(text!(vi: "nội dung chưa có chương trình tháng nào", en: "the content has no monthly playlist"))),
    }
}
