//! Tokens: by default good ones, and what may be wrong with them.

use super::START;
use super::keys::{KIDS, signed};
use super::setting::ISSUERS;
use arbitrary::Arbitrary;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use claimgate_core::time::Timestamp;

/// A token. All zero it is good, of the first issuer.
#[derive(Arbitrary, Debug)]
pub(super) struct Token<'a> {
    issuer: u8,
    algorithm: u8,
    typ: u8,
    kid: u8,
    /// Seconds, more than ten minutes from the start.
    lives: i16,
    /// Which of `iss`, `sub`, `aud`, `exp`, `iat` it lacks.
    lacks: u8,
    audience: u8,
    changes: Vec<Change<'a>>,
    header: Option<&'a str>,
    demand: Option<u8>,
    signature: Signature<'a>,
}

/// One more claim, or another value of one.
#[derive(Arbitrary, Debug)]
enum Change<'a> {
    NotBefore(i16),
    Issued(i16),
    Subject(&'a str),
    Groups(Vec<&'a str>),
    Staff,
    Scope(&'a str),
    /// JSON, or not, under a name that may be there already.
    Claim(&'a str, &'a str),
    /// Whatever stands between two members.
    Raw(&'a str),
    AuthTime(i16),
    Known(u8),
    /// A subject of so many kilobytes.
    Long(u8),
}

/// Claims that some configuration or route asks for, or that are never good.
const KNOWN: [(&str, &str); 10] = [
    ("client_id", r#""web""#),
    ("resource", r#"["orders"]"#),
    ("tier", "7"),
    ("acr", r#""high""#),
    ("level", "3.0"),
    ("scope", r#""write""#),
    ("cnf", r#"{"jkt":"x"}"#),
    ("tier", r#""tin""#),
    ("act", r#"{"sub":"robot"}"#),
    ("sub", "17e3"),
];

/// Members of the JOSE header that demand something.
const DEMANDS: [&str; 5] =
    [r#""crit":["exp"]"#, r#""zip":"DEF""#, r#""b64":false"#, r#""cty":"JWT""#, r#""nonce":"x""#];

#[derive(Arbitrary, Debug)]
enum Signature<'a> {
    Right,
    Under(u8),
    Flipped(u8),
    Bytes(&'a [u8]),
}

impl Token<'_> {
    /// As it is sent. Its dates are relative to the start of the story, or to `now` where `lacks` says so.
    pub(super) fn text(&self, now: Timestamp) -> String {
        let from = if self.lacks & 0x80 != 0 { i64::try_from(now.millis() / 1000).unwrap_or(START) } else { START };
        let message = format!("{}.{}", encoded(&self.header()), encoded(&self.claims(from)));
        let number = usize::from(self.issuer % 2) * 2 + usize::from(self.kid % 2);
        let signature = match &self.signature {
            Signature::Right => signed(number, message.as_bytes()).to_vec(),
            Signature::Under(other) => signed(usize::from(*other) % KIDS.len(), message.as_bytes()).to_vec(),
            Signature::Flipped(bit) => {
                let mut right = signed(number, message.as_bytes());
                right[usize::from(*bit) / 8 % 8] ^= 1 << (bit % 8);
                right.to_vec()
            }
            Signature::Bytes(bytes) => bytes.to_vec(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn header(&self) -> String {
        let algorithm = ["RS256", "PS256", "RS512", "ES256", "HS256", "none", "EdDSA"][usize::from(self.algorithm) % 7];
        let typ =
            [r#","typ":"at+jwt""#, r#","typ":"JWT""#, "", r#","typ":"application/AT+jwt""#, r#","typ":"dpop+jwt""#];
        let own = KIDS[usize::from(self.issuer % 2) * 2 + usize::from(self.kid % 2)];
        let kid = match self.kid / 2 % 4 {
            0 => format!(r#","kid":"{own}""#),
            1 => String::new(),
            2 => format!(r#","kid":"{}""#, KIDS[usize::from(self.kid / 8) % 4]),
            _ => r#","kid":"nobody's""#.to_owned(),
        };
        let demand = self.demand.map(|demand| DEMANDS[usize::from(demand) % DEMANDS.len()]);
        let more: String = self.header.into_iter().chain(demand).map(|more| format!(",{more}")).collect();
        format!(r#"{{"alg":"{algorithm}"{}{kid}{more}}}"#, typ[usize::from(self.typ) % 5])
    }

    fn claims(&self, from: i64) -> String {
        let audience =
            [r#""api""#, r#"["x","api"]"#, r#"["team-api","api"]"#, r#""team-api""#, r#""two-api""#, "[]", "7"];
        let members = [
            ("iss", format!(r#""{}""#, ["two", ISSUERS[0], ISSUERS[1], ISSUERS[2]][self.name()])),
            ("sub", r#""alice""#.to_owned()),
            ("aud", audience[usize::from(self.audience) % 7].to_owned()),
            ("exp", (from + 600 + i64::from(self.lives)).to_string()),
            ("iat", (from - 60).to_string()),
        ];
        let mut claims: Vec<(String, String)> = Vec::new();
        for (at, (name, value)) in members.into_iter().enumerate() {
            if self.lacks & (1 << at) == 0 {
                claims.push((name.to_owned(), value));
            }
        }
        let mut raw = String::new();
        for change in self.changes.iter().take(8) {
            let (name, value) = match change {
                Change::NotBefore(after) => ("nbf", (from + i64::from(*after)).to_string()),
                Change::Issued(after) => ("iat", (from + i64::from(*after)).to_string()),
                Change::AuthTime(after) => ("auth_time", (from + i64::from(*after)).to_string()),
                Change::Subject(subject) => ("sub", quoted(subject)),
                Change::Groups(groups) => {
                    let groups: Vec<String> = groups.iter().take(4).map(|group| quoted(group)).collect();
                    ("groups", format!("[{}]", groups.join(",")))
                }
                Change::Staff => ("groups", r#"["g-staff","staff","x"]"#.to_owned()),
                Change::Scope(scope) => ("scope", quoted(scope)),
                Change::Known(at) => {
                    let (name, value) = KNOWN[usize::from(*at) % KNOWN.len()];
                    (name, value.to_owned())
                }
                Change::Long(kilobytes) => ("sub", quoted(&",".repeat(usize::from(*kilobytes % 32) * 1024))),
                Change::Claim(name, value) => {
                    claims.push(((*name).to_owned(), (*value).to_owned()));
                    continue;
                }
                Change::Raw(text) => {
                    raw.push_str(text);
                    continue;
                }
            };
            claims.retain(|(own, _)| own != name);
            claims.push((name.to_owned(), value));
        }
        let members: Vec<String> = claims.iter().map(|(name, value)| format!("{}:{value}", quoted(name))).collect();
        format!("{{{}{raw}}}", members.join(","))
    }

    /// Which name of the issuer whose key signs it, or another's.
    fn name(&self) -> usize {
        match (self.issuer / 2 % 4, self.issuer % 2) {
            (0, 0) => 1,
            (0, _) => 2,
            (1, _) => 0,
            (2, own) => 2 - usize::from(own),
            _ => 3,
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a string is JSON")
}

fn encoded(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}
