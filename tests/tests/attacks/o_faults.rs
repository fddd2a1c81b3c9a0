//! O: callouts that end every way at every moment, and memory that runs short.

use std::time::Duration;

use crate::fixture::*;
use crate::k_key_life::{lasting, seconds};
use crate::stage::*;
use host_sim::{CalloutOutcome, CalloutResponse, Host, Occurrence, Outcome, Request, Status};
use serde_json::json;

/// Every way in which a callout ends, the good one last.
fn endings() -> Vec<(&'static str, CalloutOutcome)> {
    let answer = |status, body: &str| {
        CalloutOutcome::Response(CalloutResponse { status, body: body.into(), ..CalloutResponse::default() })
    };
    let set = json!({"keys": [signer().jwk()]}).to_string();
    let cut = CalloutResponse { status: 200, body: set[..40].into(), ..CalloutResponse::default() };
    vec![
        ("timeout", CalloutOutcome::Timeout),
        ("refused connection", CalloutOutcome::ConnectFailure),
        ("reset", CalloutOutcome::Reset),
        ("truncated", CalloutOutcome::Truncated(cut)),
        ("status 500", answer(500, &set)),
        ("status 404", answer(404, "")),
        ("redirect", answer(302, "")),
        ("status 204", answer(204, "")),
        ("status 304 unasked", answer(304, "")),
        ("status 0", answer(0, &set)),
        ("HTML", answer(200, "<html>")),
        ("empty", answer(200, "")),
        ("no keys", answer(200, r#"{"keys":[]}"#)),
        ("half a set", answer(200, &set[..set.len() / 2])),
        ("good", answer(200, &set)),
    ]
}

/// What happens between a callout and its end.
const MOMENTS: [&str; 9] = [
    "nobody waits",
    "many wait",
    "all who waited have left",
    "all who waited were refused",
    "the configuration was replaced",
    "the VM was replaced",
    "the clock was set forward",
    "the clock was set back",
    "the shared record was overwritten",
];

#[test]
fn o04_callouts_end_every_way_at_every_moment() {
    for (how, ending) in endings() {
        for moment in MOMENTS {
            let what = format!("{how} when {moment}");
            let mut stage = Stage::on(module(), &remote_config(), |builder| builder.workers(2));
            stage.report_only = None;
            stage.host.answer_by_hand();
            let many = if moment == "nobody waits" { 0 } else { 20 };
            let mut held: Vec<_> = (0..many).map(|n| stage.open(n % 2, orders(token()))).collect();
            stage.pass(Duration::from_millis(20));
            let callout = stage.host.pending_callouts().first().map(|callout| callout.id);
            let callout = callout.unwrap_or_else(|| panic!("{what}: no callout"));
            let now = stage.host.process().clock.now().wall;
            match moment {
                "all who waited have left" => held.drain(..).for_each(|id| drop(stage.host.finish(id))),
                "all who waited were refused" => stage.pass(Duration::from_millis(4900)),
                "the configuration was replaced" => {
                    let again = with(remote_config(), "/audit", json!("none")).to_string();
                    stage.report_only = None;
                    stage.host.configure(again.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
                }
                "the VM was replaced" => {
                    let host_sim::VmName::Worker(worker) = callout.vm else { panic!("{what}") };
                    stage.host.reload(worker).unwrap_or_else(|error| panic!("{error}"));
                }
                "the clock was set forward" => stage.host.set_now(now + seconds(7200)),
                "the clock was set back" => stage.host.set_now(now - seconds(7200)),
                "the shared record was overwritten" => {
                    let shared = &stage.host.process().shared_data;
                    for (name, _) in shared.entries() {
                        shared.set(&name, b"garbage", 0).unwrap_or_else(|status| panic!("{what}: {status:?}"));
                    }
                }
                _ => {}
            }
            stage.host.answer(callout, ending.clone());
            assert!(!stage.host.answer(callout, ending.clone()), "{what}: awaited twice");
            stage.pass(Duration::from_millis(600));
            for id in held {
                let report = stage.host.finish(id);
                assert!(report.anomalies.is_empty(), "{what}: {:?}", report.anomalies);
                if report.outcome.upstream().is_some() {
                    assert_eq!(how, "good", "{what}: passed");
                }
            }
            recovers(&mut stage.host, &what);
            stage.check_health(&what);
        }
    }
}

#[test]
fn o02_a_clock_that_fails_for_once_takes_no_keys_away() {
    for nth in 1..=4 {
        let mut stage = Stage::fetching(&remote_config(), JWKS, key_set([signer().jwk()]));
        // From here on keys that are gone do not come back.
        stage.serve(JWKS, host_sim::Answer::status(500));
        let clock = "proxy_get_current_time_nanoseconds";
        stage.report_only = None;
        stage.host.process().faults.force(clock, Occurrence::Nth(nth), Status::InternalFailure);
        stage.pass(seconds(5));
        let struck = stage.host.process().faults.take_strikes().len();
        assert_eq!(struck, 1, "call {nth} of the clock");
        stage.admits("after the clock failed once", orders(lasting(signer())));
    }
}

/// With a provider that is well again, a good token passes within a minute on both workers.
fn recovers(host: &mut Host, what: &str) {
    let good = endings().pop().map(|(_, ending)| ending).expect("there is a good one");
    host.answer_with(move |_| host_sim::Answer::soon(good.clone()));
    for worker in 0..2 {
        let passes = (0..60).any(|_| {
            host.advance(seconds(1));
            let now = host.process().clock.now().wall.as_secs();
            let claims = claims_with(json!({"iat": now - 10, "exp": now + 300}));
            host.request(worker, orders(token_of(&claims))).outcome.upstream().is_some()
        });
        assert!(passes, "{what}: worker {worker} has no keys a minute later");
    }
}

#[test]
fn o09_memory_that_runs_short_lets_nothing_through() {
    let mut lost = 0;
    // From what a fresh VM has to what it never needs.
    for spare in [0, 1, 2, 4, 8, 16, 32, 64] {
        let limits = json!({"max_token_bytes": "60KiB", "verified_tokens": {"entries": 4096, "max_bytes": "4MiB"}});
        let configuration = with(with(config(), "/limits", limits), "/audit", json!("none")).to_string();
        let mut host = Host::builder(module()).now(NOW).build();
        host.configure(configuration.as_bytes()).expect("there is memory");
        let limit = (host.canary_pages() as usize + spare) * 65_536;
        let mut host = Host::builder(module()).now(NOW).settings(|settings| settings.memory_limit = limit).build();
        if host.configure(configuration.as_bytes()).is_err() {
            continue;
        }
        for n in 0..400 {
            let large = claims_with(json!({"n": n, "pad": "x".repeat(40 * (n % 900))}));
            let good = token_of(&large);
            let forged = format!("{}A", &good[..good.len() - 1]);
            let filler = "y".repeat(100 * (n % 600));
            let show = |token: &str| orders(token).header("x-filler", &filler).header("x-auth-subject", "root");
            for (request, may_pass) in [
                (show(&good), true),
                (show(&forged), forged == good),
                (Request::get("/orders").header("x", &filler), false),
            ] {
                let outcome = host.request(0, request).outcome;
                let told = format!("{spare} pages to spare, request {n}: {outcome:?}");
                match &outcome {
                    Outcome::Upstream(upstream) => {
                        assert!(may_pass, "{told}");
                        assert_eq!(upstream.values("x-auth-subject"), ["alice"], "{told}");
                    }
                    Outcome::LocalReply(reply) => assert!([400, 401, 503].contains(&reply.status), "{told}"),
                    Outcome::Failed(failure) => assert_eq!(failure.status, 503, "{told}"),
                    Outcome::Pending | Outcome::Disconnected => panic!("{told}"),
                }
            }
            // A VM that ran out is replaced after a second.
            host.advance(seconds(1));
        }
        lost += host.traps().len();
        let passes = host.request(0, orders(token())).outcome.upstream().is_some();
        assert!(passes || spare < 8, "{spare} pages to spare, and no good token passes");
    }
    println!("{lost} VMs ran out of memory and were replaced");
}
