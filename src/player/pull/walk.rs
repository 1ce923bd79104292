//! Step 4: new withdrawals and releases, each applied at once and kept for good.
//! Never judges them itself: `trust` does.

use std::collections::BTreeMap;

use super::fetch;
use super::puller::Puller;
use super::stop::{Stop, refused};
use super::transport::Transport;
use crate::base::limits::{RELEASES, SMALL_DOCUMENT_BYTES, WITHDRAWAL_STEPS};
use crate::store::layout;
use crate::trust::judge;
use crate::trust::latest::Latest;

impl Puller {
    /// Withdrawals m+1 … as far as the source has them; each persisted and counted once it is verified, its signatures before it.
    pub(super) fn walk_withdrawals(&mut self, source: &dyn Transport, latest: &Latest) -> Result<(), Stop> {
        for _ in 0..WITHDRAWAL_STEPS {
            let number = self.withdrawals.len() as u64 + 1;
            if number > latest.withdrawals {
                return Ok(());
            }
            let path = layout::withdrawal(number);
            let Some(bytes) = fetch::document(source, &path, SMALL_DOCUMENT_BYTES)? else { return Ok(()) };
            let mut signatures = BTreeMap::new();
            for kid in self.root().body().reviewers() {
                if let Some(signature) = fetch::signature(source, &layout::withdrawal_signature(number, kid))? {
                    signatures.insert(kid, signature);
                }
            }
            let judged = judge::withdrawal(self.root(), number, bytes.clone(), signatures.values().cloned().collect());
            let withdrawal = judged.map_err(|refusal| refused(format!("withdrawal {number}: {refusal}")))?;
            for (kid, signature) in &signatures {
                self.holdings.put_document(&layout::withdrawal_signature(number, *kid), signature)?;
            }
            self.holdings.put_document(&path, &bytes)?;
            self.withdrawals.push(withdrawal);
            self.state.withdrawals = number;
            self.state = self.files.commit(&self.state)?;
            // At once, whatever becomes of the rest of this cycle.
            self.judge_stored();
        }
        Err(refused(format!("more than {WITHDRAWAL_STEPS} withdrawals in one cycle")))
    }

    /// The last releases up to the newest one. One that does not verify is not kept, and asked for again in the next whole cycle.
    pub(super) fn walk_releases(&mut self, source: &dyn Transport, latest: &Latest) -> Result<(), Stop> {
        let site = self.settings.site.clone();
        for number in latest.release.saturating_sub(RELEASES - 1).max(1)..=latest.release {
            if self.releases.contains_key(&number) {
                continue;
            }
            let (path, signature_path) = (layout::release(&site, number), layout::release_signature(&site, number));
            let statement = fetch::document(source, &path, SMALL_DOCUMENT_BYTES)?;
            let (Some(bytes), Some(signature)) = (statement, fetch::signature(source, &signature_path)?) else { continue };
            match judge::release(self.root(), &site, number, bytes.clone(), signature.clone()) {
                Ok(release) => {
                    self.holdings.put_document(&signature_path, &signature)?;
                    self.holdings.put_document(&path, &bytes)?;
                    self.releases.insert(number, release);
                    self.judge_stored();
                }
                Err(refusal) => eprintln!("pull: release {number}: {refusal}"),
            }
        }
        Ok(())
    }
}
