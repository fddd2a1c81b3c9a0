//! What Envoy does with requests that the filter answers itself: its access log, CORS preflights of the metadata document, and
//! redirects that Envoy follows.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use claimgate_tests::{Host, Request, Stage, Template, WORKFORCE, module};
use serde_json::{Value, json};

/// The routes of `envoy/minimal.yaml`.
const ROUTES: &str = "              - match: { prefix: \"/\" }\n                route: { cluster: service }\n";

const ACCESS_LOG: &str = r#"          normalize_path: true
          access_log:
          - name: envoy.access_loggers.stdout
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
              log_format:
                json_format:
                  access: claimgate
                  path: "%REQ(:PATH)%"
                  original: "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"
                  details: "%RESPONSE_CODE_DETAILS%"
"#;

/// `envoy/minimal.yaml` with these members beside its issuer, and changes to the file.
fn stage(members: Value, change: impl FnOnce(Template) -> Template) -> Stage {
    Stage::start_with(Host::Envoy, |scene, _| {
        let template = Template::example("minimal").expect("the file is there").module(&module());
        let text = template.filter_configuration().expect("a configuration");
        let mut configuration: Value = serde_json::from_str(&text).expect("JSON");
        for (name, value) in members.as_object().expect("members") {
            configuration[name] = value.clone();
        }
        let template = template.configuration(&configuration.to_string());
        change(template.upstream(scene.upstream.address()).provider(WORKFORCE, scene.workforce.address()))
    })
}

fn with_access_log(template: Template) -> Template {
    template.replace("          normalize_path: true\n", ACCESS_LOG)
}

/// Returns the lines of the access log, once there are that many.
fn access_log(stage: &Stage, count: usize) -> Vec<Value> {
    for _ in 0..200 {
        let log = stage.log();
        let objects = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let lines: Vec<Value> = objects.filter(|object| object.get("access").is_some()).collect();
        if lines.len() >= count {
            return lines;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("no {count} lines in the access log\n{}", stage.log());
}

#[test]
fn refused_query_token_is_not_in_the_access_log() {
    let routes = json!([
        {"match": {"prefix": "/admin"}, "groups": {"any": ["admin"]}}, {"match": {"prefix": "/closed"}, "access": "deny"},
    ]);
    let sources = json!([{"header": "authorization", "scheme": "Bearer"}, {"query": "access_token"}]);
    let stage = stage(json!({"routes": routes, "token_sources": sources}), |template| {
        let rewrite = "              - match: { prefix: \"/admin\" }\n                route: { cluster: service, prefix_rewrite: \"/x\" }\n";
        with_access_log(template).replace(ROUTES, &format!("{rewrite}{ROUTES}"))
    });
    let good = stage.scene.workforce_token(json!({}));
    let expired = stage.scene.workforce_token(json!({"exp": 1}));
    let cases = [
        (format!("/orders?a=1&access_token={expired}"), 401, "/orders?a=1"),
        (format!("/admin?access_token={good}&&b"), 403, "/admin?&b"),
        (format!("/closed?access_token={good}"), 403, "/closed"),
        (format!("/orders?access_token={good}&access_token={good}"), 400, "/orders"),
        (format!("/orders?access_token={good}"), 200, "/orders"),
    ];
    for (target, status, _) in &cases {
        assert_eq!(stage.send(&Request::get(target)).status, *status, "{target}");
    }
    for (line, (target, _, left)) in access_log(&stage, cases.len()).iter().zip(&cases) {
        assert_eq!((&line["path"], &line["original"]), (&json!(left), &json!(left)), "{target}");
    }
    let log = stage.log();
    assert!(!log.contains(&good) && !log.contains(&expired), "{log}");
}

#[test]
fn metadata_preflight_is_answered() {
    let stage = stage(
        json!({"resources": [{"name": "mcp", "resource": "https://api.example.com/mcp"}], "cors_preflight": true}),
        |template| template,
    );
    let ask = |path: &str, method: &str| {
        let request = Request::new("OPTIONS", path).header("Origin", "https://app.test");
        let request = request.header("Access-Control-Request-Headers", "mcp-protocol-version, authorization");
        stage.send(&request.header("Access-Control-Request-Method", method))
    };
    let answer = ask("/.well-known/oauth-protected-resource/mcp", "GET");
    assert_eq!((answer.status, answer.text().as_str()), (204, ""));
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET"),
        ("access-control-allow-headers", "mcp-protocol-version, authorization"),
    ] {
        assert_eq!(answer.header(name), Some(value));
    }
    assert_eq!(stage.scene.upstream.requests(), 0);
    // Any other preflight is the service's to answer, as `cors_preflight` says for all routes.
    assert_eq!((ask("/orders", "DELETE").status, stage.scene.upstream.requests()), (200, 1));
    assert_eq!(stage.send(&Request::new("OPTIONS", "/orders")).status, 401);
}

/// A service that answers every request with a redirect to `/orders`.
fn redirecting_service() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
                request.push(byte[0]);
            }
            let _client_gone = stream.write_all(
                b"HTTP/1.1 302 Found\r\nlocation: http://gate.test/orders\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
            );
        }
    });
    address
}

#[test]
fn internal_redirect_needs_the_token_a_second_time() {
    let redirector = redirecting_service();
    for (forward, access, status, subjects) in
        [(false, "required", 401, 0), (false, "optional", 200, 0), (true, "required", 200, 1)]
    {
        let routes = json!([{"match": {"prefix": "/old"}}, {"match": {"prefix": "/orders"}, "access": access}]);
        let stage = stage(json!({"routes": routes, "forward_token": forward}), |template| {
            let route = "              - match: { prefix: \"/old\" }\n                route: { cluster: redirector, internal_redirect_policy: { max_internal_redirects: 1 } }\n";
            let cluster = format!(
                "\n  clusters:\n  - name: redirector\n    type: STATIC\n    load_assignment:\n      cluster_name: redirector\n      endpoints:\n      - lb_endpoints:\n        - endpoint: {{ address: {{ socket_address: {{ address: {}, port_value: {} }} }} }}\n",
                redirector.ip(),
                redirector.port()
            );
            template.replace(ROUTES, &format!("{route}{ROUTES}")).replace("\n  clusters:\n", &cluster)
        });
        let request = Request::get("/old").bearer(&stage.scene.workforce_token(json!({})));
        let response = stage.send(&request);
        assert_eq!(response.status, status, "{forward} {access}: {}", response.text());
        assert_eq!(response.upstream_saw("x-auth-subject").len(), subjects, "{forward} {access}");
    }
}

#[test]
fn report_only_request_goes_on_without_identity() {
    let routes = json!([{"match": {"prefix": "/closed"}, "access": "deny"}]);
    let stage = stage(json!({"enforce": false, "routes": routes}), Template::underscores_allowed);
    let spoofed = |path: &str| Request::get(path).header("X-Auth-Subject", "root").header("x_auth_groups", "root");
    let expired = stage.scene.workforce_token(json!({"iat": 1, "exp": 2}));
    for request in [spoofed("/orders"), spoofed("/orders").bearer(&expired), spoofed("/orders").bearer("x")] {
        let response = stage.send(&request);
        assert_eq!(response.status, 200, "{}", response.text());
        assert!(!response.text().contains("root"), "{}", response.text());
    }
    let good = stage.scene.workforce_token(json!({}));
    let admitted = stage.send(&spoofed("/orders").bearer(&good));
    assert_eq!(admitted.upstream_saw("x-auth-subject"), ["alice"]);
    assert_eq!(admitted.upstream_saw("authorization"), [format!("Bearer {good}")]);
    assert_eq!(stage.send(&Request::get("/closed").bearer(&good)).status, 403);
    for (name, count) in [
        ("claimgate.would_refuse.reason.no_credential", 1),
        ("claimgate.issuer.workforce.would_refuse.reason.token_expired", 1),
        ("claimgate.would_refuse.reason.token_malformed", 1),
        ("claimgate.refused.reason.route_denied", 1),
        ("claimgate.issuer.workforce.admitted", 1),
    ] {
        assert_eq!(stage.metric(name), count, "{name}");
    }
    assert!(stage.log().contains("NOT ENFORCED on any route"), "{}", stage.log());
}
