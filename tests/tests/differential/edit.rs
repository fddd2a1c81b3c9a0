//! Changing JSON as text, so that what no writer of JSON would write can be written. What is not an object stays as it is.

use serde_json::{Map, Value};

/// One member more at the end, exactly so.
pub(crate) fn append(json: &mut Vec<u8>, member: impl AsRef<[u8]>) {
    let Some(end) = json.iter().rposition(|byte| *byte == b'}') else { return };
    let comma: &[u8] = if json[..end].trim_ascii().ends_with(b"{") { b"" } else { b"," };
    json.splice(end..end, [comma, member.as_ref()].concat());
}

/// One member more at the beginning, exactly so.
pub(crate) fn prepend(json: &mut Vec<u8>, member: impl AsRef<[u8]>) {
    let Some(start) = json.iter().position(|byte| *byte == b'{') else { return };
    let comma: &[u8] = if json[start + 1..].trim_ascii().starts_with(b"}") { b"" } else { b"," };
    json.splice(start + 1..start + 1, [member.as_ref(), comma].concat());
}

/// A member taken away.
pub(crate) fn remove(json: &mut Vec<u8>, name: &str) {
    let Ok(mut object) = serde_json::from_slice::<Map<String, Value>>(json) else { return };
    object.remove(name);
    *json = Value::Object(object).to_string().into_bytes();
}

/// A member with exactly this text as its value, in place of what it was.
pub(crate) fn set(json: &mut Vec<u8>, name: &str, value: impl AsRef<[u8]>) {
    if serde_json::from_slice::<Map<String, Value>>(json).is_err() {
        return;
    }
    remove(json, name);
    append(json, [format!("\"{name}\":").as_bytes(), value.as_ref()].concat());
}

/// What a member is, as text.
pub(crate) fn get(json: &[u8], name: &str) -> Option<String> {
    let object: Map<String, Value> = serde_json::from_slice(json).ok()?;
    object.get(name).map(Value::to_string)
}
