use super::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn request<'r>(headers: &'r [(&'r [u8], &'r [u8])]) -> Option<Request<'r>> {
    Request::from_headers(headers, None)
}

#[test]
fn pseudo_headers_are_read_out_of_the_map() {
    let headers: [(&[u8], &[u8]); 4] =
        [(b":method", b"GET"), (b":path", b"/a?b"), (b":authority", b"h:1"), (b"x", b"y")];
    let request = request(&headers).unwrap();
    let authority = Authority::parse("h:1");
    assert_eq!((request.method, request.target, request.authority, request.policy), ("GET", "/a?b", authority, None));
    assert_eq!(request.path.raw(), "/a");
    assert_eq!(request.headers.len(), 4);
}

#[test]
fn a_map_without_one_method_is_no_request() {
    assert!(request(&[]).is_none());
    assert!(request(&[(b":path", b"/")]).is_none());
    assert!(request(&[(b":method", b"GET"), (b":method", b"GET")]).is_none());
}

#[test]
fn generic_host_is_asked_for_what_was_sent() {
    fn as_sent<'r>(headers: &'r [(&'r [u8], &'r [u8])], target: Option<&'r [u8]>) -> (&'r str, Authority<'r>) {
        let request = request(headers).unwrap().as_sent(target);
        (request.target, request.authority)
    }
    let headers: [(&[u8], &[u8]); 5] = [
        (b":method", b"GET"),
        (b":path", b"/public"),
        (b":authority", b"localhost:80"),
        (b"Host", b"admin.example"),
        (b"host", b"other.example"),
    ];
    let host = Authority::parse("admin.example");
    let (without, one) = (&headers[..3], &headers[..4]);
    assert_eq!(as_sent(one, Some(b"/admin/../public?q")), ("/admin/../public?q", host));
    assert_eq!(as_sent(one, None), ("/public", host));
    assert_eq!(as_sent(one, Some(b"\xff")), ("\u{fffd}", host));
    assert_eq!(as_sent(without, None), ("/public", Authority::parse("localhost:80")));
    assert_eq!(as_sent(&headers, None), ("/public", Authority::Ambiguous));
}

#[test]
fn path_that_is_absent_or_doubled_is_empty() {
    let bare = request(&[(b":method", b"GET")]).map(|request| (request.target, request.authority));
    assert_eq!(bare, Some(("", Authority::Absent)));
    let doubled: [(&[u8], &[u8]); 3] = [(b":method", b"GET"), (b":path", b"/public"), (b":path", b"/admin")];
    assert_eq!(request(&doubled).unwrap().target, "");
}

#[test]
fn authority_that_is_doubled_is_ambiguous() {
    let doubled: [(&[u8], &[u8]); 3] = [(b":method", b"GET"), (b":authority", b"a"), (b":authority", b"a")];
    assert_eq!(request(&doubled).unwrap().authority, Authority::Ambiguous);
}

#[test]
fn path_or_authority_that_is_not_utf8_is_ambiguous() {
    let headers: [(&[u8], &[u8]); 3] = [(b":method", b"\xff"), (b":path", b"/public\xff"), (b":authority", b"\xff")];
    let request = request(&headers).unwrap();
    assert!(request.path.is_ambiguous());
    assert_eq!((request.method, request.authority), ("\u{fffd}", Authority::Ambiguous));
}

#[test]
fn a_grpc_request_is_known_by_its_content_type() {
    let speaks =
        |value: &str| request(&[(b":method", b"POST"), (b"Content-Type", value.as_bytes())]).unwrap().is_grpc();
    for value in ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"] {
        assert!(speaks(value), "{value}");
    }
    for value in ["application/json", "application/grpc-web", "application/grpcx", "", "text/application/grpc"] {
        assert!(!speaks(value), "{value}");
    }
    assert!(!request(&[(b":method", b"POST")]).unwrap().is_grpc());
}

#[test]
fn preflight_headers_are_names_and_commas() {
    let asked = |value: &[u8]| {
        let headers: [(&[u8], &[u8]); 2] = [(b":method", b"OPTIONS"), (b"Access-Control-Request-Headers", value)];
        request(&headers).unwrap().preflight_headers().map(str::to_owned)
    };
    for names in ["mcp-protocol-version", "authorization, content-type,x-a", "", &"a".repeat(512)] {
        assert_eq!(asked(names.as_bytes()).as_deref(), Some(names));
    }
    for other in [&b"a\r\nx: y"[..], b"a\0", b"a;b", b"\"a\"", b"\xff", &[b'a'; 513]] {
        assert_eq!(asked(other), None, "{other:?}");
    }
    assert_eq!(request(&[(b":method", b"OPTIONS")]).unwrap().preflight_headers(), None);
}
