//! Whether a store, or an archive, belongs to the installation of the content, asked before anything is signed for it or written into it.
//! Never judges a root: it compares bytes with roots that were judged. Never writes.

use std::path::Path;

use crate::base::digest::Digest;
use crate::base::failure::Failure;
use crate::base::files;
use crate::base::ids::SiteId;
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::base::text::Text;
use crate::store::address::StoreAddress;
use crate::store::backend::StoreBackend;
use crate::store::layout;
use crate::trust::document::RootId;
use crate::trust::keys::KeyId;
use crate::trust::root::{Root, SignedRoot};
use crate::trust::root_changes;

/// Refuses a store whose roots are not those of the chain. Returns whether it holds one of them. Root 1 tells installations apart; the newest of
/// the chain that the store holds tells whether both went on in the same way.
pub fn ensure_same(store: &dyn StoreBackend, chain: &[SignedRoot]) -> Result<bool, Failure> {
    let (first, later) = chain.split_at(chain.len().min(1));
    let mut found = false;
    for ours in first.iter().chain(later.iter().rev()) {
        let version = ours.root.body().version;
        let Some(theirs) = store.read(&layout::root(version), SMALL_DOCUMENT_BYTES)? else { continue };
        if theirs != ours.root.bytes() {
            return Err(different(store, ours, &theirs));
        }
        found = true;
        if version > 1 {
            break;
        }
    }
    Ok(found)
}

/// Refuses one folder as a store and as the archive beside it.
pub fn ensure_apart(store: &StoreAddress, archive: &Path) -> Result<(), Failure> {
    if !matches!(store, StoreAddress::Folder(folder) if files::is_same(folder, archive)) {
        return Ok(());
    }
    let archive = archive.display();
    Err(Failure::Usage(crate::text!(
        vi: "{archive} vừa là kho (--to) vừa là thư mục lưu giữ (--archive); hãy chọn hai thư mục khác nhau",
        en: "{archive} is the store (--to) and the archive (--archive) at once; name two folders"
    )))
}

/// What to do with a store that holds nothing of this installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewStore {
    /// It was mistyped, or a share is not mounted.
    Refuse,
    /// It is meant.
    Begin,
}

/// Whether a store holds nothing of this installation: none of its roots, and no release of these sites. Refuses one of another installation.
pub fn is_new(store: &dyn StoreBackend, chain: &[SignedRoot], sites: &[SiteId]) -> Result<bool, Failure> {
    let mut hints = sites.iter().map(layout::hint);
    let same = ensure_same(store, chain)?;
    let found = hints.try_fold(same, |found, path| Ok::<_, Failure>(found || store.size(&path)?.is_some()))?;
    Ok(!found)
}

/// What a store is refused with that holds nothing of this installation although there should be something.
pub fn not_there(store: &dyn StoreBackend) -> Failure {
    let name = store.name();
    // Objects go first: a publication that was stopped leaves them alone.
    if store.list("objects").ok().flatten().is_some_and(|objects| !objects.is_empty()) {
        return Failure::Refused(crate::text!(
            vi: "{name} chưa có bản phát hành nào, chỉ có tệp của một lần phát hành bị dừng giữa chừng (objects/). Chưa ghi gì; hãy chạy lại lệnh với --new-store, cho đến khi có bản phát hành đầu tiên: lệnh chỉ gửi nốt phần còn thiếu. Nếu kho này lẽ ra đã có bản phát hành thì kiểm tra địa chỉ kho",
            en: "{name} holds no release yet, only files of a publication that was stopped (objects/). Nothing was written; run this again with --new-store, until the first release is there: it sends only what is missing. If this store should have a release, check its address"
        ));
    }
    Failure::Refused(crate::text!(
        vi: "{name} không có gì của hệ thống này: địa chỉ gõ sai, hoặc ổ mạng chưa được gắn. Chưa ghi gì; hãy kiểm tra địa chỉ kho, hoặc thêm --new-store nếu đúng là muốn lập kho mới tại đó",
        en: "{name} holds nothing of this installation: the address is misspelt, or a share is not mounted. Nothing was written; check the store's address, or add --new-store if a new store is to begin there"
    ))
}

/// Why a root in a store is not the one here: another installation's, or another root of the same number. What is no root at all is damage, or the
/// answer of something else than the store, which keeps nobody from signing.
fn different(store: &dyn StoreBackend, ours: &SignedRoot, bytes: &[u8]) -> Failure {
    let (name, version) = (store.name(), ours.root.body().version);
    let (path, theirs, own) = (layout::root(version), Digest::of(bytes), ours.root.digest());
    // Read without a check, only to choose the words.
    let value: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
    let root_id = value.as_ref().and_then(|value| RootId::parse(value["root_id"].as_str()?));
    match root_id {
        Some(id) if id != ours.root.root_id() => Failure::Refused(crate::text!(
            vi: "{name} thuộc hệ thống khác: văn bản phân quyền số {version} ở đó có SHA-256 {theirs}, ở đây là {own}. Chưa ký và chưa ghi gì; hãy kiểm tra địa chỉ kho và thư mục nội dung (--content); mỗi hệ thống cần một kho riêng",
            en: "{name} belongs to another installation: its root {version} has the SHA-256 {theirs}, the one here {own}. Nothing was signed or written; check the store's address and the content folder (--content): each installation has a store of its own"
        )),
        Some(_) if version > 1 => Failure::Refused(crate::text!(
            vi: "{name} có văn bản phân quyền số {version} khác: SHA-256 ở đó là {theirs}, ở đây là {own}. Chưa ký và chưa ghi gì; hãy lấy nội dung mới nhất về (git pull), hoặc hỏi những người giữ khóa phân quyền xem văn bản nào có hiệu lực",
            en: "{name} has another root {version}: its SHA-256 is {theirs}, that of the one here {own}. Nothing was signed or written; fetch the newest content (git pull), or ask the root holders which of the two is in force"
        )),
        _ => Failure::External(crate::text!(
            vi: "{name}: {path} hỏng (SHA-256 ở đó là {theirs}, ở đây là {own}), hoặc tại địa chỉ này không phải là kho trả lời, mà chẳng hạn là trang đăng nhập của mạng. Hãy kiểm tra mạng và địa chỉ; nếu đúng là kho của hệ thống này thì xóa tệp đó trong kho rồi chạy lại, bản ở đây sẽ thay vào khi phát hành",
            en: "{name}: {path} is damaged (its SHA-256 is {theirs}, that of the one here {own}), or something else answers at this address, such as the login page of a network. Check the network and the address; if this is the store of this installation, remove that file from it and run this again, and publishing puts the one here in its place"
        )),
    }
}

/// That a key may not publish, what kind of key it is, and whose may.
pub fn may_not_publish(root: &Root, kid: KeyId) -> Text {
    let held = root.roles.review.iter().filter(|(_, role)| role.keys.contains(&kid)).map(|(name, _)| name);
    let held = root_changes::names(held);
    let Text { vi, en } = match (root.roles.root.keys.contains(&kid), held.as_str()) {
        (true, _) => crate::text!(vi: "đây là khóa phân quyền", en: "it is a root key"),
        (_, "") => crate::text!(vi: "văn bản phân quyền đang hiệu lực không nêu khóa này", en: "the root in force does not name it"),
        (_, held) => crate::text!(vi: "đây là khóa của người duyệt, vai trò {held}", en: "it is a reviewer's key, role {held}"),
    };
    let known = root.roles.publish.keys.iter().map(|kid| format!("{} ({kid})", root.display_holder(*kid))).collect::<Vec<_>>().join(", ");
    crate::text!(
        vi: "khóa {kid} không được phép phát hành: {vi}; hãy dùng khóa phát hành, của: {known}",
        en: "key {kid} may not publish: {en}; use a publish key, of: {known}"
    )
}
