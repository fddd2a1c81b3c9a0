//! The proxies that are compared: one Envoy build, one worker, four filters.

use claimgate_benches::tokens::Issuer;
use claimgate_devkit::envoy::{Envoy, EnvoyError, Template};
use serde_json::{Value, json};
use std::path::Path;

/// What stands between the client and the response.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// Nothing.
    NoFilter,
    /// `jwt_authn` as it comes.
    Native,
    /// `jwt_authn` with its cache on, large enough for the working set.
    NativeCached,
    /// claimgate.
    Claimgate,
}

impl Mode {
    /// Its name in the report.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoFilter => "no filter",
            Self::Native => "jwt_authn",
            Self::NativeCached => "jwt_authn, cache on",
            Self::Claimgate => "claimgate",
        }
    }

    /// Starts it in an Envoy of its own. The issuers' keys are inline, and the same three headers are set.
    pub(crate) fn start(self, issuers: &[Issuer], module: &Path) -> Result<Envoy, EnvoyError> {
        let filter = match self {
            Self::NoFilter => String::new(),
            Self::Native => native(issuers, false),
            Self::NativeCached => native(issuers, true),
            Self::Claimgate => claimgate(issuers, module),
        };
        let text = include_str!("envoy.yaml").replace("          FILTER\n", &filter);
        Envoy::start_with(&Template::of_text(text), 1)
    }
}

/// A filter as one line of the YAML: JSON is YAML.
fn line(name: &str, config: Value) -> String {
    format!("          - {}\n", json!({"name": name, "typed_config": config}))
}

fn native(issuers: &[Issuer], cached: bool) -> String {
    let provider = |issuer: &Issuer| {
        let mut provider = json!({
            "issuer": issuer.name,
            "audiences": ["api"],
            "local_jwks": {"inline_string": issuer.keys.to_string()},
            "claim_to_headers": [
                {"header_name": "x-auth-subject", "claim_name": "sub"},
                {"header_name": "x-auth-issuer", "claim_name": "iss"},
                {"header_name": "x-auth-email", "claim_name": "email"},
            ],
        });
        if cached {
            provider["jwt_cache_config"] = json!({"jwt_cache_size": 4096, "jwt_max_token_size": 16384});
        }
        provider
    };
    let named = |index: usize| format!("p{index}");
    let providers: serde_json::Map<_, _> =
        issuers.iter().enumerate().map(|(at, one)| (named(at), provider(one))).collect();
    let requirements: Vec<_> = (0..issuers.len()).map(|at| json!({"provider_name": named(at)})).collect();
    let requires = match requirements.as_slice() {
        [one] => one.clone(),
        many => json!({"requires_any": {"requirements": many}}),
    };
    line(
        "envoy.filters.http.jwt_authn",
        json!({
            "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
            "providers": providers,
            "rules": [{"match": {"prefix": "/public"}}, {"match": {"prefix": "/"}, "requires": requires}],
        }),
    )
}

fn claimgate(issuers: &[Issuer], module: &Path) -> String {
    let issuer = |(at, issuer): (usize, &Issuer)| json!({"name": format!("i{at}"), "issuer": issuer.name, "keys": {"inline": issuer.keys}, "audiences": ["api"]});
    let configuration = json!({
        "issuers": issuers.iter().enumerate().map(issuer).collect::<Vec<_>>(),
        "routes": [{"match": {"prefix": "/public"}, "access": "public"}],
        "identity_headers": {"username": null, "client": null, "groups": null, "scopes": null},
        "audit": "none",
    });
    let callbacks = [
        "on_memory_allocate",
        "on_context_create",
        "on_vm_start",
        "on_configure",
        "on_tick",
        "on_request_headers",
        "on_request_trailers",
        "on_http_call_response",
        "on_delete",
    ];
    let hostcalls = [
        "log",
        "get_current_time_nanoseconds",
        "set_tick_period_milliseconds",
        "get_buffer_bytes",
        "get_header_map_pairs",
        "add_header_map_value",
        "replace_header_map_value",
        "remove_header_map_value",
        "get_property",
        "set_property",
        "get_shared_data",
        "set_shared_data",
        "continue_stream",
        "send_local_response",
        "set_effective_context",
        "call_foreign_function",
        "define_metric",
        "increment_metric",
        "record_metric",
        "http_call",
    ];
    let wasi = ["fd_write", "environ_get", "environ_sizes_get", "proc_exit", "random_get", "clock_time_get"];
    let proxy = callbacks.iter().chain(&hostcalls).map(|name| format!("proxy_{name}"));
    let allowed: serde_json::Map<_, _> =
        proxy.chain(wasi.iter().map(|name| (*name).to_owned())).map(|name| (name, json!({}))).collect();
    line(
        "claimgate",
        json!({
            "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
            "config": {
                "name": "claimgate",
                "root_id": "claimgate",
                "failure_policy": "FAIL_RELOAD",
                "vm_config": {
                    "vm_id": "claimgate-bench",
                    "runtime": "envoy.wasm.runtime.v8",
                    "code": {"local": {"filename": module}},
                },
                "capability_restriction_config": {"allowed_capabilities": allowed},
                "configuration": {"@type": "type.googleapis.com/google.protobuf.StringValue", "value": configuration.to_string()},
            },
        }),
    )
}
