//! What was published when, when the provider failed, and which configuration was in force: what right verdicts follow from.

use std::time::{Duration, Instant};

/// How long a set is fresh, and for how long it is used when nobody confirms it.
pub(crate) const TTL: Duration = Duration::from_secs(2);
pub(crate) const MAX_STALE: Duration = Duration::from_secs(40);

/// Within this every worker has what a provider that is well published: a refresh, a tick, and a machine with other work.
const FOLLOWS: Duration = Duration::from_secs(8);

/// How long an update of the listeners may take to reach every worker.
const SETTLES: Duration = Duration::from_secs(4);

/// A key: its kid and which secret is behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) kid: u32,
    pub(crate) secret: u8,
}

/// A time in which the provider did not answer as it should.
#[derive(Clone, Copy, Debug)]
struct Outage {
    from: Instant,
    to: Option<Instant>,
}

/// Everything that happened, in the order of time.
pub(crate) struct Facts {
    sets: Vec<(Instant, Vec<Key>)>,
    outages: Vec<Outage>,
    /// Two while an update is under way.
    audiences: Vec<(Instant, Vec<&'static str>)>,
}

/// A request from its sending to its answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) opened: Instant,
    pub(crate) sent: Instant,
    pub(crate) done: Instant,
}

impl Facts {
    pub(crate) fn new(set: Vec<Key>, audience: &'static str) -> Facts {
        let now = Instant::now();
        Facts { sets: vec![(now, set)], outages: Vec::new(), audiences: vec![(now, vec![audience])] }
    }

    pub(crate) fn current(&self) -> &[Key] {
        self.sets.last().map_or(&[], |(_, set)| set)
    }

    pub(crate) fn published(&mut self, set: Vec<Key>) {
        self.sets.push((Instant::now(), set));
    }

    /// Every key that was ever published.
    pub(crate) fn past(&self) -> impl Iterator<Item = Key> {
        self.sets.iter().rev().take(6).flat_map(|(_, set)| set.iter().copied())
    }

    pub(crate) fn outage(&mut self, begins: bool) {
        let now = Instant::now();
        match self.outages.last_mut().filter(|outage| outage.to.is_none()) {
            Some(outage) if !begins => outage.to = Some(now),
            _ if begins => self.outages.push(Outage { from: now, to: None }),
            _ => {}
        }
    }

    /// Which may be in force from now on, the newest last.
    pub(crate) fn audiences(&mut self, audiences: &[&'static str]) {
        self.audiences.push((Instant::now(), audiences.to_vec()));
    }

    pub(crate) fn current_audience(&self) -> &'static str {
        self.audiences.last().and_then(|(_, audiences)| audiences.last()).copied().unwrap_or_default()
    }

    /// The statuses that are right for a token under this key, proven good for the audience; and whether it may be the case
    /// that there are no keys.
    pub(crate) fn right(&self, key: Key, audience: &str, sound: bool, span: Span) -> Vec<u16> {
        let since = self.agreed(span.sent);
        let mut right = Vec::new();
        if span.done.duration_since(since.min(span.done)) > MAX_STALE {
            right.push(503);
        }
        for set in during(&self.sets, since, span.done) {
            match set.iter().find(|own| own.kid == key.kid) {
                Some(own) if *own == key && sound => right.extend(self.by_audience(audience, span)),
                Some(_) => right.push(401),
                None => right.extend([401, 503]),
            }
        }
        right
    }

    fn by_audience(&self, audience: &str, span: Span) -> Vec<u16> {
        let since = span.opened.checked_sub(SETTLES).unwrap_or(span.opened);
        let wanted = during(&self.audiences, since, span.done);
        wanted.flatten().map(|wanted| if *wanted == audience { 200 } else { 401 }).collect()
    }

    /// A moment since when whatever was published may be in use on a worker, and nothing from before it.
    fn agreed(&self, sent: Instant) -> Instant {
        let before = |at: Instant, span| at.checked_sub(span).unwrap_or(at);
        let mut since = before(sent, FOLLOWS);
        for outage in self.outages.iter().rev() {
            // After failures the next attempt comes no later than that much longer.
            let over = outage.to.map(|to| to + (to - outage.from) * 6 / 5 + Duration::from_secs(2));
            if over.is_none_or(|over| over > since) {
                since = since.min(before(outage.from, FOLLOWS));
            }
        }
        since
    }
}

/// What was in force at any moment between the two.
fn during<T>(all: &[(Instant, T)], from: Instant, to: Instant) -> impl Iterator<Item = &T> {
    let first = all.iter().rposition(|(at, _)| *at <= from).unwrap_or(0);
    all[first..].iter().filter(move |(at, _)| *at <= to).map(|(_, own)| own)
}
