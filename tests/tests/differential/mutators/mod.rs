//! Every way to spoil a token or a key set, by name. Some spoil nothing: what is unusual and right must stay right.

mod claims;
mod header;
mod keys;
mod payload;
mod rsa;
mod signature;
mod structure;

use claimgate_tests::Algorithm;

use crate::draft::Draft;
use crate::random::Random;

/// Changes a token at its stage.
pub(crate) type Change = fn(&mut Random, &mut Draft);

/// What is changed, and when.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Header or payload; what comes out is truly signed, unless the change signs it itself.
    Content(Change),
    /// The signature.
    Signature(Change),
    /// The text.
    Text(Change),
    /// The keys, as texts of JSON; the token is good.
    Keys(fn(&mut Vec<String>)),
}

/// One way.
#[derive(Clone, Copy)]
pub(crate) struct Mutator {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Whose tokens it is for; all if none is named.
    pub(crate) signers: &'static [Algorithm],
}

impl Mutator {
    const fn content(name: &'static str, change: Change) -> Self {
        Self { name, kind: Kind::Content(change), signers: &[] }
    }

    const fn signature(name: &'static str, change: Change) -> Self {
        Self { name, kind: Kind::Signature(change), signers: &[] }
    }

    const fn text(name: &'static str, change: Change) -> Self {
        Self { name, kind: Kind::Text(change), signers: &[] }
    }

    const fn keys(name: &'static str, signers: &'static [Algorithm], change: fn(&mut Vec<String>)) -> Self {
        Self { name, kind: Kind::Keys(change), signers }
    }

    const fn of(self, signers: &'static [Algorithm]) -> Self {
        Self { signers, ..self }
    }

    /// Whether what both do to the judges follows from what each does: not where a token no longer leads to the key that
    /// was spoiled.
    fn goes_with(&self, other: &Self) -> bool {
        let of_keys = [self, other].map(|mutator| matches!(mutator.kind, Kind::Keys(_)));
        let leads_elsewhere = |mutator: &&Self| {
            let of_token = !matches!(mutator.kind, Kind::Keys(_));
            of_token && (mutator.name.starts_with("kid ") || mutator.name.contains("stranger"))
        };
        let elsewhere = of_keys != [false; 2] && [self, other].iter().any(leads_elsewhere);
        let anybodys = self.signers.is_empty() || other.signers.is_empty();
        let common = anybodys || self.signers.iter().any(|own| other.signers.contains(own));
        common && of_keys != [true; 2] && !elsewhere && self.name != other.name
    }

    pub(crate) fn on_content(&self, random: &mut Random, draft: &mut Draft) {
        if let Kind::Content(change) = self.kind {
            change(random, draft);
        }
    }

    pub(crate) fn on_signature(&self, random: &mut Random, draft: &mut Draft) {
        if let Kind::Signature(change) = self.kind {
            change(random, draft);
        }
    }

    pub(crate) fn on_text(&self, random: &mut Random, draft: &mut Draft) {
        if let Kind::Text(change) = self.kind {
            change(random, draft);
        }
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Mutator> {
    let parts = [structure::ALL, header::ALL, payload::ALL, claims::ALL, signature::ALL, rsa::ALL, keys::ALL];
    parts.concat()
}

/// One of them, or in a quarter of the cases two that go together.
pub(crate) fn choose<'m>(random: &mut Random, all: &'m [Mutator]) -> Vec<&'m Mutator> {
    let first = &all[random.below(all.len())];
    if !random.one_in(4) {
        return vec![first];
    }
    let second = &all[random.below(all.len())];
    if first.goes_with(second) { vec![first, second] } else { vec![first] }
}
