//! F: issuers.

use crate::fixture::*;
use crate::stage::*;
use claimgate_tests::{Algorithm, SigningKey};
use host_sim::Request;
use serde_json::{Value, json};

/// An issuer `https://NAME.example` with these keys.
pub(crate) fn issuer(name: &str, keys: &[&SigningKey]) -> Value {
    let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
    json!({"name": name, "issuer": format!("https://{name}.example"), "audiences": ["api"], "keys": {"inline": {"keys": keys}}})
}

fn token_from(name: &str, key: &SigningKey) -> String {
    key.token(&claims_with(json!({"iss": format!("https://{name}.example")})))
}

fn numbered(n: u8) -> SigningKey {
    SigningKey::numbered(Algorithm::Es256, n)
}

/// Every other spelling of an issuer's name that some comparison takes for the same.
pub(crate) fn look_alikes() -> Vec<String> {
    let own = ISSUER;
    let fixed = [
        "https://IDP.example",
        "HTTPS://idp.example",
        "http://idp.example",
        "https://idp.example:443",
        "https:%2F%2Fidp.example",
        "https://idp.example#",
        "https://idp.example#x",
        "https://idp.example?",
        "https://user@idp.example",
        "https://idp.example@evil.example",
        "https://idp.ex\u{e4}mple",
        "https://xn--idp.example",
        "https://\u{456}dp.example",
        "https://i\u{307}dp.example",
        "https://idp.exampl\u{435}",
        "https://idp\u{3002}example",
        "https://idp.example.",
        "//idp.example",
        "idp.example",
    ];
    let wrapped = [
        format!("{own}/"),
        format!(" {own}"),
        format!("{own} "),
        format!("{own}\0"),
        format!("{own}\n"),
        format!("\u{feff}{own}"),
        format!("{own},{own}"),
    ];
    fixed.into_iter().map(str::to_owned).chain(wrapped).collect()
}

#[test]
fn f01_an_issuer_is_one_string() {
    let mut stage = Stage::new(&config());
    for wrong in [
        "null",
        "1",
        "true",
        "{}",
        "[]",
        "[\"https://idp.example\"]",
        "[\"https://evil.example\",\"https://idp.example\"]",
    ] {
        stage.refuses(wrong, orders(token_over(claims_text("iss", wrong))), R401, "issuer_malformed");
    }
    stage.refuses("missing", orders(token_of(&claims_without("iss"))), R401, "issuer_malformed");
    stage.refuses("empty", orders(token_of(&claims_with(json!({"iss": ""})))), R401, "issuer_unknown");
}

#[test]
fn f02_an_issuer_is_compared_byte_for_byte() {
    let mut stage = Stage::new(&config());
    for other in look_alikes() {
        stage.refuses(&other, orders(token_of(&claims_with(json!({"iss": other})))), R401, "issuer_unknown");
    }
    let escaped = claims_text("iss", r#""https:\/\/\u0069dp.example""#);
    stage.admits("spelled with escapes it is the same text", orders(token_over(escaped)));
}

#[test]
fn f03_a_part_of_an_issuer_is_not_the_issuer() {
    let mut stage = Stage::new(&config());
    let own = ISSUER;
    let longer = [
        format!("{own}.evil.example"),
        format!("{own}/x"),
        format!("x{own}"),
        format!("https://evil.example/{own}"),
        format!("{own}{own}"),
    ];
    let shorter = (1..own.len()).flat_map(|at| [own[..at].to_owned(), own[at..].to_owned()]);
    for other in longer.into_iter().chain(shorter) {
        stage.refuses(&other, orders(token_of(&claims_with(json!({"iss": other})))), R401, "issuer_unknown");
    }
}

#[test]
fn f04_one_issuer_cannot_sign_for_another() {
    let (a, b) = (numbered(0), numbered(1));
    let shared = "shared";
    let mut stage = Stage::new(&json!({"issuers": [issuer("a", &[&a]), issuer("b", &[&b])]}));
    stage.refuses("with its own kid", orders(token_from("a", &b)), R401, "key_unknown");
    stage.refuses(
        "with the other's kid",
        orders(token_from("a", &b.clone().with_kid(a.kid()))),
        R401,
        "signature_invalid",
    );
    stage.refuses("without a kid", orders(token_from("a", &b.clone().with_kid(None))), R401, "signature_invalid");
    let (a, b) = (a.with_kid(shared), b.with_kid(shared));
    let mut stage = Stage::new(&json!({"issuers": [issuer("a", &[&a]), issuer("b", &[&b])]}));
    stage.refuses("with a kid that both have", orders(token_from("a", &b)), R401, "signature_invalid");
}

#[test]
fn f05_two_issuers_may_use_the_same_kid() {
    let [a, b] = [0, 1].map(|n| numbered(n).with_kid("1"));
    for order in [["a", "b"], ["b", "a"]] {
        let keys = |name: &str| if name == "a" { &a } else { &b };
        let mut stage = Stage::new(&json!({"issuers": order.map(|name| issuer(name, &[keys(name)]))}));
        for name in ["a", "b", "a"] {
            let upstream = stage.admits(name, orders(token_from(name, keys(name))));
            assert_eq!(upstream.values("x-auth-issuer"), [format!("https://{name}.example")]);
        }
    }
}

#[test]
fn f06_an_unknown_issuer_is_not_anonymous() {
    let mut stage = Stage::new(&with(config(), "/default_route", json!({"access": "optional"})));
    let upstream = stage.admits("no token", Request::get("/orders"));
    assert!(upstream.values("x-auth-subject").is_empty());
    let unknown = token_of(&claims_with(json!({"iss": "https://evil.example"})));
    stage.refuses("an unknown issuer", orders(unknown), R401, "issuer_unknown");
    stage.refuses("not a token", orders("x"), R401, "token_malformed");
}

#[test]
fn f07_an_issuer_counts_only_on_its_routes() {
    let (a, b) = (numbered(0), numbered(1));
    let config = json!({
        "issuers": [issuer("a", &[&a]), issuer("b", &[&b])],
        "routes": [{"match": {"prefix": "/a"}, "issuers": ["a"]}, {"match": {"prefix": "/b"}, "issuers": ["b"]}],
    });
    let mut stage = Stage::new(&config);
    let on = |path: &str, token: &str| Request::get(path).bearer(token);
    for (name, key, other) in [("a", &a, "b"), ("b", &b, "a")] {
        let token = token_from(name, key);
        for _ in 0..2 {
            stage.admits("its own route", on(&format!("/{name}/x"), &token));
            stage.refuses("the other's route", on(&format!("/{other}/x"), &token), R401, "issuer_not_accepted");
        }
    }
}

#[test]
fn f08_the_claimed_issuer_feeds_nothing_before_it_is_proven() {
    let hostile = ["https://evil.example/zzzzz", "a\r\nx-auth-subject: root", "zzzzz{}\"'", "claimgate.issuer.zzzzz"];
    let mut stage = Stage::new(&with(config(), "/audit", json!("all")));
    for name in hostile {
        let claimed = token_of(&claims_with(json!({"iss": name})));
        let seen = stage.refuses(name, orders(claimed), R401, "issuer_unknown");
        let written: Vec<String> =
            seen.log.iter().map(|line| line.text.clone()).chain(stage.host.metrics().into_keys()).collect();
        assert!(!written.iter().any(|text| text.contains("zzzzz") || text.contains("x-auth-subject")), "{written:?}");
    }
    // A forged signature under a configured name moves that issuer's counter and shows no claim of the token.
    let forged = stranger().token(&claims_with(json!({"sub": "zzzzz"})));
    let seen = stage.refuses("forged", orders(forged), R401, "signature_invalid");
    assert!(!seen.log.iter().any(|line| line.text.contains("zzzzz")), "{:?}", seen.log);
    assert_eq!(stage.host.process().shared_data.entries(), []);
}

#[test]
fn f09_two_issuers_cannot_have_one_name() {
    let (a, b) = (numbered(0), numbered(1));
    let two = |change: &dyn Fn(&mut Value)| {
        let mut second = issuer("b", &[&b]);
        change(&mut second);
        json!({"issuers": [issuer("a", &[&a]), second]}).to_string()
    };
    refuses_configuration(two(&|second| second["issuer"] = json!("https://a.example")), "issuers[1].issuer");
    refuses_configuration(two(&|second| second["aliases"] = json!(["https://a.example"])), "issuers[1].issuer");
    refuses_configuration(two(&|second| second["aliases"] = json!(["https://b.example"])), "issuers[1].issuer");
    refuses_configuration(two(&|second| second["name"] = json!("a")), "issuers[1].name");
}

#[test]
fn f10_whoever_has_one_issuers_keys_signs_for_no_other() {
    let algorithms = [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Es384];
    for seed in 0..12 {
        let mut random = Random(seed);
        let mut draw = |first: u8| -> Vec<SigningKey> {
            (0..1 + random.below(4) as u8)
                .map(|n| {
                    let key = SigningKey::numbered(algorithms[random.below(3)], first + n);
                    let kid = format!("k{}", random.below(3));
                    if random.below(4) == 0 { key.with_kid(None) } else { key.with_kid(kid.as_str()) }
                })
                .collect()
        };
        let (ours, theirs) = (draw(0), draw(100));
        let mut config = json!({"issuers": [issuer("a", &ours.iter().collect::<Vec<_>>()), issuer("b", &theirs.iter().collect::<Vec<_>>())]});
        for at in 0..2 {
            let spare = numbered(200 + at).with_kid("spare").jwk();
            config = with(config, &format!("/issuers/{at}/keys/inline/keys/-"), spare);
        }
        let mut stage = Stage::new(&config);
        let kids = [Some("k0"), Some("k1"), Some("k2"), Some("spare"), None];
        for key in &theirs {
            for kid in kids {
                let what = format!("seed {seed}: {} under {kid:?}", key.algorithm().name());
                let seen = stage.send(&what, orders(token_from("a", &key.clone().with_kid(kid))));
                assert_eq!(seen.outcome.status(), Some(401), "{what}");
            }
        }
    }
}
