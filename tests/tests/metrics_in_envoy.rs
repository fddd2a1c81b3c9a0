//! What Prometheus reads from Envoy, with `envoy/stats-tags.yaml` in the bootstrap: each counter and gauge of the filter under
//! a name that says what, with labels that say whose and which, whatever the issuers are called.

use std::collections::BTreeSet;
use std::path::Path;

use claimgate_tests::{
    Algorithm, Behaviour, Endpoint, Envoy, Provider, Request, SigningKey, Template, Token, Upstream, WORKFORCE, module,
    now,
};
use serde_json::json;

/// Names that are parts of the metrics' own names, and every kind of character.
const ISSUERS: [&str; 6] = ["reason", "outcome", "issuer", "refused", "keys", "a-b_c-9"];

fn issuer(name: &str) -> String {
    format!("https://{name}.example")
}

fn token(key: &SigningKey, name: &str) -> String {
    key.token(&json!({"iss": issuer(name), "sub": "alice", "aud": "orders", "iat": now(), "exp": now() + 300}))
}

/// A metric as Prometheus reads it: the name, and the labels in the order of their names.
type Series = (String, Vec<(String, String)>);

/// What a counter or gauge of the filter should become.
fn expected(name: &str) -> Series {
    let (mut labels, mut rest) = (Vec::new(), name);
    if let Some((issuer, what)) = name.strip_prefix("issuer.").and_then(|name| name.split_once('.')) {
        labels.push(("claimgate_issuer".to_owned(), issuer.to_owned()));
        rest = what;
    }
    for kind in ["fault", "outcome", "reason"] {
        if let Some((what, label)) = rest.split_once(&format!(".{kind}.")) {
            labels.push((format!("claimgate_{kind}"), label.to_owned()));
            rest = what;
        }
    }
    labels.sort();
    (format!("claimgate_{}", rest.replace('.', "_")), labels)
}

/// A line of Prometheus' text format without its value.
fn series(line: &str) -> Series {
    let (name, rest) = line.split_once('{').unwrap_or((line, "}"));
    let labels = rest.split_once('}').map_or("", |(labels, _)| labels).split(',').filter(|label| !label.is_empty());
    let pair = |label: &str| {
        let (name, value) = label.split_once('=').expect("a label has a value");
        (name.to_owned(), value.trim_matches('"').to_owned())
    };
    let mut labels: Vec<_> = labels.map(pair).collect();
    labels.sort();
    (name.split(' ').next().unwrap_or_default().to_owned(), labels)
}

#[test]
fn every_metric_has_its_name_and_labels() {
    let key = SigningKey::numbered(Algorithm::Es256, 0);
    let provider = Provider::start_with(&format!("https://{WORKFORCE}"), key.clone()).expect("the key server starts");
    let upstream = Upstream::start().expect("the service starts");
    let mut unusable = SigningKey::numbered(Algorithm::Es256, 1).jwk();
    unusable["use"] = json!("enc");
    provider.set(Endpoint::Jwks, Behaviour::Body(json!({"keys": [key.jwk(), unusable]}).to_string()));
    let issuers = ISSUERS.map(|name| {
        let keys = json!({"jwks_uri": provider.jwks_uri(), "cluster": "workforce", "timeout": "1s"});
        json!({"name": name, "issuer": issuer(name), "keys": keys, "audiences": ["orders"]})
    });
    let routes = json!([{"match": {"path": "/open"}, "access": "public"}]);
    let tags = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy/stats-tags.yaml"));
    let template = Template::example("minimal")
        .expect("the file is there")
        .module(&module())
        .upstream(upstream.address())
        .provider(WORKFORCE, provider.address())
        .configuration(&json!({"issuers": issuers, "routes": routes}).to_string())
        .replace("\nadmin:\n", &format!("\n{}\nadmin:\n", tags.expect("the file is there")));
    let envoy = Envoy::start(&template).unwrap_or_else(|error| panic!("{error}"));
    let status = |request: Request| request.send(envoy.listener()).expect("Envoy answers").status;

    assert_eq!(status(Request::get("/orders")), 401);
    assert_eq!(status(Request::get("/open")), 200);
    for name in ISSUERS {
        let good = token(&key, name);
        assert_eq!(status(Request::get("/orders").bearer(&good)), 200, "{name}\n{}", envoy.log());
        assert_eq!(status(Request::get("/orders").bearer(&Token::parse(&good).flip_signature_bit(0).text())), 401);
        let unknown = token(&key.clone().with_kid("nobody"), name);
        assert_eq!(status(Request::get("/orders").bearer(&unknown)), 401);
    }

    let stats = envoy.stats().expect("Envoy tells its counters");
    let own: Vec<&str> = stats.keys().filter_map(|name| name.strip_prefix("wasmcustom.claimgate.")).collect();
    for kind in [
        "keys.age_seconds",
        "keys.count",
        "keys.fetches.outcome.changed",
        "keys.skipped.reason.",
        "keys.waits.outcome.decided",
        "refused.reason.signature_invalid",
        "admitted",
    ] {
        let whole = |name: &&str| own.iter().any(|own| own.starts_with(&format!("issuer.{name}.{kind}")));
        assert!(ISSUERS.iter().all(whole), "{kind} is not counted for every issuer: {own:#?}");
    }
    assert!(own.contains(&"refused.reason.no_credential") && own.contains(&"admitted"), "{own:#?}");

    let shown = Request::get("/stats/prometheus").send(envoy.admin()).expect("an answer").text();
    let shown: Vec<Series> = shown.lines().filter(|line| line.starts_with("claimgate")).map(series).collect();
    // Gauges and counters that were made in between are shown and not expected.
    let known: BTreeSet<&Series> = shown.iter().collect();
    let missing: Vec<&str> = own.iter().copied().filter(|name| !known.contains(&expected(name))).collect();
    assert!(missing.is_empty(), "{missing:#?} are not in {shown:#?}");
    assert_eq!(known.len(), shown.len(), "two metrics became one");
    println!(
        "{} counters and gauges of {} names",
        shown.len(),
        shown.iter().map(|(name, _)| name).collect::<BTreeSet<_>>().len()
    );
}
