//! Who is calling, in one vocabulary whatever the provider.

use crate::address::{self, Address};
use crate::claims::CurrentClaims;
use crate::config::Config;
use crate::groups::{self, NameSource};
use crate::header::Attribute;
use crate::issuer::{Issuer, UnverifiedEmail};
use crate::json::{Kind, Value};
use crate::refusal::Reason;

/// The caller as the service behind will know them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Identity {
    /// Who, in the issuer's own naming. Never empty.
    pub subject: String,
    /// The `iss` that was proven, or the configured name where tokens have none.
    pub issuer: String,
    /// The issuer's name in the configuration.
    pub provider: String,
    /// The name they go by.
    pub username: Option<String>,
    /// Their mail address.
    pub email: Option<String>,
    /// The client that the token was issued to.
    pub client: Option<String>,
    /// The groups the provider lists, in its own naming.
    pub external_groups: Vec<String>,
    /// Our groups.
    pub groups: Vec<String>,
    /// The token's own scopes, then those its groups grant.
    pub scopes: Vec<String>,
    /// How many of the scopes are the token's own.
    pub own_scopes: usize,
    /// Who acts for the subject (RFC 8693 section 4.1): the outermost `act.sub`.
    pub actor: Option<String>,
    /// How they authenticated, as a class.
    pub acr: Option<String>,
    /// How they authenticated, as a list of methods.
    pub amr: Vec<String>,
    /// When they authenticated, as written in the token.
    pub auth_time: Option<String>,
}

impl Identity {
    /// Makes the identity that a token stands for. A claim of a shape that cannot be used costs the token only where
    /// something needs the attribute ([`Config::needs`]), and `act` always.
    ///
    /// # Errors
    /// A claim that is needed has the wrong shape, the subject is missing, or there are more groups than the limit.
    pub fn of(claims: &CurrentClaims<'_>, issuer: &Issuer, config: &Config) -> Result<Self, Reason> {
        let (root, addresses) = (claims.root(), &issuer.claims);
        let unverified = unverified_mail(issuer, root);
        let single = |addresses: &[Address]| single(addresses, root, &unverified);
        let optional = |attribute, addresses: &[Address]| if_needed(config, attribute, single(addresses));
        let subject = single(&addresses.subject)?.ok_or(Reason::SubjectMissing)?;
        let (external_groups, groups) =
            if_needed(config, Attribute::Groups, groups_of(issuer, root, config.limits.max_groups))?;
        let mut scopes = if_needed(config, Attribute::Scopes, union(&addresses.scopes, root, Some(' ')))?;
        let own_scopes = scopes.len();
        scopes.extend(groups::granted(&config.group_scopes, &groups).map(|(scope, _)| scope.to_owned()));
        let named = |name| root.member(name).filter(|value| !value.is_blank());
        Ok(Self {
            subject,
            issuer: claims.token().iss().unwrap_or(&issuer.issuer).to_owned(),
            provider: issuer.name.clone(),
            username: optional(Attribute::Username, &addresses.username)?,
            email: optional(Attribute::Email, &addresses.email)?,
            client: optional(Attribute::Client, &addresses.client)?,
            external_groups,
            groups,
            scopes: groups::without_repeats(scopes),
            own_scopes,
            actor: actor(root)?,
            acr: named("acr").and_then(groups::scalar),
            amr: named("amr").and_then(|amr| groups::names(amr, None).ok()).unwrap_or_default(),
            auth_time: named("auth_time").and_then(groups::scalar),
        })
    }
}

impl Identity {
    /// How many bytes it takes up.
    pub fn bytes(&self) -> usize {
        let Self { subject, issuer, provider, username, email, client, actor, acr, auth_time, .. } = self;
        let single = [Some(subject), Some(issuer), Some(provider), username.as_ref(), email.as_ref(), client.as_ref()];
        let single = single.into_iter().chain([actor.as_ref(), acr.as_ref(), auth_time.as_ref()]).flatten();
        let listed = [&self.external_groups, &self.groups, &self.scopes, &self.amr].into_iter().flatten();
        let text = single.chain(listed.clone()).map(String::len).sum::<usize>();
        text.saturating_add(listed.count().saturating_mul(size_of::<String>())).saturating_add(size_of::<Self>())
    }
}

/// What was read, or nothing where it could not be and nothing needs it.
fn if_needed<T: Default>(config: &Config, attribute: Attribute, read: Result<T, Reason>) -> Result<T, Reason> {
    match read {
        Err(_) if !config.needs(attribute) => Ok(T::default()),
        read => read,
    }
}

/// The first value that is not blank decides, and must be a string or a number.
fn single(addresses: &[Address], claims: Value<'_>, unverified: &[&str]) -> Result<Option<String>, Reason> {
    let is_part = |value: &Value<'_>| {
        unverified.iter().any(|text| text.as_bytes().as_ptr_range().contains(&value.text().as_ptr()))
    };
    let found = address::values(addresses, claims).find(|value| !is_part(value));
    found.map(|value| groups::scalar(value).ok_or(Reason::ClaimMalformed)).transpose()
}

/// The claims with a mail address, as they stand in the token, where it says that the address is not verified and the
/// issuer's entry does not keep it.
pub(crate) fn unverified_mail<'a>(issuer: &Issuer, claims: Value<'a>) -> Vec<&'a str> {
    let is_false = |value: Value<'_>| {
        value.as_bool() == Some(false) || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"))
    };
    if issuer.unverified_email == UnverifiedEmail::Keep || !claims.member("email_verified").is_some_and(is_false) {
        return Vec::new();
    }
    address::values(&issuer.claims.email, claims).chain(claims.member("email")).map(Value::text).collect()
}

/// The provider's groups and ours.
fn groups_of(issuer: &Issuer, claims: Value<'_>, max_groups: usize) -> Result<(Vec<String>, Vec<String>), Reason> {
    let bounded = |list: Vec<String>| if list.len() > max_groups { Err(Reason::TooManyGroups) } else { Ok(list) };
    let external = bounded(union(&issuer.claims.groups, claims, None)?)?;
    let mut groups = issuer.groups.map_all(&external, groups::is_overage(claims));
    groups.extend(issuer.groups.granted(claims).map(str::to_owned));
    Ok((external, bounded(groups::without_repeats(groups))?))
}

/// Collects the names at all sources, in order and without repeats.
///
/// A prefix belongs to the sources that have it: a name of any other source that begins with it is left out, so that no
/// group called `role:admin` passes for the role `admin`.
fn union(sources: &[NameSource], claims: Value<'_>, split: Option<char>) -> Result<Vec<String>, Reason> {
    let mut all = Vec::new();
    for source in sources {
        let longer = |other: &&NameSource| other.prefix.len() > source.prefix.len();
        let foreign = |name: &String| sources.iter().filter(longer).any(|other| name.starts_with(&other.prefix));
        all.extend(source.names(claims, split)?.into_iter().filter(|name| !foreign(name)));
    }
    Ok(groups::without_repeats(all))
}

/// The outermost actor. Each `act` down to the innermost must be an object with a string `sub`, or `null`.
fn actor(claims: Value<'_>) -> Result<Option<String>, Reason> {
    let (mut outermost, mut holder) = (None, claims);
    while let Some(act) = holder.member("act").filter(|act| act.kind() != Kind::Null) {
        let sub = act.member("sub").and_then(Value::as_str).filter(|sub| !sub.is_empty());
        let sub = sub.ok_or(Reason::ClaimMalformed)?;
        outermost = outermost.or(Some(sub.into_owned()));
        holder = act;
    }
    Ok(outermost)
}

#[cfg(test)]
mod tests;
