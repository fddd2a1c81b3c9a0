//! Who is calling, in one vocabulary whatever the provider.

use crate::address::Address;
use crate::claims::CurrentClaims;
use crate::groups::{self, GroupScopes, NameSource};
use crate::issuer::Issuer;
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
    /// Makes the identity that a token stands for.
    ///
    /// # Errors
    /// A claim that is used has the wrong type, the subject is missing, or there are more groups than `max_groups`.
    pub fn of(
        claims: &CurrentClaims<'_>,
        issuer: &Issuer,
        group_scopes: &GroupScopes,
        max_groups: usize,
    ) -> Result<Self, Reason> {
        let root = claims.root();
        let subject = single(&issuer.claims.subject, root)?.filter(|subject| !subject.is_empty());
        let external_groups = union(&issuer.claims.groups, root, false)?;
        if external_groups.len() > max_groups {
            return Err(Reason::TooManyGroups);
        }
        let groups = issuer.groups.map_all(&external_groups, groups::is_overage(root));
        if groups.len() > max_groups {
            return Err(Reason::TooManyGroups);
        }
        let mut scopes = union(&issuer.claims.scopes, root, true)?;
        let own_scopes = scopes.len();
        scopes.extend(groups::granted(group_scopes, &groups).map(|(scope, _)| scope.to_owned()));
        let scopes = groups::without_repeats(scopes);
        let named =
            |name: &str| root.member(name).map(|value| groups::scalar(value).ok_or(Reason::ClaimMalformed)).transpose();
        let actor = match root.member("act") {
            None => None,
            Some(act) => Some(act.member("sub").and_then(groups::scalar).ok_or(Reason::ClaimMalformed)?),
        };
        Ok(Self {
            subject: subject.ok_or(Reason::SubjectMissing)?,
            issuer: claims.token().iss().unwrap_or(&issuer.issuer).to_owned(),
            provider: issuer.name.clone(),
            username: single(&issuer.claims.username, root)?,
            email: single(&issuer.claims.email, root)?,
            client: single(&issuer.claims.client, root)?,
            external_groups,
            groups,
            scopes,
            own_scopes,
            actor,
            acr: named("acr")?,
            amr: root.member("amr").map_or(Ok(Vec::new()), |amr| groups::names(amr, false))?,
            auth_time: named("auth_time")?,
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

/// The first address that is present decides, and must hold a string or a number.
fn single(addresses: &[Address], claims: Value<'_>) -> Result<Option<String>, Reason> {
    let found = addresses.iter().find_map(|address| address.first(claims));
    found.map(|value| groups::scalar(value).ok_or(Reason::ClaimMalformed)).transpose()
}

/// Collects the names at all entries, in order and without repeats.
///
/// A prefix belongs to the entries that have it: a name of any other entry that begins with it is left out, so that no
/// group called `role:admin` passes for the role `admin`.
fn union(entries: &[NameSource], claims: Value<'_>, split: bool) -> Result<Vec<String>, Reason> {
    let mut all = Vec::new();
    for entry in entries {
        let foreign: Vec<&str> = entries
            .iter()
            .map(|other| other.prefix.as_str())
            .filter(|prefix| prefix.len() > entry.prefix.len())
            .collect();
        for value in entry.at.find(claims) {
            let mut names = groups::names(value, split)?;
            if !entry.prefix.is_empty() {
                names.iter_mut().for_each(|name| name.insert_str(0, &entry.prefix));
            }
            names.retain(|name| !foreign.iter().any(|prefix| name.starts_with(prefix)));
            all.append(&mut names);
        }
    }
    Ok(groups::without_repeats(all))
}

/// A claim as the text of a header: scalars as they are, lists joined, objects as they stand in the token.
///
/// # Errors
/// A list with anything but strings and numbers in it.
pub(crate) fn rendered(value: Value<'_>) -> Result<Option<Vec<String>>, Reason> {
    Ok(match value.kind() {
        Kind::Null => None,
        Kind::Bool | Kind::Object => Some(vec![value.text().to_owned()]),
        _ => Some(match groups::scalar(value) {
            Some(text) => vec![text],
            None => groups::names(value, false)?,
        }),
    })
}

#[cfg(test)]
mod tests;
