//! What happens when: timers and callout answers in the order of virtual time, ties broken by the seed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Host;
use crate::callout::{CalloutId, CalloutOutcome};
use crate::log::VmName;
use crate::worker::StreamId;

/// Answers that will come, by time and then by a number drawn from the seed.
#[derive(Debug)]
pub(super) struct Schedule {
    answers: BTreeMap<(Duration, u64, CalloutId), CalloutOutcome>,
    random: u64,
}

impl Schedule {
    pub(super) fn seeded(seed: u64) -> Schedule {
        Schedule { answers: BTreeMap::new(), random: seed }
    }

    /// The next tie-breaker; with seed 0 always 0, which leaves things in their natural order.
    fn draw(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    pub(super) fn forget(&mut self, id: CalloutId) {
        self.answers.retain(|(_, _, own), _| *own != id);
    }

    fn plan(&mut self, at: Duration, id: CalloutId, outcome: CalloutOutcome) {
        let order = self.draw();
        self.answers.insert((at, order, id), outcome);
    }
}

/// Something that is due.
enum Due {
    Tick { worker: usize, generation: u32, root: u32 },
    Answer(CalloutId),
}

impl Host {
    /// Takes note of the callouts a worker just started: counts them and plans their ends.
    pub(super) fn note_callouts(&mut self, worker: usize) {
        let generation = self.workers[worker].generation();
        let started = self.workers[worker].with_vm(generation, |vm| vm.take_started()).unwrap_or_default();
        let now = self.process.clock.now().steady;
        for callout in started {
            *self.callout_counts.entry((callout.cluster.clone(), callout.url())).or_default() += 1;
            let answer = self.responder.as_mut().map(|responder| responder(&callout));
            match (answer, callout.timeout) {
                (Some(answer), timeout) if timeout.is_none_or(|limit| answer.after < limit) => {
                    self.schedule.plan(now.saturating_add(answer.after), callout.id, answer.outcome);
                }
                (_, Some(limit)) => self.schedule.plan(now.saturating_add(limit), callout.id, CalloutOutcome::Timeout),
                (_, None) => {}
            }
            self.pending.insert(callout.id, callout);
        }
    }

    /// Lets `duration` of virtual time pass, with everything that is due in it.
    pub fn advance(&mut self, duration: Duration) {
        let end = self.process.clock.now().steady + duration;
        while self.step(end) {}
        self.process.clock.move_to(end);
    }

    /// Lets time pass until a stream is decided, for at most `patience`; says whether it is.
    pub fn advance_until_decided(&mut self, id: StreamId, patience: Duration) -> bool {
        let end = self.process.clock.now().steady + patience;
        while !self.outcome(id).is_decided() {
            if !self.step(end) {
                self.process.clock.move_to(end);
                return self.outcome(id).is_decided();
            }
        }
        true
    }

    /// Does the next thing that is due by `end`; false when there is none.
    fn step(&mut self, end: Duration) -> bool {
        let Some((at, due)) = self.next_due().filter(|(at, _)| *at <= end) else {
            return false;
        };
        self.process.clock.move_to(at);
        match due {
            Due::Tick { worker, generation, root } => {
                self.workers[worker].with_vm(generation, |vm| vm.tick(root));
                self.note_callouts(worker);
            }
            Due::Answer(id) => self.end_callout(at, id),
        }
        true
    }

    fn next_due(&mut self) -> Option<(Duration, Due)> {
        let ticks = self.workers.iter().enumerate().filter_map(|(worker, own)| {
            let (at, root) = own.vm()?.next_tick()?;
            Some((at, Due::Tick { worker, generation: own.generation(), root }))
        });
        let mut ticks: Vec<(Duration, Due)> = ticks.collect();
        let first = ticks.iter().map(|(at, _)| *at).min();
        ticks.retain(|(at, _)| Some(*at) == first);
        let answer = self.schedule.answers.keys().next().map(|(at, _, id)| (*at, *id));
        match (first, answer) {
            (Some(tick), Some((at, id))) if at <= tick => Some((at, Due::Answer(id))),
            (None, Some((at, id))) => Some((at, Due::Answer(id))),
            (Some(_), _) => {
                let pick = self.schedule.draw() as usize % ticks.len();
                Some(ticks.swap_remove(pick))
            }
            (None, None) => None,
        }
    }

    fn end_callout(&mut self, at: Duration, id: CalloutId) {
        let planned = self.schedule.answers.keys().find(|(when, _, own)| *when == at && *own == id).copied();
        let Some(outcome) = planned.and_then(|key| self.schedule.answers.remove(&key)) else {
            return;
        };
        self.pending.remove(&id);
        if let VmName::Worker(worker) = id.vm {
            self.workers[worker].with_vm(id.generation, |vm| vm.deliver(id.token, outcome));
            self.note_callouts(worker);
        }
    }
}
