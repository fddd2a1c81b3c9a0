//! The configuration as it is written: names and shapes only. Private to [`super`], which gives it meaning.
//!
//! Every field may be absent here, so that reading never stops at the first thing missing; elements of lists may be, so
//! that one wrong element does not hide the mistakes behind it.

pub(super) use super::raw_issuers::{ClaimRule, Claims, Groups, Issuer, Keys, ResourceClaim};
pub(super) use super::shapes::{Audiences, Discovery, Nullable, Ordered, Unmapped};

use super::units::{Size, Span};
use serde::Deserialize;

/// A list; an element is `None` where it could not be read.
pub(super) type List<T> = Vec<Option<T>>;

/// The configuration of the claimgate filter.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    /// Who is trusted.
    pub(super) issuers: Option<List<Issuer>>,
    /// Rules, the first that matches applies. Default: none.
    pub(super) routes: Option<List<Route>>,
    /// What applies where no rule matches; a rule without `match`. Default: a token is required.
    pub(super) default_route: Option<Route>,
    /// Scopes that a mapped group grants, by group pattern with one `*` at the most; added to the token's own.
    pub(super) group_scopes: Option<Ordered<List<String>>>,
    /// Which request header carries what to the service.
    pub(super) identity_headers: Option<IdentityHeaders>,
    /// Where a token may be. More than one token in a request is refused. Default: `Authorization: Bearer`.
    pub(super) token_sources: Option<List<TokenSource>>,
    /// Whether the token goes on to the service. Default: false.
    pub(super) forward_token: Option<bool>,
    /// Protected resources whose metadata (RFC 9728) the filter serves.
    pub(super) resources: Option<List<Resource>>,
    /// How far clocks may disagree, for exp, nbf and iat. At most 1 hour. Default: "60s".
    pub(super) clock_skew: Option<Span>,
    /// Bounds on what is read and kept.
    pub(super) limits: Option<Limits>,
    /// What a refused client is told.
    pub(super) errors: Option<Errors>,
    /// What may be assumed of the host. `generic` is any proxy-wasm host but Envoy: no request waits, no shared data.
    /// Default: "envoy".
    pub(super) host: Option<Host>,
    /// Whose code verifies signatures: the fastest sound choice (auto), the host's where it can (host), the module's
    /// own (wasm), the RustCrypto crates alone (library). Default: "auto".
    pub(super) crypto: Option<Crypto>,
    /// Whether the host picks the route again after identity headers are set. Default: false.
    pub(super) recompute_route: Option<bool>,
    /// Whether the identity is also handed to Envoy as filter state, for access logs and other filters. Default: false.
    pub(super) filter_state: Option<bool>,
    /// Which decisions are logged, one JSON line each. Default: "denied".
    pub(super) audit: Option<Audit>,
}

/// A rule about requests.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Route {
    /// Its name in logs. The host's own route metadata can choose a rule by it.
    pub(super) name: Option<String>,
    /// Which requests. What is left out matches everything.
    #[serde(rename = "match")]
    pub(super) matches: Option<Match>,
    /// Whether a token is required; optional: a bad one is still refused; public: none is read; deny: nobody passes.
    /// Default: "required".
    pub(super) access: Option<Access>,
    /// Names of the issuers whose tokens are accepted. Default: all.
    pub(super) issuers: Option<List<String>>,
    /// Replaces the issuer's audiences.
    pub(super) audiences: Option<List<String>>,
    /// Scopes that the caller must have.
    pub(super) scopes: Option<AllOrAny>,
    /// Groups that the caller must be in, as patterns with one `*` at the most.
    pub(super) groups: Option<AllOrAny>,
    /// Claim rules that must all hold.
    pub(super) require: Option<List<ClaimRule>>,
    /// How the user must have authenticated (RFC 9470).
    pub(super) step_up: Option<StepUp>,
    /// Name of the resource whose metadata challenges point to.
    pub(super) resource: Option<String>,
    /// Whether a CORS preflight passes without a token. Default: false.
    pub(super) cors_preflight: Option<bool>,
}

/// Which requests a rule is for. At the most one of path, prefix and template.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Match {
    /// Exactly this path.
    pub(super) path: Option<String>,
    /// This path and those below it.
    pub(super) prefix: Option<String>,
    /// Segments, of which `{name}` stands for any one and a last `**` for any rest.
    pub(super) template: Option<String>,
    /// HTTP methods.
    pub(super) methods: Option<List<String>>,
    /// Host names without port; `*.example.com` is every host below.
    pub(super) hosts: Option<List<String>>,
}

/// Exactly one of all and any.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct AllOrAny {
    /// Each of these.
    pub(super) all: Option<List<String>>,
    /// At least one of these.
    pub(super) any: Option<List<String>>,
}

/// How the user must have authenticated (RFC 9470).
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct StepUp {
    /// The token's acr must be one of these.
    pub(super) acr: Option<List<String>>,
    /// The longest time since auth_time.
    pub(super) max_age: Option<Span>,
}

/// Which request header carries what. null turns one off. The client's own headers of these names, in any spelling,
/// are removed on every path.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityHeaders {
    /// Who. Default: "x-auth-subject".
    pub(super) subject: Option<Nullable<String>>,
    /// The token's iss. Default: "x-auth-issuer".
    pub(super) issuer: Option<Nullable<String>>,
    /// The name they go by. Default: "x-auth-username".
    pub(super) username: Option<Nullable<String>>,
    /// Their mail address. Default: "x-auth-email".
    pub(super) email: Option<Nullable<String>>,
    /// The client that the token was issued to. Default: "x-auth-client".
    pub(super) client: Option<Nullable<String>>,
    /// Your groups. Default: "x-auth-groups".
    pub(super) groups: Option<Nullable<String>>,
    /// Scopes, the token's own and those that groups grant. Default: "x-auth-scopes".
    pub(super) scopes: Option<Nullable<String>>,
    /// The issuer's name in this configuration. Default: off.
    pub(super) provider: Option<Nullable<String>>,
    /// Who acts for the subject: sub of the outermost act. Default: off.
    pub(super) actor: Option<Nullable<String>>,
    /// The token's acr. Default: off.
    pub(super) acr: Option<Nullable<String>>,
    /// The token's amr. Default: off.
    pub(super) amr: Option<Nullable<String>>,
    /// The token's auth_time. Default: off.
    pub(super) auth_time: Option<Nullable<String>>,
    /// All claims, base64url. Default: off.
    pub(super) payload: Option<Nullable<String>>,
    /// Further headers, each with the address of its claim.
    pub(super) claims: Option<Ordered<String>>,
}

/// One place for a token: exactly one of header, cookie and query.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct TokenSource {
    /// A request header.
    pub(super) header: Option<String>,
    /// The authentication scheme in the header; without one the whole value is the token.
    pub(super) scheme: Option<String>,
    /// A cookie.
    pub(super) cookie: Option<String>,
    /// A parameter of the query; it is removed from the path that goes to the service.
    pub(super) query: Option<String>,
}

/// A protected resource (RFC 9728).
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Resource {
    /// Its name in routes.
    pub(super) name: Option<String>,
    /// Its identifier, an https URL.
    pub(super) resource: Option<String>,
    /// Scopes that are advertised, which need not be those that are required.
    pub(super) scopes_supported: Option<List<String>>,
    /// Issuer identifiers. Default: the issuers of this configuration that are URLs.
    pub(super) authorization_servers: Option<List<String>>,
}

/// Bounds on what is read and kept, for each worker.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    /// The longest token that is read. Default: "16KiB".
    pub(super) max_token_bytes: Option<Size>,
    /// How many verified tokens are remembered.
    pub(super) verified_tokens: Option<VerifiedTokens>,
    /// How many requests may wait for keys at once. Default: 256.
    pub(super) waiting_requests: Option<u32>,
    /// How long each may wait. Default: "5s".
    pub(super) wait_timeout: Option<Span>,
    /// The longest list of groups that is taken. Default: 512.
    pub(super) max_groups: Option<u32>,
}

/// How many verified tokens are remembered.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct VerifiedTokens {
    /// Their number; 0 remembers none. Default: 4096.
    pub(super) entries: Option<u32>,
    /// Their size together. Default: "4MiB".
    pub(super) max_bytes: Option<Size>,
}

/// What a refused client is told.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Errors {
    /// `reason` adds the label and sentence of the refusal to body and challenge. Default: "none".
    pub(super) detail: Option<Detail>,
}

/// A field's closed set of words.
macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),* $(,)? })*) => {
        $(
            #[derive(Deserialize, Copy, Clone, PartialEq, Eq, Debug)]
            #[cfg_attr(test, derive(schemars::JsonSchema))]
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
