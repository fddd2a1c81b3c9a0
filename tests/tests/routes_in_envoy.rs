//! Rules that Envoy's routes choose: Envoy picks a route again after the filter's changes and does not show it. Here, too, what
//! happens where Envoy does not let the filter ask, and what an upgraded request tells the next hop.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use claimgate_tests::{Host, Request, Response, Stage, Template, WORKFORCE, module};
use serde_json::{Value, json};

/// Two routes to the service, which see to it that the service learns which of them it was. `b` is the first and takes what
/// the condition takes.
fn routes(condition: &str, b: &str, a: &str) -> String {
    let route = |name: &str, condition: &str, policy: &str| {
        format!(
            "              - match: {{ prefix: \"/\"{condition} }}
                route: {{ cluster: service }}
                request_headers_to_add: [{{ header: {{ key: x-served-by, value: {name} }} }}]
                metadata: {{ filter_metadata: {{ claimgate: {{ policy: {policy} }} }} }}\n"
        )
    };
    route("b", condition, b) + &route("a", "", a)
}

fn configuration() -> Value {
    json!({
        "issuers": [{
            "name": "workforce", "issuer": format!("https://{WORKFORCE}"), "audiences": ["orders"],
            "keys": {"jwks_uri": format!("https://{WORKFORCE}/keys"), "cluster": "workforce"},
            "groups": {"unmapped": "keep"},
        }],
        "token_sources": [
            {"header": "authorization", "scheme": "Bearer"}, {"header": "x-api-token"}, {"cookie": "id"}, {"query": "access_token"},
        ],
        "routes": [
            {"name": "open", "access": "public"},
            {"name": "any"},
            {"name": "admins", "groups": {"any": ["admins"]}},
            {"name": "closed", "access": "deny"},
        ],
    })
}

/// `envoy/route-metadata.yaml` with other routes, another configuration, and more changes.
fn stage(routes: &str, configuration: &Value, change: impl FnOnce(Template) -> Template) -> Stage {
    Stage::start_with(Host::Envoy, |scene, _| {
        let template = published(routes, configuration).upstream(scene.upstream.address());
        change(template.provider(WORKFORCE, scene.workforce.address()))
    })
}

fn published(routes: &str, configuration: &Value) -> Template {
    let template = Template::example("route-metadata").expect("the file is there");
    let text = template.yaml().expect("nothing is missing");
    let (head, rest) = text.split_once("              routes:\n").expect("the routes");
    let (_, tail) = rest.split_once("          http_filters:\n").expect("the filters");
    let text = format!("{head}              routes:\n{routes}          http_filters:\n{tail}");
    Template::of_text(text).module(&module()).configuration(&configuration.to_string())
}

fn served_by(response: &Response) -> (u16, String) {
    (response.status, response.upstream_saw("x-served-by").concat())
}

fn carrying(place: &str, token: &str) -> Request {
    match place {
        "authorization" => Request::get("/x").bearer(token),
        "x-api-token" => Request::get("/x").header("x-api-token", token),
        "cookie" => Request::get("/x").header("cookie", format!("a=b; id={token}")),
        "query" => Request::get(&format!("/x?access_token={token}")),
        _ => Request::get("/x"),
    }
}

#[test]
fn forged_header_does_not_choose_the_rule() {
    let condition = ", headers: [{ name: x-auth-groups, string_match: { exact: beta } }]";
    for recompute in [false, true] {
        let mut configuration = configuration();
        configuration["recompute_route"] = recompute.into();
        for (b, a, without, with) in
            [("open", "any", 401, 200), ("any", "admins", 401, 403), ("open", "closed", 403, 403)]
        {
            let stage = stage(&routes(condition, b, a), &configuration, |template| template);
            let token = stage.scene.workforce_token(json!({"groups": ["Engineering"]}));
            let forged = |request: Request| request.header("x-auth-groups", "beta");
            // The first request waits for keys.
            let response = stage.send(&forged(Request::get("/x").bearer(&token)));
            assert_eq!(response.status, 403, "{b}/{a}, cold: {}", response.text());
            let status = stage.send(&forged(Request::get("/x"))).status;
            assert_eq!(status, if b == "open" { 403 } else { 401 }, "{b}/{a}");
            assert_eq!(stage.send(&forged(Request::get("/x").bearer(&token))).status, 403, "{b}/{a}");
            assert_eq!(stage.send(&Request::get("/x")).status, without, "{b}/{a}");
            assert_eq!(stage.send(&Request::get("/x").bearer(&token)).status, with, "{b}/{a}");
            let changed =
                ["claimgate.issuer.workforce.refused.reason.route_changed", "claimgate.refused.reason.route_changed"];
            assert!(changed.iter().any(|name| stage.metric(name) > 0) || a == "closed");
        }
    }
}

#[test]
fn place_of_the_token_does_not_choose_the_rule() {
    for (place, condition) in [
        ("authorization", ", headers: [{ name: authorization, present_match: true }]"),
        ("x-api-token", ", headers: [{ name: x-api-token, present_match: true }]"),
        ("cookie", ", headers: [{ name: cookie, string_match: { contains: \"id=\" } }]"),
        ("query", ", query_parameters: [{ name: access_token, present_match: true }]"),
    ] {
        let stage = stage(&routes(condition, "any", "admins"), &configuration(), |template| template);
        let token = stage.scene.workforce_token(json!({"groups": ["Engineering"]}));
        let admin = stage.scene.workforce_token(json!({"groups": ["admins"]}));
        for other in ["authorization", "x-api-token", "cookie", "query"] {
            for _ in 0..2 {
                let response = stage.send(&carrying(other, &token));
                let expected = if other == place { (200, "b".to_owned()) } else { (403, String::new()) };
                assert_eq!(served_by(&response), expected, "{place} {other}: {}", response.text());
                assert!(!response.text().contains(&token), "{place} {other}: {}", response.text());
            }
            let route = if other == place { "b" } else { "a" };
            assert_eq!(served_by(&stage.send(&carrying(other, &admin))), (200, route.to_owned()), "{place} {other}");
        }
    }
}

#[test]
fn unreadable_rule_name_is_closed() {
    for (restrict, status) in [(false, 200), (true, 403)] {
        let stage = stage(
            &routes(", path: \"/b\"", "any", "any").replace("prefix: \"/\", ", ""),
            &configuration(),
            |template| {
                if restrict { template.replace("proxy_get_property: {}, ", "") } else { template }
            },
        );
        let token = stage.scene.workforce_token(json!({}));
        let response = stage.send(&Request::get("/x").bearer(&token));
        assert_eq!(response.status, status, "{}\n{}", response.text(), stage.log());
        let warned = stage.log().contains("the host does not allow proxy_get_property (status 10)");
        assert_eq!(warned, restrict, "{}", stage.log());
        assert_eq!(stage.log().contains("the host does not allow"), restrict, "{}", stage.log());
    }
}

/// A service that agrees to every upgrade, and the heads of the requests that it got.
fn upgrading_service() -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("an address");
    let (sender, heads) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
                head.push(byte[0]);
            }
            let answer: &[u8] =
                b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";
            if stream.write_all(answer).is_err() || sender.send(String::from_utf8_lossy(&head).into_owned()).is_err() {
                return;
            }
        }
    });
    (at, heads)
}

#[test]
fn upgrade_does_not_tell_the_next_hop_to_drop_identity() {
    let (service, heads) = upgrading_service();
    let mut configuration = configuration();
    configuration["routes"] = json!([{"match": {"path": "/public"}, "access": "public"}]);
    let routes = "              - match: { prefix: \"/\" }\n                route: { cluster: service }\n";
    let stage = Stage::start_with(Host::Envoy, |scene, _| {
        let hcm = "stat_prefix: gate\n          upgrade_configs: [{ upgrade_type: websocket }]\n";
        let template = published(routes, &configuration).replace("stat_prefix: gate\n", hcm);
        template.upstream(service).provider(WORKFORCE, scene.workforce.address())
    });
    let token = stage.scene.workforce_token(json!({}));
    for path in ["/x", "/public", "/x"] {
        let upgrade = Request::get(path).header("Upgrade", "websocket").bearer(&token);
        let upgrade = upgrade.header("Connection", "Upgrade, x-auth-subject, X_Auth_Groups");
        let _switched = upgrade.send(stage.gate.address());
        let head = heads.recv_timeout(Duration::from_secs(20)).expect("a request").to_ascii_lowercase();
        let connection = head.lines().find(|line| line.starts_with("connection:")).expect("an upgrade");
        assert!(connection.contains("upgrade") && !connection.contains("auth"), "{path}: {head}");
        assert_eq!(head.contains("x-auth-subject: alice"), path == "/x", "{head}");
    }
}
