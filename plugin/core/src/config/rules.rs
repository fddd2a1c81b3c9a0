//! Claim addresses, claim rules, patterns and groups.

use super::findings::{At, Findings};
use super::raw;
use crate::address::Address;
use crate::groups::{GroupMap, GroupScopes, NameSource, Unmapped};
use crate::issuer::TENANT;
use crate::json::{Kind, RawJson};
use crate::pattern::Pattern;
use crate::rule::{ClaimRule, Literal, Relation, Test};

pub(super) fn addresses(
    raw: Option<raw::List<String>>,
    default: &[&str],
    findings: &mut Findings,
    at: &At<'_>,
) -> Vec<Address> {
    match raw {
        None => default.iter().filter_map(|text| Address::parse(text).ok()).collect(),
        Some(raw) => findings.each(at, Some(raw), |text, findings, at| address(&text, findings, at)),
    }
}

pub(super) fn address(text: &str, findings: &mut Findings, at: &At<'_>) -> Option<Address> {
    findings.checked(at, Address::parse(text))
}

/// Warns of what looks like a pattern where only whole values are compared.
pub(super) fn no_patterns(texts: &[String], findings: &mut Findings, at: &At<'_>) {
    for text in texts.iter().filter(|text| text.replace(TENANT, "").contains(['*', '{', '}'])) {
        findings.warn(at, format!("{text:?} is compared byte for byte; it is not a pattern"));
    }
}

/// Reads the entries of `claims.groups` or `claims.scopes`.
pub(super) fn sources(
    raw: Option<raw::List<raw::Source>>,
    default: &[&str],
    findings: &mut Findings,
    at: &At<'_>,
) -> Vec<NameSource> {
    let Some(raw) = raw else {
        let plain = |at| NameSource { at, prefix: String::new() };
        return addresses(None, default, findings, at).into_iter().map(plain).collect();
    };
    findings.each(at, Some(raw), |raw::Source(entry), findings, at| {
        let Some(text) = entry.at else {
            findings.mistake(&at.field("at"), "is missing: the address of the claim");
            return None;
        };
        Some(NameSource { at: address(&text, findings, at)?, prefix: entry.prefix.unwrap_or_default() })
    })
}

pub(super) fn pattern(text: &str, findings: &mut Findings, at: &At<'_>) -> Option<Pattern> {
    if text.is_empty() {
        findings.mistake(at, "a group cannot be empty");
    }
    findings.checked(at, Pattern::parse(text).map_err(|_| "only one `*` may stand in a pattern"))
}

pub(super) fn patterns(raw: raw::List<String>, findings: &mut Findings, at: &At<'_>) -> Vec<Pattern> {
    findings.each(at, Some(raw), |text, findings, at| pattern(&text, findings, at))
}

pub(super) fn claim_rules(
    raw: Option<raw::List<raw::ClaimRule>>,
    findings: &mut Findings,
    at: &At<'_>,
) -> Vec<ClaimRule> {
    findings.each(at, raw, claim_rule)
}

fn claim_rule(raw: raw::ClaimRule, findings: &mut Findings, at: &At<'_>) -> Option<ClaimRule> {
    let claim = match &raw.claim {
        Some(text) => address(text, findings, &at.field("claim")),
        None => {
            findings.mistake(&at.field("claim"), "is missing: the address of the claim");
            None
        }
    };
    let mut tests = Vec::new();
    let mut one = |name, value: Option<RawJson>, test: fn(Literal) -> Test| {
        if let Some(literal) = value.and_then(|value| findings.checked(&at.field(name), Literal::parse(&value.0))) {
            let number = matches!(name, "gt" | "gte" | "lt" | "lte");
            if number && literal.kind() != Kind::Number {
                findings.mistake(&at.field(name), "expected a number");
            }
            tests.push(test(literal));
        }
    };
    one("equals", raw.equals, Test::Equals);
    one("not_equals", raw.not_equals, Test::NotEquals);
    one("contains", raw.contains, Test::Contains);
    one("gt", raw.gt, |literal| Test::Number(Relation::Gt, literal));
    one("gte", raw.gte, |literal| Test::Number(Relation::Gte, literal));
    one("lt", raw.lt, |literal| Test::Number(Relation::Lt, literal));
    one("lte", raw.lte, |literal| Test::Number(Relation::Lte, literal));
    let mut many = |name, list: Option<raw::List<RawJson>>, test: fn(Vec<Literal>) -> Test| {
        let Some(list) = list else { return };
        let own = at.field(name);
        if list.is_empty() {
            findings.mistake(&own, "needs at least one value");
        }
        let read =
            |value: RawJson, findings: &mut Findings, at: &At<'_>| findings.checked(at, Literal::parse(&value.0));
        tests.push(test(findings.each(&own, Some(list), read)));
    };
    many("in", raw.one_of, Test::In);
    many("contains_any", raw.contains_any, Test::ContainsAny);
    many("contains_all", raw.contains_all, Test::ContainsAll);
    tests.extend(raw.prefix.map(Test::Prefix));
    tests.extend(raw.suffix.map(Test::Suffix));
    tests.extend(raw.present.map(Test::Present));
    match (tests.pop(), tests.is_empty()) {
        (Some(test), true) => Some(ClaimRule { claim: claim?, test }),
        _ => {
            findings.mistake(at, "needs exactly one of equals, not_equals, in, contains, contains_any, contains_all, prefix, suffix, present, gt, gte, lt, lte");
            None
        }
    }
}

pub(super) fn group_map(raw: raw::Groups, findings: &mut Findings, at: &At<'_>) -> GroupMap {
    let mut map = Vec::new();
    let map_at = at.field("map");
    for (external, ours) in raw.map.map(|map| map.0).unwrap_or_default() {
        let own = map_at.field(&external);
        let Some(from) = pattern(&external, findings, &own) else { continue };
        let to = patterns(ours, findings, &own);
        if !from.is_wild() && to.iter().any(Pattern::is_wild) {
            findings.mistake(&own, "a `*` on the right needs one on the left to stand for");
        }
        map.push((from, to));
    }
    let default = findings.strings(&at.field("default"), raw.default);
    if matches!(raw.unmapped, Some(raw::Unmapped::Keep)) {
        findings.warn(&at.field("unmapped"), "\"keep\" lets the provider name any of your groups");
    }
    let unmapped = match raw.unmapped {
        None | Some(raw::Unmapped::Drop) => Unmapped::Drop,
        Some(raw::Unmapped::Keep) => Unmapped::Keep,
        Some(raw::Unmapped::Prefix(prefix)) => {
            if prefix.is_empty() {
                findings.mistake(&at.field("unmapped").field("prefix"), "is empty; say \"keep\" if that is meant");
            }
            Unmapped::Prefix(prefix)
        }
    };
    GroupMap { map, unmapped, default }
}

pub(super) fn group_scopes(
    raw: Option<raw::Ordered<raw::List<String>>>,
    findings: &mut Findings,
    at: &At<'_>,
) -> GroupScopes {
    let mut granted = Vec::new();
    for (group, scopes) in raw.map(|raw| raw.0).unwrap_or_default() {
        let own = at.field(&group);
        let scopes = self::scopes(Some(scopes), findings, &own);
        if let Some(pattern) = pattern(&group, findings, &own) {
            granted.push((pattern, scopes));
        }
    }
    granted
}

/// Scopes go into challenges as they are (RFC 6749 section 3.3).
pub(super) fn scopes(raw: Option<raw::List<String>>, findings: &mut Findings, at: &At<'_>) -> Vec<String> {
    findings.each(at, raw, |scope, findings, at| {
        if scope.is_empty() || !scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)) {
            findings.mistake(at, "is not a scope: visible ASCII without `\"` and `\\`, and not empty");
        }
        Some(scope)
    })
}
