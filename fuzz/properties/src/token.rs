//! The compact token.

use crate::json::Json;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claimgate_core::algorithm::Algorithm;
use claimgate_core::json::{Document, MAX_DEPTH};
use claimgate_core::refusal::Reason;
use claimgate_core::token::{Jws, UnverifiedToken};

/// Longer tokens are refused.
const MAX_BYTES: usize = 16 * 1024;

/// The bytes are a token; and where they are several lines, the first three of them are the parts of one before encoding.
pub fn token(data: &[u8]) {
    whole(data);
    let parts: Vec<&[u8]> = data.splitn(3, |byte| *byte == b'\n').collect();
    if parts.len() > 1 {
        parts.iter().for_each(|part| agrees_on_json(part));
        let encoded: Vec<String> = parts.iter().map(|part| URL_SAFE_NO_PAD.encode(part)).collect();
        whole(encoded.join(".").as_bytes());
    }
}

fn whole(text: &[u8]) {
    let read = UnverifiedToken::parse(text, MAX_BYTES);
    let jws = match Jws::parse(text, MAX_BYTES) {
        Ok(jws) => jws,
        Err(reason) => return assert_eq!(read.err(), Some(reason), "both ways to read a token refuse it alike"),
    };
    assert!(text.len() <= MAX_BYTES);
    let spelled = std::str::from_utf8(text).expect("a token is ASCII");
    let parts: Vec<&str> = spelled.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("a token has three parts: {spelled}") };
    assert_eq!(jws.signed, &text[..header.len() + 1 + payload.len()]);
    assert_eq!(URL_SAFE_NO_PAD.encode(&jws.payload), payload, "bytes have one spelling");
    assert_eq!(URL_SAFE_NO_PAD.encode(&jws.signature), signature, "bytes have one spelling");
    assert!(!jws.signature.is_empty());
    let header = URL_SAFE_NO_PAD.decode(header).expect("base64url");
    sound_header(&Json::read(&header).expect("a header is JSON without repeated members"), &jws);
    match (read, Json::read(&jws.payload)) {
        (Ok(token), Some(claims)) => {
            assert!(matches!(claims, Json::Object(_)));
            assert_eq!(token.issuer(), claims.member("iss").and_then(Json::text));
            assert_eq!(token.subject().as_deref(), claims.member("sub").and_then(Json::text));
            assert!(claims.member("iss").is_none_or(|iss| iss.text().is_some()));
            assert_eq!((token.algorithm(), token.kid()), (jws.header.algorithm(), jws.header.kid()));
        }
        (Ok(_), None) => panic!("what serde_json calls no JSON, or repeats a member, is no payload"),
        (Err(reason), _) => assert!(matches!(reason, Reason::ClaimsMalformed | Reason::IssuerMalformed), "{reason:?}"),
    }
}

fn sound_header(header: &Json, jws: &Jws<'_>) {
    let name = header.member("alg").and_then(Json::text).expect("alg is a string");
    assert_eq!(Algorithm::named(name), Some(jws.header.algorithm()));
    assert!(!name.eq_ignore_ascii_case("none"));
    assert_eq!(header.member("kid").map(|kid| kid.text().expect("kid is a string")), jws.header.kid());
    for extension in ["crit", "zip"] {
        assert!(header.member(extension).is_none(), "{extension} is not understood");
    }
    assert!(header.member("b64").is_none_or(|b64| *b64 == Json::Word("true".to_owned())));
    assert!(header.member("typ").is_none_or(|typ| typ.text().is_some()));
}

/// What one calls JSON the other does too, save what is nested too deep for the core.
fn agrees_on_json(text: &[u8]) {
    let own = Document::parse(text);
    match Json::read(text) {
        Some(json) if json.depth() <= MAX_DEPTH => assert!(own.is_ok(), "{own:?}"),
        Some(_) => {}
        None => assert!(own.is_err(), "serde_json calls it no JSON, or a member is repeated"),
    }
}
