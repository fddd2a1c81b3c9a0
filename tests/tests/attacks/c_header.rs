//! C: header parameters, and which key they may choose.

use std::time::Duration;

use crate::fixture::*;
use crate::stage::*;
use claimgate_tests::{Algorithm, SigningKey};
use serde_json::{Value, json};

/// A provider that is asked again when a kid is unknown, with its keys fetched.
fn fetched() -> Stage {
    Stage::fetching(&remote_config(), JWKS, key_set([signer().jwk()]))
}

/// Each header under the good claims, truly signed, is refused for this reason.
fn headers_refused(headers: impl IntoIterator<Item = Value>, reason: &str) {
    let mut stage = fetched();
    for change in headers {
        let header = header(change);
        stage.refuses(&header, orders(token_under(&header)), R401, reason);
    }
}

#[test]
fn c01_an_embedded_key_is_not_looked_at() {
    let attacker = SigningKey::numbered(Algorithm::Es256, 7);
    let mut stage = Stage::new(&config());
    for (kid, reason) in
        [(signer().kid(), "signature_invalid"), (Some("mine"), "key_unknown"), (None, "signature_invalid")]
    {
        let own = attacker.clone().with_kid(kid);
        let header = header_of(&own, json!({"jwk": own.jwk()}));
        stage.refuses(&header, orders(own.token_raw(&header, claims().to_string())), R401, reason);
    }
    let genuine = token_under(header(json!({"jwk": attacker.jwk()})));
    stage.admits("our own key, with another beside it", orders(genuine));
}

#[test]
fn c02_urls_in_the_header_are_never_fetched() {
    let mut stage = fetched();
    for url in [
        "https://evil.example/jwks",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "gopher://x",
        JWKS,
    ] {
        for name in ["jku", "x5u"] {
            let key = stranger();
            let header = header_of(&key, json!({name: url}));
            stage.refuses(&header, orders(key.token_raw(&header, claims().to_string())), R401, "signature_invalid");
        }
    }
    stage.pass(Duration::from_secs(5));
    assert_eq!(stage.host.callout_counts().keys().map(|(_, url)| url.as_str()).collect::<Vec<_>>(), [JWKS]);
    assert_eq!(stage.host.callout_count(), 1);
}

#[test]
fn c03_certificates_in_the_header_choose_nothing() {
    let mut stage = Stage::new(&config());
    let key = stranger();
    for change in [
        json!({"x5c": ["MIIBszCCAVmgAwIBAgIU"]}),
        json!({"x5t": "AAAA"}),
        json!({"x5t#S256": "AAAA"}),
        json!({"x5c": 1}),
    ] {
        let forged = key.token_raw(header_of(&key, change.clone()), claims().to_string());
        stage.refuses(&change.to_string(), orders(forged), R401, "signature_invalid");
        stage.admits(&change.to_string(), orders(token_under(header(change))));
    }
}

/// `crit` as attackers write it.
pub(crate) fn critical_headers() -> [Value; 11] {
    [
        json!({"crit": ["exp"], "exp": NOW + 3600}),
        json!({"crit": ["unknown"], "unknown": 1}),
        json!({"crit": ["unknown"]}),
        json!({"crit": []}),
        json!({"crit": ["exp", "exp"], "exp": 1}),
        json!({"crit": "exp", "exp": 1}),
        json!({"crit": {"exp": 1}}),
        json!({"crit": [1]}),
        json!({"crit": null}),
        json!({"crit": ["b64"], "b64": true}),
        json!({"crit": ["alg"]}),
    ]
}

#[test]
fn c04_critical_extensions_are_refused_whatever_they_are() {
    headers_refused(critical_headers(), "header_unsupported");
}

#[test]
fn c05_an_unencoded_payload_is_refused_and_never_read_as_one() {
    headers_refused(
        [json!({"b64": false}), json!({"b64": false, "crit": ["b64"]}), json!({"b64": "x"})],
        "header_unsupported",
    );
    let mut stage = Stage::new(&config());
    for change in [json!({"b64": false}), json!({"b64": false, "crit": ["b64"]})] {
        let raw = claims().to_string().replace(',', ";");
        let token = signed_text(signer(), &encoded(header(change.clone())), &raw);
        stage.refuses(&change.to_string(), orders(token), R401, "token_malformed");
        let dots = signed_text(signer(), &encoded(header(change)), "a.b");
        stage.refuses("dots in the payload", orders(dots), R401, "token_malformed");
    }
}

#[test]
fn c06_a_hostile_kid_chooses_nothing_and_is_written_nowhere() {
    let mut stage = fetched();
    let kids = [
        "../../dev/null",
        "' OR 1=1--",
        "https://evil.example/k",
        "$(id)",
        "a\0b",
        "a\r\nx: y",
        "\u{1f511}",
        "es256-0\n",
    ];
    for (n, kid) in kids.into_iter().enumerate() {
        let before = stage.host.metrics();
        let seen = stage.send(kid, orders(stranger().with_kid(kid).token(&claims())));
        // Three kids in a cool-down are asked for; of the others nobody knows.
        match n {
            0..3 => seen.is_refused(kid, R401, "key_unknown"),
            _ => seen.is_refused(kid, R503, "keys_unavailable"),
        };
        let names: Vec<String> = stage.host.metrics().into_keys().filter(|name| !before.contains_key(name)).collect();
        assert!(!names.iter().any(|name| name.contains(kid)), "{names:?}");
        assert!(!seen.log.iter().any(|line| line.text.contains(kid)), "{:?}", seen.log);
        assert!(!format!("{:?}", seen.report.response_headers).contains(&format!("{:?}", kid.as_bytes())));
    }
    let shared = stage.host.process().shared_data.entries();
    assert!(shared.iter().all(|(name, _)| name.starts_with(b"claimgate/1/")), "{shared:?}");
    assert_eq!(shared.len(), 2);
    assert!(stage.host.callout_count() <= 4, "{:?}", stage.host.callout_counts());
    for kid in [json!(""), json!(1), json!(null), json!(["es256-0"]), json!({"a": 1})] {
        let token = token_under(header(json!({"kid": kid})));
        stage.refuses(&kid.to_string(), orders(token), R401, "header_malformed");
    }
    let long = token_under(header(json!({"kid": "k".repeat(64 * 1024)})));
    stage.refuses("64 KiB", orders(long), R401, "token_too_large");
}

#[test]
fn c07_an_unknown_kid_causes_one_fetch_and_then_none() {
    let mut stage = fetched();
    let unknown = stranger().with_kid("unknown").token(&claims());
    let first = stage.send("the first", orders(&unknown));
    first.is_refused("the first", R401, "key_unknown");
    assert_eq!(first.callouts, 1);
    let other = stage.send("another", orders(stranger().with_kid("other").token(&claims())));
    other.is_refused("another", R401, "key_unknown");
    assert_eq!(other.callouts, 1);
    for _ in 0..5 {
        stage.refuses("again", orders(&unknown), R401, "key_unknown");
        stage.refuses("another", orders(stranger().with_kid("other").token(&claims())), R401, "key_unknown");
    }
}

#[test]
fn c08_without_a_kid_up_to_four_keys_are_tried() {
    let keys: Vec<SigningKey> = (0..5).map(|n| SigningKey::numbered(Algorithm::Es256, n)).collect();
    let anonymous = |n: usize| keys[n].clone().with_kid(None).token(&claims());
    for count in 1..=5usize {
        let mut stage = Stage::new(&config_with_keys(keys[..count].iter().map(SigningKey::jwk)));
        for n in 0..count {
            let what = format!("key {n} of {count}");
            match count {
                5 => drop(stage.refuses(&what, orders(anonymous(n)), R401, "key_ambiguous")),
                _ => drop(stage.admits(&what, orders(anonymous(n)))),
            }
        }
        if count < 5 {
            stage.refuses(
                "none of them",
                orders(stranger().with_kid(None).token(&claims())),
                R401,
                "signature_invalid",
            );
        }
    }
    // A key without kid serves tokens without kid, and no others.
    let mut stage = Stage::new(&config_with_keys([keys[0].clone().with_kid(None).jwk()]));
    stage.admits("neither has one", orders(anonymous(0)));
    stage.refuses("only the token has one", orders(keys[0].token(&claims())), R401, "key_unknown");
}

#[test]
fn c09_the_named_key_is_the_only_one_tried() {
    let rsa = key(Algorithm::Rs256);
    let mut stage = Stage::new(&config_with_keys([signer().jwk(), rsa.jwk()]));
    let token = signer().clone().with_kid(rsa.kid()).token(&claims());
    stage.refuses("a key of another type", orders(token), R401, "key_unfit");
    let second = SigningKey::numbered(Algorithm::Es256, 1);
    let mut stage = Stage::new(&config_with_keys([signer().jwk(), second.jwk()]));
    let token = signer().clone().with_kid(second.kid()).token(&claims());
    stage.refuses("another key of the same type", orders(token), R401, "signature_invalid");
}

#[test]
fn c10_a_kid_is_compared_byte_for_byte() {
    let own = signer().clone().with_kid("Caf\u{e9}-1");
    let mut stage = Stage::new(&config_with_keys([own.jwk()]));
    stage.admits("the same", orders(own.token(&claims())));
    for kid in [
        "caf\u{e9}-1",
        "CAF\u{c9}-1",
        "Cafe\u{301}-1",
        "Caf\u{e9}-1 ",
        " Caf\u{e9}-1",
        "Caf\u{e9}-1\0",
        "Caf\u{e9}-",
        "Caf\u{e9}-11",
    ] {
        stage.refuses(kid, orders(own.clone().with_kid(kid).token(&claims())), R401, "key_unknown");
    }
    let escaped = header(json!({})).replace("es256-0", r"\u0043af\u00e9-1");
    stage.admits("spelled with escapes it is the same text", orders(signer().token_raw(escaped, claims().to_string())));
}

#[test]
fn c11_a_header_member_given_twice_is_refused() {
    let mut stage = Stage::new(&config());
    let own = header(json!({}));
    let rest = own.trim_start_matches('{').trim_end_matches('}');
    for twice in [
        format!(r#"{{"alg":"none",{rest}}}"#),
        format!(r#"{{{rest},"alg":"none"}}"#),
        format!(r#"{{{rest},"alg":"ES256"}}"#),
        format!(r#"{{{rest},"kid":"other"}}"#),
        format!(r#"{{{rest},"\u0061lg":"none"}}"#),
        format!(r#"{{{rest},"\u006B\u0069\u0064":"other"}}"#),
        format!(r#"{{{rest},"x":{{"a":1,"\u0061":2}}}}"#),
        format!(r#"{{{rest},"x":1,"x":1}}"#),
    ] {
        stage.refuses(&twice, orders(token_under(&twice)), R401, "header_malformed");
    }
    stage.admits("names that differ by case are two", orders(token_under(format!(r#"{{{rest},"ALG":"none"}}"#))));
}

#[test]
fn c12_compression_is_refused() {
    headers_refused([json!({"zip": "DEF"}), json!({"zip": null}), json!({"zip": ""})], "header_unsupported");
}

#[test]
fn c13_a_nested_token_is_refused() {
    headers_refused(
        ["JWT", "jwt", "application/jwt", "Application/JWT"].map(|cty| json!({"cty": cty})),
        "header_unsupported",
    );
    headers_refused([json!({"cty": 1})], "header_malformed");
    Stage::new(&config()).admits("another content type", orders(token_under(header(json!({"cty": "json"})))));
}

#[test]
fn c14_the_type_is_compared_as_a_media_type_and_other_kinds_of_token_are_refused() {
    let strict = with(config(), "/issuers/0/types", json!(["at+jwt"]));
    let (mut usual, mut strict) = (Stage::new(&config()), Stage::new(&strict));
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
        usual.admits(typ, orders(signer().token_typed(Some(typ), &claims())));
        strict.admits(typ, orders(signer().token_typed(Some(typ), &claims())));
    }
    for typ in [Some("JWT"), Some("jwt"), Some("application/jwt"), None] {
        usual.admits(&format!("{typ:?}"), orders(signer().token_typed(typ, &claims())));
        strict.refuses(&format!("{typ:?}"), orders(signer().token_typed(typ, &claims())), R401, "type_not_allowed");
    }
    for typ in [
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "oauth-authz-req+jwt",
        "oauth-id-jag+jwt",
        "txntoken+jwt",
        "application/logout+jwt",
        "",
        " ",
        "at+jwt ",
        "text/at+jwt",
        "application/application/at+jwt",
        "JOSE",
    ] {
        for stage in [&mut usual, &mut strict] {
            stage.refuses(typ, orders(signer().token_typed(Some(typ), &claims())), R401, "type_not_allowed");
        }
    }
    usual.refuses("a number", orders(token_under(header(json!({"typ": 1})))), R401, "header_malformed");
    usual.refuses("null", orders(token_under(header(json!({"typ": null})))), R401, "header_malformed");
}

#[test]
fn c15_a_header_full_of_unknown_members_is_bounded_by_the_size_of_the_token() {
    let mut stage = Stage::new(&with(config(), "/limits", json!({"max_token_bytes": "16KiB"})));
    let many: Value = (0..600).map(|n| (format!("m{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    stage.admits("600 members", orders(token_under(header(many))));
    let more: Value = (0..1500).map(|n| (format!("m{n}"), json!(n))).collect::<serde_json::Map<_, _>>().into();
    stage.refuses("1500 members", orders(token_under(header(more))), R401, "token_too_large");
    stage.admits("7 KiB", orders(token_under(header(json!({"x": "y".repeat(7 * 1024)})))));
}
