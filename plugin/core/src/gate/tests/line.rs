use crate::credential::Removal;
use crate::gate::Verdict;
use crate::refusal::Reason;
use crate::testing::{
    Call, End, ISSUER, Outcome, SECRET, TestKey, Token, Value, Worker, json, key_set, merge, one_issuer, with,
    with_issuer,
};
use crate::time::Timestamp;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn steps(outcome: &Outcome) -> String {
    outcome.steps.join(" ")
}

/// An issuer whose keys are fetched.
fn remote() -> Value {
    let keys = json!({"jwks_uri": "https://issuer.example/keys", "cluster": "idp", "ttl": "10m", "max_stale": "1h"});
    with_issuer(json!({"algorithms": ["EdDSA"], "keys": keys}))
}

fn at(worker: &mut Worker, seconds_later: u64) {
    worker.now = Timestamp::from_millis(worker.now.millis() + seconds_later * 1000);
}

#[test]
fn a_request_goes_through_every_step_in_order_and_a_repeated_one_skips_the_proof() {
    let mut worker = Worker::new(&with(json!({})));
    let first = worker.judge(&Token::new(SECRET));
    assert_eq!(steps(&first), "stripped rule credential parsed issuer verified caller verdict");
    assert_eq!((first.issuer, first.header("x-auth-subject")), (Some(0), Some("alice")));
    let second = worker.judge(&Token::new(SECRET));
    assert_eq!(steps(&second), "stripped rule credential recalled verdict");
    assert_eq!(second.end, first.end);
    assert_eq!((second.issuer, worker.memory.len()), (Some(0), 1));
}

#[test]
fn forged_identity_headers_go_first_and_always() {
    let remote = remote();
    let routes = json!([
        {"match": {"path": "/public"}, "access": "public"},
        {"match": {"path": "/optional"}, "access": "optional"},
        {"match": {"path": "/closed"}, "access": "deny"},
        {"match": {"path": "/cors"}, "cors_preflight": true},
    ]);
    let mut config = with(json!({"routes": routes, "resources": [{"name": "r", "resource": "https://api.example/"}]}));
    let mut waiting = remote.clone();
    merge(&mut waiting, json!({"routes": routes}));
    let forge = |call: Call| {
        call.header("X-Auth-Subject", "root").header("x_auth_subject", "root").header("X-Auth-Subject", "")
    };
    let ok = Token::new(SECRET).text();
    let eddsa = Token::new(TestKey::EdDsa(1)).text();
    for (config, call) in [
        (&mut config.clone(), Call::get("/").bearer(&ok)),
        (&mut config.clone(), Call::get("/")),
        (&mut config.clone(), Call::get("/").bearer("garbage")),
        (&mut config.clone(), Call::get("/public")),
        (&mut config.clone(), Call::get("/optional")),
        (&mut config.clone(), Call::get("/closed")),
        (&mut config.clone(), Call::preflight("/cors", "GET")),
        (&mut config, Call::get("/.well-known/oauth-protected-resource")),
        (&mut waiting, Call::get("/").bearer(&eddsa)),
    ] {
        let outcome = Worker::new(config).decide(&forge(call));
        assert_eq!(outcome.strip, ["X-Auth-Subject", "x_auth_subject"], "{:?}", outcome.end);
        assert_eq!(outcome.steps[0], "stripped");
    }
    assert!(Worker::new(&with(json!({}))).judge(&Token::new(SECRET)).strip.is_empty());
}

#[test]
fn the_metadata_of_a_resource_is_for_everybody() {
    let resource = json!({"name": "mcp", "resource": "https://api.example/mcp"});
    let mut worker = Worker::new(&with(json!({"resources": [resource], "default_route": {"access": "deny"}})));
    let path = "/.well-known/oauth-protected-resource/mcp";
    for (method, target) in [("GET", path.to_owned()), ("HEAD", format!("{path}?x"))] {
        let End::Answer(document) = worker.decide(&Call { method, ..Call::get(&target) }).end else {
            panic!("{method}")
        };
        assert!(document.starts_with(r#"{"resource":"https://api.example/mcp""#), "{document}");
    }
    let preflight = worker.decide(&Call::preflight(path, "GET")).end;
    assert!(matches!(preflight, End::Answer(_)), "{preflight:?}");
    for (method, target) in
        [("POST", path), ("OPTIONS", path), ("GET", "/.well-known/oauth-protected-resource"), ("GET", "/mcp")]
    {
        assert_eq!(
            worker.decide(&Call { method, ..Call::get(target) }).reason(),
            Some(Reason::RouteDenied),
            "{target}"
        );
    }
}

#[test]
fn open_routes_read_no_token_and_remove_none() {
    let mut worker = Worker::new(&with(json!({"default_route": {"access": "public"}})));
    let outcome = worker.decide(&Call::get("/").bearer("garbage").bearer("twice"));
    assert_eq!((outcome.end, steps_of(&outcome.steps)), (End::Admit(Vec::new(), None), "stripped rule verdict".into()));
}

fn steps_of(steps: &[&str]) -> String {
    steps.join(" ")
}

#[test]
fn a_verified_token_is_removed_unless_it_is_to_go_on() {
    let removal = |more: Value| match Worker::new(&with(more)).judge(&Token::new(SECRET)).end {
        End::Admit(_, removal) => removal,
        other => panic!("{other:?}"),
    };
    assert_eq!(removal(json!({})), Some(Removal::Header("authorization".into())));
    assert_eq!(removal(json!({"forward_token": true})), None);
}

#[test]
fn a_host_without_a_clock_can_judge_no_token() {
    let mut worker = Worker::new(&with(json!({"routes": [{"match": {"path": "/public"}, "access": "public"}]})));
    worker.now = Timestamp::from_millis(0);
    assert_eq!(worker.judge(&Token::new(SECRET)).reason(), Some(Reason::ClockUnavailable));
    assert_eq!(worker.decide(&Call::get("/")).reason(), Some(Reason::NoCredential));
    assert_eq!(worker.decide(&Call::get("/public")).end, End::Admit(Vec::new(), None));
}

#[test]
fn a_remembered_token_expires_all_the_same() {
    let mut worker = Worker::new(&with(json!({})));
    let token = Token::new(SECRET);
    assert_eq!(worker.judge(&token).reason(), None);
    at(&mut worker, 659);
    assert_eq!(worker.judge(&token).reason(), None);
    at(&mut worker, 1);
    let late = worker.judge(&token);
    assert_eq!((late.reason(), steps(&late)), (Some(Reason::TokenExpired), "stripped rule credential verdict".into()));
    worker.now = Timestamp::from_millis(1);
    assert_eq!(worker.judge(&token).reason(), Some(Reason::TokenFromFuture));
}

#[test]
fn a_remembered_token_is_held_against_the_rule_all_the_same() {
    let mut worker = Worker::new(&with(json!({"routes": [
        {"match": {"path": "/write"}, "scopes": {"all": ["write"]}},
        {"match": {"path": "/other"}, "audiences": ["other"]},
    ]})));
    let token = Token::new(SECRET).text();
    let mut reason = |path: &str| worker.decide(&Call::get(path).bearer(&token)).reason();
    assert_eq!(reason("/"), None);
    assert_eq!(
        (reason("/write"), reason("/other"), reason("/")),
        (Some(Reason::ScopeMissing), Some(Reason::AudienceMismatch), None)
    );
}

#[test]
fn a_token_that_is_refused_is_not_remembered_unless_it_was_the_rule_that_refused_it() {
    let mut worker = Worker::new(&with(json!({"default_route": {"scopes": {"all": ["write"]}}})));
    assert_eq!(worker.judge(&Token::new(SECRET).claim("aud", "other")).reason(), Some(Reason::AudienceMismatch));
    assert!(worker.memory.is_empty());
    assert_eq!(worker.judge(&Token::new(SECRET)).reason(), Some(Reason::ScopeMissing));
    assert_eq!(worker.memory.len(), 1);
}

#[test]
fn the_issuer_is_chosen_by_the_exact_bytes_of_iss() {
    let mut worker = Worker::new(&with_issuer(json!({"aliases": ["thunder"]})));
    assert_eq!(worker.judge(&Token::new(SECRET).claim("iss", "thunder")).reason(), None);
    for iss in [
        "https://issuer.example/",
        "https://ISSUER.example",
        "http://issuer.example",
        "https://issuer.example:443",
        " https://issuer.example",
        "https://issuer.example ",
        "https://issuer.exampl",
        "https://issuer.example\0",
        "https://issuer.example.evil.test",
        "https://issuer.example#",
        "https://u@issuer.example",
        "https://\u{456}ssuer.example",
        "",
        "Thunder",
        "{tenantid}",
    ] {
        assert_eq!(worker.judge(&Token::new(SECRET).claim("iss", iss)).reason(), Some(Reason::IssuerUnknown), "{iss}");
    }
}

#[test]
fn one_issuers_key_proves_no_other_issuers_token() {
    let issuer = |name: &str, keys: &[TestKey]| {
        let mut issuer = one_issuer();
        merge(
            &mut issuer,
            json!({"name": name, "issuer": format!("https://{name}.example"),
            "algorithms": ["EdDSA", "ES256"], "keys": {"inline": key_set(keys)}}),
        );
        issuer
    };
    let (a, b) = (TestKey::EdDsa(1), TestKey::EdDsa(2));
    let of = |name: &str, key| Token::new(key).claim("iss", format!("https://{name}.example"));
    let mut worker = Worker::new(&json!({"issuers": [issuer("a", &[a]), issuer("b", &[b])]}));
    assert_eq!((worker.judge(&of("a", a)).issuer, worker.judge(&of("b", b)).issuer), (Some(0), Some(1)));
    assert_eq!(worker.judge(&of("a", b)).reason(), Some(Reason::KeyUnknown));
    assert_eq!(worker.judge(&of("a", b).header("kid", a.kid())).reason(), Some(Reason::SignatureInvalid));
    assert_eq!(worker.judge(&of("a", b).without_header("kid")).reason(), Some(Reason::SignatureInvalid));
    // The same kid at both: each token is held against its own issuer's key.
    let mut shared = [issuer("a", &[a]), issuer("b", &[b])];
    for issuer in &mut shared {
        issuer["keys"]["inline"]["keys"][0]["kid"] = json!("same");
    }
    let mut worker = Worker::new(&json!({"issuers": shared}));
    let same = |name, key| of(name, key).header("kid", "same");
    assert_eq!((worker.judge(&same("a", a)).reason(), worker.judge(&same("b", b)).reason()), (None, None));
    assert_eq!(worker.judge(&same("a", b)).reason(), Some(Reason::SignatureInvalid));
}

#[test]
fn a_key_in_the_token_itself_proves_nothing() {
    let mut worker =
        Worker::new(&with_issuer(json!({"algorithms": ["EdDSA"], "keys": {"inline": key_set(&[TestKey::EdDsa(1)])}})));
    let forged = Token::new(TestKey::EdDsa(9)).header("kid", TestKey::EdDsa(1).kid());
    let forged = forged.header("jwk", TestKey::EdDsa(9).jwk()).header("jku", "https://evil.example/keys");
    assert_eq!(worker.judge(&forged).reason(), Some(Reason::SignatureInvalid));
}

#[test]
fn a_public_key_is_no_secret() {
    let mut worker = Worker::new(&with_issuer(json!({
        "algorithms": ["RS256", "HS256"], "keys": {"inline": key_set(&[TestKey::Rs256])}})));
    let text = Token::new(TestKey::Hs256(1)).header("kid", "rs256").text();
    let (message, _) = text.rsplit_once('.').unwrap();
    let jwk = TestKey::Rs256.jwk();
    for secret in [jwk["n"].as_str().unwrap().to_owned(), jwk.to_string(), String::new()] {
        let mac = crate::base64url::encode(&crate::testing::hs256(secret.as_bytes(), message.as_bytes()));
        let outcome = worker.decide(&Call::get("/").bearer(&format!("{message}.{mac}")));
        assert_eq!(outcome.reason(), Some(Reason::KeyUnfit));
    }
}

#[test]
fn every_algorithm_verifies_its_own_tokens_only() {
    let keys = [TestKey::EdDsa(1), TestKey::Es256(1), TestKey::Rs256];
    let mut worker = Worker::new(&with_issuer(json!({"algorithms": null, "keys": {"inline": key_set(&keys)}})));
    for key in keys {
        assert_eq!(worker.judge(&Token::new(key)).reason(), None, "{key:?}");
        assert_eq!(worker.judge(&Token::new(key).without_header("kid").claim("n", 1)).reason(), None, "{key:?}");
        for other in keys.into_iter().filter(|other| *other != key) {
            let mixed = Token::new(key).header("alg", other.alg());
            assert_eq!(worker.judge(&mixed).reason(), Some(Reason::KeyUnfit), "{key:?} as {other:?}");
            let anonymous = mixed.without_header("kid");
            assert_eq!(worker.judge(&anonymous).reason(), Some(Reason::SignatureInvalid), "{key:?} as {other:?}");
        }
    }
    let ed25519 = Token::new(TestKey::EdDsa(1)).header("alg", "Ed25519");
    assert_eq!(worker.judge(&ed25519).reason(), None);
}

#[test]
fn a_changed_bit_in_any_byte_of_a_token_is_noticed() {
    let mut worker = Worker::new(&with(json!({})));
    let text = Token::new(SECRET).text();
    for at in 0..text.len() {
        let mut other = text.clone().into_bytes();
        other[at] ^= 1;
        let call = Call::get("/").header("authorization", [b"Bearer ", other.as_slice()].concat());
        assert!(worker.decide(&call).reason().is_some(), "byte {at}");
    }
}

#[test]
fn without_keys_the_request_waits_and_is_decided_again_once_they_are_there() {
    let mut worker = Worker::new(&remote());
    let token = Token::new(TestKey::EdDsa(1));
    assert_eq!(worker.judge(&token).end, End::Wait(Some("eddsa(1)".into())));
    assert_eq!(worker.judge(&token.clone().without_header("kid")).end, End::Wait(None));
    worker.fetch(Some(&key_set(&[TestKey::EdDsa(1)])));
    assert_eq!(worker.judge(&token).reason(), None);
    // What cannot be right whatever the keys waits for none.
    assert_eq!(worker.judge(&Token::new(TestKey::Es256(1))).reason(), Some(Reason::AlgorithmNotAllowed));
}

#[test]
fn keys_that_are_too_old_to_be_relied_on_are_nobodys_fault_who_calls() {
    let mut worker = Worker::new(&remote());
    worker.fetch(Some(&key_set(&[TestKey::EdDsa(1)])));
    let token = Token::new(TestKey::EdDsa(1)).claim("exp", crate::testing::NOW + 86_400);
    assert_eq!(worker.judge(&token).reason(), None);
    at(&mut worker, 3600);
    assert_eq!(worker.judge(&token).reason(), None);
    at(&mut worker, 1);
    worker.fetch(None);
    assert_eq!(worker.judge(&token).reason(), Some(Reason::KeysUnavailable));
    assert_eq!(worker.judge(&token.claim("jti", "new")).reason(), Some(Reason::KeysUnavailable));
}

#[test]
fn a_key_that_left_the_set_proves_nothing_any_more_not_even_what_is_remembered() {
    let mut worker = Worker::new(&remote());
    worker.fetch(Some(&key_set(&[TestKey::EdDsa(1), TestKey::EdDsa(2)])));
    let (one, two) = (Token::new(TestKey::EdDsa(1)), Token::new(TestKey::EdDsa(2)));
    assert_eq!((worker.judge(&one).reason(), worker.judge(&two).reason()), (None, None));
    at(&mut worker, 601);
    worker.fetch(Some(&key_set(&[TestKey::EdDsa(2)])));
    assert_eq!(worker.judge(&two).reason(), None);
    let gone = worker.judge(&one);
    assert!(matches!(gone.end, End::Wait(_) | End::Refuse(Reason::KeyUnknown)), "{gone:?}");
    // The same kid with other material is another key.
    let mut renamed = TestKey::EdDsa(3).jwk();
    renamed["kid"] = json!(TestKey::EdDsa(2).kid());
    at(&mut worker, 601);
    worker.fetch(Some(&json!({"keys": [renamed]})));
    let two = two.claim("exp", crate::testing::NOW + 86_400);
    assert_eq!(worker.judge(&two).reason(), Some(Reason::SignatureInvalid));
}

#[test]
fn a_generic_host_refuses_what_it_cannot_be_relied_on_to_remove() {
    let mut worker = Worker::new(&with(json!({"host": "generic", "default_route": {"access": "public"}})));
    let forged = Call::get("/").header("X-Auth.Subject", "root");
    let outcome = worker.decide(&forged);
    assert_eq!((outcome.reason(), outcome.strip), (Some(Reason::ManagedHeader), vec!["X-Auth.Subject".to_owned()]));
    assert_eq!(worker.decide(&Call::get("/")).end, End::Admit(Vec::new(), None));
}

#[test]
fn a_verdict_to_wait_names_the_issuer_and_the_key() {
    let wait = Verdict::WaitForKeys(0, Some("k".into()));
    assert_eq!(format!("{wait:?}"), r#"WaitForKeys(0, Some("k"))"#);
    assert_eq!(ISSUER, "https://issuer.example");
}

#[test]
fn the_audit_line_tells_the_identity_as_the_service_sees_it_and_nothing_of_the_token() {
    let mut config = with_issuer(json!({"groups": {"map": {"devs": ["staff"]}}}));
    merge(&mut config, json!({"audit": "all", "default_route": {"name": "all", "scopes": {"all": ["read"]}}}));
    let mut worker = Worker::new(&config);
    let token = Token::new(SECRET)
        .claim("sub", "al,ice")
        .claim("groups", json!(["devs", "secret"]))
        .claim("act", json!({"sub": "bot"}));
    let line = worker.audit(&Call::get("/").bearer(&token.clone().claim("scope", "read").claim("azp", "web").text()));
    assert_eq!(
        line.as_deref(),
        Some(
            r#"{"claimgate":"admit","issuer":"main","route":"all","iss":"https://issuer.example","subject":"al%2Cice","client":"web","groups":"staff","scopes":"read","actor":"bot"}"#
        )
    );
    let refused = r#"{"claimgate":"refuse","reason":"scope_missing","issuer":"main","route":"all"}"#;
    assert_eq!(worker.audit(&Call::get("/").bearer(&token.text())).as_deref(), Some(refused));
    let unread = r#"{"claimgate":"refuse","reason":"no_credential","route":"all"}"#;
    assert_eq!(worker.audit(&Call::get("/")).as_deref(), Some(unread));
}

#[test]
fn the_configuration_says_which_decisions_are_audited() {
    let good = Call::get("/").bearer(&Token::new(SECRET).text());
    for (audit, refusals, admissions) in [("none", false, false), ("denied", true, false), ("all", true, true)] {
        let mut worker = Worker::new(&with(json!({"audit": audit})));
        assert_eq!(worker.audit(&Call::get("/")).is_some(), refusals, "{audit}");
        assert_eq!(worker.audit(&good).is_some(), admissions, "{audit}");
    }
    let mut open = Worker::new(&with(json!({"audit": "all", "default_route": {"access": "public"}})));
    assert_eq!(open.audit(&Call::get("/")).as_deref(), Some(r#"{"claimgate":"admit"}"#));
}

#[test]
fn report_lets_go_on_without_identity_what_would_be_refused() {
    let routes = json!([
        {"match": {"path": "/closed"}, "access": "deny"}, {"match": {"path": "/strict"}, "enforce": true},
        {"match": {"path": "/admin"}, "groups": {"any": ["admin"]}},
    ]);
    let mut worker = Worker::new(&with(json!({"enforce": false, "routes": routes})));
    let token = Token::new(SECRET).text();
    let forged = |call: Call| call.header("X-Auth-Subject", "root");
    for (call, end) in [
        (Call::get("/"), End::Report(Reason::NoCredential)),
        (Call::get("/").bearer("x"), End::Report(Reason::TokenMalformed)),
        (Call::get("/admin").bearer(&token), End::Report(Reason::GroupMissing)),
        (Call::get("//admin").bearer(&token), End::Report(Reason::GroupMissing)),
        (Call::get("/closed").bearer(&token), End::Refuse(Reason::RouteDenied)),
        (Call::get("//closed").bearer(&token), End::Refuse(Reason::RouteDenied)),
        (Call::get("/strict"), End::Refuse(Reason::NoCredential)),
        (Call::get("//strict"), End::Refuse(Reason::NoCredential)),
    ] {
        let outcome = worker.decide(&forged(call.clone()));
        assert_eq!((outcome.end, outcome.strip), (end, vec!["X-Auth-Subject".to_owned()]), "{}", call.target);
    }
    let removal = |worker: &mut Worker, target: &str| match worker.decide(&Call::get(target).bearer(&token)).end {
        End::Admit(headers, removal) => (headers.is_empty(), removal),
        other => panic!("{other:?}"),
    };
    assert_eq!(removal(&mut worker, "/"), (false, None));
    assert_eq!(removal(&mut worker, "/strict"), (false, Some(Removal::Header("authorization".into()))));
    let line = r#"{"claimgate":"would_refuse","reason":"no_credential"}"#;
    assert_eq!(worker.audit(&Call::get("/")).as_deref(), Some(line));
}

#[test]
fn request_that_waited_is_refused_where_its_route_changes() {
    let routes = json!([{"name": "any", "enforce": false}, {"name": "strict"}]);
    let config = crate::testing::config(&crate::testing::with(json!({"routes": routes})));
    let headers: [(&[u8], &[u8]); 3] = [(b":method", b"GET"), (b":path", b"/"), (b"x-auth-groups", b"beta")];
    let request = crate::request::Request::from_headers(&headers, Some("any")).unwrap();
    let decision = crate::gate::refuse(&config, &request, None, Reason::KeysUnavailable.into());
    assert!(
        matches!(&decision.verdict, crate::gate::Verdict::Refuse(refusal) if refusal.reason == Reason::RouteChanged)
    );
}
