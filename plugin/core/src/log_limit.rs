//! A bound on the log lines that requests cause: a flood of refused requests must not fill a disk.
//!
//! Lines are counted by what they say, not by who caused them: the first [`LINES_A_SECOND`] of a kind are written, the rest
//! of that second is one line with their number. Admitted requests are not counted here.

use crate::json::Object;
use crate::time::Timestamp;

/// How many lines of one kind a worker writes in a second.
pub const LINES_A_SECOND: u32 = 10;

/// What a line says: both parts come from the program, never from a request.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct LineKind {
    /// What happened: `refuse`, `would_refuse`, `error`.
    pub verdict: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// The lines of the current second. A worker has one.
#[derive(Debug, Default)]
pub struct LogLimit {
    second: u64,
    written: Vec<(LineKind, u32)>,
}

impl LogLimit {
    /// Starts a new second where `now` is in another one, and returns a line for each kind that was cut off in the last.
    pub fn advance(&mut self, now: Timestamp) -> Vec<(LineKind, String)> {
        let second = now.millis() / 1000;
        if second == self.second {
            return Vec::new();
        }
        self.second = second;
        let cut = self.written.drain(..).filter_map(|(kind, count)| {
            let repeated = count.checked_sub(LINES_A_SECOND).filter(|repeated| *repeated > 0)?;
            let line = Object::new().text("claimgate", kind.verdict).text("reason", kind.reason);
            Some((kind, line.raw("repeated", &repeated.to_string()).finish()))
        });
        cut.collect()
    }

    /// Counts a line of this kind; whether it may be written.
    pub fn admits(&mut self, kind: LineKind) -> bool {
        let count = match self.written.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => count,
            None => {
                self.written.push((kind, 0));
                match self.written.last_mut() {
                    Some((_, count)) => count,
                    None => return true,
                }
            }
        };
        *count = count.saturating_add(1);
        *count <= LINES_A_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const EXPIRED: LineKind = LineKind { verdict: "refuse", reason: "token_expired" };
    const NONE: LineKind = LineKind { verdict: "refuse", reason: "no_credential" };

    fn lines(limit: &mut LogLimit, millis: u64) -> Vec<String> {
        limit.advance(Timestamp::from_millis(millis)).into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn lines_of_one_kind_are_counted_after_ten() {
        let mut limit = LogLimit::default();
        assert!(lines(&mut limit, 5_000).is_empty());
        let written = (0..25).filter(|_| limit.admits(EXPIRED)).count();
        assert_eq!(written, 10);
        assert!(limit.admits(NONE), "another kind is not affected");
        assert!(lines(&mut limit, 5_999).is_empty());
        assert!(!limit.admits(EXPIRED));
        assert_eq!(lines(&mut limit, 6_000), [r#"{"claimgate":"refuse","reason":"token_expired","repeated":16}"#]);
        assert!(limit.admits(EXPIRED));
        assert!(lines(&mut limit, 7_000).is_empty());
    }

    #[test]
    fn clock_set_back_starts_a_new_second() {
        let mut limit = LogLimit::default();
        lines(&mut limit, 9_000);
        assert_eq!((0..11).filter(|_| limit.admits(NONE)).count(), 10);
        assert_eq!(lines(&mut limit, 3_000), [r#"{"claimgate":"refuse","reason":"no_credential","repeated":1}"#]);
        assert!(limit.admits(NONE));
    }
}
