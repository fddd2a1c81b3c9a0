//! Identity headers: which they are, how a client's own are recognised, and how values are spelled.

use crate::address::Address;
use crate::base64url;
use crate::claims::CurrentClaims;
use crate::groups;
use crate::identity::Identity;
use crate::json::{Kind, Value};
use crate::refusal::Reason;
use crate::request::Request;
use std::rc::Rc;

/// Identity headers together may not be longer than this, names and values.
pub const MAX_IDENTITY_BYTES: usize = 16 * 1024;

/// What an identity header can carry.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Attribute {
    /// Who.
    Subject,
    /// Proven by whose keys: `iss`.
    Issuer,
    /// The name they go by.
    Username,
    /// Their mail address.
    Email,
    /// The client the token was issued to.
    Client,
    /// Our groups.
    Groups,
    /// Scopes, the token's own and those its groups grant.
    Scopes,
    /// The issuer's name in the configuration.
    Provider,
    /// Who acts for the subject.
    Actor,
    /// Authentication class.
    Acr,
    /// Authentication methods.
    Amr,
    /// When they authenticated.
    AuthTime,
    /// All verified claims, base64url.
    Payload,
}

/// Which header carries what.
#[derive(Debug)]
pub struct IdentityHeaders {
    /// Lower-case header names of attributes.
    pub attributes: Vec<(Attribute, Rc<str>)>,
    /// Lower-case header names of single claims.
    pub claims: Vec<(Rc<str>, Address)>,
    /// One bit for each length that a name has, the last for all that are longer.
    lengths: u64,
}

/// The value of an identity header: printable ASCII that no two identities share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeaderValue(String);

impl HeaderValue {
    /// Joins a list with `,`. In each item `%`, `,`, controls, what is not printable ASCII, and a space at either end are
    /// percent-encoded, so that the list can be read back exactly.
    pub fn list<'i>(items: impl IntoIterator<Item = &'i str>) -> Self {
        let mut value = String::new();
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                value.push(',');
            }
            encode(&mut value, item);
        }
        Self(value)
    }

    /// A single value.
    pub fn single(item: &str) -> Self {
        Self::list([item])
    }

    /// Spells a claim: a scalar as its text, a list of scalars joined, anything else as its JSON text. `None` where the claim
    /// is blank. Equal texts of strings, numbers and booleans are spelled alike, and so is a list of one of them; no other
    /// two values are, because the first byte of a text is encoded where it could begin a JSON text.
    pub fn of_claim(claim: Value<'_>) -> Option<Self> {
        if claim.is_blank() {
            return None;
        }
        let text = |value: Value<'_>| match value.kind() {
            Kind::Bool => Some(value.text().to_owned()),
            _ => groups::scalar(value),
        };
        let items: Option<Vec<String>> = match claim.kind() {
            Kind::Array => claim.elements().map(text).collect(),
            _ => text(claim).map(|text| vec![text]),
        };
        let joined = items.map(|items| Self::list(items.iter().map(String::as_str)).0).unwrap_or_default();
        Some(match joined.bytes().next() {
            None => Self::single(claim.text()),
            Some(b'[') => Self(joined.replacen('[', "%5B", 1)),
            Some(b'{') => Self(joined.replacen('{', "%7B", 1)),
            Some(_) => Self(joined),
        })
    }

    /// The spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl IdentityHeaders {
    /// Which header carries which attribute, and which claim.
    pub fn new(attributes: Vec<(Attribute, Rc<str>)>, claims: Vec<(Rc<str>, Address)>) -> Self {
        let mut headers = Self { attributes, claims, lengths: 0 };
        headers.lengths = headers.names().fold(0, |lengths, name| lengths | bit(name.len()));
        headers
    }

    /// Every header that only the filter may set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let attributes = self.attributes.iter().map(|(_, name)| &**name);
        attributes.chain(self.claims.iter().map(|(name, _)| &**name))
    }

    /// Whether a request header, however it is spelled, may reach a backend as one of ours. Servers that hand headers on
    /// as variables (CGI, WSGI, PHP) fold case and most punctuation.
    #[inline]
    pub fn manages(&self, header: &[u8]) -> bool {
        let same = |name: &str| {
            name.len() == header.len() && name.bytes().zip(header).all(|(own, other)| folded(own) == folded(*other))
        };
        self.lengths & bit(header.len()) != 0 && self.names().any(same)
    }

    /// Finds what a client sent that only the filter may set.
    pub fn forged(&self, request: &Request<'_>) -> Forged {
        let (mut forged, mut nominated) = (Forged::default(), false);
        for (name, value) in request.headers {
            if self.manages(name) && !forged.names.iter().any(|known| known == name) {
                forged.names.push(name.to_vec());
            }
            nominated |= HOP_BY_HOP.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
                && options(value).any(|option| self.manages(option));
        }
        if nominated {
            for name in HOP_BY_HOP {
                let all = request.values(name).flat_map(options);
                let kept: Vec<&[u8]> = all.filter(|option| !self.manages(option)).collect();
                forged.connection.push((name, kept.join(&b", "[..])));
            }
        }
        forged
    }

    /// The headers that tell the service who is calling. An absent value is an absent header.
    ///
    /// # Errors
    /// They would be too large.
    pub fn values(
        &self,
        identity: &Identity,
        claims: &CurrentClaims<'_>,
    ) -> Result<Vec<(Rc<str>, HeaderValue)>, Reason> {
        let mut headers = Vec::new();
        for (attribute, name) in &self.attributes {
            let value = match attribute {
                Attribute::Payload => Some(HeaderValue(base64url::encode(claims.root().text().as_bytes()))),
                attribute => attribute.spelled(identity),
            };
            headers.extend(value.map(|value| (Rc::clone(name), value)));
        }
        for (name, address) in &self.claims {
            let value = address.first(claims.root()).and_then(HeaderValue::of_claim);
            headers.extend(value.map(|value| (Rc::clone(name), value)));
        }
        let size = headers
            .iter()
            .fold(0usize, |sum, (name, value)| sum.saturating_add(name.len()).saturating_add(value.0.len()));
        if size > MAX_IDENTITY_BYTES { Err(Reason::IdentityTooLarge) } else { Ok(headers) }
    }
}

/// The headers that say which others end at the next hop (RFC 9110 section 7.6.1), the second one by custom.
const HOP_BY_HOP: [&str; 2] = ["connection", "proxy-connection"];

/// What a client sent that only the filter may set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Forged {
    /// Names of managed headers, in the client's spelling.
    pub names: Vec<Vec<u8>>,
    /// `connection` and `proxy-connection`, where one of them has the next hop take managed headers out: their values without
    /// those names. An empty value stands for no header.
    pub connection: Vec<(&'static str, Vec<u8>)>,
}

impl Forged {
    /// Whether there is nothing of the kind.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.connection.is_empty()
    }
}

/// The options of a `connection` header. Other proxies split it at more than commas.
fn options(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| !byte.is_ascii_graphic() || b",;\"()".contains(byte)).filter(|option| !option.is_empty())
}

impl Attribute {
    /// All of them, with their names in the configuration and their default headers.
    pub const ALL: [(Self, &'static str, Option<&'static str>); 13] = [
        (Self::Subject, "subject", Some("x-auth-subject")),
        (Self::Issuer, "issuer", Some("x-auth-issuer")),
        (Self::Username, "username", Some("x-auth-username")),
        (Self::Email, "email", Some("x-auth-email")),
        (Self::Client, "client", Some("x-auth-client")),
        (Self::Groups, "groups", Some("x-auth-groups")),
        (Self::Scopes, "scopes", Some("x-auth-scopes")),
        (Self::Provider, "provider", None),
        (Self::Actor, "actor", None),
        (Self::Acr, "acr", None),
        (Self::Amr, "amr", None),
        (Self::AuthTime, "auth_time", None),
        (Self::Payload, "payload", None),
    ];

    /// Its name in the configuration.
    pub fn field(self) -> &'static str {
        Self::ALL.iter().find(|(attribute, ..)| *attribute == self).map_or("", |(_, field, _)| field)
    }

    /// How an identity's attribute is spelled, everywhere: nothing where it is absent, or is not the identity's.
    pub fn spelled(self, identity: &Identity) -> Option<HeaderValue> {
        let list = |items: &[String]| (!items.is_empty()).then(|| HeaderValue::list(items.iter().map(String::as_str)));
        let single = |item: &Option<String>| item.as_deref().map(HeaderValue::single);
        match self {
            Self::Subject => Some(HeaderValue::single(&identity.subject)),
            Self::Issuer => Some(HeaderValue::single(&identity.issuer)),
            Self::Provider => Some(HeaderValue::single(&identity.provider)),
            Self::Username => single(&identity.username),
            Self::Email => single(&identity.email),
            Self::Client => single(&identity.client),
            Self::Groups => list(&identity.groups),
            Self::Scopes => list(&identity.scopes),
            Self::Actor => single(&identity.actor),
            Self::Acr => single(&identity.acr),
            Self::Amr => list(&identity.amr),
            Self::AuthTime => single(&identity.auth_time),
            Self::Payload => None,
        }
    }
}

#[inline]
fn bit(length: usize) -> u64 {
    1 << length.min(63)
}

fn encode(out: &mut String, item: &str) {
    let stays = |byte| matches!(byte, b'!'..=b'~') && byte != b'%' && byte != b',';
    if item.bytes().all(stays) {
        return out.push_str(item);
    }
    let last = item.len().saturating_sub(1);
    for (at, byte) in item.bytes().enumerate() {
        let inner_space = byte == b' ' && at != 0 && at != last;
        if stays(byte) || inner_space {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
}

/// The one spelling of a header name that stands for all that some backend takes for the same.
pub(crate) fn folded_name(name: &str) -> Vec<u8> {
    name.bytes().map(folded).collect()
}

/// One spelling for all that some backend takes for the same: lower case, punctuation of header names as `-`.
#[inline]
fn folded(byte: u8) -> u8 {
    match byte {
        b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~' => b'-',
        other => other.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn decode(value: &HeaderValue) -> Vec<String> {
        let item = |text: &str| {
            let mut bytes = Vec::new();
            let mut rest = text.as_bytes();
            while let Some((first, behind)) = rest.split_first() {
                rest = behind;
                if *first == b'%' {
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&rest[..2]).unwrap(), 16).unwrap());
                    rest = &rest[2..];
                } else {
                    bytes.push(*first);
                }
            }
            String::from_utf8(bytes).unwrap()
        };
        value.as_str().split(',').map(item).collect()
    }

    proptest! {
        #[test]
        fn a_list_reads_back_exactly(items in prop::collection::vec(".{0,12}", 1..6)) {
            let value = HeaderValue::list(items.iter().map(String::as_str));
            prop_assert!(value.as_str().bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert!(!value.as_str().starts_with(' ') && !value.as_str().ends_with(' '));
            prop_assert_eq!(decode(&value), items);
        }

        #[test]
        fn two_lists_never_share_a_spelling(
            a in prop::collection::vec("[a,% \u{e9}]{0,3}", 1..4),
            b in prop::collection::vec("[a,% \u{e9}]{0,3}", 1..4),
        ) {
            let spelled = |items: &[String]| HeaderValue::list(items.iter().map(String::as_str));
            prop_assert_eq!(spelled(&a) == spelled(&b), a == b);
        }
    }

    #[test]
    fn values_are_spelled_in_printable_ascii() {
        assert_eq!(HeaderValue::list(["a,b", "50%", " c d "]).as_str(), "a%2Cb,50%25,%20c d%20");
        assert_eq!(HeaderValue::single("é\r\n\0\u{7f}").as_str(), "%C3%A9%0D%0A%00%7F");
    }

    #[test]
    fn every_spelling_that_a_backend_may_fold_into_ours_is_managed() {
        let headers = IdentityHeaders::new(vec![(Attribute::Subject, "x-auth-subject".into())], Vec::new());
        for name in
            ["x-auth-subject", "X-Auth-Subject", "x_auth_subject", "X.AUTH_SUBJECT", "x!auth~subject", "x|auth|subject"]
        {
            assert!(headers.manages(name.as_bytes()), "{name}");
        }
        for name in
            ["x-auth-subjec", "x-auth-subjects", "xx-auth-subject", "authorization", "x-auth-issuer", "x--auth-subjec"]
        {
            assert!(!headers.manages(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn managed_names_leave_the_connection_header() {
        use crate::testing::Call;
        let headers = IdentityHeaders::new(vec![(Attribute::Subject, "x-auth-subject".into())], Vec::new());
        let left = |value: &str| {
            let forged = Call::get("/").header("Connection", value).with(|request| headers.forged(request));
            assert!(forged.names.is_empty());
            forged.connection.first().map(|(_, left)| String::from_utf8(left.clone()).unwrap())
        };
        for (value, expected) in [
            ("x-auth-subject", Some("")),
            ("upgrade, X_Auth_Subject", Some("upgrade")),
            ("keep-alive;x.auth.subject upgrade", Some("keep-alive, upgrade")),
            ("upgrade", None),
            ("upgrade, x-auth-subjects", None),
            ("", None),
        ] {
            assert_eq!(left(value), expected.map(str::to_owned), "{value}");
        }
    }
}
