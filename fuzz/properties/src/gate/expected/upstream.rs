//! What the service behind gets to see.

use super::{Case, credentials};
use crate::json::Json;
use crate::path::decoded;
use claimgate_core::credential::Removal;
use claimgate_core::gate::{Admission, Verdict};
use claimgate_core::request::Request;

/// One spelling for all that a server may take for the same header.
fn folded(name: &[u8]) -> Vec<u8> {
    let one = |byte: &u8| if b"!#$%&'*+.^_`|~".contains(byte) { b'-' } else { byte.to_ascii_lowercase() };
    name.iter().map(one).collect()
}

fn is_managed(case: &Case<'_>, name: &[u8]) -> bool {
    case.setting.managed().iter().any(|own| own.as_bytes() == folded(name))
}

/// Whatever the verdict: exactly the client's own identity headers are taken out.
pub(super) fn client_headers_go(case: &Case<'_>) {
    let Case { request, decision, .. } = case;
    for (name, _) in request.headers {
        let goes = decision.forged.names.iter().any(|own| own == name);
        assert_eq!(goes, is_managed(case, name), "{:?}", String::from_utf8_lossy(name));
    }
    let admitted = matches!(decision.verdict, Verdict::Admit(_));
    let chosen = request.policy.is_some();
    assert!(!(chosen && admitted && !decision.forged.is_empty()), "the host may have chosen the rule by them");
    assert!(
        !(case.setting.is_generic() && admitted && !decision.forged.names.is_empty()),
        "removal cannot be relied on"
    );
}

/// What is left of the request's headers.
fn left<'c>(case: &Case<'c>) -> Vec<(&'c [u8], &'c [u8])> {
    let goes = |name: &[u8]| case.decision.forged.names.iter().any(|own| own == name);
    case.request.headers.iter().filter(|(name, _)| !goes(name)).copied().collect()
}

/// An anonymous request says nothing about who it comes from.
pub(super) fn carries_no_identity(case: &Case<'_>) {
    assert!(left(case).iter().all(|(name, _)| !is_managed(case, name)));
}

/// Each identity header is there once at the most and says what the token says; the token itself is gone unless it is to
/// be passed on.
pub(super) fn says_who(case: &Case<'_>, admission: &Admission, claims: &Json) {
    let caller = admission.token.as_ref().and_then(|token| token.caller()).expect("a caller");
    let mut all: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    let own = caller.headers.iter().map(|(name, value)| (name.as_bytes(), value.as_str().as_bytes()));
    for (name, value) in left(case).into_iter().chain(own) {
        if is_managed(case, name) {
            assert!(!all.iter().any(|(other, _)| *other == folded(name)), "{:?} twice", String::from_utf8_lossy(name));
            assert!(value.iter().all(|byte| (b' '..=b'~').contains(byte)), "a header is printable ASCII");
            all.push((folded(name), value.to_vec()));
        }
    }
    let header = |name: &str| all.iter().find(|(own, _)| own == name.as_bytes()).map(|(_, value)| decoded(value));
    let claim = |name: &str| claims.member(name).and_then(Json::text).map(|text| text.as_bytes().to_vec());
    if let Some(subject) = claim("sub") {
        assert!(!subject.is_empty());
        assert_eq!(header("x-auth-subject"), Some(subject));
    }
    assert!(header("x-auth-subject").is_some_and(|subject| !subject.is_empty()), "somebody");
    assert_eq!(header("x-auth-issuer"), claim("iss"));
    assert_eq!(admission.removal.is_none(), case.setting.forwards_the_token());
    if let Some(removal) = &admission.removal {
        token_is_gone(case, removal);
    }
}

fn token_is_gone(case: &Case<'_>, removal: &Removal) {
    let mut headers = left(case);
    let mut target = case.request.target.to_owned();
    match removal {
        Removal::HeaderValue(name) => {
            headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name.as_bytes()));
            headers.push((name.as_bytes(), b""));
        }
        Removal::Header(name) => headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name.as_bytes())),
        Removal::Cookies(others) => {
            headers.retain(|(own, _)| !own.eq_ignore_ascii_case(b"cookie"));
            headers.extend(others.as_deref().map(|others| (&b"cookie"[..], others)));
        }
        Removal::Target(other) => target.clone_from(other),
    }
    let request = Request { target: &target, headers: &headers, ..case.request.clone() };
    let left = credentials(&Case { request: &request, ..*case });
    assert!(left.iter().all(Vec::is_empty), "the token goes on to the service");
}
