//! Tokens made wrong in every way we know of, each judged in one process by the gate as the module runs it, by
//! `jsonwebtoken` on aws-lc and by `jwt-compact` on the RustCrypto crates. Where they differ is a row of one table.
//!
//! `CLAIMGATE_TOKENS=1000000 cargo test -p claimgate-tests --test differential -- --nocapture` judges that many and prints
//! the figures. The tokens are the same in every run, but for the time in them and for the salts of PSS.

mod compact;
mod curves;
mod draft;
mod edit;
mod judges;
mod mutators;
mod ours;
mod random;
mod table;
mod theirs;
mod worlds;

use judges::{Opinions, Tally};
use mutators::{Kind, Mutator};
use random::Random;
use worlds::Worlds;

/// Enough for every row to occur.
const SAMPLE: usize = 20_000;

/// The tokens are divided into these, so that more processors make it faster and no other tokens.
const SHARES: usize = 8;

#[test]
fn the_judges_agree_but_for_what_the_table_says() {
    let tokens = std::env::var("CLAIMGATE_TOKENS").map_or(SAMPLE, |tokens| tokens.parse().expect("a number of tokens"));
    let tally = std::thread::scope(|scope| {
        let share = |share| scope.spawn(move || judge(share as u64, (tokens + share) / SHARES));
        let shares: Vec<_> = (0..SHARES).map(share).collect();
        let tallies = shares.into_iter().map(|share| share.join().expect("a share was judged"));
        tallies.fold(Tally::default(), Tally::and)
    });
    tally.finish(tokens >= SAMPLE);
}

fn judge(seed: u64, tokens: usize) -> Tally {
    let all = mutators::all();
    let mut worlds = Worlds::new(&all);
    let mut random = Random::new(seed);
    let mut tally = Tally::default();
    for _ in 0..tokens {
        let chosen = mutators::choose(&mut random, &all);
        let (world, token) = worlds.mint(&mut random, &chosen);
        let opinions = worlds.judge(world, &token);
        let names: Vec<&str> = chosen.iter().map(|mutator| mutator.name).collect();
        tally.add(&names, opinions, &String::from_utf8_lossy(&token));
    }
    tally
}

#[test]
fn there_are_mutators_of_every_kind_under_names_of_their_own() {
    let all = mutators::all();
    let mut names: Vec<&str> = all.iter().map(|mutator| mutator.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all.len());
    let of = |kind: fn(&Kind) -> bool| all.iter().filter(|mutator| kind(&mutator.kind)).count();
    let content = of(|kind| matches!(kind, Kind::Content(_)));
    let signature = of(|kind| matches!(kind, Kind::Signature(_)));
    let (text, keys) = (of(|kind| matches!(kind, Kind::Text(_))), of(|kind| matches!(kind, Kind::Keys(_))));
    println!("mutators {}: content {content}, signature {signature}, text {text}, keys {keys}", all.len());
    assert!(content >= 40 && signature >= 10 && text >= 15 && keys >= 15);
}

#[test]
fn unchanged_tokens_of_every_algorithm_are_admitted_by_all() {
    let mut worlds = Worlds::new(&mutators::all());
    for (world, token) in worlds.good_tokens() {
        let Opinions { ours, jsonwebtoken, compact } = worlds.judge(world, &token);
        let token = String::from_utf8_lossy(&token);
        assert!(ours && jsonwebtoken.unwrap_or(true) && compact, "{ours} {jsonwebtoken:?} {compact} {token}");
    }
}

#[test]
fn the_table_names_mutators_that_there_are_and_gives_reasons() {
    let all = mutators::all();
    let known = |name: &str| all.iter().any(|mutator: &Mutator| mutator.name == name);
    for row in table::ROWS {
        assert!(known(row.mutator) && !row.reason.is_empty(), "{row:?}");
        assert!([row.jsonwebtoken, row.compact].iter().any(|opinion| *opinion != row.ours), "no difference: {row:?}");
    }
}
