//! K: fetching keys, and what becomes of them.

use std::time::Duration;

use crate::fixture::*;
use crate::stage::*;
use claimgate_tests::{Algorithm, SigningKey};
use host_sim::{Ability, Answer, CalloutOutcome, CalloutResponse, FailurePolicy, HostBuilder, Request};
use serde_json::{Value, json};

const DISCOVERY: &str = "https://idp.example/.well-known/openid-configuration";

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn second_key() -> SigningKey {
    SigningKey::numbered(Algorithm::Es256, 1)
}

/// A token that lives for ten days.
pub(crate) fn lasting(key: &SigningKey) -> String {
    key.token(&claims_with(json!({"exp": NOW + 864_000})))
}

/// A stage with the signer's key fetched.
pub(crate) fn fetched() -> Stage {
    Stage::fetching(&remote_config(), JWKS, key_set([signer().jwk()]))
}

fn body(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Answer {
    let headers = headers.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect();
    Answer::soon(CalloutOutcome::Response(CalloutResponse { status, headers, body: body.into(), trailers: Vec::new() }))
}

fn set_text(keys: &[&SigningKey]) -> String {
    json!({"keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>()}).to_string()
}

/// Every answer that is none: each keeps the last good set.
fn useless() -> Vec<(&'static str, Answer)> {
    let good = set_text(&[&second_key()]);
    let mut all: Vec<(&str, Answer)> = [
        100, 201, 204, 206, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 410, 429, 500, 502, 503, 504, 599,
        0, 999,
    ]
    .into_iter()
    .map(|status| {
        ("a status with a good set", body(status, &[("location", "https://evil.example/jwks")], good.clone()))
    })
    .collect();
    let response =
        |text: &str| CalloutResponse { status: 200, headers: Vec::new(), body: text.into(), trailers: Vec::new() };
    all.push(("a timeout", Answer::soon(CalloutOutcome::Timeout)));
    all.push(("a refused connection", Answer::soon(CalloutOutcome::ConnectFailure)));
    all.push(("a reset", Answer::soon(CalloutOutcome::Reset)));
    all.push(("a body that breaks off", Answer::soon(CalloutOutcome::Truncated(response(&good[..50])))));
    all.push(("half a body", body(200, &[], &good.as_bytes()[..good.len() / 2])));
    all.push(("less than was announced", body(200, &[("content-length", "99999")], good.clone())));
    all.push(("nothing in time", key_set([second_key().jwk()]).after(seconds(3600))));
    all
}

/// After this answer to every refresh the first key still works and no other does.
pub(crate) fn keeps_the_last_good_set(what: &str, answer: Answer) {
    let mut stage = fetched();
    stage.serve(JWKS, answer);
    stage.pass(seconds(900));
    assert!(stage.host.callout_count() > 1, "{what}: not asked again");
    let others: Vec<&String> =
        stage.host.callout_counts().keys().map(|(_, url)| url).filter(|url| *url != JWKS).collect();
    assert!(others.is_empty(), "{what}: {others:?}");
    stage.send(what, orders(lasting(signer()))).is_admitted(what);
    let other = stage.send(what, orders(lasting(&second_key())));
    assert!(matches!(other.outcome.status(), Some(401 | 503)), "{what}: {:?}", other.outcome);
}

#[test]
fn k01_only_a_200_is_read_and_no_redirect_followed() {
    for (what, answer) in useless().into_iter().filter(|(what, _)| what.starts_with("a status")) {
        keeps_the_last_good_set(what, answer);
    }
}

#[test]
fn k02_a_fetch_that_fails_keeps_what_there_is_and_every_request_is_answered_once() {
    for (what, answer) in useless().into_iter().filter(|(what, _)| !what.starts_with("a status")) {
        keeps_the_last_good_set(what, answer.clone());
        let mut stage = Stage::new(&remote_config());
        stage.serve(JWKS, answer);
        let seen = stage.send(what, orders(token()));
        seen.is_refused(what, R503, "keys_unavailable");
    }
    let mut stage = Stage::on(module(), &remote_config(), |builder| builder.cluster("another"));
    stage.send("a cluster that is not there", orders(token())).is_refused("no cluster", R503, "keys_unavailable");
    assert_eq!(stage.host.callout_count(), 0);
}

#[test]
fn k02_a_request_that_waited_in_vain_is_logged_with_its_route() {
    let routes = json!([{"name": "all", "match": {"prefix": "/"}, "access": "required"}]);
    let mut stage = Stage::fetching(&with(remote_config(), "/routes", routes), JWKS, body(500, &[], "no"));
    let seen = stage.send("in vain", orders(token()));
    seen.is_refused("in vain", R503, "keys_unavailable");
    let line = r#"{"claimgate":"refuse","reason":"keys_unavailable","issuer":"main","route":"all"}"#;
    assert!(seen.log.iter().any(|told| told.text == line), "{:?}", seen.log);
}

#[test]
fn k02_an_answer_for_a_configuration_that_has_gone_is_dropped() {
    let mut stage = Stage::new(&remote_config());
    stage.report_only = None;
    stage.host.answer_by_hand();
    stage.pass(Duration::from_millis(50));
    let pending = stage.host.pending_callouts();
    assert_eq!(pending.len(), 1);
    stage.report_only = None;
    stage.host.configure(config().to_string().as_bytes()).expect("it is sound");
    let late =
        CalloutResponse { status: 200, headers: Vec::new(), body: set_text(&[signer()]).into(), trailers: Vec::new() };
    assert!(!stage.host.answer(pending[0].id, CalloutOutcome::Response(late)));
    stage.admits("the new configuration", orders(token()));
}

#[test]
fn k03_a_body_that_is_too_large_or_too_slow_is_refused() {
    let padded = |bytes: usize| json!({"keys": [second_key().jwk()], "pad": "x".repeat(bytes)}).to_string();
    keeps_the_last_good_set("256 KiB and more", body(200, &[], padded(256 * 1024)));
    keeps_the_last_good_set("10 MiB", body(200, &[], padded(10 * 1024 * 1024)));
    keeps_the_last_good_set("a slow drip", body(200, &[], padded(0)).after(seconds(6)));
    let mut stage = fetched();
    stage.serve(JWKS, body(200, &[], padded(200 * 1024)));
    stage.pass(seconds(900));
    stage.send("200 KiB", orders(lasting(&second_key()))).is_admitted("200 KiB");
}

#[test]
fn k04_without_keys_nothing_gets_in() {
    for access in ["required", "optional"] {
        let mut stage = Stage::new(&with(remote_config(), "/default_route", json!({"access": access})));
        stage.serve(JWKS, Answer::status(500));
        stage.pass(seconds(120));
        for round in 0..3 {
            let seen = stage.send(access, orders(token()));
            seen.is_refused(&format!("{access} {round}"), R503, "keys_unavailable");
            stage.send("forged", orders(stranger().token(&claims()))).is_refused("forged", R503, "keys_unavailable");
        }
    }
}

#[test]
fn k07_the_first_token_after_a_rotation_is_admitted() {
    let mut stage = fetched();
    stage.admits("before", orders(token()));
    stage.serve(JWKS, key_set([second_key().jwk(), signer().jwk()]).after(Duration::from_millis(300)));
    let seen = stage.send("after", orders(second_key().token(&claims())));
    seen.is_admitted("after");
    assert_eq!(seen.callouts, 1);
}

#[test]
fn k08_a_withdrawn_key_stops_working_with_the_next_refresh_everywhere() {
    let mut stage = Stage::on(module(), &remote_config(), |builder| builder.workers(4));
    stage.serve(JWKS, key_set([signer().jwk(), second_key().jwk()]));
    stage.pass(seconds(2));
    let old = lasting(signer());
    for worker in [0, 1, 2, 3, 0, 1, 2, 3] {
        stage.send_to(worker, "remembered", orders(&old)).is_admitted("remembered");
    }
    stage.serve(JWKS, key_set([second_key().jwk()]));
    let fetches = stage.host.callout_count();
    while stage.host.callout_count() == fetches {
        stage.pass(seconds(1));
    }
    stage.pass(seconds(1));
    for worker in 0..4 {
        stage.send_to(worker, "withdrawn", orders(&old)).is_refused("withdrawn", R401, "key_unknown");
        stage.send_to(worker, "still there", orders(lasting(&second_key()))).is_admitted("still there");
    }
}

#[test]
fn k09_other_material_under_the_same_kid_ends_the_old_tokens() {
    let mut stage = fetched();
    let old = lasting(signer());
    stage.admits("remembered", orders(&old));
    stage.serve(JWKS, key_set([stranger().jwk()]));
    stage.pass(seconds(700));
    stage.send("old", orders(&old)).is_refused("old", R401, "signature_invalid");
    stage.send("new", orders(lasting(&stranger()))).is_admitted("new");
}

#[test]
fn k10_the_last_good_set_lasts_until_max_stale_and_no_longer() {
    let mut stage = Stage::fetching(
        &with(remote_config(), "/issuers/0/keys/max_stale", json!("1h")),
        JWKS,
        key_set([signer().jwk()]),
    );
    let token = lasting(signer());
    stage.serve(JWKS, Answer::status(500));
    stage.pass(seconds(3500));
    stage.admits("almost an hour", orders(&token));
    stage.pass(seconds(120));
    stage.send("more than an hour", orders(&token)).is_refused("stale", R503, "keys_unavailable");
    stage.pass(seconds(600));
    stage.serve(JWKS, key_set([signer().jwk()]));
    stage.send("asks for keys", orders(&token)).is_refused("stale", R503, "keys_unavailable");
    stage.pass(seconds(2));
    stage.admits("back again, and nobody waited for the backoff", orders(&token));
    assert!(stage.host.callout_count() < 90, "{}", stage.host.callout_count());
}

#[test]
fn k11_no_cache_header_and_no_clock_makes_keys_live_for_ever_or_be_fetched_all_the_time() {
    let set = set_text(&[signer()]);
    for value in [
        "max-age=0",
        "max-age=99999999999",
        "max-age=-1",
        "max-age=x",
        "no-store",
        "no-cache",
        "",
        "max-age=\"5\"",
        "public, max-age=18446744073709551616",
    ] {
        let mut stage = Stage::fetching(&remote_config(), JWKS, body(200, &[("cache-control", value)], set.clone()));
        stage.pass(seconds(3600));
        // A life is a minute at the least and `ttl`, ten minutes, at the most; a refresh comes from 80 % of it on.
        assert!((6..=75).contains(&stage.host.callout_count()), "{value}: {}", stage.host.callout_count());
    }
    for jump in [-7200, 7200, 400 * 86_400_i64] {
        let mut stage = fetched();
        stage.host.set_now(seconds(NOW.saturating_add_signed(jump)));
        stage.pass(seconds(30));
        assert!(stage.host.callout_count() <= 4, "{jump}: {}", stage.host.callout_count());
        stage.serve(JWKS, key_set([second_key().jwk()]));
        stage.pass(seconds(700));
        let now = NOW.saturating_add_signed(jump) + 730;
        let later = claims_with(json!({"iat": now, "exp": now + 60}));
        stage.send("withdrawn", orders(signer().token(&later))).is_refused("withdrawn", R401, "key_unknown");
        stage.send("current", orders(second_key().token(&later))).is_admitted("current");
    }
}

fn discovering(change: Value) -> Value {
    let mut keys = json!({"discovery": true, "cluster": "idp"});
    for (name, value) in change.as_object().expect("an object") {
        keys[name] = value.clone();
    }
    with(config(), "/issuers/0/keys", keys)
}

#[test]
fn k13_a_discovery_document_speaks_for_its_issuer_and_points_where_it_may() {
    let document =
        |issuer: &str, jwks_uri: &str| Answer::json(200, json!({"issuer": issuer, "jwks_uri": jwks_uri}).to_string());
    for (what, configuration, answer, good) in [
        ("its own", json!({}), document(ISSUER, JWKS), true),
        ("another issuer's", json!({}), document("https://evil.example", JWKS), false),
        ("with a slash", json!({}), document("https://idp.example/", JWKS), false),
        ("keys on another host", json!({}), document(ISSUER, "https://evil.example/jwks"), false),
        (
            "keys on a host that is named",
            json!({"jwks_hosts": ["keys.example"]}),
            document(ISSUER, "https://keys.example/jwks"),
            true,
        ),
        (
            "keys below a host that is named",
            json!({"jwks_hosts": ["keys.example"]}),
            document(ISSUER, "https://x.keys.example/jwks"),
            false,
        ),
        ("over http", json!({}), document(ISSUER, "http://idp.example/jwks"), false),
        ("user information", json!({}), document(ISSUER, "https://idp.example@evil.example/jwks"), false),
        ("a file", json!({}), document(ISSUER, "file:///etc/passwd"), false),
        ("no keys", json!({}), Answer::json(200, json!({"issuer": ISSUER}).to_string()), false),
        (
            "twice",
            json!({}),
            Answer::json(200, format!(r#"{{"issuer":"x","issuer":"{ISSUER}","jwks_uri":"{JWKS}"}}"#)),
            false,
        ),
        ("HTML", json!({}), body(200, &[], "<html>"), false),
    ] {
        let mut stage = Stage::new(&discovering(configuration));
        stage.serve(DISCOVERY, answer);
        stage.serve(JWKS, key_set([signer().jwk()]));
        stage.serve("https://keys.example/jwks", key_set([signer().jwk()]));
        let seen = stage.send(what, orders(token()));
        match good {
            true => drop(seen.is_admitted(what)),
            false => {
                seen.is_refused(what, R503, "keys_unavailable");
                assert_eq!(
                    stage.host.callout_counts().keys().map(|(_, url)| url.as_str()).collect::<Vec<_>>(),
                    [DISCOVERY],
                    "{what}"
                );
            }
        }
    }
    refuses_configuration(
        discovering(json!({"discovery": "http://idp.example/x"})).to_string(),
        "issuers[0].keys.discovery",
    );
}

#[test]
fn k14_nothing_of_a_request_reaches_a_callout() {
    let mut stage = fetched();
    let marks = ["zqzq.example", "/zqzq", "zqzq"];
    for mark in marks {
        let header = header(json!({"kid": mark, "jku": format!("https://{mark}"), "x5u": mark}));
        let forged =
            Request::get(&format!("/{mark}")).authority(mark).header("host", mark).header("x-forwarded-host", mark);
        stage.send(mark, forged.bearer(&token_under(header))).is_refused(mark, R401, "key_unknown");
        stage.send("iss", orders(token_of(&claims_with(json!({"iss": format!("https://{mark}")}))))).is_refused(
            mark,
            R401,
            "issuer_unknown",
        );
        stage.pass(seconds(60));
    }
    let shown = format!("{:?}", stage.host.callout_counts());
    assert!(!shown.contains("zqzq"), "{shown}");
    stage.report_only = None;
    stage.host.answer_by_hand();
    stage.pass(seconds(700));
    for callout in stage.host.pending_callouts() {
        let names: Vec<String> =
            callout.headers.iter().map(|(name, _)| String::from_utf8_lossy(name).into_owned()).collect();
        assert_eq!(names, [":method", ":scheme", ":authority", ":path", "accept", "accept-encoding", "user-agent"]);
        assert_eq!((callout.cluster.as_str(), callout.body.len()), ("idp", 0));
    }
}

#[test]
fn k17_made_up_kid_makes_no_rotation_a_401() {
    for after in [0, 1, 5, 15, 27] {
        let mut stage = Stage::on(module(), &remote_config(), |builder| builder.workers(2));
        stage.serve(JWKS, key_set([signer().jwk()]));
        stage.pass(seconds(100));
        let made_up = orders(stranger().with_kid("made-up").token(&claims()));
        let seen = stage.send("made up", made_up.clone());
        seen.is_refused("made up", R401, "key_unknown");
        assert_eq!(seen.callouts, 1);
        stage.pass(seconds(after));
        stage.serve(JWKS, key_set([second_key().jwk(), signer().jwk()]));
        let seen = stage.send_to(1, "after the rotation", orders(second_key().token(&claims())));
        seen.is_admitted(&format!("{after} s after the made-up kid"));
        assert_eq!(seen.callouts, 1);
        stage.pass(seconds(1));
        for worker in [0, 1] {
            let seen = stage.send_to(worker, "known to be absent", made_up.clone());
            seen.is_refused("known to be absent", R401, "key_unknown");
            assert_eq!(seen.callouts, 0);
        }
    }
}

#[test]
fn k18_used_up_cool_down_is_503_and_never_401() {
    let mut stage = Stage::on(module(), &remote_config(), |builder| builder.workers(2));
    stage.serve(JWKS, key_set([signer().jwk()]));
    stage.pass(seconds(2));
    let made_up = |n: usize| orders(stranger().with_kid(format!("made-up-{n}").as_str()).token(&claims()));
    for n in 0..3 {
        stage.send_to(n % 2, "made up", made_up(n)).is_refused("made up", R401, "key_unknown");
    }
    stage.serve(JWKS, key_set([second_key().jwk(), signer().jwk()]));
    for worker in [0, 1, 0, 1] {
        let genuine = stage.send_to(worker, "genuine", orders(second_key().token(&claims())));
        genuine.is_refused("genuine", R503, "keys_unavailable");
        let retry_after = genuine.outcome.local_reply().map(|reply| reply.values("retry-after").concat());
        assert!(retry_after.is_some_and(|after| (20..=30).contains(&after.parse::<u64>().unwrap_or_default())));
        stage.refuses("made up", made_up(0), R401, "key_unknown");
        stage.admits("the key that is there", orders(token()));
        stage.pass(seconds(2));
    }
    assert_eq!(stage.host.callout_count(), 1 + 3);
    stage.pass(seconds(22));
    stage.send_to(1, "later", orders(second_key().token(&claims()))).is_admitted("after the cool-down");
    stage.pass(seconds(1));
    stage.send("on the other worker", orders(second_key().token(&claims()))).is_admitted("on the other worker");
}

#[test]
fn k19_kid_that_comes_during_a_fetch_is_asked_for_by_the_next() {
    let mut stage = Stage::on(module(), &remote_config(), |builder| builder.workers(2));
    stage.serve(JWKS, key_set([signer().jwk()]));
    stage.pass(seconds(2));
    stage.serve(JWKS, key_set([signer().jwk()]).after(Duration::from_millis(400)));
    let made_up = stage.open(0, orders(stranger().with_kid("made-up").token(&claims())));
    stage.pass(Duration::from_millis(200));
    // The answer to the fetch that runs was written before the rotation.
    stage.serve(JWKS, key_set([second_key().jwk(), signer().jwk()]));
    let genuine = [0, 1].map(|worker| stage.open(worker, orders(second_key().token(&claims()))));
    stage.pass(seconds(2));
    assert_eq!(stage.host.finish(made_up).outcome.status(), Some(401));
    for id in genuine {
        let report = stage.host.finish(id);
        assert!(report.outcome.upstream().is_some(), "{:?}", report.outcome);
    }
    assert_eq!(stage.host.callout_count(), 1 + 2);
    stage.check_health("all");
}

#[test]
fn k22_configuration_that_is_gone_leaves_no_keys_behind() {
    let values = |stage: &Stage| {
        let entries = stage.host.process().shared_data.entries();
        entries.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, _)| name).collect::<Vec<_>>()
    };
    let set_up = || {
        let mut stage = Stage::on(module(), &remote_config(), |builder| builder.workers(3));
        stage.serve(JWKS, key_set([signer().jwk()]));
        stage.serve("https://idp.example/other", key_set([signer().jwk()]));
        stage.pass(seconds(2));
        stage
    };
    let mut stage = set_up();
    let before = values(&stage);
    assert_eq!(before.len(), 2);
    // Another ttl is another source: nothing of the old one is left.
    for config in [
        with(remote_config(), "/issuers/0/keys/ttl", json!("5m")),
        with(remote_config(), "/issuers/0/keys/jwks_uri", json!("https://idp.example/other")),
        config(),
    ] {
        let old = values(&stage);
        stage.host.configure(config.to_string().as_bytes()).expect("it is sound");
        stage.pass(seconds(2));
        let new = values(&stage);
        assert!(old.iter().all(|name| !new.contains(name)), "{config}");
        assert_eq!(new.len(), if config == crate::fixture::config() { 0 } else { 2 });
        (0..3).for_each(|worker| drop(stage.send_to(worker, "new", orders(token())).is_admitted("new")));
    }
    // The same source under another configuration stays, and nothing is fetched again.
    let mut stage = set_up();
    let fetches = stage.host.callout_count();
    stage
        .host
        .configure(with(remote_config(), "/clock_skew", json!("30s")).to_string().as_bytes())
        .expect("it is sound");
    stage.pass(seconds(2));
    assert_eq!((values(&stage), stage.host.callout_count()), (before, fetches));
    // A request that still waits under the old configuration brings the record back and harms nobody.
    let mut stage = set_up();
    stage.serve(JWKS, key_set([second_key().jwk(), signer().jwk()]).after(seconds(3)));
    let held = stage.open(2, orders(second_key().token(&claims())));
    stage
        .host
        .configure(with(remote_config(), "/issuers/0/keys/ttl", json!("5m")).to_string().as_bytes())
        .expect("sound");
    stage.pass(seconds(4));
    assert!(stage.host.finish(held).outcome.upstream().is_some());
    stage.pass(seconds(4));
    assert_eq!(values(&stage).len(), 2);
    stage.check_health("all");
}

#[test]
fn k16_the_content_of_an_answer_counts_and_its_other_headers_do_not() {
    let set = set_text(&[signer()]);
    let long = "x".repeat(60 * 1024);
    for headers in [
        vec![("content-type", "text/html")],
        vec![("content-type", "")],
        vec![("content-type", "\u{ff}")],
        vec![("x-long", long.as_str())],
        vec![("etag", long.as_str())],
        vec![("etag", "\"a\r\nx: y\"")],
        vec![("age", "99999999999")],
        vec![("cache-control", long.as_str())],
        (0..900).map(|_| ("x-many", "1")).collect(),
    ] {
        let mut stage = Stage::fetching(&remote_config(), JWKS, body(200, &headers, set.clone()));
        stage.admits(headers[0].0, orders(token()));
        stage.pass(seconds(700));
        stage.admits("after a refresh", orders(lasting(signer())));
    }
}

#[test]
fn each_ability_that_a_host_lacks_costs_speed_and_nothing_else() {
    type SetUp = fn(HostBuilder) -> HostBuilder;
    let hosts: [(&str, SetUp, bool); 4] = [
        ("shared data", |builder| builder.without(Ability::SharedData), true),
        ("ticks", |builder| builder.without(Ability::Ticks), true),
        ("metrics", |builder| builder.without(Ability::Metrics), true),
        ("callouts", |builder| builder.restrict_hostcall("proxy_http_call"), false),
    ];
    for (ability, set_up, fetches) in hosts {
        let mut stage =
            Stage::on(module(), &remote_config(), |builder| set_up(builder).failure_policy(FailurePolicy::Closed));
        stage.serve(JWKS, key_set([signer().jwk()]));
        let id = stage.open(0, orders(token()));
        stage.host.advance_until_decided(id, seconds(10));
        let report = stage.host.finish(id);
        assert_eq!(report.outcome.upstream().is_some(), fetches, "{ability}: {:?}", report.outcome);
        stage.check_health(ability);
    }
}
