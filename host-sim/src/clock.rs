//! Time as the host tells it: a wall clock that modules read and a steady clock that timers run on.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A source of time.
#[derive(Debug)]
pub enum Clock {
    /// Stands still until told to move.
    Virtual(Mutex<Reading>),
    /// The machine's own.
    Real(Instant),
}

/// What a clock shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reading {
    /// Time since the Unix epoch; may be set back.
    pub wall: Duration,
    /// Time since the host was made; never goes back.
    pub steady: Duration,
}

impl Clock {
    /// A clock that shows `unix_seconds` and stands still.
    pub fn at(unix_seconds: u64) -> Clock {
        Clock::Virtual(Mutex::new(Reading { wall: Duration::from_secs(unix_seconds), steady: Duration::ZERO }))
    }

    /// The machine's clock.
    pub fn real() -> Clock {
        Clock::Real(Instant::now())
    }

    /// The time now.
    pub fn now(&self) -> Reading {
        match self {
            Clock::Virtual(reading) => *reading.lock().unwrap_or_else(PoisonError::into_inner),
            Clock::Real(start) => Reading { wall: wall(), steady: start.elapsed() },
        }
    }

    /// Moves a virtual clock forward to `steady`; a real clock and a time already past are left alone.
    pub(crate) fn move_to(&self, steady: Duration) {
        if let Clock::Virtual(reading) = self {
            let mut reading = reading.lock().unwrap_or_else(PoisonError::into_inner);
            let by = steady.saturating_sub(reading.steady);
            reading.steady += by;
            reading.wall += by;
        }
    }

    /// Sets the wall of a virtual clock, forward or back; timers do not notice. A real clock is left alone.
    pub fn set_wall(&self, since_epoch: Duration) {
        if let Clock::Virtual(reading) = self {
            reading.lock().unwrap_or_else(PoisonError::into_inner).wall = since_epoch;
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "this is the host that the module asks for the time")]
fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
