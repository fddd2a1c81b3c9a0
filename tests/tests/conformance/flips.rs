//! One good token of each algorithm: every bit of its text and of its decoded parts flipped, every end cut off, and every
//! other last character of each part. All of it is refused by the module, whoever's code verifies.

use claimgate_tests::{Algorithm, SigningKey, Token};
use host_sim::{Host, Outcome, Request};
use serde_json::json;

use crate::layer::{encoded, module};

/// 2026-01-01T00:00:00Z, where the host's clock starts.
const NOW: u64 = 1_767_225_600;

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A worker that accepts one key's tokens.
struct Gate(Host);

impl Gate {
    fn accepting(key: &SigningKey, crypto: &str) -> Gate {
        let config = json!({"crypto": crypto, "issuers": [{
            "name": "main", "issuer": "https://idp.example", "audiences": ["api"],
            "keys": {"inline": {"keys": [key.jwk()]}},
        }]});
        let mut host = Host::builder(module()).now(NOW).build();
        host.configure(config.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        Gate(host)
    }

    fn admits(&mut self, token: &[u8]) -> bool {
        let request = Request::get("/orders").header("authorization", [b"Bearer ", token].concat());
        let outcome = self.0.request(0, request).outcome;
        self.0.take_log();
        match outcome {
            Outcome::Upstream(_) => true,
            Outcome::LocalReply(reply) => {
                assert!([400, 401].contains(&reply.status), "{}: {token:?}", reply.status);
                false
            }
            other => panic!("{other:?}: {token:?}"),
        }
    }

    /// Asks about each and counts them.
    fn refuses_all(&mut self, what: &str, tokens: impl Iterator<Item = Vec<u8>>) -> usize {
        let refused = tokens.inspect(|token| {
            assert!(!self.admits(token), "{what}: {}", String::from_utf8_lossy(token));
        });
        refused.count()
    }
}

/// The token with each bit of its text flipped.
fn flipped_text(good: &str) -> impl Iterator<Item = Vec<u8>> {
    (0..good.len() * 8).map(|bit| flipped(good.as_bytes(), bit))
}

/// The token with each bit of its header, payload and signature flipped, spelled canonically again.
fn flipped_parts(good: &Token) -> impl Iterator<Item = Vec<u8>> {
    let parts = [&good.header, &good.payload, &good.signature];
    let places = parts.map(|part| part.len() * 8).into_iter().enumerate();
    let places = places.flat_map(|(part, bits)| (0..bits).map(move |bit| (part, bit)));
    places.map(move |(at, bit)| {
        let spelled = |own: usize| if own == at { encoded(&flipped(parts[own], bit)) } else { encoded(parts[own]) };
        [spelled(0), spelled(1), spelled(2)].join(".").into_bytes()
    })
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

/// Every beginning and every end of the token.
fn cut(good: &str) -> impl Iterator<Item = Vec<u8>> {
    let beginnings = (0..good.len()).map(|end| good.as_bytes()[..end].to_vec());
    beginnings.chain((1..good.len()).map(|start| good.as_bytes()[start..].to_vec()))
}

/// Every other last character of each part: among them all other spellings of the same bytes.
fn other_last_characters(good: &str) -> impl Iterator<Item = Vec<u8>> {
    let ends = good.match_indices('.').map(|(dot, _)| dot - 1).chain([good.len() - 1]);
    ends.flat_map(|at| ALPHABET.iter().map(move |character| (at, *character))).filter_map(|(at, character)| {
        let mut token = good.as_bytes().to_vec();
        (token[at] != character).then(|| {
            token[at] = character;
            token
        })
    })
}

fn assert_refused(crypto: &str, algorithms: &[Algorithm]) {
    for algorithm in algorithms {
        let key = SigningKey::numbered(*algorithm, 0);
        let good = key.token(&json!({"iss": "https://idp.example", "sub": "alice", "aud": "api", "exp": NOW + 3600}));
        let parts = Token::parse(&good);
        let mut gate = Gate::accepting(&key, crypto);
        let name = algorithm.name();
        assert!(gate.admits(good.as_bytes()), "{name}");
        let flips = gate.refuses_all(name, flipped_text(&good)) + gate.refuses_all(name, flipped_parts(&parts));
        let cuts = gate.refuses_all(name, cut(&good));
        let characters = gate.refuses_all(name, other_last_characters(&good));
        assert!(gate.admits(good.as_bytes()), "{name}");
        assert_eq!((gate.0.traps(), gate.0.anomalies()), (Vec::new(), Vec::new()));
        println!(
            "{name} crypto {crypto}: flipped {flips}, cut {cuts}, other last characters {characters}: all refused"
        );
    }
}

#[test]
fn every_flipped_bit_and_every_cut_of_an_rsa_pkcs1_token_is_refused() {
    assert_refused("wasm", &[Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512]);
}

#[test]
fn every_flipped_bit_and_every_cut_of_an_rsa_pss_token_is_refused() {
    assert_refused("wasm", &[Algorithm::Ps256, Algorithm::Ps384, Algorithm::Ps512]);
}

#[test]
fn every_flipped_bit_and_every_cut_of_an_elliptic_curve_token_is_refused() {
    assert_refused("wasm", &[Algorithm::Es256, Algorithm::Es384, Algorithm::Es512, Algorithm::EdDsa]);
}

/// The other codes differ in the signature alone, so one algorithm of each family will do.
#[test]
fn every_flipped_bit_is_refused_by_the_hosts_code_and_by_the_library_too() {
    assert_refused("host", &[Algorithm::Rs256, Algorithm::Es256]);
    assert_refused("library", &[Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa]);
}
