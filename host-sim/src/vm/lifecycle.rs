//! Root contexts: configuring them, their timers and callouts, and letting them go.

use super::state::{Deferred, Root};
use super::{Rejected, Vm};
use crate::callout::CalloutOutcome;
use crate::log::LogLine;
use crate::profile::RootIds;

impl Vm {
    /// Adds a root context with this configuration beside those already there.
    ///
    /// # Errors
    ///
    /// When `on_vm_start` or `on_configure` answers false, or the VM traps.
    pub fn add_root(&mut self, configuration: &[u8]) -> Result<u32, Rejected> {
        let size = configuration.len() as u32;
        let state = self.state();
        let rules = state.rules();
        let id = match rules.root_ids {
            RootIds::Counted => state.allocate_context(),
            RootIds::Checksum => checksum(configuration),
        };
        let vm_size = state.process.settings.vm_configuration.len() as u32;
        let starts = rules.starts_every_vm || state.generation == 0;
        state.roots.insert(id, Root { configuration: configuration.to_vec(), ..Root::default() });
        state.configuring = Some(id);
        state.configure_log = Some(Vec::new());
        let mut answer = self.call(id, "proxy_on_context_create", (id, 0u32), ()).map(|()| 1);
        for (name, size) in [("proxy_on_vm_start", vm_size), ("proxy_on_configure", size)] {
            if matches!(answer, Ok(1..)) && (starts || name != "proxy_on_vm_start") {
                answer = self.call(id, name, (id, size), 1u32);
            }
        }
        let state = self.state();
        state.configuring = None;
        let log: Vec<LogLine> = state.configure_log.take().unwrap_or_default();
        self.settle();
        match answer {
            Ok(1..) => Ok(id),
            Ok(0) => {
                self.state().roots.remove(&id);
                Err(Rejected { reason: "the module refused the configuration".to_owned(), log })
            }
            Err(_) => Err(Rejected { reason: self.trap.clone().unwrap_or_default(), log }),
        }
    }

    /// Lets a root context go once its last stream has ended: `on_done`, `on_delete`, its callouts cancelled.
    pub fn drain_root(&mut self, root: u32) {
        if let Some(root) = self.state().roots.get_mut(&root) {
            root.draining = true;
        }
        self.drain();
    }

    /// Ends every draining root that has no stream left.
    pub(super) fn drain(&mut self) {
        let state = self.state();
        let busy = |id: u32| state.streams.values().any(|stream| stream.root == id);
        let idle = |(id, root): (&u32, &Root)| (root.draining && !root.awaits_done && !busy(*id)).then_some(*id);
        let ready: Vec<u32> = state.roots.iter().filter_map(idle).collect();
        for id in ready {
            match self.call(id, "proxy_on_done", (id,), 1u32) {
                Ok(0) => {
                    if let Some(root) = self.state().roots.get_mut(&id) {
                        root.awaits_done = true;
                    }
                }
                _ => self.delete_root(id),
            }
            self.settle();
        }
    }

    pub(super) fn delete_root(&mut self, id: u32) {
        let _ = self.call(id, "proxy_on_delete", (id,), ());
        let state = self.state();
        state.roots.remove(&id);
        state.callouts.retain(|_, root| *root != id);
        state.started.retain(|callout| callout.root != id);
    }

    /// Whether a root context is still there.
    pub fn has_root(&self, root: u32) -> bool {
        self.store.data().roots.contains_key(&root)
    }

    /// Runs a root's timer and re-arms it.
    pub fn tick(&mut self, root: u32) {
        let _ = self.call(root, "proxy_on_tick", (root,), ());
        let state = self.state();
        let now = state.process.clock.now().steady;
        if let Some(tick) = state.roots.get_mut(&root).and_then(|root| root.tick.as_mut()) {
            tick.due = now + tick.period;
        }
        self.settle();
    }

    /// Whether the module still waits for this callout.
    pub fn awaits(&self, token: u32) -> bool {
        self.store.data().callouts.contains_key(&token)
    }

    /// Ends a callout. One that was cancelled, or had its answer, is ignored.
    pub fn deliver(&mut self, token: u32, outcome: CalloutOutcome) {
        let state = self.state();
        let Some(root) = state.callouts.remove(&token) else {
            return;
        };
        let delivery = outcome.deliver(state.rules().failures);
        let counts = (delivery.header_count, delivery.body_size, delivery.trailer_count);
        state.call_status = if delivery.headers.is_none() { (11, "reset") } else { (0, "") };
        state.delivery = Some((root, delivery));
        let _ = self.call(root, "proxy_on_http_call_response", (root, token, counts.0, counts.1, counts.2), ());
        self.state().delivery = None;
        self.settle();
    }

    /// Does what callbacks asked to have done after them.
    pub(super) fn settle(&mut self) {
        while !self.state().deferred.is_empty() {
            match self.state().deferred.remove(0) {
                Deferred::Reply(stream, reply) => self.reply(stream, reply),
                Deferred::ResumeRequest(stream) => self.resume_request(stream),
                Deferred::ResumeResponse(stream) => {
                    self.state().anomaly(stream, "a response was resumed; this filter never holds one");
                }
                Deferred::Done(root) => self.delete_root(root),
            }
        }
    }
}

/// nginx numbers a root context by a checksum of its configuration.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)) | 1 << 31
}
