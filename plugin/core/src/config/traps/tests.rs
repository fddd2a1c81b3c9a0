use crate::config::Config;
use crate::testing::{Value, json, with};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Where these routes are warned of, and what the warnings say.
fn warnings(routes: Value, default: Value) -> Vec<(String, String)> {
    let json = with(json!({"routes": routes, "default_route": default})).to_string();
    let (_, warnings) = Config::parse(json.as_bytes()).unwrap();
    warnings.into_iter().map(|warning| (warning.path, warning.problem)).collect()
}

fn paths(routes: Value) -> Vec<String> {
    warnings(routes, json!({})).into_iter().map(|(path, _)| path).collect()
}

fn mistake(rule: Value) -> Vec<String> {
    let json = with(json!({"routes": [rule]})).to_string();
    Config::parse(json.as_bytes()).unwrap_err().into_iter().map(|mistake| mistake.path).collect()
}

#[test]
fn method_that_never_matches_is_a_mistake() {
    for method in ["delete", "Get", "pATCH", "GET ", " GET", "GET,POST", "G\u{c9}T", "GET\r"] {
        let rule = json!({"match": {"prefix": "/x", "methods": ["PUT", method]}, "access": "deny"});
        assert_eq!(mistake(rule), ["routes[0].match.methods[1]"], "{method}");
    }
    assert_eq!(
        paths(json!([{"match": {"prefix": "/x", "methods": ["PURGE", "m-search"]}, "access": "deny"}])),
        [""; 0]
    );
}

#[test]
fn host_that_never_matches_is_a_mistake() {
    for host in
        ["svc.test.", "svc.test ", "*", "*.", "a..b", "https://a", "a/b", "127.1", "[::1", "\u{e4}.test", "*.[::1]"]
    {
        let rule = json!({"match": {"hosts": ["good.test", host]}, "access": "deny"});
        assert_eq!(mistake(rule), ["routes[0].match.hosts[1]"], "{host}");
    }
}

#[test]
fn slash_at_the_end_that_weakens_a_rule_is_a_warning() {
    let admins = json!({"any": ["admins"]});
    for place in [
        json!({"prefix": "/admin/"}),
        json!({"path": "/exact"}),
        json!({"path": "/exact/"}),
        json!({"template": "/v1/{id}"}),
    ] {
        let rule = json!({"match": place, "groups": admins});
        assert_eq!(paths(json!([rule])), ["routes[0].match"], "{place}");
        let open = json!({"match": {"prefix": "/"}, "access": "public"});
        assert_eq!(paths(json!([{"match": place}, open])), ["routes[0].match", "routes[1].access"], "{place}");
        assert_eq!(paths(json!([{"match": place}])), [""; 0], "the default asks for a token as well");
        assert_eq!(warnings(json!([rule]), json!({"access": "deny"})), [], "{place}");
        let both = json!({"match": {"template": "/**"}, "groups": admins});
        assert_eq!(paths(json!([rule, both])), [""; 0], "{place}");
    }
    let text = &warnings(json!([{"match": {"template": "/v1/{id}"}, "access": "deny"}]), json!({}))[0].1;
    assert_eq!(text, "\"/v1/{..}\" is not \"/v1/{..}/\", which falls under a weaker rule");
    assert_eq!(paths(json!([{"match": {"prefix": "/static/"}, "access": "public"}])), [""; 0]);
    assert_eq!(paths(json!([{"match": {"template": "/v1/{id}/**"}, "access": "deny"}])), [""; 0]);
}

#[test]
fn get_without_head_is_a_warning() {
    let rule = |methods: Value| json!({"match": {"prefix": "/x", "methods": methods}, "groups": {"any": ["a"]}});
    assert_eq!(paths(json!([rule(json!(["GET"]))])), ["routes[0].match.methods"]);
    assert_eq!(paths(json!([rule(json!(["GET", "HEAD"]))])), [""; 0]);
    assert_eq!(paths(json!([rule(json!(["POST"]))])), [""; 0]);
    assert_eq!(paths(json!([rule(json!(["GET"])), rule(json!(["HEAD"]))])), [""; 0]);
    assert_eq!(paths(json!([{"match": {"prefix": "/x", "methods": ["GET"]}, "access": "public"}])), [""; 0]);
}

#[test]
fn rule_that_an_earlier_one_hides_is_a_warning() {
    let hides = |earlier: Value, later: Value| {
        let routes = json!([{"match": earlier, "access": "deny"}, {"match": later, "access": "deny"}]);
        paths(routes).contains(&"routes[1]".to_owned())
    };
    for (earlier, later) in [
        (json!({}), json!({"path": "/x"})),
        (json!({"prefix": "/a"}), json!({"prefix": "/a/b"})),
        (json!({"prefix": "/a"}), json!({"template": "/a/{x}/**"})),
        (json!({"template": "/a/**"}), json!({"prefix": "/a"})),
        (json!({"template": "/a/{x}"}), json!({"path": "/a/b"})),
        (json!({"template": "/{y}/{x}"}), json!({"template": "/a/{x}"})),
        (json!({"path": "/a"}), json!({"path": "/a", "methods": ["GET"]})),
        (json!({"path": "/a", "hosts": ["A.test", "b.test"]}), json!({"path": "/a", "hosts": ["b.test"]})),
    ] {
        assert!(hides(earlier.clone(), later.clone()), "{earlier} {later}");
    }
    for (earlier, later) in [
        (json!({"prefix": "/a"}), json!({"path": "/ab"})),
        (json!({"prefix": "/a/"}), json!({"prefix": "/a"})),
        (json!({"prefix": "/a/b"}), json!({"template": "/a/{x}"})),
        (json!({"template": "/a/{x}"}), json!({"prefix": "/a/b"})),
        (json!({"path": "/a"}), json!({"prefix": "/a"})),
        (json!({"path": "/a", "methods": ["GET"]}), json!({"path": "/a"})),
        (json!({"path": "/a", "methods": ["GET"]}), json!({"path": "/a", "methods": ["GET", "POST"]})),
        (json!({"path": "/a", "hosts": ["b.test"]}), json!({"path": "/a"})),
        (json!({"path": "/a", "hosts": ["b.test"]}), json!({"path": "/a", "hosts": ["*.b.test"]})),
    ] {
        assert!(!hides(earlier.clone(), later.clone()), "{earlier} {later}");
    }
}

#[test]
fn rule_that_opens_everything_is_a_warning() {
    for place in [json!({}), json!({"prefix": "/"}), json!({"template": "/**"})] {
        for access in ["public", "optional"] {
            assert_eq!(paths(json!([{"match": place, "access": access}])), ["routes[0].access"], "{place}");
        }
        assert_eq!(paths(json!([{"match": place}])), [""; 0]);
    }
    assert_eq!(paths(json!([{"match": {"prefix": "/", "hosts": ["a.test"]}, "access": "public"}])), [""; 0]);
}
