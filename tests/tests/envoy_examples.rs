//! Every file in `envoy/` does what its first lines say: Envoy's are served by Envoy; of those for Kubernetes, which has no
//! tool here, Envoy reads the YAML and the module the configuration in it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;

use claimgate_cli::demo::Gate;
use claimgate_tests::{Envoy, Host as On, Request, Stage, Template, Upstream, WORKFORCE, module};
use host_sim::{Host, Module};
use serde_json::{Value, json};

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn example(name: &str, change: impl FnOnce(Template) -> Template) -> Stage {
    Stage::start_with(On::Envoy, |scene, _| {
        let template = Template::example(name).expect("the file is there").module(&module());
        change(template.upstream(scene.upstream.address()).provider(WORKFORCE, scene.workforce.address()))
    })
}

/// Where Envoy is asked about itself.
fn admin(stage: &Stage) -> SocketAddr {
    let Gate::Envoy(envoy) = &stage.gate else { panic!("it runs in Envoy") };
    envoy.admin()
}

fn accepted(configuration: &Value) {
    let module = Module::from_file(&module()).expect("the module loads");
    let mut host = Host::builder(&module).build();
    host.configure(configuration.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"));
}

/// Whether every object of a file is sound YAML: to Envoy it is the metadata of a node, which may be anything.
fn is_yaml(file: &str) {
    for document in file.split("\n---\n") {
        let indented: String = document.lines().map(|line| format!("    {line}\n")).collect();
        let node = format!("node:\n  metadata:\n{indented}\nstats_config:\n");
        let template =
            Template::as_published("stats-tags").expect("the file is there").replace("stats_config:\n", &node);
        Envoy::validate(&template).unwrap_or_else(|error| panic!("{error}\n{document}"));
    }
}

/// The JSON behind a line that is this name alone.
fn json_under(file: &str, name: &str) -> Value {
    let at = file.find(&format!(" {name}:\n")).unwrap_or_else(|| panic!("no {name}"));
    let text = file[at..].split_once('\n').expect("lines").1;
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    values.next().expect("a value").expect("JSON")
}

#[test]
fn no_file_is_without_a_test() {
    let folder = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy")).expect("the folder");
    let mut names: Vec<String> =
        folder.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.ends_with(".yaml"));
    names.sort();
    let tested = [
        "envoy-gateway.yaml",
        "filter-state.yaml",
        "istio-wasmplugin.yaml",
        "minimal.yaml",
        "multi-issuer.yaml",
        "recompute-route.yaml",
        "route-metadata.yaml",
        "stats-tags.yaml",
        "tls-provider.yaml",
    ];
    assert_eq!(names, tested);
}

#[test]
fn the_published_files_load() {
    for name in ["filter-state", "recompute-route", "route-metadata"] {
        let template = Template::as_published(name).expect("the file is there").module(&module());
        Envoy::validate(&template).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn a_route_says_in_its_metadata_what_applies_to_it() {
    let stage = example("route-metadata", |template| template);
    let status = |path: &str, token: Option<&str>| {
        let request = token.into_iter().fold(Request::get(path), |request, token| request.bearer(token));
        stage.send(&request).status
    };
    let engineer = stage.scene.workforce_token(json!({}));
    let admin = stage.scene.workforce_token(json!({"groups": ["Platform Admins"]}));
    assert_eq!((status("/status", None), status("/status", Some("not a token"))), (200, 200));
    assert_eq!((status("/orders", None), status("/orders", Some(&engineer))), (401, 200));
    assert_eq!((status("/admin", Some(&engineer)), status("/admin", Some(&admin))), (403, 200));
    assert_eq!(status("/old", Some(&admin)), 403);
    for path in ["/statusx", "/status.json"] {
        assert_eq!(status(path, None), 401, "{path}");
    }
    // The last two pass through Envoy's normalisation as they are.
    for path in ["/;/admin", "/x;/admin", "/%2561dmin"] {
        assert_eq!(status(path, Some(&engineer)), 403, "{path}");
    }
}

#[test]
fn the_identity_decides_where_the_request_goes() {
    let beta = Upstream::start().expect("a port");
    let at = format!("address: {}, port_value: {}", beta.address().ip(), beta.address().port());
    let stage = example("recompute-route", |template| template.replace("address: 127.0.0.1, port_value: 9001", &at));
    let send = |groups: Value, spoof: bool| {
        let request = Request::get("/orders").bearer(&stage.scene.workforce_token(json!({"groups": groups})));
        let request = if spoof { request.header("x-auth-groups", "beta") } else { request };
        // The first request on a worker may be told to come back: it does not wait for keys here.
        (0..50)
            .find_map(|_| {
                let response = stage.send(&request);
                std::thread::sleep(std::time::Duration::from_millis(if response.status == 503 { 100 } else { 0 }));
                (response.status != 503).then_some(response.status)
            })
            .expect("keys within five seconds")
    };
    assert_eq!(send(json!(["Beta Testers"]), false), 200);
    assert_eq!((beta.requests(), stage.scene.upstream.requests()), (1, 0));
    assert_eq!(send(json!(["Engineering"]), true), 200);
    assert_eq!((beta.requests(), stage.scene.upstream.requests()), (1, 1), "a client's own header chooses nothing");
}

#[test]
fn labels_leave_the_names_of_metrics() {
    let tags = file("stats-tags.yaml");
    let stage = example("minimal", |template| template.replace("\nadmin:\n", &format!("\n{tags}\nadmin:\n")));
    assert_eq!(stage.send(&Request::get("/orders")).status, 401);
    assert_eq!(
        stage.send(&Request::get("/orders").bearer(&stage.scene.workforce_token(json!({"exp": 1, "iat": 0})))).status,
        401
    );
    assert_eq!(stage.send(&Request::get("/orders").bearer(&stage.scene.workforce_token(json!({})))).status, 200);
    let metrics = Request::get("/stats/prometheus").send(admin(&stage)).expect("an answer").text();
    let ours: Vec<&str> =
        metrics.lines().filter(|line| line.contains("claimgate_") && !line.starts_with('#')).collect();
    for line in [
        "claimgate_refused{claimgate_reason=\"no_credential\"} 1",
        "claimgate_refused{claimgate_issuer=\"workforce\",claimgate_reason=\"token_expired\"} 1",
        "claimgate_admitted{claimgate_issuer=\"workforce\"} 1",
        "claimgate_keys_fetches{claimgate_issuer=\"workforce\",claimgate_outcome=",
        "claimgate_keys_count{claimgate_issuer=\"workforce\"} ",
    ] {
        assert!(ours.iter().any(|own| own.contains(line)), "no {line} in {ours:#?}");
    }
}

#[test]
fn the_istio_file_holds_a_configuration_that_is_accepted() {
    let file = file("istio-wasmplugin.yaml");
    is_yaml(&file);
    assert!(file.contains("failStrategy: FAIL_CLOSE"));
    let configuration = json_under(&file, "pluginConfig");
    accepted(&configuration);
    let cluster = configuration["issuers"][0]["keys"]["cluster"].as_str().expect("a cluster");
    let host = cluster.strip_prefix("outbound|443||").expect("as Istio names it");
    assert!(file.contains(&format!("hosts: [{host}]")) && file.contains(&format!("  host: {host}\n")));
}

#[test]
fn the_envoy_gateway_file_holds_a_configuration_that_is_accepted() {
    let file = file("envoy-gateway.yaml");
    is_yaml(&file);
    assert!(file.contains("failOpen: false"));
    let configuration = json_under(&file, "config");
    accepted(&configuration);
    let cluster = configuration["issuers"][0]["keys"]["cluster"].as_str().expect("a cluster");
    assert!(file.contains(&format!("        name: {cluster}\n")));
    // The cluster that the patch adds is one that Envoy takes.
    let (_, cluster) = file.split_once("      value:\n").expect("a patch");
    let mut lines = cluster.lines().map(|line| line.strip_prefix("        ").unwrap_or(line));
    let first = format!("  - {}\n", lines.next().expect("a line"));
    let rest: String = lines.map(|line| format!("    {line}\n")).collect();
    let whole = format!("static_resources:\n  clusters:\n{first}{rest}\nstats_config:\n");
    let template = Template::as_published("stats-tags").expect("the file is there").replace("stats_config:\n", &whole);
    Envoy::validate(&template).unwrap_or_else(|error| panic!("{error}"));
}

/// The names of functions of the ABI in a text.
fn functions(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    words.filter(|word| word.starts_with("proxy_")).map(str::to_owned).collect()
}

/// Files that cannot restrict the filter, and why.
const UNRESTRICTED: [(&str, &str); 3] = [
    ("envoy-gateway.yaml", "an EnvoyExtensionPolicy has no field for it"),
    ("istio-wasmplugin.yaml", "a WasmPlugin has no field for it"),
    ("stats-tags.yaml", "holds no filter"),
];

#[test]
fn the_filter_may_do_what_the_module_does_and_nothing_else() {
    let module = Module::from_file(&module()).expect("the module loads");
    let imports = module.imports().into_iter().filter_map(|name| name.strip_prefix("env.").map(str::to_owned));
    // The allocator is no callback: no restriction is asked about it.
    let exports = module.exports().into_iter().filter(|name| name.starts_with("proxy_on_"));
    let does: BTreeSet<String> = imports.chain(exports.filter(|name| name != "proxy_on_memory_allocate")).collect();
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../manual/operations.md"));
    let page = page.expect("the page");
    let (_, section) = page.split_once("## What the filter may do").expect("the section");
    assert_eq!(functions(section.split("\n## ").next().unwrap_or_default()), does, "the manual");
    let folder = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy")).expect("the folder");
    let mut unrestricted = Vec::new();
    for entry in folder {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        match file(&name).split_once("allowed_capabilities: {") {
            Some((_, list)) => {
                let list = list.split("vm_config:").next().expect("the list");
                assert_eq!(functions(list), does, "{name}");
            }
            None => unrestricted.push(name),
        }
    }
    unrestricted.sort();
    assert_eq!(unrestricted, UNRESTRICTED.map(|(name, _)| name));
}

#[test]
fn under_the_restrictions_of_the_examples_the_filter_does_all_it_does() {
    let stage = example("filter-state", |template| template);
    let request = Request::get("/orders").bearer(&stage.scene.workforce_token(json!({})));
    let response = stage.send(&request.header("x-auth-subject", "root"));
    assert_eq!(response.status, 200, "{}\n{}", response.text(), stage.log());
    assert_eq!(response.upstream_saw("x-auth-subject"), ["alice"]);
    assert_eq!(stage.send(&Request::get("/orders")).status, 401);
    assert_eq!(stage.metric("claimgate.issuer.workforce.keys.fetches.outcome.changed"), 1);
}
