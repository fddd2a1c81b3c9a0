//! From a refusal to what goes over the wire.

use super::{Class, Reason, Refusal};
use crate::config::Resource;
use crate::route::{Rule, Scopes};
use std::time::Duration;

/// How much the client is told.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ErrorDetail {
    /// The OAuth error code alone.
    None,
    /// The refusal's label and sentence too.
    Reason,
}

/// What a response depends on besides the refusal itself. Nothing of the request is ever reflected.
#[derive(Copy, Clone, Debug)]
pub struct Occasion<'a> {
    /// The rule that applied, where one was found.
    pub rule: Option<&'a Rule>,
    /// The resource the rule belongs to.
    pub resource: Option<&'a Resource>,
    /// How much to tell.
    pub detail: ErrorDetail,
    /// The request's method is HEAD.
    pub head: bool,
    /// The request is gRPC.
    pub grpc: bool,
}

/// A response that the filter gives itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u32,
    /// Headers, lower-case names.
    pub headers: Vec<(&'static str, String)>,
    /// Body, empty for HEAD.
    pub body: String,
    /// The status for a gRPC client, where the request is one.
    pub grpc_status: Option<i32>,
    /// For the host's access log: never sent to the client.
    pub details: String,
}

impl Class {
    fn status(self) -> u32 {
        match self {
            Self::NoCredential | Self::InvalidToken | Self::StepUp => 401,
            Self::InvalidRequest => 400,
            Self::InsufficientScope | Self::Denied => 403,
            Self::Unavailable => 503,
        }
    }

    /// UNAUTHENTICATED, INVALID_ARGUMENT, PERMISSION_DENIED, UNAVAILABLE.
    fn grpc_status(self) -> i32 {
        match self {
            Self::NoCredential | Self::InvalidToken | Self::StepUp => 16,
            Self::InvalidRequest => 3,
            Self::InsufficientScope | Self::Denied => 7,
            Self::Unavailable => 14,
        }
    }

    fn error(self) -> &'static str {
        match self {
            Self::NoCredential => "unauthorized",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::StepUp => "insufficient_user_authentication",
            Self::Denied => "access_denied",
            Self::Unavailable => "temporarily_unavailable",
        }
    }
}

impl Refusal {
    /// The response to a refused request.
    pub fn response(&self, occasion: Occasion<'_>) -> Response {
        let class = self.reason.class();
        let mut headers =
            vec![("content-type", "application/json".to_owned()), ("cache-control", "no-store".to_owned())];
        if let Some(challenge) = self.challenge(class, occasion) {
            headers.push(("www-authenticate", challenge));
        }
        if class == Class::Unavailable {
            let wait = self.retry_after.unwrap_or(Duration::from_secs(1));
            let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
            headers.push(("retry-after", seconds.to_string()));
        }
        Response {
            status: class.status(),
            headers,
            body: if occasion.head { String::new() } else { self.body(class, occasion.detail) },
            grpc_status: occasion.grpc.then(|| class.grpc_status()),
            details: format!("claimgate_{}", self.reason.label()),
        }
    }

    fn body(&self, class: Class, detail: ErrorDetail) -> String {
        let error = class.error();
        match detail {
            ErrorDetail::None => format!("{{\"error\":\"{error}\"}}"),
            ErrorDetail::Reason => {
                let (label, sentence) = (self.reason.label(), self.reason.sentence());
                format!("{{\"error\":\"{error}\",\"reason\":\"{label}\",\"error_description\":\"{sentence}\"}}")
            }
        }
    }

    fn challenge(&self, class: Class, occasion: Occasion<'_>) -> Option<String> {
        let mut parameters = Vec::new();
        match class {
            Class::Denied | Class::Unavailable => return None,
            // RFC 6750 section 3.1: a request without authentication is told no error code.
            Class::NoCredential => {}
            _ => {
                parameters.push(format!("error=\"{}\"", class.error()));
                if occasion.detail == ErrorDetail::Reason {
                    let (label, sentence) = (self.reason.label(), self.reason.sentence());
                    parameters.push(format!("error_description=\"{label}: {sentence}\""));
                }
            }
        }
        let tells_scope = class == Class::NoCredential || self.reason == Reason::ScopeMissing;
        if let Some(scopes) = occasion.rule.and_then(|rule| rule.scopes.as_ref()).filter(|_| tells_scope) {
            let (Scopes::All(scopes) | Scopes::Any(scopes)) = scopes;
            parameters.push(format!("scope=\"{}\"", scopes.join(" ")));
        }
        if let Some(step_up) = occasion.rule.and_then(|rule| rule.step_up.as_ref()).filter(|_| class == Class::StepUp) {
            if !step_up.acr.is_empty() {
                parameters.push(format!("acr_values=\"{}\"", step_up.acr.join(" ")));
            }
            if let Some(max_age) = step_up.max_age {
                parameters.push(format!("max_age=\"{}\"", max_age.as_secs()));
            }
        }
        if let Some(resource) = occasion.resource {
            parameters.push(format!("resource_metadata=\"{}\"", resource.metadata_url));
        }
        let parameters = parameters.join(", ");
        Some(if parameters.is_empty() { "Bearer".to_owned() } else { format!("Bearer {parameters}") })
    }
}
