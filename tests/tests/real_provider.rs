//! The same against an OpenID provider that we did not write: npm's `oidc-provider`, over TLS, with its own discovery document,
//! its own keys and their rotation, and tokens that it gives to a client for its secret.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use claimgate_tests::{Authority, Envoy, Request, Response, Template, Token, Upstream, WORKFORCE, module};
use serde_json::{Value, json};

/// What the tokens are for.
const ORDERS: &str = "https://orders.example.com";
const ANOTHER: &str = "https://another.example.com";

/// The longest that anything may take that must happen some time.
const PATIENCE: Duration = Duration::from_secs(30);

/// The provider's process. It ends with its standard input, so also with this one.
struct Provider {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    plain: SocketAddr,
    tls: SocketAddr,
}

impl Provider {
    fn start(authority: &Authority) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("oidc-provider");
        assert!(
            folder.join("node_modules/oidc-provider/package.json").is_file(),
            "there is no OpenID provider in {}: run `make oidc-provider`",
            folder.display()
        );
        let (certificate, key) = authority.certificate(&[WORKFORCE]);
        let mut process = Command::new(node())
            .arg(folder.join("server.js"))
            .env("ISSUER", format!("https://{WORKFORCE}"))
            .env("RESOURCES", format!("{ORDERS} {ANOTHER}"))
            .env("CERTIFICATE", certificate)
            .env("KEY", key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Node starts");
        let input = process.stdin.take().expect("it is piped");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut provider = Self { process, input, output, plain: nowhere, tls: nowhere };
        let ports = provider.line();
        let port = |name: &str| u16::try_from(ports[name].as_u64().expect("a port")).expect("a port");
        provider.plain.set_port(port("plain"));
        provider.tls.set_port(port("tls"));
        provider
    }

    /// Has it change its keys; answers with how many it publishes.
    fn obey(&mut self, command: &str) -> u64 {
        writeln!(self.input, "{command}").expect("it listens");
        self.line()["keys"].as_u64().expect("a number of keys")
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("it speaks");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("the provider did not start, or said {line:?}"))
    }

    /// A token for this resource and scope, as any client gets one (RFC 6749 section 4.4, RFC 8707).
    fn token(&self, resource: &str, scope: &str) -> String {
        let form = format!(
            "grant_type=client_credentials&client_id=robot&client_secret=a-secret-of-nobody&resource={resource}&scope={scope}"
        );
        let request = Request::new("POST", "/token")
            .header("Host", WORKFORCE)
            .header("X-Forwarded-Proto", "https")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form);
        let response = request.send(self.plain).expect("the provider answers");
        let token = response.json()["access_token"].as_str().map(str::to_owned);
        token.unwrap_or_else(|| panic!("no token: {} {}", response.status, response.text()))
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn node() -> PathBuf {
    let node = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.node/bin/node");
    assert!(node.is_file(), "there is no Node at {}: run `make oidc-provider`", node.display());
    node
}

/// `envoy/tls-provider.yaml` with this provider alone, whose address it learns from the discovery document.
fn gate(provider: &Provider, upstream: &Upstream, ca: &Path) -> Envoy {
    let configuration = json!({
        "issuers": [{
            "name": "workforce",
            "issuer": format!("https://{WORKFORCE}"),
            "keys": {"discovery": true, "cluster": "workforce", "ttl": "2s", "unknown_kid_cooldown": "1s"},
            "algorithms": ["RS256"],
            "types": ["at+jwt"],
            "audiences": [ORDERS],
        }],
        "routes": [{"match": {"prefix": "/admin"}, "scopes": {"all": ["orders.write"]}}],
    });
    let template = Template::example("tls-provider").expect("the file is there").module(&module());
    let template = template
        .configuration(&configuration.to_string())
        .upstream(upstream.address())
        .provider(WORKFORCE, provider.tls)
        .replace("/etc/ssl/certs/ca-certificates.crt", &ca.display().to_string());
    Envoy::start(&template).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_real_openid_provider_is_believed_about_its_tokens_and_keys() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().expect("a folder");
    let mut provider = Provider::start(&authority);
    let upstream = Upstream::start().expect("the service starts");
    let envoy = gate(&provider, &upstream, &authority.file(folder.path()));
    let send = |path: &str, token: &str| -> Response {
        Request::get(path).bearer(token).send(envoy.listener()).expect("Envoy answers")
    };
    let status = |token: &str| send("/orders", token).status;

    let first = provider.token(ORDERS, "orders.read");
    let header: Value = serde_json::from_slice(&Token::parse(&first).header).expect("JSON");
    assert_eq!(header["typ"], "at+jwt", "{header}");
    let response = send("/orders", &first);
    assert_eq!(response.status, 200, "{}\n{}", response.text(), envoy.log());
    for (name, value) in [
        ("x-auth-subject", "robot"),
        ("x-auth-client", "robot"),
        ("x-auth-issuer", &format!("https://{WORKFORCE}")),
        ("x-auth-scopes", "orders.read"),
    ] {
        assert_eq!(response.upstream_saw(name), [value], "{name}");
    }
    assert!(response.upstream_saw("authorization").is_empty());

    assert_eq!(status(&Token::parse(&first).flip_signature_bit(77).text()), 401);
    assert_eq!(status(&Token::parse(&first).claim("scope", json!("orders.write")).text()), 401);
    assert_eq!(status(&provider.token(ANOTHER, "orders.read")), 401, "a token for another service");
    let refused = send("/admin", &first);
    assert_eq!(refused.status, 403);
    let challenge = refused.header("www-authenticate").unwrap_or_default();
    assert!(challenge.contains("insufficient_scope") && challenge.contains("orders.write"), "{challenge}");
    assert_eq!(send("/admin", &provider.token(ORDERS, "orders.write")).status, 200);

    // The provider rotates: the first request with the new key is served, and the old key goes on while it is published.
    assert_eq!(provider.obey("rotate"), 2);
    let second = provider.token(ORDERS, "orders.read");
    let kid = |token: &str| {
        let header: Value = serde_json::from_slice(&Token::parse(token).header).expect("JSON");
        header["kid"].as_str().expect("a kid").to_owned()
    };
    assert_ne!(kid(&first), kid(&second));
    assert_eq!([status(&second), status(&first)], [200, 200], "{}", envoy.log());

    // It withdraws the old key: its tokens are refused from a refresh on, and the new one's never.
    assert_eq!(provider.obey("withdraw"), 1);
    let deadline = Instant::now() + PATIENCE;
    while status(&first) != 401 {
        assert_eq!(status(&second), 200, "{}", envoy.log());
        assert!(Instant::now() < deadline, "a withdrawn key is still good\n{}", envoy.log());
        std::thread::sleep(Duration::from_millis(20));
    }
    // One worker has seen it; the other does within a second.
    std::thread::sleep(Duration::from_millis(1500));
    for _ in 0..8 {
        assert_eq!([status(&second), status(&first)], [200, 401], "{}", envoy.log());
    }

    // It goes away: its keys are used on.
    drop(provider);
    let failures = "wasmcustom.claimgate.issuer.workforce.keys.fetches.outcome.server_error";
    let deadline = Instant::now() + PATIENCE;
    while envoy.stat(failures).expect("Envoy tells its counters") == 0 {
        assert_eq!(status(&second), 200, "{}", envoy.log());
        assert!(Instant::now() < deadline, "the keys are not refreshed");
    }
    assert_eq!(status(&second), 200, "an outage is not the client's fault");
}
