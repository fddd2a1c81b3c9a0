//! Faults: statuses forced on hostcalls, which are then not carried out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::status::Status;

/// Which calls of a hostcall a fault strikes, counted from 1 over all VMs since the fault was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurrence {
    /// Every call.
    Every,
    /// The call with this number and no other.
    Nth(u64),
    /// The call with this number and all after it.
    From(u64),
}

impl Occurrence {
    fn covers(self, number: u64) -> bool {
        match self {
            Occurrence::Every => true,
            Occurrence::Nth(nth) => number == nth,
            Occurrence::From(first) => number >= first,
        }
    }
}

/// The faults of a process, changeable while it runs.
#[derive(Debug, Default)]
pub struct Faults {
    set: Mutex<BTreeMap<String, Vec<Fault>>>,
}

#[derive(Debug)]
struct Fault {
    occurrence: Occurrence,
    status: Status,
    seen: u64,
}

impl Faults {
    /// Forces `status` on `hostcall` (`"proxy_get_shared_data"`); a fault set earlier for the same call goes first.
    pub fn force(&self, hostcall: &str, occurrence: Occurrence, status: Status) {
        let mut set = self.set.lock().unwrap_or_else(PoisonError::into_inner);
        set.entry(hostcall.to_owned()).or_default().push(Fault { occurrence, status, seen: 0 });
    }

    /// Removes every fault.
    pub fn clear(&self) {
        self.set.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The status forced on this call, which is counted.
    pub(crate) fn strike(&self, hostcall: &str) -> Option<Status> {
        let mut set = self.set.lock().unwrap_or_else(PoisonError::into_inner);
        let mut forced = None;
        for fault in set.get_mut(hostcall)? {
            fault.seen += 1;
            if forced.is_none() && fault.occurrence.covers(fault.seen) {
                forced = Some(fault.status);
            }
        }
        forced
    }
}
