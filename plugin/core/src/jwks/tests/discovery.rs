//! Keys found by way of a discovery document.

use super::kit::*;
use crate::jwks::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const DOCUMENT: &str = r#"{"issuer":"https://id.example.com","jwks_uri":"https://keys.example.com/a"}"#;

fn asked() -> World {
    let mut world = World::new(2, Host::Envoy, discovery());
    world.tick_all();
    world
}

fn path(callout: &Callout) -> &str {
    &callout.headers.iter().find(|(name, _)| *name == ":path").unwrap().1
}

#[test]
fn the_document_is_asked_for_first_and_then_the_keys_where_it_says() {
    let mut world = asked();
    let callout = &world.flights[0].callout;
    assert_eq!((callout.cluster.as_str(), path(callout)), ("id", "/.well-known/openid-configuration"));
    world.answer(200, DOCUMENT);
    assert_eq!(world.flights.len(), 1);
    let callout = &world.flights[0].callout;
    assert_eq!(callout.cluster, "id-keys");
    let head = callout.headers.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>();
    assert_eq!(head[..4], [":method GET", ":scheme https", ":authority keys.example.com", ":path /a"]);
    world.answer(200, "keys a=1");
    world.tick_all();
    assert_eq!(world.kids(1), ["a"]);
    assert_eq!(world.counts, [Counter::Fetch(FetchOutcome::Changed)], "one fetch, whatever it took");
}

#[test]
fn byte_order_mark_before_a_document_is_passed_over() {
    let mut world = asked();
    world.answer(200, &format!("\u{feff}{DOCUMENT}"));
    assert_eq!(world.flights.len(), 1);
    world.answer(200, "keys a=1");
    assert_eq!(world.counts, [Counter::Fetch(FetchOutcome::Changed)]);
}

#[test]
fn encoded_document_is_refused() {
    let mut world = asked();
    world.answer_with(200, &[("content-encoding", "br")], DOCUMENT);
    assert_eq!((world.counts.as_slice(), world.flights.len()), (&[Counter::Fetch(FetchOutcome::Encoded)][..], 0));
}

#[test]
fn a_document_of_another_issuer_is_refused_k13() {
    for issuer in ["https://id.example.com/", "https://ID.example.com", "https://evil.example", ""] {
        let mut world = asked();
        world.answer(200, &DOCUMENT.replace("https://id.example.com", issuer));
        assert_eq!(world.counts, [Counter::Fetch(FetchOutcome::WrongIssuer)]);
        assert!(world.flights.is_empty());
    }
}

#[test]
fn a_jwks_uri_elsewhere_or_in_the_clear_is_refused_k13() {
    for uri in [
        "http://keys.example.com/a",
        "https://evil.example/a",
        "https://keys.example.com.evil.example/a",
        "https://keys.example.com@evil.example/a",
        "https://evil.example/keys.example.com",
        "https://evil.example\\\\keys.example.com/a",
        "https://keys.example.com:0/a",
        "file:///etc/passwd",
        "/a",
        "",
        "https:///a",
        "https://keys.example.com/a b",
        "https://keys.example.com/a\\r\\nx: y",
        "https://keys.example.com/a#b",
    ] {
        let mut world = asked();
        world.answer(200, &DOCUMENT.replace("https://keys.example.com/a", uri));
        assert_eq!(world.counts, [Counter::Fetch(FetchOutcome::ForbiddenUrl)], "{uri}");
        assert!(world.flights.is_empty(), "{uri}");
    }
}

#[test]
fn http_is_followed_only_where_the_configuration_allows_it_k13() {
    let mut world = World::new(1, Host::Envoy, Remote { allow_insecure: true, ..discovery() });
    world.tick_all();
    world.answer(200, &DOCUMENT.replace("https://keys", "http://keys"));
    assert_eq!(world.flights.len(), 1);
}

#[test]
fn what_is_not_a_document_is_refused() {
    for body in ["", "<html>", "[]", "null", "{}", r#"{"issuer":"https://id.example.com"}"#, &DOCUMENT.replace('"', "")]
    {
        let mut world = asked();
        world.answer(200, body);
        let outcome = if body.is_empty() { FetchOutcome::Empty } else { FetchOutcome::NotDiscovery };
        assert_eq!(world.counts, [Counter::Fetch(outcome)], "{body}");
    }
    for twice in [r#"{"issuer":"https://evil.example","#, r#"{"jwks_uri":"https://evil.example","#] {
        let mut world = asked();
        world.answer(200, &DOCUMENT.replacen('{', twice, 1));
        assert_eq!(world.counts, [Counter::Fetch(FetchOutcome::NotDiscovery)], "a member given twice");
    }
    let mut world = asked();
    world.answer(200, &format!("{DOCUMENT}{}", " ".repeat(5000)));
    assert_eq!(world.counts, [Counter::Fetch(FetchOutcome::TooLarge)]);
}

#[test]
fn a_change_of_jwks_uri_is_followed_and_its_validator_forgotten() {
    let mut world = asked();
    world.answer(200, DOCUMENT);
    world.answer_with(200, &[("etag", "\"1\"")], "keys a=1");
    world.pass(9 * MINUTE);
    world.tick(1);
    world.answer(200, DOCUMENT);
    assert!(world.flights[0].callout.headers.contains(&("if-none-match", String::from("\"1\""))));
    world.answer(304, "");
    world.pass(9 * MINUTE);
    world.tick(0);
    world.answer(200, &DOCUMENT.replace("/a", "/b"));
    assert_eq!(path(&world.flights[0].callout), "/b");
    assert!(!world.flights[0].callout.headers.iter().any(|(name, _)| *name == "if-none-match"));
    world.answer_with(200, &[("etag", "\"1\"")], "keys b=1");
    world.tick_all();
    assert_eq!((world.kids(0), world.kids(1)), (vec!["b"], vec!["b"]));
}

#[test]
fn the_lease_covers_both_callouts() {
    let mut world = asked();
    world.pass(4 * SECOND);
    world.answer(200, DOCUMENT);
    world.pass(5 * SECOND);
    world.tick_all();
    assert_eq!(world.flights.len(), 1);
    world.answer(200, "keys a=1");
    assert_eq!(world.kids(world.flights.len()), ["a"]);
}

#[test]
fn a_failure_at_either_step_keeps_the_set() {
    for steps in 0..2 {
        let mut world = asked();
        world.answer(200, DOCUMENT);
        world.answer(200, "keys a=1");
        world.pass(9 * MINUTE);
        world.tick_all();
        (0..steps).for_each(|_| world.answer(200, DOCUMENT));
        world.answer(302, "");
        world.tick_all();
        assert_eq!((world.kids(0), world.kids(1)), (vec!["a"], vec!["a"]));
        assert_eq!(world.counts.last(), Some(&Counter::Fetch(FetchOutcome::Redirect)));
    }
}
