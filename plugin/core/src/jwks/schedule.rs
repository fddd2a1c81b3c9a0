//! When to fetch: lives, leases, retries.

use super::source::Remote;
use crate::time::Timestamp;
use std::time::Duration;

/// The least time between two attempts, whoever asks and however often, save for an unknown kid.
pub(super) const SPACING: Duration = Duration::from_secs(1);
/// The longest time between two attempts while they fail, before its jitter of up to a tenth.
pub(super) const BACKOFF_CAP: Duration = Duration::from_secs(60);
/// How long a set is fresh at least, however short-lived its answer claims to be (unless `ttl` itself is shorter).
pub(super) const LIFE_FLOOR: Duration = Duration::from_secs(60);
/// How much longer than its callouts a lease lasts: the time a busy worker may take to hear of an answer.
const LEASE_SLACK: Duration = Duration::from_secs(2);

/// How long a worker may lead one fetch.
pub(super) fn lease(remote: &Remote) -> Duration {
    remote.timeout.saturating_mul(remote.callouts()).saturating_add(LEASE_SLACK)
}

/// How long a set is fresh, given what its answer allows: at most `ttl`, at least a minute of it.
pub(super) fn life(remote: &Remote, allowed: Option<Duration>) -> Duration {
    let longest = remote.ttl.min(remote.max_stale);
    allowed.unwrap_or(longest).max(LIFE_FLOOR).min(longest)
}

/// The moment in a life when this worker would refresh the set: from 80 % on, spread over a tenth of the life, so that
/// neither the workers of a process nor a fleet that started together ask at the same moment.
pub(super) fn refresh_at(since: Timestamp, life: Duration, seed: u64) -> Timestamp {
    let tenth = life.checked_div(10).unwrap_or_default();
    since.after(tenth.saturating_mul(8)).after(part(tenth, mixed(seed, since.millis())))
}

/// How long to wait after that many failures in a row: 1 s, doubling, at most a minute, and up to a tenth more.
pub(super) fn backoff(failures: u32, seed: u64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let wait = SPACING.saturating_mul(1u32.checked_shl(doublings).unwrap_or(u32::MAX)).min(BACKOFF_CAP);
    wait.saturating_add(part(wait.checked_div(10).unwrap_or_default(), mixed(seed, failures.into())))
}

/// Whether `deadline` has come. One that lies further ahead than anybody could have set it was set by another clock, and
/// has come too.
pub(super) fn has_come(deadline: Timestamp, longest: Duration, now: Timestamp) -> bool {
    now >= deadline || deadline.since(now) > longest
}

/// Whether `span` has passed since `earlier`; when `earlier` lies ahead, the clock was set back and it counts as passed.
pub(super) fn has_passed(earlier: Timestamp, span: Duration, now: Timestamp) -> bool {
    now < earlier || now >= earlier.after(span)
}

/// A share of `span` that depends on `number` alone.
fn part(span: Duration, number: u64) -> Duration {
    let millis = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    Duration::from_millis(number.checked_rem(millis).unwrap_or(0))
}

/// Two numbers as one, in which each moves every bit.
pub(super) fn mixed(first: u64, second: u64) -> u64 {
    scramble(first.wrapping_add(scramble(second)))
}

/// splitmix64's finish: every input bit moves every output bit.
pub(super) fn scramble(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
