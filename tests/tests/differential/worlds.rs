//! The key sets that tokens are judged under, each known to all three judges: one of public keys, one of secrets, and one
//! for each way to spoil a key.

use claimgate_tests::Algorithm;
use serde_json::Value;

use crate::compact::Compact;
use crate::draft::{Draft, PUBLIC, key};
use crate::judges::Opinions;
use crate::mutators::{Kind, Mutator};
use crate::ours::Ours;
use crate::random::Random;
use crate::theirs::Jsonwebtoken;

/// What signs where a change is to the content, which is signed anew: mostly what signs fast.
const FAST: [(Algorithm, usize); 4] =
    [(Algorithm::Hs256, 45), (Algorithm::EdDsa, 40), (Algorithm::Es256, 10), (Algorithm::Hs512, 2)];

const SECRETS: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];

/// How many good tokens of each algorithm are kept to be changed without being signed again.
const KEPT: usize = 8;

struct World {
    ours: Ours,
    jsonwebtoken: Jsonwebtoken,
    compact: Compact,
}

/// All of them, and good tokens to begin with.
pub(crate) struct Worlds {
    worlds: Vec<World>,
    /// For each mutator of keys which world is its own.
    spoiled: Vec<(&'static str, usize)>,
    good: Vec<Draft>,
}

impl World {
    fn new(jwks: &str, algorithms: &[Algorithm]) -> Self {
        let secret = algorithms.iter().all(|algorithm| algorithm.is_symmetric());
        Self {
            ours: if secret { Ours::inline(jwks) } else { Ours::fetched(jwks) },
            jsonwebtoken: Jsonwebtoken::new(jwks, algorithms),
            compact: Compact::new(jwks, algorithms),
        }
    }
}

fn key_set(keys: &[String]) -> String {
    format!("{{\"keys\":[{}]}}", keys.join(","))
}

fn published(algorithm: &Algorithm) -> String {
    key(*algorithm, 0).jwk().to_string()
}

impl Worlds {
    pub(crate) fn new(mutators: &[Mutator]) -> Self {
        let public: Vec<String> = PUBLIC.iter().map(published).collect();
        let secrets: Vec<String> = SECRETS.iter().map(published).collect();
        let mut worlds = vec![World::new(&key_set(&public), &PUBLIC), World::new(&key_set(&secrets), &SECRETS)];
        let mut spoiled = Vec::new();
        for mutator in mutators {
            let Kind::Keys(change) = mutator.kind else { continue };
            let mut keys = public.clone();
            change(&mut keys);
            spoiled.push((mutator.name, worlds.len()));
            worlds.push(World::new(&key_set(&keys), &PUBLIC));
        }
        let mut random = Random::new(1);
        let all = PUBLIC.iter().chain(&SECRETS).flat_map(|algorithm| [*algorithm; KEPT]);
        let good = all.map(|algorithm| {
            let mut draft = Draft::new(&mut random, algorithm);
            draft.sign();
            draft
        });
        Self { worlds, spoiled, good: good.collect() }
    }

    /// A token with these changes, and the world it is for.
    pub(crate) fn mint(&self, random: &mut Random, changes: &[&Mutator]) -> (usize, Vec<u8>) {
        let of_keys = changes.iter().find(|change| matches!(change.kind, Kind::Keys(_)));
        let content = changes.iter().any(|change| matches!(change.kind, Kind::Content(_)));
        let algorithm = signer(random, changes);
        let good: Vec<&Draft> = self.good.iter().filter(|draft| draft.key.algorithm() == algorithm).collect();
        let mut draft = random.pick(&good).clone();
        if content {
            draft = Draft::new(random, algorithm);
            changes.iter().for_each(|change| change.on_content(random, &mut draft));
            if draft.signature.is_empty() {
                draft.sign();
            }
        }
        changes.iter().for_each(|change| change.on_signature(random, &mut draft));
        draft.spell();
        changes.iter().for_each(|change| change.on_text(random, &mut draft));
        let own = of_keys.and_then(|change| self.spoiled.iter().find(|(name, _)| *name == change.name));
        let world = own.map_or(usize::from(algorithm.is_symmetric()), |(_, world)| *world);
        (world, draft.text)
    }

    pub(crate) fn good_tokens(&self) -> Vec<(usize, Vec<u8>)> {
        let spelled = |draft: &Draft| {
            let mut draft = draft.clone();
            draft.spell();
            (usize::from(draft.key.algorithm().is_symmetric()), draft.text)
        };
        self.good.iter().map(spelled).collect()
    }

    pub(crate) fn judge(&mut self, world: usize, token: &[u8]) -> Opinions {
        let World { ours, jsonwebtoken, compact } = &mut self.worlds[world];
        Opinions {
            ours: ours.admits(token),
            jsonwebtoken: (!is_es512(token)).then(|| jsonwebtoken.admits(token)),
            compact: compact.admits(token),
        }
    }
}

/// Who signs: one whom all changes are for.
fn signer(random: &mut Random, changes: &[&Mutator]) -> Algorithm {
    let fits = |algorithm: &&Algorithm| {
        changes.iter().all(|change| change.signers.is_empty() || change.signers.contains(algorithm))
    };
    let named = changes.iter().flat_map(|change| change.signers).filter(fits).copied();
    let signers: Vec<Algorithm> = named.collect();
    let has = |kind: fn(&Kind) -> bool| changes.iter().any(|change| kind(&change.kind));
    match signers.as_slice() {
        [] if has(|kind| matches!(kind, Kind::Keys(_))) => random.pick(&PUBLIC),
        [] if has(|kind| matches!(kind, Kind::Content(_))) => fast(random),
        [] => random.pick(&Algorithm::ALL),
        signers => random.pick(signers),
    }
}

fn fast(random: &mut Random) -> Algorithm {
    let mut at = random.below(100);
    for (algorithm, share) in FAST {
        match at.checked_sub(share) {
            Some(rest) => at = rest,
            None => return algorithm,
        }
    }
    random.pick(&Algorithm::ALL)
}

/// Whether it names the algorithm that `jsonwebtoken` does not have.
fn is_es512(token: &[u8]) -> bool {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    let header = token.split(|byte| *byte == b'.').next().unwrap_or_default();
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let header: Value = serde_json::from_slice(&header).unwrap_or_default();
    header["alg"] == "ES512"
}
