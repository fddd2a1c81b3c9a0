//! Faults: statuses forced on hostcalls, which are then not carried out, and calls in which the VM dies.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::log::VmName;
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

/// A fault that struck.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Strike {
    /// The VM whose hostcall it was.
    pub vm: VmName,
    /// The context that the call was about: a root's or a stream's id.
    pub context: u32,
    /// The hostcall.
    pub hostcall: &'static str,
    /// What it answered; nothing where the VM died of it.
    pub status: Option<Status>,
}

/// The faults of a process, changeable while it runs.
#[derive(Debug, Default)]
pub struct Faults {
    set: Mutex<BTreeMap<String, Vec<Fault>>>,
    struck: Mutex<Vec<Strike>>,
}

/// How many strikes are kept until they are taken.
const KEPT_STRIKES: usize = 10_000;

/// How a call that a fault strikes ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With this status.
    Status(Status),
    /// With the VM.
    Trap,
}

#[derive(Debug)]
struct Fault {
    occurrence: Occurrence,
    ending: Ending,
    seen: u64,
}

impl Faults {
    /// Forces `status` on `hostcall` (`"proxy_get_shared_data"`); a fault set earlier for the same call goes first.
    pub fn force(&self, hostcall: &str, occurrence: Occurrence, status: Status) {
        self.set(hostcall, occurrence, Ending::Status(status));
    }

    /// Has the VM that makes this call die in it.
    pub fn trap(&self, hostcall: &str, occurrence: Occurrence) {
        self.set(hostcall, occurrence, Ending::Trap);
    }

    fn set(&self, hostcall: &str, occurrence: Occurrence, ending: Ending) {
        let mut set = self.set.lock().unwrap_or_else(PoisonError::into_inner);
        set.entry(hostcall.to_owned()).or_default().push(Fault { occurrence, ending, seen: 0 });
    }

    /// Removes every fault.
    pub fn clear(&self) {
        self.set.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The faults that struck since the last call, oldest first; at most ten thousand are kept.
    pub fn take_strikes(&self) -> Vec<Strike> {
        std::mem::take(&mut self.struck.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How this call is forced to end, which is counted.
    pub(crate) fn strike(&self, vm: VmName, context: u32, hostcall: &'static str) -> Option<Ending> {
        let ending = self.ending(hostcall)?;
        let status = match ending {
            Ending::Status(status) => Some(status),
            Ending::Trap => None,
        };
        let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        if struck.len() < KEPT_STRIKES {
            struck.push(Strike { vm, context, hostcall, status });
        }
        Some(ending)
    }

    fn ending(&self, hostcall: &str) -> Option<Ending> {
        let mut set = self.set.lock().unwrap_or_else(PoisonError::into_inner);
        let mut forced = None;
        for fault in set.get_mut(hostcall)? {
            fault.seen += 1;
            if forced.is_none() && fault.occurrence.covers(fault.seen) {
                forced = Some(fault.ending);
            }
        }
        forced
    }
}
