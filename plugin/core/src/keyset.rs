//! The keys of one issuer (RFC 7517 section 5), and which of them may verify a token.

use crate::algorithm::{Algorithm, Algorithms};
use crate::issuer::fits_template;
use crate::json::{Document, Kind, Value};
pub use crate::jwk::{Admission, Jwk, Origin, SkipReason};
use claimgate_signatures::Preparation;
use std::collections::BTreeMap;

/// More keys than this in one set, and it is refused: admitting a key costs time.
pub const MAX_KEYS: usize = 128;

/// A token without `kid` is tried against no more keys than this.
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
    /// More than [`MAX_KEYS`] keys.
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
    /// The key of that `kid` does not fit the token's algorithm or issuer.
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
    /// Admits what can be used of a key set, and counts what cannot.
    ///
    /// # Errors
    /// Says why the document as a whole is refused.
    pub fn parse(body: &[u8], admission: &Admission) -> Result<Self, KeySetError> {
        let document = Document::parse(body).map_err(|_| KeySetError::NotJson)?;
        let keys = document.root().member("keys").filter(|keys| keys.kind() == Kind::Array);
        let keys = keys.ok_or(KeySetError::NotAKeySet)?;
        if keys.elements().count() > MAX_KEYS {
            return Err(KeySetError::TooManyKeys);
        }
        let mut set = Self { keys: Vec::new(), skipped: Vec::new() };
        let ambiguous = repeated_kids(keys);
        for jwk in keys.elements() {
            match Jwk::admit(jwk, admission) {
                Ok(key) if key.kid.as_deref().is_some_and(|kid| ambiguous.contains_key(kid)) => {
                    set.skip(SkipReason::DuplicateKid);
                }
                Ok(key) => set.keys.push(key),
                Err(reason) => set.skip(reason),
            }
        }
        set.drop_symmetric_beside_asymmetric();
        if set.keys.is_empty() { Err(KeySetError::NoUsableKey) } else { Ok(set) }
    }

    /// How many keys can be used: at least one.
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

    /// The keys for a token: the one with its `kid`, else those few that fit. `bound_to` is the token's `iss` where the
    /// provider binds each key to one (Entra); such a key verifies no other issuer's token.
    pub fn choose(&self, algorithm: Algorithm, kid: Option<&str>, bound_to: Option<&str>) -> Choice<'_> {
        let fits = |key: &Jwk| key.fits(algorithm) && may_vouch(key, bound_to);
        let mut tried = [None; MAX_TRIED];
        if let Some(kid) = kid {
            return match self.keys.iter().find(|key| key.kid.as_deref() == Some(kid)) {
                None => Choice::Unknown,
                Some(key) if !fits(key) => Choice::Unfit,
                Some(key) => {
                    tried[0] = Some(key);
                    Choice::Try(tried)
                }
            };
        }
        let mut fitting = self.keys.iter().filter(|key| fits(key));
        for slot in &mut tried {
            *slot = fitting.next();
        }
        match (fitting.next(), tried) {
            (Some(_), _) => Choice::TooMany,
            (None, [None, ..]) => Choice::Unknown,
            (None, tried) => Choice::Try(tried),
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
        let before = self.keys.len();
        self.keys.retain(|key| !key.symmetric);
        for _ in self.keys.len()..before {
            self.skip(SkipReason::Symmetric);
        }
    }
}

/// RFC 7517 section 4.5 lets distinct keys share a `kid`; which one is meant would be a guess, so none of them is used.
fn repeated_kids(keys: Value<'_>) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for kid in keys.elements().filter_map(|key| key.member("kid")?.as_str()) {
        let count: &mut u32 = counts.entry(kid.into_owned()).or_default();
        *count = count.saturating_add(1);
    }
    counts.retain(|_, count| *count > 1);
    counts
}

fn may_vouch(key: &Jwk, bound_to: Option<&str>) -> bool {
    match (bound_to, key.issuer.as_deref()) {
        (Some(issuer), Some(own)) => own == issuer || fits_template(own, issuer).is_some(),
        _ => true,
    }
}

#[cfg(test)]
mod tests;
