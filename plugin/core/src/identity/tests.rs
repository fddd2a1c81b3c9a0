use super::Identity;
use crate::base64url;
use crate::header::HeaderValue;
use crate::json::Document;
use crate::refusal::Reason;
use crate::testing::{ISSUER, SECRET, Token, Value, Worker, json, with, with_issuer};
use proptest::prelude::*;
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
        let blank = subject == json!("") || subject.is_null();
        let wanted = if blank { Reason::SubjectMissing } else { Reason::ClaimMalformed };
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
fn first_address_that_is_not_blank_decides_also_when_wrong() {
    let both = |first: Value| Token::new(SECRET).claim("preferred_username", first).claim("username", "second");
    assert_eq!(header(&both(json!("first")), "username").as_deref(), Some("first"));
    for blank in [json!(null), json!("")] {
        assert_eq!(header(&both(blank), "username").as_deref(), Some("second"));
    }
    assert_eq!(header(&both(json!(" ")), "username").as_deref(), Some("%20"));
    for wrong in [json!([]), json!(["first"]), json!({}), json!(false)] {
        assert_eq!(worker().judge(&both(wrong)).reason(), Some(Reason::ClaimMalformed));
    }
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
    for none in [json!([]), json!(null)] {
        assert_eq!(with_claim("groups", none, "groups"), None);
    }
    for groups in [json!(1), json!({}), json!(true), json!(["a", ["b"]]), json!(["a", null]), json!([{}])] {
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
    let inner = |act: Value| json!({"sub": "bot", "act": {"sub": "next", "act": act}});
    for act in [json!({"sub": "bot"}), inner(json!({"sub": "x"})), inner(json!(null))] {
        assert_eq!(with_claim("act", act, "actor").as_deref(), Some("bot"));
    }
    assert_eq!(with_claim("act", json!(null), "actor"), None);
    for act in [
        json!("bot"),
        json!({}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 7}),
        json!({"sub": ["x"]}),
        json!({"act": {"sub": "x"}}),
        json!([]),
        json!([{"sub": "x"}]),
        json!(false),
    ] {
        for act in [act.clone(), inner(act)] {
            assert_eq!(refused("act", act.clone()), Some(Reason::ClaimMalformed), "{act}");
            let bare = Worker::new(&with(json!({}))).judge(&Token::new(SECRET).claim("act", act.clone()));
            assert_eq!(bare.reason(), Some(Reason::ClaimMalformed), "{act}");
        }
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
        (json!([true, "x"]), Some("true,x")),
        (json!([{"type": "pay"}]), Some(r#"[{"type":"pay"}]"#)),
        (json!([["a"], "b"]), Some(r#"[["a"]%2C"b"]"#)),
        (json!(["a", null]), Some(r#"["a"%2Cnull]"#)),
        (json!([null]), Some("[null]")),
        (json!({}), Some("{}")),
        (json!([]), Some("[]")),
        (json!([""]), Some(r#"[""]"#)),
        (json!(["", ""]), Some(",")),
        (json!([[]]), Some("[[]]")),
        (json!("[]"), Some("%5B]")),
        (json!("{}"), Some("%7B}")),
        (json!(["[]", "{}"]), Some("%5B],{}")),
        (json!(""), None),
        (json!(null), None),
    ] {
        assert_eq!(with_claim("tid", value.clone(), "tenant").as_deref(), wanted, "{value}");
    }
}

proptest! {
    #[test]
    fn claim_headers_of_two_values_differ(a in claim(), b in claim()) {
        let spelled = |value: &Value| {
            let document = Document::parse(value.to_string()).unwrap();
            HeaderValue::of_claim(document.root()).map(|value| value.as_str().to_owned())
        };
        prop_assert_eq!(spelled(&a) == spelled(&b), meaning(&a) == meaning(&b), "{} {}", a, b);
    }
}

/// Small values, among which many are nearly alike.
fn claim() -> impl Strategy<Value = Value> {
    let text = "[a,{}\\[\\]\"%1]{0,3}|null|true";
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (0..3).prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[ab]", inner, 0..2).prop_map(|members| json!(members)),
        ]
    })
}

/// What a header tells of a value: texts of scalars without their types, and a list of one as its element.
fn meaning(value: &Value) -> Result<Vec<String>, String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    let list = value.as_array().filter(|list| !list.is_empty() && list[..] != [json!("")]);
    let scalars = list.and_then(|list| list.iter().map(text).collect());
    match (value, scalars.or_else(|| text(value).map(|text| vec![text]))) {
        (Value::Null, _) => Ok(vec![]),
        (Value::String(text), _) if text.is_empty() => Ok(vec![]),
        (_, Some(texts)) => Ok(texts),
        _ => Err(value.to_string()),
    }
}

#[test]
fn unverified_mail_is_left_out() {
    let outcome = |issuer: Value, claims: Value| {
        let mut token = Token::new(SECRET);
        crate::testing::merge(&mut token.claims, claims);
        let outcome = Worker::new(&with_issuer(issuer)).judge(&token);
        let header = |name: &str| outcome.header(&format!("x-auth-{name}")).map(str::to_owned);
        (header("subject"), header("username"), header("email"))
    };
    let some = |text: &str| Some(text.to_owned());
    let mail = |verified: Value| json!({"email": "v@example.com", "email_verified": verified});
    for no in [json!(false), json!("false"), json!("False")] {
        assert_eq!(outcome(json!({}), mail(no.clone())), (some("alice"), None, None), "{no}");
        let keep = json!({"unverified_email": "keep"});
        assert_eq!(outcome(keep, mail(no)), (some("alice"), some("v@example.com"), some("v@example.com")));
    }
    for yes in [json!(true), json!("true"), json!(0), json!([false]), json!("no"), json!({"a": false})] {
        assert_eq!(outcome(json!({}), mail(yes.clone())).2, some("v@example.com"), "{yes}");
    }
    // Another name stays, also where it reads like the address.
    let named = json!({"email": "v@example.com", "email_verified": false, "preferred_username": "v@example.com"});
    assert_eq!(outcome(json!({}), named), (some("alice"), some("v@example.com"), None));
    // At any address, and as a subject too.
    for address in ["$.email", "/email", "$['email']"] {
        let issuer = json!({"claims": {"subject": [address, "sub"], "username": [address], "email": []}});
        assert_eq!(outcome(issuer, mail(json!(false))), (some("alice"), None, None), "{address}");
    }
    let nested = json!({"contact": {"mail": ["v@example.com"]}, "email_verified": false});
    let issuer = json!({"claims": {"username": ["$.contact.mail[0]"], "email": ["$.contact.mail"]}});
    assert_eq!(outcome(issuer, nested), (some("alice"), None, None));
}

/// A configuration whose identity headers are those of `on` and no others.
fn only_headers(issuer: Value, on: &[&str]) -> Value {
    let mut config = with_issuer(issuer);
    let names = ["subject", "issuer", "username", "email", "client", "groups", "scopes", "acr", "amr", "auth_time"];
    let headers = names.map(|name| (name, if on.contains(&name) { json!(format!("x-{name}")) } else { json!(null) }));
    config["identity_headers"] = headers.into_iter().map(|(name, header)| (name.to_owned(), header)).collect();
    config
}

#[test]
fn malformed_claim_costs_only_where_needed() {
    let shapes = [json!(true), json!({}), json!({"a": 1}), json!([{}]), json!([null]), json!([["a"]]), json!([])];
    let attributes = [
        ("username", "preferred_username"),
        ("email", "email"),
        ("client", "azp"),
        ("groups", "groups"),
        ("scopes", "scope"),
        ("acr", "acr"),
        ("amr", "amr"),
        ("auth_time", "auth_time"),
    ];
    for (attribute, claim) in attributes {
        for shape in &shapes {
            let judge = |on: &[&str]| {
                let config = only_headers(json!({"groups": {"unmapped": "keep"}}), on);
                Worker::new(&config).judge(&Token::new(SECRET).claim(claim, shape.clone()))
            };
            assert_eq!(judge(&[]).reason(), None, "{claim} {shape}");
            let list = matches!(attribute, "groups" | "scopes" | "amr");
            let lenient = matches!(attribute, "acr" | "amr" | "auth_time") || list && *shape == json!([]);
            let outcome = judge(&[attribute]);
            assert_eq!(outcome.reason(), (!lenient).then_some(Reason::ClaimMalformed), "{claim} {shape}");
            if lenient {
                assert_eq!(outcome.header(&format!("x-{attribute}")), None, "{claim} {shape}");
            }
        }
    }
}

#[test]
fn attribute_is_needed_by_header_state_or_rule() {
    let reason = |claim: &str, more: Value| {
        let mut config = only_headers(json!({}), &[]);
        crate::testing::merge(&mut config, more);
        Worker::new(&config).judge(&Token::new(SECRET).claim(claim, json!({"a": 1}))).reason()
    };
    let malformed = Some(Reason::ClaimMalformed);
    for claim in ["groups", "scope", "email", "preferred_username", "azp"] {
        assert_eq!(reason(claim, json!({})), None, "{claim}");
        assert_eq!(reason(claim, json!({"filter_state": true})), malformed, "{claim}");
    }
    let elsewhere =
        |rule: Value| json!({"routes": [{"match": {"path": "/other"}, rule["of"].as_str().unwrap(): rule["is"]}]});
    assert_eq!(reason("groups", elsewhere(json!({"of": "groups", "is": {"any": ["a"]}}))), malformed);
    assert_eq!(reason("scope", elsewhere(json!({"of": "scopes", "is": {"any": ["a"]}}))), malformed);
    assert_eq!(reason("scope", elsewhere(json!({"of": "groups", "is": {"any": ["a"]}}))), None);
    assert_eq!(reason("groups", json!({"group_scopes": {"g": ["s"]}})), None);
    let scoped = json!({"group_scopes": {"g": ["s"]}, "default_route": {"scopes": {"any": ["s"]}}});
    assert_eq!(reason("groups", scoped), malformed);
}

#[test]
fn step_up_needs_acr_and_auth_time_of_the_right_shape() {
    for (rule, claim) in [(json!({"acr": ["gold"]}), "acr"), (json!({"max_age": "15m"}), "auth_time")] {
        for shape in [json!(null), json!(""), json!(["gold"]), json!({}), json!(true)] {
            let config = with(json!({"default_route": {"step_up": rule}}));
            let outcome = Worker::new(&config).judge(&Token::new(SECRET).claim(claim, shape.clone()));
            assert_eq!(outcome.reason(), Some(Reason::StepUpRequired), "{claim} {shape}");
        }
    }
}

#[test]
fn default_groups_are_for_tokens_that_name_none() {
    let groups = |source: Value, claim: Value| {
        let issuer = json!({"claims": {"groups": [source]}, "groups": {"unmapped": "keep", "default": ["guests"]}});
        let outcome = Worker::new(&with_issuer(issuer)).judge(&Token::new(SECRET).claim("groups", claim));
        outcome.header("x-auth-groups").map(str::to_owned)
    };
    let guests = || Some("guests".to_owned());
    for none in [json!(null), json!([])] {
        assert_eq!(groups(json!("groups"), none), guests());
    }
    // A string is one group, also where it is empty.
    for named in [json!(""), json!([""])] {
        assert_eq!(groups(json!("groups"), named), Some(String::new()));
    }
    for none in ["", " , ", ",,"] {
        assert_eq!(groups(json!({"at": "groups", "split": ","}), json!(none)), guests(), "{none:?}");
    }
    assert_eq!(groups(json!({"at": "groups", "take": "names"}), json!({})), guests());
    assert_eq!(groups(json!({"at": "groups", "take": "names"}), json!(null)), guests());
}

#[test]
fn groups_follow_from_claims() {
    let grant = json!([
        {"when": [{"claim": "admin", "equals": true}], "groups": ["admins", "staff"]},
        {"when": [{"claim": "tid", "equals": "t1"}, {"claim": "role", "in": ["ops", "dev"]}], "groups": ["t1-crew"]},
        {"when": [{"any": [{"claim": "a", "equals": 1}, {"not": {"claim": "b", "present": false}}]}], "groups": ["either"]},
    ]);
    let groups = |claims: Value| {
        let issuer = json!({"groups": {"map": {"x": ["staff"]}, "default": ["guests"], "grant": grant}});
        let mut config = with_issuer(issuer);
        config["group_scopes"] = json!({"admins": ["write"]});
        let mut token = Token::new(SECRET);
        crate::testing::merge(&mut token.claims, claims);
        let outcome = Worker::new(&config).judge(&token);
        (outcome.header("x-auth-groups").map(str::to_owned), outcome.header("x-auth-scopes").map(str::to_owned))
    };
    let of = |claims: Value| groups(claims).0.unwrap_or_default();
    assert_eq!(groups(json!({"admin": true, "groups": ["x"]})), (Some("staff,admins".into()), Some("write".into())));
    assert_eq!(of(json!({"admin": "true", "groups": ["x"]})), "staff");
    assert_eq!(of(json!({"tid": "t1", "role": "ops", "groups": ["other"]})), "t1-crew");
    assert_eq!(of(json!({"tid": "t2", "role": "ops", "groups": ["other"]})), "");
    assert_eq!(of(json!({"b": 0, "groups": ["other"]})), "either");
    // Default groups are about the token's groups, not about those that follow from claims.
    assert_eq!(of(json!({"admin": true})), "guests,admins,staff");
    assert_eq!(of(json!({"admin": true, "_claim_names": {"groups": "src1"}})), "admins,staff");
}

#[test]
fn granted_groups_count_towards_the_limit() {
    let mut config = with_issuer(json!({"groups": {"unmapped": "keep",
        "grant": [{"when": [{"claim": "sub", "present": true}], "groups": ["b", "c"]}]}}));
    config["limits"] = json!({"max_groups": 2});
    let judge = |groups: Value| Worker::new(&config).judge(&Token::new(SECRET).claim("groups", groups)).reason();
    assert_eq!((judge(json!(["b"])), judge(json!(["a"]))), (None, Some(Reason::TooManyGroups)));
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
