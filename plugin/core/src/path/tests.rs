use super::*;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn one_spelling_a_resource_or_it_is_ambiguous() {
    for path in [
        "/",
        "/public",
        "/public/",
        "/a/b.c/..d",
        "/a.",
        "/a../b",
        "/a%20b",
        "/caf%C3%A9",
        "/a:b@c,d",
        "/...",
        "/a%2Cb",
    ] {
        assert!(!is_ambiguous(path), "{path}");
    }
    for path in [
        "",
        "*",
        "http://h/public",
        "public",
        "//public",
        "/public//x",
        "/./public",
        "/public/../admin",
        "/public/..",
        "/public/%2e%2e/admin",
        "/public/..%2fadmin",
        "/public\\..\\admin",
        "/public%5c..",
        "/public;x/../admin",
        "/public;x",
        "/public%3bx",
        "/public%00",
        "/%70ublic",
        "/%2570ublic",
        "/public%",
        "/public%zz",
        "/caf\u{e9}",
        "/a b",
        "/a\u{1}",
    ] {
        assert!(is_ambiguous(path), "{path}");
    }
}

#[test]
fn one_look_is_enough_for_nearly_every_path() {
    for path in ["/", "/api/v1/users.json", "/public/", "/a.b/c..", "/things:delete", "/~ann/@me"] {
        assert!(is_plain(path), "{path}");
    }
    for path in ["", "api", "//api", "/.well-known", "/a/../b", "/a%20b", "/a;b", "/caf\u{e9}"] {
        assert!(!is_plain(path), "{path}");
    }
}

fn readings_of(target: &str) -> Vec<String> {
    RequestPath::parse(target).readings().unwrap().to_vec()
}

#[test]
fn path_is_read_as_servers_read_it() {
    for (path, reading) in [
        ("/public/../admin", "/admin"),
        ("/public/%2e%2e/admin", "/admin"),
        ("/public\\..\\admin", "/admin"),
        ("\\admin", "/admin"),
        ("/public;x/../admin", "/admin"),
        ("/x/..;/admin", "/admin"),
        ("//admin", "/admin"),
        ("/%61dmin;v=1/x", "/admin/x"),
        ("/../../admin/.", "/admin/"),
        ("/../../admin/.", "/admin"),
        ("//admin/", "/admin/"),
        ("/public/..", "/"),
        ("*", "/*"),
        ("", "/"),
        ("/things%3Adelete", "/things:delete"),
        ("/caf%c3%a9", "/caf%C3%A9"),
        ("/caf\u{e9}", "/caf%C3%A9"),
        ("//a%20{b}", "/a%20%7Bb%7D"),
        ("/what%3f", "/what%3F"),
        ("/%ff", "/%FF"),
        // Decoded twice.
        ("/%2561dmin", "/admin"),
        ("/x/%252e%252e/admin", "/admin"),
        ("/x%252f..%252fadmin", "/admin"),
        ("/%25252561dmin", "/admin"),
        // Decoded and not resolved, or resolved and not decoded.
        ("/%61dmin/users/%2e%2e/%2e%2e/y", "/admin/users/../../y"),
        ("/a/../admin/%2e%2e/b", "/admin/../b"),
        ("/admin;%2fopen", "/admin"),
        ("/admin//../x", "/admin/x"),
        // Delimiters that are decoded too early.
        ("/admin%3fx", "/admin"),
        ("/admin%23x", "/admin"),
        ("/public/..%3fx", "/"),
        ("/public#/../admin", "/admin"),
        // Overlong UTF-8, characters that look like delimiters, and IIS's escapes.
        ("/public/%c0%ae%c0%ae/admin", "/admin"),
        ("/public%c0%afadmin", "/public/admin"),
        ("/public/%e0%80%ae./admin", "/admin"),
        ("/public/%f0%80%80%ae./admin", "/admin"),
        ("/%c1%a1dmin", "/admin"),
        ("/x%ef%bc%8f..%ef%bc%8fadmin", "/admin"),
        ("/%u0061dmin", "/admin"),
        ("/x/%u002e%u002e/admin", "/admin"),
        ("/x%u2215..%u2215admin", "/admin"),
        // Blanks around a segment.
        ("/admin%20", "/admin"),
        ("/public/..%20/admin", "/admin"),
        // A host in the target.
        ("http://h/admin", "/admin"),
        ("//h/admin", "/admin"),
        ("/\\h/admin", "/admin"),
    ] {
        assert!(readings_of(path).iter().any(|own| own == reading), "{path}: {:?}", readings_of(path));
    }
    assert_eq!(of_target("/a?b#c"), "/a");
    assert_eq!(of_target("/a#b?c"), "/a");
    assert_eq!(readings_of("/a/b?c#/../d"), Vec::<String>::new());
}

#[test]
fn escape_that_servers_decode_differently_is_ambiguous() {
    for path in [
        "/public/%c0%ae%c0%ae/admin",
        "/public/%e0%80%ae",
        "/public/%ef%bc%8f",
        "/public/%ef%bc%8e%ef%bc%8e",
        "/public/%cd%be",
        "/public/%ff",
        "/public/%ed%a0%80",
        "/public/..%20/admin",
        "/admin%20",
        "/%20admin",
        "/%u0061dmin",
    ] {
        assert!(is_ambiguous(path), "{path}");
    }
    for path in ["/%EF%BC%88%EF%BC%89", "/%F0%9F%98%80", "/a%3Fb", "/c%23/x", "/%E2%80%A6"] {
        assert!(!is_ambiguous(path), "{path}");
    }
}

#[test]
fn path_with_too_many_readings_may_be_any() {
    let deep = format!("/%{}61dmin", "25".repeat(30));
    let long = format!("/{}", "{".repeat(LONGEST));
    let wide = "/%25252525/..;x/a%3f%252e\\b//%c0%ae/%20;%u0061/%2e;%2f..%20/..%23//x/%252f/;/..%5c";
    for path in [deep.as_str(), &long, wide] {
        let path = RequestPath::parse(path);
        assert!(path.is_ambiguous() && path.readings().is_none());
    }
    let plain = format!("/{}", "a".repeat(LONGEST));
    let plain = RequestPath::parse(&plain);
    assert!(plain.is_ambiguous() && plain.readings() == Some(&[]), "there is nothing to normalise");
    let fits = format!("/{}", "a".repeat(LONGEST - 1));
    assert!(!RequestPath::parse(&fits).is_ambiguous());
}

#[test]
fn what_stands_plain_is_what_rfc_3986_lets_stand_in_a_path_but_the_semicolon() {
    for byte in 0..=u8::MAX {
        let plain = byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,=:@".contains(&byte);
        assert_eq!(stands_plain(byte), plain, "{byte}");
    }
}

proptest! {
    #[test]
    fn a_plain_path_is_not_ambiguous_and_its_own_normal_form(path in "/?[a-b./%2eE;:@{]{0,8}") {
        if is_plain(&path) {
            prop_assert!(!is_ambiguous(&path));
            prop_assert_eq!(canonical(&path), path.as_str());
        }
    }

    #[test]
    fn a_normal_form_is_its_own_normal_form(path in "/[a-b./%23456eEfF:;{ ]{0,12}") {
        let normal = canonical(&path).into_owned();
        if !is_ambiguous(&normal) {
            prop_assert_eq!(canonical(&normal), normal.as_str());
        }
    }
}
