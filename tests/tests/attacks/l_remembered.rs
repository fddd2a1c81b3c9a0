//! L: tokens that were verified before.

use std::time::Duration;

use crate::f_issuers::issuer;
use crate::fixture::*;
use crate::stage::*;
use claimgate_tests::{Algorithm, SigningKey, Token};
use host_sim::{Request, Vm};
use serde_json::{Value, json};

/// What the worker's module has spent so far.
fn instructions(stage: &Stage) -> u64 {
    stage.host.workers()[0].vm().and_then(Vm::instructions).expect("a metered module")
}

/// What one request that is admitted costs.
fn cost(stage: &mut Stage, token: &str) -> u64 {
    let before = instructions(stage);
    stage.admits("measured", orders(token));
    instructions(stage) - before
}

fn metered(configuration: &Value) -> Stage {
    Stage::on(metered_module(), configuration, |builder| builder)
}

#[test]
fn l01_a_remembered_token_is_still_judged_by_the_clock() {
    let mut stage = Stage::new(&config());
    let token = token_of(&claims_with(json!({"nbf": NOW, "exp": NOW + 100})));
    for _ in 0..3 {
        stage.admits("remembered", orders(&token));
    }
    stage.host.set_now(Duration::from_secs(NOW + 160));
    stage.refuses("over", orders(&token), R401, "token_expired");
    stage.host.set_now(Duration::from_secs(NOW - 61));
    stage.refuses("not begun", orders(&token), R401, "token_not_yet_valid");
    stage.host.set_now(Duration::from_secs(NOW));
    stage.admits("the clock was set right", orders(&token));
}

#[test]
fn l02_a_token_is_remembered_by_all_of_its_text() {
    // The hash looks at the end of a token, so that a changed payload under an old signature collides; whatever hash it
    // is, the whole text must decide.
    let mut stage = Stage::new(&config());
    let good = token();
    stage.admits("remembered", orders(&good));
    for forged in ["al1ce", "alicf", "admin", "root!"] {
        let claims = claims_with(json!({"sub": forged})).to_string();
        let token = Token::parse(&good).payload(claims).text();
        assert_eq!((token.len(), &token[token.len() - 86..]), (good.len(), &good[good.len() - 86..]));
        stage.refuses(forged, orders(token), R401, "signature_invalid");
    }
    for at in 0..good.len() {
        let mut other = good.clone().into_bytes();
        other[at] = if other[at] == b'A' { b'B' } else { b'A' };
        let seen = stage.send("one byte off", orders(other));
        assert_eq!(seen.outcome.status(), Some(401), "byte {at}");
    }
    assert_eq!(stage.admits("the same", orders(&good)).values("x-auth-subject"), ["alice"]);
}

#[test]
fn l03_what_was_remembered_ends_with_its_configuration_and_its_keys() {
    let mut stage = Stage::new(&config());
    let good = token();
    stage.admits("remembered", orders(&good));
    let other = with(config_with_keys([stranger().jwk()]), "/issuers/0/name", json!("other"));
    stage.report_only = None;
    stage.host.configure(other.to_string().as_bytes()).expect("it is sound");
    stage.refuses("another configuration", orders(&good), R401, "signature_invalid");
    let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([signer().jwk()]));
    stage.admits("remembered", orders(&good));
    stage.serve(JWKS, key_set([SigningKey::numbered(Algorithm::Es256, 1).jwk()]));
    stage.pass(Duration::from_secs(700));
    let seen = stage.send("other keys", orders(&good));
    seen.is_refused("other keys", R401, "key_unknown");
}

#[test]
fn l04_a_remembered_token_is_judged_anew_on_every_route() {
    let (a, b) = (SigningKey::numbered(Algorithm::Es256, 0), SigningKey::numbered(Algorithm::Es256, 1));
    let config = json!({
        "issuers": [issuer("a", &[&a]), issuer("b", &[&b])],
        "routes": [
            {"match": {"prefix": "/a"}, "audiences": ["aud-a"]},
            {"match": {"prefix": "/b"}, "audiences": ["aud-b"]},
            {"match": {"prefix": "/scoped"}, "scopes": {"all": ["write"]}},
            {"match": {"prefix": "/grouped"}, "groups": {"any": ["admins"]}},
            {"match": {"prefix": "/ruled"}, "require": [{"claim": "tier", "equals": "gold"}]},
            {"match": {"prefix": "/only-b"}, "issuers": ["b"]},
        ],
    });
    let mut stage = Stage::new(&config);
    let token = a.token(&claims_with(json!({"iss": "https://a.example", "aud": ["aud-a", "api"]})));
    let on = |path: &str| Request::get(path).bearer(&token);
    for _ in 0..3 {
        stage.admits("/a", on("/a"));
        stage.admits("anywhere else", on("/x"));
        stage.refuses("/b", on("/b"), R401, "audience_mismatch");
        stage.refuses("/grouped", on("/grouped"), R403, "group_missing");
        stage.refuses("/ruled", on("/ruled"), R403, "route_rule_failed");
        stage.refuses("/only-b", on("/only-b"), R401, "issuer_not_accepted");
        let seen = stage.send("/scoped", on("/scoped"));
        assert_eq!((seen.reason.as_deref(), seen.outcome.status()), (Some("scope_missing"), Some(403)));
    }
}

#[test]
fn l05_a_flood_of_bad_tokens_drives_no_good_one_out() {
    let mut stage =
        metered(&with(config(), "/limits", json!({"verified_tokens": {"entries": 50, "max_bytes": "1MiB"}})));
    let good = token();
    let first = cost(&mut stage, &good);
    let remembered = cost(&mut stage, &good);
    assert!(remembered * 3 < first, "{remembered} of {first}");
    let pages = stage.host.workers()[0].vm().map(Vm::memory_pages);
    for n in 0..3000 {
        stage.refuses(
            "bad",
            orders(Token::parse(&good).signature(format!("{n:064}")).text()),
            R401,
            "signature_invalid",
        );
    }
    assert!(cost(&mut stage, &good) * 3 < first, "the good one was driven out");
    assert_eq!(stage.host.workers()[0].vm().map(Vm::memory_pages), pages);
    // Nor do good tokens that are used once, however many.
    for n in 0..300 {
        stage.admits("once", orders(token_of(&claims_with(json!({"jti": n})))));
    }
    assert!(cost(&mut stage, &good) * 3 < first, "the one in use was driven out");
}

#[test]
fn l06_what_is_remembered_is_bounded_in_number_and_bytes() {
    let pad = "x".repeat(8 * 1024);
    let large = |n: usize| token_of(&claims_with(json!({"jti": n, "pad": pad})));
    let mut stage =
        Stage::new(&with(config(), "/limits", json!({"verified_tokens": {"entries": 100_000, "max_bytes": "512KiB"}})));
    let pages = |stage: &Stage| stage.host.workers()[0].vm().map_or(0, Vm::memory_pages);
    for n in 0..200 {
        stage.admits("to fill it", orders(large(n)));
    }
    let full = pages(&stage);
    for n in 200..800 {
        stage.admits("more", orders(large(n)));
    }
    assert!(pages(&stage) <= full + 2, "{} pages, then {}", full, pages(&stage));
}

#[test]
fn l07_a_remembered_token_of_a_removed_key_is_refused() {
    let second = SigningKey::numbered(Algorithm::Es256, 1);
    let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([signer().jwk(), second.jwk()]));
    let (first, other) = (token(), second.token(&claims_with(json!({"exp": NOW + 7200}))));
    for token in [&first, &other, &first, &other] {
        stage.admits("both", orders(token));
    }
    stage.serve(JWKS, key_set([second.jwk()]));
    stage.pass(Duration::from_secs(700));
    stage.send("removed", orders(&first)).is_refused("removed", R401, "key_unknown");
    stage.send("still there", orders(&other)).is_admitted("still there");
}

#[test]
fn l08_nothing_about_tokens_is_shared_between_workers() {
    let mut stage = Stage::on(module(), &config(), |builder| builder.workers(2));
    let good = token();
    for worker in [0, 1, 0, 1] {
        let seen = stage.send_to(worker, "a worker", orders(&good));
        seen.is_admitted("a worker");
        let calls: Vec<_> = seen.report.hostcalls.keys().filter(|name| name.contains("shared_data")).collect();
        assert!(calls.is_empty(), "{calls:?}");
    }
    assert_eq!(stage.host.process().shared_data.entries(), []);
}

#[test]
fn l09_a_remembered_token_costs_the_same_whoever_it_is() {
    let mut stage = metered(&config());
    let people = ["admin", "alice", "zzzzz"].map(|name| token_of(&claims_with(json!({"sub": name}))));
    for token in &people {
        stage.admits("remembered", orders(token));
    }
    let costs = people.each_ref().map(|token| cost(&mut stage, token));
    let (least, most) = (costs.iter().min().copied().unwrap_or(0), costs.iter().max().copied().unwrap_or(0));
    assert!(most - least <= least / 50, "{costs:?}");
}
