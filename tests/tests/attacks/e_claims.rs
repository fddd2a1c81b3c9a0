//! E: JSON and claims.

use std::time::Duration;

use crate::fixture::*;
use crate::stage::*;
use serde_json::{Value, json};

/// Each payload, truly signed, is refused for this reason.
fn payloads_refused<P: AsRef<[u8]>>(stage: &mut Stage, payloads: impl IntoIterator<Item = P>, reason: &str) {
    for payload in payloads {
        let what: String = String::from_utf8_lossy(payload.as_ref()).chars().take(300).collect();
        stage.refuses(&what, orders(token_over(payload)), R401, reason);
    }
}

/// Each spelling of one claim, truly signed, is refused for this reason.
pub(crate) fn spellings_refused(stage: &mut Stage, claim: &str, spellings: &[&str], reason: &str) {
    payloads_refused(stage, spellings.iter().map(|value| claims_text(claim, value)), reason);
}

/// The configuration with one more field of its issuer.
pub(crate) fn issuer_with(field: &str, value: Value) -> Value {
    with(config(), &format!("/issuers/0/{field}"), value)
}

#[test]
fn e01_a_claim_given_twice_is_refused_at_any_depth() {
    let mut stage = Stage::new(&issuer_with("claims", json!({"groups": ["realm.roles"]})));
    let twice = [
        r#","sub":"root""#,
        r#","sub":"alice""#,
        r#","exp":9999999999"#,
        r#","groups":["a"],"groups":["b"]"#,
        r#","\u0073ub":"root""#,
        r#","realm":{"roles":["a"],"roles":["b"]}"#,
        r#","x":[{"a":1,"a":1}]"#,
        r#","x":{"y":{"z":1,"\u007a":2}}"#,
        r#","iss":"https://evil.example""#,
    ];
    payloads_refused(&mut stage, twice.map(claims_and), "claims_malformed");
    let upstream = stage.admits("once", orders(token_over(claims_and(r#","SUB":"root","realm":{"roles":[]}"#))));
    assert_eq!(upstream.values("x-auth-subject"), ["alice"]);
}

#[test]
fn e02_deep_nesting_is_refused_and_traps_nothing() {
    let mut stage = Stage::new(&with(config(), "/limits", json!({"max_token_bytes": "1MiB"})));
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        for depth in [127, 128, 10_000, 100_000] {
            let inner = if open == "[" { "" } else { "1" };
            let deep = format!("{}{inner}{}", open.repeat(depth), close.repeat(depth));
            for claim in ["groups", "ignored"] {
                spellings_refused(&mut stage, claim, &[&deep], "claims_malformed");
            }
        }
    }
    let allowed = format!("{}{}", "[".repeat(60), "]".repeat(60));
    stage.admits("sixty levels that nobody reads", orders(token_over(claims_text("ignored", &allowed))));
    spellings_refused(&mut stage, "groups", &[&allowed], "claim_malformed");
}

const NOT_NUMBERS: [&str; 8] = ["\"9999999999\"", "\"\"", "null", "true", "false", "[]", "[9999999999]", "{}"];

#[test]
fn e03_a_wrong_expiry_is_not_an_absent_one() {
    let mut stage = Stage::new(&config());
    spellings_refused(&mut stage, "exp", &NOT_NUMBERS, "claim_malformed");
    spellings_refused(
        &mut stage,
        "exp",
        &["NaN", "Infinity", "-Infinity", "0x7fffffff", "+1", "1.", ".5", "01", "1e", "9999999999n"],
        "claims_malformed",
    );
    payloads_refused(&mut stage, [claims_without("exp").to_string()], "claim_missing");
    // Where it is not required it may be absent, and still not be wrong.
    let mut stage = Stage::new(&issuer_with("required_claims", json!([])));
    spellings_refused(&mut stage, "exp", &NOT_NUMBERS, "claim_malformed");
    stage.admits("absent", orders(token_of(&claims_without("exp"))));
}

#[test]
fn e04_an_expiry_of_zero_is_long_ago_and_not_never() {
    let mut stage = Stage::new(&config());
    for zero in ["0", "-1", "-0", "0.0", "-0.0", "0e9", "-1e400"] {
        let payload = claims_text("exp", zero);
        stage.refuses(zero, orders(token_over(&payload)), R401, "token_contradictory");
        let alone = payload.replace(&format!("\"iat\":{},", NOW - 10), "");
        assert!(!alone.contains("iat"), "{alone}");
        stage.refuses(zero, orders(token_over(alone)), R401, "token_expired");
    }
}

#[test]
fn e05_any_number_is_read_exactly_and_nothing_wraps() {
    let mut stage = Stage::new(&config());
    let without_iat = |exp: &str| claims_text("exp", exp).replace(&format!("\"iat\":{},", NOW - 10), "");
    for past in ["1.7e9", "1700000000.9", "17e8", "1767225539.999", "1e-400", "0.1767225e10"] {
        payloads_refused(&mut stage, [without_iat(past)], "token_expired");
    }
    let future = [
        "1.8e9",
        "1767225600.9",
        "1e308",
        "1e400",
        "9007199254740991",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "1e18446744073709551616",
        "100000000000000000000000000000000000000",
    ];
    for exp in future {
        stage.admits(exp, orders(token_over(without_iat(exp))));
    }
}

#[test]
fn e06_a_token_ends_when_its_expiry_and_the_skew_are_over() {
    let mut stage = Stage::new(&config());
    let token = token_of(&claims_with(json!({"exp": NOW})));
    for (millis, good) in [(0, true), (59_000, true), (59_999, true), (60_000, false), (60_001, false), (61_000, false)]
    {
        stage.host.set_now(Duration::from_secs(NOW) + Duration::from_millis(millis));
        match good {
            true => drop(stage.admits(&format!("{millis} ms"), orders(&token))),
            false => drop(stage.refuses(&format!("{millis} ms"), orders(&token), R401, "token_expired")),
        }
    }
    let mut stage = Stage::new(&with(config(), "/clock_skew", json!("0s")));
    stage.refuses("without skew", orders(&token), R401, "token_expired");
    stage.admits("a second more", orders(token_of(&claims_with(json!({"exp": NOW + 1})))));
}

#[test]
fn e07_a_token_begins_with_its_nbf_less_the_skew() {
    let mut stage = Stage::new(&config());
    for (ahead, good) in [(0, true), (59, true), (60, true), (61, false), (3000, false)] {
        let token = token_of(&claims_with(json!({"nbf": NOW + ahead})));
        match good {
            true => drop(stage.admits(&format!("{ahead} s"), orders(token))),
            false => drop(stage.refuses(&format!("{ahead} s"), orders(token), R401, "token_not_yet_valid")),
        }
    }
    spellings_refused(&mut stage, "nbf", &["\"1\"", "null", "true", "[]", "{}"], "claim_malformed");
}

#[test]
fn e08_a_token_from_the_future_is_refused() {
    let mut stage = Stage::new(&config());
    for (ahead, good) in [(0, true), (60, true), (61, false), (3000, false)] {
        let token = token_of(&claims_with(json!({"iat": NOW + ahead})));
        match good {
            true => drop(stage.admits(&format!("{ahead} s"), orders(token))),
            false => drop(stage.refuses(&format!("{ahead} s"), orders(token), R401, "token_from_future")),
        }
    }
    spellings_refused(&mut stage, "iat", &["\"1\"", "null", "true", "[]", "{}"], "claim_malformed");
}

#[test]
fn e09_a_life_that_is_too_long_is_refused_and_so_is_one_of_unknown_length() {
    let mut stage = Stage::new(&issuer_with("max_lifetime", json!("1h")));
    stage.admits("an hour", orders(token_of(&claims_with(json!({"iat": NOW, "exp": NOW + 3600})))));
    let longer = token_of(&claims_with(json!({"iat": NOW, "exp": NOW + 3601})));
    stage.refuses("a second more", orders(longer), R401, "lifetime_too_long");
    payloads_refused(&mut stage, [claims_text("exp", "1e400")], "lifetime_too_long");
    payloads_refused(&mut stage, [claims_without("iat").to_string()], "claim_missing");
    let mut stage = Stage::new(&issuer_with("max_token_age", json!("5m")));
    payloads_refused(&mut stage, [claims_without("iat").to_string()], "claim_missing");
    payloads_refused(&mut stage, [claims_with(json!({"iat": NOW - 361})).to_string()], "token_too_old");
}

#[test]
fn e10_dates_that_contradict_each_other_are_refused() {
    let mut stage = Stage::new(&config());
    for claims in [
        json!({"exp": NOW + 10, "nbf": NOW + 20}),
        json!({"iat": NOW + 20, "exp": NOW + 10}),
        json!({"iat": NOW - 10, "exp": NOW - 11}),
    ] {
        payloads_refused(&mut stage, [claims_with(claims).to_string()], "token_contradictory");
    }
}

#[test]
fn e11_every_request_is_judged_by_the_clock_of_that_moment() {
    let mut stage = Stage::new(&config());
    let token = token_of(&claims_with(json!({"exp": NOW + 600})));
    stage.admits("now", orders(&token));
    stage.host.set_now(Duration::from_secs(NOW + 700));
    stage.refuses("after a jump forward", orders(&token), R401, "token_expired");
    stage.host.set_now(Duration::from_secs(NOW - 3600));
    stage.refuses("an hour back", orders(&token), R401, "token_from_future");
    stage.host.set_now(Duration::from_secs(86_400));
    stage.refuses("in 1970", orders(&token), R401, "token_from_future");
    stage.host.set_now(Duration::ZERO);
    stage.refuses("without a clock", orders(&token), R503, "clock_unavailable");
    stage.host.set_now(Duration::from_secs(NOW + 700));
    stage.refuses("expired once more", orders(&token), R401, "token_expired");
}

#[test]
fn e12_an_audience_is_a_string_or_a_list_of_strings() {
    let mut stage = Stage::new(&config());
    for good in ["\"api\"", "[\"api\"]", "[\"x\",\"api\",\"y\"]", r#""\u0061pi""#] {
        stage.admits(good, orders(token_over(claims_text("aud", good))));
    }
    spellings_refused(&mut stage, "aud", &["[]", "\"\"", "[\"\"]", "[\"x\"]"], "audience_mismatch");
    spellings_refused(
        &mut stage,
        "aud",
        &["null", "1", "true", "{}", "{\"api\":1}", "[\"api\",1]", "[\"api\",null]", "[[\"api\"]]"],
        "claim_malformed",
    );
    payloads_refused(&mut stage, [claims_without("aud").to_string()], "audience_mismatch");
    let mut wide = Stage::new(&with(config(), "/limits", json!({"max_token_bytes": "1MiB"})));
    let many = json!((0..10_000).map(|n| format!("a{n}")).collect::<Vec<_>>()).to_string();
    spellings_refused(&mut wide, "aud", &[&many], "audience_mismatch");
}

#[test]
fn e13_an_audience_is_compared_byte_for_byte() {
    let own = "https://api.example/v1";
    let mut stage = Stage::new(&issuer_with("audiences", json!([own])));
    for other in [
        "https://API.example/v1",
        "https://api.example/v1/",
        "http://api.example/v1",
        "api.example/v1",
        "https://api.example",
        "https://api.example/v",
        "https://api.example/v12",
        " https://api.example/v1",
        "https://api.example/v1 ",
        "https://api.example/v1,x",
        "https://api.example%2Fv1",
    ] {
        stage.refuses(other, orders(token_of(&claims_with(json!({"aud": other})))), R401, "audience_mismatch");
    }
    stage.admits("the same", orders(token_of(&claims_with(json!({"aud": own})))));
}

#[test]
fn e14_an_audience_among_a_hundred_others_is_enough() {
    let mut audiences: Vec<String> = (0..100).map(|n| format!("https://other.example/{n}")).collect();
    audiences.insert(57, "api".to_owned());
    Stage::new(&config()).admits("one of 101", orders(token_of(&claims_with(json!({"aud": audiences})))));
}

#[test]
fn e15_where_clients_are_listed_a_token_must_name_one() {
    let mut stage = Stage::new(&issuer_with("clients", json!(["web", "cli"])));
    for claim in ["client_id", "azp", "appid", "cid"] {
        stage.admits(claim, orders(token_of(&claims_with(json!({claim: "cli"})))));
        for other in ["", "WEB", "web ", "we", "web,cli"] {
            stage.refuses(other, orders(token_of(&claims_with(json!({claim: other})))), R401, "client_not_allowed");
        }
        stage.refuses("null", orders(token_of(&claims_with(json!({claim: null})))), R401, "client_not_allowed");
        for wrong in [json!(["web"]), json!(1)] {
            stage.refuses(
                &wrong.to_string(),
                orders(token_of(&claims_with(json!({claim: wrong})))),
                R401,
                "claim_malformed",
            );
        }
    }
    stage.refuses("none", orders(token()), R401, "client_not_allowed");
    let both = token_of(&claims_with(json!({"client_id": "evil", "azp": "web"})));
    stage.refuses("the first address that is present decides", orders(both), R401, "client_not_allowed");
}

#[test]
fn e16_a_subject_is_a_name_that_is_there() {
    let mut stage = Stage::new(&config());
    payloads_refused(&mut stage, [claims_without("sub").to_string()], "subject_missing");
    spellings_refused(&mut stage, "sub", &["\"\"", "null"], "subject_missing");
    spellings_refused(&mut stage, "sub", &["[]", "[\"alice\"]", "{}", "true"], "claim_malformed");
    for (number, shown) in [
        ("1", "1"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("1.50", "1.50"),
        ("1e3", "1000"),
        ("-7", "-7"),
    ] {
        let upstream = stage.admits(number, orders(token_over(claims_text("sub", number))));
        assert_eq!(upstream.values("x-auth-subject"), [shown]);
    }
    let long = "s".repeat(4096);
    let upstream = stage.admits("4 KiB", orders(token_of(&claims_with(json!({"sub": long})))));
    assert_eq!(upstream.values("x-auth-subject"), [long]);
}

#[test]
fn e17_an_id_token_is_no_access_token() {
    let id_token = claims_with(json!({"aud": "web-client", "nonce": "n", "at_hash": "h", "auth_time": NOW - 20}));
    Stage::new(&config()).refuses("its audience is the client", orders(token_of(&id_token)), R401, "audience_mismatch");
    let mut strict = Stage::new(&issuer_with("types", json!(["at+jwt"])));
    let aimed = token_of(&claims_with(json!({"nonce": "n", "at_hash": "h"})));
    strict.refuses("its type is not at+jwt", orders(aimed), R401, "type_not_allowed");
}

#[test]
fn e18_a_token_bound_to_a_key_is_not_a_bearer_token() {
    let mut stage = Stage::new(&config());
    for bound in [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!({}), json!(null), json!("x"), json!([])] {
        let label = if bound.is_object() { "binding_not_proven" } else { "claim_malformed" };
        let token = token_of(&claims_with(json!({"cnf": bound})));
        stage.refuses(&bound.to_string(), orders(&token), R401, label);
        let with_proof = orders(&token).header("dpop", signer().token_typed(Some("dpop+jwt"), &json!({"jti": "1"})));
        stage.refuses("with a proof that nobody checks", with_proof, R401, label);
    }
}

#[test]
fn e20_claim_names_are_exact_and_mean_nothing_else() {
    let addresses = [
        ("x-a", "__proto__"),
        ("x-b", "constructor"),
        ("x-c", "a.b"),
        ("x-d", "$['a']['b']"),
        ("x-e", "https://x/groups"),
        ("x-f", "/p/q~1r"),
        ("x-g", "toString"),
    ];
    let headers: Value = addresses
        .into_iter()
        .map(|(header, address)| (header.to_owned(), json!(address)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let mut stage = Stage::new(&with(config(), "/identity_headers", json!({"claims": headers})));
    let upstream = stage.admits("none of them", orders(token()));
    assert!(addresses.iter().all(|(header, _)| upstream.values(header).is_empty()), "{upstream:?}");
    let all = claims_with(json!({
        "__proto__": "1", "constructor": "2", "a.b": "3", "a": {"b": "4"}, "https://x/groups": "5", "p": {"q/r": "6"}, "toString": "7",
    }));
    let upstream = stage.admits("all of them", orders(token_of(&all)));
    for ((header, address), value) in addresses.into_iter().zip(["1", "2", "3", "4", "5", "6", "7"]) {
        assert_eq!(upstream.values(header), [value], "{address}");
    }
    let nested =
        stage.admits("a path where no member has that name", orders(token_of(&claims_with(json!({"a": {"b": "4"}})))));
    assert_eq!(nested.values("x-c"), ["4"]);
    let prefixed = json!({"https://x/groups/more": "5", "https://x": {"groups": "5"}, "__PROTO__": "1"});
    let upstream = stage.admits("names that only look alike", orders(token_of(&claims_with(prefixed))));
    assert!(["x-a", "x-e"].iter().all(|header| upstream.values(header).is_empty()), "{upstream:?}");
}
