//! What is counted, and the table of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use host_sim::{Host, Strike, Vm};

/// The most wrong verdicts that are told one by one.
const TOLD: usize = 20;
/// How many samples of memory are taken of a run.
const SAMPLES: u64 = 200;

/// Counts of everything.
pub(crate) struct Tally {
    begun: Instant,
    total: u64,
    pub(crate) requests: u64,
    verdicts: BTreeMap<&'static str, u64>,
    faults: BTreeMap<String, u64>,
    strikes: BTreeMap<&'static str, (u64, BTreeSet<u32>)>,
    pub(crate) exact: u64,
    /// Those that were held before they were decided.
    pub(crate) held: u64,
    wrong: u64,
    told: Vec<String>,
    memory: Vec<Memory>,
}

/// Memory at one moment, in KiB.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// The largest linear memory of a VM that was never reloaded.
    pub(crate) largest_vm: u64,
    /// All linear memories together.
    pub(crate) all_vms: u64,
    /// What the process of this test holds in memory.
    pub(crate) resident: u64,
}

impl Tally {
    pub(crate) fn of(total: u64) -> Tally {
        Tally {
            begun: Instant::now(),
            total,
            requests: 0,
            verdicts: BTreeMap::new(),
            faults: BTreeMap::new(),
            strikes: BTreeMap::new(),
            exact: 0,
            held: 0,
            wrong: 0,
            told: Vec::new(),
            memory: Vec::new(),
        }
    }

    pub(crate) fn fault(&mut self, kind: &str) {
        match self.faults.get_mut(kind) {
            Some(count) => *count += 1,
            None => drop(self.faults.insert(kind.to_owned(), 1)),
        }
    }

    pub(crate) fn strike(&mut self, strike: &Strike) {
        let (count, statuses) = self.strikes.entry(strike.hostcall).or_default();
        *count += 1;
        statuses.extend(strike.status.map(|status| status as u32));
    }

    pub(crate) fn verdict(&mut self, kind: &'static str) {
        *self.verdicts.entry(kind).or_default() += 1;
    }

    pub(crate) fn wrong(&mut self, what: impl FnOnce() -> String) {
        self.wrong += 1;
        if self.told.len() < TOLD {
            self.told.push(what());
        }
    }

    /// Looks at the memory from time to time.
    pub(crate) fn sample(&mut self, host: &Host, steady_workers: usize) {
        if self.requests.is_multiple_of((self.total / SAMPLES).max(1)) {
            let pages = |vm: &Vm| vm.memory_pages() * 64;
            let vms = || host.workers().iter().map(|worker| worker.vm().map_or(0, pages));
            self.memory.push(Memory {
                largest_vm: vms().take(steady_workers).max().unwrap_or(0),
                all_vms: vms().sum(),
                resident: resident(),
            });
        }
    }

    /// The largest of each tenth: the first and the last.
    pub(crate) fn tenths(&self) -> (Memory, Memory) {
        let tenth = (self.memory.len() / 10).max(1);
        let largest = |samples: &[Memory]| {
            samples.iter().fold(Memory::default(), |most, one| Memory {
                largest_vm: most.largest_vm.max(one.largest_vm),
                all_vms: most.all_vms.max(one.all_vms),
                resident: most.resident.max(one.resident),
            })
        };
        (largest(&self.memory[..tenth]), largest(&self.memory[self.memory.len() - tenth..]))
    }

    /// Prints the table; answers with what was wrong.
    pub(crate) fn finish(&self, seed: u64, traps: usize, virtual_seconds: u64) -> Vec<String> {
        let seconds = self.begun.elapsed().as_secs_f64();
        let line = |name: &str, value: String| println!("{name:<52} {value:>16}");
        let part = |title: &str| println!("-- {title}");
        line("seed", seed.to_string());
        line("requests", self.requests.to_string());
        line("requests with exactly one right verdict", self.exact.to_string());
        line("seconds (requests a second)", format!("{seconds:.0} ({:.0})", self.requests as f64 / seconds));
        line("hours of the workers' clock", format!("{:.1}", virtual_seconds as f64 / 3600.0));
        line("requests held for keys and then decided", self.held.to_string());
        part("verdicts");
        self.verdicts.iter().for_each(|(kind, count)| line(kind, count.to_string()));
        part("faults");
        self.faults.iter().for_each(|(kind, count)| line(kind, count.to_string()));
        let struck = self.strikes.iter().map(|(name, (count, all))| (format!("{name}, {} statuses", all.len()), count));
        struck.for_each(|(name, count)| line(&name, count.to_string()));
        part("result");
        line("wrong verdicts", self.wrong.to_string());
        line("traps", traps.to_string());
        let (first, last) = self.tenths();
        let both = |of: fn(&Memory) -> u64| format!("{} / {}", of(&first), of(&last));
        line("memory, KiB in the first / last tenth", String::new());
        line("  largest VM that was never reloaded", both(|memory| memory.largest_vm));
        line("  all VMs", both(|memory| memory.all_vms));
        line("  the host's process", both(|memory| memory.resident));
        self.told.clone()
    }

    pub(crate) fn is_all_right(&self) -> bool {
        self.wrong == 0
    }
}

/// The resident size of this process in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|rest| rest.trim().split(' ').next()?.parse().ok()).unwrap_or(0)
}
