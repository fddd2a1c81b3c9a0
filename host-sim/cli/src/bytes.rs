//! Bytes in JSON: text where they are UTF-8, `{"hex": "ff00"}` where they are not.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use host_sim::Pair;

/// Raw bytes with a JSON form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string or {\"hex\": \"..\"}")]
enum Form {
    Text(String),
    Hex { hex: String },
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
        match Form::deserialize(deserializer)? {
            Form::Text(text) => Ok(Bytes(text.into_bytes())),
            Form::Hex { hex } => hex::decode(&hex).map(Bytes).map_err(|e| D::Error::custom(format!("hex: {e}"))),
        }
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Hex {
            hex: String,
        }
        match std::str::from_utf8(&self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => Hex { hex: hex::encode(&self.0) }.serialize(serializer),
        }
    }
}

/// Header pairs with a JSON form.
pub(crate) fn pairs(pairs: &[Pair]) -> Vec<(Bytes, Bytes)> {
    pairs.iter().map(|(name, value)| (Bytes(name.clone()), Bytes(value.clone()))).collect()
}
