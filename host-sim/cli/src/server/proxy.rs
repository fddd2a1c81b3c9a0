//! Connections: each belongs to one worker, and each request goes through its filter.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http_body_util::{Either, Full};
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::callouts::Clusters;
use super::message;
use super::thread::{Decision, StreamHandle, WorkerHandle};

type Upstream = Client<HttpsConnector<HttpConnector>, WithoutTrailers>;
type Reply = Response<Either<Full<Bytes>, Relayed>>;

/// The listener's side of the server.
pub(super) struct Proxy {
    upstream: Uri,
    client: Upstream,
    workers: Vec<WorkerHandle>,
}

impl Proxy {
    pub(super) fn new(upstream: Uri, workers: Vec<WorkerHandle>, clusters: Arc<Clusters>) -> Proxy {
        let client = Client::builder(TokioExecutor::new()).build(clusters.connector());
        Proxy { upstream, client, workers }
    }

    /// Accepts connections, each for the next worker in turn, until told to stop; then lets them finish.
    pub(super) async fn accept(self, listener: TcpListener, mut stopped: watch::Receiver<bool>) {
        let own = Arc::new(self);
        let open = GracefulShutdown::new();
        for turn in 0usize.. {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                _ = stopped.changed() => break,
            };
            match accepted {
                Ok((connection, _)) => own.clone().serve(connection, turn % own.workers.len(), &open),
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            }
        }
        drop(listener);
        open.shutdown().await;
    }

    fn serve(self: Arc<Self>, connection: TcpStream, worker: usize, open: &GracefulShutdown) {
        let _ = connection.set_nodelay(true);
        let service = service_fn(move |request| {
            let own = self.clone();
            async move { Ok::<_, Infallible>(own.handle(request, worker).await) }
        });
        let builder = auto::Builder::new(TokioExecutor::new());
        let serving = builder.serve_connection(TokioIo::new(connection), service).into_owned();
        tokio::spawn(open.watch(serving));
    }

    /// One request. Its body is not read before it is admitted.
    async fn handle(&self, request: Request<Incoming>, worker: usize) -> Reply {
        let (parts, body) = request.into_parts();
        let pairs = message::request_pairs(&parts);
        let mut shown = host_sim::Request::from_pairs(pairs);
        if !body.is_end_stream() {
            shown = shown.streaming();
        }
        let (is_grpc, is_head) = (shown.is_grpc(), parts.method == hyper::Method::HEAD);
        let (stream, decision) = self.workers[worker].open(shown).await;
        match decision {
            Decision::Upstream(upstream) => self.forward(&upstream.headers, body, stream).await,
            Decision::Reply(reply, headers) => {
                let body = Full::new(Bytes::from(reply.on_the_wire(is_grpc, is_head).body));
                message::response(&headers, Either::Left(body)).unwrap_or_else(|e| own_answer(502, &e))
            }
            Decision::Failed(failure) => {
                eprintln!("claimgate: a request failed closed: {}", failure.message);
                own_answer(failure.status, "")
            }
        }
    }

    async fn forward(&self, headers: &[host_sim::Pair], body: Incoming, stream: StreamHandle) -> Reply {
        let request = match message::request(headers, &self.upstream, WithoutTrailers(body)) {
            Ok(request) => request,
            Err(problem) => return own_answer(400, &problem),
        };
        let (parts, body) = match self.client.request(request).await {
            Ok(response) => response.into_parts(),
            Err(_) => {
                let failed = own_answer(502, "the upstream does not answer");
                let pairs = vec![(b":status".to_vec(), b"502".to_vec())];
                stream.respond(pairs, false).await;
                return failed;
            }
        };
        let pairs = stream.respond(message::response_pairs(&parts), body.is_end_stream()).await;
        message::response(&pairs, Either::Right(Relayed { body, _stream: stream }))
            .unwrap_or_else(|e| own_answer(502, &e))
    }
}

fn own_answer(status: u16, text: &str) -> Reply {
    let mut response = Response::new(Either::Left(Full::new(Bytes::from(text.to_owned()))));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    response
}

/// A response's body on its way; the filter's stream ends with it.
pub(super) struct Relayed {
    body: Incoming,
    _stream: StreamHandle,
}

/// A request's body without its trailers, which no filter has seen.
pub(super) struct WithoutTrailers(Incoming);

impl Body for Relayed {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Body for WithoutTrailers {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match Pin::new(&mut self.0).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) if frame.is_trailers() => Poll::Ready(None),
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}
