//! A connection that stays open, so that one worker of Envoy gets everything that is sent on it.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use claimgate_devkit::exchange::Response;

/// The longest an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An HTTP/1.1 connection that is kept.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    /// Opens one.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn open(to: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&to, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a GET, with a bearer token if there is one, and reads the whole answer.
    ///
    /// # Errors
    /// When the connection fails, nothing comes for 30 seconds, or the answer is not HTTP/1.1 with a length.
    pub fn get(&mut self, path: &str, token: Option<&str>) -> io::Result<Response> {
        self.get_with(path, token, &[])
    }

    /// The same with more headers.
    ///
    /// # Errors
    /// As [`Connection::get`].
    pub fn get_with(&mut self, path: &str, token: Option<&str>, headers: &[(&str, &str)]) -> io::Result<Response> {
        let mut lines = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        headers.iter().for_each(|(name, value)| lines += &format!("{name}: {value}\r\n"));
        self.0.get_mut().write_all(format!("GET {path} HTTP/1.1\r\nHost: gate.test\r\n{lines}\r\n").as_bytes())?;
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| broken(&first))?;
        let mut response = Response { status, headers: Vec::new(), body: Vec::new() };
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| broken(&line))?;
            response.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = response.header("content-length").and_then(|length| length.parse().ok());
        response.body = vec![0; length.ok_or_else(|| broken("no content-length"))?];
        self.0.read_exact(&mut response.body)?;
        Ok(response)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        self.0.read_line(&mut line)?;
        line.strip_suffix("\r\n").map(str::to_owned).ok_or_else(|| broken("the answer breaks off"))
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
