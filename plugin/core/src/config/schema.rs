//! The JSON Schema of the configuration, generated from the raw types. Only tests generate it; what is committed as
//! `config.schema.json` is what they assert.
//!
//! The types carry names, shapes and descriptions. What one field demands of another is added here as far as JSON Schema
//! can say it in a line; the rest only the module knows.

use super::raw::{Audiences, ClaimSource, Config, Discovery, Nullable, Ordered, Source, Unmapped};
use super::units::{Size, Span};
use crate::json::RawJson;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const COMMITTED: &str = include_str!("../../config.schema.json");

/// Shapes that are read by hand.
macro_rules! shapes {
    ($($type:ty => $schema:expr;)*) => {
        $(impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        })*
    };
}

shapes! {
    RawJson => json_schema!(true);
    Span => json_schema!({"type": "string", "pattern": "^[0-9]+(ms|s|m|h|d)$"});
    Size => json_schema!({"type": "string", "pattern": "^[0-9]+(B|KiB|MiB)$"});
    Nullable<String> => json_schema!({"oneOf": [{"type": "string"}, {"type": "null"}]});
    Audiences => json_schema!({"oneOf": [{"const": "any"}, {"type": "array", "items": {"type": "string"}}]});
    Discovery => json_schema!({"oneOf": [{"const": true}, {"type": "string"}]});
    Unmapped => json_schema!({"oneOf": [{"enum": ["drop", "keep"]}, {
        "type": "object", "properties": {"prefix": {"type": "string"}}, "required": ["prefix"], "additionalProperties": false,
    }]});
}

impl JsonSchema for Source {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Source".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"oneOf": [{"type": "string"}, generator.subschema_for::<ClaimSource>()]})
    }
}

impl<T: JsonSchema> JsonSchema for Ordered<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Ordered".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "additionalProperties": T::json_schema(generator)})
    }
}

/// The types allow what is absent so that they can report it; a configuration may not leave everything out.
const DEMANDS: [(&str, &[&str]); 5] = [
    ("Issuer", &["name", "keys"]),
    ("ResourceClaim", &["claim", "any_of"]),
    ("ClaimSource", &["at"]),
    ("Grant", &["when", "groups"]),
    ("Resource", &["name", "resource"]),
];

/// Exactly one of these members.
const ONE_OF: [(&str, &[&str]); 2] = [("AllOrAny", &["all", "any"]), ("TokenSource", &["header", "cookie", "query"])];

/// A claim rule has exactly one of these, a test beside `claim`, a combination without it.
const TESTS: [&str; 14] = [
    "equals",
    "not_equals",
    "in",
    "not_in",
    "contains",
    "contains_any",
    "contains_all",
    "prefix",
    "suffix",
    "present",
    "gt",
    "gte",
    "lt",
    "lte",
];
const COMBINATIONS: [&str; 2] = ["any", "not"];

/// At the most one of these members.
const NOT_TWO: [(&str, &[&str]); 2] =
    [("Keys", &["inline", "jwks_uri", "discovery"]), ("Match", &["path", "prefix", "template"])];

fn generated() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Config>().to_value();
    tidy(&mut schema);
    schema["required"] = json!(["issuers"]);
    schema["properties"]["issuers"]["minItems"] = json!(1);
    for (name, members) in DEMANDS {
        schema["$defs"][name]["required"] = json!(members);
    }
    let required = |member: &&str| json!({"required": [member]});
    for (name, members) in ONE_OF {
        schema["$defs"][name]["oneOf"] = members.iter().map(required).collect();
    }
    let tests = TESTS.map(|test| json!({"required": ["claim", test]}));
    let combined = COMBINATIONS.map(|member| json!({"required": [member], "not": {"required": ["claim"]}}));
    schema["$defs"]["ClaimRule"]["oneOf"] = tests.into_iter().chain(combined).collect();
    for (name, members) in NOT_TWO {
        let pairs =
            members.iter().enumerate().flat_map(|(at, one)| members.iter().take(at).map(move |other| (one, other)));
        schema["$defs"][name]["not"] =
            json!({"anyOf": pairs.map(|(one, other)| json!({"required": [one, other]})).collect::<Vec<_>>()});
    }
    schema
}

/// An absent member is `None` and never null; null is only where a shape of its own says so. The sizes of integers and the
/// line breaks of descriptions are Rust's and nobody else's.
fn tidy(schema: &mut Value) {
    if let Some(types) = schema.get("type").and_then(Value::as_array).cloned() {
        let others: Vec<_> = types.into_iter().filter(|name| name != "null").collect();
        if let [only] = others.as_slice() {
            schema["type"] = only.clone();
        }
    }
    if let Some([only, null]) = schema.get("anyOf").and_then(Value::as_array).map(Vec::as_slice)
        && *null == json!({"type": "null"})
    {
        let only = only.clone();
        let members = schema.as_object_mut().unwrap();
        members.remove("anyOf");
        members.extend(only.as_object().unwrap().clone());
    }
    if let Some(members) = schema.as_object_mut() {
        members.remove("format");
        if let Some(Value::String(text)) = members.get_mut("description") {
            *text = text.replace('\n', " ");
        }
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(tidy),
        Value::Array(elements) => elements.iter_mut().for_each(tidy),
        _ => {}
    }
}

#[test]
fn the_committed_schema_is_what_the_types_generate() {
    let text = format!("{}\n", serde_json::to_string_pretty(&generated()).unwrap());
    #[cfg(not(target_arch = "wasm32"))]
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/config.schema.json"), text).unwrap();
        return;
    }
    assert!(text == COMMITTED, "UPDATE_SCHEMA=1 cargo test -p claimgate-core --lib schema");
}

#[test]
fn every_field_is_described() {
    fn undescribed(at: &str, schema: &Value, found: &mut Vec<String>) {
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            if field.get("description").is_none() {
                found.push(format!("{at}.{name}"));
            }
        }
    }
    let schema = generated();
    let mut found = Vec::new();
    undescribed("", &schema, &mut found);
    for (name, own) in schema["$defs"].as_object().unwrap() {
        undescribed(name, own, &mut found);
        assert_eq!(own.get("properties").is_some(), own["additionalProperties"] == false, "{name}");
    }
    assert_eq!(found, Vec::<String>::new());
}
