//! Where the tables of the keys live, and how much they may take.
//!
//! A table costs about as much as one verification by the library and makes the next ones ten times faster; the keys
//! are those of the configured issuers, so their number is bounded by whoever runs the filter. The budget is for the
//! one who configures hundreds: half of it may be spent ahead of use, the other half is for keys that tokens come with.
//! Only signatures that verify count as use. Anybody can send bad signatures for every key there is, and the tables built
//! for those give way to the first key that has verified one.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// Octets of all tables of one thread, those of the generators not counted.
pub(crate) const BUDGET: usize = 4 << 20;

/// Octets up to which tables are built ahead of their first use.
const AHEAD: usize = BUDGET / 2;

/// A table gives way to another when this many signatures have verified since its own last one; before that, the other key
/// does without.
const IDLE: u64 = 1000;

thread_local! {
    /// Counts the signatures that verified.
    static CLOCK: Cell<u64> = const { Cell::new(0) };
    static BUILT: RefCell<Vec<Weak<Slot>>> = const { RefCell::new(Vec::new()) };
}

/// What became of a table that was asked for ahead of its first use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preparation {
    /// There is nothing to build, or it was built before.
    Ready,
    /// It was built now.
    Built,
    /// As many tables were built ahead as may be; this one is left to the first use.
    NoRoom,
}

/// The place of one key's table.
#[derive(Default)]
pub(crate) struct Slot {
    table: Cell<Option<Rc<[i32]>>>,
    /// The count at the last signature of this key that verified, zero before the first.
    used: Cell<u64>,
}

impl Slot {
    /// Notes that a signature of this key verified.
    pub(crate) fn proved(&self) {
        self.used.set(CLOCK.get() + 1);
        CLOCK.set(self.used.get());
    }

    /// The table, built by the first call; none while the budget is spent. A key that has verified a signature takes the
    /// place of one that is out of use.
    pub(crate) fn table(self: &Rc<Self>, limbs: usize, build: impl FnOnce() -> Vec<i32>) -> Option<Rc<[i32]>> {
        let table = match self.table.take() {
            Some(table) => table,
            None if make_room(limbs * size_of::<i32>(), self.used.get() > 0) => self.built(build),
            None => return None,
        };
        self.table.set(Some(table.clone()));
        Some(table)
    }

    /// Builds the table ahead of its first use. It takes the place of no other, and is the first to give way.
    pub(crate) fn prepare(self: &Rc<Self>, limbs: usize, build: impl FnOnce() -> Vec<i32>) -> Preparation {
        if self.octets() > 0 {
            return Preparation::Ready;
        }
        if slots().iter().map(|slot| slot.octets()).sum::<usize>() + limbs * size_of::<i32>() > AHEAD {
            return Preparation::NoRoom;
        }
        self.table.set(Some(self.built(build)));
        Preparation::Built
    }

    fn built(self: &Rc<Self>, build: impl FnOnce() -> Vec<i32>) -> Rc<[i32]> {
        BUILT.with_borrow_mut(|built| built.push(Rc::downgrade(self)));
        build().into()
    }

    fn octets(&self) -> usize {
        let table = self.table.take();
        let octets = table.as_deref().map_or(0, size_of_val);
        self.table.set(table);
        octets
    }
}

/// Returns whether that number of octets fits. Where `proven`, drops tables that are out of use until they do: first those of keys
/// that never verified a signature.
#[inline(never)]
fn make_room(octets: usize, proven: bool) -> bool {
    let slots = slots();
    let out_of_use = |slot: &Slot| slot.used.get() == 0 || CLOCK.get() - slot.used.get() >= IDLE;
    let idle = |slot: &&Rc<Slot>| proven && slot.octets() > 0 && out_of_use(slot);
    while slots.iter().map(|slot| slot.octets()).sum::<usize>() + octets > BUDGET {
        match slots.iter().filter(idle).min_by_key(|slot| slot.used.get()) {
            Some(longest_unused) => longest_unused.table.take(),
            None => return false,
        };
    }
    true
}

/// The places that have a table.
#[inline(never)]
fn slots() -> Vec<Rc<Slot>> {
    BUILT.with_borrow_mut(|built| {
        built.retain(|slot| slot.upgrade().is_some_and(|slot| slot.octets() > 0));
        built.iter().filter_map(Weak::upgrade).collect()
    })
}

#[cfg(test)]
mod tests;
