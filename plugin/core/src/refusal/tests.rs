use super::*;
use std::collections::BTreeSet;

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
