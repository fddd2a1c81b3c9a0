//! Mistakes that were found in other gateways, each tried on the real module. The table in tests/COVERAGE.md has all of them, with
//! those that other tests answer.

use std::sync::OnceLock;

use claimgate_tests::{Algorithm, SigningKey, module};
use host_sim::{Host, Module, Outcome, Request};
use serde_json::{Value, json};

const NOW: u64 = 1_767_225_600;
const ISSUER: &str = "https://idp.example";

fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::numbered(Algorithm::Es256, 0))
}

fn rsa() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::numbered(Algorithm::Rs256, 0))
}

fn the_module() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(|| Module::from_file(&module()).expect("the module loads"))
}

/// An object with members added, replaced, or with `null` taken away.
fn with(mut object: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().expect("members") {
        match value {
            Value::Null => drop(object.as_object_mut().and_then(|members| members.remove(name))),
            value => object[name] = value.clone(),
        }
    }
    object
}

fn issuer(changes: Value) -> Value {
    let keys = json!({"inline": {"keys": [key().jwk(), rsa().jwk()]}});
    with(json!({"name": "main", "issuer": ISSUER, "audiences": ["api"], "keys": keys}), changes)
}

fn configuration(own: Value, top: Value) -> Value {
    with(json!({"issuers": [issuer(own)]}), top)
}

fn claims(changes: Value) -> Value {
    with(json!({"iss": ISSUER, "sub": "alice", "aud": "api", "iat": NOW - 10, "exp": NOW + 300}), changes)
}

fn token(changes: Value) -> String {
    key().token(&claims(changes))
}

struct Gate(Host);

impl Gate {
    fn new(own: Value, top: Value) -> Self {
        Self::of(&configuration(own, top))
    }

    fn of(configuration: &Value) -> Self {
        let mut host = Host::builder(the_module()).now(NOW).build();
        let text = configuration.to_string();
        host.configure(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
        Self(host)
    }

    fn send(&mut self, request: Request) -> Outcome {
        self.0.request(0, request).outcome
    }

    /// What the service sees under a name; `None` where the request did not get there.
    fn seen(&mut self, token: &str, header: &str) -> Option<Vec<String>> {
        self.send(Request::get("/").bearer(token)).upstream().map(|upstream| upstream.values(header))
    }

    /// The label of the refusal.
    fn reason(&mut self, token: &str) -> Option<String> {
        let outcome = self.send(Request::get("/").bearer(token));
        let body = outcome.local_reply().map(|reply| reply.body.clone())?;
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        body["reason"].as_str().map(str::to_owned)
    }
}

fn told() -> Value {
    json!({"errors": {"detail": "reason"}})
}

fn one(value: &str) -> Option<Vec<String>> {
    Some(vec![value.to_owned()])
}

#[test]
fn t01_a_forged_header_does_not_survive_a_missing_claim() {
    let mut gate = Gate::new(json!({}), json!({"identity_headers": {"claims": {"x-user-id": "uid"}}}));
    let request = Request::get("/").bearer(&token(json!({}))).header("x-user-id", "root").header("X_User-Id", "root");
    let outcome = gate.send(request);
    let upstream = outcome.upstream().expect("admitted");
    assert!(upstream.values("x-user-id").is_empty() && upstream.values("x_user-id").is_empty());
}

#[test]
fn t02_an_unmapped_group_does_not_become_one_of_ours() {
    let admins = token(json!({"groups": ["g-admins-super"]}));
    for groups in [json!({}), json!({"map": {}}), json!({"map": {"other": ["g-users"]}})] {
        assert_eq!(Gate::new(json!({"groups": groups}), json!({})).seen(&admins, "x-auth-groups"), Some(vec![]));
    }
}

#[test]
fn t03_too_many_groups_to_list_are_not_no_groups() {
    let tenant = "11111111-2222-3333-4444-555555555555";
    let own = json!({"preset": "entra", "issuer": format!("https://login.microsoftonline.com/{tenant}/v2.0"),
        "groups": {"default": ["everybody"]}});
    let mut gate = Gate::new(own, json!({}));
    let entra = |more: Value| {
        let base = claims(
            json!({"iss": format!("https://login.microsoftonline.com/{tenant}/v2.0"), "tid": tenant, "oid": "o"}),
        );
        rsa().token(&with(base, more))
    };
    assert_eq!(gate.seen(&entra(json!({})), "x-auth-groups"), one("everybody"));
    let overage = json!({"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.windows.net/x"}}});
    assert_eq!(gate.seen(&entra(overage), "x-auth-groups"), Some(vec![]));
    assert_eq!(gate.seen(&entra(json!({"hasgroups": true})), "x-auth-groups"), Some(vec![]));
}

#[test]
fn t05_a_key_without_alg_is_a_key() {
    let mut jwk = rsa().jwk();
    jwk.as_object_mut().expect("a key").remove("alg");
    let mut gate = Gate::new(json!({"keys": {"inline": {"keys": [jwk]}}}), json!({}));
    assert_eq!(gate.seen(&rsa().token(&claims(json!({}))), "x-auth-subject"), one("alice"));
}

#[test]
fn t06_a_key_for_encryption_in_the_set_neither_verifies_nor_disturbs() {
    let enc = with(rsa().jwk(), json!({"use": "enc", "alg": "RSA-OAEP", "kid": "enc"}));
    let mut gate = Gate::new(json!({"keys": {"inline": {"keys": [enc, key().jwk()]}}}), told());
    assert_eq!(gate.seen(&token(json!({})), "x-auth-subject"), one("alice"));
    let by_enc = rsa().clone().with_kid(Some("enc")).token(&claims(json!({})));
    assert_eq!(gate.reason(&by_enc).as_deref(), Some("key_unknown"));
}

#[test]
fn t07_an_id_token_is_no_access_token() {
    let own = json!({"preset": "cognito", "audiences": "any", "clients": ["app"]});
    let mut gate = Gate::new(own, told());
    let access = rsa().token(&claims(json!({"aud": null, "client_id": "app", "token_use": "access"})));
    let id = rsa().token(&claims(json!({"aud": "app", "client_id": "app", "token_use": "id"})));
    assert_eq!(gate.seen(&access, "x-auth-subject"), one("alice"));
    assert_eq!(gate.reason(&id).as_deref(), Some("claim_rule_failed"));
}

#[test]
fn t08_a_client_claim_does_not_replace_the_audience() {
    let mut gate = Gate::new(json!({"preset": "okta"}), told());
    let token = rsa().token(&claims(json!({"aud": "another", "cid": "app"})));
    assert_eq!(gate.reason(&token).as_deref(), Some("audience_mismatch"));
}

#[test]
fn t09_scopes_come_in_every_shape() {
    let mut gate = Gate::new(json!({}), json!({}));
    for claim in [
        json!({"scope": "a b"}),
        json!({"scope": ["a", "b"]}),
        json!({"scp": "a b"}),
        json!({"scp": ["a", "b"]}),
        json!({"scopes": ["a", "b"]}),
    ] {
        assert_eq!(gate.seen(&token(claim.clone()), "x-auth-scopes"), one("a,b"), "{claim}");
    }
}

#[test]
fn t10_the_client_goes_by_four_names() {
    let mut gate = Gate::new(json!({"clients": ["app"]}), told());
    for name in ["client_id", "azp", "appid", "cid"] {
        assert_eq!(gate.seen(&token(json!({name: "app"})), "x-auth-client"), one("app"), "{name}");
        assert_eq!(gate.reason(&token(json!({name: "other"}))).as_deref(), Some("client_not_allowed"), "{name}");
    }
    assert_eq!(gate.reason(&token(json!({}))).as_deref(), Some("client_not_allowed"));
}

#[test]
fn t11_both_versions_of_a_tenants_tokens_are_the_tenants() {
    let tenant = "11111111-2222-3333-4444-555555555555";
    let own = json!({"preset": "entra", "issuer": format!("https://login.microsoftonline.com/{tenant}/v2.0")});
    let mut gate = Gate::new(own, json!({}));
    for iss in
        [format!("https://login.microsoftonline.com/{tenant}/v2.0"), format!("https://sts.windows.net/{tenant}/")]
    {
        let token = rsa().token(&claims(json!({"iss": iss, "tid": tenant, "oid": "o"})));
        assert_eq!(gate.seen(&token, "x-auth-subject"), one("o"), "{iss}");
    }
}

#[test]
fn t12_a_trailing_slash_is_another_issuer_until_it_is_an_alias() {
    let slash = token(json!({"iss": format!("{ISSUER}/")}));
    assert_eq!(Gate::new(json!({}), told()).reason(&slash).as_deref(), Some("issuer_unknown"));
    let mut gate = Gate::new(json!({"aliases": [format!("{ISSUER}/")]}), json!({}));
    assert_eq!(gate.seen(&slash, "x-auth-subject"), one("alice"));
}

#[test]
fn t13_a_numeric_subject_keeps_every_digit() {
    let mut gate = Gate::new(json!({}), json!({}));
    for (written, seen) in [
        ("110169484474386276334", "110169484474386276334"),
        ("1.2e18", "1200000000000000000"),
        ("9007199254740993", "9007199254740993"),
    ] {
        let payload =
            format!(r#"{{"iss":"{ISSUER}","sub":{written},"aud":"api","iat":{},"exp":{}}}"#, NOW - 10, NOW + 300);
        let header = json!({"alg": "ES256", "kid": key().kid(), "typ": "JWT"}).to_string();
        assert_eq!(gate.seen(&key().token_raw(header, payload), "x-auth-subject"), one(seen), "{written}");
    }
}

#[test]
fn t14_claims_with_colons_slashes_and_dots_in_their_names_are_found() {
    let names = json!({"x-a": "cognito:groups", "x-b": "https://example.com/roles", "x-c": "$['kubernetes.io']['namespace']", "x-d": "$['resource_access']['my.client']['roles']"});
    let mut gate = Gate::new(json!({}), json!({"identity_headers": {"claims": names}}));
    let token =
        token(json!({"cognito:groups": ["a"], "https://example.com/roles": ["b"], "kubernetes.io": {"namespace": "c"},
        "resource_access": {"my.client": {"roles": ["d", "e"]}}}));
    for (header, value) in [("x-a", "a"), ("x-b", "b"), ("x-c", "c"), ("x-d", "d,e")] {
        assert_eq!(gate.seen(&token, header), one(value), "{header}");
    }
}

#[test]
fn t19_an_old_token_is_refused_though_it_has_not_expired() {
    let mut gate = Gate::new(json!({"max_token_age": "10m"}), told());
    assert_eq!(gate.reason(&token(json!({"iat": NOW - 1200}))).as_deref(), Some("token_too_old"));
    assert_eq!(gate.reason(&token(json!({"iat": null}))).as_deref(), Some("claim_missing"));
}

#[test]
fn t20_a_group_with_a_comma_or_a_line_break_stays_one_group() {
    let mut gate = Gate::new(json!({"groups": {"unmapped": "keep"}}), json!({}));
    let token = token(json!({"groups": ["a,admins", "b\r\nx-auth-subject: root", "\u{e9}"]}));
    assert_eq!(gate.seen(&token, "x-auth-groups"), one("a%2Cadmins,b%0D%0Ax-auth-subject: root,%C3%A9"));
}

#[test]
fn t23_a_missing_scope_names_all_that_are_needed_and_advertised_scopes_demand_nothing() {
    let top = json!({
        "resources": [{"name": "mcp", "resource": "https://api.example.com/mcp", "scopes_supported": ["shown"]}],
        "routes": [{"match": {"prefix": "/mcp"}, "resource": "mcp", "scopes": {"all": ["read", "write"]}}],
    });
    let mut gate = Gate::new(json!({}), top);
    let outcome = gate.send(Request::get("/mcp").bearer(&token(json!({"scope": "read"}))));
    let reply = outcome.local_reply().expect("refused");
    let metadata = "https://api.example.com/.well-known/oauth-protected-resource/mcp";
    let challenge =
        format!("Bearer error=\"insufficient_scope\", scope=\"read write\", resource_metadata=\"{metadata}\"");
    assert_eq!((reply.status, reply.values("www-authenticate")), (403, vec![challenge]));
    let enough = gate.send(Request::get("/mcp").bearer(&token(json!({"scope": "read write"}))));
    assert!(enough.upstream().is_some(), "what is advertised is not what is demanded");
}

#[test]
fn t24_metadata_is_where_the_rfc_says_and_the_host_header_says_nothing() {
    let mut gate =
        Gate::new(json!({}), json!({"resources": [{"name": "mcp", "resource": "https://api.example.com/mcp"}]}));
    let at = |path: &str| Request::get(path).authority("evil.example");
    let outcome = gate.send(at("/.well-known/oauth-protected-resource/mcp"));
    let reply = outcome.local_reply().expect("an answer");
    let document: Value = serde_json::from_slice(&reply.body).expect("JSON");
    assert_eq!((reply.status, &document["resource"]), (200, &json!("https://api.example.com/mcp")));
    assert_eq!(document["authorization_servers"], json!([ISSUER]));
    assert!(!String::from_utf8_lossy(&reply.body).contains("evil"));
    for path in [
        "/mcp/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource",
        "/.well-known/oauth-protected-resource/other",
    ] {
        assert_eq!(gate.send(at(path)).status(), Some(401), "{path}");
    }
}

#[test]
fn t26_other_kinds_of_token_are_refused_by_their_type() {
    let mut gate = Gate::new(json!({}), told());
    for typ in ["logout+jwt", "dpop+jwt", "txntoken+jwt", "oauth-id-jag+jwt", "secevent+jwt", "application/LOGOUT+jwt"]
    {
        let token = key().token_typed(Some(typ), &claims(json!({})));
        assert_eq!(gate.reason(&token).as_deref(), Some("type_not_allowed"), "{typ}");
    }
}

#[test]
fn t27_an_issuer_need_not_be_a_url() {
    let mut gate = Gate::new(json!({"issuer": "thunder"}), json!({}));
    assert_eq!(gate.seen(&token(json!({"iss": "thunder"})), "x-auth-issuer"), one("thunder"));
}

#[test]
fn t29_an_issuer_that_is_switched_off_is_answered_like_an_unknown_one() {
    let off = json!({"name": "off", "enabled": false, "issuer": "https://off.example"});
    let off = Gate::of(&json!({"issuers": [issuer(json!({})), issuer(off)]}));
    let answer = |mut gate: Gate, iss: &str| {
        let outcome = gate.send(Request::get("/").bearer(&token(json!({"iss": iss}))));
        let reply = outcome.local_reply().expect("refused").clone();
        (reply.status, reply.headers, reply.body)
    };
    let unknown = Gate::new(json!({}), json!({}));
    assert_eq!(answer(off, "https://off.example"), answer(unknown, "https://nobody.example"));
}

#[test]
fn t30_an_issuer_goes_by_its_aliases() {
    let mut gate =
        Gate::new(json!({"preset": "google", "issuer": "https://accounts.google.com", "anyone": true}), json!({}));
    for iss in ["https://accounts.google.com", "accounts.google.com"] {
        let token = rsa().token(&claims(json!({"iss": iss})));
        assert_eq!(gate.seen(&token, "x-auth-issuer"), one(iss));
    }
}
