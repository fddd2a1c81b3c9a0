//! The configuration as it is written: names and shapes only. Private to [`super`], which gives it meaning.
//!
//! Every field may be absent here, so that reading never stops at the first thing missing; elements of lists may be, so
//! that one wrong element does not hide the mistakes behind it.

pub(super) use super::raw_issuers::{ClaimRule, ClaimSource, Claims, Grant, Groups, Issuer, Keys, ResourceClaim};
pub(super) use super::shapes::{Audiences, Discovery, Nullable, Ordered, Source, Unmapped};

use super::declare::{objects, words, written};
use super::units::{Size, Span};

/// A list; an element is `None` where it could not be read.
pub(super) type List<T> = Vec<Option<T>>;

objects! {
    /// The configuration of the claimgate filter.
    Config {
        /// Who is trusted.
        issuers: List<Issuer>,
        /// Rules, the first that matches applies. Default: none.
        routes: List<Route>,
        /// What applies where no rule matches; a rule without `match`. Default: a token is required.
        default_route: Route,
        /// Scopes that a mapped group grants, by group pattern with one `*` at the most; added to the token's own.
        group_scopes: Ordered<List<String>>,
        /// Which request header carries what to the service.
        identity_headers: IdentityHeaders,
        /// Where a token may be. More than one token in a request is refused. Default: `Authorization: Bearer`.
        token_sources: List<TokenSource>,
        /// Whether the token goes on to the service. Default: false.
        forward_token: bool,
        /// Protected resources whose metadata (RFC 9728) the filter serves.
        resources: List<Resource>,
        /// How far clocks may disagree, for exp, nbf and iat. At most 1 hour. Default: "60s".
        clock_skew: Span,
        /// Bounds on what is read and kept.
        limits: Limits,
        /// What a refused client is told.
        errors: Errors,
        /// What may be assumed of the host. `generic` is any proxy-wasm host but Envoy: no request waits, no shared
        /// data. Default: "envoy".
        host: Host,
        /// Whose code verifies signatures: the fastest sound choice (auto), the host's where it can (host), the
        /// module's own (wasm), the RustCrypto crates alone (library). Default: "auto".
        crypto: Crypto,
        /// Whether the host picks the route again after identity headers are set. Default: false.
        recompute_route: bool,
        /// Whether the identity is also handed to Envoy as filter state, for access logs and other filters.
        /// Default: false.
        filter_state: bool,
        /// Which decisions are logged, one JSON line each. Default: "denied".
        audit: Audit,
        /// Whether CORS preflights pass without a token, for rules that do not say it themselves. Default: false.
        cors_preflight: bool,
        /// Whether refusals are carried out, for rules that do not say it themselves. false only reports them: the
        /// request goes on to the service without identity. Default: true.
        enforce: bool,
    }

    /// A rule about requests.
    Route {
        /// Its name in logs. The host's own route metadata can choose a rule by it.
        name: String,
        /// Which requests. What is left out matches everything.
        matches as "match": Match,
        /// Whether a token is required; optional: a bad one is still refused; public: none is read; deny: nobody
        /// passes. Default: "required".
        access: Access,
        /// Names of the issuers whose tokens are accepted. Default: all.
        issuers: List<String>,
        /// Replaces the issuer's audiences.
        audiences: List<String>,
        /// Scopes that the caller must have.
        scopes: AllOrAny,
        /// Groups that the caller must be in, as patterns with one `*` at the most.
        groups: AllOrAny,
        /// Claim rules that must all hold.
        require: List<ClaimRule>,
        /// How the user must have authenticated (RFC 9470).
        step_up: StepUp,
        /// Name of the resource whose metadata challenges point to.
        resource: String,
        /// Whether a CORS preflight passes without a token. Default: the top level's, false.
        cors_preflight: bool,
        /// Whether refusals are carried out. false only reports them: the request goes on to the service without
        /// identity. No meaning for access deny, which is always enforced. Default: the top level's, true.
        enforce: bool,
    }

    /// Which requests a rule is for. At the most one of path, prefix and template.
    Match {
        /// Exactly this path.
        path: String,
        /// This path and those below it.
        prefix: String,
        /// Segments, of which `{name}` stands for any one and a last `**` for any rest.
        template: String,
        /// HTTP methods.
        methods: List<String>,
        /// Host names without port; `*.example.com` is every host below.
        hosts: List<String>,
    }

    /// Exactly one of all and any.
    AllOrAny {
        /// Each of these.
        all: List<String>,
        /// At least one of these.
        any: List<String>,
    }

    /// How the user must have authenticated (RFC 9470).
    StepUp {
        /// The token's acr must be one of these.
        acr: List<String>,
        /// The longest time since auth_time.
        max_age: Span,
    }

    /// Which request header carries what. null turns one off. The client's own headers of these names, in any spelling,
    /// are removed on every path.
    IdentityHeaders {
        /// Who. Default: "x-auth-subject".
        subject: Nullable<String>,
        /// The token's iss. Default: "x-auth-issuer".
        issuer: Nullable<String>,
        /// The name they go by. Default: "x-auth-username".
        username: Nullable<String>,
        /// Their mail address. Default: "x-auth-email".
        email: Nullable<String>,
        /// The client that the token was issued to. Default: "x-auth-client".
        client: Nullable<String>,
        /// Your groups. Default: "x-auth-groups".
        groups: Nullable<String>,
        /// Scopes, the token's own and those that groups grant. Default: "x-auth-scopes".
        scopes: Nullable<String>,
        /// The issuer's name in this configuration. Default: off.
        provider: Nullable<String>,
        /// Who acts for the subject: sub of the outermost act. Default: off.
        actor: Nullable<String>,
        /// The token's acr. Default: off.
        acr: Nullable<String>,
        /// The token's amr. Default: off.
        amr: Nullable<String>,
        /// The token's auth_time. Default: off.
        auth_time: Nullable<String>,
        /// All claims, base64url. Default: off.
        payload: Nullable<String>,
        /// Further headers, each with the address of its claim.
        claims: Ordered<String>,
    }

    /// One place for a token: exactly one of header, cookie and query.
    TokenSource {
        /// A request header.
        header: String,
        /// The authentication scheme in the header; without one the whole value is the token.
        scheme: String,
        /// A cookie.
        cookie: String,
        /// A parameter of the query; it is removed from the path that goes to the service.
        query: String,
    }

    /// A protected resource (RFC 9728).
    Resource {
        /// Its name in routes.
        name: String,
        /// Its identifier, an https URL.
        resource: String,
        /// Scopes that are advertised, which need not be those that are required.
        scopes_supported: List<String>,
        /// Issuer identifiers. Default: the issuers of this configuration that are URLs.
        authorization_servers: List<String>,
    }

    /// Bounds on what is read and kept, for each worker.
    Limits {
        /// The longest token that is read. Default: "16KiB".
        max_token_bytes: Size,
        /// How many verified tokens are remembered.
        verified_tokens: VerifiedTokens,
        /// How many requests may wait for keys at once. Default: 256.
        waiting_requests: u32,
        /// How long each may wait. Default: "5s".
        wait_timeout: Span,
        /// The longest list of groups that is taken. Default: 512.
        max_groups: u32,
    }

    /// How many verified tokens are remembered.
    VerifiedTokens {
        /// Their number; 0 remembers none. Default: 4096.
        entries: u32,
        /// Their size together. Default: "4MiB".
        max_bytes: Size,
    }

    /// What a refused client is told.
    Errors {
        /// `reason` adds the label and sentence of the refusal to body and challenge. Default: "none".
        detail: Detail,
    }
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
    Take { Names = "names" }
    UnverifiedEmail { Drop = "drop", Keep = "keep" }
    Audit { None = "none", Denied = "denied", All = "all" }
}
