//! Routes and resources.

use super::findings::{At, Findings};
use super::issuers::Read;
use super::rules::{claim_rules, no_patterns, patterns, scopes};
use super::{Resource, raw, traps};
use crate::authority::HostPattern;
use crate::issuer::{Issuers, TENANT};
use crate::json::Object;
use crate::jwks::Url;
use crate::path;
use crate::route::{Access, Enforcement, Groups, Matcher, Place, Routes, Rule, Scopes, Segment, StepUp};
use std::collections::BTreeSet;

/// What the top level says for the rules that do not say it themselves.
#[derive(Copy, Clone)]
pub(super) struct Defaults {
    pub(super) enforce: Option<bool>,
    pub(super) cors_preflight: Option<bool>,
}

/// What rules refer to: issuers, resources, and the top level.
type Context<'c> = (&'c Read, &'c [Resource], Defaults);

/// The methods of RFC 9110 and RFC 5789.
const METHODS: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

pub(super) fn translate(
    raw: Option<raw::List<raw::Route>>,
    default: Option<raw::Route>,
    context: Context<'_>,
    findings: &mut Findings,
) -> Routes {
    let at = At::Top.field("routes");
    let mut names = BTreeSet::new();
    let rules = findings.each(&at, raw, |raw, findings, at| {
        if raw.matches.is_none() && raw.name.is_none() {
            findings.mistake(at, "needs a match, or a name that the host can choose it by");
        }
        if let Some(name) = &raw.name
            && !names.insert(name.clone())
        {
            findings.mistake(&at.field("name"), "another route has this name");
        }
        let matcher = raw.matches.as_ref().map(|raw| matcher(raw, findings, &at.field("match")));
        let nowhere = || Matcher { place: Place::Nowhere, ..Matcher::default() };
        Some(rule(raw, matcher.unwrap_or_else(nowhere), context, findings, at))
    });
    let at = At::Top.field("default_route");
    let default = default.unwrap_or_default();
    if default.matches.is_some() {
        findings.mistake(&at.field("match"), "the default route is for whatever nothing else matches");
    }
    if matches!(default.access, Some(raw::Access::Public | raw::Access::Optional)) {
        findings.warn(&at.field("access"), "whatever no route matches is open, also what is added later");
    }
    let default = rule(default, Matcher::default(), context, findings, &at);
    warn_of_reports(&rules, &default, context.2, findings);
    let named = rules.iter().any(|rule| rule.name.is_some());
    let only_named = rules.iter().any(|rule| matches!(rule.matcher.place, Place::Nowhere));
    // What no rule decides is enforced where any rule is that it might have been about.
    let all_report = |about: fn(&Rule) -> bool| {
        let mut about = rules.iter().chain([&default]).filter(|rule| about(rule));
        let reports = about.all(|rule| rule.enforcement == Enforcement::Report);
        if reports { Enforcement::Report } else { Enforcement::Enforce }
    };
    let guarded = Rule::bare(Access::Required, all_report(|rule| rule.access != Access::Deny));
    let closed = Rule::bare(Access::Deny, all_report(|_| true));
    let routes = Routes { rules, default, named, only_named, guarded, closed };
    traps::warn(&routes, findings);
    routes
}

fn rule(
    raw: raw::Route,
    matcher: Matcher,
    (read, resources, defaults): Context<'_>,
    findings: &mut Findings,
    at: &At<'_>,
) -> Rule {
    let access = match raw.access {
        None | Some(raw::Access::Required) => Access::Required,
        Some(raw::Access::Optional) => Access::Optional,
        Some(raw::Access::Public) => Access::Public,
        Some(raw::Access::Deny) => Access::Deny,
    };
    let demands = [
        ("issuers", raw.issuers.is_some()),
        ("audiences", raw.audiences.is_some()),
        ("scopes", raw.scopes.is_some()),
        ("groups", raw.groups.is_some()),
        ("require", raw.require.is_some()),
        ("step_up", raw.step_up.is_some()),
    ];
    if (access, raw.enforce) == (Access::Deny, Some(false)) {
        findings.warn(&at.field("enforce"), "has no effect: a route with access deny is always enforced");
    }
    for (field, _) in demands.iter().filter(|(_, given)| *given) {
        match access {
            Access::Public | Access::Deny => findings.mistake(&at.field(field), "no token is read on this route"),
            Access::Optional => findings.warn(&at.field(field), "is asked only of those who send a token"),
            Access::Required => {}
        }
    }
    let (scopes_at, groups_at) = (at.field("scopes"), at.field("groups"));
    let resource_at = at.field("resource");
    Rule {
        name: raw.name,
        matcher,
        access,
        issuers: raw.issuers.map(|names| issuers(names, read, findings, &at.field("issuers"))),
        audiences: raw.audiences.map(|audiences| {
            let audiences = findings.some_strings(&at.field("audiences"), audiences);
            no_patterns(&audiences, findings, &at.field("audiences"));
            audiences
        }),
        scopes: all_or_any(raw.scopes, findings, &scopes_at).map(|(list, all, own)| {
            let scopes = scopes(Some(list), findings, &scopes_at.field(own));
            if all { Scopes::All(scopes) } else { Scopes::Any(scopes) }
        }),
        groups: all_or_any(raw.groups, findings, &groups_at).map(|(list, all, own)| {
            let groups = patterns(list, findings, &groups_at.field(own));
            if all { Groups::All(groups) } else { Groups::Any(groups) }
        }),
        require: claim_rules(raw.require, findings, &at.field("require")),
        step_up: raw.step_up.map(|raw| step_up(raw, findings, &at.field("step_up"))),
        resource: raw.resource.and_then(|name| {
            let found = resources.iter().position(|resource| resource.name == name);
            if found.is_none() {
                findings.mistake(&resource_at, "no resource has this name");
            }
            found
        }),
        cors_preflight: raw.cors_preflight.or(defaults.cors_preflight).unwrap_or(false),
        enforcement: match raw.enforce.or(defaults.enforce) {
            Some(false) if access != Access::Deny => Enforcement::Report,
            _ => Enforcement::Enforce,
        },
    }
}

/// Says once, in one line, where refusals are not carried out.
fn warn_of_reports(rules: &[Rule], default: &Rule, defaults: Defaults, findings: &mut Findings) {
    let mut places = Vec::new();
    let mut all = true;
    for (index, rule) in rules.iter().map(Some).chain([None]).enumerate() {
        let at = rule.map_or("default_route".to_owned(), |_| At::Top.field("routes").index(index).to_string());
        match rule.unwrap_or(default) {
            Rule { access: Access::Deny, .. } => {}
            Rule { enforcement: Enforcement::Report, .. } => places.push(at),
            _ => all = false,
        }
    }
    let Some(first) = places.first() else { return };
    let path = if defaults.enforce == Some(false) { "enforce".to_owned() } else { format!("{first}.enforce") };
    let places = if all { "any route".to_owned() } else { places.join(", ") };
    findings.warn_at(
        path,
        format!("NOT ENFORCED on {places}: a request that would be refused goes on to the service, without identity"),
    );
}

fn issuers(raw: raw::List<String>, read: &Read, findings: &mut Findings, at: &At<'_>) -> Vec<usize> {
    if raw.is_empty() {
        findings.mistake(at, "is empty: nothing would be accepted");
    }
    findings.each(at, Some(raw), |name, findings, at| match read.names.get(&name) {
        Some(id) => *id,
        None => {
            findings.mistake(at, "no issuer has this name");
            None
        }
    })
}

fn all_or_any(
    raw: Option<raw::AllOrAny>,
    findings: &mut Findings,
    at: &At<'_>,
) -> Option<(raw::List<String>, bool, &'static str)> {
    let raw = raw?;
    let (list, all, own) = match (raw.all, raw.any) {
        (Some(list), None) => (list, true, "all"),
        (None, Some(list)) => (list, false, "any"),
        _ => {
            findings.mistake(at, "needs exactly one of all and any");
            return None;
        }
    };
    if list.is_empty() {
        findings.mistake(&at.field(own), "is empty");
    }
    Some((list, all, own))
}

fn step_up(raw: raw::StepUp, findings: &mut Findings, at: &At<'_>) -> StepUp {
    if raw.acr.is_none() && raw.max_age.is_none() {
        findings.mistake(at, "needs acr, max_age, or both");
    }
    // They go into challenges, separated by spaces, as scopes do.
    let acr = scopes(raw.acr, findings, &at.field("acr"));
    StepUp { acr, max_age: raw.max_age.map(|span| span.0) }
}

fn matcher(raw: &raw::Match, findings: &mut Findings, at: &At<'_>) -> Matcher {
    let literal = |text: &String, field, findings: &mut Findings| {
        // The braces of a template are no part of a path.
        let plain = if field == "template" { text.replace(['{', '}'], "") } else { text.clone() };
        let normal = path::canonical(&plain);
        if path::is_ambiguous(text) {
            findings.mistake(&at.field(field), "must be a path in its one plain spelling, starting with `/`");
        } else if normal != plain {
            findings.mistake(&at.field(field), format!("must be in its one plain spelling, {normal:?}"));
        }
        text.clone()
    };
    let place = match (&raw.path, &raw.prefix, &raw.template) {
        (None, None, None) => Place::Everywhere,
        (Some(path), None, None) => Place::Path(literal(path, "path", findings)),
        (None, Some(prefix), None) => Place::Prefix(literal(prefix, "prefix", findings)),
        (None, None, Some(template)) => {
            let own = at.field("template");
            let template = literal(template, "template", findings);
            let segments = findings.checked(&own, Segment::parse_template(&template));
            segments.map_or(Place::Nowhere, Place::Template)
        }
        _ => {
            findings.mistake(at, "needs no more than one of path, prefix and template");
            Place::Nowhere
        }
    };
    let methods_at = at.field("methods");
    let methods = raw.methods.clone().map(|methods| findings.some_strings(&methods_at, methods));
    for (index, name) in methods.iter().flatten().enumerate() {
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        let known = METHODS.iter().find(|known| known.eq_ignore_ascii_case(name));
        if !name.bytes().all(token) {
            findings.mistake(&methods_at.index(index), "is not a method: no request would match it");
        } else if known.is_some_and(|known| known != name) {
            findings.mistake(&methods_at.index(index), "must be in upper case: methods compare with case");
        }
    }
    let hosts = raw.hosts.clone().map(|hosts| {
        let parse =
            |host: String, findings: &mut Findings, at: &At<'_>| findings.checked(at, HostPattern::parse(&host));
        findings.each(&at.field("hosts"), Some(hosts), parse)
    });
    if raw.hosts.as_ref().is_some_and(|hosts| hosts.is_empty()) {
        findings.mistake(&at.field("hosts"), "is empty: nothing would match");
    }
    Matcher { place, methods, hosts }
}

pub(super) fn resources(
    raw: Option<raw::List<raw::Resource>>,
    issuers: &Issuers,
    findings: &mut Findings,
    at: &At<'_>,
) -> Vec<Resource> {
    let mut taken = BTreeSet::new();
    findings.each(at, raw, |raw, findings, at| {
        let resource = resource(raw, issuers, findings, at)?;
        if !taken.insert(resource.name.clone()) || !taken.insert(resource.metadata_path.clone()) {
            findings.mistake(at, "another resource has this name or path");
        }
        Some(resource)
    })
}

/// RFC 9728 section 3: the well-known part goes between the resource's host and its path.
fn resource(raw: raw::Resource, issuers: &Issuers, findings: &mut Findings, at: &At<'_>) -> Option<Resource> {
    let name = raw.name.unwrap_or_default();
    if name.is_empty() {
        findings.mistake(&at.field("name"), "is missing");
    }
    let Some(identifier) = raw.resource else {
        findings.mistake(&at.field("resource"), "is missing: the resource's own URL");
        return None;
    };
    let url =
        Url::parse(&identifier).map_err(|error| findings.mistake(&at.field("resource"), error.to_string())).ok()?;
    let own_path = url.path().strip_suffix('/').unwrap_or(url.path());
    if own_path.contains('?') || path::is_ambiguous(url.path()) {
        findings.mistake(&at.field("resource"), "must have a path in its one plain spelling, and no query");
    }
    let metadata_path = format!("/.well-known/oauth-protected-resource{own_path}");
    let scopes = scopes(raw.scopes_supported, findings, &at.field("scopes_supported"));
    let servers = match raw.authorization_servers {
        Some(servers) => findings.strings(&at.field("authorization_servers"), Some(servers)),
        None => issuers.iter().map(|(_, issuer)| issuer.issuer.clone()).filter(|issuer| is_url(issuer)).collect(),
    };
    let mut document = Object::new().text("resource", &identifier);
    for (name, list) in [("authorization_servers", &servers), ("scopes_supported", &scopes)] {
        if !list.is_empty() {
            document = document.texts(name, list.iter().map(String::as_str));
        }
    }
    let document = document.texts("bearer_methods_supported", ["header"]).finish();
    let metadata_url = format!("{}://{}{metadata_path}", url.scheme().as_str(), url.authority());
    Some(Resource { name, metadata_url, metadata_path, document })
}

fn is_url(issuer: &str) -> bool {
    !issuer.contains(TENANT) && Url::parse(issuer).is_ok()
}
