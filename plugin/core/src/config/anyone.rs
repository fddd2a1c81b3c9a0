//! Providers that serve the whole world: whoever signs up there gets a token of the same issuer, often for any audience
//! they ask for. An entry for one of them has to say whose tokens it means.

use super::findings::{At, Findings};
use super::preset::is_entra_cloud;
use super::raw::Preset;
use crate::address::Address;
use crate::issuer::{Issuer, TENANT};
use crate::json::Kind;
use crate::rule::{ClaimRule, Literal, Test};

/// A claim that names the owner of a token, and how much of its value does so.
struct Owner {
    claim: &'static str,
    part: Part,
}

/// How much of a claim's value names one owner.
#[derive(Copy, Clone, PartialEq, Eq)]
enum Part {
    /// All of it.
    Whole,
    /// All of it, or this and what follows it up to the first `/`.
    UpToSlash(&'static str),
    /// All of it, or what follows the `@`.
    AfterAt,
}

const fn owner(claim: &'static str, part: Part) -> Owner {
    Owner { claim, part }
}

const GITHUB: &[Owner] = &[
    owner("repository_owner_id", Part::Whole),
    owner("repository_owner", Part::Whole),
    owner("repository_id", Part::Whole),
    owner("repository", Part::UpToSlash("")),
    owner("enterprise_id", Part::Whole),
    owner("sub", Part::UpToSlash("repo:")),
];
const GITLAB: &[Owner] = &[
    owner("namespace_id", Part::Whole),
    owner("namespace_path", Part::UpToSlash("")),
    owner("project_id", Part::Whole),
    owner("project_path", Part::UpToSlash("")),
    owner("sub", Part::UpToSlash("project_path:")),
];
const GOOGLE: &[Owner] = &[owner("hd", Part::Whole), owner("email", Part::AfterAt), owner("sub", Part::Whole)];
const ENTRA: &[Owner] = &[owner("tid", Part::Whole)];
/// Personal Microsoft accounts share one tenant.
const PERSONAL: &[Owner] = &[owner("oid", Part::Whole), owner("sub", Part::Whole)];
const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Refuses an entry for such a provider that admits everybody's tokens without saying so.
pub(super) fn refuse(issuer: &Issuer, preset: Preset, findings: &mut Findings, at: &At<'_>) {
    if issuer.anyone || issuer.clients.is_some() {
        return;
    }
    let mut unbound =
        issuer.names().filter_map(|name| owners(preset, name)).filter(|owners| !says_whose(issuer, owners));
    let Some(owners) = unbound.next() else { return };
    let claims: Vec<&str> = owners.iter().map(|owner| owner.claim).collect();
    findings.mistake(
        &at.field("require"),
        format!(
            "everybody can get a token of this issuer; a rule on {} has to say whose are meant, or clients, or \"anyone\": true that everybody is",
            claims.join(", ")
        ),
    );
}

/// The claims that name the owner of a token of this issuer, where it serves the whole world.
fn owners(preset: Preset, name: &str) -> Option<&'static [Owner]> {
    match name {
        _ if preset == Preset::GithubActions => Some(GITHUB),
        _ if preset == Preset::Google => Some(GOOGLE),
        "https://token.actions.githubusercontent.com" => Some(GITHUB),
        "https://gitlab.com" => Some(GITLAB),
        "https://accounts.google.com" | "accounts.google.com" => Some(GOOGLE),
        _ if preset != Preset::Entra && !is_entra_cloud(name) => None,
        _ if name.contains(TENANT) => Some(ENTRA),
        _ if name.contains(PERSONAL_TENANT) => Some(PERSONAL),
        _ => None,
    }
}

fn says_whose(issuer: &Issuer, owners: &[Owner]) -> bool {
    let by_resource = issuer.resource_claim.as_ref().is_some_and(|(claim, _)| owner_at(owners, claim).is_some());
    by_resource || issuer.require.iter().any(|rule| binds(rule, owners))
}

fn owner_at<'o>(owners: &'o [Owner], address: &Address) -> Option<&'o Owner> {
    owners.iter().find(|owner| address.names(owner.claim))
}

/// Returns whether a rule holds for the tokens of some owners only. What a claim is not, or whether it is there, says
/// nothing about whose it is; the start of a name is also the start of a stranger's.
fn binds(rule: &ClaimRule, owners: &[Owner]) -> bool {
    match rule {
        ClaimRule::Claim(address, test) => owner_at(owners, address).is_some_and(|owner| names_owner(test, owner.part)),
        ClaimRule::Any(rules) => !rules.is_empty() && rules.iter().all(|rule| binds(rule, owners)),
        ClaimRule::Not(_) => false,
    }
}

fn names_owner(test: &Test, part: Part) -> bool {
    let value = |literal: &Literal| matches!(literal.kind(), Kind::String | Kind::Number);
    match test {
        Test::Equals(literal) => value(literal),
        Test::In(literals) => literals.iter().all(value),
        Test::Prefix(text) => match part {
            Part::UpToSlash(start) => {
                text.strip_prefix(start).and_then(|rest| rest.find('/')).is_some_and(|end| end > 0)
            }
            Part::Whole | Part::AfterAt => false,
        },
        Test::Suffix(text) => {
            part == Part::AfterAt && text.find('@').is_some_and(|at| at.saturating_add(1) < text.len())
        }
        _ => false,
    }
}
