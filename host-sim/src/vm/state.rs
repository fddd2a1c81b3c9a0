//! What a host keeps for one VM: the data that hostcalls read and write.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Memory, StoreLimits, StoreLimitsBuilder, TypedFunc};

use crate::callout::{Callout, Delivery};
use crate::fault::Ending;
use crate::log::{Level, LogLine, VmName};
use crate::metrics::MetricIds;
use crate::process::Process;
use crate::profile::{Ability, Rules};
use crate::status::Status;
use crate::stream::{LocalReply, Report, Stream};

/// Where in a VM's life a hostcall comes from; the first two allow almost none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Initialising,
    Allocating,
    InCallback(&'static str),
    Idle,
}

/// A root context: one plugin configuration in this VM.
#[derive(Debug, Default)]
pub(crate) struct Root {
    pub(crate) configuration: Vec<u8>,
    pub(crate) tick: Option<Tick>,
    pub(crate) tick_was_set: bool,
    pub(crate) draining: bool,
    pub(crate) awaits_done: bool,
}

/// A root's timer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tick {
    pub(crate) period: Duration,
    pub(crate) due: Duration,
}

/// What a hostcall leaves to be done after the callback it was made in.
#[derive(Debug)]
pub(crate) enum Deferred {
    Reply(u32, LocalReply),
    ResumeRequest(u32),
    ResumeResponse(u32),
    Done(u32),
}

/// The data of a VM's store.
pub(crate) struct VmState {
    pub(crate) process: Arc<Process>,
    pub(crate) name: VmName,
    pub(crate) generation: u32,
    pub(crate) memory: Option<Memory>,
    pub(crate) allocator: Option<TypedFunc<u32, u32>>,
    pub(crate) limits: StoreLimits,
    pub(crate) phase: Phase,
    pub(crate) current: u32,
    pub(crate) effective: u32,
    pub(crate) roots: BTreeMap<u32, Root>,
    pub(crate) streams: BTreeMap<u32, Stream>,
    pub(crate) finished: BTreeMap<u32, Report>,
    pub(crate) next_context: u32,
    pub(crate) next_token: u32,
    pub(crate) callouts: BTreeMap<u32, u32>,
    pub(crate) started: Vec<Callout>,
    pub(crate) deferred: Vec<Deferred>,
    pub(crate) stop_next: bool,
    pub(crate) delivery: Option<(u32, Delivery)>,
    pub(crate) call_status: (u32, &'static str),
    pub(crate) configuring: Option<u32>,
    pub(crate) configure_log: Option<Vec<LogLine>>,
    pub(crate) metric_ids: MetricIds,
    pub(crate) hostcalls: BTreeMap<&'static str, u64>,
    pub(crate) anomalies: Vec<String>,
    /// What the running callback has logged at `error` and above: what a panic leaves behind.
    pub(crate) last_words: String,
    pub(crate) random: u64,
}

impl VmState {
    pub(crate) fn new(process: Arc<Process>, name: VmName, generation: u32) -> VmState {
        let lane = match name {
            VmName::Canary => 0,
            VmName::Worker(index) => index as u64 + 1,
        };
        let random = process.settings.seed ^ lane.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(generation) << 48;
        VmState {
            next_token: process.settings.rules().first_token,
            limits: StoreLimitsBuilder::new().memory_size(process.settings.memory_limit).build(),
            process,
            name,
            generation,
            memory: None,
            allocator: None,
            phase: Phase::Initialising,
            current: 0,
            effective: 0,
            roots: BTreeMap::new(),
            streams: BTreeMap::new(),
            finished: BTreeMap::new(),
            next_context: 1,
            callouts: BTreeMap::new(),
            started: Vec::new(),
            deferred: Vec::new(),
            stop_next: false,
            delivery: None,
            call_status: (0, ""),
            configuring: None,
            configure_log: None,
            metric_ids: MetricIds::default(),
            hostcalls: BTreeMap::new(),
            anomalies: Vec::new(),
            last_words: String::new(),
            random: random.max(1),
        }
    }

    pub(crate) fn rules(&self) -> &'static Rules {
        self.process.settings.rules()
    }

    /// The context hostcalls act on: the effective one while it exists, else the callback's own.
    pub(crate) fn context(&self) -> u32 {
        if self.effective != 0 && self.knows(self.effective) { self.effective } else { self.current }
    }

    pub(crate) fn knows(&self, context: u32) -> bool {
        self.roots.contains_key(&context) || self.streams.contains_key(&context)
    }

    /// The root of the context hostcalls act on.
    pub(crate) fn root_context(&self) -> u32 {
        let context = self.context();
        self.streams.get(&context).map_or(context, |stream| stream.root)
    }

    /// The stream hostcalls act on, if they act on one.
    pub(crate) fn stream(&mut self) -> Option<&mut Stream> {
        let context = self.context();
        self.streams.get_mut(&context)
    }

    pub(crate) fn allocate_context(&mut self) -> u32 {
        let id = self.next_context;
        self.next_context += 1;
        id
    }

    /// A callout token: never one in use, nor below the host's first.
    pub(crate) fn allocate_token(&mut self) -> u32 {
        loop {
            let token = self.next_token;
            self.next_token = self.next_token.wrapping_add(1);
            if token >= self.rules().first_token && !self.callouts.contains_key(&token) {
                return token;
            }
        }
    }

    pub(crate) fn count(&mut self, hostcall: &'static str) {
        *self.hostcalls.entry(hostcall).or_default() += 1;
        let current = self.current;
        if let Some(stream) = self.streams.get_mut(&current) {
            *stream.report.hostcalls.entry(hostcall).or_default() += 1;
        }
    }

    /// How a hostcall ends without being carried out: by a fault, a capability restriction or a missing ability.
    pub(crate) fn refusal(&self, hostcall: &'static str) -> Option<Ending> {
        let struck = self.process.faults.strike(self.name, self.context(), hostcall);
        struck.or_else(|| self.lack(hostcall).map(Ending::Status))
    }

    fn lack(&self, hostcall: &str) -> Option<Status> {
        let settings = &self.process.settings;
        if settings.restricted_hostcalls.contains(hostcall) {
            return Some(Status::InternalFailure);
        }
        match Ability::behind(hostcall) {
            Some(Ability::ForeignFunctions) if settings.missing.contains(&Ability::ForeignFunctions) => {
                Some(settings.rules().no_foreign_functions)
            }
            Some(ability) if settings.missing.contains(&ability) => Some(Status::Unimplemented),
            _ => None,
        }
    }

    pub(crate) fn write_log(&mut self, level: Level, text: String) {
        if level >= Level::Error && !text.starts_with("note: ") && self.last_words.len() < 2000 {
            self.last_words.push_str(": ");
            self.last_words.push_str(text.trim());
        }
        let line = LogLine { level, vm: self.name, context: self.context(), text };
        if let Some(stream) = self.stream() {
            stream.report.log.push(line.clone());
        }
        if let Some(log) = &mut self.configure_log {
            log.push(line.clone());
        }
        self.process.log.write(line);
    }

    /// Notes something no filter should do, for the stream if it still lives and for the VM.
    pub(crate) fn anomaly(&mut self, context: u32, text: &str) {
        if let Some(stream) = self.streams.get_mut(&context) {
            stream.anomaly(text);
        } else if let Some(report) = self.finished.get_mut(&context) {
            report.anomalies.push(text.to_owned());
        }
        if self.anomalies.len() < 10_000 {
            self.anomalies.push(format!("{} context {context}: {text}", self.name));
        }
    }

    /// The next pseudo-random number: the same sequence for the same seed, worker and generation.
    pub(crate) fn next_random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }
}
