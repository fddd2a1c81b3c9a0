use super::*;
use crate::testing::{config, json, with};
use std::collections::BTreeSet;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn bare() -> Occasion<'static> {
    Occasion { rule: None, resource: None, detail: ErrorDetail::None, head: false, grpc: false }
}

#[test]
fn labels_and_sentences_are_one_to_one_and_safe_to_quote() {
    let labels: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.label()).collect();
    let sentences: BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.sentence()).collect();
    assert_eq!((labels.len(), sentences.len()), (Reason::ALL.len(), Reason::ALL.len()));
    for reason in Reason::ALL {
        assert!(reason.label().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{reason:?}");
        // RFC 6750 section 3: error_description takes %x20-21 / %x23-5B / %x5D-7E.
        assert!(reason.sentence().bytes().all(|b| matches!(b, 0x20..=0x7e) && b != b'"' && b != b'\\'), "{reason:?}");
        assert!(reason.sentence().ends_with('.'), "{reason:?}");
    }
}

#[test]
fn each_class_answers_as_the_configuration_contract_says() {
    let answer = |reason: Reason| {
        let response = Refusal::from(reason).response(bare());
        let header = |name: &str| response.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| value.clone());
        assert_eq!(header("cache-control").as_deref(), Some("no-store"));
        (response.status, header("www-authenticate"), header("retry-after"))
    };
    let challenge = |error: &str| Some(format!("Bearer error=\"{error}\""));
    assert_eq!(answer(Reason::NoCredential), (401, Some("Bearer".into()), None));
    assert_eq!(answer(Reason::CredentialsConflict), (400, challenge("invalid_request"), None));
    assert_eq!(answer(Reason::TokenExpired), (401, challenge("invalid_token"), None));
    assert_eq!(answer(Reason::GroupMissing), (403, challenge("insufficient_scope"), None));
    assert_eq!(answer(Reason::StepUpRequired), (401, challenge("insufficient_user_authentication"), None));
    assert_eq!(answer(Reason::RouteDenied), (403, None, None));
    assert_eq!(answer(Reason::KeysUnavailable), (503, None, Some("1".into())));
    let retry = Refusal { reason: Reason::KeysUnavailable, retry_after: Some(Duration::from_millis(2500)) };
    assert!(retry.response(bare()).headers.contains(&("retry-after", "3".into())));
}

#[test]
fn the_body_names_the_error_and_the_reason_only_when_told_to() {
    let refusal = Refusal::from(Reason::TokenExpired);
    assert_eq!(refusal.response(bare()).body, r#"{"error":"invalid_token"}"#);
    assert_eq!(refusal.response(Occasion { head: true, ..bare() }).body, "");
    let told = refusal.response(Occasion { detail: ErrorDetail::Reason, ..bare() });
    assert_eq!(
        told.body,
        r#"{"error":"invalid_token","reason":"token_expired","error_description":"The token has expired."}"#
    );
    assert!(told.headers.contains(&(
        "www-authenticate",
        r#"Bearer error="invalid_token", error_description="token_expired: The token has expired.""#.into()
    )));
    assert_eq!(refusal.response(Occasion { grpc: true, ..bare() }).grpc_status, Some(16));
}

fn with_rule<T>(rule: crate::testing::Value, look: impl FnOnce(Occasion<'_>) -> T) -> T {
    let resource = json!({"name": "mcp", "resource": "https://api.example/mcp"});
    let config = config(&with(json!({"default_route": rule, "resources": [resource]})));
    let rule = &config.routes.default;
    look(Occasion { rule: Some(rule), resource: rule.resource.map(|at| &config.resources[at]), ..bare() })
}

fn challenge(reason: Reason, rule: crate::testing::Value) -> Option<String> {
    with_rule(rule, |occasion| {
        let headers = Refusal::from(reason).response(occasion).headers;
        headers.into_iter().find(|(name, _)| *name == "www-authenticate").map(|(_, value)| value)
    })
}

#[test]
fn a_challenge_names_scopes_where_they_are_what_is_missing() {
    let rule = || json!({"scopes": {"any": ["read", "write"]}});
    let scoped = r#"Bearer scope="read write""#;
    assert_eq!(challenge(Reason::NoCredential, rule()).as_deref(), Some(scoped));
    let missing = r#"Bearer error="insufficient_scope", scope="read write""#;
    assert_eq!(challenge(Reason::ScopeMissing, rule()).as_deref(), Some(missing));
    assert_eq!(
        challenge(Reason::ScopeMissing, json!({"scopes": {"all": ["read", "write"]}})).as_deref(),
        Some(missing)
    );
    let other = r#"Bearer error="insufficient_scope""#;
    assert_eq!(challenge(Reason::GroupMissing, rule()).as_deref(), Some(other));
    assert_eq!(challenge(Reason::TokenExpired, rule()).as_deref(), Some(r#"Bearer error="invalid_token""#));
}

#[test]
fn a_challenge_points_to_the_metadata_of_the_resource() {
    let url = "resource_metadata=\"https://api.example/.well-known/oauth-protected-resource/mcp\"";
    let rule = || json!({"resource": "mcp"});
    assert_eq!(challenge(Reason::NoCredential, rule()), Some(format!("Bearer {url}")));
    assert_eq!(challenge(Reason::TokenExpired, rule()), Some(format!("Bearer error=\"invalid_token\", {url}")));
    assert_eq!(challenge(Reason::RouteDenied, rule()), None);
    assert_eq!(challenge(Reason::KeysUnavailable, rule()), None);
}

#[test]
fn a_step_up_challenge_says_how_to_authenticate() {
    let error = r#"Bearer error="insufficient_user_authentication""#;
    for (step_up, wanted) in [
        (json!({"acr": ["gold", "platinum"]}), format!("{error}, acr_values=\"gold platinum\"")),
        (json!({"max_age": "5m"}), format!("{error}, max_age=\"300\"")),
        (json!({"acr": ["gold"], "max_age": "90s"}), format!("{error}, acr_values=\"gold\", max_age=\"90\"")),
    ] {
        let rule = || json!({"step_up": step_up});
        assert_eq!(challenge(Reason::StepUpRequired, rule()), Some(wanted));
        assert_eq!(challenge(Reason::TokenExpired, rule()).as_deref(), Some(r#"Bearer error="invalid_token""#));
    }
}

#[test]
fn every_class_has_its_status_for_http_and_grpc_and_its_word() {
    let told: BTreeSet<_> = Reason::ALL
        .iter()
        .map(|reason| {
            let response = Refusal::from(*reason).response(Occasion { grpc: true, ..bare() });
            assert_eq!(response.details, format!("claimgate_{}", reason.label()));
            (response.status, response.grpc_status.unwrap(), response.body)
        })
        .collect();
    let wanted = [
        (400, 3, "invalid_request"),
        (401, 16, "insufficient_user_authentication"),
        (401, 16, "invalid_token"),
        (401, 16, "unauthorized"),
        (403, 7, "access_denied"),
        (403, 7, "insufficient_scope"),
        (503, 14, "temporarily_unavailable"),
    ];
    assert_eq!(told, wanted.map(|(http, grpc, word)| (http, grpc, format!("{{\"error\":\"{word}\"}}"))).into());
}

/// The table in the manual is this one: `UPDATE_DOCUMENTS=1 cargo test -p claimgate-core --lib manual` writes it.
#[test]
fn the_manual_has_every_label_and_sentence() {
    const PAGE: &str = include_str!("../../../../manual/operations.md");
    const MARKS: (&str, &str) = ("<!-- refusals: generated -->\n", "<!-- refusals: end -->");
    let mut table = String::from("| label | status | `error` | what it means |\n| --- | --- | --- | --- |\n");
    for reason in Reason::ALL {
        let response = Refusal::from(*reason).response(bare());
        let error = response.body.trim_start_matches("{\"error\":\"").trim_end_matches("\"}");
        let (label, sentence) = (reason.label(), reason.sentence());
        table.push_str(&format!("| `{label}` | {} | `{error}` | {sentence} |\n", response.status));
    }
    let (before, rest) = PAGE.split_once(MARKS.0).unwrap();
    let (_, behind) = rest.split_once(MARKS.1).unwrap();
    let page = [before, MARKS.0, &table, MARKS.1, behind].concat();
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../../manual/operations.md"), &page).unwrap();
        return;
    }
    assert!(page == PAGE, "{table}");
}
