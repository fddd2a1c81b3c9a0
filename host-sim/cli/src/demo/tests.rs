use super::cases::identity;
use super::table::{Row, text};
use claimgate_devkit::exchange::Response;

fn echo(headers: &str) -> Response {
    Response { status: 200, headers: Vec::new(), body: format!("{{\"headers\":[{headers}]}}").into_bytes() }
}

#[test]
fn an_identity_is_shown_in_a_fixed_order_without_other_headers() {
    let response = echo(r#"["x-auth-issuer","https://i"],["host","h"],["x-auth-groups","a,b"],["x-auth-subject","u"]"#);
    assert_eq!(identity(&response), "subject=u groups=a,b issuer=https://i");
    assert_eq!(identity(&echo(r#"["host","h"]"#)), "anonymous");
}

#[test]
fn a_spoofed_spelling_that_got_through_is_shown_as_it_is() {
    assert_eq!(identity(&echo(r#"["x_auth_subject","root"]"#)), "x_auth_subject=root");
    assert_eq!(identity(&echo(r#"["x-auth-subject",{"hex":"ff"}]"#)), r#"subject={"hex":"ff"}"#);
}

#[test]
fn the_table_lines_up_and_counts_what_went_wrong() {
    let row = |request: &str, status, reason: &str, as_expected| Row {
        request: request.into(),
        status,
        reason: reason.into(),
        identity: "-".into(),
        as_expected,
    };
    let rows = [row("good", 200, "-", true), row("a longer one", 401, "token_expired", false)];
    assert_eq!(
        text(&rows),
        "request       status  reason         identity the service saw\n\
         good          200     -              -\n\
         a longer one  401     token_expired  -  <- not as it should be\n\
         2 requests, 1 not as they should be\n"
    );
    assert!(text(&rows[..1]).ends_with("1 requests, all as they should be\n"));
}
