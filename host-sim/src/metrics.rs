//! Counters, gauges and histograms: one of each name for the whole process, whichever VM defines it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::status::Status;

/// Which kind a metric is, numbered as in the ABI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum MetricKind {
    /// Only goes up.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Collects samples; its value here is how many.
    Histogram,
}

impl MetricKind {
    fn from_number(number: u32) -> Option<MetricKind> {
        [MetricKind::Counter, MetricKind::Gauge, MetricKind::Histogram].get(usize::try_from(number).ok()?).copied()
    }
}

/// Names with their values at one moment.
pub type Snapshot = BTreeMap<String, u64>;

/// The process's metrics.
#[derive(Debug, Default)]
pub struct Metrics {
    values: Mutex<BTreeMap<(String, MetricKind), u64>>,
}

impl Metrics {
    /// Every metric that was defined, with its value.
    pub fn snapshot(&self) -> Snapshot {
        self.values().iter().map(|((name, _), value)| (name.clone(), *value)).collect()
    }

    /// The value of the metric called `name`, if one is defined.
    pub fn value(&self, name: &str) -> Option<u64> {
        self.values().iter().find(|((own, _), _)| own == name).map(|(_, value)| *value)
    }

    fn values(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, MetricKind), u64>> {
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, key: &(String, MetricKind), change: impl FnOnce(&mut u64)) {
        change(self.values().entry(key.clone()).or_default());
    }
}

/// One VM's ids for metrics. The kind is in the two low bits of an id, and every definition gets a new one.
#[derive(Debug, Default)]
pub(crate) struct MetricIds {
    keys: [Vec<(String, MetricKind)>; 3],
}

impl MetricIds {
    pub(crate) fn define(&mut self, metrics: &Metrics, kind: u32, name: &str) -> Result<u32, Status> {
        let kind = MetricKind::from_number(kind).ok_or(Status::BadArgument)?;
        let key = (name.to_owned(), kind);
        metrics.change(&key, |_| ());
        let own = &mut self.keys[kind as usize];
        own.push(key);
        Ok(((own.len() as u32 - 1) << 2) | kind as u32)
    }

    pub(crate) fn increment(&self, metrics: &Metrics, id: u32, offset: i64) -> Result<(), Status> {
        let key = self.key(id)?;
        match key.1 {
            MetricKind::Counter if offset <= 0 => Err(Status::BadArgument),
            MetricKind::Histogram => Err(Status::BadArgument),
            _ => {
                metrics.change(key, |value| *value = value.saturating_add_signed(offset));
                Ok(())
            }
        }
    }

    pub(crate) fn record(&self, metrics: &Metrics, id: u32, sample: u64) -> Result<(), Status> {
        let key = self.key(id).map_err(|_| Status::NotFound)?;
        metrics.change(key, |value| {
            *value = match key.1 {
                MetricKind::Counter => value.saturating_add(sample),
                MetricKind::Gauge => sample,
                MetricKind::Histogram => value.saturating_add(1),
            };
        });
        Ok(())
    }

    pub(crate) fn value(&self, metrics: &Metrics, id: u32) -> Result<u64, Status> {
        let key = self.key(id)?;
        match key.1 {
            MetricKind::Histogram => Err(Status::BadArgument),
            _ => Ok(metrics.values().get(key).copied().unwrap_or_default()),
        }
    }

    fn key(&self, id: u32) -> Result<&(String, MetricKind), Status> {
        let kind = MetricKind::from_number(id & 3).ok_or(Status::BadArgument)?;
        self.keys[kind as usize].get((id >> 2) as usize).ok_or(Status::NotFound)
    }
}
