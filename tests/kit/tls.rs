//! TLS in front of a provider, with a CA that nobody else knows.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The longest that either side may say nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// A certificate authority of the test's own.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// Another one, which nobody trusts yet.
    ///
    /// # Panics
    /// When there is no randomness.
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        params.distinguished_name.push(DnType::CommonName, "an authority of the tests");
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    /// Its own certificate as a PEM file in this folder.
    ///
    /// # Panics
    /// When the file cannot be written.
    pub fn file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("ca.pem");
        fs::write(&path, self.0.pem()).expect("the file is written");
        path
    }

    /// A certificate for these hosts and its key, both as PEM.
    ///
    /// # Panics
    /// When a name is none.
    pub fn certificate(&self, hosts: &[&str]) -> (String, String) {
        let (certificate, key) = self.issue(hosts);
        (certificate.pem(), key.serialize_pem())
    }

    fn issue(&self, hosts: &[&str]) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let params = CertificateParams::new(hosts).expect("names of hosts");
        (params.signed_by(&key, &self.0).expect("a certificate"), key)
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// A TLS server that hands each request on to a plain one, and the names that its clients asked for.
pub struct Terminator {
    address: SocketAddr,
    names: Arc<Mutex<Vec<Option<String>>>>,
    thread: Option<JoinHandle<()>>,
}

impl Terminator {
    /// Starts in front of `behind` with a certificate for these hosts.
    ///
    /// # Panics
    /// When a port cannot be had.
    pub fn start(authority: &Authority, hosts: &[&str], behind: SocketAddr) -> Self {
        let (certificate, key) = authority.issue(hosts);
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = versions.expect("versions of TLS").with_no_client_auth();
        let config = Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).expect("they fit"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("it has one");
        let names: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
        let seen = Arc::clone(&names);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { continue };
                // The sign to stop: a connection of our own without a byte.
                if stream.peek(&mut [0]).is_ok_and(|read| read == 0) {
                    return;
                }
                let (config, seen) = (Arc::clone(&config), Arc::clone(&seen));
                // A client that refuses the certificate ends the connection: that is what is tested.
                std::thread::spawn(move || drop(converse(stream, config, behind, &seen)));
            }
        });
        Self { address, names, thread: Some(thread) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The names that clients asked for (SNI), in order; nothing where one did not say.
    pub fn names(&self) -> Vec<Option<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Terminator {
    fn drop(&mut self) {
        let _ = TcpStream::connect(self.address).and_then(|stream| stream.shutdown(Shutdown::Both));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One request and its answer.
fn converse(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    behind: SocketAddr,
    seen: &Mutex<Vec<Option<String>>>,
) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut tls = StreamOwned::new(connection, stream);
    let shaken = tls.conn.complete_io(&mut tls.sock);
    let name = tls.conn.server_name().map(str::to_owned);
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(name);
    shaken?;
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        tls.read_exact(&mut byte)?;
        request.extend(byte);
    }
    let mut plain = TcpStream::connect(behind)?;
    plain.set_read_timeout(Some(PATIENCE))?;
    plain.write_all(&request)?;
    let mut answer = Vec::new();
    plain.read_to_end(&mut answer)?;
    tls.write_all(&answer)?;
    tls.conn.send_close_notify();
    tls.flush()
}
