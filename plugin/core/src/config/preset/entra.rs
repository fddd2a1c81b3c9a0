//! Microsoft Entra's clouds: who issues tokens in each, and where its keys are.

use crate::issuer::TENANT;

/// One cloud: the host in the names of version 1 issuers, and the host of version 2 issuers, which serves the keys.
struct Cloud {
    v1: &'static str,
    v2: &'static str,
}

/// The public cloud comes first: a version 1 name that two clouds share is taken for its.
const CLOUDS: [Cloud; 3] = [
    Cloud { v1: "sts.windows.net", v2: "login.microsoftonline.com" },
    Cloud { v1: "sts.windows.net", v2: "login.microsoftonline.us" },
    Cloud { v1: "sts.chinacloudapi.cn", v2: "login.partner.microsoftonline.cn" },
];

/// Returns the address of an issuer's keys: on the issuer's own host, or on its cloud's for a version 1 name. External
/// ID, B2C and custom domains name their issuers and key sets the same way.
pub(super) fn keys(issuer: &str) -> String {
    let name = issuer.strip_prefix("https://").unwrap_or(issuer);
    let (host, path) = name.split_once('/').unwrap_or((name, ""));
    let host = CLOUDS.iter().find(|cloud| cloud.v1 == host).map_or(host, |cloud| cloud.v2);
    let path = path.trim_end_matches('/');
    let tenant = path.strip_suffix("v2.0").unwrap_or(path).trim_end_matches('/');
    let tenant = if tenant.is_empty() || tenant == TENANT { "common" } else { tenant };
    format!("https://{host}/{tenant}/discovery/v2.0/keys")
}

/// Returns the other issuer of the same tenant. The version of a token is the API's choice and not the endpoint's, so
/// both issuers stand for the tenant. External ID and B2C have one issuer only.
pub(super) fn twin(issuer: &str) -> Option<String> {
    CLOUDS.iter().find_map(|Cloud { v1, v2 }| {
        let name = issuer.strip_prefix("https://")?;
        let tenant_of = |host: &str, end: &str| name.strip_prefix(host)?.strip_prefix('/')?.strip_suffix(end);
        match (tenant_of(v2, "/v2.0"), tenant_of(v1, "/")) {
            (Some(tenant), _) => Some(format!("https://{v1}/{tenant}/")),
            (None, Some(tenant)) => Some(format!("https://{v2}/{tenant}/v2.0")),
            (None, None) => None,
        }
    })
}

/// Whether this issuer's host serves every tenant of a cloud.
pub(in crate::config) fn is_cloud(issuer: &str) -> bool {
    let host = issuer.strip_prefix("https://").and_then(|name| name.split('/').next());
    CLOUDS.iter().any(|cloud| host == Some(cloud.v1) || host == Some(cloud.v2))
}

/// Whether this is an issuer of B2C that does not say which policy made the token. Each policy has a key set of its own.
pub(super) fn lacks_policy(issuer: &str) -> bool {
    let path = issuer.strip_prefix("https://").and_then(|name| name.split_once(".b2clogin.com/")).map(|(_, path)| path);
    path.is_some_and(|path| path.trim_end_matches('/').split('/').count() <= 2)
}
