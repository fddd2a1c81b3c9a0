//! The keys of one issuer (RFC 7517 section 5), and which of them may verify a token.

use crate::algorithm::{Algorithm, Algorithms};
use crate::issuer::fits_template;
use crate::json::{Document, Kind, without_byte_order_mark};
pub use crate::jwk::{Admission, Jwk, Origin, SkipReason};
use claimgate_signatures::Preparation;

/// How many usable keys a set may have. Entries that are skipped do not count; `max_bytes` bounds those.
pub const MAX_KEYS: usize = 128;

/// How many keys a token is tried with at most.
pub const MAX_TRIED: usize = 4;

/// No more keys of one set than this are prepared ahead of their first use: a provider signs with one of a few, and one
/// that publishes a hundred must not keep a worker busy with them.
pub const MAX_PREPARED: usize = 8;

/// The usable keys of one issuer.
#[derive(Debug)]
pub struct KeySet {
    keys: Vec<Jwk>,
    skipped: Vec<(SkipReason, u32)>,
}

/// Why a document is refused as a key set.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum KeySetError {
    /// Not JSON, or with a member given twice.
    NotJson,
    /// Not an object with a `keys` array.
    NotAKeySet,
    /// More than [`MAX_KEYS`] usable keys.
    TooManyKeys,
    /// Not one key that can be used; also an empty set, which providers serve when they are broken.
    NoUsableKey,
}

/// Which keys a token may be verified with.
#[derive(Debug)]
pub enum Choice<'k> {
    /// These, in this order.
    Try([Option<&'k Jwk>; MAX_TRIED]),
    /// The set knows nothing by that `kid`, or without one nothing that fits: newer keys may help.
    Unknown,
    /// No key of that `kid` fits the token's algorithm and issuer.
    Unfit,
    /// No `kid`, and more than [`MAX_TRIED`] keys fit.
    TooMany,
}

impl KeySetError {
    /// Its name in metrics and logs.
    pub fn label(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::NotAKeySet => "not_a_key_set",
            Self::TooManyKeys => "too_many_keys",
            Self::NoUsableKey => "no_usable_key",
        }
    }
}

impl KeySet {
    /// Admits the usable keys of a set and counts the entries that are skipped.
    ///
    /// # Errors
    /// Says why the document as a whole is refused.
    pub fn parse(body: &[u8], admission: &Admission) -> Result<Self, KeySetError> {
        let set = Self::read(body, admission)?;
        if set.keys.is_empty() { Err(KeySetError::NoUsableKey) } else { Ok(set) }
    }

    /// As [`parse`](Self::parse), for a caller that reports the skipped entries of a set without a usable key as well.
    ///
    /// # Errors
    /// Never [`KeySetError::NoUsableKey`].
    pub(crate) fn read(body: &[u8], admission: &Admission) -> Result<Self, KeySetError> {
        let document = Document::parse(without_byte_order_mark(body)).map_err(|_| KeySetError::NotJson)?;
        let keys = document.root().member("keys").filter(|keys| keys.kind() == Kind::Array);
        let keys = keys.ok_or(KeySetError::NotAKeySet)?;
        let mut set = Self { keys: Vec::new(), skipped: Vec::new() };
        for jwk in keys.elements() {
            match Jwk::admit(jwk, admission) {
                Ok(key) => set.add(key),
                Err(reason) => set.skip(reason),
            }
            if set.keys.len() > MAX_KEYS {
                set.drop_symmetric_beside_asymmetric();
            }
            if set.keys.len() > MAX_KEYS {
                return Err(KeySetError::TooManyKeys);
            }
        }
        set.drop_symmetric_beside_asymmetric();
        set.drop_ambiguous_secrets();
        Ok(set)
    }

    /// How many keys can be used; at least one in a set from [`parse`](Self::parse).
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// How many keys were left out, by reason.
    pub fn skipped(&self) -> &[(SkipReason, u32)] {
        &self.skipped
    }

    /// Whether a key has that `kid`.
    pub fn has_kid(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid.as_deref() == Some(kid))
    }

    /// Returns the keys for a token: those that fit its algorithm and, where it names one, have its `kid`. Several keys may
    /// share a `kid` (RFC 7517 section 4.5); the first [`MAX_TRIED`] that fit are tried. `bound_to` is the token's `iss`
    /// where the provider binds each key to one (Entra); such a key verifies no other issuer's token.
    pub fn choose(&self, algorithm: Algorithm, kid: Option<&str>, bound_to: Option<&str>) -> Choice<'_> {
        let named = |key: &&Jwk| kid.is_none() || key.kid.as_deref() == kid;
        let fits = |key: &&Jwk| key.fits(algorithm) && may_vouch(key, bound_to);
        let mut fitting = self.keys.iter().filter(named).filter(fits);
        let mut tried = [None; MAX_TRIED];
        for slot in &mut tried {
            *slot = fitting.next();
        }
        match (tried, kid) {
            ([None, ..], Some(kid)) if self.has_kid(kid) => Choice::Unfit,
            ([None, ..], _) => Choice::Unknown,
            (_, None) if fitting.next().is_some() => Choice::TooMany,
            (tried, _) => Choice::Try(tried),
        }
    }

    /// Does ahead, for so many of the first [`MAX_PREPARED`] keys, what their first verification would else do: about a
    /// millisecond each. `own` says which algorithms this module's own code verifies. Answers how many took their time;
    /// nothing once as much was prepared as may be.
    pub fn prepare(&self, most: usize, own: impl Fn(Algorithm) -> bool) -> Option<usize> {
        let mut prepared: usize = 0;
        let verifies =
            |key: &&Jwk| Algorithms::asymmetric().iter().any(|algorithm| key.fits(algorithm) && own(algorithm));
        for key in self.keys.iter().filter(verifies).take(MAX_PREPARED) {
            if prepared == most {
                break;
            }
            match key.prepare() {
                Preparation::Ready => {}
                Preparation::Built => prepared = prepared.saturating_add(1),
                Preparation::NoRoom => return None,
            }
        }
        Some(prepared)
    }

    /// Takes a key in. Of entries that publish the same key one stays.
    fn add(&mut self, key: Jwk) {
        if !self.keys.iter().any(|known| known.covers(&key)) {
            self.keys.retain(|known| !key.covers(known));
            self.keys.push(key);
        }
    }

    fn skip(&mut self, reason: SkipReason) {
        match self.skipped.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.skipped.push((reason, 1)),
        }
    }

    fn drop_symmetric_beside_asymmetric(&mut self) {
        if self.keys.iter().all(|key| key.symmetric) {
            return;
        }
        self.drop(SkipReason::Symmetric, |key| key.symmetric);
    }

    /// Drops every secret of a `kid` that two secrets have for the same algorithm: secrets are never tried in turn.
    fn drop_ambiguous_secrets(&mut self) {
        let clash = |key: &Jwk, other: &Jwk| {
            let shared = |algorithm| key.fits(algorithm) && other.fits(algorithm);
            !std::ptr::eq(key, other) && key.kid == other.kid && Algorithms::all().iter().any(shared)
        };
        let secrets = self.keys.iter().filter(|key| key.symmetric && key.kid.is_some());
        let ambiguous = secrets.filter(|key| self.keys.iter().any(|other| clash(key, other)));
        let kids: Vec<_> = ambiguous.map(|key| key.kid.clone()).collect();
        self.drop(SkipReason::DuplicateKid, |key| kids.contains(&key.kid));
    }

    fn drop(&mut self, reason: SkipReason, which: impl Fn(&Jwk) -> bool) {
        let before = self.keys.len();
        self.keys.retain(|key| !which(key));
        for _ in self.keys.len()..before {
            self.skip(reason);
        }
    }
}

fn may_vouch(key: &Jwk, bound_to: Option<&str>) -> bool {
    match (bound_to, key.issuer.as_deref()) {
        (Some(issuer), Some(own)) => own == issuer || fits_template(own, issuer).is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
