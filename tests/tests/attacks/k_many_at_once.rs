//! K05, K06, K12, K15: many workers and many requests at once.

use std::time::Duration;

use crate::fixture::*;
use crate::k_key_life::{lasting, second_key, seconds};
use crate::stage::*;
use host_sim::{Outcome, Request};
use serde_json::{Value, json};

/// The ticks and answers of so much time, after these requests were started.
fn all_decided(
    stage: &mut Stage,
    requests: impl IntoIterator<Item = (usize, Request)>,
    time: Duration,
) -> Vec<Outcome> {
    let ids: Vec<_> = requests.into_iter().map(|(worker, request)| stage.open(worker, request)).collect();
    stage.pass(time);
    let reports: Vec<_> = ids.into_iter().map(|id| stage.host.finish(id)).collect();
    assert!(reports.iter().all(|report| report.anomalies.is_empty()), "{reports:?}");
    stage.check_health("all requests");
    reports.into_iter().map(|report| report.outcome).collect()
}

#[test]
fn k05_ten_thousand_unknown_kids_in_a_second_cause_three_fetches() {
    let workers = 16;
    let mut stage =
        Stage::on(module(), &with(remote_config(), "/audit", json!("none")), |builder| builder.workers(workers));
    stage.serve(JWKS, key_set([signer().jwk()]));
    stage.pass(seconds(2));
    assert_eq!(stage.host.callout_count(), 1);
    let forged = |n: usize| orders(stranger_under(&format!("kid-{n}")));
    let mut outcomes = Vec::new();
    for batch in 0..20 {
        let requests = (0..500).map(|n| (n % workers, forged(batch * 500 + n)));
        outcomes.extend(all_decided(&mut stage, requests, Duration::from_millis(50)));
    }
    assert_eq!(stage.host.callout_count(), 1 + 3, "{:?}", stage.host.callout_counts());
    let refused = outcomes.iter().filter(|outcome| matches!(outcome.status(), Some(401 | 503))).count();
    assert_eq!(refused + outcomes.iter().filter(|outcome| **outcome == Outcome::Disconnected).count(), 10_000);
    // More of them wait, for three fetches instead of one, and are still waiting when this test ends their stream.
    assert!(refused > 8000, "{refused}");
    stage.admits("a good token meanwhile", orders(token()));
}

/// A token whose kid is anything and whose signature is nobody's: cheap to make in numbers.
fn stranger_under(kid: &str) -> String {
    let head = encoded(header(json!({"kid": kid})));
    format!("{head}.{}.{}", encoded(claims().to_string()), encoded([7; 64]))
}

fn two_issuers() -> Value {
    let second = json!({"name": "second", "issuer": "https://second.example", "audiences": ["api"],
        "keys": {"jwks_uri": "https://second.example/jwks", "cluster": "idp"}});
    with(remote_config(), "/issuers/-", second)
}

#[test]
fn k06_an_unknown_kid_refreshes_only_its_issuers_keys() {
    let mut stage = Stage::new(&two_issuers());
    stage.serve(JWKS, key_set([signer().jwk()]));
    stage.serve("https://second.example/jwks", key_set([second_key().jwk()]));
    stage.pass(seconds(2));
    stage.send("unknown", orders(stranger_under("unknown"))).is_refused("unknown", R401, "key_unknown");
    let counts = stage.host.callout_counts();
    assert_eq!(counts[&("idp".to_owned(), JWKS.to_owned())], 2);
    assert_eq!(counts[&("idp".to_owned(), "https://second.example/jwks".to_owned())], 1);
}

#[test]
fn k20_requests_of_one_issuer_leave_slots_to_others() {
    for most in [2, 20] {
        let mut stage = Stage::new(&with(two_issuers(), "/limits", json!({"waiting_requests": most})));
        stage.serve("https://second.example/jwks", key_set([second_key().jwk()]).after(Duration::from_millis(300)));
        stage.serve(JWKS, key_set([signer().jwk()]).after(seconds(4)));
        let junk: Vec<_> = (0..260).map(|n| stage.open(0, orders(stranger_under(&format!("junk-{n}"))))).collect();
        let crowded = junk.iter().filter(|id| stage.host.outcome(**id).status() == Some(503)).count();
        assert_eq!(crowded, 260 - most + (most / 4).max(1), "{most}");
        let other = second_key().token(&claims_with(json!({"iss": "https://second.example"})));
        let genuine = stage.open(0, orders(other));
        stage.pass(seconds(1));
        let report = stage.host.finish(genuine);
        assert!(report.outcome.upstream().is_some(), "{most}: {:?}", report.outcome);
        stage.pass(seconds(10));
        junk.into_iter().for_each(|id| drop(stage.host.finish(id)));
        stage.check_health("all");
    }
}

#[test]
fn k21_waiting_request_asks_for_its_own_issuer_alone() {
    let reads = |issuers: usize| {
        let more = (0..issuers).map(|n| {
            json!({"name": format!("more-{n}"), "issuer": format!("https://more-{n}.example"), "audiences": ["api"],
                "keys": {"jwks_uri": format!("https://more-{n}.example/jwks"), "cluster": "idp"}})
        });
        let config = more.fold(remote_config(), |config, issuer| with(config, "/issuers/-", issuer));
        let mut stage = Stage::new(&config);
        for n in 0..issuers {
            stage.serve(&format!("https://more-{n}.example/jwks"), key_set([second_key().jwk()]));
        }
        stage.serve(JWKS, key_set([signer().jwk()]).after(seconds(4)));
        stage.pass(seconds(1));
        let calls = |stage: &Stage| {
            let vm = stage.host.workers()[0].vm().map(|vm| vm.hostcalls().clone()).unwrap_or_default();
            vm.get("proxy_get_shared_data").copied().unwrap_or_default()
        };
        let waiting = stage.open(0, orders(token()));
        let before = calls(&stage);
        stage.pass(seconds(2));
        let reads = calls(&stage) - before;
        drop(stage.host.finish(waiting));
        reads
    };
    let (few, many) = (reads(0), reads(50));
    // Every issuer is looked at twice or three times a second, and no more often because somebody waits.
    assert!(few >= 30 && many - few <= 50 * 6, "{few} {many}");
}

#[test]
fn k12_workers_that_race_end_with_one_set() {
    for seed in 1..6 {
        let mut stage = Stage::on(module(), &remote_config(), |builder| builder.workers(8).seed(seed));
        stage.serve(JWKS, key_set([signer().jwk()]).after(Duration::from_millis(40)));
        let outcomes = all_decided(&mut stage, (0..8).map(|worker| (worker, orders(token()))), seconds(2));
        assert!(outcomes.iter().all(|outcome| outcome.upstream().is_some()), "seed {seed}: {outcomes:?}");
        assert_eq!(stage.host.callout_count(), 1, "seed {seed}");
        stage.serve(JWKS, key_set([second_key().jwk()]).after(Duration::from_millis(40)));
        stage.pass(seconds(700));
        for worker in 0..8 {
            stage.send_to(worker, "old", orders(lasting(signer()))).is_refused("old", R401, "key_unknown");
            stage.send_to(worker, "new", orders(lasting(&second_key()))).is_admitted("new");
        }
    }
}

#[test]
fn sixteen_cold_workers_with_a_hundred_requests_each_fetch_once_per_issuer() {
    let mut stage = Stage::on(module(), &two_issuers(), |builder| builder.workers(16));
    stage.serve(JWKS, key_set([signer().jwk()]).after(Duration::from_millis(200)));
    stage.serve("https://second.example/jwks", key_set([second_key().jwk()]).after(Duration::from_millis(300)));
    let other = second_key().token(&claims_with(json!({"iss": "https://second.example"})));
    let tokens = [token(), other];
    let requests = (0..1600).map(|n| (n % 16, orders(&tokens[n / 16 % 2])));
    let outcomes = all_decided(&mut stage, requests, seconds(3));
    assert!(outcomes.iter().all(|outcome| outcome.upstream().is_some()));
    assert_eq!(stage.host.callout_counts().values().copied().collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn k15_a_cold_start_fetches_once_and_whoever_waits_is_bounded_and_answered_once() {
    let config = with(remote_config(), "/limits", json!({"waiting_requests": 20, "wait_timeout": "2s"}));
    for (delay, good) in [(500, true), (4000, false)] {
        let mut stage = Stage::new(&config);
        stage.serve(JWKS, key_set([signer().jwk()]).after(Duration::from_millis(delay)));
        let mut ids: Vec<_> = (0..50).map(|_| stage.open(0, orders(token()))).collect();
        let crowded = ids.split_off(20);
        assert!(crowded.iter().all(|id| stage.host.outcome(*id).status() == Some(503)));
        let gone = ids.split_off(15);
        let reports: Vec<_> = gone.into_iter().map(|id| stage.host.finish(id)).collect();
        assert!(reports.iter().all(|report| report.outcome == Outcome::Disconnected));
        stage.pass(seconds(3));
        for id in ids {
            let report = stage.host.finish(id);
            assert!(report.anomalies.is_empty(), "{report:?}");
            let expected =
                if good { report.outcome.upstream().is_some() } else { report.outcome.status() == Some(503) };
            assert!(expected, "{delay} ms: {:?}", report.outcome);
        }
        assert_eq!(stage.host.callout_count(), 1);
        stage.check_health("all");
    }
}
