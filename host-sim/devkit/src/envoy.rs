//! A real Envoy, started from one of the configurations that people copy, for the demo and the tests.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::exchange::Request;

mod template;
#[cfg(test)]
mod tests;

pub use template::Template;

/// How long Envoy may take until it serves.
const PATIENCE: Duration = Duration::from_secs(60);

/// After how long Envoy closes what was replaced, unless told otherwise.
const DRAIN: Duration = Duration::from_secs(600);

/// The file of the listeners that can be reloaded.
const LISTENERS: &str = "listeners.yaml";

/// Ends Envoy when the pipe to this process breaks, so that not even a killed test leaves one behind. `$0` is the folder
/// that only this Envoy was started with; the look at the command line keeps a reused process number safe.
const LEASH: &str = r#"
exec 3<&0
(cat <&3 >/dev/null; case "$(tr '\0' ' ' </proc/$$/cmdline)" in *"$0"*) kill -9 $$;; esac) >/dev/null 2>&1 &
exec 3<&- </dev/null
exec "$@"
"#;

/// Why there is no running Envoy.
#[derive(Debug)]
pub enum EnvoyError {
    /// There is no binary.
    Missing(PathBuf),
    /// The template and what should be replaced in it do not fit together.
    Template(String),
    /// A file or process could not be had.
    Io(io::Error),
    /// It ended, or refused its configuration. The text is its log.
    Exited(Option<ExitStatus>, String),
    /// A running Envoy refused another configuration and goes on with the one it had. The text is its log.
    Rejected(String),
    /// It did not get ready in time. The text is its log.
    NotReady(String),
}

impl std::fmt::Display for EnvoyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "there is no Envoy at {}: run `make envoy`, or set ENVOY", path.display()),
            Self::Template(what) => write!(f, "the Envoy configuration has no {what}"),
            Self::Io(error) => write!(f, "cannot run Envoy: {error}"),
            Self::Exited(status, log) => {
                let status = status.map(|status| format!(" with {status}")).unwrap_or_default();
                write!(f, "Envoy ended{status}:\n{}", last_lines(log))
            }
            Self::Rejected(log) => write!(f, "Envoy refused the new configuration:\n{}", last_lines(log)),
            Self::NotReady(log) => write!(f, "Envoy was not ready after {PATIENCE:?}:\n{}", last_lines(log)),
        }
    }
}

impl std::error::Error for EnvoyError {}

impl From<io::Error> for EnvoyError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

/// The binary: `$ENVOY`, or `.envoy/bin/envoy` in the workspace.
///
/// # Errors
/// [`EnvoyError::Missing`] with what to do about it.
pub fn binary() -> Result<PathBuf, EnvoyError> {
    let path = match std::env::var_os("ENVOY") {
        Some(path) => PathBuf::from(path),
        None => workspace().join(".envoy/bin/envoy"),
    };
    if path.is_file() { Ok(path) } else { Err(EnvoyError::Missing(path)) }
}

/// The folder of the workspace that this was built in.
pub(crate) fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.ancestors().nth(2).unwrap_or(package)
}

/// A running Envoy with its own folder, ports and log. Dropping it kills it.
pub struct Envoy {
    child: Child,
    folder: TempDir,
    admin: SocketAddr,
    listener: SocketAddr,
}

impl Envoy {
    /// Starts with two workers and waits until it serves.
    ///
    /// # Errors
    /// When there is no binary, the configuration is refused, or it is not ready after 60 seconds.
    pub fn start(template: &Template) -> Result<Self, EnvoyError> {
        Self::start_with(template, 2)
    }

    /// The same with another number of workers.
    ///
    /// # Errors
    /// As [`Envoy::start`].
    pub fn start_with(template: &Template, workers: u32) -> Result<Self, EnvoyError> {
        Self::start_in(TempDir::with_prefix("claimgate-envoy-")?, template.yaml()?, workers, DRAIN)
    }

    /// Starts with two workers and listeners that [`Envoy::reload`] can change.
    ///
    /// # Errors
    /// As [`Envoy::start`].
    pub fn start_reloadable(template: &Template) -> Result<Self, EnvoyError> {
        Self::start_draining(template, DRAIN)
    }

    /// The same, where what was replaced is closed after so long.
    ///
    /// # Errors
    /// As [`Envoy::start`].
    pub fn start_draining(template: &Template, drain: Duration) -> Result<Self, EnvoyError> {
        let folder = TempDir::with_prefix("claimgate-envoy-")?;
        let file = folder.path().join(LISTENERS);
        let (bootstrap, listeners) = template.split(&file)?;
        std::fs::write(file, listeners)?;
        Self::start_in(folder, &bootstrap, 2, drain)
    }

    /// Gives an Envoy of [`Envoy::start_reloadable`] the listeners of another configuration and waits for its verdict.
    ///
    /// # Errors
    /// [`EnvoyError::Rejected`] when it keeps the old ones.
    pub fn reload(&self, template: &Template) -> Result<(), EnvoyError> {
        let file = self.folder.path().join(LISTENERS);
        let count = || -> io::Result<[u64; 2]> {
            let stats = self.stats()?;
            let count = |name| stats.get(&format!("listener_manager.lds.update_{name}")).copied().unwrap_or(0);
            Ok([count("success"), count("rejected") + count("failure")])
        };
        let before = count()?;
        // Envoy watches for a file that is moved into place, so that it never reads half of one.
        std::fs::write(file.with_extension("next"), template.split(&file)?.1)?;
        std::fs::rename(file.with_extension("next"), &file)?;
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let [accepted, rejected] = count()?;
            match (accepted > before[0], rejected > before[1]) {
                (_, true) => return Err(EnvoyError::Rejected(self.log())),
                (true, false) => return Ok(()),
                (false, false) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
        Err(EnvoyError::NotReady(self.log()))
    }

    fn start_in(folder: TempDir, yaml: &str, workers: u32, drain: Duration) -> Result<Self, EnvoyError> {
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("envoy.yaml"), yaml)?;
        let log = File::create(path("envoy.log"))?;
        let child = Command::new("sh")
            .arg("-c")
            .arg(LEASH)
            .arg(folder.path())
            .arg(binary()?)
            .arg("--config-path")
            .arg(path("envoy.yaml"))
            .arg("--admin-address-path")
            .arg(path("admin"))
            .args(["--service-node", "gate", "--service-cluster", "gate", "--log-level", "info"])
            .args(["--concurrency", &workers.to_string(), "--disable-hot-restart"])
            .args(["--drain-time-s", &drain.as_secs().to_string()])
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut envoy = Self { child, folder, admin: nowhere, listener: nowhere };
        envoy.wait_until_ready()?;
        Ok(envoy)
    }

    /// Asks Envoy whether it would accept a configuration, without serving it.
    ///
    /// # Errors
    /// [`EnvoyError::Exited`] with its log when it would not.
    pub fn validate(template: &Template) -> Result<(), EnvoyError> {
        let folder = TempDir::with_prefix("claimgate-envoy-")?;
        let yaml = folder.path().join("envoy.yaml");
        std::fs::write(&yaml, template.yaml()?)?;
        let output = Command::new(binary()?)
            .args(["--mode", "validate", "--disable-hot-restart", "--config-path"])
            .arg(&yaml)
            .stdin(Stdio::null())
            .output()?;
        match output.status.success() {
            true => Ok(()),
            false => Err(EnvoyError::Exited(Some(output.status), String::from_utf8_lossy(&output.stderr).into_owned())),
        }
    }

    /// Where requests go.
    pub fn listener(&self) -> SocketAddr {
        self.listener
    }

    /// The administration interface.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// All counters and gauges, by name.
    ///
    /// # Errors
    /// When the administration interface does not answer.
    pub fn stats(&self) -> io::Result<BTreeMap<String, u64>> {
        let text = Request::get("/stats").send(self.admin)?.text();
        let pairs = text.lines().filter_map(|line| line.split_once(": "));
        Ok(pairs.filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?))).collect())
    }

    /// One counter or gauge; 0 when it does not exist yet.
    ///
    /// # Errors
    /// As [`Envoy::stats`].
    pub fn stat(&self, name: &str) -> io::Result<u64> {
        Ok(self.stats()?.get(name).copied().unwrap_or(0))
    }

    /// The number of its process.
    pub fn process_id(&self) -> u32 {
        self.child.id()
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.folder.path().join("envoy.log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The folder of its configuration and log, gone when it is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends it and returns its log.
    pub fn stop(mut self) -> String {
        self.end();
        self.log()
    }

    fn end(&mut self) {
        // The leash is let go only when the process is gone and before its number is free again.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn wait_until_ready(&mut self) -> Result<(), EnvoyError> {
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                return Err(EnvoyError::Exited(Some(status), self.log()));
            }
            if let Some((admin, listener)) = self.served() {
                (self.admin, self.listener) = (admin, listener);
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err(EnvoyError::NotReady(self.log()))
    }

    /// The two addresses, once it says that it is ready.
    fn served(&self) -> Option<(SocketAddr, SocketAddr)> {
        let admin = std::fs::read_to_string(self.folder.path().join("admin")).ok()?.trim().parse().ok()?;
        if Request::get("/ready").send(admin).ok()?.status != 200 {
            return None;
        }
        let listeners = Request::get("/listeners?format=json").send(admin).ok()?.json();
        let address = &listeners["listener_statuses"][0]["local_address"]["socket_address"];
        let port = u16::try_from(address["port_value"].as_u64()?).ok()?;
        Some((admin, SocketAddr::new(address["address"].as_str()?.parse().ok()?, port)))
    }
}

impl Drop for Envoy {
    fn drop(&mut self) {
        self.end();
    }
}
