//! A: the shape of the token.

use crate::fixture::*;
use crate::stage::*;
use serde_json::{Value, json};

/// Sends each token as a bearer token and finds it refused for this reason.
fn all_refused<T: AsRef<[u8]>>(tokens: impl IntoIterator<Item = (String, T)>, reason: &str) {
    let mut stage = Stage::new(&config());
    for (what, token) in tokens {
        stage.refuses(&what, orders(token), R401, reason);
    }
    stage.admits("the good token among them", orders(token()));
}

fn shown(tokens: &[&str]) -> Vec<(String, String)> {
    tokens.iter().map(|token| (format!("{token:?}"), (*token).to_owned())).collect()
}

#[test]
fn a01_other_numbers_of_parts_are_refused_and_nothing_at_all_is_a_malformed_request() {
    all_refused(shown(&[".", "...", "a.b", "a.b.c.d", "a"]), "token_malformed");
    all_refused(shown(&[".."]), "header_malformed");
    // G01: `Bearer` with nothing after it is not a token that could be invalid.
    Stage::new(&config()).refuses("nothing", orders(""), R400, "credential_malformed");
}

#[test]
fn a02_an_empty_part_is_a_part() {
    let [h, p, s] = segments(&token());
    let tokens = [format!("{h}..{p}.{s}"), format!(".{h}.{p}.{s}"), format!("{h}.{p}.{s}."), format!("{h}.{p}.")];
    all_refused(tokens.map(|token| (token.clone(), token)), "token_malformed");
    all_refused(shown(&[&format!(".{p}.{s}")]), "header_malformed");
}

#[test]
fn a03_five_parts_are_refused_as_encrypted_before_anything_is_decoded() {
    let [h, p, s] = segments(&token());
    all_refused(shown(&["a.b.c.d.e", "!.!.!.!.!", "....", &format!("{h}.{p}.{s}.{p}.{s}")]), "token_encrypted");
}

#[test]
fn a04_sixty_kibibytes_of_dots_take_no_memory() {
    let mut stage = Stage::new(&with(config(), "/limits", json!({"max_token_bytes": "1MiB"})));
    stage.refuses("to warm up", orders("."), R401, "token_malformed");
    let pages = |stage: &Stage| stage.host.workers()[0].vm().map(host_sim::Vm::memory_pages);
    let before = pages(&stage);
    for _ in 0..20 {
        stage.refuses("dots", orders(".".repeat(60 * 1024)), R401, "token_malformed");
    }
    let grown = pages(&stage).zip(before).map(|(after, before)| after - before);
    // The header map alone takes one copy of the value: at most four pages of 64 KiB, and not once a request.
    assert!(grown.is_some_and(|pages| pages <= 4), "{grown:?}");
}

#[test]
fn a05_a_token_over_the_limit_is_refused_before_it_is_read() {
    let mut stage = Stage::new(&config());
    let padded = |bytes: usize| token_of(&claims_with(json!({"pad": "x".repeat(bytes)})));
    stage.admits("11 KiB, as Entra's with 200 groups", orders(padded(8 * 1024)));
    for token in [padded(13 * 1024), "!".repeat(16 * 1024 + 1), "a.b.c.d.e".repeat(2000)] {
        stage.refuses("too long", orders(token), R401, "token_too_large");
    }
    let exact = "!".repeat(16 * 1024);
    stage.refuses("as long as allowed", orders(exact), R401, "token_malformed");
}

#[test]
fn a06_the_json_serializations_are_not_read() {
    let [protected, payload, signature] = segments(&token());
    let flattened = json!({"payload": payload, "protected": protected, "signature": signature}).to_string();
    let general =
        json!({"payload": payload, "signatures": [{"protected": protected, "signature": signature}]}).to_string();
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let mut stage = Stage::new(&with(
        config(),
        "/token_sources",
        json!([{"header": "authorization", "scheme": "Bearer"}, {"query": "t"}]),
    ));
    for text in [flattened, general] {
        // A comma in the header is where a host joined two of them.
        stage.refuses("in the header", orders(&text), R400, "credentials_conflict");
        let request = host_sim::Request::get(&format!("/orders?t={}", escaped(&text)));
        stage.refuses("in the query", request, R401, "token_malformed");
    }
}

#[test]
fn a07_a_detached_payload_is_refused() {
    let [h, p, s] = segments(&token());
    let over_nothing = signed_text(signer(), &h, "");
    let mut stage = Stage::new(&config());
    stage.refuses("the payload taken out", orders(format!("{h}..{s}")), R401, "claims_malformed");
    stage.refuses("signed over nothing", orders(over_nothing), R401, "claims_malformed");
    stage.refuses("signed over the payload, beside it", orders(format!("{h}.{s}.{p}")), R401, "claims_malformed");
}

/// The tokens that come of a change to the text of each segment, each with a true signature over the changed text.
fn with_each_segment(what: &str, change: impl Fn(&str) -> Vec<String>) -> Vec<(String, String)> {
    let mut tokens = Vec::new();
    for (at, name) in ["header", "payload", "signature"].into_iter().enumerate() {
        for changed in change(&segments(&token())[at]) {
            let mut parts = segments(&token());
            parts[at].clone_from(&changed);
            let text = if at == 2 { parts.join(".") } else { signed_text(signer(), &parts[0], &parts[1]) };
            tokens.push((format!("{what} in the {name}: {}", changed.len()), text));
        }
    }
    tokens
}

#[test]
fn a08_the_standard_alphabet_is_refused() {
    let plus =
        |text: &str| vec![format!("{}++++", &text[..text.len() - text.len() % 4]), format!("{}////", &text[..4])];
    all_refused(with_each_segment("the other alphabet", plus), "token_malformed");
}

#[test]
fn a09_padding_is_refused() {
    let padded = |text: &str| (1..=3).map(|n| format!("{text}{}", "=".repeat(n))).collect();
    all_refused(with_each_segment("padding", padded), "token_malformed");
}

#[test]
fn a10_a_stray_byte_anywhere_is_refused() {
    let strays: [&[u8]; 10] = [b" ", b"\t", b"\r", b"\n", b"\0", b"?", b"#", "\u{e9}".as_bytes(), b"\xff", b"\x7f"];
    let [h, p, s] = segments(&token());
    let text = [h.clone(), p.clone(), s].join(".");
    let (header_end, payload_end) = (h.len(), h.len() + 1 + p.len());
    let places =
        [0, 5, header_end, header_end + 1, header_end + 9, payload_end, payload_end + 1, payload_end + 20, text.len()];
    let mut tokens = Vec::new();
    for stray in strays {
        // In front of the whole token spaces belong to the scheme (G02) and a tab is a malformed request.
        for at in places.into_iter().filter(|at| *at > 0 || !matches!(stray, b" " | b"\t")) {
            let (before, behind) = text.as_bytes().split_at(at);
            tokens.push((format!("{stray:?} at {at}"), [before, stray, behind].concat()));
        }
    }
    all_refused(tokens, "token_malformed");
}

#[test]
fn a11_unused_bits_are_zero_so_that_a_token_has_one_spelling() {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut tokens = Vec::new();
    for pad in 0..3 {
        let header = encoded(header(json!({"pad": "x".repeat(pad)})));
        let payload = encoded(claims_with(json!({"pad": "x".repeat(pad)})).to_string());
        let good = signed_text(signer(), &header, &payload);
        for at in 0..3 {
            let parts = segments(&good);
            let unused = match parts[at].len() % 4 {
                2 => 4,
                3 => 2,
                _ => 0,
            };
            let last = parts[at].chars().last().and_then(|last| ALPHABET.find(last)).expect("base64url");
            for other in (0..1usize << unused).map(|bits| last | bits).filter(|other| *other != last) {
                let mut parts = parts.clone();
                parts[at].pop();
                parts[at].push_str(&ALPHABET[other..=other]);
                let text = if at == 2 { parts.join(".") } else { signed_text(signer(), &parts[0], &parts[1]) };
                tokens.push((format!("pad {pad}, part {at}, last {other}"), text));
            }
        }
    }
    assert!(tokens.len() > 60, "{}", tokens.len());
    all_refused(tokens, "token_malformed");
}

#[test]
fn a12_a_length_that_no_bytes_have_is_refused() {
    let odd = |text: &str| vec![format!("{}A", &text[..text.len() - text.len() % 4]), "A".to_owned()];
    all_refused(with_each_segment("one character too many", odd), "token_malformed");
}

#[test]
fn a13_a_percent_encoded_token_is_refused() {
    let all: String = token().bytes().map(|byte| format!("%{byte:02x}")).collect();
    all_refused(
        [("dots", token().replace('.', "%2E")), ("everything", all)].map(|(n, t)| (n.to_owned(), t)),
        "token_malformed",
    );
}

#[test]
fn a14_a_header_that_is_no_object_is_refused() {
    let own = header(json!({}));
    let headers = ["[]", "\"x\"", "null", "1", "true", "", "{", "{}x", "{},{}"].map(str::to_owned);
    let tokens = headers.into_iter().chain([format!("[{own}]")]).map(|text| (text.clone(), token_under(text)));
    all_refused(tokens, "header_malformed");
}

#[test]
fn a15_a_payload_that_is_no_object_is_refused() {
    let payloads = ["[]", "\"x\"", "null", "1", "true", "", "{", "{}x"].map(str::to_owned);
    let own = [format!("[{}]", claims()), format!("{0} {0}", claims())];
    all_refused(payloads.into_iter().chain(own).map(|text| (text.clone(), token_over(text))), "claims_malformed");
}

/// A JSON object's text spelled in ways that some readers take.
fn misspelled(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let utf16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let member =
        |bytes: &[u8]| [text.strip_suffix('}').unwrap_or_default().as_bytes(), b",\"x\":\"", bytes, b"\"}"].concat();
    vec![
        ("a byte order mark", format!("\u{feff}{text}").into_bytes()),
        ("UTF-16, little end first", utf16(u16::to_le_bytes)),
        ("UTF-16, big end first", utf16(u16::to_be_bytes)),
        ("an overlong slash", member(b"\xc0\xaf")),
        ("an overlong NUL", member(b"\xe0\x80\x80")),
        ("a stray continuation byte", member(b"\x80")),
        ("a surrogate as UTF-8", member(b"\xed\xa0\x80")),
        ("beyond Unicode", member(b"\xf4\x90\x80\x80")),
        ("a lone high surrogate", member(br"\ud800")),
        ("a lone low surrogate", member(br"\udc00")),
        ("two high surrogates", member(br"\ud800\ud800")),
        ("a raw control", member(b"\x01")),
    ]
}

#[test]
fn a16_text_that_is_not_plain_utf8_is_refused() {
    let headers = misspelled(&header(json!({}))).into_iter();
    all_refused(headers.map(|(what, text)| (format!("header: {what}"), token_under(text))), "header_malformed");
    let payloads = misspelled(&claims().to_string()).into_iter();
    all_refused(payloads.map(|(what, text)| (format!("payload: {what}"), token_over(text))), "claims_malformed");
}

#[test]
fn a17_anything_behind_a_good_token_is_refused() {
    let good = token();
    let mut stage = Stage::new(&config());
    for garbage in [" x", " ", " Bearer x", ";x", " ; x=y"] {
        stage.refuses(garbage, orders(format!("{good}{garbage}")), R401, "token_malformed");
    }
    // A comma is where a host joined two headers.
    for garbage in [",x", ", x", ","] {
        stage.refuses(garbage, orders(format!("{good}{garbage}")), R400, "credentials_conflict");
    }
}

#[test]
fn a18_whitespace_between_the_parts_of_the_json_is_fine() {
    let spaced =
        |text: String| text.replace(':', " :\t").replace(',', "\r\n , ").replace('{', " { ").replace('}', "\n}\n");
    let header = spaced(header(json!({})));
    let payload = json!({"sub": "alice", "aud": "api", "exp": NOW + 3600}).to_string();
    let payload = format!("{},\"iss\":\"{ISSUER}\"}} ", spaced(payload).trim_end().trim_end_matches('}'));
    assert!(serde_json::from_str::<Value>(&payload).is_ok(), "{payload}");
    let upstream = Stage::new(&config()).admits("spaces", orders(signer().token_raw(header, payload)));
    assert_eq!(upstream.values("x-auth-subject"), ["alice"]);
}
