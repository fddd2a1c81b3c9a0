//! What the VM is started for. A production VM has no configuration of its own; the `claimgate` command gives it one.

use crate::crypto::{Signatures, backend};
use crate::host::{self, Buffer, Level};
use claimgate_core::algorithm::{Algorithm, Algorithms};
use claimgate_core::base64url;
use claimgate_core::config::{Crypto, Host};
use claimgate_core::explain::{Step, Trace};
use claimgate_core::json::Document;
use claimgate_core::jwk::{Admission, Origin};
use claimgate_core::keyset::{Choice, KeySet};
use claimgate_core::refusal::Reason;
use claimgate_core::token::Jws;
use claimgate_core::verify::Verifier as _;

/// What the VM is started for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// To decide about requests.
    Gate,
    /// The same, and to log every step of every decision, claims included.
    Explain,
    /// To verify signatures over anything, with that code: never lets a request through.
    Jws(Crypto),
}

impl Mode {
    /// Reads the VM's configuration: nothing, `{"mode":"explain"}`, or `{"mode":"jws"}`, also with `"crypto"`.
    pub(crate) fn of_vm() -> Option<Self> {
        // Where it cannot be read the VM decides about requests, which is the mode that lets the least through.
        let text = host::buffer(Buffer::VmConfiguration, 4096).unwrap_or_default();
        if text.is_empty() {
            return Some(Self::Gate);
        }
        let document = Document::parse(text).ok()?;
        match document.root().member("mode")?.as_str()?.as_ref() {
            "explain" => Some(Self::Explain),
            "jws" => Some(Self::Jws(match document.root().member("crypto") {
                None => Crypto::Wasm,
                Some(crypto) => match crypto.as_str()?.as_ref() {
                    "host" => Crypto::Host,
                    "library" => Crypto::Library,
                    "wasm" => Crypto::Wasm,
                    _ => return None,
                },
            })),
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

/// The work of [`Mode::Jws`]: keys, symmetric ones included, and whose code verifies with them.
pub(crate) struct SignatureLayer {
    keys: KeySet,
    signatures: Signatures,
}

impl SignatureLayer {
    /// Reads a key set as inline keys.
    pub(crate) fn of(text: &[u8], crypto: Crypto) -> Result<Self, &'static str> {
        let backend = backend(crypto);
        let admission = Admission { algorithms: Algorithms::all(), origin: Origin::Inline, backend };
        let keys = KeySet::parse(text, &admission).map_err(|error| error.label())?;
        let host = crypto == Crypto::Host;
        let signatures = if host { Signatures::self_tested(crypto, Host::Envoy) } else { Signatures::own() };
        Ok(Self { keys, signatures })
    }

    /// Whether what a request carries verifies: a JWS in `x-jws`, its payload may be anything; or, for those who test the
    /// primitives, any bytes in `x-message` with `x-signature`, both in base64url, `x-alg` and `x-kid`.
    pub(crate) fn answer(&self, headers: &[(&[u8], &[u8])]) -> Result<(), Reason> {
        let header = |name: &str| headers.iter().find(|(own, _)| *own == name.as_bytes()).map(|(_, value)| *value);
        if let Some(message) = header("x-message") {
            let text = |name| header(name).and_then(|value| std::str::from_utf8(value).ok());
            let decoded = |text| base64url::decode(text).ok_or(Reason::TokenMalformed);
            let algorithm = text("x-alg").and_then(Algorithm::named).ok_or(Reason::AlgorithmUnknown)?;
            let signature = decoded(header("x-signature").ok_or(Reason::NoCredential)?)?;
            return self.verify(algorithm, text("x-kid"), &decoded(message)?, &signature);
        }
        let jws = Jws::parse(header("x-jws").ok_or(Reason::NoCredential)?, 1024 * 1024)?;
        self.verify(jws.header.algorithm(), jws.header.kid(), jws.signed, &jws.signature)
    }

    fn verify(&self, algorithm: Algorithm, kid: Option<&str>, message: &[u8], signature: &[u8]) -> Result<(), Reason> {
        let mut code = self.signatures;
        match self.keys.choose(algorithm, kid, None) {
            Choice::Unknown => Err(Reason::KeyUnknown),
            Choice::Unfit => Err(Reason::KeyUnfit),
            Choice::TooMany => Err(Reason::KeyAmbiguous),
            Choice::Try(keys) => {
                let proven = keys.iter().flatten().any(|key| code.verify(key, algorithm.scheme(), message, signature));
                if proven { Ok(()) } else { Err(Reason::SignatureInvalid) }
            }
        }
    }
}
