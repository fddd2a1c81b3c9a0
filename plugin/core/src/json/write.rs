//! Writing JSON: objects member by member, strings safe wherever the line ends up.

/// An object being written.
#[derive(Debug)]
pub struct Object(String);

impl Object {
    /// An object without members.
    #[allow(
        clippy::new_without_default,
        reason = "an empty object is where writing starts, not a value to fall back on"
    )]
    pub fn new() -> Self {
        Self(String::from("{"))
    }

    /// A member that is a string.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Self {
        self.raw(name, &string(value))
    }

    /// A member that is a string, where there is one.
    #[must_use]
    pub fn maybe_text(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// A member that is a list of strings.
    #[must_use]
    pub fn texts<'t>(self, name: &str, values: impl IntoIterator<Item = &'t str>) -> Self {
        self.list(name, values.into_iter().map(string))
    }

    /// A member that is a list of what is JSON already.
    #[must_use]
    pub fn list(self, name: &str, values: impl IntoIterator<Item = String>) -> Self {
        let values: Vec<String> = values.into_iter().collect();
        self.raw(name, &format!("[{}]", values.join(",")))
    }

    /// A member that is JSON already.
    #[must_use]
    pub fn raw(mut self, name: &str, json: &str) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&string(name));
        self.0.push(':');
        self.0.push_str(json);
        self
    }

    /// The object as text.
    pub fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// A string with its quotes. Controls are escaped, and what is not ASCII too, so that no log or terminal reads anything
/// into it.
pub(super) fn string(text: &str) -> String {
    let mut out = String::from("\"");
    let mut units = [0u16; 2];
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn what_is_written_reads_back_and_is_printable() {
        let text = "a\"b\\c\n\u{7f}é😀\u{202e}";
        let written = Object::new().text("t", text).maybe_text("n", None).texts("l", ["x", "y"]).raw("r", "1").finish();
        assert!(written.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        let read: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read, serde_json::json!({"t": text, "l": ["x", "y"], "r": 1}));
    }
}
