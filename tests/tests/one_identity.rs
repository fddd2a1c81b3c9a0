//! One request, seen the same by everybody who is told of it: the service, the client, the audit line, the metric, the
//! explanation, and Envoy's access log through filter state. On `envoy/filter-state.yaml`.

use std::time::Duration;

use claimgate_tests::{Host as On, Request, Stage, Template, WORKFORCE, module, now};
use host_sim::{Host, Module};
use serde_json::{Value, json};

/// What the stage logged as JSON so far, with this member.
fn logged(stage: &Stage, member: &str) -> Vec<Value> {
    let log = stage.log();
    let objects = log.lines().filter_map(|line| serde_json::from_str::<Value>(line.get(line.find('{')?..)?).ok());
    objects.filter(|object| object.get(member).is_some()).collect()
}

/// The last such line, which Envoy may write a little after the response.
fn last_logged(stage: &Stage, member: &str, count: usize) -> Value {
    for _ in 0..100 {
        if let Some(line) = logged(stage, member).get(count - 1) {
            return line.clone();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no line {count} with {member}\n{}", stage.log());
}

fn stage() -> Stage {
    Stage::start_with(On::Envoy, |scene, _| {
        let template = Template::example("filter-state").expect("the file is there").module(&module());
        template.upstream(scene.upstream.address()).provider(WORKFORCE, scene.workforce.address())
    })
}

/// The steps that `claimgate explain --json` prints: the module's own account, under the same configuration and keys.
fn explained(stage: &Stage, token: &str) -> Vec<Value> {
    let published = Template::as_published("filter-state").expect("the file is there");
    let text = published.filter_configuration().expect("a configuration");
    let mut configuration: Value = serde_json::from_str(&text).expect("JSON");
    configuration["issuers"][0]["keys"] = json!({"inline": stage.scene.workforce.jwks()});
    let module = Module::from_file(&module()).expect("the module loads");
    let mut host = Host::builder(&module).vm_configuration(r#"{"mode":"explain"}"#).now(now()).build();
    host.configure(configuration.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    host.request(0, host_sim::Request::get("/orders").bearer(token));
    let log = host.take_log();
    let steps = log.iter().filter_map(|line| line.text.strip_prefix("claimgate step "));
    steps.map(|step| serde_json::from_str(step).expect("JSON")).collect()
}

fn step<'s>(steps: &'s [Value], name: &str) -> &'s Value {
    steps.iter().find(|step| step["step"] == name).unwrap_or_else(|| panic!("no step {name} in {steps:?}"))
}

#[test]
fn one_identity_is_the_same_for_everybody() {
    let stage = stage();
    let claims = json!({"sub": "alice, of \u{e9}", "groups": ["Engineering", "Platform Admins", "Chess Club"], "scope": "read write"});
    let token = stage.scene.workforce_token(claims);
    let response = stage.send(&Request::get("/orders").bearer(&token));
    assert_eq!(response.status, 200, "{}\n{}", response.text(), stage.log());
    let (subject, groups) = ("alice%2C of %C3%A9", "developers,admins");
    assert_eq!(response.upstream_saw("x-auth-subject"), [subject]);
    assert_eq!(response.upstream_saw("x-auth-groups"), [groups]);

    let audit = last_logged(&stage, "claimgate", 1);
    assert_eq!((&audit["claimgate"], &audit["issuer"]), (&json!("admit"), &json!("workforce")));
    assert_eq!((&audit["subject"], &audit["groups"]), (&json!(subject), &json!(groups)));
    assert_eq!(audit["scopes"], "read,write");

    let access = last_logged(&stage, "access", 1);
    assert_eq!((&access["subject"], &access["groups"]), (&json!(subject), &json!(groups)), "{access}");

    assert_eq!(stage.metric("claimgate.issuer.workforce.admitted"), 1);

    let steps = explained(&stage, &token);
    let identity = step(&steps, "identity");
    assert_eq!(identity["subject"], subject);
    let header = |name: &str| identity["headers"].as_array().into_iter().flatten().find_map(|header| header.get(name));
    assert_eq!((header("x-auth-subject"), header("x-auth-groups")), (Some(&json!(subject)), Some(&json!(groups))));
    assert_eq!(step(&steps, "verdict")["verdict"], "admit");
}

#[test]
fn one_refusal_has_the_same_reason_for_everybody() {
    let stage = stage();
    let token = stage.scene.workforce_token(json!({"exp": now() - 3600, "iat": now() - 7200}));
    let response = stage.send(&Request::get("/orders").bearer(&token));
    assert_eq!(response.status, 401);
    let (label, sentence) = ("token_expired", "The token has expired.");
    assert_eq!(response.json(), json!({"error": "invalid_token", "reason": label, "error_description": sentence}));
    let challenge = response.header("www-authenticate").expect("a challenge");
    assert!(challenge.contains(&format!("error_description=\"{label}: {sentence}\"")), "{challenge}");

    let audit = last_logged(&stage, "claimgate", 1);
    assert_eq!(audit, json!({"claimgate": "refuse", "reason": label, "issuer": "workforce"}));
    let access = last_logged(&stage, "access", 1);
    assert_eq!(access["details"], format!("claimgate_{label}"), "{access}");
    assert_eq!(access["subject"], Value::Null, "nobody was proven: {access}");
    assert_eq!(stage.metric(&format!("claimgate.issuer.workforce.refused.reason.{label}")), 1);
    let steps = explained(&stage, &token);
    let verdict = step(&steps, "verdict");
    assert_eq!((&verdict["reason"], &verdict["sentence"]), (&json!(label), &json!(sentence)));
}

#[test]
fn what_comes_behind_the_filter_decides_by_its_filter_state() {
    let stage = stage();
    let delete = |groups: Value| {
        let token = stage.scene.workforce_token(json!({"groups": groups}));
        stage.send(&Request::new("DELETE", "/orders/7").bearer(&token)).status
    };
    assert_eq!(delete(json!(["Engineering"])), 403);
    assert_eq!(delete(json!(["Engineering", "Platform Admins"])), 200);
    assert_eq!(delete(json!([])), 403);
}
