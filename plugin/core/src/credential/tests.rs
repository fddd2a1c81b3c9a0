use super::*;
use crate::testing::Call;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn header(name: &str, scheme: Option<&str>) -> TokenSource {
    TokenSource::Header(name.to_owned(), scheme.map(str::to_owned))
}

fn bearer() -> TokenSource {
    header("authorization", Some("Bearer"))
}

/// The token found in these sources, and the removal.
fn taken(call: &Call, sources: &[TokenSource]) -> Result<Option<(String, Removal)>, Reason> {
    call.with(|request| {
        let credential = Credential::take(request, sources)?;
        credential.as_ref().map_or(Ok(()), Credential::single)?;
        let text = |credential: &Credential<'_>| String::from_utf8_lossy(&credential.token).into_owned();
        Ok(credential.map(|credential| (text(&credential), credential.removal(request, false))))
    })
}

/// How to take the token out so that its place stays.
fn emptied(call: &Call, source: TokenSource) -> Removal {
    let sources = [source];
    call.with(|request| Credential::take(request, &sources).unwrap().unwrap().removal(request, true))
}

fn token(call: &Call, sources: &[TokenSource]) -> Result<Option<String>, Reason> {
    taken(call, sources).map(|taken| taken.map(|(token, _)| token))
}

#[test]
fn a_bearer_token_follows_its_scheme_and_spaces() {
    let with = |value: &[u8]| token(&Call::get("/").header("Authorization", value), &[bearer()]);
    for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER a.b.c", "BeArEr   a.b.c"] {
        assert_eq!(with(value.as_bytes()), Ok(Some("a.b.c".into())), "{value}");
    }
    for value in ["Bearer", "Bearer ", "Bearer\ta.b.c", "Bearer \ta.b.c", "Bearer    "] {
        assert_eq!(with(value.as_bytes()), Err(Reason::CredentialMalformed), "{value}");
    }
    for value in ["", "Basic dTpw", "Digest a=\"b\",c=d", "Bearers a.b.c", "Bearera.b.c", "Bear", "DPoP a.b.c", "a.b.c"]
    {
        assert_eq!(with(value.as_bytes()), Ok(None), "{value}");
    }
    // What is no UTF-8 is a token like any other, for the parser to refuse.
    assert!(with(b"Bearer \xff\xfe").is_ok_and(|token| token.is_some()));
    assert_eq!(token(&Call::get("/").header("proxy-authorization", "Bearer a"), &[bearer()]), Ok(None));
}

#[test]
fn two_tokens_are_one_too_many_wherever_they_are() {
    let sources =
        [bearer(), header("x-api-token", None), TokenSource::Cookie("id".into()), TokenSource::Query("t".into())];
    let one = || Call::get("/").bearer("a");
    for call in [
        one().bearer("a"),
        one().bearer("b"),
        one().header("AUTHORIZATION", "Basic dTpw"),
        Call::get("/").header("authorization", "Basic dTpw").bearer("a"),
        Call::get("/").header("authorization", "Basic dTpw, Bearer a"),
        Call::get("/").header("authorization", "Basic dTpw,bearer a"),
        Call::get("/").bearer("a, Bearer b"),
        Call::get("/").bearer("a,b"),
        one().header("x-api-token", "a"),
        one().header("cookie", "id=a"),
        Call::get("/?t=a").bearer("a"),
        Call::get("/?t=a&t=a"),
        Call::get("/?t=a&%74=b"),
        Call::get("/").header("cookie", "id=a; id=b"),
        Call::get("/").header("cookie", "id=a").header("cookie", "id=a"),
        Call::get("/").header("x-api-token", "a").header("X-API-Token", "b"),
        Call::get("/").header("x-api-token", "a,b"),
    ] {
        assert_eq!(token(&call, &sources), Err(Reason::CredentialsConflict), "{:?}", call.headers);
    }
    assert_eq!(token(&Call::get("/"), &sources), Ok(None));
}

#[test]
fn only_the_configured_places_are_looked_at() {
    let everywhere = Call::get("/?access_token=q#access_token=f").bearer("h").header("cookie", "id=c");
    assert_eq!(token(&everywhere, &[bearer()]), Ok(Some("h".into())));
    assert_eq!(token(&everywhere, &[TokenSource::Cookie("id".into())]), Ok(Some("c".into())));
    assert_eq!(token(&everywhere, &[TokenSource::Query("access_token".into())]), Ok(Some("q".into())));
    assert_eq!(token(&everywhere, &[header("x-api-token", None)]), Ok(None));
}

#[test]
fn a_raw_header_is_the_token_whole() {
    let with = |value: &str| token(&Call::get("/").header("X-Api-Token", value), &[header("x-api-token", None)]);
    assert_eq!(with("a.b.c"), Ok(Some("a.b.c".into())));
    assert_eq!(with("Bearer a"), Ok(Some("Bearer a".into())));
    assert_eq!(with(""), Err(Reason::CredentialMalformed));
}

#[test]
fn a_cookie_is_found_by_its_whole_name_in_any_cookie_header() {
    let source = [TokenSource::Cookie("jwt".into())];
    let with = |value: &str| token(&Call::get("/").header("cookie", value), &source);
    for value in
        ["jwt=a.b", "x=1; jwt=a.b", "jwt=a.b;x", "  jwt=a.b ;y=2", "xjwt=no; jwt=\"a.b\"; jwtx=no", "JWT=no;jwt=a.b"]
    {
        assert_eq!(with(value), Ok(Some("a.b".into())), "{value}");
    }
    for value in ["", "xjwt=a", "jwtx=a", "JWT=a", "jwt", "x=jwt=a"] {
        assert_eq!(with(value), Ok(None), "{value}");
    }
    for value in ["jwt=", "jwt=\"\"", "x=1;jwt="] {
        assert_eq!(with(value), Err(Reason::CredentialMalformed), "{value}");
    }
    assert_eq!(with("jwt=a=b=="), Ok(Some("a=b==".into())));
    let crumbs = Call::get("/").header("cookie", "a=1").header("Cookie", "jwt=x").header("cookie", "b=2");
    assert_eq!(token(&crumbs, &source), Ok(Some("x".into())));
}

#[test]
fn a_parameter_is_found_in_the_query_and_nowhere_else() {
    let with = |target: &str| token(&Call::get(target), &[TokenSource::Query("access_token".into())]);
    for target in
        ["/?access_token=a.b", "/x?y=1&access_token=a.b&z", "/?&access%5Ftoken=a%2Eb", "/??=1&access_token=a.b#f"]
    {
        assert_eq!(with(target), Ok(Some("a.b".into())), "{target}");
    }
    for target in
        ["/", "/access_token=a", "/;access_token=a", "/#?access_token=a", "/?#access_token=a", "/?Access_Token=a"]
    {
        assert_eq!(with(target), Ok(None), "{target}");
    }
    for target in ["/?access_token", "/?access_token=", "/?x&access_token=#a"] {
        assert_eq!(with(target), Err(Reason::CredentialMalformed), "{target}");
    }
}

#[test]
fn a_header_is_removed_whole() {
    let removal = taken(&Call::get("/").bearer("a"), &[bearer()]).unwrap().unwrap().1;
    assert_eq!(removal, Removal::Header("authorization".into()));
}

#[test]
fn a_cookie_is_removed_and_every_other_stays() {
    let removed = |call: Call| taken(&call, &[TokenSource::Cookie("jwt".into())]).unwrap().unwrap().1;
    let left = |call: Call| match removed(call) {
        Removal::Cookies(left) => left.map(|left| String::from_utf8(left).unwrap()),
        other => panic!("{other:?}"),
    };
    assert_eq!(left(Call::get("/").header("cookie", "jwt=a")), None);
    assert_eq!(left(Call::get("/").header("cookie", "x=1; jwt=a; y=\"2\"")), Some("x=1; y=\"2\"".into()));
    assert_eq!(left(Call::get("/").header("cookie", "x=1;jwt=a").header("cookie", "y=2")), Some("x=1; y=2".into()));
    assert_eq!(left(Call::get("/").header("cookie", "flag; jwt=a; ; xjwt=b; jwt")), Some("flag; xjwt=b; jwt".into()));
}

#[test]
fn a_parameter_is_removed_and_the_rest_of_the_target_stays() {
    let left = |target: &str| match taken(&Call::get(target), &[TokenSource::Query("t".into())]).unwrap().unwrap().1 {
        Removal::Target(left) => left,
        other => panic!("{other:?}"),
    };
    for (target, wanted) in [
        ("/?t=a", "/"),
        ("/x?t=a#f?t=b", "/x#f?t=b"),
        ("/x?a=1&t=a&b=%20", "/x?a=1&b=%20"),
        ("/x?%74=a&b", "/x?b"),
        ("/t=1?t=a&tt=2", "/t=1?tt=2"),
        ("/x?a=b&&t=a&&c=d", "/x?a=b&&&c=d"),
        ("/x?&&t=a", "/x?&"),
        ("/x?t=a&&", "/x?&"),
        ("/x?t=a&", "/x?"),
        ("/x?&t=a&b=/?&c#&t", "/x?&b=/?&c#&t"),
    ] {
        assert_eq!(left(target), wanted, "{target}");
    }
}

#[test]
fn place_of_a_token_stays_where_it_is_kept() {
    let header_value = |name: &str| Removal::HeaderValue(name.to_owned());
    assert_eq!(emptied(&Call::get("/").bearer("a"), bearer()), header_value("authorization"));
    assert_eq!(emptied(&Call::get("/").header("x-token", "a"), header("x-token", None)), header_value("x-token"));
    for (cookie, left) in
        [("jwt=a", "jwt="), ("x=1; jwt=a; y=2", "x=1; jwt=; y=2"), ("jwt=\"a\"; jwtx=b", "jwt=; jwtx=b")]
    {
        let removal = emptied(&Call::get("/").header("cookie", cookie), TokenSource::Cookie("jwt".into()));
        assert_eq!(removal, Removal::Cookies(Some(left.into())), "{cookie}");
    }
    for (target, left) in [("/?t=a", "/?t="), ("/x?a=1&%74=a=b&b#t=c", "/x?a=1&%74=&b#t=c")] {
        let removal = emptied(&Call::get(target), TokenSource::Query("t".into()));
        assert_eq!(removal, Removal::Target(left.into()), "{target}");
    }
}

#[test]
fn target_loses_every_parameter_that_a_source_names() {
    let sources = [TokenSource::Query("t".into()), bearer(), TokenSource::Query("id".into())];
    for (target, left) in [
        ("/x?t=a&b=1&t=c", Some("/x?b=1")),
        ("/x?id=a&%74&&tt=1#t=2", Some("/x?&tt=1#t=2")),
        ("/x?t=", Some("/x")),
        ("/x?b=t&authorization=1", None),
        ("/t?", None),
        ("/t#?t=1", None),
        ("\u{fffd}", Some("/")),
    ] {
        assert_eq!(target_without_tokens(target, &sources, false).as_deref(), left, "{target}");
    }
    assert_eq!(target_without_tokens("\u{fffd}", &[bearer()], false), None);
}

proptest! {
    #[test]
    fn after_its_removal_a_token_is_nowhere_to_be_found(query in "[a-b&=?#%714;t]{0,12}", cookie in "[a-b=; \"t]{0,12}") {
        let sources = [TokenSource::Query("t".into()), TokenSource::Cookie("t".into())];
        let mut call = Call::get(&format!("/?{query}")).header("cookie", &cookie);
        if let Ok(Some((_, removal))) = taken(&call, &sources) {
            match removal {
                Removal::Target(target) => call.target = target,
                Removal::Cookies(left) => call.headers = left.into_iter().map(|left| ("cookie".to_owned(), left)).collect(),
                Removal::Header(name) | Removal::HeaderValue(name) => prop_assert!(false, "{}", name),
            }
            prop_assert_eq!(token(&call, &sources), Ok(None));
        }
    }
}
