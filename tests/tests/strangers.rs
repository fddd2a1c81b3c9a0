//! Every configuration that the documents publish, attacked with genuine tokens that it is not meant for: a stranger of the
//! same provider gets nothing.
//!
//! A token that the manual shows is the owner's; [`STRANGERS`] says what differs in a stranger's.

use std::collections::BTreeSet;
use std::path::Path;

use claimgate_tests::{Algorithm, SigningKey, Template, module};
use host_sim::{Host, Module, Outcome, Request};
use serde_json::{Value, json};

const NOW: u64 = 1_767_225_600;

/// For each preset what a stranger's token says instead of the owner's; `null` takes a claim out.
const STRANGERS: &[(&str, &str)] = &[
    ("generic", r#"{"aud": "billing"}"#),
    ("generic", r#"{"iss": "https://login.evil.example"}"#),
    ("cognito", r#"{"client_id": "stranger"}"#),
    ("cognito", r#"{"client_id": null, "aud": "1example23456789"}"#),
    ("cognito", r#"{"token_use": "id"}"#),
    ("okta", r#"{"aud": "api://billing"}"#),
    ("okta", r#"{"iss": "https://acme.okta.com"}"#),
    ("entra", r#"{"aud": "88888888-8888-7777-6666-555555555555"}"#),
    (
        "entra",
        r#"{"iss": "https://login.microsoftonline.com/22222222-2222-3333-4444-555555555555/v2.0", "tid": "22222222-2222-3333-4444-555555555555"}"#,
    ),
    ("entra", r#"{"iss": "https://login.microsoftonline.us/11111111-2222-3333-4444-555555555555/v2.0"}"#),
    ("entra", r#"{"scp": null, "roles": null, "idtyp": "app", "azp": "stranger", "oid": "stranger"}"#),
    ("auth0", r#"{"aud": ["https://acme.eu.auth0.com/userinfo"]}"#),
    ("google", r#"{"hd": null, "email": "alice@gmail.com"}"#),
    ("google", r#"{"hd": "evil.example"}"#),
    ("google", r#"{"aud": "456.apps.googleusercontent.com"}"#),
    ("keycloak", r#"{"aud": "account"}"#),
    ("keycloak", r#"{"typ": "ID"}"#),
    ("ping", r#"{"aud": ["billing"]}"#),
    ("kubernetes", r#"{"sub": "system:serviceaccount:mallory:worker", "kubernetes.io": {"namespace": "mallory"}}"#),
    ("kubernetes", r#"{"sub": "system:serviceaccount:billing-evil:worker"}"#),
    ("kubernetes", r#"{"aud": ["sts.amazonaws.com"]}"#),
    ("aws-sts", r#"{"sub": "arn:aws:iam::123456789012:role/stranger"}"#),
    ("aws-sts", r#"{"iss": "https://22222222-2222-3333-4444-555555555555.tokens.sts.global.api.aws"}"#),
    (
        "github-actions",
        r#"{"sub": "repo:mallory/toy:ref:refs/heads/main", "repository": "mallory/toy", "repository_id": "9001", "repository_owner_id": "42"}"#,
    ),
    ("github-actions", r#"{"repository_owner_id": "4711"}"#),
    ("github-actions", r#"{"repository_owner_id": null}"#),
    ("github-actions", r#"{"ref": "refs/pull/1/merge"}"#),
    (
        "gitlab",
        r#"{"sub": "project_path:mallory/toy:ref_type:branch:ref:main", "namespace_path": "mallory", "project_path": "mallory/toy", "groups_direct": ["acme", "acme/orders"]}"#,
    ),
    ("gitlab", r#"{"namespace_path": "acme-evil"}"#),
    ("spiffe", r#"{"sub": "spiffe://prod.example/mallory/worker"}"#),
    ("spiffe", r#"{"sub": "spiffe://evil.example/billing/worker"}"#),
    ("spiffe", r#"{"aud": "billing"}"#),
    ("thunder", r#"{"aud": "billing"}"#),
    ("asgardeo", r#"{"aud": "stranger-client"}"#),
];

/// The files in `envoy/` that hold a configuration of the filter.
const PUBLISHED: [&str; 5] = ["minimal", "multi-issuer", "filter-state", "route-metadata", "recompute-route"];

fn text_of(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The blocks of JSON in a document, with what their fence says.
fn blocks(text: &str) -> Vec<(String, Value)> {
    let fenced = text.split("\n```").collect::<Vec<_>>();
    let json = fenced.iter().filter_map(|block| block.split_once('\n')).filter(|(info, _)| info.starts_with("json"));
    json.map(|(info, body)| (info.to_owned(), serde_json::from_str(body).expect("JSON"))).collect()
}

/// A whole configuration around the members that a block shows.
fn whole(kind: &str, members: &Value) -> Value {
    if kind == "json" {
        return members.clone();
    }
    let mut whole = json!({"issuers": [{"name": "workforce", "issuer": "https://login.workforce.example", "audiences": ["orders"]}]});
    let place = match kind {
        "json top" => &mut whole,
        "json issuer" => &mut whole["issuers"][0],
        _ => {
            whole["routes"] = json!([{}]);
            &mut whole["routes"][0]
        }
    };
    change(place, members);
    whole
}

fn change(object: &mut Value, members: &Value) {
    for (name, value) in members.as_object().expect("members") {
        if value.is_null() {
            object.as_object_mut().expect("an object").remove(name);
        } else {
            object[name] = value.clone();
        }
    }
}

/// The provider's key; the configuration has it instead of its address.
fn key() -> SigningKey {
    SigningKey::numbered(Algorithm::Rs256, 0)
}

fn configured(module: &Module, mut configuration: Value) -> Host {
    for issuer in configuration["issuers"].as_array_mut().expect("issuers") {
        issuer["algorithms"] = json!(["RS256"]);
        issuer["keys"] = json!({"inline": {"keys": [key().jwk()]}});
    }
    let mut host = Host::builder(module).now(NOW).build();
    host.configure(configuration.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}\n{configuration}"));
    host
}

/// A request with this token in the first place that the configuration reads.
fn request(configuration: &Value, claims: &Value) -> Request {
    let token = key().token(claims);
    let source = &configuration["token_sources"][0];
    match (source["header"].as_str(), source["scheme"].as_str()) {
        (None, _) => Request::get("/orders").bearer(&token),
        (Some(header), None) => Request::get("/orders").header(header, token),
        (Some(header), Some(scheme)) => Request::get("/orders").header(header, format!("{scheme} {token}")),
    }
}

fn dated(mut claims: Value) -> Value {
    claims["iat"] = (NOW - 10).into();
    claims["exp"] = (NOW + 300).into();
    claims
}

fn is_refused(host: &mut Host, request: Request, what: &str) {
    match host.request(0, request).outcome {
        Outcome::LocalReply(reply) if matches!(reply.status, 401 | 403) => {}
        other => panic!("{what}: {other:?}"),
    }
}

/// A token of each issuer that was made for another service and another client.
fn refuses_tokens_for_others(module: &Module, configuration: &Value, at: &str) {
    let mut host = configured(module, configuration.clone());
    for issuer in configuration["issuers"].as_array().expect("issuers") {
        let default = match issuer["preset"].as_str() {
            Some("github-actions") => "https://token.actions.githubusercontent.com",
            Some("google") => "https://accounts.google.com",
            _ => "thunder",
        };
        let iss = issuer["issuer"].as_str().unwrap_or(default);
        let tenant = "11111111-2222-3333-4444-555555555555";
        let claims = json!({"iss": iss.replace("{tenantid}", tenant), "tid": tenant, "sub": "stranger", "aud": "another-service",
            "client_id": "stranger", "azp": "stranger", "cid": "stranger", "resource": "another-service"});
        is_refused(&mut host, request(configuration, &dated(claims)), at);
    }
}

#[test]
fn stranger_gets_nothing_from_any_example() {
    let module = Module::from_file(&module()).expect("the module loads");
    let generic = Module::from_file(&claimgate_tests::generic_module()).expect("the module loads");
    let (mut configurations, mut attacked) = (0, BTreeSet::new());
    let manual = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../manual")).expect("the manual");
    let pages = manual.map(|page| format!("manual/{}", page.expect("a page").file_name().to_string_lossy()));
    let pages = pages.filter(|page| page.ends_with(".md"));
    for file in pages.chain(["README.md", "COMPARE.md", "DESIGN.md", "SECURITY.md"].map(str::to_owned)) {
        let mut last = Value::Null;
        for (kind, value) in blocks(&text_of(&file)) {
            let at = format!("{file}: {value}");
            // What the service sees, and tokens that are refused: other tests look at them.
            if kind == "json upstream" || kind.starts_with("json refused") {
                continue;
            }
            if kind != "json token" {
                last = whole(&kind, &value);
                let module = if last["host"] == "generic" { &generic } else { &module };
                refuses_tokens_for_others(module, &last, &at);
                configurations += 1;
                continue;
            }
            let preset = last["issuers"][0]["preset"].as_str().unwrap_or("generic").to_owned();
            let mut host = configured(&module, last.clone());
            let owner = host.request(0, request(&last, &dated(value.clone()))).outcome;
            assert!(matches!(owner, Outcome::Upstream(_)), "{at}: {owner:?}");
            for (_, difference) in STRANGERS.iter().filter(|(own, _)| *own == preset) {
                let mut claims = value.clone();
                change(&mut claims, &serde_json::from_str(difference).expect("JSON"));
                is_refused(&mut host, request(&last, &dated(claims)), &format!("{at}\nwith {difference}"));
            }
            attacked.insert(preset);
        }
    }
    assert!(configurations > 30, "only {configurations} configurations were found");
    let known: BTreeSet<String> = STRANGERS.iter().map(|(preset, _)| (*preset).to_owned()).collect();
    assert_eq!(attacked, known);
    assert_eq!(known.len(), 15, "a preset has no stranger");
}

#[test]
fn stranger_gets_nothing_from_published_files() {
    let module = Module::from_file(&module()).expect("the module loads");
    for name in PUBLISHED {
        let template = Template::as_published(name).expect("the file is there");
        let text = template.filter_configuration().expect("a configuration");
        refuses_tokens_for_others(&module, &serde_json::from_str(&text).expect("JSON"), name);
    }
    for (file, field) in
        [("envoy/istio-wasmplugin.yaml", " pluginConfig:\n"), ("envoy/envoy-gateway.yaml", " config:\n")]
    {
        let text = text_of(file);
        let (_, rest) = text.split_once(field).expect("the field");
        let mut values = serde_json::Deserializer::from_str(rest).into_iter();
        refuses_tokens_for_others(&module, &values.next().expect("a value").expect("JSON"), file);
    }
}
