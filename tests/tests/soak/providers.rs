//! The identity providers: what they publish, how they fail, and what of it reached a worker.

use std::collections::VecDeque;
use std::sync::OnceLock;
use std::time::Duration;

use claimgate_tests::{Algorithm, SigningKey};
use host_sim::{CalloutOutcome, CalloutResponse};
use serde_json::{Value, json};

use crate::random::Random;

/// The first two publish their keys, the second by way of a discovery document; the third's are in the configuration.
pub(crate) const ISSUERS: [&str; 3] = ["https://first.example", "https://second.example", "https://fixed.example"];
pub(crate) const FIXED: usize = 2;
pub(crate) const MAX_STALE: Duration = Duration::from_secs(120);

/// How many different secrets the providers use; those behind them are an attacker's.
const OWN: usize = 60;

/// Every signing key there is: the providers' and, from [`OWN`] on, an attacker's.
pub(crate) fn materials() -> &'static [SigningKey] {
    static MATERIALS: OnceLock<Vec<SigningKey>> = OnceLock::new();
    MATERIALS.get_or_init(|| {
        let of = |n: u8| if n % 4 == 3 { Algorithm::Es256 } else { Algorithm::EdDsa };
        (0..OWN as u8 + 4).map(|n| SigningKey::numbered(of(n), n)).collect()
    })
}

/// A key as it is published: its secret, and the kid it goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) kid: u32,
    pub(crate) material: usize,
}

impl Key {
    /// What the attacker signs with under this kid.
    pub(crate) fn stranger(self, random: &mut Random) -> Key {
        Key { material: OWN + random.below(4), ..self }
    }

    pub(crate) fn jwk(self) -> Value {
        let mut jwk = materials()[self.material].jwk();
        jwk["kid"] = self.kid_text().into();
        jwk
    }

    pub(crate) fn kid_text(self) -> String {
        format!("kid-{}", self.kid)
    }
}

/// What a provider does when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    Slow,
    Down,
    Wrong,
}

/// One provider whose keys are fetched.
pub(crate) struct Provider {
    issuer: &'static str,
    /// Every set it ever published; the last is the current one.
    pub(crate) sets: Vec<Vec<Key>>,
    pub(crate) mood: Mood,
    kids: u32,
    /// Sets that reached a worker, oldest first.
    pub(crate) deliveries: VecDeque<Delivery>,
    pub(crate) rotations: u64,
}

/// A set that a worker was given, or told to be the current one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delivery {
    pub(crate) asked: Duration,
    pub(crate) at: Duration,
    pub(crate) set: usize,
    /// How far the wall clock had been set back by then.
    pub(crate) back: Duration,
}

/// An answer on its way, and the set in it if it is a good one.
pub(crate) struct Reply {
    pub(crate) after: Duration,
    pub(crate) outcome: CalloutOutcome,
    pub(crate) set: Option<usize>,
    pub(crate) kind: &'static str,
}

impl Provider {
    pub(crate) fn new(issuer: &'static str) -> Provider {
        let first = Key { kid: 0, material: 0 };
        Provider {
            issuer,
            sets: vec![vec![first]],
            mood: Mood::Well,
            kids: 1,
            deliveries: VecDeque::new(),
            rotations: 0,
        }
    }

    pub(crate) fn current(&self) -> &[Key] {
        self.sets.last().map_or(&[], Vec::as_slice)
    }

    /// A new key, the old one gone, or another secret under the same kid.
    pub(crate) fn rotate(&mut self, random: &mut Random) {
        let mut set = self.current().to_vec();
        match random.below(4) {
            0 if set.len() > 1 => drop(set.remove(random.below(set.len()))),
            1 => {
                let at = random.below(set.len());
                set[at].material = (set[at].material + 1) % OWN;
            }
            _ => {
                set.push(Key { kid: self.kids, material: random.below(OWN) });
                self.kids += 1;
            }
        }
        if set.len() > 4 {
            set.remove(0);
        }
        self.sets.push(set);
        self.rotations += 1;
    }

    /// How it answers a request for one of its documents.
    pub(crate) fn answer(&self, path: &str, if_none_match: Option<&str>, random: &mut Random) -> Reply {
        let soon = Duration::from_millis(random.between(1, 80));
        match self.mood {
            Mood::Well if random.one_in(40) => self.failure(path, random),
            Mood::Well => self.truth(path, if_none_match, soon, random),
            Mood::Slow => self.truth(path, if_none_match, Duration::from_millis(random.between(200, 7000)), random),
            Mood::Down => {
                let outcomes = [CalloutOutcome::ConnectFailure, CalloutOutcome::Reset, CalloutOutcome::Timeout];
                let kinds = ["refused connection", "reset", "timeout"];
                let which = random.below(3);
                Reply { after: soon, outcome: outcomes[which].clone(), set: None, kind: kinds[which] }
            }
            Mood::Wrong => self.failure(path, random),
        }
    }

    fn truth(&self, path: &str, if_none_match: Option<&str>, after: Duration, random: &mut Random) -> Reply {
        if path.contains("well-known") {
            let document = json!({"issuer": self.issuer, "jwks_uri": format!("{}/keys", self.issuer)});
            let outcome = response(200, &[], document.to_string().into_bytes());
            return Reply { after, outcome, set: None, kind: "discovery document" };
        }
        let set = self.sets.len() - 1;
        let tag = format!("\"{set}\"");
        let life = *random.pick(&["max-age=0", "max-age=60", "max-age=99999999", "no-store", ""]);
        let headers = [("etag", tag.as_str()), ("cache-control", life)];
        if if_none_match == Some(tag.as_str()) {
            return Reply { after, outcome: response(304, &headers, Vec::new()), set: Some(set), kind: "not modified" };
        }
        Reply { after, outcome: response(200, &headers, self.body()), set: Some(set), kind: "key set" }
    }

    /// The current set, among what a filter has to skip. The number makes every set another text.
    fn body(&self) -> Vec<u8> {
        let mut keys: Vec<Value> = self.current().iter().map(|key| key.jwk()).collect();
        keys.push(json!({"kty": "oct", "kid": "symmetric", "k": "c2VjcmV0"}));
        keys.push(json!({"kty": "EC", "crv": "P-256", "kid": "nowhere", "x": "AA", "y": "AA"}));
        json!({"keys": keys, "number": self.sets.len()}).to_string().into_bytes()
    }

    fn failure(&self, path: &str, random: &mut Random) -> Reply {
        let after = Duration::from_millis(random.between(1, 300));
        let body = self.body();
        let whole = CalloutResponse { status: 200, body: body.clone(), ..CalloutResponse::default() };
        let (kind, outcome) = match random.below(9) {
            0 => ("status 500", response(500, &[], b"not today".to_vec())),
            1 => ("redirect", response(302, &[("location", "https://evil.example/keys")], Vec::new())),
            2 => ("HTML", response(200, &[("content-type", "text/html")], b"<html>".to_vec())),
            3 => ("no keys", response(200, &[], br#"{"keys":[]}"#.to_vec())),
            4 => ("empty", response(200, &[], Vec::new())),
            5 => ("too large", response(200, &[], vec![b' '; 300 * 1024])),
            6 => ("truncated", CalloutOutcome::Truncated(whole)),
            7 => ("half a set", response(200, &[("content-length", "9999")], body[..body.len() / 2].to_vec())),
            _ if path.contains("well-known") => {
                let document = json!({"issuer": "https://evil.example", "jwks_uri": "https://evil.example/keys"});
                ("another issuer's document", response(200, &[], document.to_string().into_bytes()))
            }
            _ => ("status 404", response(404, &[], Vec::new())),
        };
        Reply { after, outcome, set: None, kind }
    }
}

fn response(status: u16, headers: &[(&str, &str)], body: Vec<u8>) -> CalloutOutcome {
    let headers = headers.iter().filter(|(_, value)| !value.is_empty());
    let headers = headers.map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect();
    CalloutOutcome::Response(CalloutResponse { status, headers, body, trailers: Vec::new() })
}
