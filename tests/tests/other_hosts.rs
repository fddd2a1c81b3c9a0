//! The main job on hosts that are not Envoy, and on an Envoy that lacks something: what is admitted and refused is the same
//! everywhere, and what cannot be known is never guessed.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use claimgate_tests::{Algorithm, SigningKey, Token, generic_module, module};
use host_sim::{
    Ability, Answer, CalloutOutcome, Host, HostBuilder, Module, Occurrence, Outcome, Profile, Report, Request,
};
use serde_json::{Value, json};

const NOW: u64 = 1_767_225_600;
const SECOND: Duration = Duration::from_secs(1);
const MS: Duration = Duration::from_millis(1);

/// A host with the module, and the key server that its callouts reach.
struct Scene {
    host: Host,
    served: Arc<Mutex<Answer>>,
}

impl Scene {
    fn start(configuration: &Value, set_up: impl FnOnce(HostBuilder) -> HostBuilder) -> Self {
        let mut host = set_up(Host::builder(module_for(configuration))).now(NOW).build();
        let served = Arc::new(Mutex::new(set(&[key(0)])));
        let shown = Arc::clone(&served);
        host.answer_with(move |_| shown.lock().expect("nobody panics").clone());
        host.configure(configuration.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        Self { host, served }
    }

    /// What the key server answers from now on.
    fn serve(&self, answer: Answer) {
        *self.served.lock().expect("nobody panics") = answer;
    }

    fn send(&mut self, worker: usize, request: Request) -> Report {
        let report = self.host.request(worker, request);
        assert_eq!(report.anomalies, Vec::<String>::new());
        self.is_sound();
        report
    }

    /// Nothing trapped, and nothing was done that no filter should do.
    fn is_sound(&self) {
        assert_eq!(self.host.traps(), Vec::<&str>::new());
        assert_eq!(self.host.anomalies(), Vec::<&str>::new());
    }

    fn status(&mut self, worker: usize, token: &str) -> u16 {
        let report = self.send(worker, orders(token));
        match &report.outcome {
            Outcome::Upstream(_) => 200,
            other => other.status().unwrap_or_else(|| panic!("{other:?}")),
        }
    }

    /// Everything that a service in front of which claimgate stands relies on, in one worker.
    fn does_its_job(&mut self, what: &str, worker: usize, forwards_removed: bool) {
        let good = token(&key(0), json!({}));
        let report = self.send(worker, orders(&good));
        let upstream = report.outcome.upstream().unwrap_or_else(|| panic!("{what}: {:?}", report.outcome));
        assert_eq!(upstream.values("x-auth-subject"), ["alice"], "{what}");
        assert_eq!(upstream.values("x-auth-groups"), ["developers"], "{what}");
        assert!(upstream.values("authorization").iter().all(String::is_empty), "{what}");

        let refused = [
            Token::parse(&good).flip_signature_bit(3).text(),
            Token::parse(&good).claim("sub", json!("root")).text(),
            token(&key(0), json!({"exp": NOW - 3600})),
            token(&key(0), json!({"aud": "another"})),
            token(&key(0), json!({"iss": "https://evil.example"})),
            token(&key(9).with_kid(key(0).kid()), json!({})),
        ];
        for token in &refused {
            assert_eq!(self.status(worker, token), 401, "{what}: {token}");
        }
        assert_eq!(self.send(worker, Request::get("/orders")).outcome.status(), Some(401), "{what}");
        assert_eq!(self.send(worker, Request::get("/closed").bearer(&good)).outcome.status(), Some(403), "{what}");
        assert!(self.send(worker, Request::get("/open")).outcome.upstream().is_some(), "{what}");

        for path in ["/orders", "/open"] {
            for name in ["x-auth-subject", "X-Auth-Groups"] {
                let report = self.send(worker, Request::get(path).bearer(&good).header(name, "root"));
                match report.outcome.upstream() {
                    Some(upstream) => assert!(!upstream.values(name).contains(&"root".to_owned()), "{what}: {path}"),
                    None => assert_eq!(report.outcome.status(), Some(400), "{what}: {path}"),
                }
                // Where removal cannot be relied on, the request does not go on at all.
                assert_eq!(report.outcome.upstream().is_none(), forwards_removed, "{what}: {path}");
            }
        }
    }
}

/// The module that takes this configuration.
fn module_for(configuration: &Value) -> &'static Module {
    static ENVOY: OnceLock<Module> = OnceLock::new();
    static GENERIC: OnceLock<Module> = OnceLock::new();
    let (cell, file) =
        if configuration["host"] == "generic" { (&GENERIC, generic_module()) } else { (&ENVOY, module()) };
    cell.get_or_init(|| Module::from_file(&file).expect("the module loads"))
}

fn key(number: u8) -> SigningKey {
    SigningKey::numbered(Algorithm::Es256, number)
}

fn set(keys: &[SigningKey]) -> Answer {
    Answer::json(200, json!({"keys": keys.iter().map(SigningKey::jwk).collect::<Vec<_>>()}).to_string())
}

fn token(key: &SigningKey, changes: Value) -> String {
    let mut claims = json!({
        "iss": "https://login.example", "sub": "alice", "aud": "orders", "groups": ["Engineering"],
        "iat": NOW, "exp": NOW + 86_400,
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        claims[name] = value.clone();
    }
    key.token(&claims)
}

fn orders(token: &str) -> Request {
    Request::get("/orders").bearer(token)
}

fn configuration(host: &str, keys: Value) -> Value {
    json!({
        "host": host,
        "issuers": [{
            "name": "workforce", "issuer": "https://login.example", "keys": keys, "audiences": ["orders"],
            "groups": {"map": {"Engineering": ["developers"]}},
        }],
        "routes": [
            {"match": {"path": "/open"}, "access": "public"},
            {"match": {"path": "/closed"}, "access": "deny"},
        ],
        "audit": "none",
    })
}

fn inline() -> Value {
    json!({"inline": {"keys": [key(0).jwk()]}})
}

fn remote() -> Value {
    json!({"jwks_uri": "https://login.example/keys", "cluster": "login.example:443", "unknown_kid_cooldown": "5s"})
}

/// A host that lacks these.
fn without(host: HostBuilder, missing: &[Ability]) -> HostBuilder {
    missing.iter().copied().fold(host, HostBuilder::without)
}

#[test]
fn the_main_job_is_done_on_every_host() {
    let profiles = [Profile::Envoy, Profile::Nginx, Profile::Minimal];
    for profile in profiles {
        let mut scene = Scene::start(&configuration("generic", inline()), |host| host.profile(profile).workers(2));
        scene.does_its_job(&format!("generic, inline keys, {profile:?}"), 1, true);
    }
    for profile in [Profile::Envoy, Profile::Nginx] {
        let mut scene = Scene::start(&configuration("generic", remote()), |host| host.profile(profile).workers(2));
        scene.host.advance(SECOND);
        scene.does_its_job(&format!("generic, keys from ticks, {profile:?}"), 1, true);
        assert_eq!(scene.host.callout_count(), 2, "each worker for itself");
    }
    for missing in [&[], Ability::ALL.as_slice()] {
        let mut scene = Scene::start(&configuration("envoy", inline()), |host| without(host.workers(2), missing));
        scene.does_its_job(&format!("envoy, inline keys, without {missing:?}"), 1, false);
    }
    let all = Ability::ALL.map(Some).into_iter().chain([None]);
    for missing in all.filter(|missing| *missing != Some(Ability::Callouts)) {
        let missing = missing.as_slice();
        let mut scene = Scene::start(&configuration("envoy", remote()), |host| without(host.workers(2), missing));
        scene.does_its_job(&format!("envoy, keys from a server, without {missing:?}"), 1, false);
    }
}

#[test]
fn without_callouts_there_are_inline_keys_and_no_others() {
    let restricted = |host: HostBuilder| host.restrict_hostcall("proxy_http_call");
    for host in ["envoy", "generic"] {
        let mut scene = Scene::start(&configuration(host, remote()), restricted);
        scene.host.advance(SECOND);
        let report = scene.send(0, orders(&token(&key(0), json!({}))));
        let reply = report.outcome.local_reply().expect("it is refused");
        assert_eq!((reply.status, reply.values("retry-after").len()), (503, 1), "{host}");
        assert_eq!(scene.send(0, Request::get("/orders")).outcome.status(), Some(401), "{host}");
    }
    let mut scene = Scene::start(&configuration("envoy", inline()), restricted);
    scene.does_its_job("envoy, inline keys, without callouts", 0, false);
    // Nor on a host that does not know the call at all.
    let mut scene = Scene::start(&configuration("envoy", remote()), |host| without(host, &Ability::ALL));
    assert_eq!(scene.status(0, &token(&key(0), json!({}))), 503);
    let mut scene = Scene::start(&configuration("generic", remote()), |host| host.profile(Profile::Minimal));
    assert_eq!(scene.status(0, &token(&key(0), json!({}))), 503);
}

/// Such a host may send a request on that was to wait. So nothing waits, and the next tick asks for what was missing.
#[test]
fn on_nginx_no_request_waits_and_keys_come_with_the_next_tick() {
    let mut scene = Scene::start(&configuration("generic", remote()), |host| host.profile(Profile::Nginx));
    let decided_at_once = |scene: &mut Scene, token: &str| {
        let id = scene.host.open(0, orders(token));
        assert!(scene.host.outcome(id).is_decided(), "a request waits");
        let outcome = scene.host.finish(id).outcome;
        scene.is_sound();
        if outcome.upstream().is_some() { 200 } else { outcome.status().unwrap_or(0) }
    };
    let (first, second) = (token(&key(0), json!({})), token(&key(1), json!({})));
    assert_eq!(decided_at_once(&mut scene, &first), 503);
    scene.host.advance(SECOND);
    assert_eq!(decided_at_once(&mut scene, &first), 200);

    scene.host.advance(10 * SECOND);
    scene.serve(set(&[key(0), key(1)]));
    assert_eq!(decided_at_once(&mut scene, &second), 503, "the key may come");
    scene.host.advance(SECOND);
    assert_eq!(decided_at_once(&mut scene, &second), 200);
    assert_eq!(scene.host.callout_count(), 2);

    scene.host.advance(10 * SECOND);
    let stranger = token(&key(1).with_kid("stranger"), json!({}));
    assert_eq!(decided_at_once(&mut scene, &stranger), 503, "nobody knows yet");
    scene.host.advance(SECOND);
    assert_eq!(decided_at_once(&mut scene, &stranger), 401, "the provider has no such key");
    assert_eq!(scene.host.callout_count(), 3);

    scene.serve(Answer::soon(CalloutOutcome::ConnectFailure));
    scene.host.advance(Duration::from_secs(3600));
    assert_eq!(decided_at_once(&mut scene, &first), 200, "an outage is not the client's fault");
}

/// The nginx.conf of the manual, as far as it can be tried without nginx: its module, its configuration, and what keeps it safe.
#[test]
fn nginx_conf_of_manual_protects_a_service() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manual/nginx.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let conf = page.split("```nginx\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a block");
    let (_, rest) = conf.split_once("proxy_wasm claimgate '").expect("the filter");
    let (text, _) = rest.split_once("';").expect("the end of the configuration");
    assert!(text.len() <= 4095 && !text.contains(['\'', '\\']), "one word of nginx's: {} bytes", text.len());
    let lines: Vec<&str> = conf.lines().map(str::trim).collect();
    for line in [
        "module claimgate /etc/nginx/claimgate-generic.wasm;",
        "tls_verify_cert on;",
        "tls_verify_host on;",
        "proxy_wasm_request_headers_in_access on;",
        "proxy_set_header Authorization \"\";",
        "proxy_pass http://127.0.0.1:9000;",
    ] {
        assert!(lines.contains(&line), "{line}");
    }

    let configuration: Value = serde_json::from_str(text).expect("JSON");
    let mut scene = Scene::start(&configuration, |host| host.profile(Profile::Nginx));
    let log = scene.host.take_log().into_iter().map(|line| line.text);
    let warnings: Vec<String> = log.filter(|line| line.starts_with("configuration warning: ")).collect();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].starts_with("configuration warning: forward_token: "), "{warnings:?}");
    let good = token(&key(0), json!({"iss": "https://login.workforce.example"}));
    assert_eq!(scene.status(0, &good), 503, "no keys yet");
    scene.host.advance(SECOND);
    assert_eq!(scene.status(0, &good), 200);
    assert_eq!(scene.status(0, "a.b.c"), 401);
    assert_eq!(scene.send(0, Request::get("/orders")).outcome.status(), Some(401));
    assert!(scene.send(0, Request::get("/status")).outcome.upstream().is_some());
    let forged = orders(&good).header("X-Auth-Groups", "developers");
    assert_eq!(scene.send(0, forged).outcome.status(), Some(400));
    let called: Vec<_> = scene.host.callout_counts().keys().cloned().collect();
    assert_eq!(called, [("login.workforce.example:443".into(), "https://login.workforce.example/keys".into())]);
}

/// Its workers start anew, and so do the keys: what was withdrawn meanwhile is gone.
#[test]
fn a_reload_of_nginx_begins_with_new_keys() {
    let mut scene = Scene::start(&configuration("generic", remote()), |host| host.profile(Profile::Nginx).workers(2));
    scene.host.advance(SECOND);
    assert_eq!(scene.status(0, &token(&key(0), json!({}))), 200);
    scene.serve(set(&[key(1)]));
    scene.host.configure(configuration("generic", remote()).to_string().as_bytes()).expect("it is sound");
    scene.host.advance(SECOND);
    assert_eq!(scene.status(0, &token(&key(0), json!({}))), 503);
    assert_eq!([scene.status(0, &token(&key(1), json!({}))), scene.status(1, &token(&key(1), json!({})))], [200, 200]);
}

/// The leader's VM dies when it holds the lease of both issuers and nobody has been asked yet.
#[test]
fn a_leader_that_dies_is_replaced_when_its_lease_runs_out() {
    let mut two = configuration("envoy", remote());
    let mut other = two["issuers"][0].clone();
    (other["name"], other["issuer"]) = (json!("partners"), json!("https://id.example"));
    other["keys"]["jwks_uri"] = json!("https://id.example/keys");
    two["issuers"].as_array_mut().expect("a list").push(other);
    let mut scene = Scene::start(&two, |host| host.workers(3).reload_after(SECOND));
    scene.host.process().faults.trap("proxy_http_call", Occurrence::Nth(2));
    scene.host.advance(100 * MS);
    assert_eq!(scene.host.traps().len(), 1, "the leader died");
    assert_eq!(scene.host.callout_count(), 0);
    let leader = (0..3).find(|index| scene.host.workers()[*index].traps().len() == 1).expect("one died");
    let survivor = (leader + 1) % 3;

    // Its lease lasts a callout's time and two seconds: nobody asks meanwhile, and nobody is told that a token is bad.
    let good = token(&key(0), json!({}));
    let waiting = scene.host.open(survivor, orders(&good));
    scene.host.advance(4 * SECOND);
    assert_eq!(scene.host.callout_count(), 0);
    assert!(!scene.host.outcome(waiting).is_decided());
    scene.host.advance(4 * SECOND);
    assert_eq!(scene.host.callout_counts().len(), 2, "both issuers were asked");
    let report = scene.host.finish(waiting);
    assert!(report.outcome.upstream().is_some() || report.outcome.status() == Some(503), "{:?}", report.outcome);
    assert!(scene.host.request(survivor, orders(&good)).outcome.upstream().is_some());

    let before = scene.host.callout_count();
    assert!(
        scene.host.request(leader, orders(&good)).outcome.upstream().is_some(),
        "the new VM has what the others have"
    );
    assert_eq!(scene.host.callout_count(), before);
    let abandoned = scene.host.metrics().get("claimgate.issuer.workforce.keys.fetches.outcome.abandoned").copied();
    assert_eq!(abandoned, Some(1));
}

/// A new configuration takes over while requests wait under the old one, in the same VM.
#[test]
fn requests_that_wait_while_a_new_configuration_comes_are_answered_once_each() {
    for answered in [true, false] {
        let mut scene = Scene::start(&configuration("envoy", remote()), |host| host.workers(2));
        scene.host.answer_by_hand();
        let good = token(&key(0), json!({}));
        let old: Vec<_> = (0..10).map(|n| scene.host.open(n % 2, orders(&good))).collect();
        scene.host.advance(100 * MS);
        let mut new = configuration("envoy", remote());
        new["issuers"][0]["audiences"] = json!(["another"]);
        scene.host.configure(new.to_string().as_bytes()).expect("it is sound");
        let later: Vec<_> = (0..10).map(|n| scene.host.open(n % 2, orders(&good))).collect();
        scene.host.advance(100 * MS);
        for callout in scene.host.pending_callouts().into_iter().filter(|_| answered) {
            let CalloutOutcome::Response(response) = set(&[key(0)]).outcome else { panic!("a set is a response") };
            scene.host.answer(callout.id, CalloutOutcome::Response(response));
        }
        scene.host.advance(20 * SECOND);
        let admitted = |report: &Report| report.outcome.upstream().is_some();
        let reports: Vec<Report> = old.into_iter().map(|id| scene.host.finish(id)).collect();
        for report in &reports {
            assert_eq!(report.anomalies, Vec::<String>::new());
            // What the old configuration would admit, or that its keys could not be had.
            assert!(admitted(report) || report.outcome.status() == Some(503), "{answered}: {:?}", report.outcome);
        }
        for report in later.into_iter().map(|id| scene.host.finish(id)) {
            let expected = if answered { 401 } else { 503 };
            assert_eq!(report.outcome.status(), Some(expected), "another audience is asked for now");
            assert_eq!(report.anomalies, Vec::<String>::new());
        }
        scene.is_sound();
    }
}

/// The first set comes without the key that a request waits for: the request goes on waiting, and its key is asked for.
#[test]
fn a_request_that_waited_for_any_keys_and_misses_its_own_has_them_asked_for_again() {
    for (kid, expected) in [("late", 200), ("never", 401)] {
        for missing in [None, Some(Ability::Ticks), Some(Ability::SharedData)] {
            let without = |host: HostBuilder| missing.into_iter().fold(host, HostBuilder::without);
            let late = key(1).with_kid("late");
            let mut scene = Scene::start(&configuration("envoy", remote()), without);
            scene.serve(set(&[key(0)]).after(300 * MS));
            let id = scene.host.open(0, orders(&token(&late.clone().with_kid(kid), json!({}))));
            scene.host.advance(200 * MS);
            scene.serve(set(&[key(0), late]).after(300 * MS));
            scene.host.advance(2 * SECOND);
            let report = scene.host.finish(id);
            let status = if report.outcome.upstream().is_some() { Some(200) } else { report.outcome.status() };
            assert_eq!(status, Some(expected), "{kid}, without {missing:?}");
            assert_eq!(scene.host.callout_count(), 2, "{kid}, without {missing:?}");
            assert_eq!(report.anomalies, Vec::<String>::new());
            scene.is_sound();
        }
    }
}
