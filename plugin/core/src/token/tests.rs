use super::*;
use crate::testing::{SECRET, Token, json, signed};
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const MAX: usize = 4096;

fn reason(text: impl AsRef<[u8]>) -> Option<Reason> {
    UnverifiedToken::parse(text.as_ref(), MAX).err()
}

fn with_header(header: &str) -> Option<Reason> {
    reason(signed(SECRET, header, r#"{"iss":"i"}"#))
}

fn with_payload(payload: &str) -> Option<Reason> {
    reason(signed(SECRET, r#"{"alg":"HS256"}"#, payload))
}

#[test]
fn what_chooses_the_key_can_be_read_and_nothing_else() {
    let text =
        signed(SECRET, r#" { "alg" : "ES256", "kid":"k", "typ":"application/AT+JWT" } "#, r#"{"iss":"i","sub":"s"}"#);
    let token = UnverifiedToken::parse(text.as_bytes(), MAX).unwrap();
    assert_eq!((token.algorithm(), token.kid()), (Algorithm::Es256, Some("k")));
    assert_eq!((token.issuer(), token.subject().as_deref()), (Some("i"), Some("s")));
    assert_eq!(token.header().typ.as_deref(), Some("at+jwt"));
    assert_eq!(token.signed(), text.rsplit_once('.').unwrap().0.as_bytes());
    assert_eq!(base64url::encode(token.signature()), text.rsplit_once('.').unwrap().1);
}

#[test]
fn a_token_has_three_parts_and_one_of_five_is_called_encrypted() {
    for text in ["", ".", "..", "...", "a", "a.b", "a.b.c.d", "a..b.c", ".a.b.c", "a.b.c.", "a.b.c.d.e.f"] {
        assert!(matches!(reason(text), Some(Reason::TokenMalformed | Reason::HeaderMalformed)), "{text}");
    }
    // Not even decoded.
    assert_eq!(reason("?.?.?.?.?"), Some(Reason::TokenEncrypted));
    assert_eq!(
        reason(signed(SECRET, r#"{"alg":"HS256"}"#, "{}").rsplit_once('.').unwrap().0),
        Some(Reason::TokenMalformed)
    );
    let unsigned = signed(SECRET, r#"{"alg":"HS256"}"#, "{}");
    assert_eq!(reason(&unsigned[..=unsigned.rfind('.').unwrap()]), Some(Reason::TokenMalformed));
    assert_eq!(reason(Token::new(SECRET).text().replacen('.', "..", 1)), Some(Reason::TokenMalformed));
    assert_eq!(reason(r#"{"protected":"e30","payload":"e30","signature":"AA"}"#), Some(Reason::TokenMalformed));
}

#[test]
fn a_token_longer_than_the_limit_is_refused_before_it_is_looked_at() {
    let text = Token::new(SECRET).text();
    assert!(UnverifiedToken::parse(text.as_bytes(), text.len()).is_ok());
    assert_eq!(UnverifiedToken::parse(text.as_bytes(), text.len() - 1).err(), Some(Reason::TokenTooLarge));
    assert_eq!(reason(".".repeat(60 * 1024)), Some(Reason::TokenTooLarge));
}

#[test]
fn every_part_has_one_spelling() {
    let text = Token::new(SECRET).text();
    assert_eq!(reason(&text), None);
    let parts: Vec<&str> = text.split('.').collect();
    let spoilt = |part: usize, with: &dyn Fn(&str) -> String| {
        let mut parts: Vec<String> = parts.iter().map(|part| part.to_string()).collect();
        parts[part] = with(&parts[part]);
        parts.join(".")
    };
    for part in 0..3 {
        for odd in ["=", "==", "===", " ", "\t", "\r", "\n", "\0", "?", "#", "+", "/", "%2E", "\u{e9}", ","] {
            let middle = |text: &str| format!("{}{odd}{}", &text[..4], &text[4..]);
            for spoilt in [
                spoilt(part, &|text| format!("{odd}{text}")),
                spoilt(part, &middle),
                spoilt(part, &|text| format!("{text}{odd}")),
            ] {
                assert_eq!(reason(&spoilt), Some(Reason::TokenMalformed), "{spoilt}");
            }
        }
    }
    // 32 octets take 43 characters, the last of which has two bits to spare.
    let (front, last) = text.split_at(text.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.find(last).unwrap();
    for stray in 1..4 {
        let other = format!("{front}{}", &alphabet[at + stray..=at + stray]);
        assert_eq!(reason(&other), Some(Reason::TokenMalformed), "{stray} stray bits");
    }
    assert_eq!(reason(format!("{text}AA")), Some(Reason::TokenMalformed));
    assert_eq!(reason(format!("{text} trailing")), Some(Reason::TokenMalformed));
}

#[test]
fn the_header_is_an_object_with_sound_members() {
    for (header, wanted) in [
        ("[]", Reason::HeaderMalformed),
        ("\"x\"", Reason::HeaderMalformed),
        ("null", Reason::HeaderMalformed),
        ("1", Reason::HeaderMalformed),
        ("{", Reason::HeaderMalformed),
        ("\u{feff}{\"alg\":\"HS256\"}", Reason::HeaderMalformed),
        ("{}", Reason::HeaderMalformed),
        (r#"{"alg":null}"#, Reason::HeaderMalformed),
        (r#"{"alg":1}"#, Reason::HeaderMalformed),
        (r#"{"alg":["HS256"]}"#, Reason::HeaderMalformed),
        (r#"{"alg":"HS256","alg":"HS256"}"#, Reason::HeaderMalformed),
        (r#"{"alg":"HS256","\u0061lg":"HS256"}"#, Reason::HeaderMalformed),
        (r#"{"alg":"HS256","kid":"a","kid":"b"}"#, Reason::HeaderMalformed),
        (r#"{"alg":"HS256","kid":""}"#, Reason::HeaderMalformed),
        (r#"{"alg":"HS256","kid":1}"#, Reason::HeaderMalformed),
        (r#"{"alg":"HS256","kid":null}"#, Reason::HeaderMalformed),
        (r#"{"alg":"HS256","kid":["k"]}"#, Reason::HeaderMalformed),
        (r#"{"alg":"HS256","kid":"\ud800"}"#, Reason::HeaderMalformed),
        (r#"{"alg":"HS256","typ":null}"#, Reason::HeaderMalformed),
        (r#"{"alg":"HS256","cty":1}"#, Reason::HeaderMalformed),
    ] {
        assert_eq!(with_header(header), Some(wanted), "{header}");
    }
}

#[test]
fn an_algorithm_has_exactly_one_name_and_none_is_no_algorithm() {
    for name in [
        "",
        "none",
        "None",
        "NONE",
        "nOnE",
        "none ",
        "rs256",
        "RS256 ",
        " RS256",
        "RS256\\u0000",
        "R\u{405}256",
        "ES256K",
        "ES521",
        "Ed448",
        "RSA1_5",
        "RSA-OAEP",
        "dir",
        "PBES2-HS256+A128KW",
    ] {
        assert_eq!(with_header(&format!("{{\"alg\":\"{name}\"}}")), Some(Reason::AlgorithmUnknown), "{name}");
    }
    for (name, algorithm) in [("EdDSA", Algorithm::EdDsa), ("Ed25519", Algorithm::EdDsa), ("HS512", Algorithm::Hs512)] {
        let text = signed(SECRET, &format!("{{\"alg\":\"{name}\"}}"), "{}");
        assert_eq!(UnverifiedToken::parse(text.as_bytes(), MAX).unwrap().algorithm(), algorithm);
    }
}

#[test]
fn a_header_that_demands_an_extension_is_refused() {
    for member in [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""crit":"b64""#,
        r#""crit":["b64"],"b64":true"#,
        r#""b64":false"#,
        r#""b64":null"#,
        r#""b64":"false""#,
        r#""zip":"DEF""#,
        r#""cty":"JWT""#,
        r#""cty":"application/jwt""#,
    ] {
        assert_eq!(
            with_header(&format!("{{\"alg\":\"HS256\",{member}}}")),
            Some(Reason::HeaderUnsupported),
            "{member}"
        );
    }
    for member in
        [r#""b64":true"#, r#""cty":"json""#, r#""jku":"https://evil.example""#, r#""jwk":{},"x5u":"u","x5c":[]"#]
    {
        assert_eq!(with_header(&format!("{{\"alg\":\"HS256\",{member}}}")), None, "{member}");
    }
}

#[test]
fn the_payload_is_an_object_and_its_issuer_a_string() {
    for payload in
        ["", "[]", "\"x\"", "null", "1", "{", "{}x", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":2}}", "\u{feff}{}"]
    {
        assert_eq!(with_payload(payload), Some(Reason::ClaimsMalformed), "{payload}");
    }
    let deep = |depth| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!((with_payload(&deep(60)), with_payload(&deep(1000))), (None, Some(Reason::ClaimsMalformed)));
    for iss in ["null", "1", "[\"i\"]", "{}", "true"] {
        assert_eq!(with_payload(&format!("{{\"iss\":{iss}}}")), Some(Reason::IssuerMalformed), "{iss}");
    }
    let text = signed(SECRET, r#"{"alg":"HS256"}"#, r#"{"sub":1}"#);
    let anonymous = UnverifiedToken::parse(text.as_bytes(), MAX).unwrap();
    assert_eq!((anonymous.issuer(), anonymous.subject()), (None, None));
}

#[test]
fn the_header_tells_what_a_jws_was_signed_with() {
    let text = Token::new(SECRET).without_header("kid").text();
    let jws = Jws::parse(text.as_bytes(), MAX).unwrap();
    assert_eq!((jws.header.algorithm(), jws.header.kid()), (Algorithm::Hs256, None));
    let claims: serde_json::Value = serde_json::from_slice(&jws.payload).unwrap();
    assert_eq!(claims["sub"], json!("alice"));
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _any_verdict = reason(bytes);
    }

    #[test]
    fn what_is_accepted_is_the_only_spelling_of_its_parts(
        parts in prop::collection::vec("[A-Za-z0-9_-]{0,12}", 3),
        header in prop::sample::select(vec!["eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJIUzI1NiJ", "eyJhbGciOiJIUzI1NiJ8"]),
        payload in prop::sample::select(vec!["e30", "e31", "e32", "e33", "e3", "e300"]),
        (arbitrary_header, arbitrary_payload) in any::<(bool, bool)>(),
    ) {
        let header = if arbitrary_header { parts[0].as_str() } else { header };
        let payload = if arbitrary_payload { parts[1].as_str() } else { payload };
        let text = format!("{header}.{payload}.{}", parts[2]);
        if let Ok(jws) = Jws::parse(text.as_bytes(), MAX) {
            let own = base64url::decode(header).unwrap();
            let again = [own.as_slice(), &jws.payload, &jws.signature].map(base64url::encode).join(".");
            prop_assert_eq!(again, text);
        }
    }

    #[test]
    fn a_token_with_one_byte_changed_is_another_token_or_none(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let text = Token::new(SECRET).text().into_bytes();
        let mut other = text.clone();
        let at = at.index(text.len());
        other[at] = byte;
        if let (Ok(one), Ok(two)) = (Jws::parse(&text, MAX), Jws::parse(&other, MAX)) {
            let same = one.signed == two.signed && one.signature == two.signature;
            prop_assert_eq!(same, text == other);
        }
    }
}
