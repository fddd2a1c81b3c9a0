use super::{Envoy, EnvoyError, Template};
use crate::exchange::Request;
use crate::provider::{Algorithm, Provider};
use crate::upstream::Upstream;

/// The example without the filter: what is left is Envoy itself.
fn bare() -> Template {
    let mut template = Template::example("minimal").unwrap();
    let from = template.text.find("          - name: claimgate\n").unwrap();
    let to = template.text.find("          - name: envoy.filters.http.router").unwrap();
    template.text.replace_range(from..to, "");
    template
}

#[test]
fn a_request_passes_and_is_counted_and_nothing_stays_behind() {
    let (upstream, provider) =
        (Upstream::start().unwrap(), Provider::start("https://login.workforce.example", Algorithm::Rs256).unwrap());
    let template = bare()
        .upstream(upstream.address())
        .provider("login.workforce.example", provider.address())
        .underscores_allowed();
    let envoy = Envoy::start(&template).unwrap_or_else(|error| panic!("{error}"));
    let request = Request::new("POST", "/a?b").header("X-Auth-Subject", "me").header("x_auth", b"\xff").body("four");
    let response = request.send(envoy.listener()).unwrap();
    let seen = response.json();
    assert_eq!((&seen["method"], &seen["path"], &seen["body_bytes"]), (&"POST".into(), &"/a?b".into(), &4.into()));
    assert_eq!(response.upstream_saw("x-auth-subject"), ["me"]);
    assert_eq!(seen["headers"].as_array().unwrap().iter().find(|pair| pair[0] == "x_auth").unwrap()[1]["hex"], "ff");
    assert_eq!(upstream.requests(), 1);
    assert_eq!(envoy.stat("http.gate.downstream_rq_total").unwrap(), 1);
    assert_eq!(envoy.stat("server.concurrency").unwrap(), 2);
    let (process, admin) = (envoy.child.id(), envoy.admin());
    assert!(envoy.stop().contains("all dependencies initialized. starting workers"));
    assert!(!std::path::Path::new(&format!("/proc/{process}")).exists());
    assert!(Request::get("/ready").send(admin).is_err());
}

#[test]
fn underscores_are_refused_where_the_example_says_so() {
    let upstream = Upstream::start().unwrap();
    let template = bare().upstream(upstream.address()).provider("login.workforce.example", upstream.address());
    let envoy = Envoy::start(&template).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(Request::get("/").header("x_auth_subject", "me").send(envoy.listener()).unwrap().status, 400);
    assert_eq!(upstream.requests(), 0);
}

#[test]
fn a_configuration_that_envoy_refuses_is_an_error_with_its_log() {
    let template = bare().replace("stat_prefix: gate", "stat_prefixed: gate");
    let Err(EnvoyError::Exited(Some(_), log)) = Envoy::start(&template) else { panic!("it started") };
    assert!(log.contains("stat_prefixed"), "{log}");
    assert!(Envoy::validate(&template).unwrap_err().to_string().contains("stat_prefixed"));
}

#[test]
fn a_text_that_is_not_there_cannot_be_replaced() {
    let error = bare().replace("no such thing", "").yaml().unwrap_err();
    assert_eq!(error.to_string(), "the Envoy configuration has no `no such thing`");
}

#[test]
fn the_configuration_of_the_filter_can_be_read_and_replaced() {
    let template = Template::example("multi-issuer").unwrap();
    let json: serde_json::Value = serde_json::from_str(&template.filter_configuration().unwrap()).unwrap();
    assert_eq!(json["issuers"][1]["name"], "partners");
    let other = template.configuration("{\n  \"issuers\": []\n}");
    assert_eq!(other.filter_configuration().unwrap(), "{\n  \"issuers\": []\n}");
    assert!(other.yaml().unwrap().contains("envoy.filters.http.router"));
}
