//! The withdrawals of a publication: they go first, whatever becomes of the rest.
//! Never decides whether one counts: `filing::withdrawals` asks the judgement.

use crate::base::failure::Failure;
use crate::base::ids::SiteId;
use crate::filing::signed_files::RootFiles;
use crate::filing::withdrawals::{self, Statement};
use crate::office::context::Context;
use crate::publish::withdrawals::ship;
use crate::store::place::Place;
use crate::store::{documents, layout};
use crate::trust::document::Verified;
use crate::trust::withdrawal::Withdrawal;

/// Where withdrawals go.
pub struct Places<'a> {
    /// The store.
    pub store: &'a dyn Place,
    /// The archive.
    pub archive: &'a dyn Place,
    /// The sites that are published.
    pub sites: &'a [SiteId],
}

/// Publishes all that have their signatures, and gives them.
pub fn publish(
    context: &Context,
    places: &Places<'_>,
    chain: &[RootFiles],
    all: &[Statement],
) -> Result<Vec<Verified<Withdrawal>>, Failure> {
    let published = |number| Ok(places.store.size(&layout::withdrawal(number))?.is_some());
    let ready = withdrawals::publishable(all, chain, &published)?;
    if let Some(waiting) = all.get(ready.len()).filter(|_| !context.quiet) {
        let (number, role, command) = (waiting.number, &waiting.body.role, waiting.command());
        let text = crate::text!(
            vi: "văn bản thu hồi số {number} còn thiếu chữ ký của vai {role}, chưa phát hành; ký thêm bằng: {command}",
            en: "withdrawal {number} still lacks signatures of role {role} and is not published; sign it with: {command}"
        );
        eprintln!("bangtin: {}", text.get(context.lang));
    }
    if let Some(said) = ship(places.store, chain, ready, places.sites)?.filter(|_| !context.quiet) {
        println!("{}", said.get(context.lang));
    }
    // The archive after the store: a number that somebody else has used there must not be kept here.
    let signed: Vec<_> = ready.iter().map(Statement::signed).collect();
    documents::put(places.archive, documents::of_withdrawals(&signed))?;
    Ok(ready.iter().filter_map(Statement::whole).cloned().collect())
}
