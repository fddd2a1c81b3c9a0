//! Tokens that name a key which the set does not have.

use super::kit::*;
use crate::jwks::absent::CAPACITY;
use crate::jwks::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_rotation_just_before_signing_succeeds_on_the_first_request_k07() {
    let mut world = World::warm(4, "keys a=1");
    let (verdict, id) = world.ask(2, token("b"));
    assert_eq!(verdict, Verdict::Waits);
    assert_eq!(world.flights.len(), 1, "without waiting for a regular tick");
    world.answer(200, "keys a=1 b=1");
    assert_eq!(world.verdicts[&id], Verdict::Admitted);
    world.tick_all();
    assert!((0..4).all(|worker| world.kids(worker) == ["a", "b"]));
}

#[test]
fn the_cool_down_counts_from_forced_refreshes_only_k07() {
    let mut world = World::warm(1, "keys a=1");
    world.run(9 * MINUTE, 200, "keys a=1");
    let (_, id) = world.ask(0, token("b"));
    assert_eq!(world.flights.len(), 1, "right after a regular fetch");
    world.answer(200, "keys b=1");
    assert_eq!(world.verdicts[&id], Verdict::Admitted);
}

#[test]
fn ten_thousand_unknown_kids_on_sixteen_workers_cause_three_callouts_k05() {
    let mut world = World::warm(16, "keys a=1");
    let mut ids = Vec::new();
    let mut callouts = 0;
    for n in 0..10_000 {
        ids.push(world.ask(n % 16, token(&format!("kid-{n}"))).1);
        if n % 10 == 0 {
            world.pass(SECOND / 1000);
        }
        if n % 5000 == 0 {
            world.tick_all();
        }
        if n % 3000 == 2999 && !world.flights.is_empty() {
            callouts += world.flights.len();
            world.answer(200, "keys a=1");
        }
    }
    callouts += world.run(28 * SECOND, 200, "keys a=1");
    assert_eq!(callouts, 3);
    let count = |verdict| ids.iter().filter(|id| world.verdicts[id] == verdict).count();
    let absent = count(Verdict::Absent);
    assert!(absent > 0 && absent + count(Verdict::Unavailable) == ids.len());
    for worker in 0..16 {
        assert!(world.jwks(worker).absent.len() <= CAPACITY);
    }
}

#[test]
fn an_unknown_kid_of_one_issuer_does_not_refresh_another_k06() {
    let mut world = World::warm(1, "keys a=1");
    let mut other = World::new(1, Host::Envoy, Remote { issuer: String::from("https://b.example"), ..remote() });
    other.map = std::mem::replace(&mut world.map, Map::new(Host::Envoy));
    other.tick_all();
    other.answer(200, "keys b=1");
    world.map = std::mem::replace(&mut other.map, Map::new(Host::Envoy));
    world.ask(0, token("zzz"));
    assert_eq!(world.flights.len(), 1);
    other.map = std::mem::replace(&mut world.map, Map::new(Host::Envoy));
    other.tick_all();
    assert!(other.flights.is_empty());
    assert_eq!(other.jwks(0).missing(other.at(), Some("zzz")), Missing::MayWait, "no cool-down of its own");
}

#[test]
fn within_the_cool_down_an_unknown_kid_is_absent_after_success_and_503_after_failure_k10() {
    for (status, verdict) in [(200, Verdict::Absent), (503, Verdict::Unavailable)] {
        let mut world = World::warm(2, "keys a=1");
        let (_, id) = world.ask(0, token("b"));
        world.answer(status, "keys a=1");
        assert_eq!(world.verdicts[&id], verdict);
        for worker in 0..2 {
            assert_eq!(world.ask(worker, token("b")).0, verdict, "on every worker");
        }
        assert!(world.flights.is_empty());
        assert_eq!(world.ask(0, token("a")).0, Verdict::Admitted);
        world.pass(30 * SECOND);
        assert_eq!(world.ask(1, token("d")).0, Verdict::Waits);
    }
}

#[test]
fn rotation_within_a_cool_down_is_picked_up_at_once() {
    for after in [0, 1, 5, 15, 29] {
        let mut world = World::warm(2, "keys a=1");
        world.ask(0, token("made-up"));
        world.answer(200, "keys a=1");
        world.pass(after * SECOND);
        let (verdict, id) = world.ask(1, token("b"));
        assert_eq!((verdict, world.flights.len()), (Verdict::Waits, 1), "{after} s");
        world.answer(200, "keys a=1 b=1");
        assert_eq!(world.verdicts[&id], Verdict::Admitted, "{after} s");
        assert_eq!(world.ask(0, token("made-up")).0, Verdict::Absent, "the provider was asked for it");
    }
}

#[test]
fn kid_is_unavailable_once_a_cool_down_is_used_up() {
    let mut world = World::warm(2, "keys a=1");
    for made_up in 0..3 {
        let worker = made_up % 2;
        let (_, id) = world.ask(worker, token(&format!("made-up-{made_up}")));
        assert_eq!(world.flights.len(), 1);
        world.answer(200, "keys a=1");
        assert_eq!(world.verdicts[&id], Verdict::Absent);
        world.pass(5 * SECOND);
    }
    for worker in 0..2 {
        assert_eq!(world.ask(worker, token("b")).0, Verdict::Unavailable);
        let retry_after = Missing::Unavailable { retry_after: 15 * SECOND };
        assert_eq!(world.jwks(worker).missing(world.at(), Some("b")), retry_after);
        for made_up in 0..3 {
            assert_eq!(world.ask(worker, token(&format!("made-up-{made_up}"))).0, Verdict::Absent);
        }
    }
    assert_eq!(world.run(15 * SECOND, 200, "keys a=1 b=1"), 0, "nobody waits, so nothing is fetched");
    let (verdict, id) = world.ask(1, token("b"));
    assert_eq!((verdict, world.flights.len()), (Verdict::Waits, 1));
    world.answer(200, "keys a=1 b=1");
    assert_eq!(world.verdicts[&id], Verdict::Admitted);
}

#[test]
fn no_cool_down_sees_more_than_three_forced_fetches() {
    let mut world = World::warm(4, "keys a=1");
    let mut at = Vec::new();
    for n in 0..1200 {
        world.ask(n % 4, token(&format!("made-up-{n}")));
        at.extend(world.flights.iter().map(|_| world.now));
        world.run(SECOND / 2, 200, "keys a=1");
    }
    assert!(at.windows(4).all(|four| four[3] - four[0] >= 30_000), "{at:?}");
    assert!((55..=61).contains(&at.len()), "{}", at.len());
}

#[test]
fn kid_asked_for_during_a_fetch_is_not_settled_by_it() {
    let mut world = World::warm(2, "keys a=1");
    world.ask(0, token("made-up"));
    let late: Vec<_> = (0..2).map(|worker| world.ask(worker, token("b")).1).collect();
    assert_eq!(world.flights.len(), 1);
    world.answer(200, "keys a=1");
    world.tick_all();
    assert!(late.iter().all(|id| !world.verdicts.contains_key(id)), "the provider may have answered before it rotated");
    world.answer(200, "keys b=1");
    world.tick_all();
    assert!(late.iter().all(|id| world.verdicts[id] == Verdict::Admitted));
}

#[test]
fn regular_fetch_settles_the_kids_asked_for_before_it() {
    let mut world = World::warm(2, "keys a=1");
    let at = world.at();
    world.workers[1].as_mut().unwrap().jwks.handle(at, &mut world.map, Event::Wanted { kid: Some("b") });
    world.pass(9 * MINUTE);
    world.tick(0);
    world.answer(200, "keys a=1");
    world.tick(1);
    assert_eq!(world.jwks(1).missing(world.at(), Some("b")), Missing::Absent);
    assert!(world.flights.is_empty());
}

#[test]
fn failed_fetch_for_a_kid_is_not_repeated_for_it_in_the_cool_down() {
    let mut world = World::warm(3, "keys a=1");
    let ids: Vec<_> = (0..3).map(|worker| world.ask(worker, token("b")).1).collect();
    world.answer(503, "");
    world.tick_all();
    assert!(ids.iter().all(|id| world.verdicts[id] == Verdict::Unavailable));
    assert_eq!(world.ask(2, token("b")).0, Verdict::Unavailable);
    assert!(world.flights.is_empty());
    assert_eq!(world.ask(2, token("c")).0, Verdict::Waits, "another kid may be asked for");
    world.answer(200, "keys a=1 b=1 c=1");
    world.tick_all();
    assert_eq!(world.ask(1, token("b")).0, Verdict::Admitted);
}

#[test]
fn an_unknown_kid_may_be_asked_for_while_regular_attempts_back_off() {
    let mut world = World::warm(1, "keys a=1");
    world.run(20 * MINUTE, 503, "");
    let (verdict, id) = world.ask(0, token("b"));
    assert_eq!((verdict, world.flights.len()), (Verdict::Waits, 1));
    world.answer(200, "keys b=1");
    assert_eq!(world.verdicts[&id], Verdict::Admitted);
}

#[test]
fn one_kid_asked_for_again_and_again_is_fetched_ever_more_rarely_up_to_the_ttl() {
    let mut world = World::warm(1, "keys a=1");
    let mut at = Vec::new();
    for _ in 0..2400 {
        world.ask(0, token("ghost"));
        at.extend(world.flights.iter().map(|_| world.now / 1000));
        world.run(SECOND, 200, "keys a=1");
    }
    let gaps: Vec<_> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // A second more than each pause: that is how often it is asked for.
    assert_eq!(gaps[..7], [31, 61, 121, 241, 481, 601, 601]);
    assert_eq!(world.ask(0, token("another")).0, Verdict::Waits, "which holds back no other kid");
}

#[test]
fn a_cool_down_wakes_nobody_where_nobody_waits() {
    let mut world = World::warm(1, "keys a=1");
    world.ask(0, token("b"));
    world.answer(200, "keys a=1");
    world.pass(SECOND);
    let at = world.at();
    let jwks = &mut world.workers[0].as_mut().unwrap().jwks;
    assert_eq!(jwks.handle(at, &mut world.map, Event::Tick), []);
}

#[test]
fn a_new_set_forgets_which_kids_were_absent() {
    let mut world = World::warm(1, "keys a=1");
    for _ in 0..4 {
        world.ask(0, token("ghost"));
        world.run(60 * SECOND, 200, "keys a=1");
    }
    assert!(world.jwks(0).absent.len() > 0);
    world.run(10 * MINUTE, 200, "keys b=1");
    assert_eq!(world.jwks(0).absent.len(), 0);
    assert_eq!(world.ask(0, token("ghost")).0, Verdict::Waits);
}

#[test]
fn a_set_that_another_worker_fetched_a_moment_ago_counts() {
    let mut world = World::warm(2, "keys a=1");
    world.ask(1, token("x"));
    world.answer(200, "keys a=1");
    world.pass(9 * MINUTE);
    world.tick(0);
    world.answer(200, "keys b=1");
    assert_eq!(
        world.ask(1, token("b")).0,
        Verdict::Admitted,
        "before its tick, and within a cool-down that it knows of"
    );
}

#[test]
fn requests_on_other_workers_wait_for_the_same_refresh_and_are_woken() {
    let mut world = World::warm(3, "keys a=1");
    let ids: Vec<_> = (0..3).map(|worker| world.ask(worker, token("b")).1).collect();
    assert_eq!(world.flights.len(), 1);
    world.answer(200, "keys b=1");
    world.tick_all();
    assert!(ids.iter().all(|id| world.verdicts[id] == Verdict::Admitted));
}

#[test]
fn a_refresh_that_was_already_under_way_does_not_settle_an_unknown_kid() {
    let mut world = World::warm(1, "keys a=1");
    world.pass(9 * MINUTE);
    world.tick_all();
    let (_, id) = world.ask(0, token("b"));
    assert_eq!(world.flights.len(), 1);
    world.answer(200, "keys a=1");
    assert!(!world.verdicts.contains_key(&id), "the provider may have answered before it rotated");
    world.tick_all();
    world.answer(200, "keys b=1");
    assert_eq!(world.verdicts[&id], Verdict::Admitted);
}

#[test]
fn a_forced_refresh_whose_leader_died_leaves_doubt_and_causes_no_second_one_in_the_cool_down() {
    let mut world = World::warm(2, "keys a=1");
    world.ask(0, token("b"));
    let (_, id) = world.ask(1, token("b"));
    world.flights.clear();
    world.reload(0);
    assert_eq!(world.run(8 * SECOND, 200, "keys a=1"), 0);
    assert_eq!(world.verdicts[&id], Verdict::Unavailable);
}

#[test]
fn a_token_without_a_kid_that_no_key_fits_may_wait_once_too() {
    let mut world = World::warm(1, "keys a=1");
    assert_eq!(world.jwks(0).missing(world.at(), None), Missing::MayWait);
    world.event(0, Event::Wanted { kid: None });
    world.tick_all();
    world.answer(200, "keys a=1");
    assert_eq!(world.jwks(0).missing(world.at(), None), Missing::Absent);
}

#[test]
fn what_a_token_says_reaches_no_callout_k14() {
    let evil = "https://evil.example/\r\nhost: evil\0../../keys";
    for source in [remote(), discovery()] {
        let mut plain = World::new(1, Host::Envoy, source.clone());
        plain.tick_all();
        let mut world = World::new(1, Host::Envoy, source);
        world.ask(0, token(evil));
        let (mut expected, mut callout) = (plain.flights.remove(0).callout, world.flights.remove(0).callout);
        (expected.ticket, callout.ticket) = (0, 0);
        assert_eq!(callout, expected);
    }
}

#[test]
fn keys_that_are_found_while_looking_cause_no_fetch() {
    let mut world = World::warm(2, "keys a=1");
    world.pass(9 * MINUTE);
    world.tick(0);
    world.answer(200, "keys b=1");
    assert_eq!(world.ask(1, token("b")).0, Verdict::Admitted);
    world.run(SECOND, 200, "keys b=1");
    assert!(world.jwks(1).record.forced.is_empty());
}

#[test]
fn a_regular_fetch_that_brings_the_kid_is_followed_by_no_other() {
    let mut world = World::warm(1, "keys a=1");
    world.pass(9 * MINUTE);
    world.tick_all();
    let (_, id) = world.ask(0, token("b"));
    world.answer(200, "keys b=1");
    assert_eq!(world.verdicts[&id], Verdict::Admitted);
    assert_eq!(world.run(10 * SECOND, 200, "keys b=1"), 0);
}

#[test]
fn a_fetch_that_failed_is_not_held_against_a_kid() {
    let mut world = World::warm(1, "keys a=1");
    let mut forced = Vec::new();
    for _ in 0..300 {
        world.ask(0, token("b"));
        forced.extend(world.jwks(0).record.forced.first().map(|forced| forced.asked.at.millis() / 1000));
        world.run(SECOND, 503, "");
    }
    forced.dedup();
    assert!(forced.len() >= 9, "{forced:?}");
    assert_eq!(world.jwks(0).absent.len(), 0);
}

#[test]
fn memory_of_kids_is_bounded() {
    let at = Timestamp::from_millis(START);
    let mut absent = absent::AbsentKids::new(SECOND, MINUTE);
    let mut wanted = absent::Wanted::default();
    for n in 0..1000 {
        let kid = Kid::new(Some(&n.to_string()));
        let now = at.after(n * SECOND / 1000);
        absent.note(kid, now);
        wanted.add(kid, Record::new().ask(now));
        assert!(absent.pauses(kid, now), "the newest is remembered");
    }
    assert_eq!((absent.len(), wanted.kids().count()), (CAPACITY, CAPACITY));
}

#[test]
fn a_clock_set_back_ends_a_pause_that_would_last_longer_than_it_was_meant_to() {
    let at = Timestamp::from_millis(START);
    let mut absent = absent::AbsentKids::new(30 * SECOND, 10 * MINUTE);
    let kid = Kid::new(Some("ghost"));
    absent.note(kid, at);
    assert!(absent.pauses(kid, at.after(29 * SECOND)) && !absent.pauses(kid, at.after(30 * SECOND)));
    assert!(!absent.pauses(kid, at.before(5 * MINUTE)));
}
