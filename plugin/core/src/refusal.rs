//! Every way to refuse a request, and the only place that turns reasons into responses: status codes, challenges
//! (RFC 6750 section 3, RFC 9470, RFC 9728 section 5.1), metric labels and sentences live here and nowhere else.

mod response;

pub use response::{ErrorDetail, Occasion, Response};

use std::time::Duration;

/// A refused request.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// Why.
    pub reason: Reason,
    /// When it may be worth trying again, where that is known.
    pub retry_after: Option<Duration>,
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self { reason, retry_after: None }
    }
}

/// Whose fault it is, and so what the client is told.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Class {
    /// Nothing was presented: 401 without an error code.
    NoCredential,
    /// The request is not well-formed: 400.
    InvalidRequest,
    /// The token is not valid: 401.
    InvalidToken,
    /// The token is valid and not enough: 403.
    InsufficientScope,
    /// The user must authenticate again or better: 401 (RFC 9470).
    StepUp,
    /// The route is closed to everybody: 403.
    Denied,
    /// Not the client's fault: 503.
    Unavailable,
}

macro_rules! reasons {
    ($($variant:ident $label:literal $class:ident $sentence:literal)*) => {
        /// Why a request was refused. One variant a cause; label and sentence are the same in metrics, logs, `explain`
        /// and, where the configuration says so, in the response.
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Reason {
            $(#[doc = $sentence] $variant,)*
        }

        impl Reason {
            /// Every reason there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name in metrics and logs.
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }

            /// What it means, in one sentence.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$variant => $sentence,)* }
            }

            /// What the client is told.
            pub fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }
        }
    };
}

reasons! {
    NoCredential "no_credential" NoCredential "The request carries no token and the route requires one."
    CredentialMalformed "credential_malformed" InvalidRequest "The header, cookie or parameter for the token does not hold exactly one."
    CredentialsConflict "credentials_conflict" InvalidRequest "The request carries more than one token."
    ManagedHeader "managed_header" InvalidRequest "The request carries an identity header, and this host cannot be relied on to remove it."
    HeadersUnreadable "headers_unreadable" InvalidRequest "The host did not hand over the request's headers whole."
    TokenTooLarge "token_too_large" InvalidToken "The token is longer than the configured limit."
    TokenMalformed "token_malformed" InvalidToken "The token is not a JWS in compact serialization."
    TokenEncrypted "token_encrypted" InvalidToken "The token is encrypted (JWE); only signed tokens can be verified."
    HeaderMalformed "header_malformed" InvalidToken "The token's JOSE header is not sound JSON of the right shape."
    HeaderUnsupported "header_unsupported" InvalidToken "The token's JOSE header demands an extension that is not supported (crit, b64, zip, nested cty)."
    AlgorithmUnknown "algorithm_unknown" InvalidToken "The token's algorithm is not supported."
    ClaimsMalformed "claims_malformed" InvalidToken "The token's payload is not a sound JSON object."
    IssuerMalformed "issuer_malformed" InvalidToken "The token's iss is missing or not a string."
    IssuerUnknown "issuer_unknown" InvalidToken "The token's issuer is not one of those configured."
    IssuerNotAccepted "issuer_not_accepted" InvalidToken "The route does not accept tokens of this issuer."
    TenantMismatch "tenant_mismatch" InvalidToken "The tenant in the token's iss is not the one in its tid."
    GraphToken "graph_token" InvalidToken "The token was issued for Microsoft Graph, which alone can verify it; ask for one with this API's audience."
    AlgorithmNotAllowed "algorithm_not_allowed" InvalidToken "The token's algorithm is not allowed for its issuer."
    KeyUnknown "key_unknown" InvalidToken "The issuer's current key set has no such key."
    KeyUnfit "key_unfit" InvalidToken "The key named by the token does not fit its algorithm or issuer."
    KeyAmbiguous "key_ambiguous" InvalidToken "The token names no key and too many keys fit."
    SignatureInvalid "signature_invalid" InvalidToken "The token's signature does not verify."
    TypeNotAllowed "type_not_allowed" InvalidToken "The token's typ is not one the issuer's access tokens have."
    ClaimMissing "claim_missing" InvalidToken "The token lacks a required claim."
    ClaimMalformed "claim_malformed" InvalidToken "A claim of the token has the wrong type."
    TokenExpired "token_expired" InvalidToken "The token has expired."
    TokenNotYetValid "token_not_yet_valid" InvalidToken "The token is not valid yet."
    TokenFromFuture "token_from_future" InvalidToken "The token was issued in the future."
    TokenTooOld "token_too_old" InvalidToken "The token was issued longer ago than the issuer's max_token_age."
    TokenContradictory "token_contradictory" InvalidToken "The token expires before it was issued or becomes valid."
    LifetimeTooLong "lifetime_too_long" InvalidToken "The token lives longer than the issuer's max_lifetime."
    AudienceMismatch "audience_mismatch" InvalidToken "The token is not meant for this service."
    ClientNotAllowed "client_not_allowed" InvalidToken "The token's client is not one of those allowed."
    ResourceMismatch "resource_mismatch" InvalidToken "The token is not bound to this resource."
    ClaimRuleFailed "claim_rule_failed" InvalidToken "A claim of the token breaks a rule of its issuer."
    BindingNotProven "binding_not_proven" InvalidToken "The token is bound to a key (cnf) and was presented as a plain bearer token."
    SubjectForeign "subject_foreign" InvalidToken "The token's subject is outside its issuer's trust domain."
    SubjectMissing "subject_missing" InvalidToken "The token has no subject."
    ScopeMissing "scope_missing" InsufficientScope "The token lacks a scope that the route requires."
    GroupMissing "group_missing" InsufficientScope "The caller is in none of the groups that the route requires."
    RouteRuleFailed "route_rule_failed" InsufficientScope "A claim of the token breaks a rule of the route."
    TooManyGroups "too_many_groups" InsufficientScope "The token lists more groups than the configured limit."
    IdentityTooLarge "identity_too_large" InsufficientScope "The identity headers together would exceed 16 KiB."
    StepUpRequired "step_up_required" StepUp "The route requires a stronger or more recent authentication."
    RouteDenied "route_denied" Denied "The route is closed."
    RouteChanged "route_changed" Denied "The request carries headers that only the filter may set, and the host chose its rule with them."
    KeysUnavailable "keys_unavailable" Unavailable "The issuer's keys could not be had."
    TooManyWaiting "too_many_waiting" Unavailable "Too many requests are waiting for keys already."
    ClockUnavailable "clock_unavailable" Unavailable "The host has no clock, so no token can be judged."
    Internal "internal" Unavailable "The filter could not do its work."
}

#[cfg(test)]
mod tests;
