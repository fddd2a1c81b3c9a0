//! For each preset a token shaped as the provider issues it, through the whole line.

use crate::refusal::Reason;
use crate::testing::{NOW, TestKey, Token, Value, Worker, json, key_set, merge};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const TENANT: &str = "8f4fc3a1-6b7e-4b1f-9c53-2d3a4b5c6d7e";

/// An issuer with a preset and nothing said that the preset knows; groups are kept so that they can be seen.
fn preset(name: &str, key: TestKey, more: Value) -> Worker {
    let mut issuer =
        json!({"name": "idp", "preset": name, "keys": {"inline": key_set(&[key])}, "groups": {"unmapped": "keep"}});
    merge(&mut issuer, more);
    Worker::new(&json!({"issuers": [issuer], "identity_headers": {"provider": "x-provider"}}))
}

/// A token of exactly these members; the provider's header, then its claims. Dates are added.
fn token(key: TestKey, header: Value, claims: Value) -> Token {
    let mut token = Token::of(key, claims);
    token.header = json!({"alg": key.alg(), "kid": key.kid()});
    merge(&mut token.header, header);
    token.claim("iat", NOW - 30).claim("exp", NOW + 3570)
}

fn rs256(header: Value, claims: Value) -> Token {
    token(TestKey::Rs256, header, claims)
}

/// Subject, username, groups, scopes and client as the service sees them.
fn seen(worker: &mut Worker, token: &Token) -> [Option<String>; 5] {
    let outcome = worker.judge(token);
    ["subject", "username", "groups", "scopes", "client"]
        .map(|name| outcome.header(&format!("x-auth-{name}")).map(str::to_owned))
}

fn some(values: [&str; 5]) -> [Option<String>; 5] {
    values.map(|value| (!value.is_empty()).then(|| value.to_owned()))
}

#[test]
fn cognito_access_tokens_are_bound_by_client_and_id_tokens_are_refused() {
    let iss = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI";
    let mut worker =
        preset("cognito", TestKey::Rs256, json!({"issuer": iss, "clients": ["1h57kf5cpq17m0eml12EXAMPLE"]}));
    let access = rs256(
        json!({}),
        json!({
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "cognito:groups": ["admin"], "iss": iss, "version": 2,
        "client_id": "1h57kf5cpq17m0eml12EXAMPLE", "origin_jti": "aaaa", "token_use": "access", "jti": "x",
        "scope": "phone openid orders/read", "auth_time": NOW - 30, "username": "my-test-user"}),
    );
    let wanted = [
        "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "my-test-user",
        "admin",
        "phone,openid,orders/read",
        "1h57kf5cpq17m0eml12EXAMPLE",
    ];
    assert_eq!(seen(&mut worker, &access), some(wanted));
    let machine =
        access.clone().claim("sub", "1h57kf5cpq17m0eml12EXAMPLE").without("username").without("cognito:groups");
    assert_eq!(seen(&mut worker, &machine)[..3], some(["1h57kf5cpq17m0eml12EXAMPLE", "", "", "", ""])[..3]);
    let id = access.clone().claim("token_use", "id").claim("aud", "1h57kf5cpq17m0eml12EXAMPLE");
    assert_eq!(worker.judge(&id).reason(), Some(Reason::ClaimRuleFailed));
    assert_eq!(worker.judge(&id.without("client_id")).reason(), Some(Reason::ClientNotAllowed));
    assert_eq!(worker.judge(&access.claim("client_id", "other")).reason(), Some(Reason::ClientNotAllowed));
}

#[test]
fn rules_of_ones_own_do_not_switch_off_what_tells_access_tokens_from_others() {
    let iss = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI";
    let token = |usage: &str| {
        rs256(json!({}), json!({"iss": iss, "sub": "u", "token_use": usage, "client_id": "c", "org": "a"}))
    };
    let own_rule = json!([{"claim": "org", "equals": "a"}]);
    let mut worker = preset("cognito", TestKey::Rs256, json!({"issuer": iss, "clients": ["c"], "require": own_rule}));
    assert_eq!(worker.judge(&token("access")).reason(), None);
    assert_eq!(worker.judge(&token("id")).reason(), Some(Reason::ClaimRuleFailed));
    // A rule about the very same claim is meant.
    let both = json!([{"claim": "token_use", "in": ["access", "id"]}]);
    let mut worker = preset("cognito", TestKey::Rs256, json!({"issuer": iss, "clients": ["c"], "require": both}));
    assert_eq!(worker.judge(&token("id")).reason(), None);
}

#[test]
fn okta_prefers_uid_and_reads_scp_and_cid() {
    let iss = "https://acme.okta.com/oauth2/default";
    let mut worker = preset("okta", TestKey::Rs256, json!({"issuer": iss, "audiences": ["api://default"]}));
    let user = rs256(
        json!({}),
        json!({
        "ver": 1, "jti": "AT.0mP", "iss": iss, "aud": "api://default", "cid": "0oa1", "uid": "00u1", "scp": ["openid", "orders.read"],
        "auth_time": NOW - 30, "sub": "ann@acme.com", "groups": ["Everyone", "dev"]}),
    );
    assert_eq!(seen(&mut worker, &user), some(["00u1", "ann@acme.com", "Everyone,dev", "openid,orders.read", "0oa1"]));
    let machine = user.without("uid").without("groups").claim("sub", "0oa1");
    assert_eq!(seen(&mut worker, &machine)[0].as_deref(), Some("0oa1"));
}

#[test]
fn entra_takes_both_versions_of_a_tenants_tokens() {
    let v2 = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let v1 = format!("https://sts.windows.net/{TENANT}/");
    let api = "11111111-2222-3333-4444-555555555555";
    let claims = |iss: &str| {
        json!({
        "aud": api, "iss": iss, "nbf": NOW - 30, "aio": "x", "idtyp": "user", "groups": ["aaaaaaaa-0000-0000-0000-000000000001"],
        "oid": "00000000-0000-0000-66f3-3332eca7ea81", "roles": ["Reader"], "rh": "x", "scp": "access_as_user files.read",
        "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "tid": TENANT, "uti": "x", "ver": "2.0"})
    };
    let modern = rs256(json!({"typ": "JWT", "x5t": "x"}), claims(&v2))
        .claim("azp", "client")
        .claim("preferred_username", "ann@contoso.com");
    let classic = rs256(json!({"typ": "JWT", "x5t": "x"}), claims(&v1))
        .claim("appid", "client")
        .claim("unique_name", "ann@contoso.com");
    let wanted = [
        "00000000-0000-0000-66f3-3332eca7ea81",
        "ann@contoso.com",
        "aaaaaaaa-0000-0000-0000-000000000001,role:Reader",
        "access_as_user,files.read",
        "client",
    ];
    for issuer in [&v1, &v2] {
        let mut worker = preset("entra", TestKey::Rs256, json!({"issuer": issuer, "audiences": [api]}));
        assert_eq!(seen(&mut worker, &modern), some(wanted));
        assert_eq!(seen(&mut worker, &classic), some(wanted));
        let other =
            modern.clone().claim("iss", "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000/v2.0");
        assert_eq!(worker.judge(&other).reason(), Some(Reason::IssuerUnknown));
        assert_eq!(worker.judge(&modern.clone().without_header("typ")).reason(), Some(Reason::TypeNotAllowed));
    }
}

#[test]
fn entra_for_many_tenants_binds_issuer_key_and_tenant() {
    let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let iss = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let mut worker = preset("entra", TestKey::Rs256, json!({"issuer": template, "audiences": ["api"], "anyone": true}));
    let good = rs256(json!({"typ": "JWT"}), json!({"iss": iss, "aud": "api", "tid": TENANT, "oid": "o", "sub": "s"}));
    let outcome = worker.judge(&good);
    assert_eq!((outcome.header("x-auth-subject"), outcome.header("x-auth-issuer")), (Some("o"), Some(iss.as_str())));
    assert_eq!(worker.judge(&good.clone().without("tid")).reason(), Some(Reason::TenantMismatch));
    for (issuer, wanted) in [
        (template, None),
        (iss.as_str(), None),
        ("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", Some(Reason::KeyUnfit)),
    ] {
        let mut set = key_set(&[TestKey::Rs256]);
        set["keys"][0]["issuer"] = json!(issuer);
        let keys = json!({"issuer": template, "audiences": ["api"], "anyone": true, "keys": {"inline": set}});
        assert_eq!(preset("entra", TestKey::Rs256, keys).judge(&good).reason(), wanted, "{issuer}");
    }
}

#[test]
fn entra_tokens_with_too_many_groups_get_no_default() {
    let iss = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let groups = json!({"map": {"*": ["g-*"]}, "default": ["everyone"]});
    let mut worker = preset("entra", TestKey::Rs256, json!({"issuer": iss, "audiences": ["api"], "groups": groups}));
    let without = rs256(json!({"typ": "JWT"}), json!({"iss": iss, "aud": "api", "tid": TENANT, "oid": "o"}));
    assert_eq!(seen(&mut worker, &without)[2].as_deref(), Some("everyone"));
    for (claim, value) in
        [("_claim_names", json!({"groups": "src1"})), ("hasgroups", json!(true)), ("hasgroups", json!("true"))]
    {
        let overage = without
            .clone()
            .claim(claim, value)
            .claim("_claim_sources", json!({"src1": {"endpoint": "https://graph.windows.net/x"}}));
        assert_eq!(seen(&mut worker, &overage)[2], None, "{claim}");
    }
    let other = without.claim("_claim_names", json!({"address": "src1"}));
    assert_eq!(seen(&mut worker, &other)[2].as_deref(), Some("everyone"));
}

#[test]
fn auth0_tokens_of_both_profiles_are_read() {
    let iss = "https://acme.eu.auth0.com/";
    let mut worker = preset("auth0", TestKey::Rs256, json!({"issuer": iss, "audiences": ["https://api.acme.com"]}));
    let aud = json!(["https://api.acme.com", "https://acme.eu.auth0.com/userinfo"]);
    let auth0 = rs256(
        json!({"typ": "JWT"}),
        json!({
        "iss": iss, "sub": "auth0|6540", "aud": aud, "azp": "client", "scope": "openid read:x", "permissions": ["write:x", "read:x"]}),
    );
    assert_eq!(seen(&mut worker, &auth0), some(["auth0|6540", "", "", "openid,read:x,write:x", "client"]));
    let rfc9068 = rs256(
        json!({"typ": "at+jwt"}),
        json!({
        "iss": iss, "sub": "client@clients", "aud": "https://api.acme.com", "client_id": "client", "scope": "read:x", "jti": "x"}),
    );
    assert_eq!(seen(&mut worker, &rfc9068), some(["client@clients", "", "", "read:x", "client"]));
    let outcome = worker.decide(&crate::testing::Call::get("/").bearer("a.b.c.d.e"));
    assert_eq!(outcome.reason(), Some(Reason::TokenEncrypted));
}

#[test]
fn google_goes_by_two_names() {
    let mut worker =
        preset("google", TestKey::Rs256, json!({"audiences": ["1.apps.googleusercontent.com"], "anyone": true}));
    for iss in ["https://accounts.google.com", "accounts.google.com"] {
        let id = rs256(
            json!({"typ": "JWT"}),
            json!({
            "iss": iss, "azp": "1.apps.googleusercontent.com", "aud": "1.apps.googleusercontent.com", "hd": "acme.com",
            "sub": "110169484474386276334", "email": "ann@acme.com", "email_verified": true}),
        );
        assert_eq!(
            seen(&mut worker, &id),
            some(["110169484474386276334", "ann@acme.com", "", "", "1.apps.googleusercontent.com"])
        );
    }
}

#[test]
fn keycloak_access_tokens_say_bearer_and_no_other_kind_passes() {
    let iss = "https://sso.example/realms/acme";
    let mut worker = preset("keycloak", TestKey::Rs256, json!({"issuer": iss, "audiences": ["orders"]}));
    let access = rs256(
        json!({"typ": "JWT"}),
        json!({
        "jti": "x", "iss": iss, "aud": ["orders", "account"], "sub": "2f4f", "typ": "Bearer", "azp": "web", "sid": "s", "acr": "1",
        "realm_access": {"roles": ["offline_access", "admin"]}, "resource_access": {"account": {"roles": ["view-profile"]}},
        "scope": "email profile", "groups": ["/team/red"], "preferred_username": "ann", "email": "ann@example.com"}),
    );
    assert_eq!(
        seen(&mut worker, &access),
        some(["2f4f", "ann", "/team/red,role:offline_access,role:admin", "email,profile", "web"])
    );
    for typ in ["ID", "Refresh", "Offline"] {
        assert_eq!(worker.judge(&access.clone().claim("typ", typ)).reason(), Some(Reason::ClaimRuleFailed), "{typ}");
    }
}

#[test]
fn ping_tokens_are_read() {
    let iss = "https://auth.pingone.eu/7b27/as";
    let mut worker = preset("ping", TestKey::Rs256, json!({"issuer": iss, "audiences": ["https://api.acme.com"]}));
    let access = rs256(
        json!({}),
        json!({
        "iss": iss, "sub": "9a2c", "aud": ["https://api.acme.com"], "client_id": "c", "scope": "read write", "env": "7b27", "org": "x"}),
    );
    assert_eq!(seen(&mut worker, &access), some(["9a2c", "", "", "read,write", "c"]));
}

#[test]
fn kubernetes_service_accounts_are_known_by_name_and_namespace() {
    let iss = "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE";
    let bound = json!({
        "aud": ["sts.amazonaws.com", "orders"], "iss": iss, "nbf": NOW - 30, "sub": "system:serviceaccount:shop:cart", "jti": "x",
        "kubernetes.io": {"namespace": "shop", "pod": {"name": "cart-1", "uid": "u"}, "serviceaccount": {"name": "cart", "uid": "v"}}});
    for key in [TestKey::Rs256, TestKey::Es256(1)] {
        let mut worker = preset("kubernetes", key, json!({"issuer": iss, "audiences": ["orders"]}));
        let wanted = some(["system:serviceaccount:shop:cart", "cart", "shop", "", ""]);
        assert_eq!(seen(&mut worker, &token(key, json!({}), bound.clone())), wanted);
        let legacy = token(key, json!({}), bound.clone()).without("exp");
        assert_eq!(worker.judge(&legacy).reason(), Some(Reason::ClaimMissing));
    }
}

#[test]
fn aws_accounts_are_groups() {
    let iss = "https://abc12345-def4-5678-90ab-cdef12345678.tokens.sts.global.api.aws";
    let mut worker =
        preset("aws-sts", TestKey::Rs256, json!({"issuer": iss, "audiences": ["https://api.example.com"]}));
    let federated = rs256(
        json!({"typ": "JWT"}),
        json!({
        "aud": "https://api.example.com", "sub": "arn:aws:iam::123456789012:role/DataRole", "iss": iss, "jti": "x",
        "https://sts.amazonaws.com/": {"aws_account": "123456789012", "source_region": "us-east-1", "principal_tags": {"env": "prod"}}}),
    );
    assert_eq!(
        seen(&mut worker, &federated),
        some(["arn:aws:iam::123456789012:role/DataRole", "", "123456789012", "", ""])
    );
}

#[test]
fn github_repositories_are_known_by_their_ids() {
    let mut worker =
        preset("github-actions", TestKey::Rs256, json!({"audiences": ["https://github.com/acme"], "anyone": true}));
    let job = rs256(
        json!({"typ": "JWT", "x5t": "x"}),
        json!({
        "iss": "https://token.actions.githubusercontent.com", "aud": "https://github.com/acme", "sub": "repo:acme/shop:ref:refs/heads/main",
        "repository": "acme/shop", "repository_id": "74", "repository_owner_id": "65", "ref": "refs/heads/main", "nbf": NOW - 630,
        "job_workflow_ref": "acme/shop/.github/workflows/x.yml@refs/heads/main", "runner_environment": "github-hosted"}),
    );
    assert_eq!(
        seen(&mut worker, &job),
        some(["repo:acme/shop:ref:refs/heads/main", "acme/shop", "owner:65,repo:74", "", ""])
    );
}

#[test]
fn gitlab_pipeline_belongs_to_its_project() {
    let iss = "https://gitlab.example.com";
    let mut worker = preset("gitlab", TestKey::Rs256, json!({"issuer": iss, "audiences": ["https://api.example.com"]}));
    let job = rs256(
        json!({"typ": "JWT"}),
        json!({
        "iss": iss, "aud": "https://api.example.com", "sub": "project_path:acme/shop:ref_type:branch:ref:main", "nbf": NOW - 30,
        "namespace_path": "acme", "project_path": "acme/shop", "user_login": "ann", "ref_protected": "true", "groups_direct": ["acme/dev"]}),
    );
    let wanted = some(["project_path:acme/shop:ref_type:branch:ref:main", "ann", "acme/shop", "", ""]);
    assert_eq!(seen(&mut worker, &job), wanted);
}

#[test]
fn a_spiffe_trust_domain_is_recognised_without_iss_and_vouches_for_its_own_subjects_only() {
    let key = TestKey::Es256(1);
    let mut worker = preset("spiffe", key, json!({"issuer": "spiffe://example.org", "audiences": ["orders"]}));
    let svid = |sub: &str| token(key, json!({}), json!({"sub": sub, "aud": ["orders"]}));
    let good = worker.judge(&svid("spiffe://example.org/ns/shop/sa/cart"));
    assert_eq!(good.header("x-auth-subject"), Some("spiffe://example.org/ns/shop/sa/cart"));
    assert_eq!((good.header("x-auth-issuer"), good.header("x-provider")), (Some("spiffe://example.org"), Some("idp")));
    for sub in [
        "spiffe://other.org/x",
        "spiffe://example.org",
        "spiffe://example.org/",
        "example.org/x",
        "spiffe://Example.org/x",
        "SPIFFE://example.org/x",
    ] {
        assert_eq!(worker.judge(&svid(sub)).reason(), Some(Reason::IssuerUnknown), "{sub}");
    }
    assert_eq!(worker.judge(&svid("x").without("sub")).reason(), Some(Reason::IssuerMalformed));
    for typ in ["JWT", "JOSE"] {
        assert_eq!(worker.judge(&svid("spiffe://example.org/x").header("typ", typ)).reason(), None, "{typ}");
    }
    assert_eq!(
        worker.judge(&svid("spiffe://example.org/x").header("typ", "at+jwt")).reason(),
        Some(Reason::TypeNotAllowed)
    );
    // Whatever it says in iss, it cannot speak for another domain.
    let named = |sub: &str| svid(sub).claim("iss", "spiffe://example.org");
    assert_eq!(worker.judge(&named("spiffe://example.org/x")).reason(), None);
    for sub in ["spiffe://other.org/admin", "spiffe://example.org.evil/x", "spiffe://example.org", "admin"] {
        assert_eq!(worker.judge(&named(sub)).reason(), Some(Reason::SubjectForeign), "{sub}");
    }
    assert_eq!(worker.judge(&named("x").without("sub")).reason(), Some(Reason::SubjectForeign));
}

#[test]
fn thunder_goes_by_a_plain_name() {
    let mut worker = preset("thunder", TestKey::Rs256, json!({"audiences": ["application"]}));
    let access = rs256(
        json!({"typ": "JWT"}),
        json!({
        "iss": "thunder", "sub": "u", "aud": "application", "client_id": "c", "scope": "read", "nbf": NOW - 30}),
    );
    assert_eq!(seen(&mut worker, &access), some(["u", "", "", "read", "c"]));
}

#[test]
fn asgardeo_tokens_are_read() {
    let iss = "https://api.asgardeo.io/t/acme/oauth2/token";
    let mut worker = preset("asgardeo", TestKey::Rs256, json!({"issuer": iss, "audiences": ["client"]}));
    let access = rs256(
        json!({"typ": "at+jwt", "x5t": "x"}),
        json!({
        "iss": iss, "sub": "7a1e", "aut": "APPLICATION_USER", "aud": "client", "client_id": "client", "azp": "client", "nbf": NOW - 30,
        "scope": "openid groups", "org_id": "1", "groups": ["dev"], "roles": ["admin"], "username": "ann"}),
    );
    assert_eq!(seen(&mut worker, &access), some(["7a1e", "ann", "dev,role:admin", "openid,groups", "client"]));
}

#[test]
fn generic_reads_what_most_providers_write() {
    let mut worker =
        preset("generic", TestKey::Es256(1), json!({"issuer": "https://idp.example", "audiences": ["api"]}));
    let access = token(
        TestKey::Es256(1),
        json!({"typ": "at+jwt"}),
        json!({
        "iss": "https://idp.example", "sub": "u", "aud": "api", "appid": "c", "scope": "a b", "scp": ["b", "c"], "scopes": ["d"],
        "groups": ["g"], "email": "u@example.com"}),
    );
    assert_eq!(seen(&mut worker, &access), some(["u", "u@example.com", "g", "a,b,c,d", "c"]));
}

/// Every preset that lists groups from two claims, with a token of each kind of name.
#[test]
fn preset_keeps_names_of_two_claims_apart() {
    for (name, issuer, first, second, prefix) in [
        (
            "github-actions",
            "https://token.actions.githubusercontent.com",
            "repository_owner_id",
            "repository_id",
            "repo:",
        ),
        ("keycloak", "https://sso.example/realms/acme", "groups", "/realm_access/roles", "role:"),
        (
            "entra",
            "https://login.microsoftonline.com/8f4fc3a1-6b7e-4b1f-9c53-2d3a4b5c6d7e/v2.0",
            "groups",
            "roles",
            "role:",
        ),
        ("asgardeo", "https://api.asgardeo.io/t/acme/oauth2/token", "groups", "roles", "role:"),
    ] {
        let more = json!({"issuer": issuer, "audiences": ["api"], "anyone": true});
        let mut worker = preset(name, TestKey::Rs256, more);
        let mut groups = |claim: &str, value: &str| {
            let mut claims = json!({"iss": issuer, "aud": "api", "sub": "s", "typ": "Bearer", "realm_access": {}});
            match claim.strip_prefix("/realm_access/") {
                Some(member) => claims["realm_access"][member] = json!([value]),
                None if claim.starts_with("repository") => claims[claim] = json!(value),
                None => claims[claim] = json!([value]),
            }
            let outcome = worker.judge(&rs256(json!({"typ": "JWT"}), claims));
            assert_eq!(outcome.reason(), None, "{name}");
            outcome.header("x-auth-groups").unwrap_or_default().split(',').map(str::to_owned).collect::<Vec<_>>()
        };
        for value in ["9001", "admin"] {
            let of_second = groups(second, value);
            assert_eq!(of_second, [format!("{prefix}{value}")], "{name}");
            assert_ne!(groups(first, value), of_second, "{name}");
            // The prefix is not for whoever may choose a name in the first claim.
            assert!(!groups(first, &of_second[0]).contains(&of_second[0]), "{name}");
        }
    }
}

#[test]
fn entra_application_needs_a_permission() {
    let iss = format!("https://login.microsoftonline.com/{TENANT}/v2.0");
    let token = |change: Value| {
        let mut claims =
            json!({"iss": iss, "aud": "api", "sub": "s", "oid": "o", "tid": TENANT, "azp": "app", "idtyp": "app"});
        merge(&mut claims, change);
        rs256(json!({"typ": "JWT"}), claims)
    };
    let mut worker = preset("entra", TestKey::Rs256, json!({"issuer": iss, "audiences": ["api"]}));
    for granted in
        [json!({"roles": ["Orders.Read.All"]}), json!({"scp": "orders.read"}), json!({"scp": "a", "roles": []})]
    {
        assert_eq!(worker.judge(&token(granted.clone())).reason(), None, "{granted}");
    }
    for nothing in [
        json!({}),
        json!({"roles": []}),
        json!({"roles": ""}),
        json!({"scp": ""}),
        json!({"scp": " "}),
        json!({"roles": {}}),
    ] {
        assert_eq!(worker.judge(&token(nothing.clone())).reason(), Some(Reason::ClaimRuleFailed), "{nothing}");
    }
    for client in ["azp", "appid", "idtyp"] {
        let bare = token(json!({})).without("azp").without("idtyp");
        assert_eq!(worker.judge(&bare.claim(client, "app")).reason(), Some(Reason::ClaimRuleFailed), "{client}");
    }
    // An ID token names no client.
    assert_eq!(worker.judge(&token(json!({})).without("azp").without("idtyp")).reason(), None);
    let named = json!({"issuer": iss, "audiences": ["api"], "clients": ["app"]});
    assert_eq!(preset("entra", TestKey::Rs256, named).judge(&token(json!({}))).reason(), None);
    let rule = json!({"issuer": iss, "audiences": ["api"], "require": [{"claim": "tid", "equals": TENANT}]});
    assert_eq!(preset("entra", TestKey::Rs256, rule).judge(&token(json!({}))).reason(), Some(Reason::ClaimRuleFailed));
}
