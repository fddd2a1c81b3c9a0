//! A token as it arrives: read strictly, trusted in nothing.

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::bytes::find;
use crate::json::{Document, Kind, Value};
use crate::refusal::Reason;
use std::borrow::Cow;

/// A JWS in compact serialization (RFC 7515 section 7.1) that has the right shape and is trusted in nothing. What can be
/// read of it is what chooses the key: `alg`, `kid`, `typ` and the claimed issuer.
#[derive(Debug)]
pub struct UnverifiedToken<'t> {
    header: Header,
    claims: Document,
    issuer: Option<String>,
    /// The text up to the second dot: what is signed.
    signed: &'t [u8],
    signature: Vec<u8>,
}

/// The members of a JOSE header that are looked at (RFC 7515 section 4).
#[derive(Clone, Debug)]
pub struct Header {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<String>,
    /// In lower case and without `application/` (RFC 7515 section 4.1.9).
    pub(crate) typ: Option<String>,
    /// Microsoft marks tokens that only Graph can verify with one.
    pub(crate) has_nonce: bool,
}

/// A JWS whose parts were found and decoded, before anything is known of its payload.
#[derive(Debug)]
pub struct Jws<'t> {
    /// The JOSE header.
    pub header: Header,
    /// The payload, decoded.
    pub payload: Vec<u8>,
    /// What is signed.
    pub signed: &'t [u8],
    /// The signature, decoded.
    pub signature: Vec<u8>,
}

impl<'t> Jws<'t> {
    /// Takes the compact serialization apart.
    ///
    /// # Errors
    /// Too long, not three parts, not canonical base64url, or a header that is malformed or demands something unknown.
    pub fn parse(text: &'t [u8], max_bytes: usize) -> Result<Self, Reason> {
        if text.len() > max_bytes {
            return Err(Reason::TokenTooLarge);
        }
        let (header, behind) = split_at_dot(text).ok_or(Reason::TokenMalformed)?;
        let (payload, signature) = split_at_dot(behind).ok_or(Reason::TokenMalformed)?;
        let signed = text.split_at_checked(header.len().saturating_add(1).saturating_add(payload.len()));
        let (signed, _) = signed.ok_or(Reason::TokenMalformed)?;
        if let Some((_, rest)) = split_at_dot(signature) {
            let is_encrypted = rest.iter().filter(|byte| **byte == b'.').count() == 1;
            return Err(if is_encrypted { Reason::TokenEncrypted } else { Reason::TokenMalformed });
        }
        let decode = |part| base64url::decode(part).ok_or(Reason::TokenMalformed);
        let (header, payload, signature) = (decode(header)?, decode(payload)?, decode(signature)?);
        let header = Header::parse(header)?;
        if signature.is_empty() {
            return Err(Reason::TokenMalformed);
        }
        Ok(Self { header, payload, signed, signature })
    }
}

impl Header {
    /// What it claims to be signed with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Which key it claims to be signed with.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    fn parse(text: Vec<u8>) -> Result<Self, Reason> {
        let document = Document::parse(text).map_err(|_| Reason::HeaderMalformed)?;
        let header = document.root();
        if header.kind() != Kind::Object {
            return Err(Reason::HeaderMalformed);
        }
        let text = |name: &str| match header.member(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(Some).ok_or(Reason::HeaderMalformed),
        };
        let demands = |name: &str| header.member(name).is_some();
        let nested = text("cty")?.is_some_and(|cty| plain_type(&cty) == "jwt");
        let unencoded = header.member("b64").is_some_and(|b64| b64.as_bool() != Some(true));
        if demands("crit") || demands("zip") || nested || unencoded {
            return Err(Reason::HeaderUnsupported);
        }
        let algorithm = text("alg")?.ok_or(Reason::HeaderMalformed)?;
        let kid = text("kid")?.map(Cow::into_owned);
        if kid.as_deref() == Some("") {
            return Err(Reason::HeaderMalformed);
        }
        Ok(Self {
            algorithm: Algorithm::named(&algorithm).ok_or(Reason::AlgorithmUnknown)?,
            kid,
            typ: text("typ")?.map(|typ| plain_type(&typ)),
            has_nonce: demands("nonce"),
        })
    }
}

impl<'t> UnverifiedToken<'t> {
    /// Reads a token strictly. `max_bytes` bounds the text before anything is decoded.
    ///
    /// # Errors
    /// What is wrong with its form.
    pub fn parse(text: &'t [u8], max_bytes: usize) -> Result<Self, Reason> {
        let jws = Jws::parse(text, max_bytes)?;
        let claims = Document::parse(jws.payload).map_err(|_| Reason::ClaimsMalformed)?;
        if claims.root().kind() != Kind::Object {
            return Err(Reason::ClaimsMalformed);
        }
        let issuer = match claims.root().member("iss").map(Value::as_str) {
            Some(None) => return Err(Reason::IssuerMalformed),
            Some(Some(issuer)) => Some(issuer.into_owned()),
            None => None,
        };
        Ok(Self { header: jws.header, signed: jws.signed, signature: jws.signature, claims, issuer })
    }

    /// What it claims to be signed with.
    pub fn algorithm(&self) -> Algorithm {
        self.header.algorithm()
    }

    /// Which key it claims to be signed with.
    pub fn kid(&self) -> Option<&str> {
        self.header.kid()
    }

    /// What kind of token it claims to be, in lower case and without `application/`.
    pub fn typ(&self) -> Option<&str> {
        self.header.typ.as_deref()
    }

    /// Who it claims to come from.
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Who it claims to be about; only ever used to choose a SPIFFE trust domain's keys.
    pub fn subject(&self) -> Option<Cow<'_, str>> {
        self.claims.root().member("sub")?.as_str()
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    pub(crate) fn signed(&self) -> &[u8] {
        self.signed
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }

    pub(crate) fn into_claims(self) -> (Header, Option<String>, Document) {
        (self.header, self.issuer, self.claims)
    }
}

fn split_at_dot(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (front, behind) = text.split_at_checked(find(text, b'.')?)?;
    Some((front, behind.get(1..)?))
}

/// Media types compare without case, and `application/` may be left out.
pub(crate) fn plain_type(typ: &str) -> String {
    let lower = typ.to_ascii_lowercase();
    lower.strip_prefix("application/").map(str::to_owned).unwrap_or(lower)
}

#[cfg(test)]
mod tests;
