//! One VM of one worker: it runs the module's callbacks and carries out what they ask for.

mod callbacks;
mod lifecycle;
pub(crate) mod state;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use wasmtime::{Instance, Store, Val, WasmParams, WasmResults};

use crate::callout::Callout;
use crate::log::{LogLine, VmName};
use crate::module::{ALLOCATORS, Module};
use crate::process::Process;
use crate::profile::Rules;
use crate::stream::{Outcome, Report};
use state::{Phase, VmState};

/// A running instance of the module. It is `Send`: a thread may own it.
pub struct Vm {
    store: Store<VmState>,
    instance: Instance,
    trap: Option<String>,
    metered: bool,
}

/// A configuration the module did not accept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Why, in the host's words.
    pub reason: String,
    /// What the module logged while it was configured.
    pub log: Vec<LogLine>,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)?;
        self.log.iter().try_for_each(|line| write!(f, "\n  {}", line.text))
    }
}

impl std::error::Error for Rejected {}

/// The VM trapped; [`Vm::trap`] says how.
pub(crate) struct Trapped;

impl Vm {
    /// Instantiates the module and runs its initialisation. `generation` counts the VMs this worker had before.
    ///
    /// # Errors
    ///
    /// A sentence that says why the module does not start on this host.
    pub fn start(module: &Module, process: Arc<Process>, name: VmName, generation: u32) -> Result<Vm, String> {
        check_interface(module, process.settings.rules())?;
        let mut store = Store::new(module.engine(), VmState::new(process, name, generation));
        store.limiter(|state| &mut state.limits);
        if module.is_metered() {
            store.set_fuel(u64::MAX).map_err(|e| e.to_string())?;
        }
        let instance = module.linked().instantiate(&mut store).map_err(|e| format!("cannot instantiate: {e:#}"))?;
        let memory = instance.get_memory(&mut store, "memory");
        let allocator = ALLOCATORS.iter().find_map(|name| instance.get_typed_func(&mut store, name).ok());
        store.data_mut().memory = memory;
        store.data_mut().allocator = allocator;
        let mut vm = Vm { store, instance, trap: None, metered: module.is_metered() };
        let entries = if vm.has("_initialize") { &["_initialize", "main"][..] } else { &["_start"][..] };
        for entry in entries {
            let done = if *entry == "main" {
                vm.run::<(u32, u32), u32>(entry, (0, 0), 0).map(drop)
            } else {
                vm.run(entry, (), ())
            };
            if done.is_err() {
                return Err(vm.trap.unwrap_or_default());
            }
        }
        vm.store.data_mut().phase = Phase::Idle;
        Ok(vm)
    }

    /// How the VM died, if it did. A dead VM is never called again.
    pub fn trap(&self) -> Option<&str> {
        self.trap.as_deref()
    }

    /// The size of the VM's memory in pages of 64 KiB.
    pub fn memory_pages(&self) -> u64 {
        self.store.data().memory.map_or(0, |memory| memory.size(&self.store))
    }

    /// How many instructions a metered module has run so far.
    pub fn instructions(&self) -> Option<u64> {
        if self.metered { self.store.get_fuel().ok().map(|left| u64::MAX - left) } else { None }
    }

    /// How often each hostcall was made since the VM started.
    pub fn hostcalls(&self) -> &BTreeMap<&'static str, u64> {
        &self.store.data().hostcalls
    }

    /// Things no filter should do that this one did, each in a sentence.
    pub fn anomalies(&self) -> &[String] {
        &self.store.data().anomalies
    }

    /// The callouts started since the last call, in order.
    pub fn take_started(&mut self) -> Vec<Callout> {
        std::mem::take(&mut self.store.data_mut().started)
    }

    /// When the next timer is due on the steady clock, and whose it is.
    pub fn next_tick(&self) -> Option<(Duration, u32)> {
        if self.trap.is_some() {
            return None;
        }
        let roots = self.store.data().roots.iter();
        roots.filter_map(|(id, root)| Some((root.tick?.due, *id))).min()
    }

    /// What has become of a stream so far; `None` once its report is taken.
    pub fn outcome(&self, stream: u32) -> Option<&Outcome> {
        let state = self.store.data();
        let live = state.streams.get(&stream).map(|stream| &stream.report);
        live.or_else(|| state.finished.get(&stream)).map(|report| &report.outcome)
    }

    /// The report of a stream that has ended.
    pub fn take_report(&mut self, stream: u32) -> Option<Report> {
        self.store.data_mut().finished.remove(&stream)
    }

    /// The reports of all streams, ended or not, as far as they got.
    pub(crate) fn into_reports(self) -> BTreeMap<u32, Report> {
        let state = self.store.into_data();
        let live = state.streams.into_iter().map(|(id, stream)| (id, stream.report));
        live.chain(state.finished).collect()
    }

    /// How many streams are in the VM.
    pub fn live_streams(&self) -> usize {
        self.store.data().streams.len()
    }

    /// Calls one of the module's callbacks with these arguments, in the context that the first of them names, whatever was
    /// called before: this is for trying what no host should do. Nothing where the callback answers with nothing.
    ///
    /// # Errors
    ///
    /// How the VM died, or that there is no such callback with so many arguments.
    pub fn callback(&mut self, name: &'static str, arguments: &[u32]) -> Result<Option<u32>, String> {
        let function = self.instance.get_func(&mut self.store, name).ok_or_else(|| format!("there is no {name}"))?;
        let results = function.ty(&self.store).results().len();
        let arguments: Vec<Val> = arguments.iter().map(|number| Val::I32(number.cast_signed())).collect();
        let mut results = vec![Val::I32(0); results];
        self.enter(arguments.first().and_then(Val::i32).unwrap_or_default().cast_unsigned(), name);
        let done = function.call(&mut self.store, &arguments, &mut results);
        if let Err(error) = done {
            self.die(&format!("{name}: {}", error.root_cause()));
        }
        self.leave();
        self.settle();
        self.trap.clone().map_or_else(|| Ok(results.first().and_then(Val::i32).map(i32::cast_unsigned)), Err)
    }

    fn has(&mut self, export: &str) -> bool {
        self.instance.get_func(&mut self.store, export).is_some()
    }

    fn state(&mut self) -> &mut VmState {
        self.store.data_mut()
    }

    /// Runs a callback in `context`. A restricted or absent callback answers `absent`, unless the host calls it without a
    /// look; a dead VM is not called.
    fn call<P: WasmParams, R: WasmResults>(
        &mut self,
        context: u32,
        name: &'static str,
        params: P,
        absent: R,
    ) -> Result<R, Trapped> {
        if self.trap.is_some() {
            return Err(Trapped);
        }
        if self.state().process.settings.restricted_callbacks.contains(name) {
            return Ok(absent);
        }
        if self.state().rules().unchecked_callbacks.contains(&name) && !self.has(name) {
            return Err(self.die(&format!("{name} is not exported, and this host calls it without a look: signal 11")));
        }
        self.enter(context, name);
        let result = self.run(name, params, absent);
        self.leave();
        result
    }

    fn enter(&mut self, context: u32, name: &'static str) {
        let state = self.state();
        state.current = context;
        state.effective = 0;
        state.stop_next = false;
        state.last_words.clear();
        state.phase = Phase::InCallback(name);
    }

    fn leave(&mut self) {
        let state = self.state();
        state.current = 0;
        state.effective = 0;
        state.phase = Phase::Idle;
    }

    fn run<P: WasmParams, R: WasmResults>(&mut self, name: &str, params: P, absent: R) -> Result<R, Trapped> {
        let Some(function) = self.instance.get_func(&mut self.store, name) else {
            return Ok(absent);
        };
        let result = function.typed::<P, R>(&self.store).and_then(|typed| typed.call(&mut self.store, params));
        result.map_err(|error| self.die(&format!("{name}: {}", error.root_cause())))
    }

    /// Marks the VM dead: what it had asked for is forgotten, and its callouts are cancelled.
    fn die(&mut self, message: &str) -> Trapped {
        let state = self.store.data_mut();
        state.callouts.clear();
        state.started.clear();
        state.deferred.clear();
        let words = std::mem::take(&mut state.last_words);
        self.trap = Some(format!("{message}{words}"));
        Trapped
    }
}

/// Whether the host takes a module with these imports and exports.
fn check_interface(module: &Module, rules: &Rules) -> Result<(), String> {
    let (imports, exports) = (module.imports(), module.exports());
    if let Some(import) = rules.incompatible_imports.iter().find(|name| imports.iter().any(|own| own == *name)) {
        return Err(format!("incompatible import type for {import}: this host has it with other parameters"));
    }
    if rules.required_exports.iter().any(|name| !exports.iter().any(|own| own == name)) {
        return Err(format!("filter missing one of: {}", rules.required_exports.join(", ")));
    }
    Ok(())
}

impl fmt::Debug for Vm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vm").field("name", &self.store.data().name).field("trap", &self.trap).finish_non_exhaustive()
    }
}
