//! The configuration as it is written: names and shapes only. Private to [`super`], which gives it meaning.
//!
//! Every field may be absent here, so that reading never stops at the first thing missing; elements of lists may be, so
//! that one wrong element does not hide the mistakes behind it.

pub(super) use super::shapes::{Audiences, Discovery, Nullable, Ordered, Unmapped};

use super::units::{Size, Span};
use crate::json::RawJson;
use serde::Deserialize;

/// A list; an element is `None` where it could not be read.
pub(super) type List<T> = Vec<Option<T>>;

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    pub(super) issuers: Option<List<Issuer>>,
    pub(super) routes: Option<List<Route>>,
    pub(super) default_route: Option<Route>,
    pub(super) group_scopes: Option<Ordered<List<String>>>,
    pub(super) identity_headers: Option<IdentityHeaders>,
    pub(super) token_sources: Option<List<TokenSource>>,
    pub(super) forward_token: Option<bool>,
    pub(super) resources: Option<List<Resource>>,
    pub(super) clock_skew: Option<Span>,
    pub(super) limits: Option<Limits>,
    pub(super) errors: Option<Errors>,
    pub(super) host: Option<Host>,
    pub(super) crypto: Option<Crypto>,
    pub(super) recompute_route: Option<bool>,
    pub(super) filter_state: Option<bool>,
    pub(super) audit: Option<Audit>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Issuer {
    pub(super) name: Option<String>,
    pub(super) preset: Option<Preset>,
    pub(super) enabled: Option<bool>,
    pub(super) issuer: Option<String>,
    pub(super) aliases: Option<List<String>>,
    pub(super) trust_domain: Option<String>,
    pub(super) keys: Option<Keys>,
    pub(super) algorithms: Option<List<String>>,
    pub(super) audiences: Option<Audiences>,
    pub(super) clients: Option<List<String>>,
    pub(super) resource_claim: Option<ResourceClaim>,
    pub(super) types: Option<List<Nullable<String>>>,
    pub(super) required_claims: Option<List<String>>,
    pub(super) max_token_age: Option<Span>,
    pub(super) max_lifetime: Option<Span>,
    pub(super) claims: Option<Claims>,
    pub(super) require: Option<List<ClaimRule>>,
    pub(super) groups: Option<Groups>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    pub(super) inline: Option<RawJson>,
    pub(super) jwks_uri: Option<String>,
    pub(super) discovery: Option<Discovery>,
    pub(super) cluster: Option<String>,
    pub(super) jwks_cluster: Option<String>,
    pub(super) jwks_hosts: Option<List<String>>,
    pub(super) ttl: Option<Span>,
    pub(super) max_stale: Option<Span>,
    pub(super) timeout: Option<Span>,
    pub(super) unknown_kid_cooldown: Option<Span>,
    pub(super) max_bytes: Option<Size>,
    pub(super) allow_insecure: Option<bool>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceClaim {
    pub(super) claim: Option<String>,
    pub(super) any_of: Option<List<String>>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    pub(super) subject: Option<List<String>>,
    pub(super) username: Option<List<String>>,
    pub(super) email: Option<List<String>>,
    pub(super) groups: Option<List<String>>,
    pub(super) scopes: Option<List<String>>,
    pub(super) client: Option<List<String>>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimRule {
    pub(super) claim: Option<String>,
    pub(super) equals: Option<RawJson>,
    pub(super) not_equals: Option<RawJson>,
    #[serde(rename = "in")]
    pub(super) one_of: Option<List<RawJson>>,
    pub(super) contains: Option<RawJson>,
    pub(super) contains_any: Option<List<RawJson>>,
    pub(super) contains_all: Option<List<RawJson>>,
    pub(super) prefix: Option<String>,
    pub(super) suffix: Option<String>,
    pub(super) present: Option<bool>,
    pub(super) gt: Option<RawJson>,
    pub(super) gte: Option<RawJson>,
    pub(super) lt: Option<RawJson>,
    pub(super) lte: Option<RawJson>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Groups {
    pub(super) map: Option<Ordered<List<String>>>,
    pub(super) unmapped: Option<Unmapped>,
    pub(super) default: Option<List<String>>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Route {
    pub(super) name: Option<String>,
    #[serde(rename = "match")]
    pub(super) matches: Option<Match>,
    pub(super) access: Option<Access>,
    pub(super) issuers: Option<List<String>>,
    pub(super) audiences: Option<List<String>>,
    pub(super) scopes: Option<AllOrAny>,
    pub(super) groups: Option<AllOrAny>,
    pub(super) require: Option<List<ClaimRule>>,
    pub(super) step_up: Option<StepUp>,
    pub(super) resource: Option<String>,
    pub(super) cors_preflight: Option<bool>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Match {
    pub(super) path: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) template: Option<String>,
    pub(super) methods: Option<List<String>>,
    pub(super) hosts: Option<List<String>>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct AllOrAny {
    pub(super) all: Option<List<String>>,
    pub(super) any: Option<List<String>>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct StepUp {
    pub(super) acr: Option<List<String>>,
    pub(super) max_age: Option<Span>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityHeaders {
    pub(super) subject: Option<Nullable<String>>,
    pub(super) issuer: Option<Nullable<String>>,
    pub(super) username: Option<Nullable<String>>,
    pub(super) email: Option<Nullable<String>>,
    pub(super) client: Option<Nullable<String>>,
    pub(super) groups: Option<Nullable<String>>,
    pub(super) scopes: Option<Nullable<String>>,
    pub(super) provider: Option<Nullable<String>>,
    pub(super) actor: Option<Nullable<String>>,
    pub(super) acr: Option<Nullable<String>>,
    pub(super) amr: Option<Nullable<String>>,
    pub(super) auth_time: Option<Nullable<String>>,
    pub(super) payload: Option<Nullable<String>>,
    pub(super) claims: Option<Ordered<String>>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenSource {
    pub(super) header: Option<String>,
    pub(super) scheme: Option<String>,
    pub(super) cookie: Option<String>,
    pub(super) query: Option<String>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Resource {
    pub(super) name: Option<String>,
    pub(super) resource: Option<String>,
    pub(super) scopes_supported: Option<List<String>>,
    pub(super) authorization_servers: Option<List<String>>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) max_token_bytes: Option<Size>,
    pub(super) verified_tokens: Option<VerifiedTokens>,
    pub(super) waiting_requests: Option<u32>,
    pub(super) wait_timeout: Option<Span>,
    pub(super) max_groups: Option<u32>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct VerifiedTokens {
    pub(super) entries: Option<u32>,
    pub(super) max_bytes: Option<Size>,
}

#[derive(Deserialize, Default, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Errors {
    pub(super) detail: Option<Detail>,
}

/// A field's closed set of words.
macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {
        $(
            #[derive(Deserialize, Copy, Clone, PartialEq, Eq, Debug)]
            pub(super) enum $name { $(#[serde(rename = $word)] $variant),* }
        )*
    };
}

words! {
    Preset {
        Generic = "generic", Cognito = "cognito", Okta = "okta", Entra = "entra", Auth0 = "auth0", Google = "google",
        Keycloak = "keycloak", Ping = "ping", Kubernetes = "kubernetes", AwsSts = "aws-sts",
        GithubActions = "github-actions", Gitlab = "gitlab", Spiffe = "spiffe", Thunder = "thunder",
        Asgardeo = "asgardeo",
    }
    Access { Required = "required", Optional = "optional", Public = "public", Deny = "deny" }
    Detail { None = "none", Reason = "reason" }
    Host { Envoy = "envoy", Generic = "generic" }
    Crypto { Auto = "auto", Host = "host", Wasm = "wasm", Library = "library" }
    Audit { None = "none", Denied = "denied", All = "all" }
}
