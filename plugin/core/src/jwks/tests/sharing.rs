//! Many workers, one fetch; and a map that is not ours alone.

use super::kit::*;
use crate::jwks::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn sixteen_workers_send_one_fetch_and_all_have_the_keys() {
    for host in [Host::Envoy, Host::Nginx] {
        let mut world = World::new(16, host, remote());
        world.tick_all();
        world.tick_all();
        assert_eq!(world.flights.len(), 1);
        world.answer(200, "keys a=1");
        world.tick_all();
        assert!((0..16).all(|worker| world.kids(worker) == ["a"]));
        assert_eq!(world.counts, [Counter::Fetch(FetchOutcome::Changed)]);
        assert_eq!(world.log, [StateChange::Obtained(1)]);
        assert_eq!(world.run(60 * MINUTE, 200, "keys a=1"), 7, "{host:?}");
    }
}

#[test]
fn two_workers_that_see_the_same_need_at_once_send_one_fetch_k12() {
    for seed in 0..200 {
        let mut world = World::new(16, Host::Envoy, remote());
        world.chaos = Some(Random(seed));
        for _ in 0..4 {
            world.tick_all();
        }
        assert_eq!(world.flights.len(), 1, "seed {seed}");
    }
}

#[test]
fn configuring_never_fetches() {
    let mut world = World::new(4, Host::Envoy, remote());
    assert!(world.flights.is_empty());
    assert_eq!(world.jwks(0).record.lease, None);
    world.event(0, Event::Configured);
    assert!(world.flights.is_empty());
}

#[test]
fn a_new_worker_has_the_keys_before_its_first_request() {
    let mut world = World::warm(2, "keys a=1");
    world.reload(1);
    assert_eq!(world.ask(1, token("a")).0, Verdict::Admitted);
    assert!(world.flights.is_empty());
}

#[test]
fn a_leader_that_dies_is_replaced_when_its_lease_runs_out_and_not_before() {
    let mut world = World::new(2, Host::Envoy, remote());
    world.tick(0);
    let late = world.flights.remove(0);
    world.reload(0);
    world.run(6 * SECOND, 200, "keys a=1");
    assert_eq!(world.kids(0), [""; 0]);
    world.run(2 * SECOND, 200, "keys a=1");
    assert_eq!((world.kids(0), world.kids(1)), (vec!["a"], vec!["a"]));
    assert_eq!(world.counts[0], Counter::Fetch(FetchOutcome::Abandoned));
    // The host would not deliver this; if it did, nothing would come of it.
    let answer = Answer { headers: &[(b":status".to_vec(), b"200".to_vec())], body: b"keys old=1" };
    world.event(0, Event::Answered { ticket: late.callout.ticket, answer });
    assert_eq!(world.kids(0), ["a"]);
}

#[test]
fn an_answer_that_comes_after_another_worker_took_over_changes_nothing_k12() {
    let mut world = World::new(2, Host::Envoy, remote());
    world.tick(0);
    let slow = world.flights.remove(0);
    world.pass(8 * SECOND);
    world.tick(1);
    world.answer(200, "keys new=1");
    world.deliver(&slow, 200, &[], b"keys old=1");
    world.tick_all();
    assert_eq!((world.kids(0), world.kids(1)), (vec!["new"], vec!["new"]));
    assert_eq!(world.counts.last(), Some(&Counter::Fetch(FetchOutcome::Late)));
}

#[test]
fn an_answer_to_no_question_is_ignored() {
    let mut world = World::warm(1, "keys a=1");
    let answer = Answer { headers: &[(b":status".to_vec(), b"200".to_vec())], body: b"keys evil=1" };
    for ticket in [0, 1, 2, u64::MAX] {
        world.event(0, Event::Answered { ticket, answer });
        world.event(0, Event::Failed { ticket, failure: FetchFailure::Reset });
    }
    assert_eq!(world.kids(0), ["a"]);
    assert!(world.counts[1..].iter().all(|counter| *counter == Counter::Fetch(FetchOutcome::Late)));
}

#[test]
fn an_answer_under_another_ticket_does_not_end_the_fetch_under_way() {
    let mut world = World::warm(1, "keys a=1");
    world.pass(9 * MINUTE);
    world.tick_all();
    world.event(0, Event::Failed { ticket: 0, failure: FetchFailure::Reset });
    let answer = Answer { headers: &[(b":status".to_vec(), b"200".to_vec())], body: b"keys evil=1" };
    world.event(0, Event::Answered { ticket: 0, answer });
    world.answer(200, "keys b=1");
    assert_eq!(world.kids(0), ["b"]);
}

#[test]
fn a_withdrawn_key_stops_working_in_every_worker_at_its_next_tick_k08() {
    for host in [Host::Envoy, Host::Nginx] {
        let mut world = World::new(8, host, remote());
        world.run(SECOND, 200, "keys a=1 b=1");
        world.run(9 * MINUTE, 200, "keys b=1");
        for worker in 0..8 {
            assert_eq!(world.kids(worker), ["b"]);
            assert_eq!(world.jwks(worker).generation(), 2, "what was remembered under the old set is void");
            assert_ne!(world.ask(worker, token("a")).0, Verdict::Admitted);
        }
        assert!(!world.counts.iter().any(|counter| matches!(counter, Counter::Shared(_))));
    }
}

#[test]
fn the_same_kid_with_another_key_is_another_set_k09() {
    let mut world = World::warm(2, "keys a=1");
    world.run(9 * MINUTE, 200, "keys a=2");
    assert_eq!(world.ask(1, token("a")).0, Verdict::Forged);
    assert_eq!(world.ask(1, Token("a".into(), 2)).0, Verdict::Admitted);
    assert_eq!(world.jwks(1).generation(), 2);
}

#[test]
fn shared_names_come_from_the_configuration_alone_m01() {
    let mut world = World::warm(2, "keys a=1");
    for n in 0..500 {
        world.ask(0, token(&format!("unknown-{n}")));
        world.run(SECOND, 200, "keys a=1");
    }
    let names: Vec<_> = world.map.entries.keys().collect();
    assert_eq!(names.len(), 2);
    assert!(names.iter().all(|name| name.len() == "claimgate/1//meta".len() + 64 && name.starts_with("claimgate/1/")));
}

fn heals(mut world: World, what: &str) {
    assert_eq!(world.ask(0, token("a")).0, Verdict::Admitted, "{what}");
    world.tick_all();
    for worker in 0..3 {
        assert_eq!(world.ask(worker, token("a")).0, Verdict::Admitted, "{what}");
    }
    world.reload(2);
    world.run(20 * SECOND, 200, "keys a=1");
    for worker in 0..3 {
        assert_eq!(world.kids(worker), ["a"], "{what}");
    }
    assert!(meta::decode(world.map.entry("meta").unwrap(), &world.remote.binding()).is_some(), "{what}");
}

#[test]
fn garbage_in_shared_data_is_no_record_and_is_counted_m02() {
    for garbage in [&b"garbage"[..], &[0; 300], b"cg-jwks\x02", b"keys evil=1"] {
        let mut world = World::warm(3, "keys a=1");
        world.map.scribble("meta", garbage);
        world.tick(0);
        assert_eq!(world.counts.last(), Some(&Counter::Shared(SharedFault::ForeignRecord)));
        heals(world, "garbage");
    }
}

#[test]
fn a_record_cut_anywhere_or_with_any_byte_of_its_head_changed_is_no_record_m02() {
    let mut world = World::warm(1, "keys a=1");
    let good = world.map.entry("meta").unwrap().clone();
    let binding = world.remote.binding();
    assert!(meta::decode(&good, &binding).is_some());
    for len in 0..good.len() {
        assert!(meta::decode(&good[..len], &binding).is_none(), "{len}");
    }
    for at in 0..40 {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(meta::decode(&bad, &binding).is_none(), "{at}");
    }
    let mut longer = good;
    longer.push(0);
    assert!(meta::decode(&longer, &binding).is_none());
}

#[test]
fn a_sound_key_set_that_is_not_the_one_described_is_not_believed_m02() {
    let mut world = World::warm(3, "keys a=1");
    world.map.scribble("body", b"keys evil=1");
    world.reload(1);
    assert_eq!(world.counts.last(), Some(&Counter::Shared(SharedFault::ForeignBody)));
    assert_eq!(world.kids(1), [""; 0]);
    world.run(2 * SECOND, 200, "keys a=1");
    assert_eq!(world.kids(1), ["a"]);
    heals(world, "foreign body");
}

#[test]
fn a_set_that_cannot_be_read_is_counted_once_and_fetched_again_within_a_second_m02() {
    // As long as the right one, so that only its digest tells.
    for foreign in ["keys e=1", "keys evil=1", ""] {
        let mut world = World::warm(2, "keys a=1");
        world.ask(0, token("b"));
        world.answer_with(200, &[("etag", "\"1\"")], "keys b=1");
        world.map.scribble("body", foreign.as_bytes());
        for _ in 0..5 {
            world.tick(1);
        }
        assert_eq!(world.kids(1), ["a"]);
        assert_eq!(world.counts.last(), Some(&Counter::Shared(SharedFault::ForeignBody)));
        assert_eq!((world.counts.len(), world.flights.len()), (3, 0), "an attempt has just ended");
        world.pass(SECOND);
        world.tick(1);
        let headers = &world.flights[0].callout.headers;
        assert!(!headers.iter().any(|(name, _)| *name == "if-none-match"), "it does not hold that set");
        world.answer(200, "keys b=1");
        assert_eq!(world.kids(1), ["b"]);
    }
}

#[test]
fn a_record_of_another_source_or_version_is_no_record_m02_m04() {
    let mut other = World::new(1, Host::Envoy, Remote { issuer: String::from("https://other.example"), ..remote() });
    other.tick_all();
    other.answer(200, "keys evil=1");
    let foreign = other.map.entry("meta").unwrap().clone();
    let mut older = World::warm(1, "keys a=1").map.entry("meta").unwrap().clone();
    older[7] = 0;
    for record in [foreign, older] {
        let mut world = World::warm(3, "keys a=1");
        world.map.scribble("meta", &record);
        world.map.scribble("body", b"keys evil=1");
        heals(world, "foreign record");
    }
}

#[test]
fn two_sources_never_share_an_entry_m03() {
    let Location::Keys(keys) = remote().location else { panic!() };
    let elsewhere = Endpoint { cluster: String::from("other"), ..keys.clone() };
    let url = Url::parse("https://id.example.com/keys?v=2").unwrap();
    let other_url = Endpoint { url, ..keys };
    let Location::Discovery { document, keys_cluster, .. } = discovery().location else { panic!() };
    let fewer_hosts = Location::Discovery { document, keys_cluster, keys_hosts: Vec::new() };
    let sources = [
        remote(),
        discovery(),
        Remote { issuer: String::from("https://id.example.com/"), ..remote() },
        Remote { location: Location::Keys(elsewhere), ..remote() },
        Remote { location: Location::Keys(other_url), ..remote() },
        Remote { location: fewer_hosts, ..discovery() },
        Remote { ttl: 5 * MINUTE, ..remote() },
        Remote { max_stale: 5 * MINUTE, ..remote() },
        Remote { timeout: SECOND, ..remote() },
        Remote { unknown_kid_cooldown: SECOND, ..remote() },
        Remote { max_bytes: 1, ..remote() },
        Remote { allow_insecure: true, ..remote() },
        Remote { conditional: false, ..remote() },
        Remote { admits: String::from("ES256"), ..remote() },
    ];
    let names: std::collections::BTreeSet<_> = sources.iter().map(Remote::binding).collect();
    assert_eq!(names.len(), sources.len());
}

#[test]
fn an_empty_entry_is_an_absent_one_m05() {
    for host in [Host::Envoy, Host::Nginx] {
        let mut world = World::new(3, host, remote());
        world.tick_all();
        world.answer(200, "keys a=1");
        world.tick_all();
        world.map.scribble("meta", b"");
        world.map.scribble("body", b"");
        world.tick(0);
        assert!(!world.counts.contains(&Counter::Shared(SharedFault::ForeignRecord)), "{host:?}");
        heals(world, "empty");
    }
}

#[test]
fn a_record_that_is_gone_is_brought_back_by_the_request_that_misses_it_m05() {
    let mut world = World::warm(1, "keys a=1");
    world.ask(0, token("b"));
    world.answer(200, "keys a=1");
    world.pass(SECOND);
    world.map.entries.clear();
    let at = world.at();
    let jwks = &mut world.workers[0].as_mut().unwrap().jwks;
    jwks.handle(at, &mut world.map, Event::Wanted { kid: Some("b") });
    assert_eq!(jwks.missing(at, Some("b")), Missing::Absent, "as before, without a wait");
    assert!(world.map.entry("meta").is_some());
}

/// A map in which somebody else always writes first.
struct Contended(Map, usize);

impl Shared for Contended {
    fn read(&mut self, name: &str) -> Result<Option<(Vec<u8>, u32)>, Unshared> {
        self.1 += 1;
        self.0.read(name)
    }

    fn write(&mut self, _: &str, _: &[u8], _: u32) -> Result<Swap, Unshared> {
        self.1 += 1;
        Ok(Swap::Mismatch)
    }
}

#[test]
fn losing_every_race_ends_after_a_few_tries_m06() {
    let mut world = World::warm(1, "keys a=1");
    let map = std::mem::replace(&mut world.map, Map::new(Host::Envoy));
    let mut contended = Contended(map, 0);
    let jwks = &mut world.workers[0].as_mut().unwrap().jwks;
    let later = Timestamp::from_millis(START + 9 * 60_000);
    let effects = jwks.handle(later, &mut contended, Event::Tick);
    assert_eq!(effects, []);
    assert!(contended.1 <= 8, "{}", contended.1);
    assert!(jwks.usable(later).is_some());
    // Nor does the worker think itself alone where not even the record is there.
    let mut contended = Contended(Map::new(Host::Envoy), 0);
    assert_eq!(jwks.handle(later, &mut contended, Event::Tick), []);
    assert!(contended.1 <= 32, "{}", contended.1);
}

#[test]
fn an_outcome_is_used_even_if_it_cannot_be_published_m06() {
    let mut world = World::new(1, Host::Envoy, remote());
    world.tick_all();
    let ticket = world.flights[0].callout.ticket;
    let map = std::mem::replace(&mut world.map, Map::new(Host::Envoy));
    let mut contended = Contended(map, 0);
    let at = world.at();
    let jwks = &mut world.workers[0].as_mut().unwrap().jwks;
    let answer = Answer { headers: &[(b":status".to_vec(), b"200".to_vec())], body: b"keys a=1" };
    jwks.handle(at, &mut contended, Event::Answered { ticket, answer });
    assert!(jwks.usable(at).is_some());
    assert!(contended.1 <= 40, "{}", contended.1);
}

#[test]
fn without_shared_data_each_worker_fetches_for_itself_m07() {
    let mut world = World::new(3, Host::Alone, remote());
    assert_eq!(world.run(SECOND, 200, "keys a=1"), 3);
    assert!((0..3).all(|worker| world.kids(worker) == ["a"]));
    assert!((3 * 6..=3 * 7).contains(&world.run(60 * MINUTE, 200, "keys a=1")));
    assert_eq!(world.log.iter().filter(|change| **change == StateChange::Alone).count(), 3 + 1, "the canary too");
}

#[test]
fn a_host_without_shared_data_says_so_m07() {
    assert_eq!(NoShared.read("claimgate"), Err(Unshared));
    assert_eq!(NoShared.write("claimgate", b"", 0), Err(Unshared));
}

#[test]
fn shared_data_may_go_and_come_back_m07() {
    let mut world = World::warm(3, "keys a=1");
    world.map.broken = true;
    world.run(20 * MINUTE, 200, "keys a=1 b=1");
    assert!((0..3).all(|worker| world.kids(worker) == ["a", "b"]));
    world.map.broken = false;
    world.run(20 * MINUTE, 200, "keys b=1");
    assert!((0..3).all(|worker| world.kids(worker) == ["b"]));
    let together = world.log.iter().filter(|change| **change == StateChange::Together).count();
    assert_eq!(together, 3);
}

#[test]
fn without_ticks_the_request_path_does_it_all() {
    let mut world = World::new(2, Host::Envoy, remote());
    let (verdict, id) = world.ask(0, token("a"));
    assert_eq!(verdict, Verdict::Waits);
    assert_eq!(world.flights.len(), 1, "the early tick that the request asked for");
    world.answer(200, "keys a=1");
    assert_eq!(world.verdicts[&id], Verdict::Admitted);
    assert_eq!(world.ask(1, token("a")).0, Verdict::Admitted, "found when it looked for keys");
}

#[test]
fn cleared_entries_read_as_none_and_harm_nobody() {
    for host in [Host::Envoy, Host::Nginx] {
        let mut world = World::new(3, host, remote());
        world.tick_all();
        world.answer(200, "keys a=1");
        world.tick_all();
        let faults = world.counts.len();
        let gone = world.workers[0].take().unwrap();
        gone.jwks.clear_shared(&mut world.map);
        assert!(world.map.entries.values().all(|(value, _)| value.is_empty()) && world.map.entries.len() == 2);
        let writes = world.map.writes.len();
        gone.jwks.clear_shared(&mut world.map);
        assert_eq!(world.map.writes.len(), writes, "what is empty is left alone");
        world.tick_all();
        assert_eq!((world.kids(1), world.kids(2)), (vec!["a"], vec!["a"]));
        assert_eq!((world.counts.len(), world.flights.len()), (faults, 0));
        world.run(10 * MINUTE, 200, "keys a=1 b=1");
        assert_eq!((world.kids(1), world.kids(2)), (vec!["a", "b"], vec!["a", "b"]));
        gone.jwks.clear_shared(&mut world.map);
        world.run(SECOND, 200, "keys a=1 b=1");
        world.reload(0);
        world.run(10 * SECOND, 200, "keys a=1 b=1");
        assert_eq!(world.kids(0), ["a", "b"]);
    }
}

#[test]
fn sources_share_entries_when_every_term_is_equal() {
    let jwks = |remote: Remote, seed| Jwks::<Toy>::new(remote, (), seed);
    let one = jwks(remote(), 1);
    assert!(one.shares_with(&jwks(remote(), 2)));
    assert!(!one.shares_with(&jwks(Remote { ttl: MINUTE, ..remote() }, 1)) && !one.shares_with(&jwks(discovery(), 1)));
}
