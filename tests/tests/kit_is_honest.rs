//! The kit's tokens are what their names say: good ones verify, broken ones do not, and wrong ones are truly signed.

use claimgate_tests::{Algorithm, SigningKey, Token, broken, oracle, signed_but_wrong};
use serde_json::json;

fn keys() -> Vec<SigningKey> {
    Algorithm::ALL.into_iter().map(|algorithm| SigningKey::numbered(algorithm, 0)).collect()
}

fn has_oracle(key: &SigningKey) -> bool {
    !matches!(key.algorithm(), Algorithm::Es384 | Algorithm::Es512)
}

#[test]
fn good_tokens_verify_and_only_with_their_own_key() {
    for key in keys() {
        let token = key.token(&json!({"sub": "alice"}));
        let expected = has_oracle(&key).then_some(true);
        assert_eq!(oracle(&key.jwk(), &token), expected, "{}", key.algorithm().name());
        let other = SigningKey::numbered(key.algorithm(), 1);
        assert_eq!(oracle(&other.jwk(), &token), expected.map(|good| !good), "{}", key.algorithm().name());
    }
}

#[test]
fn broken_tokens_do_not_verify() {
    for key in keys() {
        let good = key.token(&json!({"sub": "alice", "exp": 4_102_444_800_u64}));
        for (name, token) in broken(&good) {
            assert_ne!(token, good, "{name}");
            assert_ne!(oracle(&key.jwk(), &token), Some(true), "{} {name}", key.algorithm().name());
        }
    }
}

#[test]
fn wrong_tokens_are_truly_signed() {
    let key = SigningKey::numbered(Algorithm::EdDsa, 0);
    let payload =
        json!({"iss": "https://login.workforce.example", "sub": "alice", "exp": 4_102_444_800_u64}).to_string();
    for (name, token) in signed_but_wrong(&key, &payload) {
        let parsed = Token::parse(&token);
        assert_eq!(parsed.clone().signed_by(&key), parsed, "{name}");
    }
}
