//! The lines modules log.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// A log level, numbered as in the ABI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names are the ABI's own")]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Critical,
}

impl Level {
    pub(crate) fn from_number(number: u32) -> Option<Level> {
        [Level::Trace, Level::Debug, Level::Info, Level::Warn, Level::Error, Level::Critical]
            .get(usize::try_from(number).ok()?)
            .copied()
    }
}

/// One line, and who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// How bad it is.
    pub level: Level,
    /// The VM that wrote it.
    pub vm: VmName,
    /// The context that wrote it: a root's or a stream's id.
    pub context: u32,
    /// The text, with bytes that are not UTF-8 replaced.
    pub text: String,
}

/// Which VM of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VmName {
    /// The throw-away VM a configuration is tried on.
    Canary,
    /// The VM of the worker with this number.
    Worker(usize),
}

impl fmt::Display for VmName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VmName::Canary => f.write_str("canary"),
            VmName::Worker(index) => write!(f, "worker {index}"),
        }
    }
}

/// Where lines go: the last hundred thousand are kept until taken, and each is shown to a listener if there is one.
#[derive(Default)]
pub struct Log {
    kept: Mutex<VecDeque<LogLine>>,
    listener: Option<Listener>,
}

type Listener = Box<dyn Fn(&LogLine) + Send + Sync>;

const KEPT_LINES: usize = 100_000;

impl Log {
    /// A log that shows each line to `listener` and keeps none.
    pub fn to(listener: impl Fn(&LogLine) + Send + Sync + 'static) -> Log {
        Log { kept: Mutex::default(), listener: Some(Box::new(listener)) }
    }

    pub(crate) fn write(&self, line: LogLine) {
        if let Some(listener) = &self.listener {
            listener(&line);
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT_LINES {
            kept.pop_front();
        }
        kept.push_back(line);
    }

    /// The lines kept since the last call, oldest first.
    pub fn take(&self) -> Vec<LogLine> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect()
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("kept", &self.kept).finish_non_exhaustive()
    }
}
