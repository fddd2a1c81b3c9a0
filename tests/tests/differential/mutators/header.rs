//! What a JOSE header may say.

use claimgate_tests::Algorithm;
use serde_json::json;

use super::Mutator;
use crate::draft::{PUBLIC, encoded, key};
use crate::edit::{append, get, prepend, remove, set};
use crate::random::Random;

pub(super) const ALL: &[Mutator] = &[
    Mutator::content("alg none", |random, draft| {
        let none = random.pick(&["\"none\"", "\"None\"", "\"NONE\"", "\"nOnE\"", "\"none \""]);
        set(&mut draft.header, "alg", none);
    }),
    Mutator::content("alg of another algorithm", |random, draft| {
        let other = random.pick(&Algorithm::ALL).name();
        let own = draft.key.algorithm().name();
        set(&mut draft.header, "alg", format!("\"{}\"", if other == own { "HS384" } else { other }));
    }),
    Mutator::content("alg unknown", |random, draft| {
        let names =
            ["ES256K", "ES521", "RS1", "RSA1_5", "RSA-OAEP", "dir", "PBES2-HS256+A128KW", "HS1", "EdDSA448", ""];
        set(&mut draft.header, "alg", format!("\"{}\"", random.pick(&names)));
    }),
    Mutator::content("alg misspelled", |random, draft| {
        let own = draft.key.algorithm().name();
        let lower = own.to_lowercase();
        let spelled = [lower, format!("{own} "), format!(" {own}"), format!("{own}\\u0000"), format!("{own}\\n")];
        set(&mut draft.header, "alg", format!("\"{}\"", spelled[random.below(spelled.len())]));
    }),
    Mutator::content("alg of another type", |random, draft| {
        let own = draft.key.algorithm().name();
        let values = ["null".to_owned(), "5".to_owned(), "true".to_owned(), "{}".to_owned(), format!("[\"{own}\"]")];
        set(&mut draft.header, "alg", &values[random.below(values.len())]);
    }),
    Mutator::content("alg left out", |_, draft| remove(&mut draft.header, "alg")),
    Mutator::content("alg twice", |random, draft| twice(random, &mut draft.header, "alg", "\"none\"")),
    Mutator::content("alg with escapes", |_, draft| {
        let own = draft.key.algorithm().name();
        let escaped: String = own.chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect();
        remove(&mut draft.header, "alg");
        append(&mut draft.header, format!("\"\\u0061lg\":\"{escaped}\""));
    }),
    Mutator::content("alg HS256 with the public key as secret", |random, draft| {
        let jwk = draft.key.jwk();
        let names = ["n", "x", "y"];
        let material = names.into_iter().find_map(|name| jwk[name].as_str()).unwrap_or_default().to_owned();
        let secrets = [jwk.to_string(), draft.key.jwk_material().to_string(), material];
        let secret = claimgate_tests::SigningKey::hmac(Algorithm::Hs256, secrets[random.below(3)].as_bytes());
        set(&mut draft.header, "alg", "\"HS256\"");
        draft.signature = secret.sign(&draft.message());
    })
    .of(&PUBLIC),
    Mutator::content("alg Ed25519, EdDSA's other name", |_, draft| set(&mut draft.header, "alg", "\"Ed25519\""))
        .of(&[Algorithm::EdDsa]),
    Mutator::content("typ of an access token", |random, draft| {
        let typ = random.pick(&["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "application/jwt"]);
        set(&mut draft.header, "typ", format!("\"{typ}\""));
    }),
    Mutator::content("typ of another token", |random, draft| {
        let typ = random.pick(&["logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", "JWE", ""]);
        set(&mut draft.header, "typ", format!("\"{typ}\""));
    }),
    Mutator::content("typ null", |_, draft| set(&mut draft.header, "typ", "null")),
    Mutator::content("typ of another type", |random, draft| {
        set(&mut draft.header, "typ", random.pick(&["1", "[\"JWT\"]", "{}", "true"]));
    }),
    Mutator::content("crit", |random, draft| {
        let crit = random.pick(&["[\"exp\"]", "[\"unknown\"]", "[]", "[\"alg\"]", "[\"exp\",\"exp\"]"]);
        set(&mut draft.header, "crit", crit);
        append(&mut draft.header, "\"exp\":1");
    }),
    Mutator::content("crit of another type", |random, draft| {
        set(&mut draft.header, "crit", random.pick(&["\"exp\"", "1", "{}", "[1]"]));
    }),
    Mutator::content("crit null", |_, draft| set(&mut draft.header, "crit", "null")),
    Mutator::content("b64 false", |random, draft| {
        set(&mut draft.header, "b64", "false");
        if random.one_in(2) {
            set(&mut draft.header, "crit", "[\"b64\"]");
        }
    }),
    Mutator::content("b64 true", |_, draft| set(&mut draft.header, "b64", "true")),
    Mutator::content("zip", |_, draft| set(&mut draft.header, "zip", "\"DEF\"")),
    Mutator::content("cty JWT", |random, draft| {
        set(&mut draft.header, "cty", random.pick(&["\"JWT\"", "\"jwt\"", "\"application/jwt\""]));
    }),
    Mutator::content("cty of plain JSON", |_, draft| set(&mut draft.header, "cty", "\"json\"")),
    Mutator::content("cty of anything", |_, draft| set(&mut draft.header, "cty", "\"text/plain\"")),
    Mutator::content("kid left out", |_, draft| remove(&mut draft.header, "kid")),
    Mutator::content("kid unknown", |random, draft| {
        let own = draft.key.kid().unwrap_or_default();
        let kids =
            ["nobody".to_owned(), format!("{own} "), own.to_uppercase(), format!("{own}\\u0000"), "../../x".into()];
        set(&mut draft.header, "kid", format!("\"{}\"", kids[random.below(kids.len())]));
    }),
    Mutator::content("kid empty", |_, draft| set(&mut draft.header, "kid", "\"\"")),
    Mutator::content("kid null", |_, draft| set(&mut draft.header, "kid", "null")),
    Mutator::content("kid of another type", |random, draft| {
        let own = draft.key.kid().unwrap_or_default();
        let values = ["1".to_owned(), format!("[\"{own}\"]"), "{}".to_owned(), "true".to_owned()];
        set(&mut draft.header, "kid", &values[random.below(values.len())]);
    }),
    Mutator::content("kid of another key", |random, draft| {
        let own = draft.key.algorithm();
        let other = random.pick(&PUBLIC);
        let other = if other == own { Algorithm::Hs384 } else { other };
        set(&mut draft.header, "kid", format!("\"{}\"", key(other, 0).kid().unwrap_or_default()));
    })
    .of(&[Algorithm::EdDsa, Algorithm::Es256, Algorithm::Rs256]),
    Mutator::content("kid twice", |random, draft| {
        let other = get(&draft.header, "kid").filter(|_| random.one_in(2)).unwrap_or_else(|| "\"other\"".into());
        twice(random, &mut draft.header, "kid", &other);
    }),
    Mutator::content("kid with escapes", |_, draft| {
        let own = draft.key.kid().unwrap_or_default();
        remove(&mut draft.header, "kid");
        append(&mut draft.header, format!("\"\\u006bid\":\"\\u{:04x}{}\"", u32::from(own.as_bytes()[0]), &own[1..]));
    }),
    Mutator::content("a stranger's key embedded", |_, draft| {
        draft.key = key(draft.key.algorithm(), 1);
        set(&mut draft.header, "jwk", draft.key.jwk().to_string());
    })
    .of(&[Algorithm::EdDsa, Algorithm::Es256, Algorithm::Rs256]),
    Mutator::content("its own key embedded", |_, draft| set(&mut draft.header, "jwk", draft.key.jwk().to_string())),
    Mutator::content("a certificate chain", |_, draft| set(&mut draft.header, "x5c", "[\"MIIB\"]")),
    Mutator::content("a certificate's thumbprint", |_, draft| {
        set(&mut draft.header, "x5t", format!("\"{}\"", encoded(&[7; 20])));
    }),
    Mutator::content("addresses of keys", |random, draft| {
        let name = random.pick(&["jku", "x5u"]);
        let address = random.pick(&["https://evil.example/jwks", "http://169.254.169.254/", "file:///etc/passwd"]);
        set(&mut draft.header, name, format!("\"{address}\""));
    }),
    Mutator::content("header members of no meaning", |random, draft| {
        for number in 0..1 + random.below(60) {
            append(&mut draft.header, format!("\"x{number}\":{number}"));
        }
    }),
    Mutator::content("a header member twice that means nothing", |random, draft| {
        append(&mut draft.header, "\"extra\":1");
        twice(random, &mut draft.header, "extra", "2");
    }),
];

/// The member once more, in front or behind; half the time in another spelling.
pub(super) fn twice(random: &mut Random, json: &mut Vec<u8>, name: &str, value: &str) {
    let spelled = if random.one_in(2) {
        name.to_owned()
    } else {
        format!("\\u{:04x}{}", u32::from(name.as_bytes()[0]), &name[1..])
    };
    let member = format!("\"{spelled}\":{value}");
    if random.one_in(2) { append(json, member) } else { prepend(json, member) }
}

#[test]
fn a_member_is_given_twice_in_any_place_and_spelling() {
    let mut random = Random::new(3);
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..40 {
        let mut json = json!({"alg": "RS256"}).to_string().into_bytes();
        twice(&mut random, &mut json, "alg", "1");
        seen.insert(String::from_utf8_lossy(&json).into_owned());
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}
