//! What a user of Envoy gets who copies `envoy/*.yaml`, beyond what every host gives.

use claimgate_tests::{Envoy, Host, Request, Stage, Template, WORKFORCE, module};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::process::Command;

#[test]
fn underscores_are_refused_as_the_published_file_says() {
    let stage = Stage::start_with(Host::Envoy, |_, template| {
        template.replace("headers_with_underscores_action: ALLOW", "headers_with_underscores_action: REJECT_REQUEST")
    });
    let token = stage.scene.workforce_token(json!({}));
    let request = Request::get("/orders").bearer(&token);
    assert_eq!(stage.send(&request.clone().header("x_auth_subject", "root")).status, 400);
    assert_eq!(stage.send(&request).status, 200);
}

#[test]
fn a_bad_configuration_is_refused_at_start_with_the_path_of_the_field() {
    let refused = Stage::try_start_with(Host::Envoy, |_, template| {
        template.replace("\"audiences\": [\"orders\"]", "\"audience\": 1")
    });
    let Err(error) = refused else { panic!("Envoy accepted it") };
    assert!(error.to_string().contains("issuers[0].audience"), "{error}");
}

#[test]
fn a_bad_configuration_leaves_a_running_envoy_with_the_old_one() {
    let stage = Stage::start_reloadable();
    let status = |token: &str| stage.send(&Request::get("/orders").bearer(token)).status;
    let (alice, other) = (stage.scene.workforce_token(json!({})), stage.scene.workforce_token(json!({"aud": "other"})));
    assert_eq!((status(&alice), status(&other)), (200, 401));
    for bad in ["\"audiences\": 1", "\"audiences\": []", "\"no_such_field\": []"] {
        let refused = stage.reload_with(|template| template.replace("\"audiences\": [\"orders\"]", bad));
        assert!(refused.is_err(), "{bad} was accepted");
        assert_eq!((status(&alice), status(&other)), (200, 401), "after {bad}");
    }
    let good = |template: Template| template.replace("\"audiences\": [\"orders\"]", "\"audiences\": [\"other\"]");
    stage.reload_with(good).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((status(&alice), status(&other)), (401, 200));
}

#[test]
fn the_published_files_load() {
    for name in ["minimal", "multi-issuer"] {
        let template = Template::as_published(name).expect("the file is there").module(&module());
        Envoy::validate(&template).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn the_smallest_file_protects_a_service() {
    let stage = Stage::start_with(Host::Envoy, |scene, _| {
        let template = Template::example("minimal").expect("the file is there").module(&module());
        template.upstream(scene.upstream.address()).provider(WORKFORCE, scene.workforce.address())
    });
    let request = Request::get("/orders");
    assert_eq!(stage.send(&request).status, 401);
    let response = stage.send(&request.bearer(&stage.scene.workforce_token(json!({}))));
    assert_eq!((response.status, response.upstream_saw("x-auth-subject")), (200, vec!["alice".to_owned()]));
    assert!(response.upstream_saw("x-auth-groups").is_empty(), "what is not mapped is dropped");
}

/// The status of a GET over HTTP/2 with this authority; 0 where the stream was reset.
fn status_over_http2(to: SocketAddr, authority: &str) -> u16 {
    let out = Command::new("curl")
        .args([
            "--silent",
            "--max-time",
            "20",
            "--output",
            "/dev/null",
            "--write-out",
            "%{http_code}",
            "--http2-prior-knowledge",
        ])
        .args(["--header", &format!("host: {authority}"), &format!("http://{to}/x")])
        .output()
        .expect("curl runs");
    String::from_utf8_lossy(&out.stdout).parse().expect("a status")
}

/// The pair of domains that Istio writes for a gateway routes `admin.test:x` as `admin.test`.
#[test]
fn host_rule_holds_for_hosts_that_envoy_routes_alike() {
    let routes = json!([{"match": {"hosts": ["admin.test"]}}, {"match": {"prefix": "/"}, "access": "public"}]);
    let stage = Stage::start_with(Host::Envoy, |scene, _| {
        let template = Template::example("minimal").expect("the file is there").module(&module());
        let text = template.filter_configuration().expect("a configuration");
        let mut configuration: Value = serde_json::from_str(&text).expect("JSON");
        configuration["routes"] = routes;
        let domains = "domains: [\"admin.test\", \"admin.test:*\"]\n              routes:\n              - match: { prefix: \"/\" }\n                route: { cluster: service }\n            - name: other\n              domains: [\"*\"]";
        template
            .configuration(&configuration.to_string())
            .replace("domains: [\"*\"]", domains)
            .upstream(scene.upstream.address())
            .provider(WORKFORCE, scene.workforce.address())
    });
    let to = stage.gate.address();
    let over_http1 = |host: &str| stage.send(&Request::get("/x").header("Host", host)).status;
    assert_eq!((over_http1("other.test"), status_over_http2(to, "other.test")), (200, 200), "the other host is open");
    for host in ["admin.test", "ADMIN.test:443", "admin.test."] {
        assert_eq!((over_http1(host), status_over_http2(to, host)), (401, 401), "{host}");
    }
    for host in [
        "admin.test:x",
        "admin.test:443x",
        "admin.test:+443",
        "admin.test:-1",
        "admin.test:80:80",
        "admin.test..",
        "x@admin.test",
        "admin%2etest",
        "%61dmin.test",
        "admin.test,x",
        "admin.test;x",
    ] {
        // Envoy itself answers some of them 400, or resets the stream.
        let (first, second) = (over_http1(host), status_over_http2(to, host));
        assert!([400, 401].contains(&first) && [0, 400, 401].contains(&second), "{host}: {first} {second}");
    }
}
