//! What the VM is started for. A production VM has no configuration of its own; the `claimgate` command gives it one.

use crate::host::{self, Buffer, Level};
use claimgate_core::algorithm::Algorithms;
use claimgate_core::explain::{Step, Trace};
use claimgate_core::json::Document;
use claimgate_core::jwk::{Admission, Origin};
use claimgate_core::keyset::{Choice, KeySet};
use claimgate_core::refusal::Reason;
use claimgate_core::token::Jws;
use claimgate_core::verify::{OwnCode, Verifier as _};
use claimgate_signatures::Backend;

/// What the VM is started for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// To decide about requests.
    Gate,
    /// The same, and to log every step of every decision, claims included.
    Explain,
    /// To verify signatures over anything: never lets a request through.
    Jws,
}

impl Mode {
    /// Reads the VM's configuration: nothing, or `{"mode":"explain"}`.
    pub(crate) fn of_vm() -> Option<Self> {
        let text = host::buffer(Buffer::VmConfiguration, 4096).unwrap_or_default();
        if text.is_empty() {
            return Some(Self::Gate);
        }
        let document = Document::parse(&text).ok()?;
        match document.root().member("mode")?.as_str()?.as_ref() {
            "explain" => Some(Self::Explain),
            "jws" => Some(Self::Jws),
            _ => None,
        }
    }
}

/// Writes each step of a decision to the host's log.
pub(crate) struct StepLog;

impl Trace for StepLog {
    fn note(&mut self, step: Step<'_>) {
        host::log(Level::Info, &format!("claimgate step {}", step.json()));
    }
}

/// Reads a key set as inline keys, symmetric ones included.
pub(crate) fn jws_keys(text: &[u8]) -> Result<KeySet, &'static str> {
    let admission = Admission { algorithms: Algorithms::all(), origin: Origin::Inline, backend: Backend::Own };
    KeySet::parse(text, &admission).map_err(|error| error.label())
}

/// Whether a JWS verifies with one of the keys; its payload may be anything.
pub(crate) fn verify_jws(jws: &[u8], keys: &KeySet) -> Result<(), Reason> {
    let jws = Jws::parse(jws, 1024 * 1024)?;
    match keys.choose(jws.header.algorithm(), jws.header.kid(), None) {
        Choice::Unknown => Err(Reason::KeyUnknown),
        Choice::Unfit => Err(Reason::KeyUnfit),
        Choice::TooMany => Err(Reason::KeyAmbiguous),
        Choice::Try(keys) => {
            let scheme = jws.header.algorithm().scheme();
            let proven = keys.iter().flatten().any(|key| OwnCode.verify(key, scheme, jws.signed, &jws.signature));
            if proven { Ok(()) } else { Err(Reason::SignatureInvalid) }
        }
    }
}
