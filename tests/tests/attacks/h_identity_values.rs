//! H08 to H14: what identity headers say.

use crate::fixture::*;
use crate::stage::*;
use serde_json::{Value, json};

/// What a value of `sub` becomes.
fn subject(stage: &mut Stage, value: &str) -> String {
    let upstream = stage.admits(&format!("{value:?}"), orders(token_of(&claims_with(json!({"sub": value})))));
    let values = upstream.values("x-auth-subject");
    assert_eq!(values.len(), 1);
    values[0].clone()
}

fn read_back(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let mut digit = || (rest.next().expect("two digits") as char).to_digit(16).expect("a digit") as u8;
        bytes.push(if byte == b'%' { digit() << 4 | digit() } else { byte });
    }
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn h08_controls_never_go_out_raw_and_are_never_dropped() {
    let mut stage = Stage::new(&config());
    for (value, shown) in [
        ("al\0ice", "al%00ice"),
        ("a\r\nx-auth-groups: admins", "a%0D%0Ax-auth-groups: admins"),
        ("a\tb", "a%09b"),
        ("a\u{7f}b", "a%7Fb"),
        (" a ", "%20a%20"),
        ("a b", "a b"),
        ("100%", "100%25"),
        ("a,b", "a%2Cb"),
        ("\u{85}", "%C2%85"),
        (" ", "%20"),
        ("%00", "%2500"),
    ] {
        assert_eq!(subject(&mut stage, value), shown);
        assert_eq!(read_back(shown), value);
    }
}

#[test]
fn h09_no_two_identities_share_a_spelling() {
    let mut stage = Stage::new(&config());
    let fixed = ["\u{e9}", "e\u{301}", "\u{1f600}", "\u{202e}abc", "\u{feff}a", "a", "A", "\u{430}"].map(str::to_owned);
    let alphabet: Vec<char> = "ab%,20C \t\u{e9}\u{301}\u{1f600}\u{0}\u{7f}\u{202e}".chars().collect();
    let mut random = Random(9);
    let drawn =
        (0..300).map(|_| (0..1 + random.below(6)).map(|_| alphabet[random.below(alphabet.len())]).collect::<String>());
    let mut spellings = std::collections::BTreeMap::new();
    for value in fixed.into_iter().chain(drawn.collect::<Vec<_>>()) {
        let shown = subject(&mut stage, &value);
        assert!(shown.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{shown:?}");
        assert_eq!(read_back(&shown), value);
        assert_eq!(spellings.entry(shown).or_insert(value.clone()), &value);
    }
}

#[test]
fn h10_more_identity_than_fits_is_refused_and_not_cut() {
    let mut stage = Stage::new(&with(config(), "/limits", json!({"max_token_bytes": "1MiB"})));
    let long = |bytes: usize| token_of(&claims_with(json!({"sub": "s".repeat(bytes)})));
    assert_eq!(stage.admits("15 KiB", orders(long(15 * 1024))).values("x-auth-subject")[0].len(), 15 * 1024);
    stage.refuses("16 KiB", orders(long(16 * 1024)), R403, "identity_too_large");
    let encoded = token_of(&claims_with(json!({"sub": "\u{e9}".repeat(3000)})));
    stage.refuses("too large once it is encoded", orders(encoded), R403, "identity_too_large");
    let groups: Vec<String> = (0..400).map(|n| format!("group-{n:040}")).collect();
    let mut keeping = Stage::new(&with(
        with(config(), "/limits", json!({"max_token_bytes": "1MiB"})),
        "/issuers/0/groups",
        json!({"unmapped": "keep"}),
    ));
    keeping.refuses(
        "400 long groups",
        orders(token_of(&claims_with(json!({"groups": groups})))),
        R403,
        "identity_too_large",
    );
}

fn keeping_groups() -> Stage {
    Stage::new(&with(config(), "/issuers/0/groups", json!({"unmapped": "keep"})))
}

/// The header for these groups, if there is one.
fn groups_header(stage: &mut Stage, groups: &Value) -> Option<String> {
    let upstream = stage.admits(&groups.to_string(), orders(token_of(&claims_with(json!({"groups": groups})))));
    upstream.values("x-auth-groups").first().cloned()
}

#[test]
fn h11_one_group_never_becomes_two() {
    let mut stage = keeping_groups();
    for (groups, shown) in [
        (json!(["admin,ops"]), "admin%2Cops"),
        (json!(["a b"]), "a b"),
        (json!(["a b", "c"]), "a b,c"),
        (json!(["%2C"]), "%252C"),
        (json!("admin,ops"), "admin%2Cops"),
        (json!(["", "a"]), ",a"),
        (json!([" a", "b "]), "%20a,b%20"),
    ] {
        assert_eq!(groups_header(&mut stage, &groups).as_deref(), Some(shown));
    }
    let mut random = Random(11);
    let alphabet = ["a", "b", ",", "%", " ", "2", "C", "\u{e9}"];
    for _ in 0..200 {
        let mut groups: Vec<String> = Vec::new();
        for _ in 0..1 + random.below(4) {
            let group: String = (0..random.below(4)).map(|_| alphabet[random.below(alphabet.len())]).collect();
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        let shown = groups_header(&mut stage, &json!(groups)).expect("a header");
        assert_eq!(shown.split(',').map(read_back).collect::<Vec<_>>(), groups, "{shown}");
    }
}

#[test]
fn h12_groups_are_taken_whole_or_not_at_all() {
    let mut stage = keeping_groups();
    for (groups, shown) in [
        (json!("a"), Some("a")),
        (json!("a b"), Some("a b")),
        (json!(["a", "b"]), Some("a,b")),
        (json!(["a", 7, 1.5]), Some("a,7,1.5")),
        (json!(["a", "a", "b", "a"]), Some("a,b")),
        (json!([]), None),
        (json!(null), None),
    ] {
        assert_eq!(groups_header(&mut stage, &groups).as_deref(), shown);
    }
    for wrong in [
        json!(1),
        json!(true),
        json!({}),
        json!({"a": 1}),
        json!(["a", null]),
        json!(["a", ["b"]]),
        json!(["a", {}]),
        json!(["a", true]),
    ] {
        let token = token_of(&claims_with(json!({"groups": wrong})));
        stage.refuses(&wrong.to_string(), orders(token), R401, "claim_malformed");
    }
    let mut wide = Stage::new(&with(config(), "/limits", json!({"max_token_bytes": "1MiB"})));
    let many: Vec<String> = (0..10_000).map(|n| format!("g{n}")).collect();
    wide.refuses("10,000", orders(token_of(&claims_with(json!({"groups": many})))), R403, "too_many_groups");
    wide.admits("512", orders(token_of(&claims_with(json!({"groups": many[..512]})))));
    wide.refuses("513", orders(token_of(&claims_with(json!({"groups": many[..513]})))), R403, "too_many_groups");
}

#[test]
fn h13_group_patterns_are_anchored_exact_in_case_and_stay_between_separators() {
    let map = json!({"map": {"team-*": ["g-*"], "admin": ["root"], "/org/*/admin": ["org-admin"]}});
    let mut stage = Stage::new(&with(config(), "/issuers/0/groups", map));
    for (group, ours) in [
        ("team-red", Some("g-red")),
        ("team-", Some("g-")),
        ("admin", Some("root")),
        ("/org/x/admin", Some("org-admin")),
        ("Team-red", None),
        ("ADMIN", None),
        ("xteam-red", None),
        ("admin ", None),
        ("admins", None),
        ("superadmin", None),
        ("team-a,b", None),
        ("team-a/b", None),
        ("/org/x/y/admin", None),
        ("team", None),
    ] {
        assert_eq!(groups_header(&mut stage, &json!([group])).as_deref(), ours, "{group}");
    }
    let routes = json!([{"match": {"prefix": "/"}, "groups": {"any": ["g-*"]}}]);
    let config = with(with(config(), "/issuers/0/groups", json!({"unmapped": "keep"})), "/routes", routes);
    let mut stage = Stage::new(&config);
    for (group, good) in [("g-x", true), ("G-x", false), ("xg-x", false), ("g-x/y", false), ("g-x,y", false)] {
        let request = orders(token_of(&claims_with(json!({"groups": [group]}))));
        match good {
            true => drop(stage.admits(group, request)),
            false => drop(stage.refuses(group, request, R403, "group_missing")),
        }
    }
}

#[test]
fn h14_groups_that_nothing_maps_stay_behind() {
    let groups = json!(["admin", "platform-admins", "x-auth-groups"]);
    assert_eq!(groups_header(&mut Stage::new(&config()), &groups), None);
    let mapped = with(config(), "/issuers/0/groups", json!({"map": {"admin": ["root"]}}));
    assert_eq!(groups_header(&mut Stage::new(&mapped), &groups).as_deref(), Some("root"));
    let prefixed = with(config(), "/issuers/0/groups", json!({"unmapped": {"prefix": "okta:"}}));
    assert_eq!(groups_header(&mut Stage::new(&prefixed), &json!(["admin"])).as_deref(), Some("okta:admin"));
}

/// The header `x-c` for a claim that is written so.
fn claim_header(stage: &mut Stage, text: &str) -> Option<String> {
    stage.admits(text, orders(token_over(claims_text("c", text)))).values("x-c").first().cloned()
}

#[test]
fn h19_claim_with_a_header_never_costs_the_token() {
    let mut stage = Stage::new(&with(config(), "/identity_headers", json!({"claims": {"x-c": "c"}})));
    for (text, shown) in [
        (r#""a b""#, Some("a b")),
        ("12345678901234567890", Some("12345678901234567890")),
        ("1e999", Some("1e999")),
        ("true", Some("true")),
        (r#"["a",1,true]"#, Some("a,1,true")),
        (r#"{"type":"pay"}"#, Some(r#"{"type":"pay"}"#)),
        (r#"[{"type":"pay","n": 1}]"#, Some(r#"[{"type":"pay"%2C"n": 1}]"#)),
        (r#"[["a"]]"#, Some(r#"[["a"]]"#)),
        (r#"["a",null]"#, Some(r#"["a"%2Cnull]"#)),
        ("[null]", Some("[null]")),
        ("[1e999]", Some("[1e999]")),
        ("{\"a\":\"\u{e9}\\n\"}", Some(r#"{"a":"%C3%A9\n"}"#)),
        ("[]", Some("[]")),
        (r#"[""]"#, Some(r#"[""]"#)),
        (r#""""#, None),
        ("null", None),
    ] {
        assert_eq!(claim_header(&mut stage, text).as_deref(), shown, "{text}");
    }
    // Any JSON is a header of printable ASCII that reads back.
    let mut random = Random(19);
    for _ in 0..300 {
        let text = drawn(&mut random, 3);
        let shown = claim_header(&mut stage, &text).unwrap_or_default();
        assert!(shown.bytes().all(|byte| (b' '..=b'~').contains(&byte)), "{text} {shown}");
        if shown.starts_with(['[', '{']) {
            assert_eq!(read_back(&shown), text);
        }
    }
}

/// A small JSON text.
fn drawn(random: &mut Random, depth: usize) -> String {
    let leaves = [
        "null",
        "true",
        "0",
        "1e999",
        r#""""#,
        r#""a""#,
        r#"",""#,
        r#""[]""#,
        r#""{""#,
        r#""%5B""#,
        "\"\u{e9}\"",
        r#""null""#,
    ];
    let kinds = if depth == 0 { 1 } else { 3 };
    let count = random.below(3);
    match random.below(kinds) {
        0 => leaves[random.below(leaves.len())].to_owned(),
        1 => format!("[{}]", (0..count).map(|_| drawn(random, depth - 1)).collect::<Vec<_>>().join(",")),
        _ => {
            let members = (0..count).map(|n| format!("\"m{n}\":{}", drawn(random, depth - 1)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
    }
}

#[test]
fn h20_claim_headers_of_two_values_differ() {
    let mut stage = Stage::new(&with(config(), "/identity_headers", json!({"claims": {"x-c": "c"}})));
    // Each is a value of its own: a list of one element reads as the element, and the types of scalars are not told.
    let values = r#"null [] [""] ["",""] [null] [[]] {} "[]" "{}" "[\"\"]" "[null]" "null" ["null","a"] [null,"a"] ["a",null] "a,b"
        ["a","b"] [["a","b"]] [["a"],"b"] "%5B]" "%2C" "," {"a":1} "{\"a\":1}" [{"a":1}] [true,"x"] [[true],"x"] "\u0020"
        "\u0020\u0020" ["\u0020",""]"#;
    let mut spellings = std::collections::BTreeMap::new();
    for text in values.split_whitespace() {
        let shown = claim_header(&mut stage, text);
        assert_eq!(spellings.insert(shown.clone(), text), None, "{text} is {shown:?}");
    }
}
