//! An Envoy whose keys live as briefly as the configuration allows, and its key server.

use std::time::{Duration, Instant};

use claimgate_tests::{Algorithm, Endpoint, Envoy, Provider, SigningKey, Template, Upstream, WORKFORCE, module, now};
use serde_json::json;

/// The longest that a set is used which nobody confirms.
pub(crate) const MAX_STALE: Duration = Duration::from_secs(8);

/// The longest that anything may take that must happen some time.
const PATIENCE: Duration = Duration::from_secs(20);

const FETCHES: &str = "wasmcustom.claimgate.issuer.workforce.keys.fetches.outcome.";

/// An Envoy, its key server and its service.
pub(crate) struct Gate {
    pub(crate) provider: Provider,
    pub(crate) envoy: Envoy,
    _upstream: Upstream,
}

impl Gate {
    /// `envoy/minimal.yaml` with two workers and keys that are fresh for so long.
    pub(crate) fn start(ttl: Duration) -> Self {
        let provider = Provider::start_with(&format!("https://{WORKFORCE}"), key(0)).expect("the key server starts");
        let upstream = Upstream::start().expect("the service starts");
        let configuration = json!({
            "issuers": [{
                "name": "workforce",
                "issuer": provider.issuer(),
                "keys": {
                    "jwks_uri": provider.jwks_uri(), "cluster": "workforce", "timeout": "1s",
                    "ttl": format!("{}s", ttl.as_secs()), "max_stale": format!("{}s", MAX_STALE.max(ttl).as_secs()),
                    "unknown_kid_cooldown": "1s",
                },
                "audiences": ["orders"],
            }],
            "audit": "none",
        });
        let template = Template::example("minimal").expect("the file is there").module(&module());
        let template = template.upstream(upstream.address()).provider(WORKFORCE, provider.address());
        let envoy = Envoy::start(&template.configuration(&configuration.to_string()));
        Self { envoy: envoy.unwrap_or_else(|error| panic!("{error}")), provider, _upstream: upstream }
    }

    /// A good token under this key, whether it is published or not.
    pub(crate) fn token(&self, key: &SigningKey) -> String {
        key.token(&self.provider.claims(now(), json!({"aud": "orders"})))
    }

    /// How many requests for its keys the provider has had.
    pub(crate) fn asked(&self) -> usize {
        self.provider.requests(Endpoint::Jwks)
    }

    /// How many fetches ended in one of these ways, by the filter's own counters of both workers.
    pub(crate) fn fetches(&self, outcomes: &[&str]) -> u64 {
        let stats = self.envoy.stats().expect("Envoy tells its counters");
        let ended = stats.iter().filter_map(|(name, count)| Some((name.strip_prefix(FETCHES)?, count)));
        ended.filter(|(label, _)| outcomes.contains(label)).map(|(_, count)| count).sum()
    }

    /// What the filter has logged.
    pub(crate) fn log(&self) -> String {
        let log = self.envoy.log();
        log.lines().filter(|line| line.contains("wasm log")).map(|line| format!("{line}\n")).collect()
    }

    /// Waits until something has happened.
    pub(crate) fn until(&self, what: &str, happened: impl Fn() -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !happened() {
            assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for another fetch that ends in one of these ways.
    pub(crate) fn until_fetch(&self, outcomes: &[&str]) {
        let before = self.fetches(outcomes);
        self.until(&format!("a fetch that is {outcomes:?}"), || self.fetches(outcomes) > before);
    }

    /// Waits for another request to the provider; answers with a moment just before and one just after it.
    pub(crate) fn until_asked(&self) -> (Instant, Instant) {
        let before = self.asked();
        let mut earlier = Instant::now();
        let deadline = earlier + PATIENCE;
        loop {
            let looked = Instant::now();
            if self.asked() > before {
                return (earlier, Instant::now());
            }
            assert!(looked < deadline, "the key server is not asked\n{}", self.log());
            earlier = looked;
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// A key of the provider.
pub(crate) fn key(number: u8) -> SigningKey {
    SigningKey::numbered(Algorithm::Es256, number)
}
