//! What is asked of the proxies.

use super::proxy::Mode;
use claimgate_benches::tokens::{Issuer, Size};
use claimgate_devkit::provider::Algorithm;
use std::io;
use std::path::{Path, PathBuf};

/// One comparison.
pub(crate) struct Scenario {
    /// Its name in the report.
    pub(crate) name: &'static str,
    /// Who takes part.
    pub(crate) modes: &'static [Mode],
    /// How many issuers are configured; the last one's tokens are sent.
    pub(crate) issuer_count: usize,
    /// Whether claimgate with that one issuer alone takes part too, as what the others are compared with.
    pub(crate) baseline: bool,
    /// What every answer must be.
    pub(crate) status: u16,
    /// The path.
    pub(crate) path: &'static str,
    algorithm: Algorithm,
    sent: Sent,
}

enum Sent {
    Nothing,
    Tokens { count: usize, size: Size, expired: bool },
}

const ALL: &[Mode] = &[Mode::NoFilter, Mode::Native, Mode::NativeCached, Mode::Claimgate];
const UNCACHED: &[Mode] = &[Mode::Native, Mode::Claimgate];

/// Distinct tokens where every request has a fresh one: more than any cache here holds, so that the second time round is as
/// fresh as the first.
const FRESH: usize = 20_000;

/// All comparisons.
pub(crate) fn scenarios() -> Vec<Scenario> {
    let good = |count, size| Sent::Tokens { count, size, expired: false };
    let base = |name, modes, algorithm, sent| Scenario {
        name,
        modes,
        issuer_count: 1,
        baseline: false,
        status: 200,
        path: "/orders",
        algorithm,
        sent,
    };
    let fresh = |name, algorithm| base(name, UNCACHED, algorithm, good(FRESH, Size::Usual));
    vec![
        base("one token repeated", ALL, Algorithm::Rs256, good(1, Size::Usual)),
        base(
            "working set of 1,000",
            &[Mode::Native, Mode::NativeCached, Mode::Claimgate],
            Algorithm::Rs256,
            good(1000, Size::Usual),
        ),
        fresh("fresh RS256", Algorithm::Rs256),
        fresh("fresh ES256", Algorithm::Es256),
        fresh("fresh PS256", Algorithm::Ps256),
        fresh("fresh EdDSA", Algorithm::EdDsa),
        fresh("fresh ES384", Algorithm::Es384),
        Scenario {
            issuer_count: 50,
            baseline: true,
            ..base("50 issuers", UNCACHED, Algorithm::Rs256, good(1, Size::Usual))
        },
        base(
            "6 KiB token repeated",
            &[Mode::Native, Mode::NativeCached, Mode::Claimgate],
            Algorithm::Rs256,
            good(1, Size::Large),
        ),
        Scenario {
            path: "/public/x",
            ..base("public route", &[Mode::NoFilter, Mode::Native, Mode::Claimgate], Algorithm::Rs256, Sent::Nothing)
        },
        Scenario {
            status: 401,
            ..base(
                "refused token",
                UNCACHED,
                Algorithm::Rs256,
                Sent::Tokens { count: 1, size: Size::Usual, expired: true },
            )
        },
    ]
}

/// An issuer of the run.
pub(crate) fn issuer(algorithm: Algorithm, n: usize) -> Issuer {
    Issuer::new(algorithm, n)
}

impl Scenario {
    /// The configured issuers.
    pub(crate) fn issuers(&self) -> Vec<Issuer> {
        (0..self.issuer_count).map(|n| issuer(self.algorithm, n)).collect()
    }

    /// The file of tokens that are sent, if any are.
    pub(crate) fn tokens(&self, issuers: &[Issuer], folder: &Path) -> io::Result<Option<PathBuf>> {
        match (&self.sent, issuers.last()) {
            (Sent::Tokens { count, size, expired }, Some(issuer)) => {
                issuer.tokens(folder, *count, *size, *expired).map(Some)
            }
            _ => Ok(None),
        }
    }
}
