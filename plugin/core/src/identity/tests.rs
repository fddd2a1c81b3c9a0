use super::Identity;
use crate::base64url;
use crate::refusal::Reason;
use crate::testing::{ISSUER, SECRET, Token, Value, Worker, json, with, with_issuer};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A header of an admitted token, under a configuration that names every attribute.
fn worker() -> Worker {
    Worker::new(&all(with_issuer(json!({"groups": {"unmapped": "keep"}}))))
}

fn all(mut config: Value) -> Value {
    let named = |name: &str| (name.to_owned(), json!(format!("x-{name}")));
    let headers: serde_json::Map<_, _> = [
        "subject",
        "issuer",
        "username",
        "email",
        "client",
        "groups",
        "scopes",
        "provider",
        "actor",
        "acr",
        "amr",
        "auth_time",
        "payload",
    ]
    .map(named)
    .into_iter()
    .collect();
    config["identity_headers"] = json!(headers);
    config["identity_headers"]["claims"] = json!({"x-tenant": "tid", "x-first": "$.list[0]"});
    config
}

fn header(token: &Token, name: &str) -> Option<String> {
    worker().judge(token).header(&format!("x-{name}")).map(str::to_owned)
}

fn with_claim(claim: &str, value: impl Into<Value>, name: &str) -> Option<String> {
    header(&Token::new(SECRET).claim(claim, value), name)
}

fn refused(claim: &str, value: impl Into<Value>) -> Option<Reason> {
    worker().judge(&Token::new(SECRET).claim(claim, value)).reason()
}

#[test]
fn every_attribute_has_its_header_and_an_absent_value_is_an_absent_header() {
    let token = Token::new(SECRET)
        .claim("preferred_username", "ann")
        .claim("email", "ann@example.com")
        .claim("azp", "web")
        .claim("groups", json!(["a", "b"]))
        .claim("scope", "r w")
        .claim("act", json!({"sub": "bot", "act": {"sub": "deeper"}}))
        .claim("acr", "gold")
        .claim("amr", json!(["pwd", "otp"]))
        .claim("auth_time", 1_799_999_000)
        .claim("tid", "t1")
        .claim("list", json!(["x", "y"]));
    let outcome = worker().judge(&token);
    for (name, wanted) in [
        ("subject", "alice"),
        ("issuer", ISSUER),
        ("provider", "main"),
        ("username", "ann"),
        ("email", "ann@example.com"),
        ("client", "web"),
        ("groups", "a,b"),
        ("scopes", "r,w"),
        ("actor", "bot"),
        ("acr", "gold"),
        ("amr", "pwd,otp"),
        ("auth_time", "1799999000"),
        ("tenant", "t1"),
        ("first", "x"),
    ] {
        assert_eq!(outcome.header(&format!("x-{name}")), Some(wanted));
    }
    let payload = base64url::decode(outcome.header("x-payload").unwrap()).unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&payload).unwrap(), token.claims);
    let bare = worker().judge(&Token::new(SECRET));
    for name in
        ["username", "email", "client", "groups", "scopes", "actor", "acr", "amr", "auth_time", "tenant", "first"]
    {
        assert_eq!(bare.header(&format!("x-{name}")), None, "{name}");
    }
}

#[test]
fn a_subject_is_there_and_is_one_value() {
    for subject in [json!(""), json!(null), json!([]), json!(["a"]), json!({}), json!(true)] {
        let wanted = if subject == json!("") { Reason::SubjectMissing } else { Reason::ClaimMalformed };
        assert_eq!(refused("sub", subject.clone()), Some(wanted), "{subject}");
    }
    assert_eq!(worker().judge(&Token::new(SECRET).without("sub")).reason(), Some(Reason::SubjectMissing));
    assert_eq!(with_claim("sub", "al\0ice, 50%\u{e9} ", "subject").as_deref(), Some("al%00ice%2C 50%25%C3%A9%20"));
}

#[test]
fn numbers_keep_every_digit() {
    let exactly = |text: &str| {
        let payload = Token::new(SECRET).claims.to_string().replace("\"alice\"", text);
        let token = crate::testing::signed(SECRET, r#"{"alg":"HS256"}"#, &payload);
        let outcome = worker().decide(&crate::testing::Call::get("/").bearer(&token));
        outcome.reason().map_or_else(|| outcome.header("x-subject").unwrap().to_owned(), |reason| format!("{reason:?}"))
    };
    for (text, wanted) in [
        ("1", "1"),
        ("9007199254740993", "9007199254740993"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        ("1.50", "1.50"),
        ("1e3", "1000"),
        ("-2.5E-1", "-0.25"),
        ("1e400", "ClaimMalformed"),
    ] {
        assert_eq!(exactly(text), wanted, "{text}");
    }
}

#[test]
fn the_first_address_that_is_present_decides_also_when_it_is_wrong() {
    let both = |first: Value| Token::new(SECRET).claim("preferred_username", first).claim("username", "second");
    assert_eq!(header(&both(json!("first")), "username").as_deref(), Some("first"));
    assert_eq!(worker().judge(&both(json!(null))).reason(), Some(Reason::ClaimMalformed));
    assert_eq!(with_claim("username", "second", "username").as_deref(), Some("second"));
}

#[test]
fn groups_are_taken_whole_or_not_at_all() {
    for (groups, wanted) in [
        (json!("one group"), "one group"),
        (json!(["a", "b", "a"]), "a,b"),
        (json!(["a", 7]), "a,7"),
        (json!(["admin,ops"]), "admin%2Cops"),
        (json!(["a", "", "b"]), "a,,b"),
    ] {
        assert_eq!(with_claim("groups", groups.clone(), "groups").as_deref(), Some(wanted), "{groups}");
    }
    assert_eq!(with_claim("groups", json!([]), "groups"), None);
    for groups in [json!(null), json!(1), json!({}), json!(true), json!(["a", ["b"]]), json!(["a", null]), json!([{}])]
    {
        assert_eq!(refused("groups", groups.clone()), Some(Reason::ClaimMalformed), "{groups}");
    }
}

#[test]
fn groups_and_scopes_of_all_addresses_count_together_without_repeats() {
    let claims = json!({"groups": ["groups", "$.realm.roles", "$.apps[*].roles"], "scopes": ["scp", "scope"]});
    let config = with_issuer(json!({"claims": claims, "groups": {"map": {"*": ["g-*"]}}}));
    let token = Token::new(SECRET)
        .claim("groups", json!(["a", "b"]))
        .claim("realm", json!({"roles": ["b", "c"]}))
        .claim("apps", json!([{"roles": ["d"]}, {}, {"roles": "a"}]))
        .claim("scope", "x y")
        .claim("scp", json!(["y", "two words"]));
    let outcome = Worker::new(&config).judge(&token);
    assert_eq!(outcome.header("x-auth-groups"), Some("g-a,g-b,g-c,g-d"));
    assert_eq!(outcome.header("x-auth-scopes"), Some("y,two words,x"));
}

#[test]
fn groups_grant_scopes_that_count_as_the_tokens_own() {
    let mut config = with_issuer(json!({"groups": {"map": {"devs": ["staff"]}}}));
    config["group_scopes"] = json!({"staff": ["read", "own"], "devs": ["never"]});
    config["default_route"] = json!({"scopes": {"all": ["own", "read"]}});
    let token = Token::new(SECRET).claim("groups", json!(["devs"])).claim("scope", "own");
    assert_eq!(Worker::new(&config).judge(&token).header("x-auth-scopes"), Some("own,read"));
    assert_eq!(Worker::new(&config).judge(&token.without("groups")).reason(), Some(Reason::ScopeMissing));
}

#[test]
fn more_groups_than_the_limit_are_refused_before_and_after_mapping() {
    let limited = |max: u64, groups: Value| {
        let mut config = with_issuer(json!({"groups": {"map": {"a": ["x", "y"]}, "unmapped": "keep"}}));
        config["limits"] = json!({"max_groups": max});
        Worker::new(&config).judge(&Token::new(SECRET).claim("groups", groups)).reason()
    };
    assert_eq!(
        (limited(2, json!(["b", "c"])), limited(2, json!(["b", "c", "d"]))),
        (None, Some(Reason::TooManyGroups))
    );
    assert_eq!((limited(2, json!(["a"])), limited(2, json!(["a", "b"]))), (None, Some(Reason::TooManyGroups)));
}

#[test]
fn the_actor_is_the_outermost_and_a_wrong_one_is_refused() {
    assert_eq!(with_claim("act", json!({"sub": 7}), "actor").as_deref(), Some("7"));
    for act in [json!(null), json!("bot"), json!({}), json!({"sub": null}), json!({"act": {"sub": "x"}}), json!([])] {
        assert_eq!(refused("act", act.clone()), Some(Reason::ClaimMalformed), "{act}");
    }
}

#[test]
fn a_claim_with_a_header_is_spelled_by_its_type() {
    for (value, wanted) in [
        (json!("a b"), Some("a b")),
        (json!(1.5), Some("1.5")),
        (json!(true), Some("true")),
        (json!({"a": [1, "x,y"]}), Some(r#"{"a":[1%2C"x%2Cy"]}"#)),
        (json!(["a", 1]), Some("a,1")),
        (json!(null), None),
    ] {
        assert_eq!(with_claim("tid", value.clone(), "tenant").as_deref(), wanted, "{value}");
    }
    for value in [json!([true]), json!([["a"]]), json!(["a", null])] {
        assert_eq!(refused("tid", value.clone()), Some(Reason::ClaimMalformed), "{value}");
    }
}

#[test]
fn every_text_of_an_identity_counts_where_memory_is_bounded() {
    let text = || "x".repeat(1000);
    let list = || vec![text(), text()];
    let identity = Identity {
        subject: text(),
        issuer: text(),
        provider: text(),
        username: Some(text()),
        email: Some(text()),
        client: Some(text()),
        external_groups: list(),
        groups: list(),
        scopes: list(),
        own_scopes: 1,
        actor: Some(text()),
        acr: Some(text()),
        amr: list(),
        auth_time: Some(text()),
    };
    assert_eq!(identity.bytes(), 17 * 1000 + 8 * size_of::<String>() + size_of::<Identity>());
}

#[test]
fn identity_headers_together_are_bounded() {
    let sized = |length: usize| {
        let config = with(json!({"limits": {"max_token_bytes": "64KiB"}, "identity_headers": {"issuer": null}}));
        Worker::new(&config).judge(&Token::new(SECRET).claim("sub", "a".repeat(length))).reason()
    };
    let room = 16 * 1024 - "x-auth-subject".len();
    assert_eq!((sized(room), sized(room + 1)), (None, Some(Reason::IdentityTooLarge)));
}

#[test]
fn a_list_of_a_hundred_thousand_scopes_is_read_at_once() {
    let scopes: Vec<String> = (0..100_000).map(|number| format!("{number:x}")).collect();
    let mut worker = Worker::new(&with(json!({"limits": {"max_token_bytes": "1MiB"}})));
    let outcome = worker.judge(&Token::new(SECRET).claim("scope", scopes.join(" ")));
    assert_eq!(outcome.reason(), Some(Reason::IdentityTooLarge));
}

/// The groups of a token under these entries of `claims.groups`.
fn groups_at(entries: Value, claims: Value) -> Option<String> {
    let more = json!({"groups": {"unmapped": "keep"}, "claims": {"groups": entries}});
    let mut token = Token::new(SECRET);
    crate::testing::merge(&mut token.claims, claims);
    let outcome = Worker::new(&with_issuer(more)).judge(&token);
    assert_eq!(outcome.reason(), None);
    outcome.header("x-auth-groups").map(str::to_owned)
}

#[test]
fn prefix_tells_names_of_two_claims_apart() {
    let entries = json!([{"at": "owner", "prefix": "owner:"}, {"at": "$.repo", "prefix": "repo:"}, {"at": "groups"}]);
    let groups = |claims| groups_at(entries.clone(), claims).unwrap_or_default();
    assert_eq!(groups(json!({"owner": "9001", "repo": "42", "groups": ["dev"]})), "owner:9001,repo:42,dev");
    assert_eq!(groups(json!({"owner": "42", "repo": "9001"})), "owner:42,repo:9001");
    assert_eq!(groups(json!({"groups": ["9001"]})), "9001");
}

#[test]
fn name_is_dropped_if_it_bears_the_prefix_of_another_claim() {
    let entries = json!(["groups", {"at": "roles", "prefix": "r:"}, {"at": "admins", "prefix": "r:admin:"}]);
    let groups = |claims| groups_at(entries.clone(), claims);
    assert_eq!(groups(json!({"groups": ["r:admin", "r:", "r", "R:x"]})).as_deref(), Some("r,R:x"));
    assert_eq!(groups(json!({"roles": ["admin:root", "admin"]})).as_deref(), Some("r:admin"));
    assert_eq!(groups(json!({"admins": ["root", "r:x"]})).as_deref(), Some("r:admin:root,r:admin:r:x"));
    assert_eq!(groups(json!({"groups": ["r:admin:root"]})), None);
}
