//! Issuers, as they apply.

use super::{addresses, array, claim_rule, flag, pattern_text, patterns, span, texts};
use crate::groups::{Grant, GroupMap, NameSource, Take, Unmapped};
use crate::issuer::{Audiences, Issuer, KeySource, UnverifiedEmail};
use crate::json::Object;
use crate::jwks::{Location, Remote};

pub(super) fn issuer(issuer: &Issuer) -> String {
    let mut out = Object::new().text("name", &issuer.name);
    if issuer.entra {
        out = out.text("preset", "entra");
    }
    if issuer.anyone {
        out = out.raw("anyone", "true");
    }
    out = out.text("issuer", &issuer.issuer).texts("aliases", texts(&issuer.aliases));
    out = out.maybe_text("trust_domain", issuer.trust_domain.as_deref());
    out = out.raw("keys", &keys(&issuer.keys));
    out = out.texts("algorithms", issuer.algorithms().iter().map(|algorithm| algorithm.name()));
    out = match &issuer.audiences {
        Audiences::Any => out.text("audiences", "any"),
        Audiences::AnyOf(list) => out.texts("audiences", texts(list)),
    };
    if let Some(clients) = &issuer.clients {
        out = out.texts("clients", texts(clients));
    }
    if let Some((claim, accepted)) = &issuer.resource_claim {
        let claim = Object::new().text("claim", claim.text()).texts("any_of", texts(accepted)).finish();
        out = out.raw("resource_claim", &claim);
    }
    out = out.raw("types", &types(&issuer.types)).texts("required_claims", addresses(&issuer.required_claims));
    for (name, limit) in [("max_token_age", issuer.max_token_age), ("max_lifetime", issuer.max_lifetime)] {
        out = out.maybe_text(name, limit.map(span).as_deref());
    }
    let claims = [
        ("subject", &issuer.claims.subject),
        ("username", &issuer.claims.username),
        ("email", &issuer.claims.email),
        ("client", &issuer.claims.client),
    ];
    let claims = claims.into_iter().fold(Object::new(), |out, (name, list)| out.texts(name, addresses(list)));
    let names = [("groups", &issuer.claims.groups), ("scopes", &issuer.claims.scopes)];
    let claims = names.into_iter().fold(claims, |out, (name, list)| out.list(name, list.iter().map(name_source)));
    let keeps = issuer.unverified_email == UnverifiedEmail::Keep;
    out.raw("claims", &claims.finish())
        .text("unverified_email", if keeps { "keep" } else { "drop" })
        .list("require", issuer.require.iter().map(claim_rule))
        .raw("groups", &group_map(&issuer.groups))
        .finish()
}

/// An address alone where there is nothing else to say.
/// A string on its own.
fn text(text: &str) -> String {
    let list = array(std::iter::once(text));
    list.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or_default().to_owned()
}

fn types(types: &[Option<String>]) -> String {
    let one = |typ: &Option<String>| match typ {
        Some(typ) => text(typ),
        None => "null".to_owned(),
    };
    format!("[{}]", types.iter().map(one).collect::<Vec<_>>().join(","))
}

fn keys(keys: &KeySource) -> String {
    match keys {
        KeySource::Inline(set) => Object::new().text("inline", &format!("{} keys", set.count())).finish(),
        KeySource::Remote(remote) => remote_keys(remote),
    }
}

fn remote_keys(remote: &Remote) -> String {
    let out = match &remote.location {
        Location::Keys(keys) => Object::new().text("jwks_uri", &keys.url.to_string()).text("cluster", &keys.cluster),
        Location::Discovery { document, keys_cluster, keys_hosts } => Object::new()
            .text("discovery", &document.url.to_string())
            .text("cluster", &document.cluster)
            .text("jwks_cluster", keys_cluster)
            .texts("jwks_hosts", texts(keys_hosts)),
    };
    out.text("ttl", &span(remote.ttl))
        .text("max_stale", &span(remote.max_stale))
        .text("timeout", &span(remote.timeout))
        .text("unknown_kid_cooldown", &span(remote.unknown_kid_cooldown))
        .text("max_bytes", &format!("{}B", remote.max_bytes))
        .raw("allow_insecure", flag(remote.allow_insecure))
        .finish()
}

fn name_source(source: &NameSource) -> String {
    if source.take == Take::Values && source.split.is_none() && source.prefix.is_empty() {
        return text(source.at.text());
    }
    let out = Object::new().text("at", source.at.text());
    let out = out.maybe_text("take", (source.take == Take::Names).then_some("names"));
    let out = out.maybe_text("split", source.split.map(String::from).as_deref());
    out.maybe_text("prefix", Some(source.prefix.as_str()).filter(|prefix| !prefix.is_empty())).finish()
}

fn group_map(groups: &GroupMap) -> String {
    let mut map = Object::new();
    for (external, ours) in &groups.map {
        map = map.raw(&pattern_text(external), &patterns(ours));
    }
    let out = Object::new().raw("map", &map.finish());
    let out = match &groups.unmapped {
        Unmapped::Drop => out.text("unmapped", "drop"),
        Unmapped::Keep => out.text("unmapped", "keep"),
        Unmapped::Prefix(prefix) => out.raw("unmapped", &Object::new().text("prefix", prefix).finish()),
    };
    let grant = |grant: &Grant| {
        Object::new().list("when", grant.when.iter().map(claim_rule)).texts("groups", texts(&grant.groups)).finish()
    };
    out.texts("default", texts(&groups.default))
        .raw("ignore_case", flag(groups.ignore_case))
        .list("grant", groups.grants.iter().map(grant))
        .finish()
}
