//! Reading the module's verdicts from what a host can see: its log and its counters.

use serde_json::Value;

use host_sim::Rejected;
use host_sim::Snapshot;
use host_sim::{Level, LogLine};

const REFUSED: &str = "configuration refused: ";
const WARNING: &str = "configuration warning: ";
const REASON: &str = ".refused.reason.";

/// The mistakes a refused configuration was refused for, each as `PATH: problem`; never empty.
pub(crate) fn mistakes(rejected: &Rejected) -> Vec<String> {
    let grave = rejected.log.iter().filter(|line| line.level >= Level::Error);
    let named: Vec<String> =
        grave.clone().filter_map(|line| line.text.strip_prefix(REFUSED)).map(str::to_owned).collect();
    if !named.is_empty() {
        return named;
    }
    std::iter::once(rejected.reason.clone()).chain(grave.map(|line| line.text.clone())).collect()
}

/// What the module finds legal but unwise in a configuration, each as `PATH: text`, without repeats.
pub(crate) fn warnings(log: &[LogLine]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in log.iter().filter_map(|line| line.text.strip_prefix(WARNING)) {
        if !found.iter().any(|own| own == text) {
            found.push(text.to_owned());
        }
    }
    found
}

/// The label of the refusal counter that moved between two snapshots.
pub(crate) fn refusal(before: &Snapshot, after: &Snapshot) -> Option<String> {
    let moved = after.iter().filter(|(name, value)| before.get(*name).copied().unwrap_or_default() < **value);
    let mut labels = moved.filter_map(|(name, _)| name.split_once(REASON).map(|(_, label)| label.to_owned()));
    labels.next()
}

/// Why a request was refused: by the counters, or by the module's audit line on a host that has none.
pub(crate) fn reason(before: &Snapshot, after: &Snapshot, log: &[LogLine]) -> Option<String> {
    refusal(before, after).or_else(|| log.iter().find_map(|line| audited(&line.text)))
}

/// The reason in `{"claimgate": "refuse", "reason": "…"}`.
fn audited(text: &str) -> Option<String> {
    let line: Value = serde_json::from_str(text).ok().filter(|line: &Value| line.get("claimgate").is_some())?;
    Some(line.get("reason")?.as_str()?.to_owned())
}
