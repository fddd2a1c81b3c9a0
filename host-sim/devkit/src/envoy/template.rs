//! The configurations in `envoy/`, with what a test must change replaced as text.

use std::net::SocketAddr;
use std::path::Path;

use super::{EnvoyError, workspace};

/// The lines between which a configuration speaks TLS to a provider.
const CUT: (&str, &str) = ("# test: cut from here", "# test: to here");

/// An Envoy configuration in the making. What cannot be replaced is reported by [`Template::yaml`].
#[derive(Clone, Debug)]
pub struct Template {
    text: String,
    missing: Vec<String>,
}

impl Template {
    /// `envoy/NAME.yaml`, listening on free ports of 127.0.0.1 and speaking plain HTTP to the providers.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn example(name: &str) -> Result<Self, EnvoyError> {
        Ok(Self::as_published(name)?
            .without_tls()
            .replace("address: 0.0.0.0, port_value: 8080", "address: 127.0.0.1, port_value: 0")
            .replace("address: 127.0.0.1, port_value: 9901", "address: 127.0.0.1, port_value: 0"))
    }

    /// `envoy/NAME.yaml` to the letter.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn as_published(name: &str) -> Result<Self, EnvoyError> {
        let path = workspace().join("envoy").join(format!("{name}.yaml"));
        let text = std::fs::read_to_string(&path)
            .map_err(|error| EnvoyError::Template(format!("file {}: {error}", path.display())))?;
        Ok(Self { text, missing: Vec::new() })
    }

    /// Any other configuration.
    pub fn of_text(text: String) -> Self {
        Self { text, missing: Vec::new() }
    }

    /// The module to run, in place of `/etc/envoy/claimgate.wasm`.
    pub fn module(self, wasm: &Path) -> Self {
        let wasm = wasm.display().to_string();
        self.replace("/etc/envoy/claimgate.wasm", &wasm)
    }

    /// The service behind the gate, in place of 127.0.0.1:9000.
    pub fn upstream(self, at: SocketAddr) -> Self {
        self.endpoint("127.0.0.1", 9000, at)
    }

    /// The server that answers for a provider's host (`login.workforce.example`).
    pub fn provider(self, host: &str, at: SocketAddr) -> Self {
        self.endpoint(host, 443, at)
    }

    /// Lets headers with underscores reach the filter instead of refusing the request.
    pub fn underscores_allowed(self) -> Self {
        self.replace("headers_with_underscores_action: REJECT_REQUEST", "headers_with_underscores_action: ALLOW")
    }

    /// Another configuration of the filter, as JSON.
    pub fn configuration(mut self, json: &str) -> Self {
        match self.configuration_lines() {
            Some((first, last, indent)) => {
                let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
                lines.splice(first..last, json.lines().map(|line| format!("{:indent$}{line}", "")));
                self.text = lines.join("\n") + "\n";
            }
            None => self.missing.push("filter configuration (a line `value: |`)".into()),
        }
        self
    }

    /// The configuration of the filter as it stands in the file.
    pub fn filter_configuration(&self) -> Option<String> {
        let (first, last, indent) = self.configuration_lines()?;
        let lines = self.text.lines().skip(first).take(last - first);
        Some(lines.map(|line| line.get(indent..).unwrap_or_default()).collect::<Vec<_>>().join("\n"))
    }

    /// Another filter in place of the whole `- name: claimgate`, as YAML from its dash on; nothing takes it out.
    pub fn http_filter(mut self, yaml: &str) -> Self {
        let find = |line: &str| self.text.find(&format!("          - name: {line}\n"));
        match (find("claimgate"), find("envoy.filters.http.router")) {
            (Some(from), Some(to)) if from < to => {
                let lines: String = yaml.lines().map(|line| format!("          {line}\n")).collect();
                self.text.replace_range(from..to, &lines);
            }
            _ => self.missing.push("filter `claimgate` before the router".into()),
        }
        self
    }

    /// Replaces a text wherever it stands; it must stand somewhere.
    pub fn replace(mut self, from: &str, to: &str) -> Self {
        if self.text.contains(from) {
            self.text = self.text.replace(from, to);
        } else {
            self.missing.push(format!("`{from}`"));
        }
        self
    }

    /// The finished YAML.
    ///
    /// # Errors
    /// When something was to be replaced that is not there.
    pub fn yaml(&self) -> Result<&str, EnvoyError> {
        match self.missing.is_empty() {
            true => Ok(&self.text),
            false => Err(EnvoyError::Template(self.missing.join(", no "))),
        }
    }

    /// The file in two: a bootstrap that takes its listeners from `listeners` as it changes, and the first such listeners.
    pub(super) fn split(&self, listeners: &Path) -> Result<(String, String), EnvoyError> {
        let whole = self.yaml()?;
        let parts = whole
            .split_once("\n  listeners:\n")
            .and_then(|(head, rest)| Some((head, rest.split_once("\n  clusters:\n")?)));
        let (head, (own, clusters)) =
            parts.ok_or_else(|| EnvoyError::Template("`listeners:` before `clusters:`".into()))?;
        let listeners = listeners.display();
        let bootstrap = format!(
            "dynamic_resources:\n  lds_config:\n    path_config_source: {{ path: {listeners} }}\n{head}\n  clusters:\n{clusters}"
        );
        let kind = "  - \"@type\": type.googleapis.com/envoy.config.listener.v3.Listener\n    name:";
        Ok((bootstrap, format!("resources:\n{}\n", own.replacen("  - name:", kind, 1))))
    }

    fn endpoint(self, host: &str, port: u16, at: SocketAddr) -> Self {
        self.replace(
            &format!("address: {host}, port_value: {port}"),
            &format!("address: {}, port_value: {}", at.ip(), at.port()),
        )
    }

    fn without_tls(mut self) -> Self {
        let mut kept = Vec::new();
        let mut cutting = false;
        for line in self.text.lines() {
            cutting |= line.trim().starts_with(CUT.0);
            if !cutting {
                kept.push(line);
            }
            cutting &= !line.trim().starts_with(CUT.1);
        }
        self.text = kept.join("\n") + "\n";
        self
    }

    /// The lines of the block after `value: |`: first, one past the last, indent.
    fn configuration_lines(&self) -> Option<(usize, usize, usize)> {
        let indent_of = |line: &str| line.len() - line.trim_start().len();
        let lines: Vec<&str> = self.text.lines().collect();
        let first = lines.iter().position(|line| line.trim() == "value: |")? + 1;
        let indent = indent_of(lines.get(first)?);
        let inside = lines[first..].iter().take_while(|line| line.trim().is_empty() || indent_of(line) >= indent);
        Some((first, first + inside.count(), indent))
    }
}
