//! Streams: the callbacks of a request in the order in which a host makes them.

use super::Vm;
use crate::headers::{HeaderMap, Pair};
use crate::profile::{LocalReplies, Pause};
use crate::route;
use crate::stream::{Failure, LocalReply, Outcome, Request, Stream, Upstream};

impl Vm {
    /// Starts a stream: creates its context and shows it the request. What came of it is in [`Vm::outcome`].
    pub fn open(&mut self, root: u32, request: Request) -> u32 {
        let state = self.state();
        let rules = state.rules();
        let end_of_stream = request.end_of_stream && rules.announces_end;
        let authorizations = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"authorization"));
        let refused_by_host = rules.refuses_second_authorization && authorizations.count() > 1;
        let id = state.allocate_context();
        let mut stream = Stream::new(root, request, state.process.settings.request_map());
        stream.shown_route = route::pick(&state.process.settings.routes, &stream.request_headers).cloned();
        let count = stream.request_headers.len() as u32;
        state.streams.insert(id, stream);
        if refused_by_host {
            self.fail(id, 400, "the host refuses a second Authorization header");
            return id;
        }
        let calls_before = self.state().started.len();
        let created = self.call(id, "proxy_on_context_create", (id, root), ());
        let params = (id, count, u32::from(end_of_stream));
        let Ok(action) = created.and_then(|()| self.call(id, "proxy_on_request_headers", params, 0u32)) else {
            self.fail_for_trap(id);
            return id;
        };
        let replied = self.state().stop_next;
        let called = self.state().started.len() > calls_before;
        match (action, rules.pause) {
            (0, Pause::GoesOn) if !replied && called => {
                self.die("a callout from a request that was not held crashes this host");
                self.fail_for_trap(id);
            }
            (0, _) if !replied => self.send_upstream(id),
            (_, Pause::GoesOn) if !replied => {
                self.state().anomaly(id, "a pause, which this host does not hold");
                self.send_upstream(id);
            }
            _ => {
                if let Some(stream) = self.state().streams.get_mut(&id) {
                    stream.paused = true;
                }
            }
        }
        self.settle();
        id
    }

    /// Sends the request on by the route that its headers now pick, then its body and trailers.
    fn send_upstream(&mut self, id: u32) {
        let process = self.state().process.clone();
        let Some(stream) = self.state().streams.get_mut(&id) else {
            return;
        };
        stream.paused = false;
        stream.request_headers_open = false;
        let routes = &process.settings.routes;
        if !routes.is_empty() {
            stream.shown_route = route::pick(routes, &stream.request_headers).cloned();
            stream.report.route = stream.shown_route.as_ref().map(|route| route.name().to_owned());
            if stream.shown_route.is_none() {
                return self.fail(id, 404, "no route takes the request");
            }
        }
        let headers = stream.request_headers.forwarded();
        stream.report.outcome = Outcome::Upstream(Upstream { headers, trailers: None });
        let (body, has_trailers) = (stream.request_body.len() as u32, stream.request_trailers.is_some());
        if body > 0 {
            stream.request_body_open = true;
            let params = (id, body, u32::from(!has_trailers));
            let action = self.call(id, "proxy_on_request_body", params, 0u32);
            self.after_part(id, action.is_err(), matches!(action, Ok(1..)), "the body");
        }
        if has_trailers {
            self.send_trailers(id);
        }
    }

    fn send_trailers(&mut self, id: u32) {
        let Some(stream) = self.state().streams.get_mut(&id) else {
            return;
        };
        let count = stream.request_trailers.as_ref().map_or(0, HeaderMap::len) as u32;
        stream.request_trailers_open = true;
        let shown = self.state().rules().shows_trailers;
        let action = if shown { self.call(id, "proxy_on_request_trailers", (id, count), 0u32) } else { Ok(0) };
        self.after_part(id, action.is_err(), matches!(action, Ok(1..)), "the trailers");
        let Some(stream) = self.state().streams.get_mut(&id) else {
            return;
        };
        if let (Ok(0), Outcome::Upstream(upstream)) = (&action, &mut stream.report.outcome) {
            upstream.trailers = stream.request_trailers.as_ref().map(HeaderMap::forwarded);
        }
    }

    fn after_part(&mut self, id: u32, trapped: bool, paused: bool, part: &str) {
        if let Some(stream) = self.state().streams.get_mut(&id) {
            stream.request_body_open = false;
            stream.request_trailers_open = false;
        }
        if trapped {
            self.fail_for_trap(id);
        } else if paused {
            self.state().anomaly(id, &format!("a pause at {part}, which went no further"));
        }
        self.settle();
    }

    pub(super) fn resume_request(&mut self, id: u32) {
        let waits = |stream: &Stream| stream.paused && !stream.reply_pending && !stream.report.outcome.is_decided();
        if self.state().streams.get(&id).is_some_and(waits) {
            self.send_upstream(id);
        } else {
            self.state().anomaly(id, "a resume of a stream that does not wait");
        }
    }

    /// Answers for the filter: the reply passes its own response callback, and the stream ends.
    pub(super) fn reply(&mut self, id: u32, mut reply: LocalReply) {
        let state = self.state();
        let maps = state.process.settings.other_maps();
        let as_given = state.rules().local_replies == LocalReplies::AsGiven;
        let Some(stream) = state.streams.get_mut(&id) else {
            return;
        };
        if stream.report.outcome.is_decided() {
            state.anomaly(id, "a local reply to a request that had gone upstream");
            return;
        }
        if !as_given {
            keep_last(&mut reply.headers);
        }
        let wire = reply.on_the_wire(stream.is_grpc && as_given, stream.is_head);
        stream.report.outcome = Outcome::LocalReply(reply);
        self.show_response(id, HeaderMap::new(maps, wire.headers), wire.body.is_empty());
        self.end(id);
    }

    /// Shows the filter the upstream's response headers (`:status` first); returns them as the client gets them.
    pub fn respond(&mut self, id: u32, headers: Vec<Pair>, end_of_stream: bool) -> Vec<Pair> {
        let maps = self.state().process.settings.other_maps();
        self.show_response(id, HeaderMap::new(maps, headers), end_of_stream);
        self.settle();
        self.state().streams.get(&id).map(|stream| stream.report.response_headers.clone()).unwrap_or_default()
    }

    fn show_response(&mut self, id: u32, map: HeaderMap, end_of_stream: bool) {
        let Some(stream) = self.state().streams.get_mut(&id) else {
            return;
        };
        let count = map.len() as u32;
        stream.response_headers = Some(map);
        stream.response_headers_open = true;
        let action = self.call(id, "proxy_on_response_headers", (id, count, u32::from(end_of_stream)), 0u32);
        if matches!(action, Ok(1..)) {
            self.state().anomaly(id, "a pause at the response headers, which is not held here");
        }
        if let Some(stream) = self.state().streams.get_mut(&id) {
            stream.response_headers_open = false;
            stream.report.response_headers =
                stream.response_headers.as_ref().map(HeaderMap::forwarded).unwrap_or_default();
        }
        if self.state().rules().shows_response_body {
            let _ = self.call(id, "proxy_on_response_body", (id, 0u32, 1u32), 0u32);
        }
    }

    /// Ends a stream: access log, done, delete. Its report can then be taken.
    pub fn close(&mut self, id: u32) {
        self.end(id);
        self.settle();
    }

    /// The client goes away: what is still held is forgotten.
    pub fn disconnect(&mut self, id: u32) {
        if let Some(stream) = self.state().streams.get_mut(&id).filter(|s| !s.report.outcome.is_decided()) {
            stream.report.outcome = Outcome::Disconnected;
        }
        self.close(id);
    }

    fn end(&mut self, id: u32) {
        let Some(stream) = self.state().streams.get_mut(&id) else {
            return;
        };
        stream.request_headers_open = false;
        stream.report.logged_headers = stream.request_headers.forwarded();
        stream.logging = true;
        let _ = self.call(id, "proxy_on_log", (id,), ());
        if let Some(stream) = self.state().streams.get_mut(&id) {
            stream.logging = false;
        }
        let _ = self.call(id, "proxy_on_done", (id,), 1u32);
        let _ = self.call(id, "proxy_on_delete", (id,), ());
        let state = self.state();
        if let Some(stream) = state.streams.remove(&id) {
            state.finished.insert(id, stream.report);
        }
        self.drain();
    }

    fn fail_for_trap(&mut self, id: u32) {
        let status = self.state().rules().failure_status;
        let message = self.trap.clone().unwrap_or_default();
        self.fail(id, status, &message);
    }

    /// The host answers for a filter that cannot.
    fn fail(&mut self, id: u32, status: u16, message: &str) {
        let state = self.state();
        if let Some(mut stream) = state.streams.remove(&id) {
            stream.report.outcome = Outcome::Failed(Failure { status, message: message.to_owned() });
            stream.report.response_headers = vec![(b":status".to_vec(), status.to_string().into_bytes())];
            state.finished.insert(id, stream.report);
        }
    }
}

/// nginx keeps the last of several response headers with one name.
fn keep_last(headers: &mut Vec<Pair>) {
    let all = std::mem::take(headers);
    for (at, (name, value)) in all.iter().enumerate() {
        if !all.iter().skip(at + 1).any(|(later, _)| later == name) {
            headers.push((name.clone(), value.clone()));
        }
    }
}
