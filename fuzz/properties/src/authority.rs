//! The host of a request, and the rules that name it.

mod readers;

use base64::Engine as _;
use claimgate_core::authority::{Authority, Host, HostPattern};
use claimgate_core::config::Config;
use claimgate_core::request::Request;
use claimgate_core::route::Access;
use serde_json::json;
use std::net::Ipv6Addr;

/// The hosts that the rules of [`config`] name.
const HOSTS: [&str; 4] = ["admin.test", "below.sub.test", "127.0.0.1", "[::1]"];

/// An authority: what a common parser reads as a host meets the rule of that host, and what two of them might read
/// differently is never open.
pub fn authority(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let request = Request::new("GET", "/", text, &[]);
    let rules = config().routes.applying_to(&request, None);
    for (reader, host) in readers::hosts(text) {
        if HOSTS.contains(&host.as_str()) {
            assert_eq!(rules.access(), Access::Deny, "{reader} reads {text:?} as {host}");
        }
        if let Authority::Host(Host::Name(name)) = request.authority {
            assert_eq!(host, name.to_ascii_lowercase(), "{reader} reads {text:?} as another host");
        }
    }
    match request.authority {
        Authority::Ambiguous | Authority::Absent => assert_eq!(rules.access(), Access::Deny, "{text:?}"),
        Authority::Host(Host::Name(name)) => {
            let pattern = HostPattern::parse(name).expect("the host of a request may stand in a rule");
            assert!(pattern.matches(&Host::Name(name)));
            let below = HostPattern::parse(&format!("*.{name}"));
            assert!(below.is_err() || !below.is_ok_and(|below| below.matches(&Host::Name(name))));
        }
        Authority::Host(Host::Address(address)) => {
            let pattern = HostPattern::parse(&format!("[{address}]")).expect("an address may stand in a rule");
            assert!(pattern.matches(&Host::Address(address)));
            assert_eq!(rules.access() == Access::Deny, address == Ipv6Addr::LOCALHOST);
        }
    }
}

/// Every host of [`HOSTS`] is shut, and all others are open.
fn config() -> &'static Config {
    // Keys hold their tables in an `Rc`, so each thread has a configuration of its own.
    thread_local!(static CONFIG: &'static Config = Box::leak(Box::new(read_config())));
    CONFIG.with(|config| *config)
}

fn read_config() -> Config {
    let secret = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode([7; 32]);
    let issuer = json!({"name": "main", "issuer": "main", "algorithms": ["HS256"], "audiences": ["api"],
            "keys": {"inline": {"keys": [{"kty": "oct", "k": secret}]}}});
    let shut = json!({"access": "deny", "match": {"hosts": ["admin.test", "*.sub.test", "127.0.0.1", "[::1]"]}});
    let routes = [shut, json!({"access": "public", "match": {"prefix": "/"}})];
    let text = json!({"issuers": [issuer], "routes": routes}).to_string();
    Config::parse(text.as_bytes()).expect("a good configuration").0
}
