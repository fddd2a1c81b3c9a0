//! How common software finds the host in an authority, as small functions: each gives the host, or nothing where it refuses.
//! They are written from the documents and sources named at each, and know nothing of the core.

use crate::path::decoded;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The host that each reader finds, in lower case and without the dot at its end.
pub(super) fn hosts(authority: &str) -> Vec<(&'static str, String)> {
    let readers: [(&'static str, fn(&str) -> Option<String>); 11] = [
        ("the URL standard", url_standard),
        ("the URL standard with an old IDNA library", old_url_standard),
        ("Express", express),
        ("nginx", nginx),
        ("Envoy, domains [host, host:*]", envoy_port_pattern),
        ("Envoy, strip_any_host_port", envoy_stripped),
        ("Go's net/http", go),
        ("Django", django),
        ("the last of a list", last_of_list),
        ("the first of a list", first_of_list),
        ("RFC 3986, decoded", rfc_3986),
    ];
    let read = |(name, reader): (&'static str, fn(&str) -> Option<String>)| Some((name, undotted(&reader(authority)?)));
    readers.into_iter().filter_map(read).filter(|(_, host)| !host.is_empty()).collect()
}

fn undotted(host: &str) -> String {
    let host = host.to_lowercase();
    host.strip_suffix('.').map_or(host.clone(), str::to_owned)
}

/// url.spec.whatwg.org, sections 3.5 and 4.4, for `http://` and the authority.
fn url_standard(authority: &str) -> Option<String> {
    whatwg(authority, false)
}

/// The same before RUSTSEC-2024-0421: a label in punycode may stand for an ASCII one.
fn old_url_standard(authority: &str) -> Option<String> {
    whatwg(authority, true)
}

fn whatwg(authority: &str, old: bool) -> Option<String> {
    let clean: String = authority.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
    let clean = clean.trim_start_matches(['/', '\\']);
    let end = clean.find(['/', '?', '#', '\\']).unwrap_or(clean.len());
    let host_port = clean[..end].rsplit('@').next()?;
    let colon = match host_port.rfind(']') {
        Some(bracket) => host_port[bracket..].find(':').map(|at| at + bracket),
        None => host_port.find(':'),
    };
    let (host, port) = host_port.split_at(colon.unwrap_or(host_port.len()));
    let port = port.strip_prefix(':').unwrap_or_default();
    if !port.bytes().all(|byte| byte.is_ascii_digit()) || (!port.is_empty() && port.parse::<u16>().is_err()) {
        return None;
    }
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let decoded = String::from_utf8_lossy(&decoded(host.as_bytes())).into_owned();
    let ascii = to_ascii(&decoded, old)?;
    let forbidden = |c: char| c.is_ascii_control() || " #/:<>?@[\\]^|%".contains(c);
    if ascii.is_empty() || ascii.contains(forbidden) {
        return None;
    }
    let last = ascii.strip_suffix('.').unwrap_or(&ascii).rsplit('.').next()?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_hexadecimal = |text: &str| number(text).is_some();
    if is_number(last) || is_hexadecimal(last) {
        return ipv4(ascii.strip_suffix('.').unwrap_or(&ascii)).map(|address| address.to_string());
    }
    Some(ascii)
}

/// The part of Unicode's UTS 46 that leads to ASCII: compatibility forms, the other full stops, and what is left out.
fn to_ascii(host: &str, old: bool) -> Option<String> {
    let map = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        '\u{3002}' | '\u{ff61}' => Some('.'),
        '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}' => None,
        '\u{2100}'..='\u{214f}' if c == '\u{212a}' => Some('k'),
        other => Some(other),
    };
    let mapped: String = host.chars().filter_map(map).flat_map(char::to_lowercase).collect();
    let label = |label: &str| match label.strip_prefix("xn--") {
        Some(rest) if old => rest.strip_suffix('-').unwrap_or(label).to_owned(),
        _ => label.to_owned(),
    };
    let labels: Vec<String> = mapped.split('.').map(label).collect();
    let ascii = labels.join(".");
    ascii.is_ascii().then_some(ascii)
}

/// A number in a host: decimal, octal or hexadecimal.
fn number(text: &str) -> Option<u64> {
    let hexadecimal = text.strip_prefix("0x").or(text.strip_prefix("0X"));
    match hexadecimal {
        Some("") => Some(0),
        Some(digits) => u64::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|d| d.is_ascii_hexdigit())),
        None if text.len() > 1 && text.starts_with('0') => u64::from_str_radix(text, 8).ok(),
        None => text.parse().ok().filter(|_| text.bytes().all(|digit| digit.is_ascii_digit())),
    }
}

fn ipv4(host: &str) -> Option<Ipv4Addr> {
    let parts: Vec<u64> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, front) = parts.split_last()?;
    if front.len() > 3 || front.iter().any(|part| *part > 255) || *last >= 256_u64.pow(4 - front.len() as u32) {
        return None;
    }
    let high = front.iter().enumerate().map(|(at, part)| part << (8 * (3 - at))).sum::<u64>();
    Some(Ipv4Addr::from((high + last) as u32))
}

/// `req.hostname` of Express 4 and 5.
fn express(authority: &str) -> Option<String> {
    let offset = if authority.starts_with('[') { authority.find(']').map_or(0, |at| at + 1) } else { 0 };
    let colon = authority[offset..].find(':').map(|at| at + offset);
    Some(authority[..colon.unwrap_or(authority.len())].to_owned())
}

/// `ngx_http_validate_host` in src/http/ngx_http_request.c.
fn nginx(authority: &str) -> Option<String> {
    let (mut host, mut rest, mut literal) = (String::new(), false, false);
    let mut before = '\0';
    for (at, c) in authority.chars().enumerate() {
        match c {
            '\0'..='\x20' | '\x7f' | '/' | '\\' => return None,
            '.' if before == '.' => return None,
            ':' if !literal => rest = true,
            '[' if at == 0 => literal = true,
            ']' if literal => {
                host.push(c);
                (literal, rest) = (false, true);
            }
            _ => {}
        }
        if !rest {
            host.push(c);
        }
        before = c;
    }
    Some(host)
}

/// A virtual host with the domains `host` and `host:*`, as Istio writes them for its gateways.
fn envoy_port_pattern(authority: &str) -> Option<String> {
    let host = authority.to_lowercase();
    let colon = if host.starts_with('[') { host.find("]:").map(|at| at + 1) } else { host.find(':') };
    match colon {
        Some(at) if at + 1 < host.len() => Some(host[..at].to_owned()),
        Some(_) => None,
        None => Some(host),
    }
}

/// `HeaderUtility::stripPortFromHost` and `stripTrailingHostDot` in source/common/http/header_utility.cc, with `SimpleAtoi`, which
/// takes blanks and a sign.
fn envoy_stripped(authority: &str) -> Option<String> {
    let mut host = authority.to_lowercase();
    if let Some(at) = host.rfind(':')
        && host[at..].find(']').is_none()
        && host[at + 1..].trim().parse::<i64>().is_ok()
    {
        host.truncate(at);
    }
    Some(host)
}

/// `cleanHost` in net/http/request.go, and `URL.Hostname`.
fn go(authority: &str) -> Option<String> {
    let host = authority.split([' ', '/']).next()?;
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || b"!$%&(*)+,-.:;=_~[]'".contains(&byte);
    if !authority.bytes().all(valid) {
        return None;
    }
    let colon = if host.ends_with(']') { None } else { host.rfind(':') };
    let port = |at: usize| host[at + 1..].bytes().all(|byte| byte.is_ascii_digit());
    Some(host[..colon.filter(|at| port(*at)).unwrap_or(host.len())].to_owned())
}

/// `split_domain_port` in django/http/request.py.
fn django(authority: &str) -> Option<String> {
    let host = authority.to_lowercase();
    let (domain, port) =
        if host.ends_with(']') { (host.as_str(), "") } else { host.split_once(':').unwrap_or((&host, "")) };
    let sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    (domain.bytes().all(sound) && port.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| domain.trim_end_matches('.').to_owned())
}

/// Whoever takes the last of several values.
fn last_of_list(authority: &str) -> Option<String> {
    express(authority.rsplit(',').next()?.trim())
}

/// Whoever takes the first.
fn first_of_list(authority: &str) -> Option<String> {
    express(authority.split(',').next()?.trim())
}

/// `authority = [ userinfo "@" ] host [ ":" port ]` with a host that is decoded.
fn rfc_3986(authority: &str) -> Option<String> {
    let host = authority.rsplit('@').next()?;
    let host = express(host)?;
    String::from_utf8(decoded(host.as_bytes())).ok()
}
