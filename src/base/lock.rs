//! Locks of values that are whole at every moment, such as a map to which entries are added in one step: a thread that panics while it holds
//! one leaves nothing half done, so the others go on. Never guards a value that a panic could leave half changed.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

/// [`Mutex`] without poison.
pub trait MutexExt<T> {
    /// Waits for the value.
    fn hold(&self) -> MutexGuard<'_, T>;
    /// The value, once nobody else can ask for it.
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
    /// Puts another value in place of the present one.
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
