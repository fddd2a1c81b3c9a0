//! The shared record as bytes. It comes back from a map that any module with the same `vm_id` can write to, so reading it
//! believes nothing: another format, version, owner or size is no record at all.
//!
//! Little-endian throughout: magic and version (8), binding (32), attempts, attempted_at, next_attempt (8
//! each), failures (4), lease: holder and end (8 each, zero end: none), whether forced (1); answered (8); how many forced
//! fetches (1), for each its time and attempt (8 each), how many kids (1), their digests (32 each); set: length (4, zero: none), digest (32),
//! fetched_at, fresh_until (8 each); ETag: digest of its URL (32), length (2, zero: none), the tag. Times are milliseconds
//! since the epoch.

use super::absent::Kid;
use super::record::{Asked, Etag, Forced, Lease, MAX_ASKED, MAX_FORCED, Record, SetRecord};
use super::source::Digest;
use crate::time::Timestamp;

const MAGIC: &[u8; 8] = b"cg-jwks\x03";
const MAX_ETAG: usize = 256;

/// The record of the source that `binding` stands for.
pub(super) fn encode(record: &Record, binding: &Digest) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(binding);
    put(&mut out, record.attempts);
    put(&mut out, record.attempted_at.millis());
    put(&mut out, record.next_attempt.millis());
    out.extend_from_slice(&record.failures.to_le_bytes());
    put(&mut out, record.lease.map_or(0, |lease| lease.holder));
    put(&mut out, record.lease.map_or(0, |lease| lease.until.millis()));
    out.push(u8::from(record.lease.is_some_and(|lease| lease.forced)));
    put(&mut out, record.answered);
    out.push(count(&record.forced));
    for forced in &record.forced {
        put(&mut out, forced.asked.at.millis());
        put(&mut out, forced.asked.attempt);
        out.push(count(&forced.kids));
        forced.kids.iter().for_each(|kid| out.extend_from_slice(&kid.0));
    }
    let set = record.set.as_ref();
    out.extend_from_slice(&set.map_or(0, |set| set.len).to_le_bytes());
    out.extend_from_slice(&set.map_or([0; 32], |set| set.digest));
    put(&mut out, set.map_or(0, |set| set.fetched_at.millis()));
    put(&mut out, set.map_or(0, |set| set.fresh_until.millis()));
    let etag = set.and_then(|set| set.etag.as_ref());
    out.extend_from_slice(&etag.map_or([0; 32], |etag| etag.url));
    let value = etag.map_or("", |etag| etag.value.as_str());
    out.extend_from_slice(&u16::try_from(value.len()).unwrap_or(0).to_le_bytes());
    out.extend_from_slice(value.as_bytes());
    out
}

/// The record in `bytes`, when it is one of ours for this source.
pub(super) fn decode(bytes: &[u8], binding: &Digest) -> Option<Record> {
    let mut rest = Reader(bytes);
    if rest.take::<8>()? != *MAGIC || rest.take::<32>()? != *binding {
        return None;
    }
    let mut record = Record {
        attempts: rest.number()?,
        attempted_at: rest.time()?,
        next_attempt: rest.time()?,
        failures: u32::from_le_bytes(rest.take()?),
        lease: None,
        answered: 0,
        forced: Vec::new(),
        set: None,
    };
    let (holder, until) = (rest.number()?, rest.time()?);
    let forced = match rest.take()? {
        [0] => false,
        [1] => true,
        [_] => return None,
    };
    record.lease = (until.millis() > 0).then_some(Lease { holder, until, forced });
    record.answered = rest.number()?;
    for _ in 0..rest.count(MAX_FORCED)? {
        let asked = Asked { at: rest.time()?, attempt: rest.number()? };
        let mut forced = Forced { asked, kids: Vec::new() };
        for _ in 0..rest.count(MAX_ASKED)? {
            forced.kids.push(Kid(rest.take()?));
        }
        record.forced.push(forced);
    }
    let (len, digest) = (u32::from_le_bytes(rest.take()?), rest.take()?);
    let (fetched_at, fresh_until) = (rest.time()?, rest.time()?);
    let etag = rest.etag()?;
    record.set = (len > 0).then_some(SetRecord { digest, len, fetched_at, fresh_until, etag });
    rest.0.is_empty().then_some(record)
}

/// Whether a value can be kept and sent back: an entity tag (RFC 9110 section 8.8.3) of visible ASCII, at most 256 bytes.
pub(super) fn is_etag(value: &str) -> bool {
    let opaque = value.strip_prefix("W/").unwrap_or(value);
    let quoted = opaque.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    value.len() <= MAX_ETAG && quoted.is_some_and(|tag| tag.bytes().all(|b| b.is_ascii_graphic() && b != b'"'))
}

fn put(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn count<T>(list: &[T]) -> u8 {
    u8::try_from(list.len()).unwrap_or(u8::MAX)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn time(&mut self) -> Option<Timestamp> {
        self.number().map(Timestamp::from_millis)
    }

    /// The length of a list of at most `most`.
    fn count(&mut self, most: usize) -> Option<u8> {
        let [count] = self.take()?;
        (usize::from(count) <= most).then_some(count)
    }

    fn etag(&mut self) -> Option<Option<Etag>> {
        let url = self.take()?;
        let len = usize::from(u16::from_le_bytes(self.take()?));
        let (value, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        let value = std::str::from_utf8(value).ok()?.to_owned();
        match len {
            0 => Some(None),
            _ => is_etag(&value).then_some(Some(Etag { url, value })),
        }
    }
}
