//! Callouts, from the worker that starts one to the worker that hears the answer.

use std::collections::BTreeMap;
use std::time::Duration;

use host_sim::{CalloutId, CalloutOutcome, VmName};

use crate::providers::{Delivery, MAX_STALE};
use crate::run::Run;

/// A configuration in a VM, which fetches an issuer's keys once at a time.
type Fetcher = (VmName, u32, u32);

/// Those under way.
#[derive(Default)]
pub(crate) struct Callouts {
    pub(crate) answers: Vec<Answering>,
    asked: Vec<CalloutId>,
    /// Which fetches have their document and ask for the keys next, and when they began.
    halfway: BTreeMap<Fetcher, Duration>,
}

/// An answer on its way to a worker.
pub(crate) struct Answering {
    pub(crate) at: Duration,
    /// When the fetch began, of which this is the last or the only callout.
    asked: Duration,
    id: CalloutId,
    root: u32,
    provider: usize,
    outcome: CalloutOutcome,
    set: Option<usize>,
}

impl Run {
    /// Plans the answers of callouts that were not there before.
    pub(crate) fn hear(&mut self) {
        let pending = self.host.pending_callouts();
        self.callouts.asked.retain(|id| pending.iter().any(|callout| callout.id == *id));
        for callout in pending {
            if self.callouts.asked.contains(&callout.id) {
                continue;
            }
            self.callouts.asked.push(callout.id);
            let provider = usize::from(callout.cluster == "second");
            let path = callout.header(":path").unwrap_or_default();
            let reply = self.providers[provider].answer(path, callout.header("if-none-match"), &mut self.random);
            let now = self.steady();
            let fetcher = (callout.id.vm, callout.id.generation, callout.root);
            let second = provider == 1 && path.ends_with("/keys");
            let begun = if second { self.callouts.halfway.remove(&fetcher) } else { None };
            let asked = begun.unwrap_or(now);
            if reply.set.is_none() && reply.kind != "discovery document" {
                self.tally.fault(&format!("callout: {}", reply.kind));
            }
            let at = now + reply.after;
            self.callouts.answers.push(Answering {
                at,
                asked,
                id: callout.id,
                root: callout.root,
                provider,
                outcome: reply.outcome,
                set: reply.set,
            });
        }
    }

    /// Hands over the answers that are due.
    pub(crate) fn deliver(&mut self) {
        let now = self.steady();
        while let Some(at) = self.callouts.answers.iter().position(|answer| answer.at <= now) {
            let Answering { asked, id, root, provider, outcome, set, .. } = self.callouts.answers.swap_remove(at);
            let heard = self.host.answer(id, outcome);
            if provider == 1 && set.is_none() {
                self.callouts.halfway.insert((id.vm, id.generation, root), asked);
            }
            let deliveries = &mut self.providers[provider].deliveries;
            if let Some(set) = set.filter(|_| heard) {
                deliveries.push_back(Delivery { asked, at: now, set, back: self.back });
            }
            // What is too old to be in use anywhere.
            let back = self.back;
            let kept = |old: &Delivery| old.at + 2 * MAX_STALE + (back - old.back) >= now;
            while deliveries.len() > 1 && deliveries.front().is_some_and(|old| !kept(old)) {
                deliveries.pop_front();
            }
        }
    }
}
