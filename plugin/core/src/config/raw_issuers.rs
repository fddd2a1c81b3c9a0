//! Identity providers as they are written, see [`super::raw`].

use super::declare::{objects, written};
use super::raw::{List, Preset, Take, UnverifiedEmail};
use super::shapes::{Audiences, Discovery, Nullable, Ordered, Source, Unmapped};
use super::units::{Size, Span};
use crate::json::RawJson;

objects! {
    /// An identity provider.
    Issuer {
        /// Its name in routes, metrics and logs: 1 to 32 of a-z, 0-9, `_` and `-`; unique.
        name: String,
        /// What is known of a provider fills in what this entry leaves out. Default: "generic".
        preset: Preset,
        /// false: as if absent, but still checked. Default: true.
        enabled: bool,
        /// true: everybody with a token of a provider that serves the whole world is meant. Default: false.
        anyone: bool,
        /// Compared with the token's iss byte for byte. `{tenantid}` stands for a GUID that must equal the token's tid.
        issuer: String,
        /// Other values of iss of the same provider.
        aliases: List<String>,
        /// A SPIFFE trust domain: tokens without iss whose sub is in it belong to this issuer.
        trust_domain: String,
        /// Where its keys are: exactly one of inline, jwks_uri and discovery.
        keys: Keys,
        /// What its tokens may be signed with. HS256, HS384 and HS512 only with inline keys. Default: all asymmetric
        /// ones.
        algorithms: List<String>,
        /// At least one of these must be in aud; or "any". Required unless clients or resource_claim binds the token.
        audiences: Audiences,
        /// The client that the token was issued to must be one of these.
        clients: List<String>,
        /// Another claim that binds tokens to this service.
        resource_claim: ResourceClaim,
        /// Accepted typ of the JOSE header, without regard to case and `application/`; null is its absence. Default:
        /// ["at+jwt", "JWT", null].
        types: List<Nullable<String>>,
        /// Claims that must be present, by address. Default: ["exp"].
        required_claims: List<String>,
        /// The longest time since iat, which becomes required. Default: none.
        max_token_age: Span,
        /// The longest time from iat to exp. Default: none.
        max_lifetime: Span,
        /// Where things are in its tokens.
        claims: Claims,
        /// Whether a mail address is left out of subject, username and email where the token says `email_verified: false`.
        /// Default: "drop".
        unverified_email: UnverifiedEmail,
        /// Rules that must all hold.
        require: List<ClaimRule>,
        /// From its groups to yours.
        groups: Groups,
    }

    /// Where an issuer's keys are: exactly one of inline, jwks_uri and discovery.
    Keys {
        /// A JSON Web Key Set.
        inline: RawJson,
        /// The https address of the key set.
        jwks_uri: String,
        /// The https address of the OpenID configuration; true derives it from the issuer.
        discovery: Discovery,
        /// Who to ask, as the host calls it: in Envoy the name of a cluster.
        cluster: String,
        /// Who to ask for the keys, where discovery finds them elsewhere. Default: cluster.
        jwks_cluster: String,
        /// Hosts that the discovered jwks_uri may name. Default: the host of the discovery document.
        jwks_hosts: List<String>,
        /// How long keys are used before they are fetched again. 1s to 7d. Default: "10m".
        ttl: Span,
        /// How long keys are used at most when fetching fails, from when they were fetched. Default: "24h".
        max_stale: Span,
        /// How long a fetch may take. Default: "5s".
        timeout: Span,
        /// The least time between two fetches because of unknown kids. Default: "30s".
        unknown_kid_cooldown: Span,
        /// The longest answer that is read. Default: "256KiB".
        max_bytes: Size,
        /// Whether http is accepted. Default: false.
        allow_insecure: bool,
    }

    /// Another claim that binds tokens to this service.
    ResourceClaim {
        /// Its address.
        claim: String,
        /// Accepted values.
        any_of: List<String>,
    }

    /// Where things are in a token: for each attribute a list of claim addresses. For groups and scopes all of them
    /// count, otherwise the first that is neither null nor an empty string.
    Claims {
        /// Who. Default: ["sub"].
        subject: List<String>,
        /// The name they go by. Default: ["preferred_username", "username", "email"].
        username: List<String>,
        /// Their mail address. Default: ["email"].
        email: List<String>,
        /// The groups they are in. Default: ["groups"].
        groups: List<Source>,
        /// What was consented to; a string is split on spaces. Default: ["scope", "scp", "scopes"].
        scopes: List<Source>,
        /// The client that the token was issued to. Default: ["client_id", "azp", "appid", "cid"].
        client: List<String>,
    }

    /// A claim that holds groups or scopes.
    ClaimSource {
        /// Its address.
        at: String,
        /// names: the member names of an object. Default: a string, or the strings and numbers of a list.
        take: Take,
        /// Takes a string apart at this one character, without the blanks around the parts.
        split: String,
        /// Put in front of each name, so that names of two claims stay apart. Default: "".
        prefix: String,
    }

    /// A rule about a claim: its address and exactly one test; or any, or not. On an absent claim every test fails but
    /// `present: false`, `not_equals` and `not_in`.
    ClaimRule {
        /// The address of the claim.
        claim: String,
        /// It is this value, of the same type.
        equals: RawJson,
        /// It is not this value, or absent.
        not_equals: RawJson,
        /// It is one of these.
        one_of as "in": List<RawJson>,
        /// It is none of these, or absent.
        not_in: List<RawJson>,
        /// A list that has this element, or a string that has this part.
        contains: RawJson,
        /// A list that has one of these elements.
        contains_any: List<RawJson>,
        /// A list that has all of these elements.
        contains_all: List<RawJson>,
        /// A string that starts so.
        prefix: String,
        /// A string that ends so.
        suffix: String,
        /// It is there, or it is not.
        present: bool,
        /// A number greater than this.
        gt: RawJson,
        /// A number not less than this.
        gte: RawJson,
        /// A number less than this.
        lt: RawJson,
        /// A number not greater than this.
        lte: RawJson,
        /// One of these rules holds. Stands alone, without claim.
        any: List<ClaimRule>,
        /// This rule does not hold. Stands alone, without claim.
        not: Box<ClaimRule>,
    }

    /// From an issuer's groups to yours.
    Groups {
        /// The provider's group, or a pattern with one `*`, to your groups.
        map: Ordered<List<String>>,
        /// What becomes of a group that nothing maps. Default: "drop".
        unmapped: Unmapped,
        /// Groups of tokens that carry none; never given when the provider says there are too many to list.
        default: List<String>,
        /// Whether the provider's groups are compared without ASCII case. Default: false.
        ignore_case: bool,
        /// Groups that follow from other claims.
        grant: List<Grant>,
    }

    /// Groups for tokens whose claims meet every rule.
    Grant {
        /// Rules that must all hold.
        when: List<ClaimRule>,
        /// Your groups.
        groups: List<String>,
    }
}

impl ClaimRule {
    /// Whether the rule is about that claim and no other.
    pub(super) fn is_about(&self, claim: &str) -> bool {
        let mut nested = self.any.iter().flatten().flatten().chain(self.not.as_deref()).peekable();
        self.claim.as_deref() == Some(claim) || nested.peek().is_some() && nested.all(|rule| rule.is_about(claim))
    }
}
