//! The withdrawals that a player holds, by number: one of each from 1 on, those beyond a number that was lost, and the twins, other statements
//! under a number that is taken. All of them count, whichever came first. Never judges one: its caller passes what the judge accepted.

use std::collections::BTreeMap;

use crate::base::digest::Digest;
use crate::base::limits::TWINS_OF_A_KEY;
use crate::program::validate::Program;
use crate::trust::document::Verified;
use crate::trust::judge::{self, WithdrawalEffect};
use crate::trust::root::Root;
use crate::trust::withdrawal::Withdrawal;

/// See the module. It only grows.
#[derive(Clone, Default)]
pub struct WithdrawalChain {
    /// From number 1 on.
    numbered: Vec<Verified<Withdrawal>>,
    /// Stored ones beyond a number that was lost.
    ahead: BTreeMap<u64, Verified<Withdrawal>>,
    /// By number, then by digest.
    twins: BTreeMap<u64, BTreeMap<Digest, Verified<Withdrawal>>>,
}

impl WithdrawalChain {
    /// One of each number from 1 on.
    pub fn numbered(&self) -> &[Verified<Withdrawal>] {
        &self.numbered
    }

    /// How many there are from number 1 on.
    pub fn count(&self) -> u64 {
        self.numbered.len() as u64
    }

    /// Adds the one after the last, or one beyond a number that is not there: it counts too.
    pub fn add(&mut self, withdrawal: Verified<Withdrawal>) {
        self.ahead.insert(withdrawal.body().version, withdrawal);
        while let Some(next) = self.ahead.remove(&(self.count() + 1)) {
            self.numbered.push(next);
        }
    }

    /// Whether one of this number is there.
    pub fn has(&self, number: u64) -> bool {
        self.of(number).next().is_some()
    }

    /// The one that was first of this number, and its twins.
    pub fn of(&self, number: u64) -> impl Iterator<Item = &Verified<Withdrawal>> {
        let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let first = at.and_then(|at| self.numbered.get(at)).or_else(|| self.ahead.get(&number));
        first.into_iter().chain(self.twins.get(&number).into_iter().flat_map(BTreeMap::values))
    }

    /// Adds another statement under a number that is taken.
    pub fn add_twin(&mut self, twin: Verified<Withdrawal>) {
        self.twins.entry(twin.body().version).or_default().insert(twin.digest(), twin);
    }

    /// Whether this very twin is there.
    pub fn has_twin(&self, number: u64, digest: Digest) -> bool {
        self.twins.get(&number).is_some_and(|twins| twins.contains_key(&digest))
    }

    /// The numbers that have twins.
    pub fn twin_numbers(&self) -> impl Iterator<Item = u64> {
        self.twins.keys().copied()
    }

    /// How many twins there are.
    pub fn twin_count(&self) -> u64 {
        self.twins.values().map(|twins| twins.len() as u64).sum()
    }

    /// Whether another statement under its number is taken: one of its signers has room for it. So the holder of one key leaves room for all
    /// others.
    pub fn has_room(&self, twin: &Verified<Withdrawal>) -> bool {
        let of_key = |kid| self.of(twin.body().version).filter(|each| each.signers().contains(kid)).count();
        twin.signers().iter().any(|kid| of_key(kid) < TWINS_OF_A_KEY)
    }

    /// W4 to W6: what all of them remove from a program, in the order of their numbers; twins in an order that does not depend on which came
    /// first, so that all players show the same.
    pub fn effect(&self, root: &Root, program: &Program) -> WithdrawalEffect {
        let mut all: Vec<_> =
            self.numbered.iter().chain(self.ahead.values()).chain(self.twins.values().flat_map(BTreeMap::values)).collect();
        if !self.twins.is_empty() {
            all.sort_by_cached_key(|each| (each.body().version, each.digest()));
        }
        judge::withdrawal_effect(root, all, program)
    }

    /// What the first `number` of them remove from a program, without twins.
    pub fn effect_of_first(&self, number: u64, root: &Root, program: &Program) -> WithdrawalEffect {
        let first = self.numbered.iter().take(usize::try_from(number).unwrap_or(usize::MAX));
        judge::withdrawal_effect(root, first, program)
    }
}
