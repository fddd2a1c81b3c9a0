//! Between HTTP messages and header pairs.

use hyper::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode, Uri, Version, http::request, http::response};

use host_sim::Pair;

/// Headers that belong to one connection.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// A request's headers as a filter is shown them.
pub(super) fn request_pairs(parts: &request::Parts) -> Vec<Pair> {
    let host = parts.headers.get(HOST).map(|value| value.as_bytes().to_vec());
    let authority = parts.uri.authority().map(|own| own.as_str().as_bytes().to_vec()).or(host).unwrap_or_default();
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let pseudo = [
        (":method", parts.method.as_str().as_bytes()),
        (":path", path.as_bytes()),
        (":scheme", b"http".as_slice()),
        (":authority", authority.as_slice()),
    ];
    let mut pairs: Vec<Pair> = pseudo.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.to_vec())).collect();
    pairs.extend(end_to_end(&parts.headers).filter(|(name, _)| name != "host".as_bytes()));
    pairs
}

/// A response's headers as a filter is shown them.
pub(super) fn response_pairs(parts: &response::Parts) -> Vec<Pair> {
    let status = (b":status".to_vec(), parts.status.as_str().as_bytes().to_vec());
    std::iter::once(status).chain(end_to_end(&parts.headers)).collect()
}

fn end_to_end(headers: &HeaderMap) -> impl Iterator<Item = Pair> + '_ {
    let listed: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(',').map(|name| name.trim().to_ascii_lowercase()))
        .collect();
    let passes =
        move |name: &HeaderName| !HOP_BY_HOP.contains(&name.as_str()) && !listed.iter().any(|own| own == name.as_str());
    headers
        .iter()
        .filter(move |(name, value)| passes(name) || (*name == "te" && value.as_bytes() == b"trailers"))
        .map(|(name, value)| (name.as_str().as_bytes().to_vec(), value.as_bytes().to_vec()))
}

/// The request to send upstream.
pub(super) fn request<B>(pairs: &[Pair], upstream: &Uri, body: B) -> Result<hyper::Request<B>, String> {
    let pseudo = |name: &str| {
        let found = pairs.iter().find(|(own, _)| own == name.as_bytes());
        found.map(|(_, value)| value.as_slice()).unwrap_or_default()
    };
    let path = std::str::from_utf8(pseudo(":path")).map_err(|e| format!(":path: {e}"))?;
    let base = upstream.path().trim_end_matches('/');
    let uri = Uri::builder()
        .scheme(upstream.scheme_str().unwrap_or("http"))
        .authority(upstream.authority().map_or("", |authority| authority.as_str()))
        .path_and_query(format!("{base}{path}"))
        .build()
        .map_err(|e| format!(":path: {e}"))?;
    let mut request = hyper::Request::new(body);
    *request.method_mut() = Method::from_bytes(pseudo(":method")).map_err(|e| format!(":method: {e}"))?;
    *request.uri_mut() = uri;
    *request.version_mut() = Version::HTTP_11;
    fill(request.headers_mut(), pairs)?;
    if !pseudo(":authority").is_empty() {
        request.headers_mut().insert(HOST, value(b":authority", pseudo(":authority"))?);
    }
    Ok(request)
}

/// The response to send to the client.
pub(super) fn response<B>(pairs: &[Pair], body: B) -> Result<hyper::Response<B>, String> {
    let status = pairs.iter().find(|(name, _)| name == b":status").map(|(_, value)| value.as_slice());
    let mut response = hyper::Response::new(body);
    *response.status_mut() = StatusCode::from_bytes(status.unwrap_or_default()).map_err(|e| format!(":status: {e}"))?;
    fill(response.headers_mut(), pairs)?;
    Ok(response)
}

fn fill(headers: &mut HeaderMap, pairs: &[Pair]) -> Result<(), String> {
    for (name, raw) in pairs.iter().filter(|(name, _)| !name.starts_with(b":")) {
        let key = HeaderName::from_bytes(name).map_err(|e| format!("{}: {e}", String::from_utf8_lossy(name)))?;
        headers.append(key, value(name, raw)?);
    }
    Ok(())
}

fn value(name: &[u8], raw: &[u8]) -> Result<HeaderValue, String> {
    HeaderValue::from_bytes(raw).map_err(|e| format!("{}: {e}", String::from_utf8_lossy(name)))
}
