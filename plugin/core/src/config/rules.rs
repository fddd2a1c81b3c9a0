//! Claim addresses, claim rules, patterns and groups.

use super::findings::{At, Findings};
use super::raw;
use crate::address::Address;
use crate::groups::{Grant, GroupMap, GroupScopes, NameSource, Take, Unmapped};
use crate::json::{Kind, RawJson};
use crate::pattern::Pattern;
use crate::rule::{ClaimRule, Literal, MAX_NESTING, Relation, Test};

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

/// Reads the entries of `claims.groups` or `claims.scopes`.
pub(super) fn sources(
    raw: Option<raw::List<raw::Source>>,
    default: &[&'static str],
    findings: &mut Findings,
    at: &At<'_>,
) -> Vec<NameSource> {
    let raw = raw.unwrap_or_else(|| default.iter().map(|text| Some((*text).into())).collect());
    findings.each(at, Some(raw), |raw, findings, at| {
        let raw = match raw {
            raw::Source::Object(raw) => raw,
            raw::Source::Address(text) => {
                let at = address(&text, findings, at)?;
                return Some(NameSource { at, take: Take::Values, split: None, prefix: String::new() });
            }
        };
        let split = raw.split.and_then(|text| {
            let mut chars = text.chars();
            let only = chars.next().filter(|_| chars.next().is_none());
            findings.checked(&at.field("split"), only.ok_or("must be one character"))
        });
        let address_at = at.field("at");
        let Some(text) = raw.at else {
            findings.mistake(&address_at, "is missing: the address of the claim");
            return None;
        };
        let take = if raw.take.is_some() { Take::Names } else { Take::Values };
        let prefix = raw.prefix.unwrap_or_default();
        Some(NameSource { at: address(&text, findings, &address_at)?, take, split, prefix })
    })
}

pub(super) fn address(text: &str, findings: &mut Findings, at: &At<'_>) -> Option<Address> {
    findings.checked(at, Address::parse(text))
}

pub(super) fn looks_like_pattern(text: &str) -> bool {
    text.contains(['*', '{', '}'])
}

/// Warns of what looks like a pattern where only whole values are compared.
pub(super) fn no_patterns(texts: &[String], findings: &mut Findings, at: &At<'_>) {
    for text in texts.iter().filter(|text| looks_like_pattern(text)) {
        findings.warn(at, format!("{text:?} is compared byte for byte; it is not a pattern"));
    }
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
    nested_rules(raw, 0, findings, at)
}

fn nested_rules(
    raw: Option<raw::List<raw::ClaimRule>>,
    depth: usize,
    findings: &mut Findings,
    at: &At<'_>,
) -> Vec<ClaimRule> {
    findings.each(at, raw, |raw, findings, at| claim_rule(raw, depth, findings, at))
}

fn claim_rule(mut raw: raw::ClaimRule, depth: usize, findings: &mut Findings, at: &At<'_>) -> Option<ClaimRule> {
    if depth > MAX_NESTING {
        findings.mistake(at, format!("any and not nest {MAX_NESTING} deep at the most"));
        return None;
    }
    let (claim, any, not) = (raw.claim.take(), raw.any.take(), raw.not.take());
    let mut tests = tests(raw, findings, at);
    let (alone, deeper) = (claim.is_none() && tests.is_empty(), depth.saturating_add(1));
    match (any, not) {
        (None, None) => {}
        (Some(any), None) if alone => {
            let at = at.field("any");
            if any.is_empty() {
                findings.mistake(&at, "needs at least one rule");
            }
            return Some(ClaimRule::Any(nested_rules(Some(any), deeper, findings, &at)));
        }
        (None, Some(rule)) if alone => {
            let rule = claim_rule(*rule, deeper, findings, &at.field("not"))?;
            return Some(ClaimRule::Not(Box::new(rule)));
        }
        _ => {
            findings.mistake(at, "any and not stand alone: without claim, without a test, without each other");
            return None;
        }
    }
    let claim = match claim {
        Some(text) => address(&text, findings, &at.field("claim")),
        None => {
            findings.mistake(&at.field("claim"), "is missing: the address of the claim");
            None
        }
    };
    match (tests.pop(), tests.is_empty()) {
        (Some(test), true) => {
            let claim = claim?;
            advise(&claim, &test, findings, at);
            Some(ClaimRule::Claim(claim, test))
        }
        _ => {
            findings.mistake(at, "needs exactly one of equals, not_equals, in, not_in, contains, contains_any, contains_all, prefix, suffix, present, gt, gte, lt, lte; or any, or not");
            None
        }
    }
}

fn tests(raw: raw::ClaimRule, findings: &mut Findings, at: &At<'_>) -> Vec<Test> {
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
    many("not_in", raw.not_in, Test::NotIn);
    many("contains_any", raw.contains_any, Test::ContainsAny);
    many("contains_all", raw.contains_all, Test::ContainsAll);
    tests.extend(raw.prefix.map(Test::Prefix));
    tests.extend(raw.suffix.map(Test::Suffix));
    tests.extend(raw.present.map(Test::Present));
    tests
}

/// Claims that are lists at most providers.
const LISTS: [&str; 8] = ["aud", "amr", "groups", "roles", "entitlements", "permissions", "scp", "cognito:groups"];

/// Warns of tests that hold of more than they seem to.
fn advise(claim: &Address, test: &Test, findings: &mut Findings, at: &At<'_>) {
    let is_one_of = |names: &[&str]| names.iter().any(|name| claim.names(name));
    let problem = match test {
        Test::Contains(literal) if literal.kind() == Kind::String && is_one_of(&["scope", "scp", "scopes"]) => {
            "contains looks for a part of a string: \"read\" is part of \"thread:list\"; ask for scopes on the route"
        }
        Test::NotEquals(literal) if literal.kind() != Kind::Array && is_one_of(&LISTS) => {
            "not_equals holds of every list, also of one with this element; use not and contains"
        }
        Test::NotIn(_) if is_one_of(&LISTS) => {
            "not_in holds of every list, also of one with such an element; use not and contains_any"
        }
        _ => return,
    };
    findings.warn(at, problem);
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
        if external == "*" && to.iter().any(|ours| ours.with("*") == "*") {
            findings.warn(&own, "lets the provider name any of your groups, as \"unmapped\": \"keep\" does");
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
    let ignore_case = raw.ignore_case.unwrap_or(false);
    let grants = findings.each(&at.field("grant"), raw.grant, grant);
    GroupMap { map, unmapped, default, ignore_case, grants }
}

fn grant(raw: raw::Grant, findings: &mut Findings, at: &At<'_>) -> Option<Grant> {
    let (when_at, groups_at) = (at.field("when"), at.field("groups"));
    if raw.when.as_ref().is_none_or(Vec::is_empty) {
        findings.mistake(&when_at, "needs at least one rule; groups for every token have no condition");
    }
    if raw.groups.as_ref().is_none_or(Vec::is_empty) {
        findings.mistake(&groups_at, "needs at least one group");
    }
    let when = claim_rules(raw.when, findings, &when_at);
    Some(Grant { when, groups: findings.strings(&groups_at, raw.groups) })
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
        if group == "*" {
            findings.warn(&own, "every group grants these scopes, also one that a provider names");
        }
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
