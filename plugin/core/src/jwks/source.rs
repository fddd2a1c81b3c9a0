//! Where an issuer's keys come from, and how long they may be relied on.

use super::url::{Scheme, Url};
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// A SHA-256 digest.
pub(super) type Digest = [u8; 32];

/// The remote source of one issuer's keys. Everything that a fetch is aimed at is in here and nothing else is: no byte
/// of a token or a request reaches a fetch.
#[derive(Clone, Debug)]
pub struct Remote {
    /// The configured issuer, which a discovery document must repeat byte for byte.
    pub issuer: String,
    /// Where to ask.
    pub location: Location,
    /// How long a set counts as fresh. An answer's `Cache-Control` may shorten this, down to a minute; nothing lengthens it.
    pub ttl: Duration,
    /// How long after its fetch a set may be used when no later fetch succeeds.
    pub max_stale: Duration,
    /// How long one callout may take.
    pub timeout: Duration,
    /// The least time between two refreshes caused by unknown kids.
    pub unknown_kid_cooldown: Duration,
    /// The largest answer that is read, in bytes.
    pub max_bytes: usize,
    /// Whether `http` is allowed.
    pub allow_insecure: bool,
    /// Whether to ask with `If-None-Match`; false on a host that cannot take a 304.
    pub conditional: bool,
    /// Whatever else decides which keys are admitted, spelled out, such as the algorithms. Two configurations that differ
    /// in it, or in any field above, share nothing.
    pub admits: String,
}

/// One of the two ways to find the keys.
#[derive(Clone, Debug)]
pub enum Location {
    /// At a known address.
    Keys(Endpoint),
    /// At the address in a discovery document.
    Discovery {
        /// The document.
        document: Endpoint,
        /// The cluster that answers for the `jwks_uri`, whatever it is.
        keys_cluster: String,
        /// The hosts that the `jwks_uri` may be on: `host`, or `host:port`.
        keys_hosts: Vec<String>,
    },
}

/// A URL and the host's name for the servers behind it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    /// What is asked for.
    pub url: Url,
    /// Who is asked: a cluster name in Envoy, `host:port` in nginx.
    pub cluster: String,
}

impl Remote {
    /// Whether a URL's scheme is allowed.
    pub fn allows(&self, scheme: Scheme) -> bool {
        scheme == Scheme::Https || self.allow_insecure
    }

    /// How many callouts one fetch takes.
    pub(super) fn callouts(&self) -> u32 {
        match self.location {
            Location::Keys(_) => 1,
            Location::Discovery { .. } => 2,
        }
    }

    /// What tells this source from every other, and so names its entries in shared data.
    pub(super) fn binding(&self) -> Digest {
        let Self { issuer, location, ttl, max_stale, timeout, unknown_kid_cooldown, .. } = self;
        let mut fields = vec![issuer.clone(), self.admits.clone()];
        match location {
            Location::Keys(keys) => fields.extend([String::from("keys"), keys.url.to_string(), keys.cluster.clone()]),
            Location::Discovery { document, keys_cluster, keys_hosts } => {
                fields.extend([String::from("discovery"), document.url.to_string(), document.cluster.clone()]);
                fields.push(keys_cluster.clone());
                fields.extend_from_slice(keys_hosts);
            }
        }
        fields.extend([ttl, max_stale, timeout, unknown_kid_cooldown].map(|span| span.as_millis().to_string()));
        fields.push(format!("{} {} {}", self.max_bytes, self.allow_insecure, self.conditional));
        let mut hash = Sha256::new();
        for field in fields {
            // With its length before it, so that no two lists of fields are spelled alike.
            hash.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_le_bytes());
            hash.update(field);
        }
        hash.finalize().into()
    }
}

pub(super) fn sha256(bytes: &[u8]) -> Digest {
    Sha256::digest(bytes).into()
}
