//! Callouts, timers and workers on the virtual clock.

mod support;

use std::time::Duration;

use host_sim::{Ability, Answer, CalloutOutcome, CalloutResponse, Occurrence, Outcome, Request, Status};
use support::{body, host, texts};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn response(status: u16, text: &str) -> CalloutOutcome {
    CalloutOutcome::Response(CalloutResponse { status, body: text.into(), ..CalloutResponse::default() })
}

#[test]
fn a_held_request_goes_on_when_the_fetched_keys_come() {
    let mut host = host("tick=10 fetch=/jwks", |b| b.cluster("idp.test:443"));
    host.answer_with(|callout| match callout.url().as_str() {
        "https://idp.test/jwks" => Answer::json(200, "{}").after(Duration::from_millis(7)),
        other => panic!("{other}"),
    });
    let id = host.open(0, Request::get("/wait"));
    assert_eq!(host.outcome(id), &Outcome::Pending);
    assert!(!host.advance_until_decided(id, 16 * MS));
    assert!(host.advance_until_decided(id, MS));
    let report = host.finish(id);
    assert_eq!(report.outcome.upstream().unwrap().values("x-key"), ["200"]);
    assert!(report.anomalies.is_empty());
    let log = host.take_log();
    assert!(texts(&log).contains(&"answer 1 2 2 0 Ok(\"200\") Ok(\"{}\")"), "{log:?}");
    assert!(texts(&log).contains(&"after resume Err(2)"));
    assert_eq!(host.callout_count(), 1);
}

#[test]
fn each_way_a_callout_can_fail_looks_as_in_envoy() {
    let cases = [
        (response(404, "x"), "1 1 0 Ok(\"404\") Ok(\"x\")"),
        (CalloutOutcome::Timeout, "3 24 0 Ok(\"504\") Ok(\"upstream request timeout\")"),
        (CalloutOutcome::ConnectFailure, "3 98 0 Ok(\"503\") Ok(\"upstream connect error"),
        (CalloutOutcome::Reset, "0 0 0 Err(2) Err(1)"),
        (CalloutOutcome::Truncated(CalloutResponse::default()), "0 0 0 Err(2) Err(1)"),
    ];
    for (outcome, expected) in cases {
        let mut host = host("", |b| b);
        let id = host.open(0, Request::get("/call"));
        let pending = host.pending_callouts();
        assert_eq!(pending.len(), 1);
        assert!(host.answer(pending[0].id, outcome.clone()));
        assert!(!host.answer(pending[0].id, outcome), "a late answer is dropped");
        assert_eq!(host.finish(id).outcome.status(), Some(503));
        let log = host.take_log();
        let answer = log.iter().find(|line| line.text.starts_with("answer ")).unwrap();
        assert!(answer.text.contains(expected), "{} is not {expected}", answer.text);
    }
}

#[test]
fn an_unanswered_callout_times_out_on_the_virtual_clock() {
    let mut host = host("", |b| b);
    let id = host.open(0, Request::get("/call"));
    host.advance(999 * MS);
    assert!(!host.outcome(id).is_decided());
    host.advance(MS);
    assert_eq!(host.finish(id).outcome.status(), Some(503));
}

#[test]
fn a_callout_needs_a_known_cluster_and_three_pseudo_headers() {
    let mut host = host("", |b| b.cluster("idp.test:443"));
    assert_eq!(body(&host.request(0, Request::get("/bad-calls"))), "Err(2) Err(2)");
    assert_eq!(host.callout_count(), 0);
}

#[test]
fn a_client_that_goes_away_is_not_answered() {
    let mut host = host("", |b| b);
    let id = host.open(0, Request::get("/wait"));
    let other = host.open(0, Request::get("/call"));
    assert_eq!(host.finish(id).outcome, Outcome::Disconnected);
    let call = host.pending_callouts()[0].id;
    host.answer(call, response(200, ""));
    assert!(host.finish(other).outcome.upstream().is_some());
    assert!(!texts(&host.take_log()).iter().any(|line| line.starts_with("gone")));
}

#[test]
fn timers_run_in_time_order_on_every_worker_and_never_in_the_canary() {
    let mut host = host("tick=100 retick=250", |b| b.workers(3));
    host.advance(99 * MS);
    assert_eq!(host.metrics().get("fixture.ticks"), None);
    host.advance(MS);
    assert_eq!(host.metrics()["fixture.ticks"], 3);
    host.advance(499 * MS);
    assert_eq!(host.metrics()["fixture.ticks"], 6);
    host.advance(MS);
    assert_eq!(host.metrics()["fixture.ticks"], 9);
}

#[test]
fn a_lease_in_shared_data_makes_one_fetch_of_sixteen_workers() {
    for seed in [0, 1, 2, 3] {
        let mut host = host("tick=10 eager=/jwks", |b| b.workers(16).seed(seed));
        host.answer_with(|_| Answer::json(200, "{}"));
        host.advance(SECOND);
        assert_eq!(host.callout_count(), 1, "seed {seed}");
        assert_eq!(host.process().shared_data.value(b"leader").unwrap().0, b"me");
    }
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another_order() {
    let run = |seed| {
        let mut host = host("tick=10 eager=/jwks", |b| b.workers(8).seed(seed));
        host.advance(15 * MS);
        format!("{:?}", host.take_log().iter().map(|line| (line.vm, line.text.clone())).collect::<Vec<_>>())
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn the_wall_clock_can_be_set_back_and_timers_do_not_notice() {
    let mut host = host("tick=100", |b| b.now(1_000));
    host.set_now(500 * SECOND);
    host.advance(100 * MS);
    assert!(texts(&host.take_log()).contains(&"tick of 1 at 500100000000"));
}

#[test]
fn a_forced_status_answers_without_doing_anything() {
    let mut host = host("", |b| b);
    host.process().faults.force("proxy_set_shared_data", Occurrence::Nth(1), Status::CasMismatch);
    assert_eq!(body(&host.request(0, Request::get("/shared"))), "8 Err(1) 0");
    assert_eq!(body(&host.request(0, Request::get("/shared"))), "0 Ok(([118], 2)) 8");
}

#[test]
fn a_restricted_hostcall_answers_10_and_a_restricted_callback_is_not_called() {
    let mut host = host("tick=10", |b| {
        b.restrict_hostcall("proxy_get_shared_data")
            .restrict_hostcall("proxy_set_shared_data")
            .restrict_callback("proxy_on_tick")
    });
    assert_eq!(body(&host.request(0, Request::get("/shared"))), "10 Err(10) 10");
    host.advance(SECOND);
    assert_eq!(host.metrics().get("fixture.ticks"), None);
}

#[test]
fn an_envoy_without_one_ability_answers_unimplemented() {
    let mut host =
        host("tick=10", |b| b.without(Ability::SharedData).without(Ability::Ticks).without(Ability::Callouts));
    assert_eq!(body(&host.request(0, Request::get("/shared"))), "12 Err(12) 12");
    assert!(texts(&host.take_log()).contains(&"tick set 12"));
    assert_eq!(body(&host.request(0, Request::get("/bad-calls"))), "Err(12) Err(12)");
}
