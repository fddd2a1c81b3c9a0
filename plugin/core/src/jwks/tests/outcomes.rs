//! Whatever a provider answers: the last good set is kept, and it is counted why.

use super::kit::*;
use crate::jwks::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Warm, then due again: the one callout of a refresh is under way.
fn refreshing() -> World {
    let mut world = World::warm(2, "keys a=1");
    world.pass(9 * MINUTE);
    world.tick_all();
    assert_eq!(world.flights.len(), 1);
    world
}

fn keeps_the_set(world: &mut World, outcome: FetchOutcome) {
    assert_eq!(world.counts.last(), Some(&Counter::Fetch(outcome)));
    assert_eq!(world.log.last(), Some(&StateChange::Failing(outcome)));
    world.tick_all();
    for worker in 0..2 {
        assert_eq!(world.kids(worker), ["a"]);
        assert_eq!(world.ask(worker, token("a")).0, Verdict::Admitted);
        assert_eq!(world.jwks(worker).generation(), 1);
    }
}

#[test]
fn a_status_other_than_200_keeps_the_set_k01() {
    for (status, outcome) in [
        (500, FetchOutcome::ServerError),
        (503, FetchOutcome::ServerError),
        (504, FetchOutcome::Timeout),
        (404, FetchOutcome::ClientError),
        (429, FetchOutcome::ClientError),
        (204, FetchOutcome::OddStatus),
        (206, FetchOutcome::OddStatus),
        (100, FetchOutcome::OddStatus),
        (301, FetchOutcome::Redirect),
        (304, FetchOutcome::Redirect),
        (600, FetchOutcome::OddStatus),
        (20, FetchOutcome::Reset),
        (2000, FetchOutcome::Reset),
    ] {
        let mut world = refreshing();
        world.answer_with(status, &[("location", "https://elsewhere.example")], "keys evil=1");
        keeps_the_set(&mut world, outcome);
        assert!(world.flights.is_empty(), "a redirect was followed");
    }
}

#[test]
fn a_timeout_a_reset_and_a_refused_dispatch_keep_the_set_k02() {
    for (failure, outcome) in [
        (FetchFailure::Timeout, FetchOutcome::Timeout),
        (FetchFailure::Reset, FetchOutcome::Reset),
        (FetchFailure::Refused, FetchOutcome::Refused),
    ] {
        let mut world = refreshing();
        world.fail(failure);
        keeps_the_set(&mut world, outcome);
    }
}

#[test]
fn an_answer_without_a_status_is_no_answer_k02() {
    for headers in [&[][..], &[(b":status".to_vec(), b"".to_vec())], &[(b":status".to_vec(), b"2e2".to_vec())]] {
        let mut world = refreshing();
        let flight = world.flights.remove(0);
        let answer = Answer { headers, body: b"keys b=1" };
        world.event(flight.worker, Event::Answered { ticket: flight.callout.ticket, answer });
        keeps_the_set(&mut world, FetchOutcome::Reset);
    }
}

#[test]
fn a_refused_dispatch_is_tried_again_after_a_second_until_the_cluster_is_there_k02() {
    let mut world = World::new(2, Host::Envoy, remote());
    world.refuse = true;
    world.run(10 * SECOND, 200, "keys a=1");
    let refusals = world.counts.len();
    assert!((3..=5).contains(&refusals), "1 s, 2 s, 4 s apart: {refusals}");
    world.refuse = false;
    world.run(10 * SECOND, 200, "keys a=1");
    assert_eq!(world.kids(1), ["a"]);
    assert_eq!(world.log.first(), Some(&StateChange::Failing(FetchOutcome::Refused)));
}

#[test]
fn no_answer_at_all_is_given_up_when_the_lease_runs_out_k02() {
    let mut world = refreshing();
    world.flights.clear();
    world.pass(7 * SECOND);
    world.tick_all();
    assert_eq!(world.counts.last(), Some(&Counter::Fetch(FetchOutcome::Timeout)));
    world.run(3 * SECOND, 200, "keys b=1");
    assert_eq!(world.kids(0), ["b"]);
}

#[test]
fn a_truncated_body_keeps_the_set_k03() {
    let mut world = refreshing();
    world.answer_with(200, &[("Content-Length", "9")], "keys b=1");
    keeps_the_set(&mut world, FetchOutcome::Truncated);

    let mut world = refreshing();
    world.answer_with(200, &[("Content-Length", "8")], "keys b=1");
    assert_eq!(world.counts.last(), Some(&Counter::Fetch(FetchOutcome::Changed)));
}

#[test]
fn a_body_over_the_limit_keeps_the_set_and_is_not_read_j01() {
    let mut world = refreshing();
    assert_eq!(world.flights[0].callout.max_bytes, 4096);
    world.answer(200, &format!("keys b=1{}", " ".repeat(4089)));
    keeps_the_set(&mut world, FetchOutcome::TooLarge);

    let mut world = refreshing();
    world.answer(200, &format!("keys b=1{}", " ".repeat(4088)));
    assert_eq!(world.counts.last(), Some(&Counter::Fetch(FetchOutcome::Changed)));
}

#[test]
fn what_is_not_a_key_set_keeps_the_set_j12() {
    for (body, outcome) in [
        ("", FetchOutcome::Empty),
        ("<html>maintenance</html>", FetchOutcome::NotAKeySet),
        ("{\"error\":\"oops\"}", FetchOutcome::NotAKeySet),
        ("\u{1f}gzip", FetchOutcome::NotAKeySet),
        ("keys", FetchOutcome::NoUsableKey),
    ] {
        let mut world = refreshing();
        world.answer(200, body);
        keeps_the_set(&mut world, outcome);
    }
}

#[test]
fn encoded_answer_keeps_the_set_and_is_counted() {
    for value in ["gzip", "br", "GZIP", "identity, br", "gzip, identity", "x"] {
        for body in ["keys b=1", "\u{1f}gzip", ""] {
            let mut world = refreshing();
            world.answer_with(200, &[("Content-Encoding", value)], body);
            keeps_the_set(&mut world, FetchOutcome::Encoded);
        }
    }
    let mut world = refreshing();
    world.answer_with(200, &[("content-encoding", "identity"), ("content-encoding", "gzip")], "keys b=1");
    keeps_the_set(&mut world, FetchOutcome::Encoded);
    for value in ["identity", "Identity", "", " ", "identity,"] {
        let mut world = refreshing();
        world.answer_with(200, &[("content-encoding", value)], "keys b=1");
        assert_eq!(world.counts.last(), Some(&Counter::Fetch(FetchOutcome::Changed)), "{value:?}");
    }
    let mut world = refreshing();
    world.answer_with(500, &[("content-encoding", "gzip")], "");
    keeps_the_set(&mut world, FetchOutcome::ServerError);
}

#[test]
fn fetch_asks_for_an_answer_without_content_coding() {
    let world = refreshing();
    let headers = &world.flights[0].callout.headers;
    assert!(headers.contains(&("accept-encoding", String::from("identity"))));
}

#[test]
fn a_set_without_a_usable_key_keeps_the_set_or_is_503_when_there_was_none_j15() {
    let mut world = refreshing();
    world.answer(200, "keys !bad !worse");
    keeps_the_set(&mut world, FetchOutcome::NoUsableKey);

    let mut world = World::new(1, Host::Envoy, remote());
    let (verdict, id) = world.ask(0, token("a"));
    assert_eq!(verdict, Verdict::Waits);
    world.answer(200, "keys !bad");
    assert_eq!(world.verdicts[&id], Verdict::Unavailable);
}

#[test]
fn keys_that_were_left_out_are_counted_and_told_once() {
    let mut world = World::warm(4, "keys a=1 !bad !worse");
    assert_eq!(world.counts, [Counter::Fetch(FetchOutcome::Changed), Counter::Skipped("odd", 2)]);
    assert_eq!(world.log, [StateChange::Obtained(1), StateChange::Skipped(2)]);
    world.run(60 * MINUTE, 200, "keys a=1 !bad !worse");
    assert_eq!(world.log.len(), 2);
}

#[test]
fn the_content_type_does_not_matter_and_foreign_headers_do_no_harm_k16() {
    let mut world = refreshing();
    let long = "x".repeat(100_000);
    let headers =
        [("content-type", "text/html"), ("etag", long.as_str()), ("cache-control", long.as_str()), ("age", "-1")];
    world.answer_with(200, &headers, "keys b=1");
    world.tick_all();
    assert_eq!((world.kids(0), world.kids(1)), (vec!["b"], vec!["b"]));
    assert!(world.map.entry("meta").unwrap().len() < 512);
}

#[test]
fn an_endpoint_that_is_down_from_the_start_is_503_and_never_a_pass_k04() {
    let mut world = World::new(2, Host::Envoy, remote());
    world.run(MINUTE, 503, "no healthy upstream");
    let (verdict, id) = world.ask(0, token("a"));
    assert_eq!(verdict, Verdict::Waits);
    world.run(2 * SECOND, 503, "");
    assert_eq!(world.verdicts[&id], Verdict::Unavailable);
    assert_eq!(world.jwks(0).generation(), 0);
    assert_eq!(world.jwks(0).age(world.at()), None);
}
