//! What `explain` tells of a request: one JSON object a step, of the decision that was really made.

use crate::testing::{Call, SECRET, TestKey, Token, Value, Worker, json, merge, with, with_issuer};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn told(worker: &mut Worker, call: &Call) -> Vec<Value> {
    worker.explain(call).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn last(worker: &mut Worker, call: &Call) -> Value {
    told(worker, call).pop().unwrap()
}

#[test]
fn an_admitted_request_is_told_step_by_step_with_every_group_and_where_each_scope_is_from() {
    let groups = json!({"map": {"team-*": ["g-*"]}});
    let mut config = with_issuer(json!({"groups": groups}));
    merge(&mut config, json!({"group_scopes": {"g-*": ["read", "write"]}, "default_route": {"name": "all"}}));
    let token = Token::new(SECRET).claim("groups", json!(["team-a", "other"])).claim("scope", "read");
    let call = Call::get("/").header("X-Auth-Groups", "root").bearer(&token.text());
    let mut worker = Worker::new(&config);
    let steps = told(&mut worker, &call);
    let named: Vec<&str> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(named, ["strip", "rule", "credential", "parse", "issuer", "verify", "identity", "verdict"]);
    assert_eq!(steps[0]["removed"], json!(["X-Auth-Groups"]));
    assert_eq!((&steps[1]["name"], &steps[1]["access"]), (&json!("all"), &json!("required")));
    assert_eq!(
        (&steps[3]["alg"], &steps[3]["kid"], &steps[3]["typ"]),
        (&json!("HS256"), &json!("hs256(1)"), &json!("at+jwt"))
    );
    assert_eq!(steps[4]["name"], "main");
    let identity = &steps[6];
    assert_eq!(
        (&identity["subject"], &identity["remembered"], &identity["group_overage"]),
        (&json!("alice"), &json!(false), &json!(false))
    );
    assert_eq!(
        identity["mapping"],
        json!([{"external": "team-a", "groups": ["g-a"]}, {"external": "other", "groups": []}])
    );
    assert_eq!(identity["groups"], json!(["g-a"]));
    assert_eq!(identity["scopes"], json!([{"scope": "read"}, {"scope": "write", "granted_to_group": "g-a"}]));
    assert!(identity["headers"].as_array().unwrap().contains(&json!({"x-auth-scopes": "read,write"})));
    assert_eq!(steps[7]["verdict"], "admit");
    let again = told(&mut worker, &call);
    assert_eq!((again.len(), &again[3]["remembered"]), (5, &json!(true)));
}

#[test]
fn the_place_of_a_token_is_told_and_never_the_token() {
    let sources =
        json!([{"header": "authorization", "scheme": "Bearer"}, {"header": "x-t"}, {"cookie": "id"}, {"query": "t"}]);
    let token = Token::new(SECRET).text();
    for (call, place) in [
        (Call::get("/").bearer(&token), "header authorization, scheme Bearer"),
        (Call::get("/").header("x-t", &token), "header x-t"),
        (Call::get("/").header("cookie", format!("id={token}")), "cookie id"),
        (Call::get(&format!("/?t={token}")), "query parameter t"),
    ] {
        let lines = Worker::new(&with(json!({"token_sources": sources}))).explain(&call);
        assert!(lines[2].contains(place), "{}", lines[2]);
        let signature = token.rsplit_once('.').unwrap().1;
        assert!(lines.iter().all(|line| !line.contains(signature)), "{place}");
    }
}

#[test]
fn every_kind_of_verdict_is_told() {
    let refused = last(&mut Worker::new(&with(json!({}))), &Call::get("/"));
    assert_eq!((&refused["verdict"], &refused["reason"]), (&json!("refuse"), &json!("no_credential")));
    assert!(refused["sentence"].as_str().is_some_and(|sentence| sentence.ends_with('.')));
    let resource = json!({"resources": [{"name": "mcp", "resource": "https://api.example"}]});
    let answered = last(&mut Worker::new(&with(resource)), &Call::get("/.well-known/oauth-protected-resource"));
    assert_eq!((&answered["verdict"], &answered["resource"]), (&json!("answer"), &json!("mcp")));
    let keys = json!({"jwks_uri": "https://issuer.example/keys", "cluster": "idp"});
    let mut waiting = Worker::new(&with_issuer(json!({"algorithms": ["EdDSA"], "keys": keys})));
    let waits = last(&mut waiting, &Call::get("/").bearer(&Token::new(TestKey::EdDsa(1)).text()));
    assert_eq!((&waits["verdict"], &waits["kid"]), (&json!("wait_for_keys"), &json!("eddsa(1)")));
}
