//! Locks of values that are consistent at every moment, for example a map whose entries are added in one step: a thread that panics while
//! it holds the lock leaves nothing half done, so the others continue. Never guards a value that a panic could leave inconsistent.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

/// [`Mutex`] without poison.
pub trait MutexExt<T> {
    /// Waits for the value.
    fn hold(&self) -> MutexGuard<'_, T>;
    /// The value itself, when nobody else can use the lock.
    fn into_value(self) -> T;
}

impl<T> MutexExt<T> for Mutex<T> {
    fn hold(&self) -> MutexGuard<'_, T> {
        self.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn into_value(self) -> T {
        self.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// [`RwLock`] without poison.
pub trait RwLockExt<T> {
    /// Waits until nobody writes.
    fn shared(&self) -> RwLockReadGuard<'_, T>;
    /// Replaces the value.
    fn put(&self, value: T);
}

impl<T> RwLockExt<T> for RwLock<T> {
    fn shared(&self) -> RwLockReadGuard<'_, T> {
        self.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, value: T) {
        *self.write().unwrap_or_else(PoisonError::into_inner) = value;
    }
}
