//! A compact token taken apart, so that any part can be replaced.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use claimgate_devkit::provider::SigningKey;
use serde_json::Value;

/// The decoded parts of a compact JWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The JOSE header's bytes.
    pub header: Vec<u8>,
    /// The payload's bytes.
    pub payload: Vec<u8>,
    /// The signature's bytes.
    pub signature: Vec<u8>,
}

impl Token {
    /// Takes a well-formed token apart.
    ///
    /// # Panics
    /// When it is not three parts of base64url.
    pub fn parse(token: &str) -> Self {
        let mut parts = token.split('.').map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).expect("a part of base64url"));
        let mut next = || parts.next().expect("a token of three parts");
        let token = Self { header: next(), payload: next(), signature: next() };
        assert!(parts.next().is_none(), "a token of three parts");
        token
    }

    /// Other header bytes under the same signature.
    pub fn header(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.header = bytes.as_ref().to_vec();
        self
    }

    /// Another payload under the same signature.
    pub fn payload(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.payload = bytes.as_ref().to_vec();
        self
    }

    /// Another signature.
    pub fn signature(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.signature = bytes.as_ref().to_vec();
        self
    }

    /// One header member added or replaced, or with `null` taken away.
    pub fn header_member(mut self, name: &str, value: Value) -> Self {
        self.header = with_member(&self.header, name, value);
        self
    }

    /// One claim added or replaced, or with `null` taken away.
    pub fn claim(mut self, name: &str, value: Value) -> Self {
        self.payload = with_member(&self.payload, name, value);
        self
    }

    /// One bit of the signature flipped, counted from the first byte's lowest.
    pub fn flip_signature_bit(mut self, bit: usize) -> Self {
        if let Some(byte) = self.signature.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
        self
    }

    /// The same header and payload with a true signature of this key.
    pub fn signed_by(self, key: &SigningKey) -> Self {
        Self::parse(&key.token_raw(self.header, self.payload))
    }

    /// The compact form.
    pub fn text(&self) -> String {
        [&self.header, &self.payload, &self.signature].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part)).join(".")
    }
}

fn with_member(json: &[u8], name: &str, value: Value) -> Vec<u8> {
    let mut object: serde_json::Map<String, Value> = serde_json::from_slice(json).expect("a JSON object");
    match value {
        Value::Null => drop(object.remove(name)),
        value => drop(object.insert(name.to_owned(), value)),
    }
    Value::Object(object).to_string().into_bytes()
}
