//! What each preset knows of its provider, as data.

use super::entra;
use crate::config::raw::Preset;

/// What a preset fills in. Empty means: the general default.
pub(super) struct Known {
    pub(super) issuer: Option<&'static str>,
    pub(super) aliases: &'static [&'static str],
    /// The address of its keys, derived from the issuer's name.
    pub(super) keys: Option<fn(&str) -> String>,
    pub(super) algorithms: &'static [&'static str],
    pub(super) types: &'static [Option<&'static str>],
    pub(super) subject: &'static [&'static str],
    pub(super) username: &'static [&'static str],
    /// Prefix and address of each claim that lists groups. No two claims share a prefix.
    pub(super) groups: &'static [(&'static str, &'static str)],
    pub(super) scopes: &'static [&'static str],
    pub(super) client: &'static [&'static str],
    /// A claim that tells access tokens from the provider's other tokens, and its value as JSON.
    pub(super) access_token: Option<(&'static str, &'static str)>,
}

const UNKNOWN: Known = Known {
    issuer: None,
    aliases: &[],
    keys: None,
    algorithms: &[],
    types: &[],
    subject: &[],
    username: &[],
    groups: &[],
    scopes: &[],
    client: &[],
    access_token: None,
};

const RSA: &[&str] = &["RS256", "RS384", "RS512"];
const RSA_AND_EC: &[&str] = &["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

pub(super) fn known(preset: Preset) -> &'static Known {
    match preset {
        Preset::Generic => &UNKNOWN,
        // Access tokens have no aud unless a resource is bound to them: the client binds them, and token_use keeps ID tokens out.
        Preset::Cognito => &Known {
            keys: Some(|issuer| below(issuer, "/.well-known/jwks.json")),
            algorithms: &["RS256"],
            username: &["username", "cognito:username", "email"],
            groups: &[("", "cognito:groups")],
            scopes: &["scope"],
            client: &["client_id"],
            access_token: Some(("token_use", "\"access\"")),
            ..UNKNOWN
        },
        // sub is the login name and may change; uid stays. Tokens of clients have no uid.
        Preset::Okta => &Known {
            keys: Some(|issuer| below(issuer, "/v1/keys")),
            algorithms: &["RS256"],
            subject: &["uid", "sub"],
            username: &["sub"],
            groups: &[("", "groups")],
            scopes: &["scp"],
            client: &["cid"],
            ..UNKNOWN
        },
        // sub is pairwise; oid is the same for all applications of the tenant. JWKs have no alg.
        Preset::Entra => &Known {
            keys: Some(entra::keys),
            algorithms: &["RS256"],
            types: &[Some("JWT"), Some("at+jwt")],
            subject: &["oid", "sub"],
            username: &["preferred_username", "upn", "unique_name"],
            groups: &[("", "groups"), ("role:", "roles")],
            scopes: &["scp"],
            client: &["azp", "appid"],
            ..UNKNOWN
        },
        Preset::Auth0 => &Known {
            keys: Some(|issuer| below(issuer, "/.well-known/jwks.json")),
            algorithms: &["RS256", "PS256"],
            types: &[Some("at+jwt"), Some("JWT")],
            username: &["nickname", "email"],
            scopes: &["scope", "permissions"],
            client: &["azp", "client_id"],
            ..UNKNOWN
        },
        Preset::Google => &Known {
            issuer: Some("https://accounts.google.com"),
            aliases: &["accounts.google.com"],
            keys: Some(|_| "https://www.googleapis.com/oauth2/v3/certs".to_owned()),
            algorithms: &["RS256"],
            types: &[Some("JWT")],
            username: &["email"],
            client: &["azp"],
            ..UNKNOWN
        },
        // The realm's own tokens say what they are in a claim that is also called typ.
        Preset::Keycloak => &Known {
            keys: Some(|issuer| below(issuer, "/protocol/openid-connect/certs")),
            username: &["preferred_username"],
            groups: &[("", "groups"), ("role:", "$.realm_access.roles")],
            scopes: &["scope"],
            client: &["azp", "client_id"],
            access_token: Some(("typ", "\"Bearer\"")),
            ..UNKNOWN
        },
        Preset::Ping => &Known {
            keys: Some(|issuer| below(issuer, "/jwks")),
            scopes: &["scope"],
            client: &["client_id"],
            ..UNKNOWN
        },
        Preset::Kubernetes => &Known {
            keys: Some(|issuer| below(issuer, "/openid/v1/jwks")),
            algorithms: RSA_AND_EC,
            username: &["$['kubernetes.io']['serviceaccount']['name']"],
            groups: &[("", "$['kubernetes.io']['namespace']")],
            ..UNKNOWN
        },
        Preset::AwsSts => &Known {
            keys: Some(|issuer| below(issuer, "/.well-known/jwks.json")),
            algorithms: &["RS256", "ES384"],
            groups: &[("", "$['https://sts.amazonaws.com/']['aws_account']")],
            ..UNKNOWN
        },
        // sub is spelled differently for old and new repositories; the ids are not. Owners and repositories are numbered
        // separately, so the same number names one of each.
        Preset::GithubActions => &Known {
            issuer: Some("https://token.actions.githubusercontent.com"),
            keys: Some(|issuer| below(issuer, "/.well-known/jwks")),
            algorithms: &["RS256"],
            username: &["repository"],
            groups: &[("owner:", "repository_owner_id"), ("repo:", "repository_id")],
            ..UNKNOWN
        },
        // groups_direct lists the groups of the user who triggered the pipeline, in any project.
        Preset::Gitlab => &Known {
            keys: Some(|issuer| below(issuer, "/oauth/discovery/keys")),
            algorithms: &["RS256"],
            username: &["user_login"],
            groups: &[("", "project_path")],
            ..UNKNOWN
        },
        // JWT-SVIDs: typ is absent, JWT or JOSE, and iss may be missing.
        Preset::Spiffe => &Known {
            keys: Some(|issuer| below(issuer, "/keys")),
            algorithms: &["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"],
            types: &[None, Some("JWT"), Some("JOSE")],
            username: &["sub"],
            ..UNKNOWN
        },
        // The issuer is a plain string, so the keys' address cannot be derived from it.
        Preset::Thunder => {
            &Known { issuer: Some("thunder"), algorithms: RSA, scopes: &["scope"], client: &["client_id"], ..UNKNOWN }
        }
        Preset::Asgardeo => &Known {
            keys: Some(|issuer| format!("{}jwks", issuer.strip_suffix("token").unwrap_or(issuer))),
            algorithms: RSA,
            types: &[Some("at+jwt"), Some("JWT")],
            groups: &[("", "groups"), ("role:", "roles")],
            scopes: &["scope"],
            client: &["client_id", "azp"],
            ..UNKNOWN
        },
    }
}

fn below(issuer: &str, path: &str) -> String {
    format!("{}{path}", issuer.strip_suffix('/').unwrap_or(issuer))
}
