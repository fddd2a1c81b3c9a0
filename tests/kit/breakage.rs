//! Catalogues of tokens that must be refused, each with a name for the test's message.

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD, Engine as _};
use claimgate_devkit::provider::SigningKey;
use serde_json::json;

use crate::token::Token;

/// A named token.
type Named = (&'static str, String);

/// A good token broken in every way that needs no key: none of these is signed by anybody, or none is a compact JWS.
pub fn broken(good: &str) -> Vec<Named> {
    let token = Token::parse(good);
    let [header, payload, signature] =
        [&token.header, &token.payload, &token.signature].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
    let bits = token.signature.len() * 8;
    let zeros = vec![0; token.signature.len()];
    let half = &token.signature[..token.signature.len() / 2];
    let longer = [token.signature.as_slice(), &[0]].concat();
    let symmetric = good.starts_with("eyJhbGciOiJIUz");
    let another = if symmetric { "RS256" } else { "HS256" };
    let edit = |edit: &dyn Fn(Token) -> Token| edit(token.clone()).text();
    vec![
        ("signature: first bit flipped", edit(&|token| token.flip_signature_bit(0))),
        ("signature: last bit flipped", edit(&|token| token.flip_signature_bit(bits - 1))),
        ("signature: zeros", edit(&|token| token.signature(&zeros))),
        ("signature: half", edit(&|token| token.signature(half))),
        ("signature: a byte too many", edit(&|token| token.signature(&longer))),
        ("signature: none", format!("{header}.{payload}.")),
        ("payload: another subject", edit(&|token| token.claim("sub", json!("root")))),
        ("payload: a later expiry", edit(&|token| token.claim("exp", json!(9_999_999_999_u64)))),
        ("payload: none", format!("{header}..{signature}")),
        ("header: alg none", edit(&|token| token.header_member("alg", json!("none")))),
        ("header: alg none, no signature", edit(&|token| token.header_member("alg", json!("none")).signature([]))),
        ("header: alg of another family", edit(&|token| token.header_member("alg", json!(another)))),
        ("header: another kid", edit(&|token| token.header_member("kid", json!("nobody")))),
        ("header: no alg", edit(&|token| token.header_member("alg", json!(null)))),
        ("header: not JSON", edit(&|token| token.header("alg"))),
        ("header: none", format!(".{payload}.{signature}")),
        ("parts: two", format!("{header}.{payload}")),
        ("parts: one", header.clone()),
        ("parts: four", format!("{good}.{signature}")),
        ("parts: five, as JWE has", format!("{header}.{payload}.{signature}.{payload}.{signature}")),
        ("parts: a leading dot", format!(".{good}")),
        ("parts: a trailing dot", format!("{good}.")),
        ("base64: padding", format!("{header}.{payload}.{}", BASE64_URL_SAFE.encode(half))),
        ("base64: the other alphabet", format!("{header}.{payload}.{}", BASE64_STANDARD.encode([0xff; 64]))),
        ("base64: loose last bits", format!("{header}.{payload}.{}", with_loose_bits(&signature))),
        ("base64: a length that cannot be", format!("{header}.{payload}.{signature}AAAAA")),
        ("base64: a byte outside", format!("{header}.{payload}!.{signature}")),
        ("base64: a line break", format!("{header}.{payload}\t.{signature}")),
    ]
}

/// Tokens with a true signature of `key` over something that must be refused all the same. `payload` is what makes a token good.
pub fn signed_but_wrong(key: &SigningKey, payload: &str) -> Vec<Named> {
    let alg = key.algorithm().name();
    let kid = key.kid().unwrap_or_default();
    let header = format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"JWT"}}"#);
    let headers = [
        ("header: alg twice", format!(r#"{{"alg":"none","kid":"{kid}","alg":"{alg}"}}"#)),
        ("header: kid twice", format!(r#"{{"alg":"{alg}","kid":"other","kid":"{kid}"}}"#)),
        ("header: crit", format!(r#"{{"alg":"{alg}","kid":"{kid}","crit":["exp"],"exp":1}}"#)),
        ("header: empty crit", format!(r#"{{"alg":"{alg}","kid":"{kid}","crit":[]}}"#)),
        ("header: b64 false", format!(r#"{{"alg":"{alg}","kid":"{kid}","b64":false,"crit":["b64"]}}"#)),
        ("header: alg in lower case", format!(r#"{{"alg":"{}","kid":"{kid}"}}"#, alg.to_ascii_lowercase())),
        ("header: alg a list", format!(r#"{{"alg":["{alg}"],"kid":"{kid}"}}"#)),
        ("header: kid a number", format!(r#"{{"alg":"{alg}","kid":1}}"#)),
        ("header: typ of a logout token", format!(r#"{{"alg":"{alg}","kid":"{kid}","typ":"logout+jwt"}}"#)),
        ("header: a list", format!(r#"[{{"alg":"{alg}","kid":"{kid}"}}]"#)),
        ("header: text after the object", format!("{header}{{}}")),
        ("header: a byte order mark", format!("\u{feff}{header}")),
        ("header: a trailing comma", format!(r#"{{"alg":"{alg}","kid":"{kid}",}}"#)),
        ("header: a comment", format!(r#"{{"alg":"{alg}","kid":"{kid}"/**/}}"#)),
    ];
    let inside = payload.trim().trim_start_matches('{').trim_end_matches('}');
    let payloads = [
        ("payload: sub twice", format!(r#"{{"sub":"first",{inside},"sub":"last"}}"#)),
        ("payload: iss twice", format!(r#"{{{inside},"iss":"https://evil.example"}}"#)),
        ("payload: a member twice further down", format!(r#"{{{inside},"a":{{"b":1,"b":2}}}}"#)),
        ("payload: an escaped name twice", format!(r#"{{{inside},"\u0069ss":"https://evil.example"}}"#)),
        ("payload: a list", format!("[{payload}]")),
        ("payload: a string", "\"alice\"".to_owned()),
        ("payload: nothing", String::new()),
        ("payload: exp a string", replaced(payload, "exp", json!("9999999999"))),
        ("payload: exp a list", replaced(payload, "exp", json!([9_999_999_999_u64]))),
        ("payload: exp null", format!(r#"{{{},"exp":null}}"#, without(payload, "exp"))),
        ("payload: iss a list", replaced(payload, "iss", json!(["https://login.workforce.example"]))),
        ("payload: text after the object", format!("{payload} x")),
        ("payload: NaN", format!(r#"{{{inside},"n":NaN}}"#)),
        ("payload: a lone surrogate", format!(r#"{{{inside},"n":"\ud800"}}"#)),
        ("payload: a control byte in a string", format!("{{{inside},\"n\":\"\u{1}\"}}")),
        ("payload: very deep", format!("{{{inside},\"n\":{}{}}}", "[".repeat(5000), "]".repeat(5000))),
    ];
    let mut tokens: Vec<Named> =
        headers.into_iter().map(|(name, header)| (name, key.token_raw(header, payload))).collect();
    tokens.extend(payloads.into_iter().map(|(name, payload)| (name, key.token_raw(&header, payload))));
    tokens.push(("payload: not UTF-8", key.token_raw(&header, b"{\"sub\":\"\xff\"}")));
    tokens
}

/// The same bytes spelled with other unused bits at the end, where there are unused bits; else a stray character.
fn with_loose_bits(part: &str) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = part.chars().last().and_then(|last| alphabet.find(last));
    match (part.len() % 4, last) {
        (2 | 3, Some(value)) => format!("{}{}", &part[..part.len() - 1], &alphabet[value + 1..value + 2]),
        _ => format!("{part}B"),
    }
}

fn replaced(payload: &str, name: &str, value: serde_json::Value) -> String {
    let mut claims: serde_json::Value = serde_json::from_str(payload).expect("a JSON object");
    claims[name] = value;
    claims.to_string()
}

fn without(payload: &str, name: &str) -> String {
    let mut claims: serde_json::Map<String, serde_json::Value> = serde_json::from_str(payload).expect("a JSON object");
    claims.remove(name);
    let text = serde_json::Value::Object(claims).to_string();
    text[1..text.len() - 1].to_owned()
}
