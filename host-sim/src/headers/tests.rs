use super::*;

const ENVOY: MapRules = MapRules::Envoy { first_only: false };

fn text(pairs: Vec<Pair>) -> Vec<(String, String)> {
    pairs.into_iter().map(|(n, v)| (String::from_utf8(n).unwrap(), String::from_utf8(v).unwrap())).collect()
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn envoy_joins_two_authorization_headers_with_a_comma() {
    let map = HeaderMap::new(ENVOY, [("Authorization", "a"), ("authorization", "b")]);
    assert_eq!(text(map.pairs()), [pair("authorization", "a,b")]);
}

#[test]
fn envoy_appends_nothing_for_an_empty_value() {
    for sent in [["a", ""], ["", "a"]] {
        for name in ["authorization", "cookie", "via"] {
            let map = HeaderMap::new(ENVOY, sent.map(|value| (name, value)));
            assert_eq!(text(map.pairs()), [pair(name, "a")], "{sent:?}");
        }
    }
    let apart = HeaderMap::new(ENVOY, [("x-a", "1"), ("x-a", "")]);
    assert_eq!(text(apart.pairs()), [pair("x-a", "1"), pair("x-a", "")]);
}

#[test]
fn envoy_keeps_other_duplicates_apart_and_finds_the_first() {
    let map = HeaderMap::new(ENVOY, [("X-A", "1"), ("x-a", "2")]);
    assert_eq!(text(map.pairs()), [pair("x-a", "1"), pair("x-a", "2")]);
    assert_eq!(map.value(b"X-a"), Some(&b"1"[..]));
}

#[test]
fn envoy_replaces_every_copy_and_older_releases_only_the_first() {
    let sent = [("x-a", "1"), ("x-b", "2"), ("x-a", "3")];
    let mut map = HeaderMap::new(ENVOY, sent);
    map.replace(b"X-A", b"new");
    assert_eq!(text(map.forwarded()), [pair("x-b", "2"), pair("x-a", "new")]);
    let mut old = HeaderMap::new(MapRules::Envoy { first_only: true }, sent);
    old.replace(b"x-a", b"new");
    assert_eq!(text(old.forwarded()), [pair("x-a", "new"), pair("x-b", "2"), pair("x-a", "3")]);
}

#[test]
fn a_map_too_large_to_hand_over_is_handed_over_empty() {
    let many = (0..=MAX_PAIRS).map(|i| (format!("x-{i}"), "v"));
    assert!(HeaderMap::new(ENVOY, many).pairs().is_empty());
    assert!(HeaderMap::new(ENVOY, [("x", "v".repeat(MAX_BYTES))]).pairs().is_empty());
}

#[test]
fn nginx_forwards_what_was_removed() {
    let mut map = HeaderMap::new(MapRules::Nginx, [("X-Auth-Subject", "evil")]);
    map.remove(b"x-auth-subject");
    assert!(map.pairs().is_empty());
    assert_eq!(map.value(b"x-auth-subject"), Some(&b"evil"[..]));
    assert_eq!(text(map.forwarded()), [pair("X-Auth-Subject", "evil")]);
}

#[test]
fn nginx_leaves_the_second_copy_when_the_first_is_set() {
    let mut map = HeaderMap::new(MapRules::Nginx, [("x-a", "1"), ("x-a", "2")]);
    map.replace(b"x-a", b"new");
    assert!(map.pairs().is_empty());
    assert_eq!(text(map.forwarded()), [pair("x-a", "new"), pair("x-a", "2")]);
}

#[test]
fn nginx_shows_a_normalised_path_and_its_own_authority() {
    let map = HeaderMap::new(
        MapRules::Nginx,
        [(":path", "/a//b/../c/%2e%2e/%61dmin%2fx?q=%2f"), (":authority", "api.example.com"), ("x_y", "dropped")],
    );
    let shown =
        [pair(":path", "/a/admin/x?q=%2f"), pair("host", "api.example.com"), pair(":authority", "localhost:80")];
    assert_eq!(text(map.pairs()), shown);
}

#[test]
fn the_wire_format_round_trips_raw_bytes_and_rejects_what_does_not_add_up() {
    let pairs = vec![(b"a".to_vec(), (0x80..=0xff).collect::<Vec<u8>>()), (b"b".to_vec(), Vec::new())];
    let bytes = encode(&pairs);
    assert_eq!(decode(&bytes), pairs);
    assert!(decode(&bytes[..bytes.len() - 3]).is_empty());
    assert!(decode(&[0xff; 12]).is_empty());
    assert!(decode(&[]).is_empty());
}
