//! A real reverse proxy around the embedded host: real clock, real connections, one thread a worker.
//!
//! Request trailers are dropped and upgrades are refused to the upstream; everything else passes as through any proxy.

mod callouts;
mod message;
mod proxy;
mod thread;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;

use callouts::Clusters;
use host_sim::Clock;
use host_sim::Module;
use host_sim::Process;
use host_sim::Snapshot;
use host_sim::Vm;
use host_sim::{Log, LogLine, VmName};
use host_sim::{Profile, Settings};
use proxy::Proxy;
use thread::WorkerHandle;

/// What to serve.
#[derive(Debug, Clone)]
pub struct Options {
    /// The filter's configuration.
    pub configuration: Vec<u8>,
    /// Where to listen; port 0 is any free one.
    pub listen: SocketAddr,
    /// Where requests go that the filter admits.
    pub upstream: Uri,
    /// Where callouts to each cluster go; to one not named here they go to the URL they ask for.
    pub clusters: BTreeMap<String, Uri>,
    /// How many worker VMs.
    pub workers: usize,
}

/// Why a server does not start.
#[derive(Debug)]
pub struct ServeError(String);

impl fmt::Display for ServeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ServeError {}

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    process: Arc<Process>,
    stop: watch::Sender<bool>,
    runtime: Option<Runtime>,
}

/// How long connections have to finish when the server stops.
const GRACE: Duration = Duration::from_secs(5);

impl Server {
    /// Tries the configuration on a canary, starts the workers, and listens. Log lines go to `log`.
    ///
    /// # Errors
    ///
    /// When the module refuses the configuration, or the address cannot be listened on.
    pub fn start(
        module: &Module,
        options: Options,
        log: impl Fn(&LogLine) + Send + Sync + 'static,
    ) -> Result<Server, ServeError> {
        let failed = |what: &str, error: &dyn fmt::Display| ServeError(format!("{what}: {error}"));
        let process = Process::new(Settings::new(Profile::Envoy), Clock::real(), Log::to(log));
        let mut canary = Vm::start(module, process.clone(), VmName::Canary, 0).map_err(ServeError)?;
        canary.add_root(&options.configuration).map_err(|rejected| ServeError(rejected.to_string()))?;
        drop(canary);

        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        let runtime = runtime.map_err(|e| failed("no runtime", &e))?;
        let clusters = Arc::new(Clusters::new(options.clusters).map_err(|e| failed("no TLS roots", &e))?);
        let start = |index| {
            let io = (runtime.handle().clone(), clusters.clone());
            WorkerHandle::start(index, module, &process, &options.configuration, io)
        };
        let workers = (0..options.workers).map(start).collect::<Result<Vec<_>, _>>().map_err(ServeError)?;
        let listener = runtime.block_on(TcpListener::bind(options.listen));
        let listener = listener.map_err(|e| failed(&format!("cannot listen on {}", options.listen), &e))?;
        let address = listener.local_addr().map_err(|e| failed("no address", &e))?;
        let (stop, stopped) = watch::channel(false);
        let proxy = Proxy::new(options.upstream, workers, clusters);
        runtime.spawn(proxy.accept(listener, stopped));
        Ok(Server { address, process, stop, runtime: Some(runtime) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The value of every metric the filter has defined.
    pub fn metrics(&self) -> Snapshot {
        self.process.metrics.snapshot()
    }

    /// Waits for an interrupt (ctrl-c).
    ///
    /// # Errors
    ///
    /// When the signal cannot be listened for.
    pub fn wait_for_interrupt(&self) -> std::io::Result<()> {
        match &self.runtime {
            Some(runtime) => runtime.block_on(tokio::signal::ctrl_c()),
            None => Ok(()),
        }
    }
}

impl Drop for Server {
    /// Stops accepting and gives open connections five seconds.
    fn drop(&mut self) {
        let _ = self.stop.send(true);
        if let Some(runtime) = self.runtime.take() {
            runtime.block_on(async {
                let _ = tokio::time::timeout(GRACE, self.stop.closed()).await;
            });
            runtime.shutdown_timeout(Duration::from_millis(100));
        }
    }
}
