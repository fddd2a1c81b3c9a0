//! Identity providers as they are written, see [`super::raw`].

use super::raw::{List, Preset};
use super::shapes::{Audiences, Discovery, Nullable, Ordered, Unmapped};
use super::units::{Size, Span};
use crate::json::RawJson;
use serde::Deserialize;

/// An identity provider.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Issuer {
    /// Its name in routes, metrics and logs: 1 to 32 of a-z, 0-9, `_` and `-`; unique.
    pub(super) name: Option<String>,
    /// What is known of a provider fills in what this entry leaves out. Default: "generic".
    pub(super) preset: Option<Preset>,
    /// false: as if absent, but still checked. Default: true.
    pub(super) enabled: Option<bool>,
    /// Compared with the token's iss byte for byte. `{tenantid}` stands for a GUID that must equal the token's tid.
    pub(super) issuer: Option<String>,
    /// Other values of iss of the same provider.
    pub(super) aliases: Option<List<String>>,
    /// A SPIFFE trust domain: tokens without iss whose sub is in it belong to this issuer.
    pub(super) trust_domain: Option<String>,
    /// Where its keys are: exactly one of inline, jwks_uri and discovery.
    pub(super) keys: Option<Keys>,
    /// What its tokens may be signed with. HS256, HS384 and HS512 only with inline keys. Default: all asymmetric ones.
    pub(super) algorithms: Option<List<String>>,
    /// At least one of these must be in aud; or "any". Required unless clients or resource_claim binds the token.
    pub(super) audiences: Option<Audiences>,
    /// The client that the token was issued to must be one of these.
    pub(super) clients: Option<List<String>>,
    /// Another claim that binds tokens to this service.
    pub(super) resource_claim: Option<ResourceClaim>,
    /// Accepted typ of the JOSE header, without regard to case and `application/`; null is its absence. Default:
    /// ["at+jwt", "JWT", null].
    pub(super) types: Option<List<Nullable<String>>>,
    /// Claims that must be present, by address. Default: ["exp"].
    pub(super) required_claims: Option<List<String>>,
    /// The longest time since iat, which becomes required. Default: none.
    pub(super) max_token_age: Option<Span>,
    /// The longest time from iat to exp. Default: none.
    pub(super) max_lifetime: Option<Span>,
    /// Where things are in its tokens.
    pub(super) claims: Option<Claims>,
    /// Rules that must all hold.
    pub(super) require: Option<List<ClaimRule>>,
    /// From its groups to yours.
    pub(super) groups: Option<Groups>,
}

/// Where an issuer's keys are: exactly one of inline, jwks_uri and discovery.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// A JSON Web Key Set.
    pub(super) inline: Option<RawJson>,
    /// The https address of the key set.
    pub(super) jwks_uri: Option<String>,
    /// The https address of the OpenID configuration; true derives it from the issuer.
    pub(super) discovery: Option<Discovery>,
    /// Who to ask, as the host calls it: in Envoy the name of a cluster.
    pub(super) cluster: Option<String>,
    /// Who to ask for the keys, where discovery finds them elsewhere. Default: cluster.
    pub(super) jwks_cluster: Option<String>,
    /// Hosts that the discovered jwks_uri may name. Default: the host of the discovery document.
    pub(super) jwks_hosts: Option<List<String>>,
    /// How long keys are used before they are fetched again. 1s to 7d. Default: "10m".
    pub(super) ttl: Option<Span>,
    /// How long keys are used at most when fetching fails, from when they were fetched. Default: "24h".
    pub(super) max_stale: Option<Span>,
    /// How long a fetch may take. Default: "5s".
    pub(super) timeout: Option<Span>,
    /// The least time between two fetches because of unknown kids. Default: "30s".
    pub(super) unknown_kid_cooldown: Option<Span>,
    /// The longest answer that is read. Default: "256KiB".
    pub(super) max_bytes: Option<Size>,
    /// Whether http is accepted. Default: false.
    pub(super) allow_insecure: Option<bool>,
}

/// Another claim that binds tokens to this service.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceClaim {
    /// Its address.
    pub(super) claim: Option<String>,
    /// Accepted values.
    pub(super) any_of: Option<List<String>>,
}

/// Where things are in a token: for each attribute a list of claim addresses. For groups and scopes all of them count,
/// otherwise the first that is present.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    /// Who. Default: ["sub"].
    pub(super) subject: Option<List<String>>,
    /// The name they go by. Default: ["preferred_username", "username", "email"].
    pub(super) username: Option<List<String>>,
    /// Their mail address. Default: ["email"].
    pub(super) email: Option<List<String>>,
    /// The groups they are in. Default: ["groups"].
    pub(super) groups: Option<List<String>>,
    /// What was consented to; a string is split on spaces. Default: ["scope", "scp", "scopes"].
    pub(super) scopes: Option<List<String>>,
    /// The client that the token was issued to. Default: ["client_id", "azp", "appid", "cid"].
    pub(super) client: Option<List<String>>,
}

/// A rule about a claim: its address and exactly one test. On an absent claim every test fails but `present: false`
/// and `not_equals`.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimRule {
    /// The address of the claim.
    pub(super) claim: Option<String>,
    /// It is this value, of the same type.
    pub(super) equals: Option<RawJson>,
    /// It is not this value, or absent.
    pub(super) not_equals: Option<RawJson>,
    /// It is one of these.
    #[serde(rename = "in")]
    pub(super) one_of: Option<List<RawJson>>,
    /// A list that has this element, or a string that has this part.
    pub(super) contains: Option<RawJson>,
    /// A list that has one of these elements.
    pub(super) contains_any: Option<List<RawJson>>,
    /// A list that has all of these elements.
    pub(super) contains_all: Option<List<RawJson>>,
    /// A string that starts so.
    pub(super) prefix: Option<String>,
    /// A string that ends so.
    pub(super) suffix: Option<String>,
    /// It is there, or it is not.
    pub(super) present: Option<bool>,
    /// A number greater than this.
    pub(super) gt: Option<RawJson>,
    /// A number not less than this.
    pub(super) gte: Option<RawJson>,
    /// A number less than this.
    pub(super) lt: Option<RawJson>,
    /// A number not greater than this.
    pub(super) lte: Option<RawJson>,
}

/// From an issuer's groups to yours.
#[derive(Deserialize, Default, Debug)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Groups {
    /// The provider's group, or a pattern with one `*`, to your groups.
    pub(super) map: Option<Ordered<List<String>>>,
    /// What becomes of a group that nothing maps. Default: "drop".
    pub(super) unmapped: Option<Unmapped>,
    /// Groups of tokens that carry none; never given when the provider says there are too many to list.
    pub(super) default: Option<List<String>>,
}
