//! The keys of all issuers of one configuration, in one worker.

use crate::config::Config;
use crate::issuer::{Issuer, IssuerId, KeySource};
use crate::jwks::{Jwks, Missing};
use crate::keyset::KeySet;
use crate::time::Timestamp;

/// For each issuer its keys, or nothing where they stand in the configuration.
pub struct KeyRing(Vec<Option<Jwks>>);

impl KeyRing {
    /// The keys of a configuration, none fetched yet. `seed` wants to differ between workers and processes.
    pub fn new(config: &Config, seed: u64) -> Self {
        let jwks = |(id, issuer): (IssuerId, &Issuer)| match &issuer.keys {
            KeySource::Inline(_) => None,
            KeySource::Remote(remote) => {
                let own = u64::try_from(id).unwrap_or(u64::MAX).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                Some(Jwks::new(remote.as_ref().clone(), issuer.admission, seed ^ own))
            }
        };
        Self(config.issuers.iter().map(jwks).collect())
    }

    /// The keys to verify an issuer's tokens with; nothing while there are none to be had.
    pub fn usable<'k>(&'k self, id: IssuerId, issuer: &'k Issuer, now: Timestamp) -> Option<&'k KeySet> {
        match &issuer.keys {
            KeySource::Inline(keys) => Some(keys),
            KeySource::Remote(_) => self.remote(id)?.usable(now),
        }
    }

    /// What a request may expect whose key is not among the usable ones.
    pub fn missing(&self, id: IssuerId, now: Timestamp, kid: Option<&str>) -> Missing {
        self.remote(id).map_or(Missing::Absent, |jwks| jwks.missing(now, kid))
    }

    /// Moves whenever an issuer's keys change.
    pub fn generation(&self, id: IssuerId) -> u64 {
        self.remote(id).map_or(0, Jwks::generation)
    }

    /// An issuer's fetched keys.
    pub fn remote(&self, id: IssuerId) -> Option<&Jwks> {
        self.0.get(id)?.as_ref()
    }

    /// An issuer's fetched keys, to tell them what happened.
    pub fn remote_mut(&mut self, id: IssuerId) -> Option<&mut Jwks> {
        self.0.get_mut(id)?.as_mut()
    }

    /// Every issuer whose keys are fetched.
    pub fn remote_ids(&self) -> Vec<IssuerId> {
        self.0.iter().enumerate().filter(|(_, jwks)| jwks.is_some()).map(|(id, _)| id).collect()
    }
}
