//! The identity providers that are trusted, and which of them a token claims to come from.

use crate::address::Address;
use crate::algorithm::Algorithms;
use crate::groups::{GroupMap, NameSource};
use crate::jwks::Remote;
use crate::keyset::{Admission, KeySet};
use crate::refusal::Reason;
use crate::rule::ClaimRule;
use crate::token::UnverifiedToken;
use std::collections::BTreeMap;
use std::time::Duration;

/// The place that stands for the tenant's GUID in an issuer name.
pub const TENANT: &str = "{tenantid}";

/// Which of the configured issuers.
pub type IssuerId = usize;

/// One identity provider.
#[derive(Debug)]
pub struct Issuer {
    /// Its name in routes, metrics and logs.
    pub name: String,
    /// What `iss` must be, byte for byte. May hold [`TENANT`].
    pub issuer: String,
    /// Other values of `iss` of the same provider. May hold [`TENANT`].
    pub aliases: Vec<String>,
    /// Whether everybody is meant where the provider serves the whole world.
    pub anyone: bool,
    /// The SPIFFE trust domain whose subjects belong here although their tokens have no `iss`.
    pub trust_domain: Option<String>,
    /// Where its keys are.
    pub keys: KeySource,
    /// What its tokens may be signed with, and with whose arithmetic that is verified.
    pub admission: Admission,
    /// Whom its tokens must be meant for.
    pub audiences: Audiences,
    /// Whom its tokens must have been issued to, where that matters.
    pub clients: Option<Vec<String>>,
    /// Another claim that binds its tokens to this service.
    pub resource_claim: Option<(Address, Vec<String>)>,
    /// Accepted `typ`, in lower case and without `application/`; `None` stands for its absence.
    pub types: Vec<Option<String>>,
    /// Claims that must be there.
    pub required_claims: Vec<Address>,
    /// The longest time since `iat`.
    pub max_token_age: Option<Duration>,
    /// The longest time from `iat` to `exp`.
    pub max_lifetime: Option<Duration>,
    /// Where things are in its tokens.
    pub claims: ClaimAddresses,
    /// What becomes of a mail address that its tokens say is not verified.
    pub unverified_email: UnverifiedEmail,
    /// Rules that must all hold.
    pub require: Vec<ClaimRule>,
    /// From its groups to ours.
    pub groups: GroupMap,
    /// Whether this is Microsoft Entra, whose keys are bound to issuers and whose Graph tokens nobody else can verify.
    pub entra: bool,
}

/// Where an issuer's keys are.
#[derive(Debug)]
pub enum KeySource {
    /// In the configuration.
    Inline(KeySet),
    /// At the provider.
    Remote(Box<Remote>),
}

/// What becomes of a mail address where the token says `email_verified: false`.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum UnverifiedEmail {
    /// It is left out of subject, username and email.
    Drop,
    /// It is taken like a verified one.
    Keep,
}

/// Whom a token must be meant for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Audiences {
    /// Whoever; the configuration says so, or binds the token by client or resource.
    Any,
    /// At least one of these.
    AnyOf(Vec<String>),
}

/// For each attribute of an identity the claims to take it from. The first that is not blank wins; for groups and scopes
/// all of them together count.
#[derive(Debug)]
pub struct ClaimAddresses {
    /// Who.
    pub subject: Vec<Address>,
    /// The name they go by.
    pub username: Vec<Address>,
    /// Their mail address.
    pub email: Vec<Address>,
    /// The groups they are in.
    pub groups: Vec<NameSource>,
    /// What was consented to.
    pub scopes: Vec<NameSource>,
    /// The client that the token was issued to.
    pub client: Vec<Address>,
}

/// All trusted issuers, found by exact name.
#[derive(Debug, Default)]
pub struct Issuers {
    list: Vec<Issuer>,
    exact: BTreeMap<String, IssuerId>,
    templates: Vec<(String, IssuerId)>,
    trust_domains: Vec<(String, IssuerId)>,
}

impl Issuer {
    /// The algorithms its tokens may use.
    pub fn algorithms(&self) -> Algorithms {
        self.admission.algorithms
    }

    /// Every `iss` that it goes by.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.issuer.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// The tenant that `iss` names, where this issuer has many.
    pub fn tenant<'i>(&self, iss: &'i str) -> Option<&'i str> {
        if self.names().any(|name| name == iss) {
            return None;
        }
        self.names().find_map(|name| fits_template(name, iss))
    }

    /// Whether its keys may speak for this subject: those of a SPIFFE trust domain speak for that domain alone.
    pub fn vouches_for(&self, subject: Option<&str>) -> bool {
        self.trust_domain.as_deref().is_none_or(|own| subject.and_then(trust_domain) == Some(own))
    }
}

impl Issuers {
    /// Adds an issuer.
    ///
    /// # Errors
    /// One of its names that another issuer has already.
    pub fn add(&mut self, issuer: Issuer) -> Result<(), String> {
        let id = self.list.len();
        for name in issuer.names() {
            if name.contains(TENANT) {
                if self.templates.iter().any(|(known, _)| known == name) {
                    return Err(name.to_owned());
                }
                self.templates.push((name.to_owned(), id));
            } else if self.exact.insert(name.to_owned(), id).is_some() {
                return Err(name.to_owned());
            }
        }
        if let Some(domain) = &issuer.trust_domain {
            if self.trust_domains.iter().any(|(known, _)| known == domain) {
                return Err(domain.clone());
            }
            self.trust_domains.push((domain.clone(), id));
        }
        self.list.push(issuer);
        Ok(())
    }

    /// All of them, in the order of the configuration.
    pub fn iter(&self) -> impl Iterator<Item = (IssuerId, &Issuer)> {
        self.list.iter().enumerate()
    }

    /// The one of that number.
    pub fn get(&self, id: IssuerId) -> Option<&Issuer> {
        self.list.get(id)
    }

    /// The issuer that a token claims to come from. The claim only chooses which keys must prove it.
    ///
    /// # Errors
    /// `iss` is malformed, or nobody known.
    pub fn claimed_by(&self, token: &UnverifiedToken<'_>) -> Result<(IssuerId, &Issuer), Reason> {
        let id = match token.issuer() {
            Some(issuer) => self.exact.get(issuer).copied().or_else(|| self.templated(issuer)),
            None if self.trust_domains.is_empty() => return Err(Reason::IssuerMalformed),
            None => self.trusting(&token.subject().ok_or(Reason::IssuerMalformed)?),
        };
        let id = id.ok_or(Reason::IssuerUnknown)?;
        Ok((id, self.get(id).ok_or(Reason::IssuerUnknown)?))
    }

    fn templated(&self, issuer: &str) -> Option<IssuerId> {
        self.templates.iter().find(|(template, _)| fits_template(template, issuer).is_some()).map(|(_, id)| *id)
    }

    fn trusting(&self, subject: &str) -> Option<IssuerId> {
        let domain = trust_domain(subject)?;
        self.trust_domains.iter().find(|(known, _)| known == domain).map(|(_, id)| *id)
    }
}

/// The trust domain of a SPIFFE ID.
fn trust_domain(subject: &str) -> Option<&str> {
    let (domain, path) = subject.strip_prefix("spiffe://")?.split_once('/')?;
    (!path.is_empty()).then_some(domain)
}

/// The GUID that stands in `issuer` where `template` has [`TENANT`], if the rest is the same byte for byte.
pub fn fits_template<'i>(template: &str, issuer: &'i str) -> Option<&'i str> {
    let (before, behind) = template.split_once(TENANT)?;
    let tenant = issuer.strip_prefix(before)?.strip_suffix(behind)?;
    is_guid(tenant).then_some(tenant)
}

fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_tenant_is_a_guid_in_its_place_and_nothing_else() {
        let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
        let issuer = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/v2.0");
        let guid = "8f4fc3a1-6b7e-4b1f-9c53-2d3a4b5c6d7e";
        assert_eq!(fits_template(template, &issuer(guid)), Some(guid));
        for tenant in [
            "common",
            "",
            "8f4fc3a1-6b7e-4b1f-9c53-2d3a4b5c6d7",
            "8f4fc3a16b7e4b1f9c532d3a4b5c6d7e",
            "{tenantid}",
            "8f4fc3a1-6b7e-4b1f-9c53-2d3a4b5c6d7g",
            "8f4fc3a1-6b7e-4b1f-9c53-2d3a4b5c6d7e/x",
        ] {
            assert_eq!(fits_template(template, &issuer(tenant)), None, "{tenant}");
        }
        assert_eq!(fits_template(template, &format!("{}/", issuer(guid))), None);
        assert_eq!(fits_template("https://no.template", "https://no.template"), None);
    }
}
