//! The path of a request, and the rule that applies to it.

use base64::Engine as _;
use claimgate_core::config::Config;
use claimgate_core::path::{canonical, is_ambiguous, of_target};
use claimgate_core::request::Request;
use claimgate_core::route::{Access, Rule};
use serde_json::{Value, json};

/// The first three lines are target, host and method of a request, the others rules: access, `path`, `prefix` or
/// `template`, and where.
pub fn path(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    let (target, authority, method) = (next(), next(), next());
    let path = of_target(target);
    assert!(target.starts_with(path) && !path.contains(['?', '#']));
    if !is_ambiguous(path) {
        stays_the_same_when_resolved(path);
        assert_eq!(decoded(canonical(path).as_bytes()), decoded(path.as_bytes()), "another resource");
    }
    let rules: Vec<Value> = lines.take(16).enumerate().filter_map(|(at, line)| rule(at, line)).collect();
    let Ok((config, _)) = Config::parse(configuration(&rules).to_string().as_bytes()) else { return };
    let request = Request::new(method, target, authority, &[]);
    let applying: Vec<&Rule> = config.routes.applying_to(&request, None).iter().collect();
    if request.is_ambiguous() || applying.len() > 1 {
        assert!(!applying.iter().any(|rule| is_open(rule)), "{path:?} reaches an open rule");
    }
    let once = decoded(path.as_bytes());
    let cut = once.split(|byte| matches!(byte, b'?' | b'#')).next().unwrap_or_default();
    let kept = once.strip_prefix(b"/").unwrap_or(&once).split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect();
    for (server, seen) in [
        ("decodes and resolves", resolved(&once)),
        ("decodes twice and resolves", resolved(&decoded(&once))),
        ("decodes before it looks for a query", resolved(cut)),
        ("only decodes", kept),
    ] {
        let expected = rules.iter().find(|rule| matches(rule, &seen));
        let demanded = expected.filter(|rule| rule["access"] == "required" || rule["access"] == "deny");
        if let Some(name) = demanded.and_then(|rule| rule["name"].as_str()) {
            let applied = applying.iter().any(|rule| rule.name.as_deref() == Some(name));
            assert!(applied, "a server that {server} takes {path:?} for what rule {name} is about: {rules:?}");
        }
    }
    for name in [applying[0].name.as_deref(), None] {
        let rules = config.routes.applying_to(&request, Some(name.unwrap_or("nobody")));
        assert!(name.is_some() || rules.first().access == Access::Deny);
        assert!(!request.is_ambiguous() || rules.iter().all(|rule| !is_open(rule)));
    }
}

fn is_open(rule: &Rule) -> bool {
    matches!(rule.access, Access::Public | Access::Optional)
}

/// One line of the input as a rule.
fn rule(at: usize, line: &str) -> Option<Value> {
    let mut words = line.splitn(3, ' ');
    let (access, kind, place) = (words.next()?, words.next()?, words.next()?);
    Some(json!({"name": at.to_string(), "access": access, "match": {kind: place}}))
}

fn configuration(rules: &[Value]) -> Value {
    let secret = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode([7; 32]);
    let issuer = json!({"name": "main", "issuer": "main", "algorithms": ["HS256"], "audiences": ["api"],
        "keys": {"inline": {"keys": [{"kty": "oct", "k": secret}]}}});
    json!({"issuers": [issuer], "routes": rules})
}

/// What a path with one spelling means does not change when a server decodes it, once or twice.
pub(crate) fn stays_the_same_when_resolved(path: &str) {
    let once = decoded(path.as_bytes());
    assert_eq!(decoded(&once), once, "{path:?} is encoded twice");
    let segments = |path: &[u8]| path.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect::<Vec<_>>();
    assert_eq!(segments(&once).len(), segments(path.as_bytes()).len(), "{path:?} hides a slash");
    for segment in segments(&once) {
        assert!(segment != b"." && segment != b"..", "{path:?} has a dot segment");
        assert!(!segment.iter().any(|byte| byte.is_ascii_control() || b"\\;".contains(byte)), "{path:?}");
    }
}

/// The segments of a decoded path that a server sees which resolves everything.
fn resolved(path: &[u8]) -> Vec<Vec<u8>> {
    let mut whole = path.to_vec();
    whole.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
    let mut segments: Vec<Vec<u8>> = Vec::new();
    let mut open_end = false;
    for segment in whole.split(|byte| *byte == b'/') {
        let own = segment.split(|byte| *byte == b';').next().unwrap_or_default();
        open_end = matches!(own, b"" | b"." | b"..");
        match own {
            b"" | b"." => {}
            b".." => drop(segments.pop()),
            own => segments.push(own.to_vec()),
        }
    }
    if open_end {
        segments.push(Vec::new());
    }
    segments
}

/// Percent-encoded text once decoded; what encodes nothing stays.
pub(crate) fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        let digit = |at: usize| behind.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                rest = &behind[2..];
            }
            _ => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    out
}

/// Whether a rule is for the segments that a server sees.
fn matches(rule: &Value, seen: &[Vec<u8>]) -> bool {
    let Some((kind, place)) = rule["match"].as_object().and_then(|own| own.iter().next()) else { return false };
    let place = place.as_str().unwrap_or_default();
    let own: Vec<&str> = place.strip_prefix('/').unwrap_or(place).split('/').collect();
    let same = |own: &str, other: &[u8]| decoded(own.as_bytes()) == other;
    let begins = |own: &[&str]| own.len() <= seen.len() && own.iter().zip(seen).all(|(own, seen)| same(own, seen));
    match kind.as_str() {
        "path" => own.len() == seen.len() && begins(&own),
        "prefix" => match own.split_last() {
            Some((&"", front)) => begins(front) && seen.len() > front.len(),
            _ => begins(&own),
        },
        "template" => {
            let rest = own.last() == Some(&"**");
            let fixed = if rest { &own[..own.len() - 1] } else { &own[..] };
            let open = |own: &str| own.starts_with('{');
            let fits = |(own, seen): (&&str, &Vec<u8>)| if open(own) { !seen.is_empty() } else { same(own, seen) };
            (if rest { seen.len() >= fixed.len() } else { seen.len() == fixed.len() })
                && fixed.iter().zip(seen).all(fits)
        }
        _ => false,
    }
}
