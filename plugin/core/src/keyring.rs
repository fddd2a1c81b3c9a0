//! The keys of all issuers of one configuration, in one worker.

use crate::algorithm::Algorithm;
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

    /// Does ahead, for so many keys, what the first verification with each would else do; see [`KeySet::prepare`]. Call it
    /// again for the others: what is ready costs nothing.
    pub fn prepare(&self, config: &Config, now: Timestamp, most: usize, own: impl Fn(Algorithm) -> bool) {
        let mut left = most;
        for (id, issuer) in config.issuers.iter() {
            let Some(keys) = self.usable(id, issuer, now) else { continue };
            let Some(prepared) = keys.prepare(left, &own) else { return };
            left = left.saturating_sub(prepared);
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

    /// Every issuer's fetched keys.
    pub fn fetched(&self) -> impl Iterator<Item = &Jwks> {
        self.0.iter().flatten()
    }

    /// Every issuer whose keys are fetched.
    pub fn remote_ids(&self) -> Vec<IssuerId> {
        self.0.iter().enumerate().filter(|(_, jwks)| jwks.is_some()).map(|(id, _)| id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestKey, config, json, key_set, merge, one_issuer};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_keys_of_many_issuers_are_prepared_so_many_at_a_time_until_there_is_room_for_no_more() {
        let issuer = |number: u8| {
            let keys: Vec<TestKey> = (1..=8).map(|key| TestKey::Es256(8 * number + key)).collect();
            let name = format!("i{number}");
            json!({"name": name, "issuer": format!("https://{name}.example"), "audiences": ["api"],
                "keys": {"inline": key_set(&keys)}})
        };
        let config = config(&json!({"issuers": (0..6).map(issuer).collect::<Vec<_>>()}));
        let ring = KeyRing::new(&config, 7);
        let prepare = |most| ring.prepare(&config, Timestamp::from_millis(1), most, |_| true);
        let left = |id| config.issuers.get(id).and_then(|issuer| ring.usable(id, issuer, Timestamp::from_millis(1)));
        let left = |id| left(id).and_then(|keys| keys.prepare(100, |_| true));
        prepare(12);
        prepare(12);
        assert_eq!([left(0), left(1), left(2)], [Some(0), Some(0), Some(0)]);
        prepare(12);
        assert_eq!(left(4), Some(4));
        prepare(usize::MAX);
        assert_eq!(left(5), None);
    }

    #[test]
    fn only_keys_that_are_fetched_have_a_life() {
        let mut remote = one_issuer();
        let keys = json!({"jwks_uri": "https://second.example/keys", "cluster": "second"});
        merge(
            &mut remote,
            json!({"name": "second", "issuer": "https://second.example", "algorithms": null, "keys": keys}),
        );
        let config = config(&json!({"issuers": [one_issuer(), remote]}));
        let mut ring = KeyRing::new(&config, 7);
        let now = Timestamp::from_millis(1);
        assert_eq!(ring.remote_ids(), [1]);
        assert!(ring.remote(0).is_none() && ring.remote_mut(1).is_some() && ring.remote(2).is_none());
        assert_eq!((ring.generation(0), ring.generation(1)), (0, 0));
        let usable = |id| ring.usable(id, config.issuers.get(id).unwrap(), now).map(KeySet::count);
        assert_eq!((usable(0), usable(1)), (Some(1), None));
        assert_eq!((ring.missing(0, now, Some("k")), ring.missing(1, now, None)), (Missing::Absent, Missing::MayWait));
    }
}
