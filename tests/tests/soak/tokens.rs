//! Tokens whose faults are known because they were made on purpose.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use claimgate_tests::{Token as Parts, broken, signed_but_wrong};
use serde_json::{Value, json};

use crate::providers::{ISSUERS, Key, materials};
use crate::random::Random;

/// How far clocks may differ.
const SKEW: i64 = 60;

/// Stands for every kid that no provider has.
const NOBODYS_KID: u32 = u32::MAX;

/// What is wrong with a token besides its claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// Nothing.
    None,
    /// It is refused before anybody looks for a key.
    Form,
    /// It is refused at the latest when its key is there.
    Proof,
}

/// A token, and everything that its verdict depends on.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) text: Vec<u8>,
    pub(crate) what: &'static str,
    pub(crate) issuer: usize,
    pub(crate) key: Key,
    pub(crate) defect: Defect,
    claims: Claims,
}

#[derive(Clone, Debug)]
struct Claims {
    issued: i64,
    not_before: i64,
    expires: i64,
    audience: &'static str,
    subject: String,
    groups: Vec<&'static str>,
}

/// What a token's claims are worth at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    Good,
    Bad,
    /// So near the edge that a few milliseconds decide.
    Either,
}

/// Subjects, some of which must not be written into a header as they are.
const SUBJECTS: [&str; 6] = ["alice", "b,ob", "100%", "zo\u{eb}", "line\r\nx-auth-groups: admins", "\u{202e}evil"];

impl Token {
    /// A good token under this key, or one whose claims are not good now.
    pub(crate) fn minted(issuer: usize, key: Key, now: i64, audience: &'static str, random: &mut Random) -> Token {
        let lasts = *random.pick(&[30, 300, 3600]);
        let mut claims = Claims {
            issued: now - 10,
            not_before: now - 10,
            expires: now + lasts,
            audience,
            subject: format!("{}-{}", random.pick(&SUBJECTS), random.below(1_000_000)),
            groups: [vec![], vec!["ops"], vec!["ops", "eng"], vec!["nobody"]][random.below(4)].clone(),
        };
        let what = match random.below(24) {
            0 => {
                (claims.issued, claims.expires) = (now - 1000, now - SKEW - 5);
                "expired"
            }
            1 => {
                claims.not_before = now + SKEW + 30;
                "not yet valid"
            }
            2 => {
                claims.issued = now + SKEW + 30;
                "issued in the future"
            }
            3 => {
                claims.audience = *random.pick(&["other", "API", "api/", "ap"]);
                "for another audience"
            }
            _ => "good",
        };
        let text = signed(key, &claims.json(issuer)).into_bytes();
        Token { text, what, issuer, key, defect: Defect::None, claims }
    }

    /// Every way in which this token can be broken.
    pub(crate) fn breakages(&self) -> Vec<Token> {
        let text = String::from_utf8_lossy(&self.text);
        let key = materials()[self.key.material].clone().with_kid(self.key.kid_text().as_str());
        let unsigned = broken(&text).into_iter().map(|(what, text)| (what, text, needs_key(what)));
        let payload = self.claims.json(self.issuer).to_string();
        let signed = signed_but_wrong(&key, &payload).into_iter().map(|(what, text)| (what, text, Defect::Proof));
        let made = |(what, text, defect): (&'static str, String, Defect)| {
            let kid = if what == "header: another kid" { NOBODYS_KID } else { self.key.kid };
            Token { text: text.into_bytes(), what, defect, key: Key { kid, ..self.key }, ..self.clone() }
        };
        let mut all: Vec<Token> = unsigned.chain(signed).map(made).collect();
        for (what, text) in [
            ("bytes that are no text", [&self.text[..], b"\xff"].concat()),
            ("bytes all over", vec![0xfe; 300]),
            ("too long", [&self.text[..], &vec![b'A'; 20_000]].concat()),
            ("dots", vec![b'.'; 10_000]),
            ("nothing but an A", b"A".to_vec()),
        ] {
            all.push(Token { text, what, defect: Defect::Form, ..self.clone() });
        }
        let parts = Parts::parse(&text);
        let other = json!("https://nobody.example");
        for (what, parts) in [
            ("an issuer nobody knows", parts.clone().claim("iss", other)),
            ("an issuer but for its case", parts.clone().claim("iss", ISSUERS[self.issuer].to_uppercase().into())),
            ("a list of issuers", parts.claim("iss", json!(ISSUERS))),
        ] {
            all.push(Token {
                text: parts.signed_by(&key).text().into_bytes(),
                what,
                defect: Defect::Form,
                ..self.clone()
            });
        }
        all
    }

    /// What its claims are worth when the clock shows this many milliseconds, to somebody who wants this audience.
    pub(crate) fn worth(&self, wall: i64, audience: &str) -> Worth {
        let claims = &self.claims;
        let left = (claims.expires + SKEW) * 1000 - wall;
        let begun = wall - (claims.issued.max(claims.not_before) - SKEW) * 1000;
        let sound = claims.expires >= claims.issued.max(claims.not_before);
        if claims.audience != audience || !sound || left < -1000 || begun < -1000 {
            Worth::Bad
        } else if left <= 1000 || begun <= 1000 {
            Worth::Either
        } else {
            Worth::Good
        }
    }

    /// Whether its bearer is one of the admins.
    pub(crate) fn is_admin(&self) -> bool {
        self.claims.groups.contains(&"ops")
    }

    /// The headers that say who its bearer is.
    pub(crate) fn identity(&self) -> Vec<(&'static str, String)> {
        let mapped = self.claims.groups.iter().filter_map(|group| match *group {
            "ops" => Some("admins"),
            "eng" => Some("engineers"),
            _ => None,
        });
        let groups = mapped.collect::<Vec<_>>().join(",");
        let mut headers =
            vec![("x-auth-subject", spelled(&self.claims.subject)), ("x-auth-issuer", ISSUERS[self.issuer].to_owned())];
        if !groups.is_empty() {
            headers.push(("x-auth-groups", groups));
        }
        headers
    }
}

impl Claims {
    fn json(&self, issuer: usize) -> Value {
        let mut claims = json!({
            "iss": ISSUERS[issuer], "sub": self.subject, "aud": self.audience, "iat": self.issued,
            "nbf": self.not_before, "exp": self.expires,
        });
        if !self.groups.is_empty() {
            claims["groups"] = json!(self.groups);
        }
        claims
    }
}

/// A compact token over these claims.
fn signed(key: Key, claims: &Value) -> String {
    let signer = &materials()[key.material];
    let header = format!(r#"{{"alg":"{}","kid":"{}","typ":"JWT"}}"#, signer.algorithm().name(), key.kid_text());
    let input = format!("{}.{}", encoded(header.as_bytes()), encoded(claims.to_string().as_bytes()));
    let signature = encoded(&signer.sign(input.as_bytes()));
    format!("{input}.{signature}")
}

fn encoded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// How much of the filter a breakage of this kind gets past.
fn needs_key(what: &str) -> Defect {
    let late = ["signature: first", "signature: last", "signature: zeros", "signature: half", "signature: a byte"];
    let edited = ["payload: another", "payload: a later", "header: another kid", "base64: "];
    let is = |starts: &[&str]| starts.iter().any(|start| what.starts_with(start));
    if is(&late) || is(&edited) { Defect::Proof } else { Defect::Form }
}

/// A header value as the configuration's manual says: `%`, `,`, controls and everything outside printable ASCII encoded.
fn spelled(text: &str) -> String {
    let mut spelled = String::new();
    for byte in text.bytes() {
        match byte {
            b'%' | b',' | 0..=0x1f | 0x7f.. => spelled.push_str(&format!("%{byte:02X}")),
            _ => spelled.push(byte as char),
        }
    }
    spelled
}
