use super::*;
use crate::testing::{ISSUER, NOW, SECRET, Token, Value as Json, Worker, json, signed, with, with_issuer};
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The reason why an issuer that is configured so refuses a token with this claim; `None` where it is admitted.
fn reason(issuer: Json, token: Token) -> Option<Reason> {
    Worker::new(&with_issuer(issuer)).judge(&token).reason()
}

fn with_claim(name: &str, value: impl Into<Json>) -> Option<Reason> {
    reason(json!({}), Token::new(SECRET).claim(name, value))
}

/// The verdict on a payload of which only these members are given, as text.
fn with_text(members: &str) -> Option<Reason> {
    let payload = format!("{{\"iss\":\"{ISSUER}\",\"sub\":\"alice\",\"aud\":\"api\",{members}}}");
    let text = signed(SECRET, r#"{"alg":"HS256","kid":"hs256(1)"}"#, &payload);
    Worker::new(&with(json!({}))).decide(&crate::testing::Call::get("/").bearer(&text)).reason()
}

#[test]
fn a_token_expires_when_the_skew_after_exp_is_over() {
    for (ago, wanted) in [(0, None), (59, None), (60, Some(Reason::TokenExpired)), (61, Some(Reason::TokenExpired))] {
        let token = Token::new(SECRET).claim("iat", NOW - 600).claim("exp", NOW - ago);
        assert_eq!(reason(json!({}), token), wanted, "expired {ago} s ago");
    }
    let mut worker = Worker::new(&with(json!({"clock_skew": "0s"})));
    let just = |exp: f64| Token::new(SECRET).claim("exp", exp);
    assert_eq!(worker.judge(&just(NOW as f64)).reason(), Some(Reason::TokenExpired));
    assert_eq!(worker.judge(&just(NOW as f64 + 0.001)).reason(), None);
    assert_eq!(worker.judge(&just(NOW as f64 - 0.001)).reason(), Some(Reason::TokenExpired));
}

#[test]
fn a_token_is_good_from_nbf_and_iat_on_less_the_skew() {
    for (claim, wanted) in [("nbf", Reason::TokenNotYetValid), ("iat", Reason::TokenFromFuture)] {
        for (ahead, refused) in [(-1, false), (0, false), (60, false), (61, true), (3600, true)] {
            let token = Token::new(SECRET).claim("exp", NOW + 7200).claim(claim, NOW + ahead);
            assert_eq!(reason(json!({}), token), refused.then_some(wanted), "{claim} is {ahead} s ahead");
        }
    }
}

#[test]
fn a_date_is_a_number_and_what_is_no_number_is_not_absent() {
    for name in ["exp", "nbf", "iat"] {
        for value in [json!(null), json!("1900000000"), json!(true), json!([]), json!({})] {
            assert_eq!(with_claim(name, value.clone()), Some(Reason::ClaimMalformed), "{name} {value}");
        }
    }
    for (exp, wanted) in [
        ("0", Some(Reason::TokenExpired)),
        ("-1", Some(Reason::TokenExpired)),
        ("-0", Some(Reason::TokenExpired)),
        ("0.0", Some(Reason::TokenExpired)),
        ("-1e400", Some(Reason::TokenExpired)),
        ("1.8e9", None),
        ("1.9e9", None),
        ("1799999941.9", None),
        ("1799999940.0009", Some(Reason::TokenExpired)),
        ("1799999940.001", None),
        ("1e400", None),
        ("1e308", None),
        ("9007199254740993", None),
        ("9223372036854775808", None),
        ("18446744073709551615", None),
        ("99999999999999999999999999999", None),
    ] {
        assert_eq!(with_text(&format!("\"exp\":{exp}")), wanted, "{exp}");
    }
    assert_eq!(with_text("\"exp\":NaN"), Some(Reason::ClaimsMalformed));
    assert_eq!(with_text("\"exp\":1900000000,\"nbf\":-1e400"), None);
    assert_eq!(with_text("\"exp\":1e400,\"nbf\":1e400"), Some(Reason::TokenNotYetValid));
}

#[test]
fn dates_that_contradict_each_other_are_refused() {
    for claim in ["nbf", "iat"] {
        let token = |start| Token::new(SECRET).claim("exp", NOW + 10).claim(claim, start);
        assert_eq!(reason(json!({}), token(NOW + 10)), None);
        assert_eq!(reason(json!({}), token(NOW + 11)), Some(Reason::TokenContradictory), "{claim}");
    }
}

#[test]
fn a_token_grows_too_old_when_its_issuer_says_so() {
    let aged = |age: i64| {
        reason(json!({"max_token_age": "10m"}), Token::new(SECRET).claim("iat", NOW - age).claim("exp", NOW + 9999))
    };
    assert_eq!((aged(0), aged(600), aged(660), aged(661)), (None, None, None, Some(Reason::TokenTooOld)));
    let undated = Token::new(SECRET).without("iat");
    assert_eq!(reason(json!({"max_token_age": "10m"}), undated.clone()), Some(Reason::ClaimMissing));
    assert_eq!(reason(json!({}), undated), None);
}

#[test]
fn a_token_that_lives_too_long_is_refused_whatever_the_time() {
    let lived =
        |exp: i64| reason(json!({"max_lifetime": "1h"}), Token::new(SECRET).claim("iat", NOW).claim("exp", NOW + exp));
    assert_eq!((lived(3600), lived(3601)), (None, Some(Reason::LifetimeTooLong)));
    assert_eq!(reason(json!({"max_lifetime": "1h"}), Token::new(SECRET).without("iat")), Some(Reason::ClaimMissing));
    let endless = json!({"max_lifetime": "1h", "required_claims": []});
    assert_eq!(reason(endless, Token::new(SECRET).without("exp")), Some(Reason::ClaimMissing));
}

#[test]
fn exp_is_required_until_the_configuration_asks_for_something_else() {
    let endless = Token::new(SECRET).without("exp");
    assert_eq!(reason(json!({}), endless.clone()), Some(Reason::ClaimMissing));
    assert_eq!(reason(json!({"required_claims": ["sub"]}), endless), None);
    let required = json!({"required_claims": ["exp", "jti", "$.org.id"]});
    let token = Token::new(SECRET).claim("jti", "x");
    assert_eq!(reason(required.clone(), token.clone()), Some(Reason::ClaimMissing));
    let of = |org: Json| reason(required.clone(), token.clone().claim("org", org));
    assert_eq!(
        (of(json!({"id": null})), of(json!({"id": ""})), of(json!({"id": 0}))),
        (Some(Reason::ClaimMissing), None, None)
    );
}

#[test]
fn a_type_that_is_not_listed_is_refused() {
    let typed = |typ: Json, issuer: Json| reason(issuer, Token::new(SECRET).header("typ", typ));
    for typ in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "APPLICATION/JWT"] {
        assert_eq!(typed(json!(typ), json!({})), None, "{typ}");
    }
    for typ in
        ["dpop+jwt", "logout+jwt", "secevent+jwt", "oauth-id-jag+jwt", "txntoken+jwt", "JOSE", "", "at jwt", "text/jwt"]
    {
        assert_eq!(typed(json!(typ), json!({})), Some(Reason::TypeNotAllowed), "{typ}");
    }
    let absent = Token::new(SECRET).without_header("typ");
    assert_eq!(reason(json!({}), absent.clone()), None);
    assert_eq!(reason(json!({"types": ["at+jwt"]}), absent), Some(Reason::TypeNotAllowed));
    assert_eq!(typed(json!("jwt"), json!({"types": ["application/at+JWT"]})), Some(Reason::TypeNotAllowed));
    assert_eq!(typed(json!("txntoken+jwt"), json!({"types": ["TxnToken+jwt"]})), None);
}

#[test]
fn the_audience_is_a_string_or_a_list_of_strings_with_one_of_ours() {
    let crowd: Vec<String> = (0..100).map(|number| format!("other-{number}")).chain(["api".into()]).collect();
    for aud in [json!("api"), json!(["api"]), json!(["x", "api"]), json!(crowd)] {
        assert_eq!(with_claim("aud", aud.clone()), None, "{aud}");
    }
    for aud in ["API", "api/", " api", "api ", "ap", "apis", "", "https://api"]
        .map(Json::from)
        .into_iter()
        .chain([json!([]), json!([""])])
    {
        assert_eq!(with_claim("aud", aud.clone()), Some(Reason::AudienceMismatch), "{aud}");
    }
    for aud in [
        json!(null),
        json!(1),
        json!({"api": 1}),
        json!(true),
        json!(["api", 1]),
        json!([null, "api"]),
        json!([["api"]]),
    ] {
        assert_eq!(with_claim("aud", aud.clone()), Some(Reason::ClaimMalformed), "{aud}");
        // Also where it does not matter whom the token is meant for.
        assert_eq!(
            reason(json!({"audiences": "any"}), Token::new(SECRET).claim("aud", aud)),
            Some(Reason::ClaimMalformed)
        );
    }
    let absent = Token::new(SECRET).without("aud");
    assert_eq!(reason(json!({}), absent.clone()), Some(Reason::AudienceMismatch));
    assert_eq!(reason(json!({"audiences": "any"}), absent), None);
    assert_eq!(reason(json!({"audiences": "any"}), Token::new(SECRET).claim("aud", "someone else")), None);
}

#[test]
fn a_routes_audiences_replace_the_issuers() {
    let mut worker = Worker::new(&with(json!({"default_route": {"audiences": ["admin"]}})));
    assert_eq!(worker.judge(&Token::new(SECRET)).reason(), Some(Reason::AudienceMismatch));
    assert_eq!(worker.judge(&Token::new(SECRET).claim("aud", "admin")).reason(), None);
    assert_eq!(
        worker.judge(&Token::new(SECRET).claim("aud", json!(["admin", 1]))).reason(),
        Some(Reason::ClaimMalformed)
    );
}

#[test]
fn a_list_of_clients_binds_tokens_where_no_audience_does() {
    let issuer = || json!({"audiences": null, "clients": ["web", "cli"]});
    let token = || Token::new(SECRET).without("aud");
    for claim in ["client_id", "azp", "appid", "cid"] {
        assert_eq!(reason(issuer(), token().claim(claim, "cli")), None, "{claim}");
    }
    assert_eq!(reason(issuer(), token()), Some(Reason::ClientNotAllowed));
    assert_eq!(
        reason(issuer(), token().claim("client_id", "other").claim("azp", "web")),
        Some(Reason::ClientNotAllowed)
    );
    assert_eq!(reason(issuer(), token().claim("client_id", "WEB")), Some(Reason::ClientNotAllowed));
    for shape in [json!(["web"]), json!({"web": 1}), json!(7), json!(true)] {
        let wrong = token().claim("client_id", shape).claim("azp", "web");
        assert_eq!(reason(issuer(), wrong), Some(Reason::ClaimMalformed));
    }
    for blank in [json!(null), json!("")] {
        let next = |azp: &str| reason(issuer(), token().claim("client_id", blank.clone()).claim("azp", azp));
        assert_eq!(
            (next("web"), next("other"), next("")),
            (None, Some(Reason::ClientNotAllowed), Some(Reason::ClientNotAllowed))
        );
    }
    let both = json!({"clients": ["web"]});
    assert_eq!(reason(both, token().claim("client_id", "web")), Some(Reason::AudienceMismatch));
}

#[test]
fn another_claim_may_bind_tokens_to_the_resource() {
    let issuer =
        || json!({"audiences": null, "resource_claim": {"claim": "resource", "any_of": ["https://api.example"]}});
    for resource in
        [json!("https://api.example"), json!(["x", "https://api.example"]), json!([1, "https://api.example"])]
    {
        assert_eq!(reason(issuer(), Token::new(SECRET).claim("resource", resource.clone())), None, "{resource}");
    }
    for resource in
        [json!("https://api.example/"), json!(null), json!([]), json!(["x"]), json!({"a": "https://api.example"})]
    {
        let token = Token::new(SECRET).claim("resource", resource.clone());
        assert_eq!(reason(issuer(), token), Some(Reason::ResourceMismatch), "{resource}");
    }
    assert_eq!(reason(issuer(), Token::new(SECRET)), Some(Reason::ResourceMismatch));
}

#[test]
fn the_tenant_in_the_issuers_name_is_the_tokens_tenant() {
    const GUID: &str = "8f4fc3a1-6b7e-4b1f-9c53-2d3a4b5c6d7e";
    const OTHER: &str = "00000000-6b7e-4b1f-9c53-2d3a4b5c6d7e";
    let issuer = || json!({"issuer": "https://login.example/{tenantid}/v2.0", "aliases": [ISSUER]});
    let token = |tenant: &str| Token::new(SECRET).claim("iss", format!("https://login.example/{tenant}/v2.0"));
    assert_eq!(reason(issuer(), token(GUID).claim("tid", GUID)), None);
    assert_eq!(reason(issuer(), token(GUID).claim("tid", OTHER)), Some(Reason::TenantMismatch));
    assert_eq!(reason(issuer(), token(GUID).claim("tid", json!([GUID]))), Some(Reason::TenantMismatch));
    assert_eq!(reason(issuer(), token(GUID)), Some(Reason::TenantMismatch));
    for tenant in ["common", "{tenantid}", ""] {
        assert_eq!(reason(issuer(), token(tenant).claim("tid", tenant)), Some(Reason::IssuerUnknown), "{tenant}");
    }
    // A name without a place for a tenant has none to compare.
    assert_eq!(reason(issuer(), Token::new(SECRET)), None);
}

#[test]
fn a_token_that_is_bound_to_a_key_is_no_bearer_token() {
    for cnf in [json!({"jkt": "x"}), json!({"x5t#S256": "x"}), json!({})] {
        assert_eq!(with_claim("cnf", cnf.clone()), Some(Reason::BindingNotProven), "{cnf}");
    }
    for cnf in [json!(null), json!("jkt"), json!([]), json!(true), json!(0)] {
        assert_eq!(with_claim("cnf", cnf.clone()), Some(Reason::ClaimMalformed), "{cnf}");
    }
}

#[test]
fn the_issuers_rules_all_hold() {
    let issuer = || json!({"require": [{"claim": "token_use", "equals": "access"}, {"claim": "level", "gte": 2}]});
    let token = || Token::new(SECRET).claim("token_use", "access").claim("level", 2);
    assert_eq!(reason(issuer(), token()), None);
    assert_eq!(reason(issuer(), token().claim("level", "2")), Some(Reason::ClaimRuleFailed));
    assert_eq!(reason(issuer(), token().without("token_use")), Some(Reason::ClaimRuleFailed));
}

proptest! {
    #[test]
    fn no_dates_make_a_check_panic_and_none_admits_an_expired_token(
        dates in prop::array::uniform3(prop::option::of("-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,4})?(e[+-]?[0-9]{1,3})?")),
    ) {
        let named = ["exp", "nbf", "iat"].iter().zip(&dates).filter_map(|(name, date)| Some(format!("\"{name}\":{}", date.as_ref()?)));
        let members: Vec<String> = named.collect();
        let verdict = with_text(&[vec!["\"x\":1".to_owned()], members].concat().join(","));
        let seconds = |date: &Option<String>| date.as_ref().map(|date| date.parse::<f64>().unwrap());
        let (now, exp) = (NOW as f64, seconds(&dates[0]));
        if verdict.is_none() {
            prop_assert!(exp.is_some_and(|exp| exp > now - 61.0));
            prop_assert!(seconds(&dates[1]).is_none_or(|nbf| nbf < now + 61.0));
            prop_assert!(seconds(&dates[2]).is_none_or(|iat| iat < now + 61.0));
        }
    }
}
