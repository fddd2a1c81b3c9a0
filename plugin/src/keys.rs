//! Carries out what the life of the keys asks for: callouts, shared data, waking those who wait.

use crate::filter::{Filter, Outcome};
use crate::host::{self, Buffer, Level, Map, SharedData};
use crate::root::SharedFilter;
use crate::waiting::WaitingRequest;
use claimgate_core::algorithm::Algorithm;
use claimgate_core::config::Host;
use claimgate_core::issuer::IssuerId;
use claimgate_core::jwks::{Answer, Callout, Counter, Effect, Event, FetchFailure, NoShared, Shared, WaitOutcome};
use claimgate_core::refusal::{Reason, Refusal};
use claimgate_core::time::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often workers look at shared data while nothing is urgent: a withdrawn key stops working within this.
const TICK: Duration = Duration::from_millis(500);

/// How often while requests wait.
const TICK_WHILE_WAITING: Duration = Duration::from_millis(50);

/// How often at most a tick reaches the keys of every issuer. In between, it reaches only issuers that requests wait for and
/// those whose keys asked for an early tick, so that a waiting request costs the same with a thousand issuers. Shorter than
/// [`TICK`], so that no regular tick is left out.
const ROUND: Duration = Duration::from_millis(400);

/// How many keys are prepared at a time while requests come: half a millisecond each with P-256, two with P-384.
const PREPARED_AT_A_TIME: usize = 4;

/// The one period on hosts where it cannot be changed.
const ONLY_TICK: Duration = Duration::from_millis(200);

impl Filter {
    /// Looks for keys that other workers have, and asks for ticks. Fetches nothing: the canary comes this way too.
    pub(crate) fn start_keys(&mut self, now: Timestamp) {
        let ids = self.keys.remote_ids();
        if ids.is_empty() {
            return;
        }
        for id in ids {
            self.tell(id, Event::Configured, now);
        }
        let first = if self.config.host == Host::Envoy { Duration::from_millis(1) } else { ONLY_TICK };
        self.tick_period = Some(0);
        self.ask_for_tick(first);
        if self.tick_period.is_none() {
            host::log(
                Level::Warn,
                "configuration warning: the host gives no ticks: keys are fetched only when a request asks",
            );
        }
    }

    /// Does ahead what the first requests would else wait for: so many keys of those at hand.
    pub(crate) fn prepare_keys(&self, most: usize, now: Timestamp) {
        let own = |algorithm: Algorithm| !self.signatures.asks_host(algorithm.scheme());
        self.keys.prepare(&self.config, now, most, own);
    }

    /// Time has passed.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        if now.is_unset() {
            // The host could not tell; it calls again.
            return;
        }
        self.log_repeated(now);
        let overdue = self.waiting.take_overdue(now);
        for request in overdue {
            let retry_after = self.keys.remote(request.issuer).map(|jwks| jwks.retry_after(now));
            let refusal = Refusal { reason: Reason::KeysUnavailable, retry_after };
            self.finish(request, WaitOutcome::TimedOut, |filter, request| filter.refuse(refusal, request.issuer, now));
        }
        let round = self.last_round.is_none_or(|last| now < last || now.since(last) >= ROUND);
        let ids = if round {
            self.last_round = Some(now);
            self.keys.remote_ids()
        } else {
            let waited_for: BTreeSet<IssuerId> = self.urgent.iter().copied().chain(self.waiting.issuers()).collect();
            waited_for.into_iter().collect()
        };
        let mut next = TICK;
        for id in ids {
            next = next.min(self.tell(id, Event::Tick, now));
            self.show(id, now);
        }
        if round {
            self.prepare_keys(PREPARED_AT_A_TIME, now);
        }
        if !self.waiting.is_empty() {
            next = next.min(TICK_WHILE_WAITING);
        }
        self.ask_for_tick(next);
    }

    /// A request found no key: looks at what the other workers have, and notes what the next tick is to ask for. On a host
    /// without ticks the fetch starts from here.
    pub(crate) fn want(&mut self, issuer: IssuerId, kid: Option<&str>, now: Timestamp) {
        self.tell(issuer, Event::Wanted { kid }, now);
        if self.tick_period.is_none() {
            self.tell(issuer, Event::Tick, now);
        }
    }

    /// Whether something will end a wait, a tick or the answer to a callout, and the request can be resumed then.
    pub(crate) fn can_wait(&self, issuer: IssuerId) -> bool {
        let ends = self.tick_period.is_some() || self.callouts.iter().any(|(_, id, ..)| *id == issuer);
        ends && !self.capabilities.cannot_resume
    }

    /// A request waits for what it wanted. `false` where too many wait already.
    pub(crate) fn wait(&mut self, context: u32, issuer: IssuerId, now: Timestamp) -> bool {
        let admitted = self.waiting.admit(context, issuer, now);
        if !admitted {
            self.count_wait(issuer, WaitOutcome::Crowded);
        }
        admitted
    }

    /// Asks for a tick at once, from the context of a request.
    pub(crate) fn hurry(&mut self, context: u32) {
        if host::set_effective_context(self.root).is_ok() {
            self.ask_for_tick(Duration::from_millis(1));
        }
        let _back = host::set_effective_context(context);
    }

    /// Whether a callout with this token is under way.
    pub(crate) fn expects(&self, token: u32) -> bool {
        self.callouts.iter().any(|(known, ..)| *known == token)
    }

    /// A callout came back. The answer is only there while the host says so.
    pub(crate) fn answered(&mut self, token: u32, headers: usize, body_size: usize, now: Timestamp) {
        let Some(at) = self.callouts.iter().position(|(known, ..)| *known == token) else { return };
        let (_, id, ticket, max_bytes) = self.callouts.swap_remove(at);
        let map = if headers == 0 { None } else { host::map(Map::CalloutHeaders).ok() };
        let pairs = map.as_deref().and_then(host::pairs).unwrap_or_default();
        // Not every host has a buffer for a body that is not there, as that of a 304.
        let most = max_bytes.saturating_add(1);
        let body = if body_size == 0 { Ok(Vec::new()) } else { host::buffer(Buffer::CalloutBody, most) };
        let owned: Vec<_> = pairs.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
        let event = match &body {
            Ok(body) if !owned.is_empty() => Event::Answered { ticket, answer: Answer { headers: &owned, body } },
            _ => Event::Failed { ticket, failure: FetchFailure::Reset },
        };
        let next = self.tell(id, event, now);
        self.prepare_keys(PREPARED_AT_A_TIME, now);
        if next < TICK {
            self.ask_for_tick(next);
        }
    }

    /// The client of a waiting request went away.
    pub(crate) fn gone(&mut self, context: u32) {
        if let Some(request) = self.waiting.forget(context) {
            self.count_wait(request.issuer, WaitOutcome::Gone);
        }
    }

    /// Clears what this configuration, which no root has any more, left in shared data, except for what one of `others` uses.
    /// A canary, which never ticks, clears nothing.
    pub(crate) fn clear_shared(&self, others: &[SharedFilter]) {
        if self.last_round.is_none() || self.config.host != Host::Envoy {
            return;
        }
        for keys in self.keys.fetched() {
            let shares = |filter: &SharedFilter| {
                filter.try_borrow().is_ok_and(|filter| filter.keys.fetched().any(|other| other.shares_with(keys)))
            };
            if !others.iter().any(shares) {
                keys.clear_shared(&mut SharedData);
            }
        }
    }

    /// Tells an issuer's keys what happened and does what they ask for; answers when they want to be told the time again.
    fn tell(&mut self, id: IssuerId, event: Event<'_>, now: Timestamp) -> Duration {
        let shared: &mut dyn Shared = if self.config.host == Host::Envoy { &mut SharedData } else { &mut NoShared };
        if matches!(event, Event::Tick) {
            self.urgent.remove(&id);
        }
        let effects = self.keys.remote_mut(id).map(|jwks| jwks.handle(now, shared, event)).unwrap_or_default();
        let mut next = TICK;
        for effect in effects {
            match effect {
                Effect::Dispatch(callout) => self.dispatch(id, &callout, now),
                Effect::DecideAgain => self.decide_again(id, now),
                Effect::RefuseWaiting { retry_after } => self.refuse_waiting(id, retry_after, now),
                Effect::TickWithin(within) => {
                    self.urgent.insert(id);
                    next = next.min(within);
                }
                Effect::Log(change) => {
                    let level = if change.is_warning() { Level::Warn } else { Level::Info };
                    host::log(level, &format!("issuer {}: {change}", self.issuer_name(id)));
                }
                Effect::Count(counter) => self.count(id, counter),
            }
        }
        next
    }

    fn dispatch(&mut self, id: IssuerId, callout: &Callout, now: Timestamp) {
        match host::http_call(callout) {
            Ok(token) => self.callouts.push((token, id, callout.ticket, callout.max_bytes)),
            Err(_) => {
                self.tell(id, Event::Failed { ticket: callout.ticket, failure: FetchFailure::Refused }, now);
            }
        }
    }

    fn decide_again(&mut self, id: IssuerId, now: Timestamp) {
        let mut wanted = Vec::new();
        for request in self.waiting.take_for(id) {
            wanted.extend(self.finish(request, WaitOutcome::Decided, |filter, _| filter.handle(None, now)));
        }
        if wanted.is_empty() {
            return;
        }
        // They have keys now and still miss theirs.
        for (issuer, kid) in wanted {
            self.want(issuer, kid.as_deref(), now);
        }
        self.ask_for_tick(Duration::from_millis(1));
    }

    fn refuse_waiting(&mut self, id: IssuerId, retry_after: Duration, now: Timestamp) {
        let refusal = Refusal { reason: Reason::KeysUnavailable, retry_after: Some(retry_after) };
        for request in self.waiting.take_for(id) {
            self.finish(request, WaitOutcome::InVain, |filter, _| filter.refuse(refusal, id, now));
        }
    }

    /// Ends a wait: in the request's own context, if it is still there, and back in the root's. Answers with what the request
    /// still wants, if it goes on waiting.
    fn finish(
        &mut self,
        request: WaitingRequest,
        outcome: WaitOutcome,
        end: impl FnOnce(&mut Self, &WaitingRequest) -> Outcome,
    ) -> Option<(IssuerId, Option<String>)> {
        if host::set_effective_context(request.context).is_err() {
            self.count_wait(request.issuer, WaitOutcome::Gone);
            return None;
        }
        let mut wanted = None;
        match end(self, &request) {
            Outcome::Goes => {
                self.count_wait(request.issuer, outcome);
                if host::resume_request().is_err() {
                    host::log(Level::Error, "a request that waited for keys could not be resumed");
                }
            }
            Outcome::Answered => self.count_wait(request.issuer, outcome),
            Outcome::Waits(issuer, kid) => {
                self.waiting.readmit(WaitingRequest { issuer, ..request });
                wanted = Some((issuer, kid));
            }
        }
        let _back = host::set_effective_context(self.root);
        wanted
    }

    fn ask_for_tick(&mut self, within: Duration) {
        let Some(current) = self.tick_period else { return };
        let period = u32::try_from(within.as_millis()).unwrap_or(u32::MAX).max(1);
        // nginx traps when the period is set again.
        let fixed = self.config.host == Host::Generic && current != 0;
        if period == current || fixed {
            return;
        }
        self.tick_period = match host::set_tick_period(period) {
            Ok(()) => Some(period),
            Err(_) if current == 0 => None,
            Err(_) => Some(current),
        };
    }

    fn show(&mut self, id: IssuerId, now: Timestamp) {
        let Some(jwks) = self.keys.remote(id) else { return };
        let (age, count) = (jwks.age(now), jwks.count(now));
        let name = self.issuer_name(id);
        if let Some(age) = age {
            self.metrics.gauge_keys(&name, "age_seconds", age.as_secs());
        }
        self.metrics.gauge_keys(&name, "count", u64::try_from(count).unwrap_or(u64::MAX));
    }

    fn count(&mut self, id: IssuerId, counter: Counter) {
        let name = self.issuer_name(id);
        match counter {
            Counter::Fetch(outcome) => self.metrics.count_keys(&name, "fetches.outcome", outcome.label(), 1),
            Counter::Skipped(reason, keys) => self.metrics.count_keys(&name, "skipped.reason", reason, keys),
            Counter::Shared(fault) => self.metrics.count_keys(&name, "shared_data.fault", fault.label(), 1),
        }
    }

    fn count_wait(&mut self, id: IssuerId, outcome: WaitOutcome) {
        let name = self.issuer_name(id);
        self.metrics.count_keys(&name, "waits.outcome", outcome.label(), 1);
    }

    fn issuer_name(&self, id: IssuerId) -> String {
        self.config.issuers.get(id).map(|issuer| issuer.name.clone()).unwrap_or_default()
    }
}
