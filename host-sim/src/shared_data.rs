//! The key-value store that all VMs of a process share.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::status::Status;

/// Whose compare-and-swap rules the store follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CasRules {
    /// 0 always writes, a wrong non-zero value is a mismatch, a missing key is created whatever the value.
    Envoy,
    /// The value must equal the current one, which is 0 for a missing key; writing nothing deletes.
    Nginx,
}

/// Values with their versions, under a lock.
#[derive(Debug)]
pub struct SharedData {
    rules: CasRules,
    store: Mutex<Store>,
}

#[derive(Debug, Default)]
struct Store {
    last_cas: u32,
    values: BTreeMap<Vec<u8>, (Vec<u8>, u32)>,
}

impl SharedData {
    /// An empty store.
    pub fn new(rules: CasRules) -> SharedData {
        SharedData { rules, store: Mutex::default() }
    }

    /// The value and version under `key`.
    pub fn value(&self, key: &[u8]) -> Option<(Vec<u8>, u32)> {
        self.store().values.get(key).cloned()
    }

    /// Writes `value` under `key` if `cas` allows it.
    ///
    /// # Errors
    ///
    /// [`Status::CasMismatch`] when it does not.
    pub fn set(&self, key: &[u8], value: &[u8], cas: u32) -> Result<(), Status> {
        let mut store = self.store();
        let current = store.values.get(key).map(|(_, version)| *version);
        let next = match self.rules {
            CasRules::Envoy => {
                if current.is_some_and(|version| cas != 0 && cas != version) {
                    return Err(Status::CasMismatch);
                }
                store.last_cas += 1;
                store.last_cas
            }
            CasRules::Nginx => {
                if current.unwrap_or(0) != cas {
                    return Err(Status::CasMismatch);
                }
                cas + 1
            }
        };
        if self.rules == CasRules::Nginx && value.is_empty() {
            store.values.remove(key);
        } else {
            store.values.insert(key.to_vec(), (value.to_vec(), next));
        }
        Ok(())
    }

    /// Every key with its value, sorted.
    pub fn entries(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.store().values.iter().map(|(key, (value, _))| (key.clone(), value.clone())).collect()
    }

    /// Forgets everything, as when the last VM of a `vm_id` goes.
    pub fn clear(&self) {
        self.store().values.clear();
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn envoy_creates_a_missing_key_whatever_the_cas_and_overwrites_with_zero() {
        let data = SharedData::new(CasRules::Envoy);
        assert_eq!(data.set(b"k", b"1", 77), Ok(()));
        let (_, cas) = data.value(b"k").unwrap();
        assert_eq!(data.set(b"k", b"2", cas + 1), Err(Status::CasMismatch));
        assert_eq!(data.set(b"k", b"2", cas), Ok(()));
        assert_eq!(data.set(b"k", b"3", 0), Ok(()));
        assert_eq!(data.value(b"k").unwrap().0, b"3");
    }

    #[test]
    fn nginx_inserts_with_zero_only_when_absent() {
        let data = SharedData::new(CasRules::Nginx);
        assert_eq!(data.set(b"k", b"1", 5), Err(Status::CasMismatch));
        assert_eq!(data.set(b"k", b"1", 0), Ok(()));
        assert_eq!(data.set(b"k", b"2", 0), Err(Status::CasMismatch));
        assert_eq!(data.set(b"k", b"2", 1), Ok(()));
        assert_eq!(data.set(b"k", b"", 2), Ok(()));
        assert_eq!(data.value(b"k"), None);
    }
}
