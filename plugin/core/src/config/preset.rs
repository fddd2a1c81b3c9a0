//! What is known of providers. A preset fills in what the configuration leaves out and changes nothing it says.

use super::findings::{At, Findings};
use super::raw;
use super::raw::{Claims, Discovery, Issuer, Keys, List, Nullable, Preset};
use crate::json::RawJson;

/// What a preset fills in. Empty means: the general default.
struct Known {
    issuer: Option<&'static str>,
    aliases: &'static [&'static str],
    /// From the issuer's name to the address of its keys.
    keys: Option<fn(&str) -> String>,
    algorithms: &'static [&'static str],
    types: &'static [Option<&'static str>],
    subject: &'static [&'static str],
    username: &'static [&'static str],
    groups: &'static [&'static str],
    scopes: &'static [&'static str],
    client: &'static [&'static str],
    /// A claim that tells access tokens from the provider's other tokens, and its value as JSON.
    access_token: Option<(&'static str, &'static str)>,
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

/// Fills in what the preset knows and the configuration leaves out.
pub(super) fn fill(issuer: &mut Issuer, findings: &mut Findings, at: &At<'_>) {
    let preset = issuer.preset.unwrap_or(Preset::Generic);
    let known = known(preset);
    if issuer.issuer.is_none() {
        issuer.issuer = known.issuer.map(str::to_owned);
    }
    let name = issuer.issuer.clone().unwrap_or_default();
    if issuer.aliases.is_none() {
        let fixed = known.aliases.iter().map(|alias| (*alias).to_owned());
        let aliases: List<String> = fixed.chain(entra_alias(preset, &name)).map(Some).collect();
        issuer.aliases = (!aliases.is_empty()).then_some(aliases);
    }
    if let (Some(keys), Some(location)) = (&mut issuer.keys, known.keys) {
        fill_location(keys, &location(&name));
    }
    fill_list(&mut issuer.algorithms, known.algorithms);
    if issuer.types.is_none() && !known.types.is_empty() {
        issuer.types = Some(known.types.iter().map(|typ| Some(Nullable(typ.map(str::to_owned)))).collect());
    }
    let claims = issuer.claims.get_or_insert_with(Claims::default);
    fill_list(&mut claims.subject, known.subject);
    fill_list(&mut claims.username, known.username);
    fill_list(&mut claims.groups, known.groups);
    fill_list(&mut claims.scopes, known.scopes);
    fill_list(&mut claims.client, known.client);
    if let Some((claim, value)) = known.access_token {
        let rules = issuer.require.get_or_insert_default();
        // Only a rule about this very claim replaces it: rules about others are not meant to let ID tokens in.
        if !rules.iter().flatten().any(|rule| rule.claim.as_deref() == Some(claim)) {
            let equals = Some(RawJson(value.to_owned()));
            rules.push(Some(raw::ClaimRule { claim: Some(claim.to_owned()), equals, ..raw::ClaimRule::default() }));
        }
    }
    if preset == Preset::Spiffe && issuer.trust_domain.is_none() {
        issuer.trust_domain = name.strip_prefix("spiffe://").map(str::to_owned);
    }
    advise(preset, issuer, &name, findings, at);
}

/// What users of a provider get wrong.
fn advise(preset: Preset, issuer: &Issuer, name: &str, findings: &mut Findings, at: &At<'_>) {
    let audience = |wanted: &str| matches!(&issuer.audiences, Some(raw::Audiences::AnyOf(list)) if list.iter().flatten().any(|own| own == wanted));
    match preset {
        Preset::Keycloak if audience("account") => {
            findings.mistake(
                &at.field("audiences"),
                "every token of a Keycloak realm has the audience \"account\"; add an audience mapper",
            );
        }
        Preset::Entra
            if audience("00000003-0000-0000-c000-000000000000") || audience("https://graph.microsoft.com") =>
        {
            findings
                .mistake(&at.field("audiences"), "only Microsoft Graph can verify tokens issued for Microsoft Graph");
        }
        Preset::Auth0 if !name.ends_with('/') => {
            findings.warn(&at.field("issuer"), "the issuer of an Auth0 tenant ends with `/`");
        }
        Preset::Okta if !name.contains("/oauth2/") => {
            findings.warn(
                &at.field("issuer"),
                "access tokens of Okta's org authorization server can be verified by Okta alone",
            );
        }
        _ => {}
    }
}

fn fill_list(own: &mut Option<List<String>>, known: &[&str]) {
    if own.is_none() && !known.is_empty() {
        *own = Some(known.iter().map(|text| Some((*text).to_owned())).collect());
    }
}

fn fill_location(keys: &mut Keys, location: &str) {
    let said = keys.inline.is_some()
        || keys.jwks_uri.is_some()
        || matches!(keys.discovery, Some(Discovery::FromIssuer(_) | Discovery::Url(_)));
    if !said {
        keys.jwks_uri = Some(location.to_owned());
    }
}

/// The version of a token is the API's choice and not the endpoint's, so both issuers of a tenant are the tenant.
fn entra_alias(preset: Preset, name: &str) -> Option<String> {
    let (v1, v2) = (("https://sts.windows.net/", "/"), ("https://login.microsoftonline.com/", "/v2.0"));
    let tenant_of = |(before, behind): (&str, &str)| name.strip_prefix(before)?.strip_suffix(behind).map(str::to_owned);
    let named = |(before, behind): (&str, &str), tenant: String| format!("{before}{tenant}{behind}");
    if preset != Preset::Entra {
        return None;
    }
    tenant_of(v2).map(|tenant| named(v1, tenant)).or_else(|| tenant_of(v1).map(|tenant| named(v2, tenant)))
}

fn below(issuer: &str, path: &str) -> String {
    format!("{}{path}", issuer.strip_suffix('/').unwrap_or(issuer))
}

const RSA: &[&str] = &["RS256", "RS384", "RS512"];
const RSA_AND_EC: &[&str] = &["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];

fn known(preset: Preset) -> &'static Known {
    match preset {
        Preset::Generic => &UNKNOWN,
        // Access tokens have no aud unless a resource is bound to them: the client binds them, and token_use keeps ID tokens out.
        Preset::Cognito => &Known {
            keys: Some(|issuer| below(issuer, "/.well-known/jwks.json")),
            algorithms: &["RS256"],
            username: &["username", "cognito:username", "email"],
            groups: &["cognito:groups"],
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
            groups: &["groups"],
            scopes: &["scp"],
            client: &["cid"],
            ..UNKNOWN
        },
        // sub is pairwise; oid is the same for all applications of the tenant. JWKs have no alg.
        Preset::Entra => &Known {
            keys: Some(|issuer| {
                let tenant = issuer.split('/').nth(3).filter(|tenant| !tenant.starts_with('{')).unwrap_or("common");
                format!("https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys")
            }),
            algorithms: &["RS256"],
            types: &[Some("JWT"), Some("at+jwt")],
            subject: &["oid", "sub"],
            username: &["preferred_username", "upn", "unique_name"],
            groups: &["groups", "roles"],
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
            groups: &["groups", "$.realm_access.roles"],
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
            groups: &["$['kubernetes.io']['namespace']"],
            ..UNKNOWN
        },
        Preset::AwsSts => &Known {
            keys: Some(|issuer| below(issuer, "/.well-known/jwks.json")),
            algorithms: &["RS256", "ES384"],
            groups: &["$['https://sts.amazonaws.com/']['aws_account']"],
            ..UNKNOWN
        },
        // sub is spelled differently for old and new repositories; the ids are not.
        Preset::GithubActions => &Known {
            issuer: Some("https://token.actions.githubusercontent.com"),
            keys: Some(|issuer| below(issuer, "/.well-known/jwks")),
            algorithms: &["RS256"],
            username: &["repository"],
            groups: &["repository_owner_id", "repository_id"],
            ..UNKNOWN
        },
        Preset::Gitlab => &Known {
            keys: Some(|issuer| below(issuer, "/oauth/discovery/keys")),
            algorithms: &["RS256"],
            username: &["user_login"],
            groups: &["groups_direct", "project_path"],
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
            groups: &["groups", "roles"],
            scopes: &["scope"],
            client: &["client_id", "azp"],
            ..UNKNOWN
        },
    }
}
