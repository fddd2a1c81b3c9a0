//! B: `alg`.

use crate::fixture::*;
use crate::forge::{der_length, der_spki, pem};
use crate::stage::*;
use claimgate_tests::{Algorithm, SigningKey};
use serde_json::{Value, json};

fn hmac(secret: &[u8]) -> SigningKey {
    SigningKey::hmac(Algorithm::Hs256, secret)
}

/// Every key with a public half, as it is published.
fn ring() -> Value {
    config_with_keys(asymmetric().map(|algorithm| key(algorithm).jwk()))
}

#[test]
fn b01_none_in_any_spelling_and_with_any_signature_is_refused() {
    let mut stage = Stage::new(&config());
    for name in ["none", "None", "NONE", "nOnE", "none ", " none", ""] {
        let [h, p, good] = segments(&token_under(header(json!({"alg": name}))));
        for signature in [String::new(), "AAAA".to_owned(), good] {
            stage.refuses(name, orders(format!("{h}.{p}.{signature}")), R401, "algorithm_unknown");
        }
    }
}

#[test]
fn b02_an_alg_that_is_no_name_is_refused() {
    let mut stage = Stage::new(&config());
    let without = r#"{"kid":"es256-0","typ":"JWT"}"#.to_owned();
    let wrong = [json!(null), json!(256), json!(["ES256"]), json!({"name": "ES256"}), json!(true)];
    for header in wrong.into_iter().map(|alg| header(json!({"alg": alg}))).chain([without]) {
        stage.refuses(&header, orders(token_under(&header)), R401, "header_malformed");
    }
    stage.refuses("empty", orders(token_under(header(json!({"alg": ""})))), R401, "algorithm_unknown");
}

#[test]
fn b03_names_that_only_look_alike_are_refused() {
    let rsa = key(Algorithm::Rs256);
    let mut stage = Stage::new(&config_with_keys([rsa.jwk()]));
    for name in [
        "rs256",
        "Rs256",
        "RS256 ",
        " RS256",
        "RS256\0",
        "\u{420}S256",
        "R\u{405}256",
        "RS256\u{200b}",
        "RS\u{ff12}56",
        "RS256,none",
    ] {
        let header = header_of(rsa, json!({"alg": name}));
        stage.refuses(name, orders(rsa.token_raw(header, claims().to_string())), R401, "algorithm_unknown");
    }
}

#[test]
fn b04_a_public_key_is_never_a_secret() {
    let rsa = key(Algorithm::Rs256);
    let jwk = rsa.jwk_material();
    let part = |name: &str| decoded(jwk[name].as_str().expect("a member of an RSA key"));
    let (modulus, spki) = (part("n"), der_spki(&part("n"), &part("e")));
    let pkcs1 = spki[spki.len() - der_length(&part("n"), &part("e"))..].to_vec();
    let text = pem("PUBLIC KEY", &spki);
    let secrets: [(&str, Vec<u8>); 12] = [
        ("PEM", text.clone().into_bytes()),
        ("PEM without its last newline", text.trim_end().into()),
        ("PEM with CRLF", text.replace('\n', "\r\n").into()),
        ("PEM after a space", format!(" {text}").into()),
        ("PEM after a newline", format!("\n{text}").into()),
        ("PEM of PKCS #1", pem("RSA PUBLIC KEY", &pkcs1).into()),
        ("DER SPKI", spki),
        ("DER PKCS #1", pkcs1),
        ("the modulus", modulus),
        ("the modulus in base64url", jwk["n"].as_str().unwrap_or_default().into()),
        ("the JWK", jwk.to_string().into()),
        ("the JWK as published", rsa.jwk().to_string().into()),
    ];
    let plain = config_with_keys([rsa.jwk()]);
    let listed = with(config_with_keys([bare_jwk(rsa)]), "/issuers/0/algorithms", json!(["RS256", "HS256"]));
    let mut stages = [(Stage::new(&plain), "algorithm_not_allowed"), (Stage::new(&listed), "key_unfit")];
    for (what, secret) in secrets {
        for (stage, reason) in &mut stages {
            let key = hmac(&secret).with_kid(rsa.kid());
            stage.refuses(what, orders(key.token(&claims())), R401, reason);
            let padded = hmac(&[secret.as_slice(), b"\0"].concat()).with_kid(None);
            let without_kid = if *reason == "key_unfit" { "key_unknown" } else { reason };
            stage.refuses(what, orders(padded.token(&claims())), R401, without_kid);
        }
    }
}

#[test]
fn b05_an_empty_secret_proves_nothing_and_is_no_key() {
    let secret = key(Algorithm::Hs256);
    let own = with(config_with_keys([secret.jwk()]), "/issuers/0/algorithms", json!(["HS256"]));
    let forged = hmac(b"").with_kid(secret.kid()).token(&claims());
    let mut stage = Stage::new(&own);
    stage.admits("the true secret", orders(secret.token(&claims())));
    stage.refuses("signed with nothing", orders(forged), R401, "signature_invalid");
    for short in ["", "c2hvcnQ", &encoded([7; 31])] {
        let keys = json!({"inline": {"keys": [{"kty": "oct", "k": short, "kid": "a"}]}});
        refuses_configuration(with(own.clone(), "/issuers/0/keys", keys).to_string(), "issuers[0].keys.inline");
    }
}

#[test]
fn b06_what_another_issuer_may_use_is_not_for_this_one() {
    let other = SigningKey::numbered(Algorithm::EdDsa, 0);
    let mut config = with(config_with_keys([signer().jwk(), other.jwk()]), "/issuers/0/algorithms", json!(["ES256"]));
    let second = json!({"name": "second", "issuer": "https://second.example", "audiences": ["api"],
        "algorithms": ["EdDSA"], "keys": {"inline": {"keys": [other.jwk()]}}});
    config = with(config, "/issuers/-", second);
    let mut stage = Stage::new(&config);
    stage.refuses("EdDSA at the first", orders(other.token(&claims())), R401, "algorithm_not_allowed");
    stage.admits("EdDSA at the second", orders(other.token(&claims_with(json!({"iss": "https://second.example"})))));
    let es = signer().token(&claims_with(json!({"iss": "https://second.example"})));
    stage.refuses("ES256 at the second", orders(es), R401, "algorithm_not_allowed");
}

#[test]
fn b07_a_key_verifies_its_own_algorithm_alone() {
    let mut stage = Stage::new(&ring());
    for signed_with in asymmetric() {
        for named in asymmetric() {
            let what = format!("{} under the kid of {}", signed_with.name(), named.name());
            let token = key(signed_with).clone().with_kid(key(named).kid()).token(&claims());
            if signed_with == named {
                stage.admits(&what, orders(token));
            } else {
                stage.refuses(&what, orders(token), R401, "key_unfit");
            }
        }
    }
}

#[test]
fn b08_a_signature_of_one_rsa_algorithm_is_none_of_another() {
    let rsa = key(Algorithm::Rs256);
    // A key that is published without `alg` fits all six.
    let mut stage = Stage::new(&config_with_keys([bare_jwk(rsa)]));
    let family: Vec<Algorithm> =
        asymmetric().filter(|own| own.name().as_bytes()[1] == b'S' && !own.name().starts_with('E')).collect();
    assert_eq!(family.len(), 6);
    for made in &family {
        for named in &family {
            let what = format!("{} as {}", made.name(), named.name());
            let header = header_of(rsa, json!({"alg": named.name()}));
            let token = rsa.clone().with_algorithm(*made).token_raw(header, claims().to_string());
            if made == named {
                stage.admits(&what, orders(token));
            } else {
                stage.refuses(&what, orders(token), R401, "signature_invalid");
            }
        }
    }
}

#[test]
fn b09_the_algorithm_of_the_key_binds_the_token() {
    let rsa = key(Algorithm::Rs256);
    let mut jwk = rsa.jwk();
    jwk["alg"] = json!("RS512");
    let mut stage = Stage::new(&config_with_keys([jwk]));
    stage.refuses("RS256", orders(rsa.token(&claims())), R401, "key_unfit");
    let other = rsa.clone().with_algorithm(Algorithm::Rs512);
    stage.admits("RS512", orders(other.token(&claims())));
}

#[test]
fn b10_the_curve_is_bound_to_the_algorithm() {
    let mut stage = Stage::new(&config_with_keys(
        [Algorithm::Es256, Algorithm::Es384, Algorithm::Es512].map(|own| bare_jwk(key(own))),
    ));
    for (named, used) in [
        ("ES256", Algorithm::Es384),
        ("ES384", Algorithm::Es256),
        ("ES512", Algorithm::Es384),
        ("ES256", Algorithm::Es512),
    ] {
        let key = key(used);
        let token = key.token_raw(header_of(key, json!({"alg": named})), claims().to_string());
        stage.refuses(named, orders(token), R401, "key_unfit");
    }
    for name in ["ES256K", "ES521", "ES224", "ESP256"] {
        stage.refuses(name, orders(token_under(header(json!({"alg": name})))), R401, "algorithm_unknown");
    }
}

#[test]
fn b11_eddsa_is_ed25519_alone() {
    let ed = key(Algorithm::EdDsa);
    for (curve, bytes) in [("Ed448", 57), ("X25519", 32), ("X448", 56), ("ed25519", 32)] {
        let jwk = json!({"kty": "OKP", "crv": curve, "x": encoded(vec![9; bytes]), "kid": ed.kid()});
        let mut stage = Stage::new(&config_with_keys([jwk, signer().jwk()]));
        stage.refuses(curve, orders(ed.token(&claims())), R401, "key_unknown");
    }
    let mut stage = Stage::new(&config_with_keys([ed.jwk()]));
    for name in ["Ed448", "X25519", "EDDSA", "ed25519"] {
        let token = ed.token_raw(header_of(ed, json!({"alg": name})), claims().to_string());
        stage.refuses(name, orders(token), R401, "algorithm_unknown");
    }
}

#[test]
fn b12_eddsa_and_ed25519_are_two_names_of_one_algorithm() {
    let ed = key(Algorithm::EdDsa);
    for published in [Some("EdDSA"), Some("Ed25519"), None] {
        let mut jwk = bare_jwk(ed);
        if let Some(name) = published {
            jwk["alg"] = json!(name);
        }
        for listed in ["EdDSA", "Ed25519"] {
            let mut stage =
                Stage::new(&with(config_with_keys([jwk.clone()]), "/issuers/0/algorithms", json!([listed])));
            for name in ["EdDSA", "Ed25519"] {
                let token = ed.token_raw(header_of(ed, json!({"alg": name})), claims().to_string());
                stage.admits(&format!("{published:?} {listed} {name}"), orders(token));
            }
        }
    }
}

#[test]
fn b13_encryption_algorithms_are_unknown_whatever_work_they_ask_for() {
    // Without log lines, of which there are fewer after the tenth.
    let mut stage = Stage::on(metered_module(), &with(config(), "/audit", json!("none")), |builder| builder);
    for name in
        ["RSA1_5", "RSA-OAEP", "RSA-OAEP-256", "dir", "ECDH-ES", "A256GCMKW", "PBES2-HS256", "PBES2-HS256+A128KW"]
    {
        let mut cost = [1, 1 << 31].map(|count| {
            let token = token_under(header(json!({"alg": name, "p2c": count, "p2s": "AAAAAAAAAAA", "enc": "A128GCM"})));
            let spent = |stage: &Stage| stage.host.workers()[0].vm().and_then(host_sim::Vm::instructions);
            stage.refuses(name, orders(&token), R401, "algorithm_unknown");
            let before = spent(&stage);
            stage.refuses(name, orders(&token), R401, "algorithm_unknown");
            spent(&stage).zip(before).map_or(0, |(after, before)| after - before)
        });
        cost.sort_unstable();
        assert!(cost[0] > 0 && cost[1] - cost[0] < cost[0] / 10, "{name}: {cost:?}");
    }
}
