//! `claimgate serve`: a reverse proxy on the embedded host.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use hyper::Uri;

use crate::server::{Options, Server};
use crate::{Failure, Modules};
use host_sim::{Level, LogLine};

/// What `serve` is asked.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The configuration, a JSON file.
    #[arg(long, value_name = "C")]
    config: PathBuf,
    /// Where to listen.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where admitted requests go.
    #[arg(long, value_name = "URL", value_parser = base_url)]
    upstream: Uri,
    /// Where callouts to a cluster go; without it they go to the URL they ask for.
    #[arg(long = "cluster", value_name = "NAME=URL", value_parser = cluster)]
    clusters: Vec<(String, Uri)>,
    /// How many worker VMs, each on a thread of its own.
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,
}

fn base_url(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|e| format!("{e}"))?;
    match (uri.scheme_str(), uri.authority()) {
        (Some("http" | "https"), Some(_)) => Ok(uri),
        _ => Err("expected http://HOST:PORT or https://HOST:PORT".to_owned()),
    }
}

fn cluster(text: &str) -> Result<(String, Uri), String> {
    let (name, url) = text.split_once('=').ok_or("expected NAME=URL")?;
    Ok((name.to_owned(), base_url(url)?))
}

/// Serves until interrupted.
pub(crate) fn run(arguments: Arguments, modules: &Modules) -> Result<(), Failure> {
    let path = &arguments.config;
    let configuration = std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
    let module = modules.for_configuration(&configuration)?;
    let upstream = arguments.upstream.clone();
    let options = Options {
        configuration,
        listen: arguments.listen,
        upstream: arguments.upstream,
        clusters: arguments.clusters.into_iter().collect::<BTreeMap<_, _>>(),
        workers: usize::from(arguments.workers),
    };
    let server = Server::start(module, options, print)?;
    eprintln!("claimgate: listening on http://{}, upstream {upstream}", server.address());
    server.wait_for_interrupt()?;
    eprintln!("claimgate: stopping");
    Ok(())
}

fn print(line: &LogLine) {
    if line.level >= Level::Info {
        eprintln!("[{:?}] {}: {}", line.level, line.vm, line.text);
    }
}
