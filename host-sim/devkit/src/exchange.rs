//! One HTTP/1.1 request over a fresh connection, exactly as written: names keep their case, repeats and odd bytes go out as they are.

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// The longest a connection may say nothing.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most that is read of a response.
const LARGEST: u64 = 16 << 20;

/// A request to be sent.
#[derive(Clone, Debug)]
pub struct Request {
    method: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Request {
    /// A request without headers of its own; `Host: gate.test` is added unless it names another.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Vec::new() }
    }

    /// A GET.
    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    /// Adds a header; the value may be any bytes.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// Adds `Authorization: Bearer TOKEN`.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    /// Adds a body with its length.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        let length = self.body.len().to_string();
        self.header("Content-Length", length)
    }

    /// Sends it and reads the whole response.
    ///
    /// # Errors
    /// When the connection fails, says nothing for 30 seconds, or does not answer with HTTP/1.
    pub fn send(&self, to: SocketAddr) -> io::Result<Response> {
        let mut stream = TcpStream::connect_timeout(&to, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        stream.write_all(&self.written())?;
        Response::read(stream, self.method == "HEAD")
    }

    fn written(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.path).into_bytes();
        if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            bytes.extend_from_slice(b"Host: gate.test\r\n");
        }
        for (name, value) in &self.headers {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"Connection: close\r\n\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, values as text (other bytes become U+FFFD), in order.
    pub headers: Vec<(String, String)>,
    /// The body, without transfer coding.
    pub body: Vec<u8>,
}

impl Response {
    /// The value of a header, the first if there are several. The name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON, or null.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The values of a header that the echo upstream saw. The name is in lower case.
    pub fn upstream_saw(&self, name: &str) -> Vec<String> {
        let answer = self.json();
        let pairs = answer["headers"].as_array().into_iter().flatten();
        pairs.filter(|pair| pair[0] == name).map(|pair| pair[1].as_str().unwrap_or("?").to_owned()).collect()
    }

    fn read(stream: TcpStream, head_only: bool) -> io::Result<Self> {
        let mut reader = BufReader::new(stream.take(LARGEST));
        let status_line = line(&mut reader)?;
        let status = status_line
            .strip_prefix("HTTP/1.")
            .and_then(|rest| rest.split(' ').nth(1))
            .and_then(|code| code.parse().ok())
            .ok_or_else(|| broken(&format!("not a status line: {status_line:?}")))?;
        let mut headers = Vec::new();
        loop {
            let text = line(&mut reader)?;
            if text.is_empty() {
                break;
            }
            let (name, value) = text.split_once(':').ok_or_else(|| broken(&format!("not a header: {text:?}")))?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut response = Self { status, headers, body: Vec::new() };
        if !head_only && status != 204 && status != 304 {
            response.body = response.read_body(&mut reader)?;
        }
        Ok(response)
    }

    fn read_body(&self, reader: &mut impl io::BufRead) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        if self.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
            loop {
                let size = line(reader)?;
                let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)
                    .map_err(|_| broken("not a chunk size"))?;
                let before = body.len();
                reader.take(size as u64).read_to_end(&mut body)?;
                if body.len() != before + size {
                    return Err(broken("a chunk breaks off"));
                }
                line(reader)?;
                if size == 0 {
                    return Ok(body);
                }
            }
        }
        match self.header("content-length").map(str::parse::<u64>) {
            Some(Ok(length)) => {
                reader.take(length).read_to_end(&mut body)?;
                if body.len() as u64 != length {
                    return Err(broken("the body breaks off"));
                }
            }
            Some(Err(_)) => return Err(broken("not a content-length")),
            None => drop(reader.read_to_end(&mut body)?),
        }
        Ok(body)
    }
}

fn line(reader: &mut impl io::BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    reader.read_until(b'\n', &mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Err(broken("the answer breaks off"));
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
