use super::*;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn accepts(text: &str) -> bool {
    Document::parse(text.as_bytes()).is_ok()
}

#[test]
fn reads_every_kind_of_value_and_finds_members_by_exact_name() {
    let document = Document::parse(br#" {"a":[1,-2.5e3,{"b":null}],"\u0063":"d\n\ud83d\ude00","t":true} "#).unwrap();
    let root = document.root();
    let a: Vec<_> = root.member("a").unwrap().elements().collect();
    assert_eq!(a[0].as_number().unwrap().text(), "1");
    assert_eq!(a[1].as_number().unwrap().text(), "-2.5e3");
    assert_eq!(a[2].member("b").unwrap().kind(), Kind::Null);
    assert_eq!(root.member("c").unwrap().as_str().unwrap(), "d\n😀");
    assert_eq!(root.member("t").unwrap().as_bool(), Some(true));
    assert!(root.member("A").is_none());
    assert_eq!(root.member("a").unwrap().text(), r#"[1,-2.5e3,{"b":null}]"#);
    assert_eq!(root.member("c").unwrap().text(), r#""d\n\ud83d\ude00""#);
}

#[test]
fn refuses_a_member_name_that_occurs_twice_at_any_depth_and_in_any_spelling() {
    assert!(!accepts(r#"{"a":1,"a":2}"#));
    assert!(!accepts(r#"{"a":1,"\u0061":2}"#));
    assert!(!accepts(r#"{"x":1,"\u0061":1,"a":2}"#));
    assert!(!accepts(r#"{"":1,"a":1,"":2}"#));
    assert!(!accepts(r#"{"x":[{"y":{"a":1,"b":2,"a":3}}]}"#));
    let many = |count: usize, last: &str| {
        let mut members: Vec<String> = (0..count).map(|n| format!("\"m{n}\":{{\"m1\":{n}}}")).collect();
        members.push(format!("\"{last}\":0"));
        format!("{{{}}}", members.join(","))
    };
    for count in 18..40 {
        assert!(accepts(&many(count, "m40")));
        assert!(!accepts(&many(count, "m17")));
    }
    assert!(accepts(r#"{"a":{"a":1},"b":{"a":1}}"#));
}

#[test]
fn refuses_what_rfc_8259_does_not_allow() {
    for text in [
        "",
        " ",
        "{",
        "[",
        "\"",
        "{]",
        "[1,]",
        "{\"a\":1,}",
        "[,1]",
        "01",
        "1.",
        ".5",
        "+1",
        "1e",
        "--1",
        "nul",
        "True",
        "NaN",
        "Infinity",
        "'a'",
        "[1 2]",
        "{\"a\" 1}",
        "{a:1}",
        "1 1",
        "\u{feff}1",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\u0041\"",
        "\"\\ud800x\"",
        "[1]]",
        "/*c*/1",
        "\"\\",
        "\"\\u",
        "-",
    ] {
        assert!(!accepts(text), "{text:?} was accepted");
    }
    assert!(Document::parse(b"\"\xff\"").is_err());
}

#[test]
fn bounds_the_depth_and_never_the_length() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(accepts(&nested(MAX_DEPTH)));
    assert!(!accepts(&nested(MAX_DEPTH + 2)));
    assert!(!accepts(&nested(100_000)));
    assert!(accepts(&format!("[{}1]", "1,".repeat(100_000))));
}

#[test]
fn agrees_with_serde_json_on_what_is_json() {
    use proptest::prelude::*;
    let mut runner = proptest::test_runner::TestRunner::default();
    let pieces = prop::collection::vec(
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"a\"",
            "\"b\\n\"",
            "\"\\u0041\"",
            "1",
            "-0",
            "1.5",
            "1e2",
            "null",
            "true",
            " ",
            "x",
            "\"",
        ]),
        0..12,
    );
    runner
        .run(&pieces, |pieces| {
            let text = pieces.concat();
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            match Document::parse(text.as_bytes()) {
                Ok(_) => prop_assert!(theirs, "{text:?}"),
                Err(error) => prop_assert!(!theirs || error.problem == "member name given twice", "{text:?}: {error}"),
            }
            Ok(())
        })
        .unwrap();
}

fn number(text: &str) -> Document {
    Document::parse(text.as_bytes()).unwrap()
}

#[test]
fn numbers_are_written_plainly_with_every_digit() {
    for (written, plain) in [
        ("1", "1"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("1.50", "1.50"),
        ("1e3", "1000"),
        ("1.5E-3", "0.0015"),
        ("-1.2e+18", "-1200000000000000000"),
        ("123.456e1", "1234.56"),
        ("0.001e2", "0.1"),
        ("0e5", "0"),
    ] {
        assert_eq!(number(written).root().as_number().unwrap().plain().unwrap(), plain, "{written}");
    }
    assert_eq!(number("1e400").root().as_number().unwrap().plain(), None);
    assert_eq!(number("1e99999999999999999999").root().as_number().unwrap().plain(), None);
}

#[test]
fn numbers_compare_by_value_and_exactly() {
    use std::cmp::Ordering::*;
    for (a, b, order) in [
        ("1", "1.0", Equal),
        ("10e-1", "1", Equal),
        ("-0", "0.00e7", Equal),
        ("9007199254740993", "9007199254740992", Greater),
        ("-2", "1", Less),
        ("-2", "-10", Greater),
        ("1e400", "1e401", Less),
        ("0.1", "0.09", Greater),
        ("1e99999999999999999999", "1", Greater),
    ] {
        let (a_document, b_document) = (number(a), number(b));
        let (a_number, b_number) = (a_document.root().as_number().unwrap(), b_document.root().as_number().unwrap());
        assert_eq!(a_number.compare(b_number), order, "{a} {b}");
        assert_eq!(b_number.compare(a_number), order.reverse(), "{b} {a}");
    }
}

#[test]
fn numeric_dates_keep_milliseconds_and_saturate() {
    for (written, millis) in [
        ("0", 0),
        ("-0", 0),
        ("-1", -1000),
        ("1700000000", 1_700_000_000_000),
        ("1700000000.9", 1_700_000_000_900),
        ("1.7e9", 1_700_000_000_000),
        ("0.0019", 1),
        ("1e400", i64::MAX),
        ("-1e400", i64::MIN),
        ("18446744073709551616", i64::MAX),
        ("9223372036854775807", i64::MAX),
        ("1e-400", 0),
    ] {
        assert_eq!(number(written).root().as_number().unwrap().millis(), millis, "{written}");
    }
}

#[test]
fn every_escape_stands_for_its_character() {
    let document = Document::parse(br#"["\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00"]"#).unwrap();
    let text = document.root().elements().next().unwrap();
    assert_eq!(text.as_str().unwrap(), "\"\\/\u{8}\u{c}\n\r\tA\u{e9}\u{1f600}");
}

#[test]
fn a_document_is_never_printed() {
    let document = Document::parse(br#"{"secret":"s"}"#).unwrap();
    assert_eq!(format!("{document:?} {:?}", document.root()), "Document(14 bytes) Value(Object)");
}

proptest! {
    /// Short names from few letters meet in length, ends and marks; beyond 32 members there are no marks.
    #[test]
    fn a_member_is_found_by_its_name_and_by_no_other(
        names in prop::collection::btree_set("[abc]{0,3}", 0..40),
        escaped: bool,
        asked in "[abc]{0,3}",
    ) {
        let first = |name: &str| match name.chars().next() {
            Some(first) if escaped => format!("\\u{:04x}{}", u32::from(first), &name[1..]),
            _ => name.to_owned(),
        };
        let members: Vec<_> = names.iter().map(|name| format!("\"{}\":{{\"{name}\":\"{name}\"}}", first(name))).collect();
        let document = Document::parse(format!("{{{}}}", members.join(","))).unwrap();
        let own = |name: &str| document.root().member(name)?.member(name)?.as_str().map(Cow::into_owned);
        for name in &names {
            prop_assert_eq!(own(name), Some(name.clone()));
        }
        prop_assert_eq!(document.root().member(&asked).is_some(), names.contains(&asked));
    }
}
