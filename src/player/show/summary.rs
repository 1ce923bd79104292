//! How the player is doing, in words, for the operator's page and `status`: the worst of it, short; the rest of it; what to do.
//! Never finds out what is wrong: the report says it.

use std::time::Duration;

use super::headline::{capitalized, headed};
use super::health::{Health, elapsed};
use super::lacking::{self, DamagedFiles, Waiting};
use super::supply::on_its_way;
use crate::base::digest::Digest;
use crate::base::limits::RETRY_LONGEST;
use crate::base::text::Text;
use crate::text;
use crate::trust::freshness::Freshness;

/// How a player is doing, in words.
pub struct Summary {
    pub good: bool,
    /// The worst of it, or that all is well: short enough to be read out.
    pub headline: Text,
    /// The rest of it.
    pub notes: Vec<Text>,
    /// What to do about the network and what to expect meanwhile, if it matters.
    pub advice: Option<Text>,
}

impl Health {
    /// How the player is doing at `now`, in Unix milliseconds. `overall`: what stands above all else.
    pub fn summary(&self, now: i64, overall: Option<Text>) -> Summary {
        let card = self.shows_card();
        let mut said: Vec<Text> = overall.into_iter().collect();
        if card {
            said.push(text!(
                vi: "Các màn hình chỉ có màn hình chờ, không có chương trình",
                en: "The screens show only the built-in card, no program"
            ));
            said.extend(self.card_reason());
        }
        said.extend(self.at_fault());
        said.extend(self.out_of_date(now));
        if !self.clock_trusted {
            let (plays_vi, plays_en) =
                if card { ("", "") } else { ("; đang chiếu chương trình thường xuyên", "; the evergreen program plays") };
            said.push(text!(
                vi: "Đồng hồ của máy bị chậm: sớm hơn thời điểm của các văn bản đã nhận{plays_vi}. Hãy chỉnh giờ.",
                en: "The machine's clock is slow: it is behind the documents received{plays_en}. Set the clock."
            ));
        }
        if let Some(Text { vi, en }) = &self.last_error {
            if said.is_empty() {
                said.push(if self.supply.refuses {
                    refused_source()
                } else {
                    text!(vi: "Có việc cần xem lại", en: "Something needs attention")
                });
            }
            said.push(text!(vi: "Lỗi gần nhất: {vi}", en: "Last error: {en}"));
        }
        let good = said.is_empty();
        if good {
            said.push(text!(vi: "Hoạt động bình thường", en: "All is well"));
        }
        said.extend(self.under_way());
        let (headline, rest) = headed(&said.remove(0));
        Summary { good, headline, notes: rest.into_iter().chain(said).collect(), advice: self.advice(now) }
    }

    /// What is wrong with the machine, its files and its programs.
    fn at_fault(&self) -> Vec<Text> {
        // What does not stand on the screens comes first.
        let mut said: Vec<_> = lacking::missing_slides(&self.missing_slides.values().flatten().collect()).into_iter().collect();
        said.extend(self.faults.iter().map(|Text { vi, en }| text!(vi: "Cần xử lý: {vi}", en: "To be fixed: {en}")));
        let lacks = |each: &&Digest| self.programs.contains(each) && !self.missing_slides.contains_key(*each);
        let lacking = self.pending.iter().filter(lacks).count();
        if lacking > 0 {
            said.push(text!(vi: "Chương trình đang phát thiếu tệp: {lacking}", en: "Programs on air lack files: {lacking}"));
        }
        if let Some(damaged @ DamagedFiles { lacking: count @ 1.., .. }) = &self.damaged {
            let Text { vi, en } = damaged.example();
            let (then_vi, then_en) = if self.last_error.is_some() || self.waiting.is_some() {
                ("chưa tải lại được", "they can't be fetched again yet")
            } else {
                ("máy tự tải lại", "they are fetched again")
            };
            said.push(text!(
                vi: "Tệp hỏng hoặc mất trên ổ đĩa: {count}; như {vi}, {then_vi}",
                en: "Files damaged or lost on the disk: {count}; such as {en}, {then_en}"
            ));
        }
        if let Some(Text { vi, en }) = self.refusal().filter(|_| !self.shows_card()) {
            let count = self.dropped.len();
            said.push(text!(
                vi: "Chương trình bị từ chối: {count}; {vi}. Hãy báo người phát hành",
                en: "Programs refused: {count}; {en}. Tell the publisher"
            ));
        }
        said
    }

    /// Why a program was refused, unless that is a fault of the machine, which the publisher can't put right.
    fn refusal(&self) -> Option<&Text> {
        self.dropped.iter().map(|(_, why)| why).find(|why| !self.faults.contains(why))
    }

    /// How long the store was not looked at, and how long the release is overdue.
    fn out_of_date(&self, now: i64) -> Vec<Text> {
        let Text { vi, en } = elapsed(now, self.last_look.unwrap_or(self.since));
        let mut said = Vec::new();
        match self.state {
            Freshness::Lost if self.last_look.is_none() && self.supply.refuses => said.push(refused_source()),
            Freshness::Lost if self.last_look.is_none() => {
                said.push(text!(vi: "Chưa liên lạc được với kho chương trình", en: "Not yet in touch with the store"));
            }
            Freshness::Lost if self.last_look.is_some_and(|look| look > now) => said.push(text!(
                vi: "Chưa rõ lần kiểm tra kho gần nhất: đồng hồ của máy đã được chỉnh lùi",
                en: "Not known when the store was last looked at: the clock was set back"
            )),
            Freshness::Lost => {
                said.push(text!(vi: "Đã mất liên lạc với kho chương trình {vi}", en: "Out of touch with the store for {en}"));
            }
            Freshness::Stale => {
                said.push(text!(vi: "Đã {vi} chưa kiểm tra được kho chương trình", en: "No complete look at the store for {en}"));
            }
            Freshness::Fresh => {}
        }
        if self.is_overdue(now) {
            let Text { vi, en } = elapsed(now, self.head_expires.unwrap_or(now));
            said.push(text!(vi: "Bản phát hành đã quá hạn {vi}", en: "The release has been overdue for {en}"));
            let Text { vi, en } = self.moment(now);
            said.push(text!(
                vi: "Trước hết hãy so với điện thoại: nếu bây giờ không phải là {vi} thì đồng hồ của máy chạy nhanh, bản phát hành có thể chưa quá hạn; hãy chỉnh giờ",
                en: "First compare with a telephone: if it is not {en} now, the machine's clock is ahead and the release may not be overdue; set the clock"
            ));
            said.push(text!(
                vi: "Nếu giờ đúng, hãy báo người phát hành để phát hành bản mới",
                en: "If the time is right, ask the publisher for a new release"
            ));
        }
        said
    }

    fn is_overdue(&self, now: i64) -> bool {
        self.head_expires.is_some_and(|expires| expires <= now)
    }

    /// What needs nobody: what is being fetched, what was repaired, what is waited for, a source that fails while another works.
    fn under_way(&self) -> Vec<Text> {
        let mut said = Vec::new();
        if self.is_behind() {
            said.push(text!(vi: "Đang tải hoặc đang đọc nội dung", en: "Content is being fetched or read"));
        }
        if let Some(damaged @ DamagedFiles { found, lacking: 0, .. }) = &self.damaged {
            let Text { vi, en } = damaged.example();
            said.push(text!(
                vi: "Tệp hỏng hoặc mất trên ổ đĩa đã tải lại: {found}, như {vi}; nếu lặp lại, hãy thay ổ đĩa",
                en: "Files damaged or lost on the disk and fetched again: {found}, such as {en}; if it happens again, replace the disk"
            ));
        }
        said.extend(self.repaired.iter().map(capitalized));
        if let Some(Waiting { reason: Text { vi, en }, until }) = &self.waiting {
            let soon = until.saturating_sub(self.at) <= i64::try_from(RETRY_LONGEST.as_millis()).unwrap_or(i64::MAX);
            let Text { vi: at_vi, en: at_en } = self.moment(*until);
            said.push(if soon {
                text!(vi: "Đang chờ, máy tự thử lại: {vi}", en: "Waiting, the player tries again by itself: {en}")
            } else {
                text!(vi: "Đang chờ đến {at_vi}: {vi}", en: "Waiting until {at_en}: {en}")
            });
        }
        said.extend(self.coming_month.as_ref().map(|month| month.words(&self.moment(month.at), self.shows_card())));
        said.extend(self.supply.notes(self.head, self.shows_card(), &|ms| self.moment(ms)));
        said
    }

    /// Whether the last look found something that is still being fetched.
    fn is_behind(&self) -> bool {
        let looked = self.last_look.is_some() && self.state == Freshness::Fresh;
        looked && self.last_error.is_none() && self.waiting.is_none() && self.last_success.is_none_or(|success| success < self.at)
    }

    /// Why no program is shown, unless the last error or what is waited for says so.
    fn card_reason(&self) -> Option<Text> {
        let (withdrawn, pending) = (self.withdrawn.len(), self.pending.len());
        if let Some(coming) = self.supply.coming {
            return Some(on_its_way(coming, self.head, &|ms| self.moment(ms)));
        }
        if withdrawn > 0 && pending == 0 {
            return Some(text!(
                vi: "Chương trình đã thu hồi: {withdrawn}; hãy báo người phát hành",
                en: "Programs withdrawn: {withdrawn}; tell the publisher"
            ));
        }
        if let Some(Text { vi, en }) = self.refusal() {
            return Some(text!(
                vi: "Chương trình bị từ chối: {vi}. Hãy báo người phát hành",
                en: "Program refused: {en}. Tell the publisher"
            ));
        }
        if self.last_error.is_some() || self.waiting.is_some() || self.last_look.is_none() || !self.faults.is_empty() {
            return None;
        }
        Some(match self.head {
            None => text!(
                vi: "Chưa nhận được bản phát hành nào; hãy báo người phát hành",
                en: "No release has come yet; tell the publisher"
            ),
            Some(_) if pending > 0 => {
                text!(vi: "Chương trình đang tải hoặc đang đọc từ ổ đĩa: {pending}", en: "Programs being fetched or read from the disk: {pending}")
            }
            Some(_) => text!(
                vi: "Không có chương trình nào cho lúc này; hãy báo người phát hành",
                en: "No program covers this moment; tell the publisher"
            ),
        })
    }

    /// To see to the network, where no look was complete for longer than the longest pause between two, and after a day to call somebody;
    /// until then the player tries again. What the screens show meanwhile, and what can't reach them.
    fn advice(&self, now: i64) -> Option<Text> {
        let looked = self.last_look.is_some_and(|look| Duration::from_millis(now.abs_diff(look)) <= RETRY_LONGEST);
        // How long ago a look was that has yet to come is not known.
        let long = self.state != Freshness::Fresh && self.last_look.is_some_and(|look| look <= now);
        let refuses = self.supply.refuses && self.last_error.is_some();
        let away = !looked && !refuses && (self.last_error.is_some() || long);
        let card = self.shows_card();
        let said = [
            (away, "Kiểm tra mạng, nguồn điện của thiết bị mạng.", "Check the network and the power of its devices."),
            (long, "Đã quá một ngày: gọi người quản trị.", "This has lasted more than a day: call the administrator."),
            (refuses, "Gọi ngay người phát hành.", "Call the publisher at once."),
            (looked && !card && self.last_error.is_some(), "Máy tự thử lại.", "The player tries again by itself."),
            (!card && (away || self.is_overdue(now)), "Màn hình vẫn chiếu nội dung đã lưu.", "The screens play what is stored."),
            (
                long && self.state == Freshness::Lost,
                "Văn bản thu hồi mới không tới được máy này.",
                "New withdrawals do not reach this player.",
            ),
        ];
        let join = |each: fn(&(bool, &'static str, &'static str)) -> &'static str| {
            said.iter().filter(|(holds, ..)| *holds).map(each).collect::<Vec<_>>().join(" ")
        };
        let (vi, en) = (join(|(_, vi, _)| vi), join(|(.., en)| en));
        (!vi.is_empty()).then_some(Text { vi, en })
    }
}

/// A source was reached, and what it holds breaks a rule.
fn refused_source() -> Text {
    text!(vi: "Nội dung ở kho chương trình bị từ chối", en: "What the store holds was refused")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The health of a player that is well, with a change.
    fn health(change: &Value) -> Health {
        let mut told = json!({
            "site": "ta-lung", "player": "p", "version": "1.0.0", "at": 0, "since": 0, "state": "FRESH", "last_look": 0, "clock_trusted": true,
            "root": 1, "head": null, "head_expires": null, "head_unverifiable": false, "programs": ["0123456789abcdef".repeat(4)],
            "dropped": [], "pending": [], "last_success": 0, "last_error": null, "free_bytes": null,
        });
        told.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        serde_json::from_value(told).unwrap()
    }

    fn said(change: &Value) -> (bool, String, Vec<String>) {
        let Summary { good, headline, notes, .. } = health(change).summary(0, None);
        (good, headline.vi, notes.into_iter().map(|note| note.vi).collect())
    }

    fn text(vi: &str) -> Value {
        json!({"vi": vi, "en": vi})
    }

    const CARD: &str = "Các màn hình chỉ có màn hình chờ, không có chương trình";

    #[test]
    fn what_is_wrong_stands_first_and_what_to_do_right_under_it() {
        assert_eq!(
            said(&json!({"last_success": null})),
            (true, "Hoạt động bình thường".into(), vec!["Đang tải hoặc đang đọc nội dung".into()])
        );
        let lacking = said(&json!({"pending": ["0123456789abcdef".repeat(4)]}));
        assert_eq!(lacking, (false, "Chương trình đang phát thiếu tệp: 1".into(), vec![]));
        assert_eq!(said(&json!({})), (true, "Hoạt động bình thường".into(), vec![]));
        let waiting = json!({"waiting": {"reason": text("chờ giờ tải"), "until": 3_600_000}, "utc_offset": 25_200});
        assert_eq!(said(&waiting), (true, "Hoạt động bình thường".into(), vec!["Đang chờ đến 08:00 ngày 01/01/1970: chờ giờ tải".into()]));
        let damaged = |lacking: u32, error| {
            said(&json!({"damaged": {"found": 3, "lacking": lacking, "file": "assets/phim.mp4"}, "last_error": error}))
        };
        assert_eq!(
            damaged(2, json!(null)),
            (false, "Tệp hỏng hoặc mất trên ổ đĩa: 2".into(), vec!["Như assets/phim.mp4, máy tự tải lại".into()])
        );
        assert_eq!(damaged(1, text("không thấy kho")).2[0], "Như assets/phim.mp4, chưa tải lại được");
        let again = "Tệp hỏng hoặc mất trên ổ đĩa đã tải lại: 3, như assets/phim.mp4; nếu lặp lại, hãy thay ổ đĩa";
        assert_eq!(damaged(0, json!(null)), (true, "Hoạt động bình thường".into(), vec![again.into()]));
        let repaired = said(&json!({"repaired": [text("tệp bị xóa: /x; đã được ghi lại")]}));
        assert_eq!(repaired, (true, "Hoạt động bình thường".into(), vec!["Tệp bị xóa: /x; đã được ghi lại".into()]));
        let refused = said(&json!({"dropped": [["0123456789abcdef".repeat(4), text("thiếu chữ ký")]]}));
        assert_eq!(refused, (false, "Chương trình bị từ chối: 1".into(), vec!["Thiếu chữ ký. Hãy báo người phát hành".into()]));
        // Where the machine has lost what it needs, nobody is sent to the publisher.
        let lost = json!({"card": true, "programs": [], "faults": [text("mất văn bản")], "dropped": [["0123456789abcdef".repeat(4), text("mất văn bản")]]});
        assert_eq!(said(&lost), (false, CARD.to_owned(), vec!["Cần xử lý: mất văn bản".into()]));
        let waiting = json!({"programs": [], "waiting": {"reason": text("không đủ chỗ"), "until": 0}});
        assert_eq!(said(&waiting), (false, CARD.to_owned(), vec!["Đang chờ, máy tự thử lại: không đủ chỗ".into()]));
        let faults = json!({"faults": [text("ổ đĩa đã đầy: còn trống 1 KB"), text("khóa hỏng: /k: a")], "clock_trusted": false});
        let (good, headline, notes) = said(&faults);
        let first = ["Còn trống 1 KB", "Cần xử lý: khóa hỏng: /k: a"];
        assert_eq!(
            (good, headline.as_str(), notes[..2].iter().map(String::as_str).collect::<Vec<_>>()),
            (false, "Cần xử lý: ổ đĩa đã đầy", first.into())
        );
        assert!(notes[2].ends_with("; đang chiếu chương trình thường xuyên. Hãy chỉnh giờ."), "{notes:?}");
    }

    #[test]
    fn the_card_is_told_with_its_reason() {
        let reason = |change: Value| {
            let mut told = json!({"card": true, "programs": []});
            told.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let (_, headline, notes) = said(&told);
            assert_eq!(headline, CARD);
            notes.first().cloned()
        };
        let digest = "0123456789abcdef".repeat(4);
        assert_eq!(reason(json!({})).unwrap(), "Chưa nhận được bản phát hành nào; hãy báo người phát hành");
        assert_eq!(reason(json!({"head": [1, 1]})).unwrap(), "Không có chương trình nào cho lúc này; hãy báo người phát hành");
        let pending = reason(json!({"head": [1, 1], "pending": [digest]}));
        assert_eq!(pending.unwrap(), "Chương trình đang tải hoặc đang đọc từ ổ đĩa: 1");
        assert_eq!(
            reason(json!({"dropped": [[digest, text("thiếu chữ ký")]]})).unwrap(),
            "Chương trình bị từ chối: thiếu chữ ký. Hãy báo người phát hành"
        );
        assert_eq!(reason(json!({"head": [1, 1], "last_look": null})), None, "it has not asked yet");
        let clock = reason(json!({"clock_trusted": false, "last_look": null})).unwrap();
        assert!(clock.ends_with("đã nhận. Hãy chỉnh giờ."), "nothing plays: {clock}");
        let (_, headline, notes) = said(&json!({"card": true, "state": "LOST", "last_error": text("không có cụm này")}));
        assert_eq!(headline, CARD);
        assert_eq!(notes, ["Đã mất liên lạc với kho chương trình 0 phút", "Lỗi gần nhất: không có cụm này"]);
    }

    #[test]
    fn the_headline_is_short_and_nothing_of_a_fault_is_lost() {
        let told = |fault: &str| {
            let (_, headline, notes) = said(&json!({"faults": [text(fault)]}));
            (headline, notes.first().cloned().unwrap_or_default())
        };
        for (fault, headline, rest) in [
            ("ổ đĩa không đủ chỗ: còn trống 1 GB. Hãy thay ổ đĩa", "ổ đĩa không đủ chỗ", "Còn trống 1 GB. Hãy thay ổ đĩa"),
            (
                "đã cất thành /var/lib/x/state.a.bad; không mất gì",
                "đã cất thành state.a.bad",
                "Đã cất thành /var/lib/x/state.a.bad; không mất gì",
            ),
            ("/var/lib/x/health.json không ghi được: đầy", "health.json không ghi được", "/var/lib/x/health.json không ghi được: đầy"),
            ("data/store/objects không đọc được: hỏng", "objects không đọc được", "data/store/objects không đọc được: hỏng"),
            ("thiếu tệp số 3", "thiếu tệp số 3", ""),
        ] {
            assert_eq!(told(fault), (format!("Cần xử lý: {headline}"), rest.to_owned()));
        }
        let (_, headline, notes) = said(&json!({"clock_trusted": false}));
        assert_eq!(headline, "Đồng hồ của máy bị chậm");
        assert_eq!(notes, ["Sớm hơn thời điểm của các văn bản đã nhận; đang chiếu chương trình thường xuyên. Hãy chỉnh giờ."]);
    }

    #[test]
    fn what_to_do_about_the_network_changes_after_a_day() {
        let advice = |change: Value, minutes: i64| {
            let now = minutes * 60_000;
            health(&change).as_of(now).summary(now, None).advice.map(|advice| advice.vi).unwrap_or_default()
        };
        let error = || json!({"last_error": text("máy chủ từ chối kết nối")});
        let check = "Kiểm tra mạng, nguồn điện của thiết bị mạng.";
        let plays = "Màn hình vẫn chiếu nội dung đã lưu.";
        assert_eq!(advice(json!({}), 1), "");
        assert_eq!(advice(json!({}), 16), "", "nothing has failed");
        assert_eq!(advice(error(), 2), "Máy tự thử lại.");
        assert_eq!(advice(error(), 16), format!("{check} {plays}"));
        let call = "Đã quá một ngày: gọi người quản trị.";
        assert_eq!(advice(error(), 33 * 60), format!("{check} {call} {plays}"));
        let lost = format!("{check} {call} {plays} Văn bản thu hồi mới không tới được máy này.");
        assert_eq!(advice(error(), 45 * 1_440), lost);
        let refused = |last_look: Option<i64>| json!({"last_look": last_look, "last_error": text("chữ ký"), "refuses": true});
        assert_eq!(advice(refused(Some(0)), 2), "Gọi ngay người phát hành. Máy tự thử lại.");
        assert_eq!(advice(refused(None), 2), "Gọi ngay người phát hành.");
        let headline = |change: Value| health(&change).as_of(120_000).summary(120_000, None).headline.vi;
        assert_eq!([refused(Some(0)), refused(None)].map(headline), ["Nội dung ở kho chương trình bị từ chối"; 2]);
        let card = |last_look: Option<i64>| json!({"programs": [], "last_look": last_look, "last_error": text("x")});
        assert_eq!(advice(card(Some(0)), 2), "", "the card is no matter of patience");
        assert_eq!(advice(card(None), 2), check);
        assert_eq!(advice(json!({"head_expires": 0, "last_look": 60_000}), 1), plays);
        assert_eq!(advice(json!({"last_look": 9_000_000_000_i64}), 1), "", "the clock was set back");
    }
}
