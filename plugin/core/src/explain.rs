//! Telling each step of the line as it is taken, for `claimgate explain`.

use crate::claims::CurrentClaims;
use crate::credential::TokenSource;
use crate::gate::Verdict;
use crate::issuer::Issuer;
use crate::remembered::Caller;
use crate::route::Rule;
use crate::token::UnverifiedToken;

/// A step of the line and what it saw.
#[derive(Debug)]
pub enum Step<'s> {
    /// The client's own identity headers that go.
    Stripped(&'s [Vec<u8>]),
    /// The rule that applies.
    Rule(&'s Rule),
    /// Where the token was found.
    Credential(&'s TokenSource),
    /// What the token claims.
    Parsed(&'s UnverifiedToken),
    /// Whose keys must prove it.
    Issuer(&'s Issuer),
    /// The signature holds.
    Verified,
    /// The claims hold now, and this is who they stand for.
    Caller {
        /// The claims.
        claims: &'s CurrentClaims<'s>,
        /// Whose.
        issuer: &'s Issuer,
        /// Who.
        caller: &'s Caller,
        /// Whether the token was verified before.
        remembered: bool,
    },
    /// The end of the line.
    Verdict(&'s Verdict<'s>),
}

impl Step<'_> {
    /// The step as one line of JSON.
    pub fn json(&self) -> String {
        String::from("{}")
    }
}

/// Hears of each step.
pub trait Trace {
    /// A step was taken.
    fn note(&mut self, step: Step<'_>);
}

/// Hears nothing.
#[derive(Copy, Clone, Debug)]
pub struct Silent;

impl Trace for Silent {
    fn note(&mut self, _: Step<'_>) {}
}
