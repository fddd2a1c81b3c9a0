//! How long a set lives, and when it is fetched again.

use super::kit::*;
use crate::jwks::*;
use crate::time::Timestamp;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_set_is_fetched_again_between_80_and_90_percent_of_its_life() {
    let mut world = World::warm(4, "keys a=1");
    assert_eq!(world.run(8 * MINUTE - SECOND, 200, "keys a=1"), 0);
    assert_eq!(world.run(MINUTE + 2 * SECOND, 200, "keys a=1"), 1);
}

#[test]
fn workers_and_processes_spread_their_fetches() {
    let since = Timestamp::from_millis(START);
    let at: Vec<_> = (0..100).map(|seed| schedule::refresh_at(since, 10 * MINUTE, seed)).collect();
    let (first, last) = (at.iter().min().unwrap(), at.iter().max().unwrap());
    assert!(first.since(since) >= 8 * MINUTE && last.since(since) < 9 * MINUTE);
    assert!(last.since(*first) > 50 * SECOND);
}

#[test]
fn cache_control_shortens_a_life_to_a_minute_at_least_and_never_lengthens_it_k11() {
    for (header, life) in [
        ("max-age=300", 300),
        ("public, Max-Age=\"300\", must-revalidate", 300),
        ("max-age=0", 60),
        ("max-age=-5", 60),
        ("max-age=", 60),
        ("max-age", 60),
        ("no-store", 60),
        ("no-cache, max-age=300", 60),
        ("max-age=500, max-age=300", 300),
        ("max-age=86400", 600),
        ("max-age=99999999999999999999999999999", 600),
        ("s-maxage=5, x-max-age=5", 600),
        ("", 600),
    ] {
        let mut world = World::new(1, Host::Envoy, remote());
        world.tick_all();
        world.answer_with(200, &[("Cache-Control", header)], "keys a=1");
        let set = world.jwks(0).record.set.clone().unwrap();
        assert_eq!(set.fresh_until.since(set.fetched_at).as_secs(), life, "{header}");
    }
}

#[test]
fn the_time_an_answer_spent_in_caches_counts_k11() {
    let mut world = World::new(1, Host::Envoy, remote());
    world.tick_all();
    world.answer_with(200, &[("cache-control", "max-age=400"), ("age", "100")], "keys a=1");
    let set = world.jwks(0).record.set.clone().unwrap();
    assert_eq!(set.fresh_until.since(set.fetched_at).as_secs(), 300);
}

#[test]
fn a_ttl_under_a_minute_is_kept_to() {
    let mut world = World::new(1, Host::Envoy, Remote { ttl: 10 * SECOND, ..remote() });
    assert!(world.run(MINUTE, 200, "keys a=1") >= 6);
}

#[test]
fn an_unchanged_set_is_confirmed_without_a_new_generation() {
    let mut world = World::warm(2, "keys a=1");
    world.pass(9 * MINUTE);
    world.tick_all();
    world.answer(200, "keys a=1");
    world.tick_all();
    for worker in 0..2 {
        assert_eq!(world.jwks(worker).generation(), 1);
        assert_eq!(world.jwks(worker).age(world.at()), Some(Duration::ZERO));
    }
    assert_eq!(world.counts.last(), Some(&Counter::Fetch(FetchOutcome::Unchanged)));
    assert_eq!(world.log, [StateChange::Obtained(1)]);
}

fn condition(world: &World) -> Option<&str> {
    let headers = &world.flights[0].callout.headers;
    headers.iter().find(|(name, _)| *name == "if-none-match").map(|(_, value)| value.as_str())
}

fn warm_with_etag(etag: &str) -> World {
    let mut world = World::new(2, Host::Envoy, remote());
    world.tick_all();
    assert_eq!(condition(&world), None);
    world.answer_with(200, &[("ETag", etag)], "keys a=1");
    world.pass(9 * MINUTE);
    world.tick(1);
    world
}

#[test]
fn a_validator_is_sent_back_and_304_confirms_the_set_held() {
    let mut world = warm_with_etag("W/\"7\"");
    assert_eq!(condition(&world), Some("W/\"7\""));
    world.answer(304, "");
    world.tick_all();
    assert_eq!(world.counts.last(), Some(&Counter::Fetch(FetchOutcome::NotModified)));
    assert_eq!(world.jwks(0).age(world.at()), Some(Duration::ZERO));
    assert_eq!((world.jwks(0).generation(), world.jwks(1).generation()), (1, 1));
    assert_eq!(world.run(8 * MINUTE - SECOND, 500, ""), 0, "its life begins anew");
    world.pass(MINUTE + SECOND);
    world.tick(0);
    assert_eq!(condition(&world), Some("W/\"7\""), "a 304 need not repeat the validator");
}

#[test]
fn a_304_that_was_not_asked_for_is_a_failure() {
    let mut world = World::new(1, Host::Envoy, remote());
    world.tick_all();
    world.answer(304, "");
    assert_eq!(world.counts, [Counter::Fetch(FetchOutcome::Redirect)]);
    assert_eq!(world.jwks(0).generation(), 0);
}

#[test]
fn a_worker_without_the_set_asks_without_the_validator() {
    let mut world = warm_with_etag("\"7\"");
    world.flights.clear();
    world.map.scribble("body", b"keys evil=1");
    world.reload(0);
    world.reload(1);
    world.run(8 * SECOND, 500, "");
    world.tick_all();
    world.pass(MINUTE);
    world.tick_all();
    assert_eq!(condition(&world), None);
}

#[test]
fn a_set_that_was_lost_from_shared_data_is_fetched_whole_and_put_back() {
    let mut world = World::new(2, Host::Envoy, remote());
    world.tick_all();
    world.answer_with(200, &[("etag", "\"7\"")], "keys a=1");
    world.tick_all();
    world.map.scribble("body", b"keys evil=1");
    world.pass(9 * MINUTE);
    world.tick(1);
    assert_eq!(condition(&world), None, "nobody could begin with what a 304 confirms");
    world.answer_with(200, &[("etag", "\"7\"")], "keys a=1");
    assert_eq!(world.run(8 * MINUTE, 500, ""), 0);
    world.reload(0);
    assert_eq!(world.kids(0), ["a"], "though the provider is down");
    world.pass(MINUTE);
    world.tick(1);
    assert_eq!(condition(&world), Some("\"7\""));
}

#[test]
fn without_shared_data_a_validator_is_sent_back() {
    let mut world = World::new(1, Host::Alone, remote());
    world.tick_all();
    world.answer_with(200, &[("etag", "\"7\"")], "keys a=1");
    world.pass(9 * MINUTE);
    world.tick_all();
    assert_eq!(condition(&world), Some("\"7\""));
}

#[test]
fn a_validator_that_could_not_stand_in_a_header_is_not_kept() {
    for etag in ["7", "\"", "\"a b\"", "\"a\"\"", "\"\u{e9}\"", "w/\"7\"", "\"a\r\nx: y\""] {
        assert_eq!(condition(&warm_with_etag(etag)), None, "{etag}");
    }
}

#[test]
fn a_host_that_cannot_take_a_304_is_not_asked_for_one() {
    let mut world = World::new(1, Host::Nginx, Remote { conditional: false, ..remote() });
    world.tick_all();
    world.answer_with(200, &[("etag", "\"7\"")], "keys a=1");
    world.pass(9 * MINUTE);
    world.tick_all();
    assert_eq!(condition(&world), None);
}

#[test]
fn failures_back_off_from_a_second_to_a_minute_while_there_are_keys() {
    let mut world = World::warm(4, "keys a=1");
    world.pass(9 * MINUTE);
    let mut at = Vec::new();
    while at.len() < 12 {
        world.pass(SECOND / 10);
        world.tick_all();
        while !world.flights.is_empty() {
            at.push(world.now);
            world.answer(500, "");
        }
    }
    let gaps: Vec<_> = at.windows(2).map(|pair| (pair[1] - pair[0]) / 1000).collect();
    for (gap, expected) in gaps.iter().zip([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]) {
        assert!((expected..=expected + expected / 10 + 1).contains(gap), "{gaps:?}");
    }
}

#[test]
fn keys_are_kept_through_an_outage_until_max_stale_and_then_503_with_one_line_for_each_change_k10() {
    let mut world = World::warm(4, "keys a=1");
    for _ in 0..60 {
        world.run(MINUTE - SECOND, 503, "");
        assert_eq!(world.ask(3, token("a")).0, Verdict::Admitted);
        world.pass(SECOND);
    }
    world.pass(SECOND);
    for worker in 0..4 {
        assert_eq!(world.ask(worker, token("a")).0, Verdict::Unavailable);
        assert_eq!(world.jwks(worker).count(world.at()), 0);
    }
    world.run(10 * MINUTE, 503, "");
    assert_eq!(world.ask(0, token("a")).0, Verdict::Unavailable);
    world.run(2 * MINUTE, 200, "keys a=1");
    assert_eq!(world.ask(0, token("a")).0, Verdict::Admitted);
    use StateChange::*;
    assert!(
        matches!(world.log[..], [Obtained(1), Failing(FetchOutcome::ServerError), Stale(_), Gone(_), Recovered(_)]),
        "{:?}",
        world.log
    );
}

#[test]
fn requests_bring_the_keys_back_within_a_second_once_the_provider_is_back() {
    let mut world = World::warm(2, "keys a=1");
    world.run(70 * MINUTE, 503, "");
    world.pass(SECOND / 100);
    assert_eq!(world.ask(1, token("a")).0, Verdict::Unavailable);
    world.run(SECOND + SECOND / 2, 200, "keys a=1");
    assert_eq!(world.ask(1, token("a")).0, Verdict::Admitted);
}

#[test]
fn a_clock_set_back_keeps_keys_no_longer_than_max_stale_from_then_on() {
    let mut world = World::warm(2, "keys a=1");
    world.now -= 24 * 3_600_000;
    world.run(59 * MINUTE, 503, "");
    assert_eq!(world.ask(0, token("a")).0, Verdict::Admitted);
    world.run(2 * MINUTE, 503, "");
    assert_eq!(world.ask(0, token("a")).0, Verdict::Unavailable);
    world.reload(0);
    assert_ne!(world.jwks(0).age(world.at()), None, "a new worker sees the future as now");
}

#[test]
fn a_clock_set_back_stops_neither_leases_nor_refreshes_nor_retries() {
    let mut world = World::warm(2, "keys a=1");
    world.pass(9 * MINUTE);
    world.tick_all();
    world.flights.clear();
    world.now -= 24 * 3_600_000;
    assert!(world.run(10 * MINUTE, 200, "keys b=1") >= 1);
    assert_eq!(world.kids(0), ["b"]);

    world.pass(9 * MINUTE);
    world.tick_all();
    world.answer(500, "");
    world.now -= 24 * 3_600_000;
    assert!(world.run(10 * MINUTE, 200, "keys c=1") >= 1);
    assert_eq!(world.kids(0), ["c"]);
}

#[test]
fn a_clock_set_forward_only_ages() {
    let mut world = World::warm(2, "keys a=1");
    world.now += 24 * 3_600_000;
    assert_eq!(world.ask(0, token("a")).0, Verdict::Unavailable);
    world.run(2 * SECOND, 200, "keys a=1");
    assert_eq!(world.ask(0, token("a")).0, Verdict::Admitted);
}

#[test]
fn age_and_number_can_be_read() {
    let mut world = World::warm(1, "keys a=1 b=1");
    world.pass(MINUTE);
    assert_eq!((world.jwks(0).age(world.at()), world.jwks(0).count(world.at())), (Some(MINUTE), 2));
}

#[test]
fn a_clock_set_back_during_a_fetch_delays_its_end_by_no_more_than_a_lease() {
    let mut world = World::warm(1, "keys a=1");
    world.pass(9 * MINUTE);
    world.tick_all();
    world.now -= 24 * 3_600_000;
    world.tick_all();
    assert_eq!(world.flights.len(), 1, "one fetch of a worker at a time");
    world.flights.clear();
    world.run(20 * MINUTE, 200, "keys b=1");
    assert_eq!(world.kids(0), ["b"]);
}

#[test]
fn a_confirmation_from_the_future_makes_no_set_younger() {
    let mut world = World::warm(2, "keys a=1");
    world.pass(9 * MINUTE);
    world.tick(0);
    world.answer(200, "keys a=1");
    world.now -= 5 * 60_000;
    world.tick(1);
    assert_eq!(world.jwks(1).age(world.at()), Some(4 * MINUTE));
}

#[test]
fn a_process_that_slept_says_nothing_of_a_stale_set_when_its_first_fetch_succeeds() {
    let mut world = World::warm(2, "keys a=1");
    world.pass(20 * MINUTE);
    world.run(SECOND, 200, "keys a=1");
    assert_eq!(world.log, [StateChange::Obtained(1)]);
}
