//! E21 to E30: claims of other shapes than expected, and groups made of them.

use crate::e_claims::{issuer_with, spellings_refused};
use crate::fixture::*;
use crate::stage::*;
use serde_json::{Value, json};

/// Values that are neither a string nor a number, nor a list of those.
const ODD: [&str; 9] =
    ["true", "false", "{}", "{\"a\":1}", "[{}]", "[null]", "[[\"a\"]]", "[true]", "[\"a\",{\"b\":1}]"];

/// An attribute, the claim it is read from, a demand of it, and how a demand that is not met is labelled.
fn attributes() -> [(&'static str, &'static str, (&'static str, Value), &'static str); 8] {
    let rule = |claim: &str| ("/default_route", json!({"require": [{"claim": claim, "equals": "wanted"}]}));
    let route = |member: &str, value: Value| ("/default_route", json!({member: value}));
    [
        ("username", "preferred_username", rule("preferred_username"), "route_rule_failed"),
        ("email", "email", rule("email"), "route_rule_failed"),
        ("client", "azp", ("/issuers/0/clients", json!(["wanted"])), "claim_malformed"),
        ("groups", "groups", route("groups", json!({"any": ["*"]})), "claim_malformed"),
        ("scopes", "scope", route("scopes", json!({"any": ["wanted"]})), "claim_malformed"),
        ("acr", "acr", route("step_up", json!({"acr": ["wanted"]})), "step_up_required"),
        ("amr", "amr", rule("amr"), "route_rule_failed"),
        ("auth_time", "auth_time", route("step_up", json!({"max_age": "15m"})), "step_up_required"),
    ]
}

/// Only the subject has a header, and what `on` names.
fn only_header(on: Option<&str>) -> Value {
    let names = ["issuer", "username", "email", "client", "groups", "scopes"];
    let mut headers: Value = names.into_iter().map(|name| (name.to_owned(), Value::Null)).collect();
    if let Some(name) = on {
        headers[name] = json!("x-asked");
    }
    with(issuer_with("groups", json!({"unmapped": "keep"})), "/identity_headers", headers)
}

#[test]
fn e21_claim_that_nothing_needs_costs_no_token() {
    for (attribute, claim, (pointer, demand), label) in attributes() {
        for header in [None, Some(attribute)] {
            for asks in [false, true] {
                let mut configuration = only_header(header);
                if asks {
                    configuration = with(configuration, pointer, demand.clone());
                }
                let mut stage = Stage::new(&configuration);
                for shape in ODD {
                    let what = format!("{claim} is {shape}, header {header:?}, rule {asks}");
                    let request = orders(token_over(claims_text(claim, shape)));
                    // Levels and times of authentication that cannot be read are absent, also where they have a header.
                    let optional = ["acr", "amr", "auth_time"].contains(&attribute);
                    match (header.is_some() && !optional, asks) {
                        (true, _) => stage.send(&what, request).is_refused_quietly(&what, "claim_malformed"),
                        (false, true) => stage.send(&what, request).is_refused_quietly(&what, label),
                        (false, false) => {
                            assert!(stage.admits(&what, request).values("x-asked").is_empty(), "{what}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn e22_null_and_empty_claims_are_absent() {
    let headers =
        json!({"acr": "x-acr", "amr": "x-amr", "auth_time": "x-time", "actor": "x-actor", "claims": {"x-c": "tid"}});
    let mut stage = Stage::new(&with(config(), "/identity_headers", headers));
    let single =
        ["preferred_username", "username", "email", "client_id", "azp", "appid", "cid", "acr", "auth_time", "tid"];
    let lists = ["groups", "scope", "scp", "scopes", "amr", "act"];
    let bare = stage.admits("bare", orders(token()));
    for (claim, value) in single
        .iter()
        .flat_map(|claim| [(claim, "null"), (claim, "\"\"")])
        .chain(lists.iter().map(|claim| (claim, "null")))
    {
        let what = format!("{claim} is {value}");
        let upstream = stage.admits(&what, orders(token_over(claims_text(claim, value))));
        assert_eq!(upstream.headers, bare.headers, "{what}");
    }
    // The next address is asked.
    for (blank, next, header) in [
        ("preferred_username", "username", "x-auth-username"),
        ("username", "email", "x-auth-username"),
        ("client_id", "azp", "x-auth-client"),
        ("azp", "cid", "x-auth-client"),
        ("scope", "scp", "x-auth-scopes"),
    ] {
        for value in [json!(null), json!("")] {
            let upstream = stage.admits(blank, orders(token_of(&claims_with(json!({blank: value, next: "second"})))));
            assert_eq!(upstream.values(header), ["second"], "{blank} is {value}");
        }
    }
    // Service tokens without a subject of their own.
    let mut stage = Stage::new(&issuer_with("claims", json!({"subject": ["sub", "client_id", "common_name"]})));
    for value in [json!(null), json!("")] {
        for next in ["client_id", "common_name"] {
            let upstream = stage.admits(next, orders(token_of(&claims_with(json!({"sub": value, next: "robot"})))));
            assert_eq!(upstream.values("x-auth-subject"), ["robot"], "{next}");
        }
        let nobody = token_of(&claims_with(json!({"sub": value})));
        stage.refuses("nobody", orders(nobody), R401, "subject_missing");
    }
    let wrong = token_of(&claims_with(json!({"sub": ["a"], "client_id": "robot"})));
    stage.refuses("a list is not blank", orders(wrong), R401, "claim_malformed");
}

#[test]
fn e23_claims_that_decide_stay_strict_about_null() {
    let mut stage = Stage::new(&config());
    for claim in ["exp", "nbf", "iat", "aud", "cnf"] {
        spellings_refused(&mut stage, claim, &["null"], "claim_malformed");
    }
    spellings_refused(&mut stage, "iss", &["null"], "issuer_malformed");
    let mut stage = Stage::new(&issuer_with("required_claims", json!(["exp", "tid", "$.org.id"])));
    for (tid, org, label) in [("null", "1", "claim_missing"), ("1", "null", "claim_missing")] {
        let payload = claims_and(&format!(",\"tid\":{tid},\"org\":{{\"id\":{org}}}"));
        stage.refuses(&payload, orders(token_over(&payload)), R401, label);
    }
    // To a rule `null` is a value.
    for (rule, good) in [
        (json!({"claim": "x", "equals": null}), true),
        (json!({"claim": "x", "present": true}), true),
        (json!({"claim": "x", "present": false}), false),
        (json!({"claim": "x", "not_equals": null}), false),
        (json!({"claim": "x", "not_in": ["a", null]}), false),
        (json!({"claim": "x", "equals": ""}), false),
    ] {
        let mut stage = Stage::new(&issuer_with("require", json!([rule])));
        let request = orders(token_of(&claims_with(json!({"x": null}))));
        match good {
            true => drop(stage.admits(&rule.to_string(), request)),
            false => drop(stage.refuses(&rule.to_string(), request, R401, "claim_rule_failed")),
        }
    }
}

#[test]
fn e24_actor_without_a_name_is_refused_at_any_depth() {
    let subjects = ["null", "\"\"", "7", "true", "[]", "[\"bot\"]", "{}", "{\"sub\":\"bot\"}"];
    let wrong = subjects.iter().map(|sub| format!("{{\"sub\":{sub}}}"));
    let wrong: Vec<String> =
        wrong.chain(["{}", "[]", "\"bot\"", "1", "true", "[{\"sub\":\"bot\"}]"].map(str::to_owned)).collect();
    for named in [false, true] {
        let headers = if named { json!({"actor": "x-actor"}) } else { json!({}) };
        let mut stage = Stage::new(&with(config(), "/identity_headers", headers));
        for depth in [0, 1, 2, 20] {
            let within = |inner: &str| {
                (0..depth).fold(inner.to_owned(), |act, level| format!("{{\"sub\":\"bot{level}\",\"act\":{act}}}"))
            };
            for act in &wrong {
                spellings_refused(&mut stage, "act", &[&within(act)], "claim_malformed");
            }
            for act in ["null", "{\"sub\":\"bot\"}"] {
                let upstream = stage.admits(act, orders(token_over(claims_text("act", &within(act)))));
                assert_eq!(
                    upstream.values("x-actor").len(),
                    usize::from(named && (depth > 0 || act != "null")),
                    "{act}"
                );
            }
        }
    }
}

/// The groups and scopes that the service sees.
fn seen(issuer: Value, claims: Value) -> (Vec<String>, Vec<String>) {
    let mut configuration = config();
    for (name, value) in issuer.as_object().expect("members") {
        configuration = with(configuration, &format!("/issuers/0/{name}"), value.clone());
    }
    let what = format!("{issuer} {claims}");
    let upstream = Stage::new(&configuration).admits(&what, orders(token_of(&claims_with(claims))));
    (upstream.values("x-auth-groups"), upstream.values("x-auth-scopes"))
}

fn keeping(sources: Value) -> Value {
    json!({"claims": {"groups": sources}, "groups": {"unmapped": "keep"}})
}

#[test]
fn e25_wildcard_selects_elements_and_member_values() {
    let access = json!({"resource_access": {"orders": {"roles": ["r1"]}, "web": {"roles": ["r2", "r1"]}, "bare": {}}});
    for (address, claims, shown) in [
        ("$.resource_access[*].roles", access.clone(), "r1,r2"),
        ("$.resource_access.*.roles", access.clone(), "r1,r2"),
        ("$.resource_access[*].roles[*]", access.clone(), "r1,r2"),
        ("$['resource_access']['orders'].roles", access.clone(), "r1"),
        (
            "$.organization.*.groups",
            json!({"organization": {"acme": {"groups": ["/eng"]}, "b.c": {"groups": "/x"}}}),
            "/eng,/x",
        ),
        ("$.teams[*].name", json!({"teams": [{"name": "a"}, {}, {"name": null}, {"name": "b"}]}), "a,b"),
        ("$.flags[*]", json!({"flags": {"x": "a", "y": ["b", "c"]}}), "a,b,c"),
    ] {
        assert_eq!(seen(keeping(json!([address])), claims).0, [shown], "{address}");
    }
    // A literal name with the same letters goes first, and a string has no members.
    for (claims, shown) in
        [(json!({"$.a[*]": "literal", "a": {"b": "x"}}), vec!["literal"]), (json!({"a": "text"}), vec![])]
    {
        assert_eq!(seen(keeping(json!(["$.a[*]"])), claims).0, shown);
    }
    let mut stage = Stage::new(&issuer_with("claims", json!({"groups": ["$.a[*]"]})));
    for wrong in ["{\"x\":{}}", "{\"x\":\"a\",\"y\":1}", "[true]", "{\"x\":[null]}"] {
        spellings_refused(&mut stage, "a", &[wrong], "claim_malformed");
    }
}

#[test]
fn e26_names_and_parts_become_groups_and_scopes() {
    let roles =
        json!({"urn:zitadel:iam:org:project:roles": {"admin": {"123": "example.com"}, "user": {"123": "example.com"}}});
    let take = |at: &str| json!([{"at": at, "take": "names"}]);
    let split = |at: &str, by: &str| json!([{"at": at, "split": by}]);
    for (sources, claims, shown) in [
        (take("urn:zitadel:iam:org:project:roles"), roles.clone(), "admin,user"),
        (take("$['urn:zitadel:iam:org:project:roles'].admin"), roles, "123"),
        (take("$.o[*]"), json!({"o": {"a": {"x": 1}, "b": {"y,z": 1}}}), "x,y%2Cz"),
        (split("groups", ","), json!({"groups": " eng , ops,,dev\t"}), "eng,ops,dev"),
        (
            split("groups", ";"),
            json!({"groups": "Faculty@x.example;Employee, B@x.example"}),
            "Faculty@x.example,Employee%2C B@x.example",
        ),
        (split("groups", " "), json!({"groups": "admin  user"}), "admin,user"),
        (split("groups", "\u{e9}"), json!({"groups": "a\u{e9}b"}), "a,b"),
        (split("groups", ","), json!({"groups": ["a,b", " c"]}), "a%2Cb,%20c"),
        (json!(["groups"]), json!({"groups": "eng,ops"}), "eng%2Cops"),
        (
            json!([{"at": "r", "take": "names", "split": ","}, "groups"]),
            json!({"r": {"a,b": 1}, "groups": ["b", "c"]}),
            "a,b,c",
        ),
    ] {
        assert_eq!(seen(keeping(sources.clone()), claims).0, [shown], "{sources}");
    }
    let scopes = json!({"claims": {"scopes": [{"at": "$.o.per", "split": ","}, "scope"]}});
    assert_eq!(seen(scopes, json!({"o": {"per": "read, manage"}, "scope": "a b"})).1, ["read,manage,a,b"]);
    let spaced = json!({"claims": {"scopes": [{"at": "scope"}]}});
    assert_eq!(seen(spaced, json!({"scope": "a,b c"})).1, ["a%2Cb,c"]);
    // Another shape than the one that was asked for is not guessed at.
    for (sources, claim, wrong) in [
        (take("r"), "r", "[\"admin\"]"),
        (take("r"), "r", "\"admin\""),
        (take("r"), "r", "true"),
        (split("r", ","), "r", "{\"admin\":1}"),
        (split("r", ","), "r", "[\"a\",null]"),
        (json!(["r"]), "r", "{\"admin\":1}"),
    ] {
        let mut stage = Stage::new(&issuer_with("claims", json!({"groups": sources})));
        spellings_refused(&mut stage, claim, &[wrong], "claim_malformed");
    }
    // No name escapes the limit.
    let many: Value = (0..513).map(|n| (format!("g{n}"), json!(1))).collect();
    let mut stage = Stage::new(&issuer_with("claims", json!({"groups": take("r")})));
    stage.refuses("513 names", orders(token_of(&claims_with(json!({"r": many})))), R403, "too_many_groups");
    let mut stage = Stage::new(&issuer_with("claims", json!({"groups": split("r", ",")})));
    let many = (0..513).map(|n| format!("g{n}")).collect::<Vec<_>>().join(",");
    stage.refuses("513 parts", orders(token_of(&claims_with(json!({"r": many})))), R403, "too_many_groups");
}

#[test]
fn e27_granted_groups_need_every_rule() {
    let grant = json!([
        {"when": [{"claim": "is_admin", "equals": true}], "groups": ["admins"]},
        {"when": [{"claim": "tid", "equals": "t1"}, {"claim": "roles", "contains": "ops"}], "groups": ["t1-ops"]},
    ]);
    let issuer = json!({"groups": {"grant": grant, "default": ["guests"]}});
    let of = |claims: Value| seen(issuer.clone(), claims).0;
    assert_eq!(of(json!({"is_admin": true})), ["guests,admins"]);
    assert_eq!(of(json!({"is_admin": true, "groups": ["x"]})), ["admins"]);
    assert_eq!(of(json!({"tid": "t1", "roles": ["ops"], "groups": ["x"]})), ["t1-ops"]);
    for claims in [
        json!({"is_admin": "true"}),
        json!({"is_admin": 1}),
        json!({"is_admin": [true]}),
        json!({"is_admin": null}),
        json!({"IS_ADMIN": true}),
        json!({"x": {"is_admin": true}}),
        json!({"tid": "t1"}),
        json!({"roles": ["ops"]}),
        json!({"tid": "t2", "roles": ["ops"]}),
        json!({"tid": "t1", "roles": ["devops"]}),
        json!({"tid": ["t1"], "roles": ["ops"]}),
    ] {
        let mut with_group = claims.clone();
        with_group["groups"] = json!(["x"]);
        assert_eq!(of(with_group), Vec::<String>::new(), "{claims}");
        assert_eq!(of(claims.clone()), ["guests"], "{claims}");
    }
    let routes = json!([{"match": {"prefix": "/"}, "groups": {"any": ["admins"]}}]);
    let mut stage = Stage::new(&with(issuer_with("groups", json!({"grant": grant})), "/routes", routes));
    stage.admits("an admin", orders(token_of(&claims_with(json!({"is_admin": true})))));
    stage.refuses(
        "a provider's group of that name",
        orders(token_of(&claims_with(json!({"groups": ["admins"]})))),
        R403,
        "group_missing",
    );
}

#[test]
fn e28_combined_rules_hold_as_they_read() {
    let system = json!({"claim": "sub", "prefix": "system:"});
    for (rule, good, bad) in [
        (json!({"not": system}), vec![json!({})], vec![json!({"sub": "system:root"})]),
        (
            json!({"any": [{"claim": "scp", "present": true}, {"claim": "roles", "present": true}]}),
            vec![json!({"scp": "a"}), json!({"roles": []}), json!({"scp": "a", "roles": 1})],
            vec![json!({}), json!({"SCP": "a"})],
        ),
        (
            json!({"claim": "env", "not_in": ["test", "dev"]}),
            vec![json!({}), json!({"env": "prod"}), json!({"env": ["test"]}), json!({"env": "TEST"})],
            vec![json!({"env": "test"}), json!({"env": "dev"})],
        ),
        (
            json!({"not": {"claim": "roles", "contains_any": ["test", "dev"]}}),
            vec![json!({}), json!({"roles": []}), json!({"roles": ["a"]})],
            vec![json!({"roles": ["a", "dev"]})],
        ),
        (
            json!({"not": {"any": [{"claim": "a", "equals": 1}, {"not": {"claim": "b", "equals": 2}}]}}),
            vec![json!({"b": 2}), json!({"a": 3, "b": 2})],
            vec![json!({}), json!({"a": 1, "b": 2}), json!({"a": 1}), json!({"b": "2"})],
        ),
        (
            json!({"not": {"not": {"claim": "a", "equals": 1}}}),
            vec![json!({"a": 1})],
            vec![json!({}), json!({"a": "1"})],
        ),
    ] {
        let mut issuer = Stage::new(&issuer_with("require", json!([rule])));
        let mut route = Stage::new(&with(config(), "/default_route", json!({"require": [rule]})));
        for claims in good {
            let token = token_of(&claims_with(claims.clone()));
            issuer.admits(&format!("{rule} {claims}"), orders(&token));
            route.admits(&format!("{rule} {claims}"), orders(&token));
        }
        for claims in bad {
            let token = token_of(&claims_with(claims.clone()));
            issuer.refuses(&format!("{rule} {claims}"), orders(&token), R401, "claim_rule_failed");
            route.refuses(&format!("{rule} {claims}"), orders(&token), R403, "route_rule_failed");
        }
    }
    let deep = (0..20).fold(json!({"claim": "a", "equals": 1}), |rule, _| json!({"not": rule}));
    refuses_configuration(issuer_with("require", json!([deep])).to_string(), "issuers[0].require[0].not");
}

#[test]
fn e29_unverified_mail_names_nobody() {
    let victim = "victim@example.com";
    let claims = |verified: Value| json!({"email": victim, "email_verified": verified});
    for preset in ["generic", "auth0", "ping"] {
        let issuer = with(issuer_with("preset", json!(preset)), "/issuers/0/algorithms", json!(["ES256"]));
        let mut drops = Stage::new(&issuer);
        let mut keeps = Stage::new(&with(issuer, "/issuers/0/unverified_email", json!("keep")));
        for no in [json!(false), json!("false")] {
            let token = token_of(&claims_with(claims(no)));
            let upstream = drops.admits(preset, orders(&token));
            assert!(
                upstream.headers.iter().all(|(_, value)| !String::from_utf8_lossy(value).contains(victim)),
                "{upstream:?}"
            );
            assert_eq!(upstream.values("x-auth-subject"), ["alice"]);
            assert_eq!(keeps.admits(preset, orders(&token)).values("x-auth-email"), [victim]);
        }
        for yes in [json!(true), json!("true"), json!(null)] {
            let upstream = drops.admits(preset, orders(token_of(&claims_with(claims(yes)))));
            assert_eq!(upstream.values("x-auth-email"), [victim]);
        }
    }
    let by_mail = issuer_with("claims", json!({"subject": ["email"], "username": ["$.email", "nick"]}));
    let mut stage = Stage::new(&by_mail);
    stage.refuses("a subject", orders(token_of(&claims_with(claims(json!(false))))), R401, "subject_missing");
}

#[test]
fn e30_case_is_ignored_only_where_asked() {
    let map = |ignore: bool| json!({"map": {"CN=*,OU=Eng": ["eng-*"], "Admins": ["root"]}, "ignore_case": ignore});
    for (group, exact, ignoring) in [
        ("Admins", Some("root"), Some("root")),
        ("ADMINS", None, Some("root")),
        ("cn=Red,ou=ENG", None, Some("eng-Red")),
        ("CN=Red,OU=Eng", Some("eng-Red"), Some("eng-Red")),
        ("cn=a,b,ou=eng", None, None),
        ("admin", None, None),
        ("adm\u{131}ns", None, None),
        ("\u{212a}admins", None, None),
    ] {
        for (ignore, wanted) in [(false, exact), (true, ignoring)] {
            let shown = seen(json!({"groups": map(ignore)}), json!({"groups": [group]})).0;
            assert_eq!(shown.first().map(String::as_str), wanted, "{group} {ignore}");
        }
    }
}
