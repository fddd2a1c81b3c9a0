//! Tokens that were verified already, so that a repeated one costs a look-up.
//!
//! Only successes are kept, each stamped with the generation of the keys that proved it; time and the route are looked at
//! on every request all the same. A new token goes into a small queue and moves to the large one only when it is used
//! again before it reaches the end: a flood of one-time tokens pushes out one-time tokens and nothing else.

use crate::bytes::same;
use crate::claims::{AcceptedToken, CurrentClaims};
use crate::config::{Config, Limits};
use crate::header::HeaderValue;
use crate::identity::Identity;
use crate::issuer::Issuer;
use crate::refusal::Reason;
use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

/// A token's accepted claims, and who it stands for once that was found out.
#[derive(Debug)]
pub struct KnownToken {
    accepted: AcceptedToken,
    caller: OnceCell<Caller>,
}

/// Who a token stands for, and the headers that say so.
#[derive(Debug)]
pub struct Caller {
    /// The identity.
    pub identity: Identity,
    /// Its headers.
    pub headers: Vec<(Rc<str>, HeaderValue)>,
}

/// The memory of one worker under one configuration.
#[derive(Debug)]
pub struct TokenMemory {
    entries: usize,
    bytes: usize,
    known: HashMap<Tail, Entry, BuildHasherDefault<AsItIs>>,
    fresh: Queue,
    proven: Queue,
}

/// What a token is looked up by before its whole text is compared: the end of its text, which is its signature and as
/// random as a hash. Only issuers can choose what is kept, so nobody else can make two of them meet; where two do meet, the
/// later one takes the earlier one's place.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
struct Tail(u64);

/// The hash of a tail, which is one already.
#[derive(Default)]
struct AsItIs(u64);

/// Tokens in the order in which they will be dropped, and how many bytes their entries take up.
#[derive(Debug, Default)]
struct Queue {
    tails: VecDeque<Tail>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    text: Box<[u8]>,
    token: Rc<KnownToken>,
    generation: u64,
    bytes: usize,
    hits: Cell<u8>,
    proven: bool,
}

impl KnownToken {
    /// Wraps an accepted token.
    pub fn new(accepted: AcceptedToken) -> Self {
        Self { accepted, caller: OnceCell::new() }
    }

    /// The accepted token.
    pub fn accepted(&self) -> &AcceptedToken {
        &self.accepted
    }

    /// Who it stands for, where that was found out.
    pub fn caller(&self) -> Option<&Caller> {
        self.caller.get()
    }

    /// Who it stands for.
    ///
    /// # Errors
    /// A claim that an identity is made of has the wrong type, or there is too much of it.
    pub fn caller_of(&self, claims: &CurrentClaims<'_>, issuer: &Issuer, config: &Config) -> Result<&Caller, Reason> {
        if let Some(caller) = self.caller.get() {
            return Ok(caller);
        }
        let identity = Identity::of(claims, issuer, config)?;
        let headers = config.identity_headers.values(&identity, claims)?;
        Ok(self.caller.get_or_init(|| Caller { identity, headers }))
    }

    fn bytes(&self) -> usize {
        let headers = self.caller.get().map_or(0, |caller| {
            let pair = size_of::<(Rc<str>, HeaderValue)>();
            let of = |(_, value): &(Rc<str>, HeaderValue)| pair.saturating_add(value.as_str().len());
            caller.headers.iter().map(of).sum::<usize>().saturating_add(caller.identity.bytes())
        });
        self.accepted.token().bytes().saturating_add(headers).saturating_add(size_of::<Self>())
    }
}

impl TokenMemory {
    /// An empty memory.
    pub fn new(limits: &Limits) -> Self {
        Self {
            entries: limits.remembered_entries,
            bytes: limits.remembered_bytes,
            known: HashMap::default(),
            fresh: Queue::default(),
            proven: Queue::default(),
        }
    }

    /// The token of exactly this text, if it was proven by keys that are still the current ones. `generation` tells the
    /// current generation of an issuer's keys.
    pub fn recall(&self, text: &[u8], generation: impl FnOnce(&KnownToken) -> u64) -> Option<Rc<KnownToken>> {
        let entry = self.known.get(&Tail::of(text))?;
        if !same(&entry.text, text) || entry.generation != generation(&entry.token) {
            return None;
        }
        entry.hits.set(entry.hits.get().saturating_add(1).min(3));
        Some(Rc::clone(&entry.token))
    }

    /// Keeps a token that was just proven by keys of that generation.
    pub fn remember(&mut self, text: &[u8], token: &Rc<KnownToken>, generation: u64) {
        let bytes = text.len().saturating_add(token.bytes()).saturating_add(size_of::<Entry>()).saturating_add(64);
        if self.entries == 0 || bytes > self.bytes / 4 {
            return;
        }
        let tail = Tail::of(text);
        self.forget(tail);
        let (token, hits) = (Rc::clone(token), Cell::new(0));
        self.known.insert(tail, Entry { text: text.into(), token, generation, bytes, hits, proven: false });
        self.fresh.push(tail, bytes);
        while self.known.len() > self.entries || self.used_bytes() > self.bytes {
            self.make_room();
        }
    }

    /// How many tokens are remembered.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// How many bytes they take up.
    pub fn used_bytes(&self) -> usize {
        self.fresh.bytes.saturating_add(self.proven.bytes)
    }

    /// Forgets what is there: the same text under an older generation, or one with the same end.
    fn forget(&mut self, tail: Tail) {
        let Some(old) = self.known.remove(&tail) else { return };
        let queue = if old.proven { &mut self.proven } else { &mut self.fresh };
        queue.tails.retain(|other| *other != tail);
        queue.bytes = queue.bytes.saturating_sub(old.bytes);
    }

    /// Drops one entry, or moves one on: from the small queue while it holds more than a tenth of what there is room for,
    /// the newest entry excepted, else from the large one.
    fn make_room(&mut self) {
        let large = self.fresh.tails.len() > self.entries / 10 || self.fresh.bytes > self.bytes / 10;
        let from_fresh = large && self.fresh.tails.len() > 1 || self.proven.tails.is_empty();
        let queue = if from_fresh { &mut self.fresh } else { &mut self.proven };
        let Some(tail) = queue.tails.pop_front() else { return };
        let Some(entry) = self.known.get_mut(&tail) else { return };
        queue.bytes = queue.bytes.saturating_sub(entry.bytes);
        let hits = entry.hits.get();
        if hits > 0 {
            entry.hits.set(hits.saturating_sub(1));
            entry.proven = true;
            self.proven.push(tail, entry.bytes);
        } else {
            self.known.remove(&tail);
        }
    }
}

impl Queue {
    fn push(&mut self, tail: Tail, bytes: usize) {
        self.tails.push_back(tail);
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl Tail {
    fn of(text: &[u8]) -> Self {
        let words = text.as_rchunks::<8>().1.iter().rev().take(4).map(|word| u64::from_le_bytes(*word));
        let mix = |tail: u64, word: u64| (tail ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
        Self(words.fold(u64::try_from(text.len()).unwrap_or_default(), mix))
    }
}

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, tail: &[u8]) {
        self.0 = tail.first_chunk().map_or(0, |tail| u64::from_ne_bytes(*tail));
    }
}

#[cfg(test)]
mod tests;
