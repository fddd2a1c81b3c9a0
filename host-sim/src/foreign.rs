//! Foreign functions: what a host lets modules call by name.

mod verify_signature;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::profile::Profile;
use crate::status::Status;

pub use verify_signature::verify_signature;

/// A foreign function: arguments in, result out.
pub type ForeignFunction = Box<dyn Fn(&[u8]) -> Result<Vec<u8>, Status> + Send + Sync>;

/// The functions a host has registered, by name, and what they were called with.
pub struct ForeignFunctions {
    functions: BTreeMap<String, ForeignFunction>,
    recorded: Mutex<Vec<(String, Vec<u8>)>>,
}

impl ForeignFunctions {
    /// What a host of this profile registers.
    pub fn of(profile: Profile) -> ForeignFunctions {
        let mut own = ForeignFunctions { functions: BTreeMap::new(), recorded: Mutex::default() };
        if profile == Profile::Envoy {
            own.register("verify_signature", Box::new(verify_signature));
            own.register("clear_route_cache", Box::new(|_| Ok(Vec::new())));
            own.register("set_envoy_filter_state", Box::new(|_| Ok(Vec::new())));
        }
        own
    }

    /// Registers `function`, replacing what had its name.
    pub fn register(&mut self, name: &str, function: ForeignFunction) {
        self.functions.insert(name.to_owned(), function);
    }

    /// Calls of functions made for their effect (`clear_route_cache`, `set_envoy_filter_state`) since the last take.
    pub fn take_recorded(&self) -> Vec<(String, Vec<u8>)> {
        std::mem::take(&mut *self.recorded.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Calls `name`, or says that there is no such function.
    pub(crate) fn call(&self, name: &str, arguments: &[u8]) -> Option<Result<Vec<u8>, Status>> {
        let function = self.functions.get(name)?;
        if name != "verify_signature" {
            let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
            recorded.truncate(KEPT_CALLS - 1);
            recorded.push((name.to_owned(), arguments.to_vec()));
        }
        Some(function(arguments))
    }
}

const KEPT_CALLS: usize = 10_000;

impl fmt::Debug for ForeignFunctions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.functions.keys()).finish()
    }
}
