//! What must be so when a request is admitted, read from the request and the token without the core's code.

mod upstream;

use super::keys::{KIDS, REMOTE_SETS, signed};
use super::setting::{ISSUERS, Setting};
use crate::json::Json;
use crate::path::{decoded, stays_the_same_when_resolved};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claimgate_core::gate::{Admission, Decision, Verdict};
use claimgate_core::request::Request;
use claimgate_core::time::Timestamp;

/// Keys are used no longer than this after the provider last confirmed them, in milliseconds.
const MAX_STALE: u64 = 24 * 3600 * 1000;

/// A request and what became of it.
pub(super) struct Case<'c> {
    pub(super) setting: Setting,
    pub(super) request: &'c Request<'c>,
    pub(super) decision: &'c Decision<'c>,
    pub(super) now: Timestamp,
    pub(super) published: Option<(usize, Timestamp)>,
}

/// A token as serde_json reads it.
struct Read {
    issuer: usize,
    header: Json,
    claims: Json,
}

/// Panics where the decision is not what it must be.
pub(super) fn hold(case: &Case<'_>) {
    upstream::client_headers_go(case);
    match &case.decision.verdict {
        Verdict::Admit(admission) => match &admission.token {
            Some(_) => proven(case, admission),
            None => open(case),
        },
        Verdict::Answer(resource) => {
            let path = case.request.target.split(['?', '#']).next();
            assert_eq!(path, Some(resource.metadata_path.as_str()));
            assert!(["GET", "HEAD"].contains(&case.request.method));
        }
        Verdict::WaitForKeys(issuer, _) => assert_eq!(*issuer, 1, "the first issuer's keys are always there"),
        Verdict::Refuse(_) => {}
        Verdict::Report(_) => panic!("every rule there enforces"),
    }
}

fn plain_path<'r>(request: &Request<'r>) -> &'r str {
    request.target.split(['?', '#']).next().unwrap_or_default()
}

fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Nobody's token was looked at: the route must be one for which that is right.
fn open(case: &Case<'_>) {
    let Case { request, setting, .. } = case;
    assert!(setting.has_routes(), "every route requires a token");
    let path = plain_path(request);
    stays_the_same_when_resolved(path);
    let preflight = request.method == "OPTIONS" && path == "/hook";
    let anonymous = path == "/maybe" && credentials(case).is_empty();
    assert!(request.policy == Some("open") || is_below(path, "/public") || preflight || anonymous, "{path:?} is open");
    upstream::carries_no_identity(case);
}

fn proven(case: &Case<'_>, admission: &Admission) {
    let found = credentials(case);
    let [text] = &found[..] else { panic!("one token is admitted, not {}", found.len()) };
    let token = read(case, text);
    let now = case.now.millis() as f64 / 1000.0;
    in_time(case.setting, &token, now);
    meant_for_us(case, &token);
    permitted(case, &token, now);
    let types: &[Option<&str>] =
        if token.issuer == 0 { &[Some("at+jwt"), Some("jwt"), None] } else { &[Some("at+jwt"), None] };
    let typ = token.header.member("typ").map(|typ| typ.text().expect("a string").to_ascii_lowercase());
    let typ = typ.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
    assert!(types.contains(&typ), "{typ:?}");
    assert!(token.claims.member("cnf").is_none(), "a bound token is no bearer token");
    upstream::says_who(case, admission, &token.claims);
}

/// Everything in the request that is a token by the configuration.
fn credentials(case: &Case<'_>) -> Vec<Vec<u8>> {
    let Case { request, setting, .. } = case;
    let named =
        |name: &'static str| request.headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name.as_bytes()));
    let mut found: Vec<Vec<u8>> = Vec::new();
    for (_, value) in named("authorization") {
        if value.len() > 7 && value[..7].eq_ignore_ascii_case(b"bearer ") {
            found.push(value[7..].iter().copied().skip_while(|byte| *byte == b' ').collect());
        }
    }
    if setting.takes_raw_headers() {
        found.extend(named("x-api-token").map(|(_, value)| value.to_vec()));
    }
    if setting.takes_cookies() {
        let crumbs = named("cookie").flat_map(|(_, value)| value.split(|byte| *byte == b';'));
        for crumb in crumbs.map(<[u8]>::trim_ascii) {
            let value = crumb.strip_prefix(b"id=");
            let unquoted = |value: &[u8]| value.strip_prefix(b"\"")?.strip_suffix(b"\"").map(<[u8]>::to_vec);
            found.extend(value.map(|value| unquoted(value).unwrap_or(value.to_vec())));
        }
    }
    if setting.takes_queries() {
        let front = request.target.split('#').next().unwrap_or_default();
        let query = front.split_once('?').map(|(_, query)| query).unwrap_or_default();
        for (name, value) in query.split('&').filter_map(|parameter| parameter.split_once('=')) {
            if decoded(name.as_bytes()) == b"access_token" {
                found.push(decoded(value.as_bytes()));
            }
        }
    }
    found
}

/// The token, where the key of its issuer that it names, or one of them if it names none, made its checksum.
fn read(case: &Case<'_>, text: &[u8]) -> Read {
    let text = std::str::from_utf8(text).expect("a token is ASCII");
    let parts: Vec<&str> = text.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("a token has three parts") };
    let json = |part| Json::read(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON, no member repeated");
    let message = [header, payload].join(".");
    let (header, claims) = (json(header), json(payload));
    let iss = claims.member("iss").and_then(Json::text).expect("iss");
    let issuer =
        if iss == "two" { 1 } else { ISSUERS[..2].iter().position(|own| *own == iss).expect("a known issuer") };
    let keys: Vec<usize> = if issuer == 0 {
        vec![0, 1]
    } else {
        let (set, at) = case.published.expect("keys were fetched");
        assert!(case.now.millis() <= at.millis().saturating_add(MAX_STALE), "keys are stale");
        REMOTE_SETS[set].to_vec()
    };
    let kid = header.member("kid").map(|kid| kid.text().expect("kid is a string"));
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let made =
        |key: &usize| kid.is_none_or(|kid| kid == KIDS[*key]) && signed(*key, message.as_bytes())[..] == signature;
    assert!(keys.iter().any(made), "no current key of the issuer made the signature");
    let algorithm = header.member("alg").and_then(Json::text).expect("alg");
    let allowed: &[&str] =
        if issuer == 0 { &["RS256", "PS256"] } else { &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] };
    assert!(allowed.contains(&algorithm), "{algorithm}");
    assert!(["crit", "zip"].iter().all(|name| header.member(name).is_none()));
    Read { issuer, header, claims }
}

fn in_time(setting: Setting, token: &Read, now: f64) {
    let date = |name: &str| token.claims.member(name).map(|date| date.number().expect("a date is a number"));
    // Fractions of a millisecond are cut off.
    let skew = setting.skew() as f64 + 0.001;
    let expires = date("exp").expect("exp");
    assert!(now < expires + skew, "expired at {expires}, now {now}");
    assert!(date("nbf").is_none_or(|start| start <= now + skew), "not valid yet");
    assert!(date("iat").is_none_or(|issued| issued <= now + skew && issued <= expires + 0.001), "from the future");
    if let Some(longest) = setting.max_age().filter(|_| token.issuer == 1) {
        assert!(now - date("iat").expect("iat") <= longest as f64 + skew, "too old");
    }
    if setting.is_strict() && token.issuer == 0 {
        assert!(expires - date("iat").expect("iat") <= 3600.001, "lives too long");
        let is = |name: &str, wanted: &str| token.claims.member(name).is_some_and(|claim| mentions(claim, wanted));
        assert!(is("resource", "orders") && ["client_id", "azp", "appid", "cid"].iter().any(|name| is(name, "web")));
        let tier = token.claims.member("tier").expect("tier");
        assert!(tier.text() == Some("gold") || tier.number() == Some(7.0), "breaks a rule");
    }
    assert!(now > 0.0, "without a clock no token is judged");
}

fn meant_for_us(case: &Case<'_>, token: &Read) {
    let audience = token.claims.member("aud").expect("aud");
    let own: Vec<&str> = match audience {
        Json::Text(one) => vec![one],
        Json::List(many) => many.iter().map(|one| one.text().expect("audiences are strings")).collect(),
        other => panic!("{other:?} is no audience"),
    };
    let team = case.decision.rule.is_some_and(|rule| rule.name.as_deref() == Some("team"));
    let ours: &[&str] = match (team, token.issuer) {
        (true, _) => &["team-api"],
        (false, 0) => &["api"],
        (false, _) => &["api", "two-api"],
    };
    assert!(own.iter().any(|own| ours.contains(own)), "meant for {own:?}");
}

/// What the routes ask for, where the path is one that every server reads alike.
fn permitted(case: &Case<'_>, token: &Read, now: f64) {
    let path = plain_path(case.request);
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte)) && !path.contains("//");
    if !case.setting.has_routes() || !plain || case.request.policy.is_some() {
        return;
    }
    let says = |words: &[&str]| words.iter().any(|word| mentions(&token.claims, word));
    let staff: &[&str] = if token.issuer == 0 { &["staff"] } else { &["g-staff", "x"] };
    assert!(!path.starts_with("/internal/") || path["/internal/".len()..].starts_with('/'), "the route is closed");
    assert!(!is_below(path, "/public"), "no token is read on a public route");
    if is_below(path, "/team") {
        assert!(says(staff), "a group is missing");
    }
    if path == "/hook" {
        assert_eq!(token.issuer, 0, "the route takes the first issuer's tokens only");
    }
    if is_below(path, "/write") && case.request.method == "POST" {
        let text = |name: &str| token.claims.member(name).and_then(Json::text);
        assert!(says(&["write"]) || says(staff), "a scope is missing");
        assert_eq!(text("acr"), Some("high"));
        let authenticated = token.claims.member("auth_time").and_then(Json::number).expect("auth_time");
        assert!(authenticated >= now - 900.0 - case.setting.skew() as f64 - 0.001, "authenticated too long ago");
        assert!(token.claims.member("level").and_then(Json::number).expect("level") >= 3.0);
    }
}

/// Whether the word stands anywhere in the claims, alone or between spaces.
fn mentions(json: &Json, word: &str) -> bool {
    json.text().is_some_and(|text| text.split(' ').any(|own| own == word))
        || json.elements().iter().any(|element| mentions(element, word))
        || json.members().iter().any(|(_, value)| mentions(value, word))
}
