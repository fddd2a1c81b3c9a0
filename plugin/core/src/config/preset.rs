//! Presets fill in what the configuration leaves out and change nothing it says. [`known`] has what each of them knows.

mod entra;
mod known;

use super::findings::{At, Findings};
use super::raw;
use super::raw::{ClaimSource, Claims, Discovery, Issuer, Keys, List, Nullable, Preset, Source};
use crate::json::RawJson;
pub(super) use entra::is_cloud as is_entra_cloud;
use known::known;

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
        let twin = (preset == Preset::Entra).then(|| entra::twin(&name)).flatten();
        let aliases: List<String> = fixed.chain(twin).map(Some).collect();
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
    if claims.groups.is_none() && !known.groups.is_empty() {
        claims.groups = Some(known.groups.iter().map(|entry| Some(names_entry(entry))).collect());
    }
    if claims.scopes.is_none() && !known.scopes.is_empty() {
        claims.scopes = Some(known.scopes.iter().map(|at| Some(names_entry(&("", at)))).collect());
    }
    fill_list(&mut claims.client, known.client);
    if let Some((claim, value)) = known.access_token {
        let rules = issuer.require.get_or_insert_default();
        // Only a rule about this very claim replaces it: rules about others are not meant to let ID tokens in.
        if !rules.iter().flatten().any(|rule| rule.is_about(claim)) {
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
        Preset::Entra
            if issuer.keys.as_ref().is_some_and(|keys| keys.jwks_uri == Some(entra::keys(name)))
                && entra::lacks_policy(name) =>
        {
            findings.warn(
                &at.field("keys"),
                "each policy of B2C signs with keys of its own; say jwks_uri or discovery with the policy in it",
            );
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

fn names_entry((prefix, at): &(&str, &str)) -> Source {
    let prefix = (!prefix.is_empty()).then(|| (*prefix).to_owned());
    Source::Object(ClaimSource { at: Some((*at).to_owned()), prefix, ..ClaimSource::default() })
}

fn fill_list<T: From<&'static str>>(own: &mut Option<List<T>>, known: &[&'static str]) {
    if own.is_none() && !known.is_empty() {
        *own = Some(known.iter().map(|text| Some((*text).into())).collect());
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
