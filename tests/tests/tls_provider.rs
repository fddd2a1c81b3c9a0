//! `envoy/tls-provider.yaml`: keys come from a server with the right name and a certificate of the right CA, and from no other.

use std::path::Path;

use claimgate_cli::demo::Scene;
use claimgate_tests::{
    Authority, Behaviour, Endpoint, Host, PARTNERS, Request, Stage, Template, Terminator, WORKFORCE, module,
};
use serde_json::json;

const KEYS: &str = "keys.partners.example";

/// The published file, with each provider behind a TLS server of its own.
struct Tls {
    stage: Stage,
    workforce: Terminator,
    partners: Terminator,
    keys: Terminator,
}

impl Tls {
    /// Each host shows the certificate of a CA for a name; Envoy trusts the first of them.
    fn start(trusted: &Authority, shown: [(&Authority, &str); 3]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ca = trusted.file(folder.path());
        let mut servers = None;
        let stage = Stage::start_with(Host::Envoy, |scene, _| {
            let behind = [&scene.workforce, &scene.partners, &scene.partners];
            let started: Vec<Terminator> = shown
                .iter()
                .zip(behind)
                .map(|((by, name), provider)| Terminator::start(by, &[*name], provider.address()))
                .collect();
            let document = json!({"issuer": scene.partners.issuer(), "jwks_uri": format!("https://{KEYS}/keys")});
            scene.partners.set(Endpoint::Discovery, Behaviour::Body(document.to_string()));
            let template = published(scene, &ca);
            let template = [WORKFORCE, PARTNERS, KEYS]
                .iter()
                .zip(&started)
                .fold(template, |template, (host, server)| template.provider(host, server.address()));
            servers = Some(started);
            template
        });
        let servers = servers.and_then(|servers| <[Terminator; 3]>::try_from(servers).ok());
        let [workforce, partners, keys] = servers.expect("three were started");
        Self { stage, workforce, partners, keys }
    }

    /// What good tokens of both issuers get.
    fn statuses(&self) -> [u16; 2] {
        let scene = &self.stage.scene;
        let tokens = [scene.workforce_token(json!({})), scene.partners_token(json!({}))];
        tokens.map(|token| self.stage.send(&Request::get("/orders").bearer(&token)).status)
    }

    fn stat(&self, name: &str) -> u64 {
        let claimgate_cli::demo::Gate::Envoy(envoy) = &self.stage.gate else { panic!("it runs in Envoy") };
        envoy.stat(name).expect("Envoy tells its counters")
    }

    fn says(&self, issuer: &str) -> bool {
        self.stage.log().contains(&format!("issuer {issuer}: keys cannot be fetched (server_error)"))
    }
}

fn published(scene: &Scene, ca: &Path) -> Template {
    let template = Template::example("tls-provider").expect("the file is there").module(&module());
    template.upstream(scene.upstream.address()).replace("/etc/ssl/certs/ca-certificates.crt", &ca.display().to_string())
}

#[test]
fn the_published_file_loads() {
    let template = Template::as_published("tls-provider").expect("the file is there").module(&module());
    claimgate_tests::Envoy::validate(&template).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn keys_come_from_the_right_hosts() {
    let ca = Authority::new();
    let tls = Tls::start(&ca, [(&ca, WORKFORCE), (&ca, PARTNERS), (&ca, KEYS)]);
    assert_eq!(tls.statuses(), [200, 200], "{}", tls.stage.log());
    for (server, name) in [(&tls.workforce, WORKFORCE), (&tls.partners, PARTNERS), (&tls.keys, KEYS)] {
        assert_eq!(server.names(), [Some(name.to_owned())], "asked for by its name, once");
    }
}

#[test]
fn a_certificate_for_another_host_is_refused() {
    let ca = Authority::new();
    for shown in [
        [(&ca, "evil.example"), (&ca, "evil.example"), (&ca, KEYS)],
        [(&ca, PARTNERS), (&ca, PARTNERS), (&ca, PARTNERS)],
    ] {
        let tls = Tls::start(&ca, shown);
        assert_eq!(tls.statuses(), [503, 503], "{shown:?}", shown = shown.map(|(_, name)| name));
        assert!(tls.says("workforce") && tls.says("partners"), "{}", tls.stage.log());
        let refused =
            ["partners", "partners-keys"].map(|name| tls.stat(&format!("cluster.{name}.ssl.fail_verify_san")));
        assert!(tls.stat("cluster.workforce.ssl.fail_verify_san") > 0);
        assert!(refused.iter().sum::<u64>() > 0, "{refused:?}");
        assert_eq!(tls.stage.scene.workforce.requests(Endpoint::Jwks), 0, "nothing was asked of it");
    }
}

#[test]
fn a_certificate_of_another_authority_is_refused() {
    let (ca, other) = (Authority::new(), Authority::new());
    let tls = Tls::start(&ca, [(&other, WORKFORCE), (&ca, PARTNERS), (&ca, KEYS)]);
    assert_eq!(tls.statuses(), [503, 200], "one issuer's trouble is not another's");
    assert!(tls.says("workforce") && !tls.says("partners"), "{}", tls.stage.log());
    assert!(tls.stat("cluster.workforce.ssl.fail_verify_error") > 0);
}
