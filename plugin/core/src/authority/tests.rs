use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn authority_is_parsed_to_its_host() {
    for (text, name) in [
        ("example.com", "example.com"),
        ("Example.com:8443", "Example.com"),
        ("example.com.", "example.com"),
        ("example.com.:80", "example.com"),
        ("a_b-c.test", "a_b-c.test"),
        ("localhost:99999999", "localhost"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("xn--bcher-kva.test", "xn--bcher-kva.test"),
        ("0x.test", "0x.test"),
        ("1.test", "1.test"),
    ] {
        assert_eq!(Authority::parse(text), Authority::Host(Host::Name(name)), "{text}");
    }
    for text in ["[::1]", "[::1]:80", "[0:0::1]", "[::0.0.0.1]"] {
        assert_eq!(Authority::parse(text), Authority::Host(Host::Address(Ipv6Addr::LOCALHOST)), "{text}");
    }
    assert_eq!(Authority::parse(""), Authority::Absent);
}

#[test]
fn authority_that_servers_read_differently_is_ambiguous() {
    for text in [
        "admin.test:",
        "[::1]:",
        "admin.test:x",
        "admin.test:80x",
        "admin.test:+443",
        "admin.test:-1",
        "admin.test:80:80",
        "admin.test::80",
        "admin.test: 80",
        "admin.test:0x50",
        "admin.test..",
        "admin.test..:80",
        ".admin.test",
        "admin..test",
        ".",
        ":80",
        "x@admin.test",
        "@admin.test",
        "admin.test@x",
        "x:y@admin.test:80",
        "admin%2etest",
        "%61dmin.test",
        "admin.test%00",
        "admin.test,x",
        "admin.test, admin.test",
        "admin.test ",
        " admin.test",
        "admin.test\t",
        "admin.test\0",
        "admin.test\u{7f}",
        "admin.test/",
        "admin.test?x",
        "admin.test#x",
        "admin.test\\x",
        "http://admin.test",
        "admin.test;x",
        "\u{ff41}dmin.test",
        "admin\u{3002}test",
        "admin\u{ad}.test",
        "[::1",
        "::1",
        "[::1]x",
        "[::1]:x",
        "[::1].",
        "[]",
        "[admin.test]",
        "[fe80::1%25eth0]",
        "[::1%eth0]",
        "[v1.x]",
        "127.1",
        "0x7f.0.0.1",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.01",
        "1.2.3.4.5",
        "127.0.0.0x1",
        "xn--admin-.test",
        "XN--.test",
        "*.test",
        "a*b",
        "admin.test=",
    ] {
        assert_eq!(Authority::parse(text), Authority::Ambiguous, "{text}");
    }
}

#[test]
fn host_pattern_without_a_possible_match_is_refused() {
    for text in [
        "",
        "*.",
        "*",
        "*.a.*",
        "a:80",
        "svc.test.",
        "svc.test ",
        "a/b",
        "[::1",
        "[::1]:80",
        "*.[::1]",
        "a..b",
        "\u{e4}",
        "127.1",
    ] {
        assert!(HostPattern::parse(text).is_err(), "{text}");
    }
    for text in ["a", "A.test", "*.a_b.test", "[::1]", "127.0.0.1"] {
        assert_eq!(HostPattern::parse(text).unwrap().to_string(), text);
    }
}
