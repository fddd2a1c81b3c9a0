//! The module in the mode that verifies signatures alone, with each code that it has for that.

use std::sync::OnceLock;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use host_sim::{Host, Module, Outcome, Request};
use serde_json::{Value, json};

/// Whose code verifies: the module's own, the RustCrypto crates in it, or the host's function where that can.
pub(crate) const CODES: [&str; 3] = ["wasm", "library", "host"];

/// A worker with one key set.
pub(crate) struct Layer(Host);

impl Layer {
    /// Nothing where the module refuses the key set.
    pub(crate) fn new(code: &str, keys: &Value) -> Option<Layer> {
        let mode = json!({"mode": "jws", "crypto": code}).to_string();
        let mut host = Host::builder(module()).vm_configuration(mode).build();
        host.configure(keys.to_string().as_bytes()).ok()?;
        Some(Layer(host))
    }

    /// Verifies a token, or says why it does not hold.
    pub(crate) fn jws(&mut self, token: &str) -> Result<(), String> {
        self.ask(Request::get("/").header("x-jws", token))
    }

    /// Verifies a signature over any bytes.
    pub(crate) fn signature(&mut self, alg: &str, kid: &str, message: &[u8], signature: &[u8]) -> Result<(), String> {
        let request = Request::get("/").header("x-alg", alg).header("x-kid", kid);
        self.ask(request.header("x-message", encoded(message)).header("x-signature", encoded(signature)))
    }

    fn ask(&mut self, request: Request) -> Result<(), String> {
        let before = self.0.metrics();
        let report = self.0.request(0, request);
        assert_eq!(self.0.traps(), Vec::<&str>::new());
        self.0.take_log();
        let Outcome::LocalReply(reply) = &report.outcome else { panic!("{:?}", report.outcome) };
        if reply.status == 200 {
            return Ok(());
        }
        let after = self.0.metrics();
        let moved = after.iter().find(|(name, value)| before.get(*name).copied().unwrap_or_default() < **value);
        let label = moved.and_then(|(name, _)| name.split_once(".refused.reason.")).map(|(_, label)| label.to_owned());
        Err(label.expect("a refusal is counted by its reason"))
    }
}

/// The module, compiled once for the whole test program.
pub(crate) fn module() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(|| Module::from_file(&claimgate_tests::module()).expect("the module loads"))
}

pub(crate) fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

#[test]
fn the_mode_needs_a_code_that_there_is() {
    let key = json!({"keys": [{"kty": "oct", "k": encoded(&[7; 32])}]});
    assert!(CODES.iter().all(|code| Layer::new(code, &key).is_some()));
    assert!(Layer::new("openssl", &key).is_none());
}
