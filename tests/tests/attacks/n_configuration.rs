//! N: configuration.

use std::time::Duration;

use crate::fixture::*;
use crate::stage::*;
use claimgate_tests::Template;
use host_sim::Request;
use serde_json::{Value, json};

fn at(pointer: &str, value: Value) -> String {
    with(config(), pointer, value).to_string()
}

#[test]
fn n01_what_is_not_understood_is_refused_with_its_path() {
    let text = config().to_string();
    for (configuration, path) in [
        (at("/isuers", json!([])), "isuers"),
        (at("/issuers/0/audience", json!("x")), "issuers[0].audience"),
        (at("/limits", json!({"max_tokens": 1})), "limits.max_tokens"),
        (at("/forward_token", json!("true")), "forward_token"),
        (at("/issuers/0/name", json!(7)), "issuers[0].name"),
        (at("/issuers/0/audiences", json!([1])), "issuers[0].audiences[0]"),
        (at("/clock_skew", json!(60)), "clock_skew"),
        (text.replacen("\"audiences\"", "\"audiences\":[\"x\"],\"audiences\"", 1), ""),
        (text.replacen("\"audiences\"", "\"audiences\":[\"x\"],\"\\u0061udiences\"", 1), ""),
        (text.replacen("}]}", "}],}", 1), ""),
        (format!("{text} {{}}"), ""),
        ("[]".to_owned(), ""),
        ("null".to_owned(), ""),
        (String::new(), ""),
        ("{}".to_owned(), "issuers"),
        (at("/issuers", json!([])), "issuers"),
    ] {
        refuses_configuration(configuration, path);
    }
    refuses_configuration(text.replace("main", "m\u{0}").replace('\0', "\u{ff}").into_bytes(), "issuers[0].name");
    refuses_configuration([text.as_bytes(), b"\xff"].concat(), "");
    refuses_configuration(text.replace("\"api\"", "\"\\ud800\""), "");
}

#[test]
fn a_large_configuration_is_read_and_a_huge_one_refused() {
    let routes: Vec<Value> = (0..10_000).map(|n| json!({"match": {"prefix": format!("/route-number-{n:08}")}, "scopes": {"any": [format!("scope-{n:08}")]}})).collect();
    let large = with(config(), "/routes", json!(routes));
    assert!(large.to_string().len() > 700_000);
    let mut stage = Stage::new(&large);
    stage.admits("a large one", orders(token()));
    refuses_configuration(format!("{}{}", config(), " ".repeat(4 * 1024 * 1024)), "");
}

#[test]
fn n02_an_issuer_whose_tokens_are_meant_for_anybody_must_say_so() {
    refuses_configuration(at("/issuers/0/audiences", json!([])), "issuers[0].audiences");
    refuses_configuration(at("/issuers/0/audiences", json!([""])), "issuers[0].audiences");
    refuses_configuration(at("/issuers/0/audiences", json!("all")), "issuers[0].audiences");
    refuses_configuration(at("/issuers/0/audiences", json!(["any", ""])), "issuers[0].audiences");
    let mut none = config();
    none["issuers"][0].as_object_mut().expect("an object").remove("audiences");
    refuses_configuration(none.to_string(), "issuers[0].audiences");
    refuses_configuration(at("/routes", json!([{"match": {"prefix": "/"}, "audiences": []}])), "routes[0].audiences");
    Stage::new(&with(config(), "/issuers/0/audiences", json!("any")))
        .admits("said", orders(token_of(&claims_without("aud"))));
}

#[test]
fn n03_algorithms_that_prove_nothing_cannot_be_listed() {
    for (list, path) in [
        (json!([]), "issuers[0].algorithms"),
        (json!(["none"]), "issuers[0].algorithms[0]"),
        (json!(["ES256", "None"]), "issuers[0].algorithms[1]"),
        (json!(["es256"]), "issuers[0].algorithms[0]"),
        (json!(["RSA-OAEP"]), "issuers[0].algorithms[0]"),
        (json!([null]), "issuers[0].algorithms"),
    ] {
        refuses_configuration(at("/issuers/0/algorithms", list), path);
    }
    for symmetric in ["HS256", "HS384", "HS512"] {
        let remote = with(remote_config(), "/issuers/0/algorithms", json!(["ES256", symmetric]));
        refuses_configuration(remote.to_string(), "issuers[0].algorithms[1]");
    }
}

#[test]
fn n04_durations_and_sizes_stay_within_reason() {
    for wrong in ["-1s", "0", "", "1", "1.5s", "10000d", "99999999999999999999s", "1 s", "1S", "s"] {
        refuses_configuration(at("/clock_skew", json!(wrong)), "clock_skew");
        refuses_configuration(
            with(remote_config(), "/issuers/0/keys/ttl", json!(wrong)).to_string(),
            "issuers[0].keys.ttl",
        );
    }
    refuses_configuration(at("/clock_skew", json!("61m")), "clock_skew");
    for (field, value) in [
        ("ttl", "0s"),
        ("ttl", "8d"),
        ("max_stale", "0s"),
        ("max_stale", "31d"),
        ("timeout", "0s"),
        ("timeout", "2m"),
        ("unknown_kid_cooldown", "0s"),
        ("unknown_kid_cooldown", "2d"),
        ("max_bytes", "0B"),
        ("max_bytes", "1GiB"),
        ("max_bytes", "5MiB"),
    ] {
        let keys = with(remote_config(), &format!("/issuers/0/keys/{field}"), json!(value));
        refuses_configuration(keys.to_string(), &format!("issuers[0].keys.{field}"));
    }
    for (field, value) in [
        ("max_token_bytes", json!("0B")),
        ("max_token_bytes", json!("2MiB")),
        ("wait_timeout", json!("0s")),
        ("wait_timeout", json!("2m")),
        ("max_groups", json!(0)),
        ("waiting_requests", json!(-1)),
        ("waiting_requests", json!(1_000_000)),
    ] {
        refuses_configuration(at("/limits", json!({field: value})), &format!("limits.{field}"));
    }
    refuses_configuration(at("/issuers/0/max_lifetime", json!("0s")), "issuers[0].max_lifetime");
}

#[test]
fn n05_a_bad_configuration_leaves_the_good_one_in_charge() {
    let mut stage = Stage::on(module(), &config(), |builder| builder.workers(2));
    for bad in ["{}", "", "{", "[]"] {
        assert!(stage.host.configure(bad.as_bytes()).is_err());
        for worker in [0, 1] {
            stage.send_to(worker, bad, orders(token())).is_admitted(bad);
            stage.send_to(worker, bad, orders("x")).is_refused(bad, R401, "token_malformed");
        }
    }
    let next = with(config(), "/issuers/0/audiences", json!(["other"]));
    stage.report_only = None;
    stage.host.configure(next.to_string().as_bytes()).expect("a good one can follow");
    stage.refuses("the next one", orders(token()), R401, "audience_mismatch");
}

#[test]
fn n06_a_held_request_ends_under_the_configuration_it_began_with() {
    let mut stage = Stage::new(&remote_config());
    stage.serve(JWKS, key_set([signer().jwk()]).after(Duration::from_millis(800)));
    let held = stage.open(0, orders(token()));
    stage.pass(Duration::from_millis(200));
    assert!(!stage.host.outcome(held).is_decided());
    let renamed = with(
        with(config(), "/identity_headers", json!({"subject": "x-other"})),
        "/issuers/0/audiences",
        json!(["api"]),
    );
    stage.report_only = None;
    stage.host.configure(renamed.to_string().as_bytes()).expect("it is sound");
    let upstream = stage.admits("a new request", orders(token()));
    assert_eq!((upstream.values("x-other"), upstream.values("x-auth-subject")), (vec!["alice".to_owned()], vec![]));
    assert!(stage.host.advance_until_decided(held, Duration::from_secs(5)));
    let report = stage.host.finish(held);
    let upstream = report.outcome.upstream().expect("it goes on");
    assert_eq!((upstream.values("x-other"), upstream.values("x-auth-subject")), (vec![], vec!["alice".to_owned()]));
    stage.check_health("both");
}

#[test]
fn n07_every_published_configuration_loads() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let files = std::fs::read_dir(folder.join("envoy")).expect("the folder is there");
    let names: Vec<String> =
        files.filter_map(|file| file.ok()?.file_name().to_str()?.strip_suffix(".yaml").map(str::to_owned)).collect();
    let mut configurations: Vec<(String, String)> = names
        .into_iter()
        .filter_map(|name| Some((name.clone(), Template::as_published(&name).ok()?.filter_configuration()?)))
        .collect();
    let readme = std::fs::read_to_string(folder.join("README.md")).expect("a README");
    let snippet =
        readme.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an Envoy configuration");
    let in_readme = Template::example("minimal").expect("it is there").http_filter(snippet).filter_configuration();
    configurations.push(("README".to_owned(), in_readme.expect("a filter configuration")));
    assert!(configurations.len() >= 3, "{configurations:?}");
    for (name, text) in configurations {
        let configuration: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        let mut stage = Stage::new(&configuration);
        let seen = stage.send(&name, Request::get("/needs-a-token"));
        assert_eq!(seen.reason.as_deref(), Some("no_credential"), "{name}");
    }
}
