//! What the archive tells of the withdrawals that were published: asked before one is signed, given up for another's, or counted on by a release.
//! Never writes, and never decides whether a withdrawal counts: the judge does.

use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::base::limits::{HEAD_BYTES, SMALL_DOCUMENT_BYTES};
use crate::base::numbers;
use crate::base::text::Text;
use crate::filing::withdrawal_copies::SignedWithdrawal;
use crate::filing::withdrawals::StoredWithdrawal;
use crate::store::backend::StoreBackend;
use crate::store::layout;
use crate::trust::head::{Head, HeadNumber};

/// The withdrawals that an archive knows.
pub struct ArchivedWithdrawals<'a> {
    archive: &'a dyn StoreBackend,
    /// The last number that it has, or on which a release in it counts; 0 if there is none.
    pub last: u64,
    /// The release that counts on it, where the archive lacks the statement itself.
    release: Option<HeadNumber>,
    /// The last releases that can't be read, each with cause and remedy: they may count on more.
    pub unreadable: Vec<Text>,
}

impl<'a> ArchivedWithdrawals<'a> {
    /// Reads the numbers of the statements in an archive, and the last release of each of these sites that is there.
    pub fn read(archive: &'a dyn StoreBackend, sites: &[SiteId]) -> Result<Self, Failure> {
        let entries = archive.list("withdrawals")?.unwrap_or_default();
        let number = |path: &str| path.strip_prefix("withdrawals/")?.strip_suffix(".json")?.parse().ok();
        let last = entries.iter().filter_map(|entry| number(&entry.path)).max().unwrap_or(0);
        let mut known = Self { archive, last, release: None, unreadable: Vec::new() };
        for site in sites {
            known.read_release(site)?;
        }
        Ok(known)
    }

    fn read_release(&mut self, site: &SiteId) -> Result<(), Failure> {
        for number in self.archive.head_numbers(site)?.into_iter().rev() {
            let path = layout::head(site, number);
            let Some(bytes) = self.archive.read(&path, HEAD_BYTES)? else { continue };
            match serde_json::from_slice::<Head>(&bytes) {
                Ok(head) if head.withdrawals_min > self.last => (self.last, self.release) = (head.withdrawals_min, Some(number)),
                Ok(_) => {}
                Err(error) => {
                    self.unreadable.push(unreadable(&self.archive.name(), &path, &error));
                    continue;
                }
            }
            return Ok(());
        }
        Ok(())
    }

    /// Fails if a release can't be read that may count on more withdrawals than are known.
    pub fn ensure_readable(&self) -> Result<(), Failure> {
        self.unreadable.first().map_or(Ok(()), |text| Err(Failure::Refused(text.clone())))
    }

    /// Refuses to go on without what was published: a number can't be used for something else, and what it took would come back. `held`: the
    /// last number here.
    pub fn ensure_all_here(&self, held: u64) -> Result<(), Failure> {
        let (last, next, name) = (self.last, held + 1, self.archive.name());
        if last <= held {
            return Ok(());
        }
        let (all, own) = (numbers::counted(last, "withdrawal"), numbers::counted(held, "withdrawal"));
        let Text { vi, en } = match self.release {
            Some(number) => crate::text!(
                vi: "bản phát hành {number} trong {name} tính {last} văn bản thu hồi",
                en: "release {number} in {name} counts on {all}"
            ),
            None => crate::text!(vi: "{name} có {last} văn bản thu hồi", en: "{name} has {all}"),
        };
        Err(Failure::Refused(crate::text!(
            vi: "{vi}, nội dung ở đây mới có {held}: những gì đã thu hồi sẽ chiếu lại, và số {next} không dùng lại được; chưa ký, chưa ghi gì. Lấy đủ nội dung về (git pull), hoặc chép {next}.json* và các số sau từ thư mục withdrawals của {name} hay của kho vào thư mục trust/withdrawals của nội dung, hoặc khi thu hồi thì thêm --to KHO để lấy về từ kho; rồi chạy lại",
            en: "{en}, the content here has {own}: what was withdrawn would be shown again, and number {next} cannot be used again; nothing was signed or written. Fetch the whole content (git pull), or copy {next}.json* and those of later numbers from the folder withdrawals of {name} or of the store into the folder trust/withdrawals of the content, or give withdraw --to STORE, which takes them over from there; then run this again"
        )))
    }

    /// Refuses to give up a statement here that the archive has too: it was published, and stores were published apart.
    pub fn ensure_given_up(&self, all: &[StoredWithdrawal], newer: &[SignedWithdrawal]) -> Result<(), Failure> {
        for statement in all.iter().filter(|each| newer.first().is_some_and(|first| first.number <= each.number)) {
            let number = statement.number;
            if self.archive.read(&layout::withdrawal(number), SMALL_DOCUMENT_BYTES)?.is_some_and(|kept| kept == statement.bytes) {
                let name = self.archive.name();
                return Err(Failure::Refused(crate::text!(
                    vi: "văn bản thu hồi số {number} ở đây đã phát hành (có trong {name}), mà kho này có văn bản khác cùng số: hai kho đã được phát hành riêng rẽ; chưa ghi gì. Kiểm tra địa chỉ kho và hỏi người giữ khóa phát hành",
                    en: "withdrawal {number} here has been published (it is in {name}), and this store has another of that number: two stores were published apart; nothing was written. Check the store's address, and ask who holds the publish key"
                )));
            }
        }
        Ok(())
    }
}

fn unreadable(name: &str, path: &str, error: &serde_json::Error) -> Text {
    crate::text!(
        vi: "{name}: không đọc được {path} (chi tiết: {error}), nên không biết bản phát hành này tính bao nhiêu văn bản thu hồi. Chép lại tệp này cùng tệp .minisig từ đúng đường dẫn đó trong kho, hoặc từ bản sao lưu; nếu không ai còn tệp này thì kiểm tra cho chắc trust/withdrawals của nội dung đã đủ, rồi chỉ xóa tệp này, giữ tệp .minisig: số của nó vẫn là số đã dùng",
        en: "{name}: {path} can't be read ({error}), so nobody knows on how many withdrawals that release counts. Bring it back with its .minisig from the same path in the store, or from a backup; where nobody has it any longer, make sure that trust/withdrawals of the content is whole, then remove this file and keep its .minisig: its number stays used"
    )
}
