//! A filter, compiled once.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use wasmtime::{Config, Engine, ExternType, InstancePre};

use crate::abi;
use crate::vm::state::VmState;

/// A compiled module whose imports this host can all satisfy. Cheap to clone and to share between threads.
#[derive(Clone)]
pub struct Module {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    module: wasmtime::Module,
    linked: InstancePre<VmState>,
    metered: bool,
}

/// A module that no proxy-wasm host would load, and why.
#[derive(Debug)]
pub struct LoadError(String);

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LoadError {}

/// Markers of the ABI versions this host speaks.
const ABI_MARKERS: [&str; 2] = ["proxy_abi_version_0_2_1", "proxy_abi_version_0_2_0"];
pub(crate) const ALLOCATORS: [&str; 2] = ["proxy_on_memory_allocate", "malloc"];

impl Module {
    /// Compiles a module from its bytes (or text, where wasmtime's `wat` is on).
    ///
    /// # Errors
    ///
    /// When it is not valid, imports what no host offers, or lacks the ABI's marker, its memory or its allocator.
    pub fn new(bytes: &[u8]) -> Result<Module, LoadError> {
        Module::compile(bytes, false)
    }

    /// The same, with every instruction counted: slower, and [`crate::Vm::instructions`] works.
    ///
    /// # Errors
    ///
    /// As [`Module::new`].
    pub fn metered(bytes: &[u8]) -> Result<Module, LoadError> {
        Module::compile(bytes, true)
    }

    /// Compiles the module in a file.
    ///
    /// # Errors
    ///
    /// As [`Module::new`], or when the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Module, LoadError> {
        let bytes = std::fs::read(path).map_err(|e| LoadError(format!("cannot read {}: {e}", path.display())))?;
        Module::new(&bytes)
    }

    fn compile(bytes: &[u8], metered: bool) -> Result<Module, LoadError> {
        let failed = |what: &str, e: wasmtime::Error| LoadError(format!("{what}: {e:#}"));
        let mut config = Config::new();
        config.consume_fuel(metered);
        let engine = Engine::new(&config).map_err(|e| failed("no engine", e))?;
        let module = wasmtime::Module::new(&engine, bytes).map_err(|e| failed("not a valid module", e))?;
        let linker = abi::linker(&engine).map_err(|e| failed("no linker", e))?;
        let linked = linker.instantiate_pre(&module).map_err(|e| failed("an import cannot be satisfied", e))?;
        let exports = |name: &str| module.get_export(name).is_some();
        if !ABI_MARKERS.iter().any(|name| exports(name)) {
            return Err(LoadError(format!("exports no ABI marker ({})", ABI_MARKERS.join(" or "))));
        }
        if !ALLOCATORS.iter().any(|name| exports(name)) {
            return Err(LoadError(format!("exports no allocator ({})", ALLOCATORS.join(" or "))));
        }
        if !matches!(module.get_export("memory"), Some(ExternType::Memory(_))) {
            return Err(LoadError("exports no memory".to_owned()));
        }
        Ok(Module { inner: Arc::new(Inner { engine, module, linked, metered }) })
    }

    /// The names of its imports as `module.name`, in the order of its import section.
    pub fn imports(&self) -> Vec<String> {
        self.inner.module.imports().map(|import| format!("{}.{}", import.module(), import.name())).collect()
    }

    /// The names of its exports.
    pub fn exports(&self) -> Vec<String> {
        self.inner.module.exports().map(|export| export.name().to_owned()).collect()
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(crate) fn linked(&self) -> &InstancePre<VmState> {
        &self.inner.linked
    }

    pub(crate) fn is_metered(&self) -> bool {
        self.inner.metered
    }
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module").field("imports", &self.imports()).finish()
    }
}
