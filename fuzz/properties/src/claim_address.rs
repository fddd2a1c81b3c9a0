//! The claim address, the names that are taken of what it finds, and the header that shows it.

use crate::json::Json;
use claimgate_core::address::Address;
use claimgate_core::groups::{NameSource, Take};
use claimgate_core::header::HeaderValue;
use claimgate_core::json::Document;

/// The first line is an address, the rest are the claims.
pub fn claim_address(data: &[u8]) {
    let mut halves = data.splitn(2, |byte| *byte == b'\n');
    let (address, claims) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let Ok(document) = Document::parse(claims) else { return };
    let json = Json::read(claims).expect("JSON without repeated members");
    if let Some(address) = std::str::from_utf8(address).ok().filter(|text| Address::parse(text).is_ok()) {
        let expected = expected(address, &json);
        assert_eq!(found(address, &document), expected, "{address}");
        for split in [None, Some(','), Some(' '), address.chars().last()] {
            for take in [Take::Values, Take::Names] {
                let at = Address::parse(address).expect("an address");
                let source = NameSource { at, take, split, prefix: String::new() };
                let wanted = names(&expected, take, split);
                assert_eq!(source.names(document.root(), None).ok(), wanted, "{address} {take:?} {split:?}");
            }
        }
    }
    shows(&json, &document);
    if matches!(json, Json::Object(_)) {
        each_value_has_its_address(&json, &json, &document, (&mut "$".to_owned(), &mut String::new()));
    }
}

fn found(address: &str, document: &Document) -> Vec<Json> {
    let address = Address::parse(address).expect("an address");
    let found = address.find(document.root());
    assert_eq!(address.first(document.root()).map(|value| value.text()), found.first().map(|value| value.text()));
    found.iter().map(|value| Json::read(value.text().as_bytes()).expect("a value is JSON")).collect()
}

/// The names in these values; nothing where one has another shape.
fn names(values: &[Json], take: Take, split: Option<char>) -> Option<Vec<String>> {
    let parts = |text: &str| -> Vec<String> {
        let Some(split) = split else { return vec![text.to_owned()] };
        let blanks: &[char] = if split == ' ' { &[' '] } else { &[' ', '\t'] };
        text.split(split).map(|part| part.trim_matches(blanks).to_owned()).filter(|part| !part.is_empty()).collect()
    };
    let of = |value: &Json| -> Option<Vec<String>> {
        match (take, value) {
            (_, Json::Word(word)) if word == "null" => Some(Vec::new()),
            (Take::Values, Json::Text(text)) => Some(parts(text)),
            (Take::Values, Json::List(elements)) => elements.iter().map(scalar).collect(),
            (Take::Names, Json::Object(members)) => Some(members.iter().flat_map(|(name, _)| parts(name)).collect()),
            _ => None,
        }
    };
    Some(values.iter().map(of).collect::<Option<Vec<_>>>()?.concat())
}

/// A string, or the digits of a number, which are the core's: how numbers are written is another property.
fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.clone()),
        Json::Word(word) => {
            let document = Document::parse(word.as_bytes()).expect("a word is JSON");
            document.root().as_number()?.plain()
        }
        _ => None,
    }
}

/// A claim is blank or has a header of printable ASCII. A structure that is spelled as JSON reads back; no text begins like one.
fn shows(json: &Json, document: &Document) {
    let shown = HeaderValue::of_claim(document.root());
    let blank = *json == Json::Text(String::new()) || *json == Json::Word("null".to_owned());
    assert_eq!(shown.is_none(), blank);
    let Some(shown) = shown else { return };
    let text = shown.as_str();
    assert!(!text.is_empty() && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text}");
    let items: Option<Vec<String>> = match json {
        Json::List(elements) if !elements.is_empty() => elements.iter().map(plain).collect(),
        value => plain(value).map(|item| vec![item]),
    };
    match items.filter(|items| items[..] != [String::new()]) {
        Some(items) => {
            assert!(!text.starts_with(['[', '{']), "{text}");
            assert_eq!(text.split(',').map(decoded).collect::<Vec<_>>(), items);
        }
        None => assert_eq!(decoded(text), document.root().text()),
    }
}

/// The text of a scalar, truth values among them.
fn plain(value: &Json) -> Option<String> {
    match value {
        Json::Word(word) if word == "true" || word == "false" => Some(word.clone()),
        value => scalar(value),
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || char::from(rest.next().expect("a digit")).to_digit(16).expect("a digit") as u8;
        bytes.push(if byte == b'%' { digit() << 4 | digit() } else { byte });
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// What the contract says of an address, over serde_json's reading.
fn expected(address: &str, json: &Json) -> Vec<Json> {
    if let Some(value) = json.member(address) {
        return vec![value.clone()];
    }
    if let Some(path) = address.strip_prefix('$') {
        return json_path(path, vec![json.clone()]);
    }
    let one = if address.starts_with('/') { pointer(address, json) } else { dotted(address, json) };
    one.cloned().into_iter().collect()
}

fn dotted<'j>(address: &str, json: &'j Json) -> Option<&'j Json> {
    address.split('.').try_fold(json, |value, name| value.member(name))
}

/// RFC 6901 section 4.
fn pointer<'j>(address: &str, json: &'j Json) -> Option<&'j Json> {
    address.split('/').skip(1).try_fold(json, |value, token| match value {
        Json::List(elements) => elements.get(index(token)?),
        value => value.member(&token.replace("~1", "/").replace("~0", "~")),
    })
}

/// Digits without a leading zero.
fn index(text: &str) -> Option<usize> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// The subset of JSONPath that is an address, which was parsed before: here it need not be refused.
fn json_path(path: &str, values: Vec<Json>) -> Vec<Json> {
    let children = |values: Vec<Json>| {
        let members = |value: &Json| value.members().iter().map(|(_, member)| member.clone()).collect::<Vec<_>>();
        values.iter().flat_map(|value| [value.elements().to_vec(), members(value)].concat()).collect()
    };
    let members =
        |values: Vec<Json>, name: &str| values.iter().filter_map(|value| value.member(name).cloned()).collect();
    if path.is_empty() {
        values
    } else if let Some(rest) = path.strip_prefix("[*]") {
        json_path(rest, children(values))
    } else if let Some((name, rest)) = path.strip_prefix("['").and_then(|rest| rest.split_once("']")) {
        json_path(rest, members(values, name))
    } else if let Some((text, rest)) = path.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let index = index(text).expect("an index is digits without a leading zero");
        json_path(rest, values.iter().filter_map(|value| value.elements().get(index).cloned()).collect())
    } else {
        let rest = path.strip_prefix('.').expect("a step");
        let (name, rest) = rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len()));
        if name == "*" { json_path(rest, children(values)) } else { json_path(rest, members(values, name)) }
    }
}

/// Each value inside is found by the JSONPath and by the JSON Pointer that lead to it, unless a top-level member is called so.
fn each_value_has_its_address(value: &Json, json: &Json, document: &Document, at: (&mut String, &mut String)) {
    let (path, pointer) = at;
    for address in [&*path, &*pointer].into_iter().filter(|address| !["", "$"].contains(&address.as_str())) {
        if json.member(address).is_none() {
            assert_eq!(found(address, document), std::slice::from_ref(value), "{address}");
        }
    }
    let lengths = (path.len(), pointer.len());
    let children = value.members().iter().map(|(name, value)| (Some(name), value));
    let elements = value.elements().iter().map(|value| (None, value));
    for (index, (name, child)) in children.chain(elements).enumerate().take(16) {
        match name {
            // That notation cannot spell a name with both.
            Some(name) if name.contains("']") => continue,
            Some(name) => {
                path.push_str(&format!("['{name}']"));
                pointer.push_str(&format!("/{}", name.replace('~', "~0").replace('/', "~1")));
            }
            None => {
                path.push_str(&format!("[{index}]"));
                pointer.push_str(&format!("/{index}"));
            }
        }
        each_value_has_its_address(child, json, document, (path, pointer));
        path.truncate(lengths.0);
        pointer.truncate(lengths.1);
    }
}
