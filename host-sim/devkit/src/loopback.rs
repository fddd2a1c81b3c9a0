//! A small HTTP server on a port of its own of 127.0.0.1, on a thread of its own, that can stop listening and come back.

use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll};
use std::thread::JoinHandle;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What a handler decides to do with a request; an error resets the connection unanswered.
pub(crate) type Answer = Result<Response<ReplyBody>, Dropped>;

/// A handler of whole requests.
pub(crate) type Handler = Arc<dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Answer> + Send>> + Send + Sync>;

/// How a server treats its connections.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connections {
    /// One request each, so that a change of behaviour is seen by the very next request.
    Single,
    /// Kept open.
    Kept,
}

/// A running server. Dropping it stops it and ends its thread.
pub(crate) struct Loopback {
    address: SocketAddr,
    commands: UnboundedSender<(Command, mpsc::Sender<()>)>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Command {
    Listen,
    Refuse,
    Stop,
}

impl Loopback {
    /// Starts on a port that the system picks, or on the given one.
    pub(crate) fn start(port: u16, connections: Connections, handler: Handler) -> io::Result<Self> {
        let (commands, received) = unbounded_channel();
        let (started, starting) = mpsc::channel();
        let thread = std::thread::Builder::new().name("loopback-http".into()).spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(started.send(Err(error))),
            };
            runtime.block_on(async {
                match Port::reserve(port) {
                    Ok(port) => {
                        let _ = started.send(Ok(port.address));
                        serve(port, connections, handler, received).await;
                    }
                    Err(error) => drop(started.send(Err(error))),
                }
            });
        })?;
        let address = starting.recv().map_err(|_| io::Error::other("the server's thread ended at once"))??;
        let server = Self { address, commands, thread: Some(thread) };
        server.command(Command::Listen);
        Ok(server)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on connections are accepted (`true`) or refused (`false`); the port stays reserved.
    pub(crate) fn listen(&self, listen: bool) {
        self.command(if listen { Command::Listen } else { Command::Refuse });
    }

    fn command(&self, command: Command) {
        let (done, waiting) = mpsc::channel();
        if self.commands.send((command, done)).is_ok() {
            let _ = waiting.recv_timeout(Duration::from_secs(5));
        }
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.command(Command::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A port that nobody else is given, because a socket stays bound to it, listening or not.
struct Port {
    address: SocketAddr,
    _bound: TcpSocket,
}

impl Port {
    fn reserve(port: u16) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
        Ok(Self { address: socket.local_addr()?, _bound: socket })
    }

    fn listen(&self) -> io::Result<TcpListener> {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind(self.address)?;
        socket.listen(128)
    }
}

async fn serve(
    port: Port,
    connections: Connections,
    handler: Handler,
    mut commands: UnboundedReceiver<(Command, mpsc::Sender<()>)>,
) {
    let mut listener: Option<TcpListener> = None;
    loop {
        let accepted = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            command = commands.recv() => {
                let Some((command, done)) = command else { return };
                listener = match (command, listener.take()) {
                    (Command::Listen, Some(open)) => Some(open),
                    (Command::Listen, None) => port.listen().ok(),
                    (Command::Refuse | Command::Stop, _) => None,
                };
                let _ = done.send(());
                if command == Command::Stop {
                    return;
                }
            }
            stream = accepted => {
                if let Ok((stream, _)) = stream {
                    tokio::spawn(converse(stream, connections, handler.clone()));
                }
            }
        }
    }
}

async fn converse(stream: TcpStream, connections: Connections, handler: Handler) {
    let service = service_fn(move |request: Request<Incoming>| {
        let handler = handler.clone();
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
            handler(Request::from_parts(head, body)).await
        }
    });
    // A client that goes away, and an answer that breaks off on purpose, end the connection: nothing to report.
    let _ = hyper::server::conn::http1::Builder::new()
        .keep_alive(connections == Connections::Kept)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// The connection is closed without an answer, or in the middle of one.
#[derive(Debug)]
pub(crate) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// A body that may announce more than it sends.
pub(crate) struct ReplyBody {
    data: Option<Bytes>,
    missing: u64,
    rested: bool,
}

impl ReplyBody {
    /// All of it.
    pub(crate) fn whole(data: impl Into<Bytes>) -> Self {
        Self { data: Some(data.into()), missing: 0, rested: false }
    }

    /// Announces `missing` bytes more than it sends, then breaks the connection.
    pub(crate) fn truncated(data: impl Into<Bytes>, missing: u64) -> Self {
        Self { data: Some(data.into()), missing, rested: false }
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Dropped;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Dropped>>> {
        Poll::Ready(match self.data.take() {
            Some(data) if !data.is_empty() => Some(Ok(Frame::data(data))),
            _ if self.missing > 0 && !self.rested => {
                // What was sent leaves the buffers of the server before the connection breaks.
                self.rested = true;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            _ if self.missing > 0 => Some(Err(Dropped)),
            _ => None,
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.data.as_ref().map_or(0, Bytes::len) as u64 + self.missing)
    }
}

/// A handler that needs to wait for nothing.
pub(crate) fn immediate(answer: impl Fn(Request<Bytes>) -> Answer + Send + Sync + 'static) -> Handler {
    Arc::new(move |request| Box::pin(std::future::ready(answer(request))))
}
