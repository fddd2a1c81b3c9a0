//! Counters and gauges, by the names that `envoy/` turns into labels.

use crate::host::{self, Metric};
use claimgate_core::issuer::IssuerId;
use claimgate_core::refusal::Reason;
use std::collections::BTreeMap;

/// The metrics of this worker; the host adds up workers. A host without metrics loses nothing else.
#[derive(Default)]
pub(crate) struct Metrics {
    known: BTreeMap<String, Option<u32>>,
    /// The counters of admitted requests by issuer, found without a name: these count on every request.
    admitted: BTreeMap<Option<IssuerId>, Option<u32>>,
}

impl Metrics {
    /// A request went on to the service; `issuer` says whose token it carried, if any.
    pub(crate) fn admitted(&mut self, issuer: Option<(IssuerId, &str)>) {
        let id = issuer.map(|(id, _)| id);
        let metric = match self.admitted.get(&id) {
            Some(metric) => *metric,
            None => {
                let metric = self.metric(Metric::Counter, &scoped(issuer.map(|(_, name)| name), "admitted"));
                self.admitted.insert(id, metric);
                metric
            }
        };
        if let Some(metric) = metric {
            let _best_effort = host::increment_metric(metric, 1);
        }
    }

    /// A request was refused.
    pub(crate) fn refused(&mut self, issuer: Option<&str>, reason: Reason) {
        self.count(&scoped(issuer, &format!("refused.reason.{}", reason.label())), 1);
    }

    /// A request went on that would have been refused where rules are enforced.
    pub(crate) fn reported(&mut self, issuer: Option<&str>, reason: Reason) {
        self.count(&scoped(issuer, &format!("would_refuse.reason.{}", reason.label())), 1);
    }

    /// Adds to a counter of one issuer's keys.
    pub(crate) fn count_keys(&mut self, issuer: &str, what: &str, label: &str, by: u32) {
        self.count(&format!("claimgate.issuer.{issuer}.keys.{what}.{label}"), i64::from(by));
    }

    /// Sets a gauge of one issuer's keys.
    pub(crate) fn gauge_keys(&mut self, issuer: &str, what: &str, value: u64) {
        if let Some(metric) = self.metric(Metric::Gauge, &format!("claimgate.issuer.{issuer}.keys.{what}")) {
            let _best_effort = host::record_metric(metric, value);
        }
    }

    fn count(&mut self, name: &str, by: i64) {
        if let Some(metric) = self.metric(Metric::Counter, name) {
            let _best_effort = host::increment_metric(metric, by);
        }
    }

    /// Defined when it is first used: with many issuers most reasons never occur.
    fn metric(&mut self, kind: Metric, name: &str) -> Option<u32> {
        match self.known.get(name) {
            Some(metric) => *metric,
            None => {
                let metric = host::define_metric(kind, name).ok();
                self.known.insert(name.to_owned(), metric);
                metric
            }
        }
    }
}

fn scoped(issuer: Option<&str>, what: &str) -> String {
    match issuer {
        Some(issuer) => format!("claimgate.issuer.{issuer}.{what}"),
        None => format!("claimgate.{what}"),
    }
}
