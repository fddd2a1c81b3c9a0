//! The reverse proxy over real connections.

#[path = "../../tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};

use claimgate_cli::server::{Options, Server};
use claimgate_devkit::exchange::Request;
use claimgate_devkit::upstream::Upstream;
use support::module;

fn serve(configuration: &str, upstream: SocketAddr, keys: SocketAddr) -> Server {
    let base = |address: SocketAddr| format!("http://{address}").parse().unwrap();
    let options = Options {
        configuration: configuration.into(),
        listen: "127.0.0.1:0".parse().unwrap(),
        upstream: base(upstream),
        clusters: BTreeMap::from([("idp.test:443".to_owned(), base(keys))]),
        workers: 2,
    };
    Server::start(module(), options, |_| ()).unwrap()
}

/// An address where nothing listens.
fn nowhere() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn an_admitted_request_reaches_the_upstream_without_the_headers_of_its_connection() {
    let upstream = Upstream::start().unwrap();
    let server = serve("", upstream.address(), nowhere());
    let request = Request::new("POST", "/admit?a=b%2fc")
        .header("X-Id", "evil")
        .header("Connection", "x-hop")
        .header("X-Hop", "1")
        .header("X-Raw", [0xe9, 0xff])
        .body(vec![7; 3 << 20]);
    let path_differs = request.send(server.address()).unwrap();
    assert_eq!(path_differs.json()["path"], "/admit?a=b%2fc");
    let request =
        Request::new("POST", "/admit").header("X-Id", "evil").header("X-Raw", [0xe9, 0xff]).body(vec![7; 3 << 20]);
    let response = request.send(server.address()).unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(response.header("x-seen"), Some("1"));
    assert_eq!(response.json()["body_bytes"], 3 << 20);
    assert_eq!(response.upstream_saw("x-id"), ["v1"]);
    assert_eq!(response.upstream_saw("host"), ["gate.test"]);
    assert!(response.upstream_saw("x-hop").is_empty());
    assert!(response.json()["headers"].as_array().unwrap().iter().any(|pair| pair[1]["hex"] == "e9ff"));
}

#[test]
fn a_refused_request_never_reaches_the_upstream() {
    let upstream = Upstream::start().unwrap();
    let server = serve("", upstream.address(), nowhere());
    let response = Request::get("/deny").send(server.address()).unwrap();
    assert_eq!((response.status, response.header("www-authenticate")), (401, Some("Bearer")));
    assert_eq!(response.text(), "{}");
    assert_eq!(upstream.requests(), 0);
    assert_eq!(server.metrics()["claimgate.refused.reason.denied"], 1);
}

#[test]
fn a_held_request_waits_for_a_real_callout_and_fails_when_there_is_none() {
    let (upstream, keys) = (Upstream::start().unwrap(), Upstream::start().unwrap());
    let server = serve("tick=10 fetch=/jwks", upstream.address(), keys.address());
    let held = Request::new("POST", "/wait").body(vec![1; 100_000]).send(server.address()).unwrap();
    assert_eq!(held.upstream_saw("x-key"), ["200"]);
    assert_eq!(keys.requests(), 1);
    let server = serve("tick=10 fetch=/jwks", upstream.address(), nowhere());
    assert_eq!(Request::get("/wait").send(server.address()).unwrap().status, 503);
}

#[test]
fn an_upstream_that_is_down_is_a_502_and_a_trap_a_503() {
    let server = serve("", nowhere(), nowhere());
    assert_eq!(Request::get("/admit").send(server.address()).unwrap().status, 502);
    assert_eq!(Request::get("/trap").send(server.address()).unwrap().status, 503);
}

#[test]
fn http_2_with_prior_knowledge_is_served_on_the_same_port() {
    let upstream = Upstream::start().unwrap();
    let server = serve("", upstream.address(), nowhere());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(server.address()).await.unwrap();
        let handshake = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
        let (mut sender, connection) = handshake.await.unwrap();
        tokio::spawn(connection);
        for _ in 0..3 {
            let uri = format!("http://api.example.com{}", "/admit");
            let request = hyper::Request::post(uri).body(Full::new(Bytes::from(vec![0; 200_000]))).unwrap();
            let response = sender.send_request(request).await.unwrap();
            assert_eq!((response.status().as_u16(), response.version()), (200, hyper::Version::HTTP_2));
            let body = response.into_body().collect().await.unwrap().to_bytes();
            let seen: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(seen["body_bytes"], 200_000);
            assert!(seen["headers"].as_array().unwrap().contains(&serde_json::json!(["host", "api.example.com"])));
        }
    });
}

#[test]
fn a_refused_configuration_keeps_the_server_from_starting() {
    let options = Options {
        configuration: b"refuse=issuers".to_vec(),
        listen: "127.0.0.1:0".parse().unwrap(),
        upstream: "http://127.0.0.1:1".parse().unwrap(),
        clusters: BTreeMap::new(),
        workers: 1,
    };
    let error = Server::start(module(), options, |_| ()).unwrap_err().to_string();
    assert!(error.contains("configuration refused: issuers: must not be"), "{error}");
}

#[test]
fn stopping_ends_promptly_and_frees_the_port() {
    let upstream = Upstream::start().unwrap();
    let server = serve("", upstream.address(), nowhere());
    let address = server.address();
    assert_eq!(Request::get("/admit").send(address).unwrap().status, 200);
    let started = std::time::Instant::now();
    drop(server);
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert!(std::net::TcpStream::connect(address).is_err());
}
