//! The gate as the module runs it: configuration, keys that were fetched, tokens that are remembered.

use std::time::UNIX_EPOCH;

use claimgate_core::config::Config;
use claimgate_core::explain::Silent;
use claimgate_core::gate::{Gate, Verdict, decide};
use claimgate_core::jwks::{Answer, Effect, Event, NoShared};
use claimgate_core::keyring::KeyRing;
use claimgate_core::remembered::TokenMemory;
use claimgate_core::request::Request;
use claimgate_core::time::Timestamp;
use claimgate_core::verify::OwnCode;
use serde_json::{Value, json};

use crate::draft::{AUDIENCE, ISSUER, SKEW, clock};

/// A worker for each of our back ends; they always agree.
pub(crate) struct Ours([Worker; 2]);

struct Worker {
    config: Config,
    keys: KeyRing,
    memory: TokenMemory,
}

impl Ours {
    /// Keys as the issuer serves them.
    pub(crate) fn fetched(jwks: &str) -> Self {
        let uri = json!({"jwks_uri": "https://idp.example/keys", "cluster": "idp"});
        let mut ours = ["wasm", "library"].map(|crypto| Worker::configured(crypto, &uri, Value::Null));
        ours.iter_mut().for_each(|worker| worker.fetch(jwks));
        Self(ours)
    }

    /// Secrets stand in the configuration or nowhere.
    pub(crate) fn inline(jwks: &str) -> Self {
        let keys: Value = serde_json::from_str(jwks).expect("a key set");
        let (keys, algorithms) = (json!({"inline": keys}), json!(["HS256", "HS384", "HS512"]));
        Self(["wasm", "library"].map(|crypto| Worker::configured(crypto, &keys, algorithms.clone())))
    }

    /// Whether a request with this token goes on as somebody's.
    pub(crate) fn admits(&mut self, token: &[u8]) -> bool {
        let [own, library] = self.0.each_mut().map(|worker| worker.admits(token));
        assert_eq!(own, library, "the back ends differ: {}", String::from_utf8_lossy(token));
        own
    }
}

impl Worker {
    fn configured(crypto: &str, keys: &Value, algorithms: Value) -> Self {
        let mut issuer = json!({"name": "main", "issuer": ISSUER, "audiences": [AUDIENCE], "keys": keys});
        if !algorithms.is_null() {
            issuer["algorithms"] = algorithms;
        }
        let config = json!({
            "issuers": [issuer], "token_sources": [{"header": "x-token"}], "clock_skew": format!("{SKEW}s"),
            "crypto": crypto,
        });
        let config = Config::parse(config.to_string().as_bytes());
        let (config, _) = config.unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let (keys, memory) = (KeyRing::new(&config, 1), TokenMemory::new(&config.limits));
        Self { config, keys, memory }
    }

    fn fetch(&mut self, jwks: &str) {
        let now = now();
        let keys = self.keys.remote_mut(0).expect("keys that are fetched");
        let mut asked = 0;
        for effect in keys.handle(now, &mut NoShared, Event::Tick) {
            let Effect::Dispatch(callout) = effect else { continue };
            let headers = [(b":status".to_vec(), b"200".to_vec())];
            let answer = Answer { headers: &headers, body: jwks.as_bytes() };
            keys.handle(now, &mut NoShared, Event::Answered { ticket: callout.ticket, answer });
            asked += 1;
        }
        assert_eq!(asked, 1);
    }

    /// What was admitted is so again when it is remembered.
    fn admits(&mut self, token: &[u8]) -> bool {
        let first = self.decides(token);
        assert!(!first || self.decides(token), "a remembered token is refused: {}", String::from_utf8_lossy(token));
        first
    }

    fn decides(&mut self, token: &[u8]) -> bool {
        let headers: [(&[u8], &[u8]); 4] =
            [(b":method", b"GET"), (b":path", b"/"), (b":authority", b"api.example"), (b"x-token", token)];
        let request = Request::from_headers(&headers, None).expect("a request");
        let mut gate = Gate {
            config: &self.config,
            keys: &self.keys,
            memory: &mut self.memory,
            verifier: &mut OwnCode,
            trace: &mut Silent,
            now: now(),
        };
        match decide(&mut gate, &request).verdict {
            Verdict::Admit(admission) => {
                assert!(admission.token.is_some(), "nobody's request went on");
                true
            }
            Verdict::Refuse(_) | Verdict::WaitForKeys(..) => false,
            Verdict::Answer(resource) => panic!("{}", resource.document),
            Verdict::Report(refusal) => panic!("no rule only reports: {refusal:?}"),
        }
    }
}

fn now() -> Timestamp {
    let now = clock().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp::from_millis(u64::try_from(now.as_millis()).expect("milliseconds"))
}
