use super::*;
use crate::algorithm::Algorithms;
use crate::base64url;
use crate::testing::{TestKey, Value as Json, json, key_set};
use claimgate_signatures::Backend;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const ED: TestKey = TestKey::EdDsa(1);
const ED2: TestKey = TestKey::EdDsa(2);
const EC: TestKey = TestKey::Es256(1);
const HS: TestKey = TestKey::Hs256(1);

fn admission(origin: Origin) -> Admission {
    Admission { algorithms: Algorithms::all(), origin, backend: Backend::Own }
}

fn parse(set: &Json) -> Result<KeySet, KeySetError> {
    KeySet::parse(set.to_string().as_bytes(), &admission(Origin::Remote))
}

/// The key with these members changed; `null` takes one away.
fn changed(key: TestKey, members: Json) -> Json {
    let mut jwk = key.jwk();
    crate::testing::merge(&mut jwk, members);
    jwk
}

/// Why a key beside a good one is left out.
fn skipped(jwk: Json) -> Option<SkipReason> {
    let set = parse(&json!({"keys": [jwk, ED2.jwk()]})).unwrap();
    match set.skipped() {
        [] => None,
        [(reason, 1)] => {
            assert_eq!(set.count(), 1);
            Some(*reason)
        }
        more => panic!("{more:?}"),
    }
}

fn tried(set: &KeySet, algorithm: Algorithm, kid: Option<&str>) -> Vec<String> {
    match set.choose(algorithm, kid, None) {
        Choice::Try(keys) => keys.iter().flatten().map(|key| key.kid.as_deref().unwrap_or("-").to_owned()).collect(),
        other => vec![format!("{other:?}")],
    }
}

#[test]
fn a_set_is_an_object_with_a_list_of_keys_of_which_one_can_be_used() {
    for (body, error) in [
        ("", KeySetError::NotJson),
        ("<html>", KeySetError::NotJson),
        ("\u{1f}\u{8b}", KeySetError::NotJson),
        (r#"{"keys":[],"keys":[]}"#, KeySetError::NotJson),
        (r#"{"keys":[{"kty":"RSA","kty":"RSA"}]}"#, KeySetError::NotJson),
        ("null", KeySetError::NotAKeySet),
        ("[]", KeySetError::NotAKeySet),
        ("{}", KeySetError::NotAKeySet),
        (r#"{"keys":{}}"#, KeySetError::NotAKeySet),
        (r#"{"error":"no"}"#, KeySetError::NotAKeySet),
        (r#"{"keys":[]}"#, KeySetError::NoUsableKey),
        (r#"{"keys":[{}]}"#, KeySetError::NoUsableKey),
    ] {
        assert_eq!(KeySet::parse(body.as_bytes(), &admission(Origin::Remote)).err(), Some(error), "{body}");
        assert!(error.label().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    }
    assert_eq!(KeySetError::TooManyKeys.label(), "too_many_keys");
    let set = parse(&key_set(&[ED])).unwrap();
    assert!(set.has_kid("eddsa(1)") && !set.has_kid("EdDSA(1)"));
}

#[test]
fn one_bad_key_is_left_out_and_the_rest_works() {
    for jwk in
        [json!(null), json!(1), json!("key"), json!([]), json!({}), json!({"kty": 1}), changed(ED, json!({"kid": 7}))]
    {
        assert_eq!(skipped(jwk), Some(SkipReason::Malformed));
    }
    for members in [
        json!({"kid": ""}),
        json!({"use": 1}),
        json!({"alg": 1}),
        json!({"key_ops": "verify"}),
        json!({"key_ops": [1]}),
        json!({"issuer": 1}),
    ] {
        assert_eq!(skipped(changed(ED, members.clone())), Some(SkipReason::Malformed), "{members}");
    }
    for members in [json!({"kty": "XYZ"}), json!({"kty": "okp"}), json!({"crv": "Ed448"}), json!({"crv": "X25519"})] {
        assert_eq!(skipped(changed(ED, members.clone())), Some(SkipReason::UnknownType), "{members}");
    }
    for members in [json!({"crv": "secp256k1"}), json!({"crv": "p-256"})] {
        assert_eq!(skipped(changed(EC, members.clone())), Some(SkipReason::UnknownType), "{members}");
    }
}

#[test]
fn a_key_for_anything_but_verifying_is_left_out() {
    for members in [
        json!({"use": "enc"}),
        json!({"use": "SIG"}),
        json!({"use": ""}),
        json!({"key_ops": []}),
        json!({"key_ops": ["sign"]}),
        json!({"key_ops": ["encrypt", "wrapKey"]}),
        json!({"key_ops": ["verify", "verify"]}),
        json!({"use": "sig", "key_ops": ["verify", "encrypt"]}),
    ] {
        assert_eq!(skipped(changed(ED, members.clone())), Some(SkipReason::NotForVerification), "{members}");
    }
    for members in [
        json!({"use": "sig"}),
        json!({"use": "jwt-svid"}),
        json!({"key_ops": ["verify"]}),
        json!({"key_ops": ["verify", "encrypt"]}),
        json!({"use": "sig", "key_ops": ["sign", "verify"]}),
    ] {
        assert_eq!(skipped(changed(ED, members.clone())), None, "{members}");
    }
}

#[test]
fn a_key_with_private_members_is_left_out() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert_eq!(skipped(changed(ED, json!({member: "AA"}))), Some(SkipReason::Private), "{member}");
    }
}

#[test]
fn an_alg_must_fit_the_key_and_the_issuer() {
    for alg in ["RS256", "ES384", "none", "RSA-OAEP", "es256", "HS256"] {
        assert_eq!(skipped(changed(EC, json!({"alg": alg}))), Some(SkipReason::Algorithm), "{alg}");
    }
    assert_eq!(skipped(changed(EC, json!({"alg": "ES256"}))), None);
    for alg in ["EdDSA", "Ed25519"] {
        assert_eq!(skipped(changed(ED, json!({"alg": alg}))), None, "{alg}");
    }
    let only = |algorithms: &[Algorithm]| Admission {
        algorithms: algorithms.iter().copied().collect(),
        ..admission(Origin::Remote)
    };
    let parse = |jwk: Json, admission| KeySet::parse(json!({"keys": [jwk]}).to_string().as_bytes(), &admission).err();
    assert_eq!(parse(EC.jwk(), only(&[Algorithm::Es384])), Some(KeySetError::NoUsableKey));
    assert_eq!(parse(changed(EC, json!({"alg": "ES256"})), only(&[Algorithm::EdDsa])), Some(KeySetError::NoUsableKey));
    assert_eq!(parse(EC.jwk(), only(&[Algorithm::Es256, Algorithm::Es384])), None);
}

#[test]
fn weak_and_unsound_key_material_is_left_out() {
    let octets = |byte: u8, count: usize| base64url::encode(&vec![byte; count]);
    let rsa = TestKey::Rs256.jwk();
    let modulus = base64url::decode(rsa["n"].as_str().unwrap()).unwrap();
    let spelled = |octets: &[u8]| base64url::encode(octets);
    let mut even = modulus.clone();
    *even.last_mut().unwrap() &= 0xfe;
    for n in [
        octets(0, 1),
        octets(1, 1),
        octets(0xff, 255),
        octets(0xff, 1025),
        spelled(&even),
        spelled(&modulus[1..]),
        String::new(),
    ] {
        assert_eq!(skipped(changed(TestKey::Rs256, json!({"n": n}))), Some(SkipReason::Unsound), "{n}");
    }
    for e in ["", "AA", "AQ", "Ag", "BA", "AQAA", "AQAAAAE"] {
        assert_eq!(skipped(changed(TestKey::Rs256, json!({"e": e}))), Some(SkipReason::Unsound), "{e}");
    }
    let leading_zero = spelled(&[&[0], modulus.as_slice()].concat());
    assert_eq!(skipped(changed(TestKey::Rs256, json!({"n": leading_zero, "e": "Aw"}))), None);
    let x = base64url::decode(EC.jwk()["x"].as_str().unwrap()).unwrap();
    for x in [octets(0, 32), octets(0xff, 32), spelled(&x[..31]), spelled(&[&[0], x.as_slice()].concat()), octets(0, 0)]
    {
        assert_eq!(skipped(changed(EC, json!({"x": x}))), Some(SkipReason::Unsound), "{x}");
    }
    let swapped = json!({"x": EC.jwk()["y"], "y": EC.jwk()["x"]});
    assert_eq!(skipped(changed(EC, swapped)), Some(SkipReason::Unsound));
    for crv in ["P-384", "P-521"] {
        assert_eq!(skipped(changed(EC, json!({"crv": crv}))), Some(SkipReason::Unsound), "{crv}");
    }
    let identity = spelled(&[&[1][..], &[0; 31]].concat());
    for x in [identity, octets(0, 32), octets(0xff, 32), octets(1, 31), octets(1, 33)] {
        assert_eq!(skipped(changed(ED, json!({"x": x}))), Some(SkipReason::Unsound), "{x}");
    }
}

#[test]
fn key_material_has_one_spelling() {
    for (key, name) in [(TestKey::Rs256, "n"), (TestKey::Rs256, "e"), (EC, "x"), (EC, "y"), (ED, "x")] {
        let own = key.jwk()[name].as_str().unwrap().to_owned();
        let mut wrong: Vec<Json> = ["=", " ", "\n", "+", "/"].map(|odd| json!(format!("{own}{odd}"))).to_vec();
        wrong.extend([json!(null), json!(1), json!([1])]);
        if own.len() % 4 != 0 {
            let bumped = char::from(own.as_bytes()[own.len() - 1] + 1);
            wrong.push(json!(format!("{}{bumped}", &own[..own.len() - 1])));
        }
        for value in wrong {
            assert_eq!(skipped(changed(key, json!({name: value}))), Some(SkipReason::Malformed), "{name} {value}");
        }
    }
}

#[test]
fn what_else_stands_in_a_key_does_not_matter() {
    assert_eq!(skipped(changed(TestKey::Rs256, json!({"x5c": ["AAAA"], "x5t": "x", "nbf": 1, "x": {"y": []}}))), None);
}

#[test]
fn a_host_that_verifies_gets_the_public_key_as_der_and_never_a_secret() {
    let jwk = EC.jwk();
    let octets = |name: &str| base64url::decode(jwk[name].as_str().unwrap()).unwrap();
    // RFC 5480 section 2: id-ecPublicKey, secp256r1, and the point uncompressed.
    let start = *b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04";
    let der = [&start[..], &octets("x"), &octets("y")].concat();
    for (key, spki) in [(EC, der), (ED, Vec::new()), (HS, Vec::new())] {
        let set = KeySet::parse(key_set(&[key]).to_string().as_bytes(), &admission(Origin::Inline)).unwrap();
        assert_eq!(set.keys[0].spki(), spki, "{key:?}");
    }
}

/// The key under the kid `k`, with these members set; a `null` stays `null`.
fn under_k(key: TestKey, members: Json) -> Json {
    let mut jwk = key.jwk();
    jwk["kid"] = json!("k");
    for (name, value) in members.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk
}

/// How many keys of the kid `k` a token of that algorithm is tried with.
fn tried_under_k(set: &KeySet, algorithm: Algorithm) -> Result<usize, &'static str> {
    match set.choose(algorithm, Some("k"), None) {
        Choice::Try(keys) => Ok(keys.iter().flatten().count()),
        Choice::Unknown => Err("unknown"),
        Choice::Unfit => Err("unfit"),
        Choice::TooMany => Err("too many"),
    }
}

#[test]
fn skipped_entry_disturbs_no_key_of_its_kid() {
    let siblings = [
        under_k(ED, json!({"use": "enc"})),
        under_k(ED2, json!({"use": "enc", "alg": "ECDH-ES"})),
        under_k(TestKey::Rs256, json!({"alg": "RSA-OAEP", "use": "enc"})),
        under_k(ED, json!({"kty": "AKP"})),
        under_k(EC, json!({"crv": "secp256k1"})),
        under_k(ED, json!({"d": "AA"})),
        under_k(ED2, json!({"x": 1})),
        under_k(TestKey::Rs256, json!({"n": "AQAB"})),
        HS.jwk(),
        json!({"kid": "k"}),
        json!({"kid": "k", "x5c": ["AA"]}),
    ];
    for sibling in siblings {
        for keys in [[sibling.clone(), under_k(ED, json!({}))], [under_k(ED, json!({})), sibling.clone()]] {
            let set = parse(&json!({"keys": keys})).unwrap();
            assert_eq!(tried_under_k(&set, Algorithm::EdDsa), Ok(1), "{sibling}");
            assert_eq!((set.count(), set.skipped().len()), (1, 1), "{sibling}");
        }
    }
}

#[test]
fn repeated_key_counts_once() {
    let rsa = |members| under_k(TestKey::Rs256, members);
    let same: [(&[Json], usize); 8] = [
        (&[under_k(ED, json!({})), under_k(ED, json!({}))], 1),
        (&[under_k(ED, json!({"use": "sig"})), under_k(ED, json!({"alg": "EdDSA"}))], 1),
        (&[under_k(EC, json!({})), under_k(EC, json!({"x5t": "AA"})), under_k(EC, json!({"alg": "ES256"}))], 1),
        (&[rsa(json!({"alg": "RS256"})), rsa(json!({"alg": "RS512"})), rsa(json!({"alg": null}))], 1),
        (&[rsa(json!({"alg": "RS256"})), rsa(json!({"alg": "RS512"})), rsa(json!({"alg": "RS256"}))], 2),
        (&[rsa(json!({})), under_k(ED, json!({})), under_k(EC, json!({}))], 3),
        (&[under_k(ED, json!({})), under_k(ED, json!({"kid": "other"}))], 2),
        (&[under_k(ED, json!({"kid": null})), under_k(ED, json!({"kid": null}))], 1),
    ];
    for (keys, count) in same {
        let set = parse(&json!({"keys": keys})).unwrap();
        assert_eq!((set.count(), set.skipped().len()), (count, 0), "{keys:?}");
    }
    let bound = |issuer: &str| under_k(ED, json!({"issuer": issuer}));
    let set = parse(&json!({"keys": [bound("https://a.example"), bound("https://b.example")]})).unwrap();
    let vouches = |iss| matches!(set.choose(Algorithm::EdDsa, Some("k"), Some(iss)), Choice::Try([Some(_), None, ..]));
    assert!(vouches("https://a.example") && vouches("https://b.example") && !vouches("https://c.example"));
}

#[test]
fn token_chooses_among_keys_of_its_kid_by_alg() {
    let rsa = |alg: &str| under_k(TestKey::Rs256, json!({"alg": alg}));
    let keys = [rsa("RS256"), rsa("RS384"), rsa("PS512"), under_k(EC, json!({})), under_k(ED, json!({}))];
    let set = parse(&json!({"keys": keys})).unwrap();
    for algorithm in [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Ps512, Algorithm::Es256, Algorithm::EdDsa] {
        assert_eq!(tried_under_k(&set, algorithm), Ok(1), "{algorithm:?}");
    }
    assert_eq!(tried_under_k(&set, Algorithm::Rs512), Err("unfit"));
    assert!(matches!(set.choose(Algorithm::Rs256, Some("other"), None), Choice::Unknown));
}

#[test]
fn keys_of_one_kid_and_alg_are_tried_four_at_most() {
    for count in 1..=6 {
        let keys: Vec<Json> = (1..=count).map(|number| under_k(TestKey::EdDsa(number), json!({}))).collect();
        let set = parse(&json!({"keys": keys})).unwrap();
        assert_eq!(tried_under_k(&set, Algorithm::EdDsa), Ok(usize::from(count).min(4)));
    }
}

#[test]
fn two_secrets_of_one_kid_are_both_refused() {
    let secret = |number, members| under_k(TestKey::Hs256(number), members);
    let inline = |keys: &[Json]| {
        KeySet::parse(json!({"keys": keys}).to_string().as_bytes(), &admission(Origin::Inline))
            .map(|set| (set.count(), set.skipped().to_vec()))
    };
    let two = [secret(1, json!({})), secret(2, json!({}))];
    assert_eq!(inline(&two), Err(KeySetError::NoUsableKey));
    let other = secret(3, json!({"kid": "other"}));
    let beside = [two.as_slice(), &[other]].concat();
    assert_eq!(inline(&beside), Ok((1, vec![(SkipReason::DuplicateKid, 2)])));
    let same = [secret(1, json!({})), secret(1, json!({"alg": null})), secret(1, json!({"alg": "HS256"}))];
    assert_eq!(inline(&same), Ok((1, Vec::new())));
    let long = base64url::encode(&[7; 64]);
    let by_alg = [secret(1, json!({"alg": "HS256"})), secret(2, json!({"alg": "HS512", "k": long}))];
    assert_eq!(inline(&by_alg), Ok((2, Vec::new())));
    let nameless = [secret(1, json!({"kid": null})), secret(2, json!({"kid": null}))];
    assert_eq!(inline(&nameless), Ok((2, Vec::new())));
}

#[test]
fn null_member_of_a_key_is_absent() {
    for name in ["alg", "use", "key_ops", "issuer", "d", "p", "q", "dp", "dq", "qi", "oth", "k", "x5c", "y"] {
        assert_eq!(skipped(under_k(ED, json!({name: null}))), None, "{name}");
    }
    for name in ["crv", "x", "y", "d", "k"] {
        assert_eq!(skipped(under_k(TestKey::Rs256, json!({name: null}))), None, "{name}");
    }
    let set = parse(&json!({"keys": [under_k(ED, json!({"kid": null}))]})).unwrap();
    assert_eq!(tried(&set, Algorithm::EdDsa, None), ["-"]);
    let private = under_k(ED, json!({"d": ""}));
    assert_eq!(skipped(private), Some(SkipReason::Private), "an empty string is a value");
    for (name, reason) in
        [("kty", SkipReason::Malformed), ("crv", SkipReason::UnknownType), ("x", SkipReason::Malformed)]
    {
        assert_eq!(skipped(under_k(ED, json!({name: null}))), Some(reason), "{name}");
    }
}

#[test]
fn bound_on_keys_counts_usable_ones() {
    let mut keys = vec![json!({"kty": "AKP"}); 2000];
    keys.push(ED.jwk());
    assert_eq!(
        parse(&json!({"keys": keys})).map(|set| set.skipped().to_vec()),
        Ok(vec![(SkipReason::UnknownType, 2000)])
    );
    let distinct = |count: usize| -> Vec<Json> {
        (0..count).map(|number| changed(ED, json!({"kid": format!("k{number}")}))).collect()
    };
    assert_eq!(parse(&json!({"keys": distinct(MAX_KEYS)})).map(|set| set.count()), Ok(MAX_KEYS));
    assert_eq!(parse(&json!({"keys": distinct(MAX_KEYS + 1)})).err(), Some(KeySetError::TooManyKeys));
    let repeated: Vec<Json> = [distinct(MAX_KEYS), distinct(MAX_KEYS)].concat();
    assert_eq!(parse(&json!({"keys": repeated})).map(|set| set.count()), Ok(MAX_KEYS));
    let secrets = (0..100).map(|number| changed(HS, json!({"kid": format!("s{number}")}))).collect();
    let mixed: Vec<Json> = [secrets, distinct(MAX_KEYS)].concat();
    let inline = KeySet::parse(json!({"keys": mixed}).to_string().as_bytes(), &admission(Origin::Inline)).unwrap();
    assert_eq!((inline.count(), inline.skipped()), (MAX_KEYS, &[(SkipReason::Symmetric, 100)][..]));
}

#[test]
fn byte_order_mark_before_a_set_is_passed_over() {
    let marked = |text: &str| KeySet::parse(text.as_bytes(), &admission(Origin::Remote)).map(|set| set.count());
    let set = key_set(&[ED]).to_string();
    assert_eq!(marked(&format!("\u{feff}{set}")), Ok(1));
    assert_eq!(marked(&format!("\u{feff}\u{feff}{set}")), Err(KeySetError::NotJson));
    assert_eq!(marked(&format!(" \u{feff}{set}")), Err(KeySetError::NotJson));
    assert_eq!(marked("\u{feff}"), Err(KeySetError::NotJson));
}

#[test]
fn a_secret_is_taken_from_the_configuration_only_and_never_beside_public_keys() {
    let inline = |set: &Json| KeySet::parse(set.to_string().as_bytes(), &admission(Origin::Inline));
    assert_eq!(inline(&key_set(&[HS])).unwrap().count(), 1);
    assert_eq!(skipped(HS.jwk()), Some(SkipReason::Symmetric));
    let mixed = inline(&key_set(&[HS, ED, TestKey::Hs256(2)])).unwrap();
    assert_eq!((mixed.count(), mixed.skipped()), (1, &[(SkipReason::Symmetric, 2)][..]));
    let unlisted = Admission { algorithms: Algorithms::asymmetric(), ..admission(Origin::Inline) };
    let set = KeySet::parse(key_set(&[HS, ED]).to_string().as_bytes(), &unlisted).unwrap();
    assert_eq!(set.skipped(), [(SkipReason::Symmetric, 1)]);
    for k in [base64url::encode(&[1; 31]), String::new()] {
        let short = changed(HS, json!({"k": k}));
        assert!(inline(&json!({"keys": [short]})).is_err());
    }
}

#[test]
fn with_a_kid_exactly_that_key_is_tried_and_no_other() {
    let nameless = changed(TestKey::EdDsa(3), json!({"kid": null}));
    let set = parse(&json!({"keys": [ED.jwk(), ED2.jwk(), EC.jwk(), nameless]})).unwrap();
    assert_eq!(tried(&set, Algorithm::EdDsa, Some("eddsa(2)")), ["eddsa(2)"]);
    assert_eq!(tried(&set, Algorithm::EdDsa, Some("es256(1)")), ["Unfit"]);
    for kid in ["EdDSA(2)", "eddsa(2) ", "eddsa(2", "-", ""] {
        assert_eq!(tried(&set, Algorithm::EdDsa, Some(kid)), ["Unknown"], "{kid}");
    }
    let rs512 = parse(&json!({"keys": [changed(TestKey::Rs256, json!({"alg": "RS512"}))]})).unwrap();
    assert_eq!(tried(&rs512, Algorithm::Rs256, Some("rs256")), ["Unfit"]);
    assert_eq!(tried(&rs512, Algorithm::Rs512, Some("rs256")), ["rs256"]);
}

#[test]
fn without_a_kid_the_few_keys_that_fit_are_tried_and_no_more_than_four() {
    let set = |count: u8| {
        let keys: Vec<_> = (1..=count).map(TestKey::EdDsa).chain([EC]).collect();
        parse(&key_set(&keys)).unwrap()
    };
    assert_eq!(tried(&set(1), Algorithm::EdDsa, None), ["eddsa(1)"]);
    assert_eq!(tried(&set(1), Algorithm::Es256, None), ["es256(1)"]);
    assert_eq!(tried(&set(4), Algorithm::EdDsa, None), ["eddsa(1)", "eddsa(2)", "eddsa(3)", "eddsa(4)"]);
    assert_eq!(tried(&set(5), Algorithm::EdDsa, None), ["TooMany"]);
    assert_eq!(tried(&set(5), Algorithm::Rs256, None), ["Unknown"]);
}

#[test]
fn a_key_that_is_bound_to_an_issuer_vouches_for_no_other() {
    const TENANT: &str = "https://login.microsoftonline.com/8f4fc3a1-6b7e-4b1f-9c53-2d3a4b5c6d7e/v2.0";
    let bound = |issuer: &str| parse(&json!({"keys": [changed(ED, json!({"issuer": issuer}))]})).unwrap();
    let verdict = |issuer: &str, kid, iss| {
        let set = bound(issuer);
        format!("{:?}", set.choose(Algorithm::EdDsa, kid, iss)).split('(').next().unwrap().to_owned()
    };
    let kid = ED.kid();
    let kid = Some(kid.as_str());
    assert_eq!(verdict(TENANT, kid, Some(TENANT)), "Try");
    assert_eq!(verdict(TENANT, kid, Some("https://other.example")), "Unfit");
    assert_eq!(verdict(TENANT, None, Some("https://other.example")), "Unknown");
    assert_eq!(verdict("https://login.microsoftonline.com/{tenantid}/v2.0", kid, Some(TENANT)), "Try");
    assert_eq!(
        verdict("https://login.microsoftonline.com/{tenantid}/v2.0", kid, Some("https://sts.windows.net/")),
        "Unfit"
    );
    // Where the provider is not one that binds its keys, the member means nothing.
    assert_eq!(verdict(TENANT, kid, None), "Try");
}

#[test]
fn every_reason_to_leave_a_key_out_has_a_label_of_its_own() {
    let labels = [
        SkipReason::Malformed,
        SkipReason::UnknownType,
        SkipReason::Private,
        SkipReason::NotForVerification,
        SkipReason::Algorithm,
        SkipReason::Symmetric,
        SkipReason::DuplicateKid,
        SkipReason::Unsound,
    ]
    .map(SkipReason::label);
    let known = [
        "malformed",
        "unknown_type",
        "private",
        "not_for_verification",
        "algorithm",
        "symmetric",
        "duplicate_kid",
        "unsound",
    ];
    assert_eq!(labels, known);
}

#[test]
fn the_first_eight_keys_are_prepared_so_many_at_a_time_and_only_where_our_own_code_verifies() {
    let keys: Vec<Json> = (1..=10).map(|number| TestKey::Es256(number).jwk()).collect();
    let set = parse(&json!({"keys": keys})).unwrap();
    assert_eq!(set.prepare(100, |algorithm| algorithm != Algorithm::Es256), Some(0));
    assert_eq!([3, 3, 3, 3].map(|most| set.prepare(most, |_| true)), [3, 3, 2, 0].map(Some));
}

#[test]
fn keys_of_algorithms_that_the_issuer_does_not_use_are_not_prepared() {
    let keys = json!({"keys": [ED.jwk(), EC.jwk(), ED2.jwk()]}).to_string();
    let algorithms = [Algorithm::Es256].into_iter().collect();
    let set = KeySet::parse(keys.as_bytes(), &Admission { algorithms, ..admission(Origin::Remote) }).unwrap();
    assert_eq!(set.prepare(100, |_| true), Some(1));
}
