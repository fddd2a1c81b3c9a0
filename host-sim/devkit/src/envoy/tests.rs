use super::{Envoy, EnvoyError, Template};
use crate::exchange::Request;
use crate::provider::{Algorithm, Provider};
use crate::upstream::Upstream;

/// The example without the filter: what is left is Envoy itself.
fn bare() -> Template {
    Template::example("minimal").unwrap().http_filter("")
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

#[test]
fn a_running_envoy_takes_good_listeners_and_refuses_bad_ones() {
    let upstream = Upstream::start().unwrap();
    let template = bare().upstream(upstream.address()).provider("login.workforce.example", upstream.address());
    let envoy = Envoy::start_reloadable(&template).unwrap_or_else(|error| panic!("{error}"));
    let status = |path| Request::get(path).send(envoy.listener()).unwrap().status;
    assert_eq!(status("/a"), 200);
    let bad = template.clone().replace("domains: [\"*\"]", "domains: 1");
    assert!(matches!(envoy.reload(&bad), Err(EnvoyError::Rejected(_))));
    assert_eq!(status("/a"), 200);
    envoy.reload(&template.clone().replace("prefix: \"/\"", "prefix: \"/b\"")).unwrap();
    assert_eq!((status("/a"), status("/b")), (404, 200));
}

/// Started by the next test in a process of its own, which is then killed.
#[test]
fn an_envoy_waits_to_be_abandoned() {
    let Some(file) = std::env::var_os("CLAIMGATE_ABANDONED") else { return };
    let upstream = Upstream::start().unwrap();
    let template = bare().upstream(upstream.address()).provider("login.workforce.example", upstream.address());
    let envoy = Envoy::start(&template).unwrap_or_else(|error| panic!("{error}"));
    std::fs::write(file, envoy.child.id().to_string()).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(60));
}

#[test]
fn an_envoy_does_not_outlive_a_killed_test() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("process");
    let mut test = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "envoy::tests::an_envoy_waits_to_be_abandoned"])
        .env("CLAIMGATE_ABANDONED", &file)
        .env("TMPDIR", folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let soon = |done: &dyn Fn() -> bool| {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(50);
        while !done() && std::time::Instant::now() < deadline {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        done()
    };
    let process = || std::fs::read_to_string(&file).unwrap_or_default();
    assert!(soon(&|| !process().is_empty()));
    let alive = format!("/proc/{}/cmdline", process());
    let is_envoy = || std::fs::read_to_string(&alive).is_ok_and(|line| line.contains("claimgate-envoy-"));
    assert!(is_envoy());
    test.kill().unwrap();
    test.wait().unwrap();
    assert!(soon(&|| !is_envoy()), "{alive} is still there");
}
