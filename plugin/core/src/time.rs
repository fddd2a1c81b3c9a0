//! Points in time, as the host tells them.

use std::time::Duration;

/// A point in time in milliseconds since the Unix epoch. Arithmetic saturates.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The time `millis` milliseconds after the epoch.
    pub fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the epoch.
    pub fn millis(self) -> u64 {
        self.0
    }

    /// Whether the host has no clock: such a host answers zero, and nothing with a date can be judged.
    pub fn is_unset(self) -> bool {
        self.0 == 0
    }

    /// This time and `span` more.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    /// This time less `span`.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

/// In milliseconds, without the 128 bits that [`Duration::as_millis`] takes and wasm has no instruction for.
pub(crate) fn millis(span: Duration) -> u64 {
    const MOST: u64 = u64::MAX / 1000 - 1;
    span.as_secs().min(MOST).wrapping_mul(1000).wrapping_add(u64::from(span.subsec_millis()))
}
