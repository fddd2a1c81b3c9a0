//! The configuration as it applies: presets and defaults filled in, written in the names of the contract, for
//! `claimgate check --print`; the module has no use for it. Reading it again gives the same configuration, keys that
//! stand in it aside: they are only counted, because a shared secret may be among them.

mod issuers;

use super::{Audit, Config, Crypto, Host, Limits, Resource};
use crate::address::Address;
use crate::credential::TokenSource;
use crate::header::{Attribute, IdentityHeaders};
use crate::json::{Document, Object};
use crate::pattern::Pattern;
use crate::refusal::ErrorDetail;
use crate::route::{Enforcement, Groups, Matcher, Place, Rule, Scopes, Segment};
use crate::rule::{ClaimRule, Literal, Relation, Test};
use crate::time::millis;
use std::time::Duration;

impl Config {
    /// The whole configuration as one JSON object.
    pub fn json(&self) -> String {
        let mut scopes = Object::new();
        for (pattern, granted) in &self.group_scopes {
            scopes = scopes.texts(&pattern_text(pattern), texts(granted));
        }
        Object::new()
            .list("issuers", self.issuers.iter().map(|(_, issuer)| issuers::issuer(issuer)))
            .list("routes", self.routes.rules.iter().map(|rule| self.rule(rule, true)))
            .raw("default_route", &self.rule(&self.routes.default, false))
            .raw("group_scopes", &scopes.finish())
            .raw("identity_headers", &identity_headers(&self.identity_headers))
            .list("token_sources", self.token_sources.iter().map(token_source))
            .raw("forward_token", flag(self.forward_token))
            .list("resources", self.resources.iter().map(resource))
            .text("clock_skew", &span(self.clock_skew))
            .raw("limits", &limits(&self.limits))
            .raw("errors", &Object::new().text("detail", detail(self.detail)).finish())
            .text("host", if self.host == Host::Envoy { "envoy" } else { "generic" })
            .text("crypto", crypto(self.crypto))
            .raw("recompute_route", flag(self.recompute_route))
            .raw("filter_state", flag(self.filter_state))
            .text("audit", audit(self.audit))
            .finish()
    }

    fn rule(&self, rule: &Rule, has_match: bool) -> String {
        let mut out = Object::new().maybe_text("name", rule.name.as_deref());
        if has_match && !matches!(rule.matcher.place, Place::Nowhere) {
            out = out.raw("match", &matcher(&rule.matcher));
        }
        out = out.text("access", rule.access.name());
        if let Some(issuers) = &rule.issuers {
            let names = issuers.iter().filter_map(|id| self.issuers.get(*id)).map(|issuer| issuer.name.as_str());
            out = out.texts("issuers", names);
        }
        if let Some(audiences) = &rule.audiences {
            out = out.texts("audiences", texts(audiences));
        }
        if let Some(scopes) = &rule.scopes {
            let (word, list) = match scopes {
                Scopes::All(list) => ("all", list),
                Scopes::Any(list) => ("any", list),
            };
            out = out.raw("scopes", &Object::new().texts(word, texts(list)).finish());
        }
        if let Some(groups) = &rule.groups {
            let (word, list) = match groups {
                Groups::All(list) => ("all", list),
                Groups::Any(list) => ("any", list),
            };
            out = out.raw("groups", &Object::new().raw(word, &patterns(list)).finish());
        }
        if !rule.require.is_empty() {
            out = out.list("require", rule.require.iter().map(claim_rule));
        }
        if let Some(step_up) = &rule.step_up {
            let mut own = Object::new();
            if !step_up.acr.is_empty() {
                own = own.texts("acr", texts(&step_up.acr));
            }
            out = out.raw("step_up", &own.maybe_text("max_age", step_up.max_age.map(span).as_deref()).finish());
        }
        let resource = rule.resource.and_then(|at| self.resources.get(at));
        out = out.maybe_text("resource", resource.map(|resource| resource.name.as_str()));
        if rule.cors_preflight {
            out = out.raw("cors_preflight", "true");
        }
        if rule.enforcement == Enforcement::Report { out.raw("enforce", "false") } else { out }.finish()
    }
}

fn texts(list: &[String]) -> impl Iterator<Item = &str> {
    list.iter().map(String::as_str)
}

fn addresses(list: &[Address]) -> impl Iterator<Item = &str> {
    list.iter().map(Address::text)
}

fn flag(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

/// A duration as a configuration has it.
pub(super) fn span(span: Duration) -> String {
    if span.subsec_nanos() == 0 { format!("{}s", span.as_secs()) } else { format!("{}ms", millis(span)) }
}

/// A pattern is what it makes of its own star.
fn pattern_text(pattern: &Pattern) -> String {
    pattern.with("*")
}

fn patterns(list: &[Pattern]) -> String {
    let list: Vec<String> = list.iter().map(pattern_text).collect();
    array(texts(&list))
}

/// A list on its own: the writer knows objects only.
fn array<'t>(list: impl Iterator<Item = &'t str>) -> String {
    let object = Object::new().texts("", list).finish();
    object.strip_prefix("{\"\":").and_then(|rest| rest.strip_suffix('}')).unwrap_or("[]").to_owned()
}

fn claim_rule(rule: &ClaimRule) -> String {
    let (claim, test) = match rule {
        ClaimRule::Claim(claim, test) => (claim, test),
        ClaimRule::Any(rules) => return Object::new().list("any", rules.iter().map(claim_rule)).finish(),
        ClaimRule::Not(rule) => return Object::new().raw("not", &claim_rule(rule)).finish(),
    };
    let out = Object::new().text("claim", claim.text());
    let list = |list: &[Literal]| list.iter().map(|literal| literal.text().to_owned()).collect::<Vec<_>>();
    match test {
        Test::Equals(value) => out.raw("equals", value.text()),
        Test::NotEquals(value) => out.raw("not_equals", value.text()),
        Test::In(values) => out.list("in", list(values)),
        Test::NotIn(values) => out.list("not_in", list(values)),
        Test::Contains(value) => out.raw("contains", value.text()),
        Test::ContainsAny(values) => out.list("contains_any", list(values)),
        Test::ContainsAll(values) => out.list("contains_all", list(values)),
        Test::Prefix(text) => out.text("prefix", text),
        Test::Suffix(text) => out.text("suffix", text),
        Test::Present(wanted) => out.raw("present", flag(*wanted)),
        Test::Number(relation, value) => {
            let word = match relation {
                Relation::Gt => "gt",
                Relation::Gte => "gte",
                Relation::Lt => "lt",
                Relation::Lte => "lte",
            };
            out.raw(word, value.text())
        }
    }
    .finish()
}

fn matcher(matcher: &Matcher) -> String {
    let mut out = match &matcher.place {
        Place::Everywhere | Place::Nowhere => Object::new(),
        Place::Path(path) => Object::new().text("path", path),
        Place::Prefix(prefix) => Object::new().text("prefix", prefix),
        Place::Template(segments) => {
            let part = |segment: &Segment| match segment {
                Segment::Literal(text) => format!("/{text}"),
                Segment::One => "/{any}".to_owned(),
                Segment::Rest => "/**".to_owned(),
            };
            Object::new().text("template", &segments.iter().map(part).collect::<String>())
        }
    };
    if let Some(methods) = &matcher.methods {
        out = out.texts("methods", texts(methods));
    }
    if let Some(hosts) = &matcher.hosts {
        let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
        out = out.texts("hosts", texts(&hosts));
    }
    out.finish()
}

fn identity_headers(headers: &IdentityHeaders) -> String {
    let mut out = Object::new();
    for (attribute, field, _) in Attribute::ALL {
        let header = headers.attributes.iter().find(|(own, _)| *own == attribute);
        out = match header {
            Some((_, name)) => out.text(field, name),
            None => out.raw(field, "null"),
        };
    }
    let claims = headers.claims.iter().fold(Object::new(), |out, (name, address)| out.text(name, address.text()));
    out.raw("claims", &claims.finish()).finish()
}

fn token_source(source: &TokenSource) -> String {
    match source {
        TokenSource::Header(name, scheme) => {
            Object::new().text("header", name).maybe_text("scheme", scheme.as_deref()).finish()
        }
        TokenSource::Cookie(name) => Object::new().text("cookie", name).finish(),
        TokenSource::Query(name) => Object::new().text("query", name).finish(),
    }
}

/// The document holds what was configured and nothing else that is configurable.
fn resource(resource: &Resource) -> String {
    let mut out = Object::new().text("name", &resource.name);
    if let Ok(document) = Document::parse(resource.document.as_bytes()) {
        for name in ["resource", "scopes_supported", "authorization_servers"] {
            if let Some(value) = document.root().member(name) {
                out = out.raw(name, value.text());
            }
        }
    }
    out.finish()
}

fn limits(limits: &Limits) -> String {
    let tokens = Object::new()
        .raw("entries", &limits.remembered_entries.to_string())
        .text("max_bytes", &format!("{}B", limits.remembered_bytes))
        .finish();
    Object::new()
        .text("max_token_bytes", &format!("{}B", limits.max_token_bytes))
        .raw("verified_tokens", &tokens)
        .raw("waiting_requests", &limits.waiting_requests.to_string())
        .text("wait_timeout", &span(limits.wait_timeout))
        .raw("max_groups", &limits.max_groups.to_string())
        .finish()
}

fn detail(detail: ErrorDetail) -> &'static str {
    match detail {
        ErrorDetail::None => "none",
        ErrorDetail::Reason => "reason",
    }
}

fn crypto(crypto: Crypto) -> &'static str {
    match crypto {
        Crypto::Auto => "auto",
        Crypto::Host => "host",
        Crypto::Wasm => "wasm",
        Crypto::Library => "library",
    }
}

fn audit(audit: Audit) -> &'static str {
    match audit {
        Audit::None => "none",
        Audit::Denied => "denied",
        Audit::All => "all",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn read(text: &str) -> Config {
        Config::parse(text.as_bytes()).unwrap_or_else(|mistakes| panic!("{mistakes:?}\n{text}")).0
    }

    #[test]
    fn what_is_printed_reads_back_as_the_same_configuration() {
        let everything = r#"{
            "issuers": [
                {"name": "a", "issuer": "https://a.example", "aliases": ["a"], "audiences": ["x", "y\u00e9"], "max_token_age": "10m",
                 "keys": {"discovery": true, "cluster": "a", "jwks_cluster": "b", "jwks_hosts": ["k.example"], "ttl": "1500ms"},
                 "require": [{"claim": "$['a.b'][*]", "in": [1e2, "x", null]}, {"claim": "n", "gte": 1.50}, {"claim": "p", "present": false}],
                 "claims": {"groups": ["g\u00e9\"", {"at": "$.r[*]", "prefix": "role:"}]},
                 "groups": {"map": {"team-*": ["g-*", "all"], "*": ["any"]}, "unmapped": {"prefix": "a:"}, "default": ["guest"]}},
                {"name": "entra", "preset": "entra", "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0",
                 "keys": {"cluster": "entra"}, "clients": ["c"], "resource_claim": {"claim": "r", "any_of": ["v"]}},
                {"name": "mesh", "preset": "spiffe", "issuer": "spiffe://mesh.example", "keys": {"jwks_uri": "https://m.example/k", "cluster": "m"},
                 "audiences": "any"}
            ],
            "routes": [
                {"name": "t", "match": {"template": "/v1/{id}/**", "methods": ["GET"], "hosts": ["*.Example.com"]}, "issuers": ["a"],
                 "audiences": ["z"], "scopes": {"all": ["s"]}, "groups": {"any": ["g-*"]}, "step_up": {"acr": ["hi"], "max_age": "15m"},
                 "resource": "mcp", "cors_preflight": true, "enforce": false, "require": [{"claim": "x", "prefix": "\""}]},
                {"name": "by-name", "access": "public"}, {"match": {"prefix": "/x"}, "access": "deny"}, {"match": {"path": "/y"}, "access": "optional"}
            ],
            "default_route": {"scopes": {"any": ["s", "t"]}},
            "group_scopes": {"g-*": ["read"]},
            "identity_headers": {"email": null, "actor": "x-actor", "claims": {"x-tenant": "tid"}},
            "token_sources": [{"header": "Authorization", "scheme": "Bearer"}, {"cookie": "id"}, {"query": "q"}],
            "resources": [{"name": "mcp", "resource": "https://api.example.com/mcp", "scopes_supported": ["s"]}],
            "forward_token": true, "clock_skew": "0s", "errors": {"detail": "reason"}, "crypto": "library", "audit": "all",
            "recompute_route": true, "filter_state": true, "limits": {"wait_timeout": "250ms", "max_token_bytes": "8KiB"}
        }"#;
        let printed = read(everything).json();
        assert_eq!(read(&printed).json(), printed);
        for part in [
            r#"{"at":"$.r[*]","prefix":"role:"}"#,
            r#""ttl":"1500ms""#,
            r#""in":[1e2,"x",null]"#,
            r#""template":"/v1/{any}/**""#,
            r#""team-*":["g-*","all"]"#,
        ] {
            assert!(printed.contains(part), "{part} in {printed}");
        }
    }

    #[test]
    fn a_preset_shows_in_what_is_printed_and_a_secret_does_not() {
        let printed = read(
            r#"{"issuers": [{"name": "pool", "preset": "cognito", "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/p", "clients": ["c"],
                "keys": {"cluster": "cognito"}},
               {"name": "hs", "issuer": "hs", "audiences": ["a"], "algorithms": ["HS256"],
                "keys": {"inline": {"keys": [{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldCE"}]}}}]}"#,
        )
        .json();
        assert!(
            printed.contains(r#""jwks_uri":"https://cognito-idp.eu-west-1.amazonaws.com/p/.well-known/jwks.json""#)
        );
        assert!(printed.contains(r#"{"claim":"token_use","equals":"access"}"#), "{printed}");
        assert!(printed.contains(r#""inline":"1 keys""#) && !printed.contains("c2Vj"), "{printed}");
    }
}
