//! What the right verdicts on a request are, found without the filter's code: from how the request was made, what its
//! token's issuer published, and what of that reached a worker.

use std::time::Duration;

use crate::providers::{Delivery, FIXED, Key, MAX_STALE, Provider};
use crate::requests::{Credential, Made, Route};
use crate::tokens::{Defect, Token, Worth};

/// The longest that a worker goes on with what another has replaced: the time between two ticks, and some more.
const FOLLOWS: Duration = Duration::from_millis(700);
/// What the times of confirmations may be off.
const MARGIN: Duration = Duration::from_secs(1);

/// A set of verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdicts(u8);

impl Verdicts {
    pub(crate) const NONE: Verdicts = Verdicts(0);
    /// It goes on to the service.
    pub(crate) const PASS: Verdicts = Verdicts(1);
    /// The filter answers with a document.
    pub(crate) const S200: Verdicts = Verdicts(2);
    pub(crate) const S400: Verdicts = Verdicts(4);
    pub(crate) const S401: Verdicts = Verdicts(8);
    pub(crate) const S403: Verdicts = Verdicts(16);
    pub(crate) const S503: Verdicts = Verdicts(32);
    /// It is held.
    pub(crate) const HELD: Verdicts = Verdicts(64);

    pub(crate) fn or(self, other: Verdicts) -> Verdicts {
        Verdicts(self.0 | other.0)
    }

    pub(crate) fn allows(self, verdict: Verdicts) -> bool {
        self.0 & verdict.0 != 0
    }
}

/// From the start of a request to now: by the steady clock, and what the wall clock showed then and shows now.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) from: Duration,
    pub(crate) to: Duration,
    pub(crate) wall_from: i64,
    pub(crate) wall_to: i64,
    /// Whether the wall clock was set in between.
    pub(crate) jumped: bool,
    /// How far the wall clock was ever set back.
    pub(crate) back: Duration,
}

/// What a worker may know of an issuer's keys.
pub(crate) struct Known<'p> {
    sets: Vec<&'p [Key]>,
    /// It may have none, or none that are young enough.
    maybe_none: bool,
    surely_none: bool,
}

impl<'p> Known<'p> {
    /// What any worker may know in this span. `disturbed` is when something last happened after which workers need not agree,
    /// until the next fetch that was asked for later reaches them all.
    pub(crate) fn of(provider: &'p Provider, disturbed: Duration, span: &Span) -> Known<'p> {
        let past = || provider.deliveries.iter().filter(|delivery| delivery.at <= span.to);
        let followed = |delivery: &&Delivery| delivery.at + FOLLOWS <= span.from;
        let agreed = past().rev().find(|d| followed(d) && d.asked > disturbed + MARGIN);
        let Some(agreed) = agreed else {
            let young = |d: &&Delivery| span.to <= d.at + MAX_STALE + MARGIN + (span.back - d.back);
            let sets = past().filter(young).map(|d| provider.sets[d.set].as_slice()).collect();
            return Known { sets, maybe_none: true, surely_none: false };
        };
        let later = past().filter(|d| d.at > agreed.at);
        let sets = std::iter::once(agreed).chain(later).map(|d| provider.sets[d.set].as_slice()).collect();
        let newest = past().map(|d| d.at).max().unwrap_or_default();
        let maybe_none = span.to.saturating_sub(agreed.at) + MARGIN > MAX_STALE;
        let surely_none = span.from.saturating_sub(newest) > MAX_STALE + MARGIN;
        Known { sets, maybe_none, surely_none }
    }

    fn fixed(keys: &'p [Key]) -> Known<'p> {
        Known { sets: vec![keys], maybe_none: false, surely_none: false }
    }
}

/// The right verdicts on a request; more than one where it cannot be known which.
pub(crate) fn right(made: &Made, keys: &Known<'_>, audience: &str, span: &Span) -> Verdicts {
    match (made.route, &made.credential) {
        (Route::Metadata, _) => Verdicts::S200,
        (Route::Closed, _) => Verdicts::S403,
        (Route::Public, _) | (Route::Optional, Credential::None) => Verdicts::PASS,
        (_, Credential::None | Credential::Foreign) => Verdicts::S401,
        (_, Credential::Malformed) => Verdicts::S400,
        (route, Credential::Token(token)) => of_token(token, route, keys, audience, span),
    }
}

fn of_token(token: &Token, route: Route, keys: &Known<'_>, audience: &str, span: &Span) -> Verdicts {
    if token.defect == Defect::Form {
        // A header that holds no token at all is not well-formed.
        return Verdicts::S401.or(Verdicts::S400);
    }
    if keys.surely_none {
        return Verdicts::S503.or(if token.defect == Defect::Proof { Verdicts::S401 } else { Verdicts::NONE });
    }
    let proven = by_claims(token, route, audience, span);
    let mut right = if keys.maybe_none || keys.sets.is_empty() { Verdicts::S503 } else { Verdicts::NONE };
    for set in &keys.sets {
        right = right.or(match set.iter().find(|key| key.kid == token.key.kid) {
            Some(key) if *key == token.key => proven,
            Some(_) => Verdicts::S401,
            // Nobody can tell while the provider fails.
            None => Verdicts::S401.or(Verdicts::S503),
        });
    }
    // What the form of a token shows is seen without keys.
    right.or(if token.defect == Defect::Proof { Verdicts::S401 } else { Verdicts::NONE })
}

/// The verdicts on a token that its key proves.
fn by_claims(token: &Token, route: Route, audience: &str, span: &Span) -> Verdicts {
    if token.defect != Defect::None {
        return Verdicts::S401;
    }
    let good = match route {
        Route::Admins if !token.is_admin() => Verdicts::S403,
        _ => Verdicts::PASS,
    };
    let either = Verdicts::S401.or(good);
    match (token.worth(span.wall_from, audience), token.worth(span.wall_to, audience)) {
        (Worth::Good, Worth::Good) if !span.jumped => good,
        (Worth::Bad, Worth::Bad) if !span.jumped => Verdicts::S401,
        _ => either,
    }
}

/// What is known of the keys that the request's token needs.
pub(crate) fn known<'p>(
    made: &Made,
    providers: &'p [Provider],
    fixed: &'p [Key],
    disturbed: Duration,
    span: &Span,
) -> Known<'p> {
    match &made.credential {
        Credential::Token(token) if token.issuer != FIXED => Known::of(&providers[token.issuer], disturbed, span),
        _ => Known::fixed(fixed),
    }
}
