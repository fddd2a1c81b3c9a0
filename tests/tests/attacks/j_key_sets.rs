//! J: what a provider publishes.

use std::time::Duration;

use crate::fixture::*;
use crate::forge::number;
use crate::k_key_life::{keeps_the_last_good_set, second_key};
use crate::stage::*;
use claimgate_tests::{Algorithm, RsaSize, SigningKey};
use host_sim::{Answer, CalloutOutcome, CalloutResponse};
use num_bigint::BigUint;
use serde_json::{Value, json};

const OTHER: &str = "another-kid";

/// A key of a fetched set is left out for this reason, and the one beside it works.
fn skips(what: &str, jwk: Value, reason: &str) {
    skips_from(remote_config(), what, jwk, reason);
}

fn skips_from(configuration: Value, what: &str, jwk: Value, reason: &str) {
    let mut stage = Stage::fetching(&configuration, JWKS, key_set([jwk.clone(), signer().jwk()]));
    // Gauges follow with the next tick.
    stage.pass(Duration::from_secs(1));
    let metrics = stage.host.metrics();
    let skipped: Vec<_> =
        metrics.iter().filter(|(name, count)| name.contains("keys.skipped.reason.") && **count > 0).collect();
    assert_eq!(skipped, [(&format!("claimgate.issuer.main.keys.skipped.reason.{reason}"), &1)], "{what}");
    assert_eq!(metrics["claimgate.issuer.main.keys.count"], 1, "{what}");
    stage.admits(what, orders(token()));
    let under_it =
        token_under(header(json!({"kid": jwk["kid"].as_str().filter(|kid| !kid.is_empty()).unwrap_or(OTHER)})));
    stage.send(what, orders(under_it)).is_refused(what, R401, "key_unknown");
}

/// A sound key with some members changed; `null` stays `null`.
fn changed(jwk: Value, change: Value) -> Value {
    let mut jwk = with(jwk, "/kid", json!(OTHER));
    for (name, value) in change.as_object().expect("an object") {
        jwk[name] = value.clone();
    }
    jwk
}

fn ec(change: Value) -> Value {
    changed(SigningKey::numbered(Algorithm::Es256, 1).jwk(), change)
}

fn rsa(change: Value) -> Value {
    changed(key(Algorithm::Rs256).jwk(), change)
}

#[test]
fn j01_sets_of_too_many_keys_or_bytes_are_refused_whole() {
    let many =
        (0..500).map(|n| changed(SigningKey::numbered(Algorithm::Es256, 1).jwk(), json!({"kid": format!("k{n}")})));
    keeps_the_last_good_set("500 keys", key_set(many));
    for size in [1 << 20, 10 << 20] {
        keeps_the_last_good_set("a large set", key_set([ec(json!({"x-pad": "x".repeat(size)}))]));
    }
    let bounded = (0..128).map(|n| ec(json!({"kid": format!("k{n}")})));
    let mut stage = Stage::fetching(&remote_config(), JWKS, key_set(bounded));
    let token = SigningKey::numbered(Algorithm::Es256, 1).with_kid("k127").token(&claims());
    stage.admits("128 keys", orders(token));
}

/// Every token is admitted under this set, which is served as it is and written into the configuration, in both orders.
fn admits_all(what: &str, keys: &[Value], signers: &[SigningKey]) {
    let reversed: Vec<Value> = keys.iter().rev().cloned().collect();
    for keys in [keys.to_vec(), reversed] {
        let fetching = Stage::fetching(&remote_config(), JWKS, key_set(keys.clone()));
        for mut stage in [fetching, Stage::new(&config_with_keys(keys))] {
            for signer in signers {
                stage.admits(what, orders(signer.token(&claims())));
            }
        }
    }
}

#[test]
fn j02_keys_of_one_kid_are_tried_and_no_others() {
    let under_kid = |number| SigningKey::numbered(Algorithm::Es256, number).with_kid(OTHER);
    for count in [2, 4] {
        let signers: Vec<SigningKey> = (1..=count).map(under_kid).collect();
        let keys: Vec<Value> = signers.iter().map(SigningKey::jwk).collect();
        admits_all("keys of one kid", &keys, &signers);
        let mut stage = Stage::fetching(&remote_config(), JWKS, key_set(keys));
        stage.refuses("a stranger", orders(under_kid(20).token(&claims())), R401, "signature_invalid");
    }
    let keys: Vec<Value> = (1..=5).map(|number| under_kid(number).jwk()).collect();
    let mut stage = Stage::fetching(&remote_config(), JWKS, key_set(keys));
    stage.admits("the fourth of five", orders(under_kid(4).token(&claims())));
    stage.refuses("the fifth of five", orders(under_kid(5).token(&claims())), R401, "signature_invalid");
}

#[test]
fn j03_a_key_with_private_members_is_left_out_and_counted() {
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        for value in [json!("AQAB"), json!(1), json!("")] {
            skips(name, ec(json!({name: value})), "private");
            skips(name, rsa(json!({name: value})), "private");
        }
    }
}

#[test]
fn j04_a_key_that_is_not_for_verifying_is_left_out() {
    for change in [
        json!({"use": "enc"}),
        json!({"use": "SIG"}),
        json!({"use": ""}),
        json!({"key_ops": []}),
        json!({"key_ops": ["sign"]}),
        json!({"key_ops": ["encrypt"]}),
        json!({"key_ops": ["verify", "verify"]}),
        json!({"use": "sig", "key_ops": ["verify", "encrypt"]}),
        json!({"use": "enc", "key_ops": ["verify"]}),
        json!({"key_ops": ["VERIFY"]}),
    ] {
        skips(&change.to_string(), ec(change), "not_for_verification");
    }
    for change in [json!({"use": 1}), json!({"key_ops": "verify"}), json!({"key_ops": [1]})] {
        skips(&change.to_string(), ec(change), "malformed");
    }
}

#[test]
fn j05_a_fetched_secret_is_never_a_key() {
    let secret = SigningKey::numbered(Algorithm::Hs256, 0).with_kid(OTHER);
    skips("oct", secret.jwk(), "symmetric");
    skips("oct without alg", bare_jwk(&secret), "symmetric");
    let mut stage = Stage::new(&remote_config());
    stage.serve(JWKS, key_set([secret.jwk()]));
    stage.send("alone", orders(token())).is_refused("alone", R503, "keys_unavailable");
    let beside =
        with(config_with_keys([secret.jwk(), signer().jwk()]), "/issuers/0/algorithms", json!(["HS256", "ES256"]));
    Stage::new(&beside).refuses("beside a public key", orders(secret.token(&claims())), R401, "key_unknown");
}

#[test]
fn j06_what_cannot_be_read_spoils_nothing() {
    for (change, reason) in [
        (json!({"kty": "XX"}), "unknown_type"),
        (json!({"kty": "ec"}), "unknown_type"),
        (json!({"crv": "P-224"}), "unknown_type"),
        (json!({"crv": "secp256k1"}), "unknown_type"),
        (json!({"crv": "p-256"}), "unknown_type"),
        (json!({"kty": 1}), "malformed"),
        (json!({"kty": null}), "malformed"),
        (json!({"kid": 1}), "malformed"),
        (json!({"kid": ""}), "malformed"),
        (json!({"crv": null}), "unknown_type"),
        (json!({"x": 1}), "malformed"),
        (json!({"x": null}), "malformed"),
        (json!({"x": ["a"]}), "malformed"),
        (json!({"alg": 1}), "malformed"),
        (json!({"alg": "XX"}), "algorithm"),
    ] {
        skips(&change.to_string(), ec(change), reason);
    }
    for junk in [json!(1), json!(null), json!("x"), json!([]), json!({})] {
        skips(&junk.to_string(), junk, "malformed");
    }
    // A key without kid is kept, for tokens without one (Settled, C08).
    let anonymous = SigningKey::numbered(Algorithm::Es256, 1).with_kid(None);
    let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([anonymous.jwk(), signer().jwk()]));
    stage.admits("without kid", orders(anonymous.token(&claims())));
}

/// A modulus whose residues give it away as made by the broken library (CVE-2017-15361).
fn roca_modulus() -> BigUint {
    let is_prime = |n: &u32| (2..*n).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    let product: BigUint = (2..=701).filter(is_prime).map(BigUint::from).product();
    let residue = BigUint::from(65537u32).modpow(&BigUint::from(123_456_789u32), &product);
    let lift = (BigUint::from(1u8) << 2047u32) / &product + 1u8;
    lift * product + residue
}

#[test]
fn j07_an_rsa_key_is_of_sound_size_and_exponent() {
    let n = BigUint::from_bytes_be(&decoded(key(Algorithm::Rs256).jwk()["n"].as_str().unwrap_or_default()));
    let text = |number: &BigUint| json!(encoded(number.to_bytes_be()));
    let weak = SigningKey::rsa(Algorithm::Rs256, RsaSize::Bits1024);
    skips("1024 bits", changed(weak.jwk(), json!({})), "unsound");
    let odd = |bits: u32| (BigUint::from(1u8) << (bits - 1)) + 12345u32;
    for (what, modulus) in [
        ("2047 bits", odd(2047)),
        ("8200 bits", odd(8200)),
        ("16384 bits", odd(16384)),
        ("even", &n - 1u8),
        ("zero", BigUint::ZERO),
        ("one", BigUint::from(1u8)),
        ("ROCA", roca_modulus()),
    ] {
        assert!(what != "ROCA" || modulus.bits() == 2048);
        skips(what, rsa(json!({"n": text(&modulus)})), "unsound");
    }
    for exponent in ["0", "1", "2", "4", "10000", "100000001", "1ffffffff"] {
        skips(exponent, rsa(json!({"e": text(&number(exponent))})), "unsound");
    }
    skips("e beyond n", rsa(json!({"e": text(&(&n + 2u8))})), "unsound");
    skips("e empty", rsa(json!({"e": ""})), "unsound");
    // Tolerated: e from 3, a zero octet in front of n.
    let own = key(Algorithm::Rs256);
    for (what, change) in
        [("65537", json!({})), ("a leading zero", json!({"n": encoded([&[0], n.to_bytes_be().as_slice()].concat())}))]
    {
        let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([rsa(change)]));
        stage.admits(what, orders(own.clone().with_kid(OTHER).token(&claims())));
    }
    let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([rsa(json!({"e": "Aw"})), signer().jwk()]));
    stage.refuses(
        "e = 3 is a key like any other",
        orders(own.clone().with_kid(OTHER).token(&claims())),
        R401,
        "signature_invalid",
    );
}

#[test]
fn j08_an_ec_key_is_a_point_of_its_curve() {
    let own = SigningKey::numbered(Algorithm::Es256, 1);
    let coordinate = |name: &str| decoded(own.jwk()[name].as_str().unwrap_or_default());
    let (x, y) = (coordinate("x"), coordinate("y"));
    let prime = number("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
    let mut off = y.clone();
    off[31] ^= 1;
    for (what, change) in [
        ("not on the curve", json!({"y": encoded(&off)})),
        ("infinity", json!({"x": encoded([0; 32]), "y": encoded([0; 32])})),
        ("x and y exchanged", json!({"x": encoded(&y), "y": encoded(&x)})),
        ("x is p", json!({"x": encoded(prime.to_bytes_be())})),
        ("y is all ones", json!({"y": encoded([0xff; 32])})),
        ("a byte too few", json!({"x": encoded(&x[1..])})),
        ("a byte too many", json!({"x": encoded([&[0], x.as_slice()].concat())})),
        ("empty", json!({"x": "", "y": ""})),
        ("the point of another curve", json!({"crv": "P-384"})),
    ] {
        let change = match what {
            "the point of another curve" => json!({"crv": "P-384", "alg": "ES384"}),
            _ => change,
        };
        skips(what, ec(change), "unsound");
    }
    skips("another curve's algorithm", ec(json!({"alg": "ES384"})), "algorithm");
    // The mirrored point is a sound key, and another one.
    let mirrored = &prime - BigUint::from_bytes_be(&y);
    let mut stage = Stage::fetching(
        &remote_config(),
        JWKS,
        key_set([ec(json!({"y": encoded(crate::forge::bytes(&mirrored, 32))}))]),
    );
    stage.refuses("the other y", orders(own.with_kid(OTHER).token(&claims())), R401, "signature_invalid");
}

/// Encodings of Ed25519 points that are in no use but abuse: small order, and not canonical.
const WEAK_POINTS: [&str; 12] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn j09_an_ed25519_key_is_canonical_and_of_large_order() {
    let jwk = |bytes: &[u8]| json!({"kty": "OKP", "crv": "Ed25519", "x": encoded(bytes), "kid": OTHER});
    let own = decoded(key(Algorithm::EdDsa).jwk()["x"].as_str().unwrap_or_default());
    for bytes in [&own[1..], &[own.as_slice(), &[0]].concat(), &[]] {
        skips("length", jwk(bytes), "unsound");
    }
    for point in WEAK_POINTS {
        let bytes: Vec<u8> =
            (0..32).map(|at| u8::from_str_radix(&point[2 * at..2 * at + 2], 16).expect("hexadecimal")).collect();
        skips(point, jwk(&bytes), "unsound");
    }
}

#[test]
fn j10_key_material_is_strict_base64url() {
    let own = ec(json!({}));
    let material = own["x"].as_str().unwrap_or_default();
    for wrong in [
        format!("{material}="),
        format!("{material}=="),
        material.replacen(|c: char| c.is_ascii_digit(), "+", 1),
        format!(" {material}"),
        format!("{material}\n"),
        format!("{material}A"),
        format!("{}%", &material[..42]),
    ] {
        // One character more makes 33 bytes, well spelled and too long.
        let reason = if wrong.len() == 44 && wrong.ends_with('A') { "unsound" } else { "malformed" };
        skips(&wrong, ec(json!({"x": wrong})), reason);
        skips(&wrong, rsa(json!({"n": wrong})), reason);
    }
    skips("e with padding", rsa(json!({"e": "AQAB="})), "malformed");
    skips("unused bits", rsa(json!({"e": "AR"})), "malformed");
}

#[test]
fn j11_a_member_given_twice_refuses_the_set() {
    let own = ec(json!({})).to_string();
    let inside = own.trim_start_matches('{').trim_end_matches('}');
    for set in [
        format!(r#"{{"keys":[{{{inside},"kid":"x"}}]}}"#),
        format!(r#"{{"keys":[{{{inside},"\u006bty":"EC"}}]}}"#),
        format!(r#"{{"keys":[],"keys":[{own}]}}"#),
        format!(r#"{{"keys":[{own}],"keys":[{own}]}}"#),
    ] {
        keeps_the_last_good_set(&set, Answer::json(200, set.clone()));
    }
}

#[test]
fn j12_what_is_no_key_set_keeps_the_last_one() {
    let sets = [
        "{}",
        "[]",
        "null",
        "1",
        "\"keys\"",
        "",
        " ",
        "<html><body>Sign in</body></html>",
        r#"{"error":"server_error"}"#,
        r#"{"keys":null}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":"x"}"#,
        r#"{"keys":[]}"#,
        r#"{"KEYS":[]}"#,
        "\u{1f}\u{8b}\u{8}\u{0}",
        r#"{"keys":[]"#,
        r#"{"keys":[]}{}"#,
        "{'keys':[]}",
    ];
    for set in sets {
        keeps_the_last_good_set(set, Answer::json(200, set));
    }
    keeps_the_last_good_set("not UTF-8", Answer::json(200, b"{\"keys\":[\"\xff\"]}".to_vec()));
    keeps_the_last_good_set("bare keys", Answer::json(200, json!([ec(json!({}))]).to_string()));
}

#[test]
fn j13_certificates_beside_a_key_change_nothing() {
    for change in
        [json!({"x5c": ["AAAA"]}), json!({"x5c": 1}), json!({"x5t": "AAAA"}), json!({"x5u": "https://evil.example"})]
    {
        let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([changed(signer().jwk(), change.clone())]));
        stage.admits(&change.to_string(), orders(signer().clone().with_kid(OTHER).token(&claims())));
        assert_eq!(stage.host.callout_count(), 1);
    }
}

#[test]
fn j14_a_key_for_an_algorithm_that_is_not_allowed_is_left_out() {
    let only = |algorithms: Value| with(remote_config(), "/issuers/0/algorithms", algorithms);
    skips_from(only(json!(["ES256", "RS512"])), "RS256", rsa(json!({})), "algorithm");
    skips_from(
        only(json!(["ES256"])),
        "RSA without alg",
        changed(bare_jwk(key(Algorithm::Rs256)), json!({})),
        "algorithm",
    );
    skips_from(only(json!(["ES256"])), "P-384", changed(key(Algorithm::Es384).jwk(), json!({})), "algorithm");
}

/// An entry that is skipped beside a key, under the same kid.
fn siblings(of: &Value) -> Vec<(Value, &'static str)> {
    let changed = |change: Value| changed(of.clone(), change);
    vec![
        (changed(json!({"use": "enc"})), "not_for_verification"),
        (changed(json!({"use": "enc", "alg": "RSA-OAEP"})), "not_for_verification"),
        (rsa(json!({"use": "enc", "alg": "RSA-OAEP-256"})), "not_for_verification"),
        (changed(json!({"key_ops": ["wrapKey"]})), "not_for_verification"),
        (changed(json!({"alg": "RSA-OAEP"})), "algorithm"),
        (json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": OTHER}), "algorithm"),
        (changed(json!({"kty": "EC", "crv": "secp256k1", "alg": "ES256K"})), "algorithm"),
        (json!({"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA", "kid": OTHER}), "unknown_type"),
        (SigningKey::rsa(Algorithm::Rs256, RsaSize::Bits1024).with_kid(OTHER).jwk(), "unsound"),
        (changed(json!({"d": "AQAB"})), "private"),
        (changed(json!({"kty": 7})), "malformed"),
        (json!({"kid": OTHER, "x5c": ["AAAA"]}), "malformed"),
    ]
}

#[test]
fn j16_skipped_entry_disturbs_no_key_of_its_kid() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let signing = key(algorithm).clone().with_kid(OTHER);
        for (sibling, reason) in siblings(&signing.jwk()) {
            let what = format!("{sibling} beside {}", algorithm.name());
            admits_all(&what, &[sibling.clone(), signing.jwk()], std::slice::from_ref(&signing));
            let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([sibling, signing.jwk()]));
            stage.pass(Duration::from_secs(1));
            let metrics = stage.host.metrics();
            assert_eq!(metrics[&format!("claimgate.issuer.main.keys.skipped.reason.{reason}")], 1, "{what}");
            assert_eq!(metrics["claimgate.issuer.main.keys.count"], 1, "{what}");
        }
        let secret = SigningKey::numbered(Algorithm::Hs256, 0).with_kid(OTHER).jwk();
        let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([secret, signing.jwk()]));
        stage.admits("beside a secret", orders(signing.token(&claims())));
    }
}

#[test]
fn j17_alg_and_kty_choose_among_keys_of_one_kid() {
    let with_alg = |algorithm: Algorithm| key(algorithm).clone().with_kid(OTHER);
    let by_alg = [Algorithm::Rs512, Algorithm::Rs384, Algorithm::Rs256, Algorithm::Ps256].map(with_alg);
    admits_all("one key for each algorithm", &by_alg.each_ref().map(SigningKey::jwk), &by_alg);
    let by_type = [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa].map(with_alg);
    let bare: Vec<Value> = by_type.iter().map(bare_jwk).collect();
    admits_all("one key of each type", &bare, &by_type);
    for repeated in [with_alg(Algorithm::Rs256), with_alg(Algorithm::Es256), with_alg(Algorithm::EdDsa)] {
        let mut described = repeated.jwk();
        described["x5t"] = json!("AAAA");
        let keys = [repeated.jwk(), described, bare_jwk(&repeated), repeated.jwk()];
        admits_all("one key four times", &keys, std::slice::from_ref(&repeated));
        let mut stage = Stage::fetching(&remote_config(), JWKS, key_set(keys));
        stage.pass(Duration::from_secs(1));
        assert_eq!(stage.host.metrics()["claimgate.issuer.main.keys.count"], 1);
    }
    let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([by_alg[0].jwk(), by_alg[1].jwk()]));
    stage.refuses("another algorithm", orders(by_alg[2].token(&claims())), R401, "key_unfit");
}

#[test]
fn j18_null_member_of_a_key_is_absent() {
    let private = json!({"d": null, "p": null, "q": null, "dp": null, "dq": null, "qi": null, "oth": null, "k": null});
    let described = json!({"alg": null, "use": null, "key_ops": null, "x5c": null, "x5t": null, "x5u": null});
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let signing = key(algorithm).clone().with_kid(OTHER);
        for change in [private.clone(), described.clone(), json!({"issuer": null})] {
            admits_all(&change.to_string(), &[changed(signing.jwk(), change)], std::slice::from_ref(&signing));
        }
    }
    let signing = key(Algorithm::Rs256).clone().with_kid(OTHER);
    admits_all("crv", &[changed(signing.jwk(), json!({"crv": null, "x": null, "y": null}))], &[signing]);
    let nameless = key(Algorithm::Es256).clone().with_kid(None);
    admits_all("kid", &[changed(nameless.jwk(), json!({"kid": null}))], &[nameless]);
}

#[test]
fn j19_bound_on_keys_counts_usable_ones() {
    let unknown = |count| vec![json!({"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq"}); count];
    for count in [128, 129, 2000] {
        admits_all("unknown keys", &[unknown(count), vec![signer().jwk()]].concat(), std::slice::from_ref(signer()));
    }
    let repeated: Vec<Value> = vec![signer().jwk(); 500];
    admits_all("one key 500 times", &repeated, std::slice::from_ref(signer()));
    let many = (0..129).map(|number| ec(json!({"kid": format!("k{number}")})));
    keeps_the_last_good_set("129 usable keys", key_set(many));
}

#[test]
fn j20_encoded_answer_has_an_outcome_of_its_own() {
    let set = json!({"keys": [second_key().jwk()]}).to_string();
    let answer = |coding: &str, body: &[u8]| {
        let headers = vec![(b"content-encoding".to_vec(), coding.as_bytes().to_vec())];
        let response = CalloutResponse { status: 200, headers, body: body.to_vec(), trailers: Vec::new() };
        Answer::soon(CalloutOutcome::Response(response))
    };
    for coding in ["gzip", "br", "zstd", "deflate", "identity, gzip"] {
        keeps_the_last_good_set(coding, answer(coding, b"\x1f\x8b\x08\x00"));
        let mut stage = Stage::new(&remote_config());
        stage.serve(JWKS, answer(coding, set.as_bytes()));
        stage.send(coding, orders(token())).is_refused(coding, R503, "keys_unavailable");
        assert_eq!(stage.host.metrics()["claimgate.issuer.main.keys.fetches.outcome.encoded"], 1, "{coding}");
    }
    let mut stage = Stage::fetching(&remote_config(), JWKS, answer("identity", set.as_bytes()));
    stage.admits("identity", orders(second_key().token(&claims())));
}

#[test]
fn j21_byte_order_mark_before_a_set_is_passed_over() {
    let set = json!({"keys": [signer().jwk()]}).to_string();
    let mut stage = Stage::fetching(&remote_config(), JWKS, Answer::json(200, format!("\u{feff}{set}")));
    stage.admits("a mark", orders(token()));
    keeps_the_last_good_set("two marks", Answer::json(200, format!("\u{feff}\u{feff}{set}")));
    let wide: Vec<u8> = format!("\u{feff}{set}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    keeps_the_last_good_set("UTF-16", Answer::json(200, wide));
}

#[test]
fn j22_secrets_of_one_kid_are_never_tried_in_turn() {
    let secrets = [0, 1].map(|number| SigningKey::numbered(Algorithm::Hs256, number).with_kid(OTHER));
    let spare = SigningKey::numbered(Algorithm::Hs256, 2).with_kid("spare");
    let algorithms = |config| with(config, "/issuers/0/algorithms", json!(["HS256"]));
    let both = secrets.each_ref().map(SigningKey::jwk);
    refuses_configuration(algorithms(config_with_keys(both.clone())).to_string(), "issuers[0].keys.inline");
    let [first, second] = both;
    let mut stage = Stage::new(&algorithms(config_with_keys([first.clone(), second, spare.jwk()])));
    for secret in &secrets {
        stage.refuses("a shared kid", orders(secret.token(&claims())), R401, "key_unknown");
    }
    stage.admits("the other kid", orders(spare.token(&claims())));
    let mut stage = Stage::new(&algorithms(config_with_keys([first.clone(), first])));
    stage.admits("one secret twice", orders(secrets[0].token(&claims())));
}

#[test]
fn j15_a_set_without_a_usable_key_is_none() {
    let useless = || key_set([ec(json!({"use": "enc"})), rsa(json!({"e": "AQ"})), json!({"kty": "XX"})]);
    keeps_the_last_good_set("all skipped", useless());
    let mut stage = Stage::new(&remote_config());
    stage.serve(JWKS, useless());
    stage.send("never any", orders(token())).is_refused("never any", R503, "keys_unavailable");
}
