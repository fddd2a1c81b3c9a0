//! Requests that wait: each is answered once, as soon as the outcome is known.

use super::kit::*;
use crate::jwks::absent::CAPACITY;
use crate::jwks::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn requests_before_the_first_keys_cause_one_callout_and_are_all_answered_k15() {
    for (status, verdict) in [(200, Verdict::Admitted), (500, Verdict::Unavailable)] {
        let mut world = World::new(4, Host::Envoy, remote());
        let ids: Vec<_> = (0..1000).map(|n| world.ask(n % 4, token("a")).1).collect();
        assert_eq!(world.flights.len(), 1);
        world.answer(status, "keys a=1");
        world.tick_all();
        assert!(ids.iter().all(|id| world.verdicts[id] == verdict));
    }
}

#[test]
fn without_any_keys_requests_cause_at_most_one_attempt_a_second_in_the_whole_process() {
    let mut world = World::new(8, Host::Envoy, remote());
    let mut attempts = 0;
    for n in 0..600 {
        world.ask(n % 8, token("a"));
        world.pass(SECOND / 10);
        world.tick(n % 8);
        attempts += world.flights.len();
        while !world.flights.is_empty() {
            world.answer(503, "");
        }
    }
    assert!((40..=60).contains(&attempts), "{attempts}");
}

#[test]
fn without_requests_attempts_back_off_even_without_any_keys() {
    let mut world = World::new(8, Host::Envoy, remote());
    assert!(world.run(60 * MINUTE, 503, "") < 70);
}

#[test]
fn attempts_back_off_again_once_the_request_that_waited_is_refused() {
    let mut world = World::new(2, Host::Envoy, remote());
    let (_, id) = world.ask(0, token("a"));
    world.answer(503, "");
    assert_eq!(world.verdicts[&id], Verdict::Unavailable);
    let attempts = world.run(10 * MINUTE, 503, "");
    assert!(attempts < 20, "{attempts}");
}

#[test]
fn nobody_waits_for_keys_that_have_been_gone() {
    let mut world = World::warm(1, "keys a=1");
    world.run(62 * MINUTE, 503, "");
    assert!(matches!(world.jwks(0).missing(world.at(), Some("a")), Missing::Unavailable { .. }));
}

#[test]
fn a_worker_whose_requests_wait_looks_again_soon() {
    let mut world = World::new(2, Host::Envoy, remote());
    world.tick(0);
    let at = world.at();
    let jwks = &mut world.workers[1].as_mut().unwrap().jwks;
    let wanted = jwks.handle(at, &mut world.map, Event::Wanted { kid: Some("a") });
    assert_eq!(wanted, [Effect::TickWithin(Duration::ZERO)]);
    assert_eq!(jwks.handle(at, &mut world.map, Event::Wanted { kid: Some("b") }), [], "asked for already");
    assert_eq!(jwks.handle(at, &mut world.map, Event::Tick), [Effect::TickWithin(Duration::from_millis(50))]);
    let jwks = &mut world.workers[0].as_mut().unwrap().jwks;
    assert_eq!(jwks.handle(at, &mut world.map, Event::Tick), [], "the answer itself will wake this one");
}

#[test]
fn keys_that_go_while_a_request_waits_for_a_kid_end_its_wait() {
    let mut world = World::warm(1, "keys a=1");
    world.run(60 * MINUTE - SECOND, 503, "");
    let (verdict, id) = world.ask(0, token("b"));
    assert_eq!(verdict, Verdict::Waits);
    world.pass(2 * SECOND);
    world.tick_all();
    assert_eq!(world.verdicts[&id], Verdict::Unavailable);
}

#[test]
fn a_worker_remembers_no_more_waiting_kids_than_it_has_room_for_and_wakes_them_all() {
    let mut world = World::warm(1, "keys a=1");
    let ids: Vec<_> = (0..500).map(|n| world.ask(0, token(&format!("k{n}"))).1).collect();
    world.answer(200, "keys a=1 k499=1");
    assert_eq!(world.verdicts[&ids[499]], Verdict::Admitted);
    assert_eq!(world.run(SECOND, 200, "keys a=1 k499=1"), 2, "for those that came after the first fetch began");
    let count = |verdict| ids.iter().filter(|id| world.verdicts[id] == verdict).count();
    assert!(count(Verdict::Absent) >= CAPACITY, "{}", count(Verdict::Absent));
    assert_eq!(count(Verdict::Absent) + count(Verdict::Unavailable), 499);
}

#[test]
fn a_failure_from_before_a_request_is_not_the_outcome_it_waits_for() {
    let mut world = World::new(2, Host::Envoy, remote());
    world.tick(0);
    world.answer(503, "");
    let (_, id) = world.ask(1, token("a"));
    world.tick(1);
    assert!(!world.verdicts.contains_key(&id));
    world.run(2 * SECOND, 200, "keys a=1");
    assert_eq!(world.verdicts[&id], Verdict::Admitted);
}

#[test]
fn a_success_whose_set_cannot_be_read_does_not_refuse_anybody() {
    let mut world = World::new(2, Host::Envoy, remote());
    world.tick(0);
    let (_, id) = world.ask(1, token("a"));
    world.answer(200, "keys a=1");
    world.map.scribble("body", b"torn");
    world.tick(1);
    assert!(!world.verdicts.contains_key(&id));
    world.run(2 * SECOND, 200, "keys a=1");
    assert_eq!(world.verdicts[&id], Verdict::Admitted);
}

#[test]
fn requests_that_wait_for_keys_which_turn_out_to_be_gone_are_refused() {
    let mut world = World::warm(2, "keys a=1");
    world.map.broken = true;
    world.reload(1);
    world.pass(61 * MINUTE);
    let (verdict, id) = world.ask(1, token("a"));
    assert_eq!(verdict, Verdict::Waits);
    world.map.broken = false;
    world.tick(1);
    assert_eq!(world.verdicts[&id], Verdict::Unavailable);
}

#[test]
fn a_request_that_waits_although_its_key_is_back_is_decided_at_the_next_tick() {
    let mut world = World::warm(2, "keys a=1");
    world.pass(59 * MINUTE);
    world.tick(1);
    world.pass(2 * MINUTE);
    world.flights.clear();
    world.tick(0);
    world.answer(200, "keys a=1");
    world.hasty = true;
    let (verdict, id) = world.ask(1, token("a"));
    assert_eq!(verdict, Verdict::Waits, "until it is decided again");
    world.tick(1);
    assert_eq!(world.verdicts[&id], Verdict::Admitted);
    assert!(world.flights.is_empty());
}
