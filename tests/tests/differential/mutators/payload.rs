//! What is JSON and what is not, in the payload and in the header alike.

use super::Mutator;
use super::header::twice;
use crate::draft::Draft;
use crate::edit::{append, get, prepend};
use crate::random::Random;

pub(super) const ALL: &[Mutator] = &[
    Mutator::content("header no object", |random, draft| draft.header = no_object(random)),
    Mutator::content("payload no object", |random, draft| draft.payload = no_object(random)),
    Mutator::content("header in a list", |_, draft| {
        draft.header = [b"[", draft.header.as_slice(), b"]"].concat();
    }),
    Mutator::content("payload in a list", |_, draft| {
        draft.payload = [b"[", draft.payload.as_slice(), b"]"].concat();
    }),
    Mutator::content("header text behind", |random, draft| behind(random, &mut draft.header)),
    Mutator::content("payload text behind", |random, draft| behind(random, &mut draft.payload)),
    Mutator::content("header whitespace", |random, draft| whitespace(random, &mut draft.header)),
    Mutator::content("payload whitespace", |random, draft| whitespace(random, &mut draft.payload)),
    Mutator::content("header byte order mark", |_, draft| mark(&mut draft.header)),
    Mutator::content("payload byte order mark", |_, draft| mark(&mut draft.payload)),
    Mutator::content("header UTF-16", |_, draft| utf16(&mut draft.header)),
    Mutator::content("payload UTF-16", |_, draft| utf16(&mut draft.payload)),
    Mutator::content("header bytes that are not UTF-8", |random, draft| not_utf8(random, &mut draft.header)),
    Mutator::content("payload bytes that are not UTF-8", |random, draft| not_utf8(random, &mut draft.payload)),
    Mutator::content("header not quite JSON", |random, draft| not_quite(random, &mut draft.header)),
    Mutator::content("payload not quite JSON", |random, draft| not_quite(random, &mut draft.payload)),
    Mutator::content("header lone surrogate", |random, draft| surrogate(random, &mut draft.header)),
    Mutator::content("payload lone surrogate", |random, draft| surrogate(random, &mut draft.payload)),
    Mutator::content("header control byte in a string", |random, draft| control(random, &mut draft.header)),
    Mutator::content("payload control byte in a string", |random, draft| control(random, &mut draft.payload)),
    Mutator::content("header nested", |random, draft| nested(random, &mut draft.header, &[2, 30, 60])),
    Mutator::content("payload nested", |random, draft| nested(random, &mut draft.payload, &[2, 30, 60])),
    Mutator::content("header nested deeply", |random, draft| nested(random, &mut draft.header, &[130, 1000, 3000])),
    Mutator::content("payload nested deeply", |random, draft| nested(random, &mut draft.payload, &[130, 1000, 3000])),
    Mutator::content("header numbers of any size", |random, draft| numbers(random, &mut draft.header)),
    Mutator::content("payload numbers of any size", |random, draft| numbers(random, &mut draft.payload)),
    Mutator::content("header numbers beyond floating point", |_, draft| append(&mut draft.header, "\"huge\":1e400")),
    Mutator::content("payload numbers beyond floating point", |_, draft| append(&mut draft.payload, "\"huge\":1e400")),
    Mutator::content("payload escapes", |random, draft| {
        let text = random.pick(&[r#""\u00e9\/\"\\\b\f\n\r\t""#, r#""\ud83d\ude00""#, r#""\u0000""#, r#""\uFFFF""#]);
        append(&mut draft.payload, format!("\"escaped\":{text}"));
    }),
    Mutator::content("payload of claims of no meaning", |random, draft| {
        for number in 0..1 + random.below(100) {
            append(&mut draft.payload, format!("\"claim{number}\":[{number},null,{{\"a\":true}}]"));
        }
    }),
    Mutator::content("payload over sixteen kilobytes", |random, draft| {
        let length = 16 * 1024 + random.below(4096);
        append(&mut draft.payload, format!("\"long\":\"{}\"", "x".repeat(length)));
    }),
    Mutator::content("a claim twice that is read", |random, draft| {
        let name = random.pick(&["iss", "sub", "aud", "exp"]);
        let same = get(&draft.payload, name).filter(|_| random.one_in(2));
        let value = same.unwrap_or_else(|| if name == "exp" { "1".into() } else { "\"other\"".into() });
        twice(random, &mut draft.payload, name, &value);
    }),
    Mutator::content("nbf twice", |random, draft| {
        append(&mut draft.payload, "\"nbf\":1");
        twice(random, &mut draft.payload, "nbf", "2");
    }),
    Mutator::content("a claim twice that is not read", |random, draft| {
        append(&mut draft.payload, "\"extra\":1");
        twice(random, &mut draft.payload, "extra", "2");
    }),
    Mutator::content("a member twice further down", |_, draft| {
        append(&mut draft.payload, "\"extra\":{\"a\":1,\"a\":2}");
    }),
    Mutator::content("names in escapes", |_, draft| {
        let text = String::from_utf8_lossy(&draft.payload).replace("\"sub\":", "\"\\u0073ub\":");
        draft.payload = text.replace("\"exp\":", "\"e\\u0078p\":").into_bytes();
    }),
    Mutator::content("names of prototypes", |_, draft| {
        prepend(&mut draft.payload, "\"__proto__\":{\"sub\":\"root\"},\"constructor\":1,\"\":0");
    }),
];

fn no_object(random: &mut Random) -> Vec<u8> {
    random.pick(&["[]", "\"alice\"", "null", "1", "true", "", " ", "{}"]).into()
}

fn behind(random: &mut Random, json: &mut Vec<u8>) {
    json.extend(random.pick(&["{}", "x", ",", "\0", "}", "//", "\u{a0}"]).bytes());
}

fn whitespace(random: &mut Random, json: &mut Vec<u8>) {
    let white = random.pick(&[" ", "\t", "\r\n", "\n", "   "]);
    append(json, format!("{white}\"w\"{white}:{white}[{white}1{white},{white}2{white}]{white}"));
    *json = [white.as_bytes(), json, white.as_bytes()].concat();
}

fn mark(json: &mut Vec<u8>) {
    *json = ["\u{feff}".as_bytes(), json].concat();
}

fn utf16(json: &mut Vec<u8>) {
    *json = String::from_utf8_lossy(json).encode_utf16().flat_map(u16::to_le_bytes).collect();
}

fn not_utf8(random: &mut Random, json: &mut Vec<u8>) {
    let wrong: [&[u8]; 5] = [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe9"];
    append(json, [b"\"raw\":\"".as_slice(), random.pick(&wrong), b"\""].concat());
}

fn not_quite(random: &mut Random, json: &mut Vec<u8>) {
    let wrong = [
        "\"n\":NaN",
        "\"n\":Infinity",
        "\"n\":01",
        "\"n\":+1",
        "\"n\":.5",
        "\"n\":1.",
        "\"n\":0x10",
        "\"n\":'a'",
        "n:1",
        "\"n\":undefined",
        "\"n\":True",
        "\"n\":1,",
        "\"n\":1/**/",
        "\"n\"",
        "\"n\":\"\\x41\"",
        "\"n\":\"\\u12\"",
        "\"n\":[1,]",
        "\"n\":-",
        "\"n\":1e",
        "\"n\":\"a\" \"b\"",
    ];
    append(json, random.pick(&wrong));
}

fn surrogate(random: &mut Random, json: &mut Vec<u8>) {
    append(
        json,
        format!(
            "\"half\":\"{}\"",
            random.pick(&["\\ud800", "\\udc00", "\\ud800x", "\\ud800\\u0041", "\\udc00\\ud800"])
        ),
    );
}

fn control(random: &mut Random, json: &mut Vec<u8>) {
    let byte = random.pick(b"\x00\x01\x08\x09\x0a\x0d\x1b\x1f");
    append(json, [b"\"control\":\"a", &[byte][..], b"b\""].concat());
}

fn nested(random: &mut Random, json: &mut Vec<u8>, depths: &[usize]) {
    let depth = random.pick(depths);
    let text = if random.one_in(2) {
        format!("{}{}", "[".repeat(depth), "]".repeat(depth))
    } else {
        format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth))
    };
    append(json, format!("\"deep\":{text}"));
}

fn numbers(random: &mut Random, json: &mut Vec<u8>) {
    let numbers = [
        "18446744073709551616",
        "-9223372036854775809",
        "1E+2",
        "-0",
        "-0.0",
        "1e-400",
        "0.1e1",
        "1e308",
        "123456789012345678901234567890",
        "3.141592653589793238462643383279",
    ];
    append(json, format!("\"number\":{}", random.pick(&numbers)));
}

#[test]
fn what_is_appended_stays_inside_the_object() {
    let mut random = Random::new(9);
    for _ in 0..50 {
        let mut json = br#"{"a":1}"#.to_vec();
        numbers(&mut random, &mut json);
        whitespace(&mut random, &mut json);
        assert!(json.trim_ascii().starts_with(b"{") && json.trim_ascii().ends_with(b"}"));
        let mut draft = Draft::new(&mut random, claimgate_tests::Algorithm::EdDsa);
        nested(&mut random, &mut draft.payload, &[30]);
        assert!(serde_json::from_slice::<serde_json::Value>(&draft.payload).is_ok());
    }
}
