//! What a user of Envoy gets who copies `envoy/*.yaml`, beyond what every host gives.

use claimgate_tests::{Envoy, Host, Request, Stage, Template, WORKFORCE, module};
use serde_json::json;

#[test]
fn underscores_are_refused_as_the_published_file_says() {
    let stage = Stage::start_with(Host::Envoy, |_, template| {
        template.replace("headers_with_underscores_action: ALLOW", "headers_with_underscores_action: REJECT_REQUEST")
    });
    let token = stage.scene.workforce_token(json!({}));
    let request = Request::get("/orders").bearer(&token);
    assert_eq!(stage.send(&request.clone().header("x_auth_subject", "root")).status, 400);
    assert_eq!(stage.send(&request).status, 200);
}

#[test]
fn a_bad_configuration_is_refused_at_start_with_the_path_of_the_field() {
    let refused = Stage::try_start_with(Host::Envoy, |_, template| {
        template.replace("\"audiences\": [\"orders\"]", "\"audience\": 1")
    });
    let Err(error) = refused else { panic!("Envoy accepted it") };
    assert!(error.to_string().contains("issuers[0].audience"), "{error}");
}

#[test]
fn a_bad_configuration_leaves_a_running_envoy_with_the_old_one() {
    let stage = Stage::start_reloadable();
    let status = |token: &str| stage.send(&Request::get("/orders").bearer(token)).status;
    let (alice, other) = (stage.scene.workforce_token(json!({})), stage.scene.workforce_token(json!({"aud": "other"})));
    assert_eq!((status(&alice), status(&other)), (200, 401));
    for bad in ["\"audiences\": 1", "\"audiences\": []", "\"no_such_field\": []"] {
        let refused = stage.reload_with(|template| template.replace("\"audiences\": [\"orders\"]", bad));
        assert!(refused.is_err(), "{bad} was accepted");
        assert_eq!((status(&alice), status(&other)), (200, 401), "after {bad}");
    }
    let good = |template: Template| template.replace("\"audiences\": [\"orders\"]", "\"audiences\": [\"other\"]");
    stage.reload_with(good).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((status(&alice), status(&other)), (401, 200));
}

#[test]
fn the_published_files_load() {
    for name in ["minimal", "multi-issuer"] {
        let template = Template::as_published(name).expect("the file is there").module(&module());
        Envoy::validate(&template).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn the_smallest_file_protects_a_service() {
    let stage = Stage::start_with(Host::Envoy, |scene, _| {
        let template = Template::example("minimal").expect("the file is there").module(&module());
        template.upstream(scene.upstream.address()).provider(WORKFORCE, scene.workforce.address())
    });
    let request = Request::get("/orders");
    assert_eq!(stage.send(&request).status, 401);
    let response = stage.send(&request.bearer(&stage.scene.workforce_token(json!({}))));
    assert_eq!((response.status, response.upstream_saw("x-auth-subject")), (200, vec!["alice".to_owned()]));
    assert!(response.upstream_saw("x-auth-groups").is_empty(), "what is not mapped is dropped");
}
