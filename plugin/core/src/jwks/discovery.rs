//! The discovery document (OpenID Connect Discovery 1.0 section 3, RFC 8414 section 3.3): who it speaks for and where its
//! keys are, and nothing else.

use super::report::FetchOutcome;
use super::source::{Endpoint, Remote};
use super::url::Url;
use crate::json::{Document, without_byte_order_mark};

/// Where the document says that the keys are: its path and authority, within the hosts that the configuration names; who
/// is asked there stays the configuration's choice.
///
/// # Errors
/// When it is not a document, is of another issuer, or points somewhere that is not allowed.
pub(super) fn keys_endpoint(
    body: &[u8],
    remote: &Remote,
    keys_hosts: &[String],
    keys_cluster: &str,
) -> Result<Endpoint, FetchOutcome> {
    let document = Document::parse(without_byte_order_mark(body)).map_err(|_| FetchOutcome::NotDiscovery)?;
    let text = |name| document.root().member(name).and_then(|value| value.as_str()).ok_or(FetchOutcome::NotDiscovery);
    if text("issuer")? != remote.issuer.as_str() {
        return Err(FetchOutcome::WrongIssuer);
    }
    let url = Url::parse(&text("jwks_uri")?).map_err(|_| FetchOutcome::ForbiddenUrl)?;
    if !remote.allows(url.scheme()) || !keys_hosts.iter().any(|host| url.is_on(host)) {
        return Err(FetchOutcome::ForbiddenUrl);
    }
    Ok(Endpoint { url, cluster: keys_cluster.to_owned() })
}
