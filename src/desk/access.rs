//! Access to a page: this machine only, or whoever has the address with its random token. `Host` must match exactly in either case.
//! Never knows what is served.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use tiny_http::Request;

use crate::base::failure::Failure;
use crate::base::http;
use crate::base::token::Token;

const COOKIE: &str = "bangtin-preview";

/// The access rule of one running server.
pub struct AccessControl {
    bound: SocketAddr,
    hosts: Vec<String>,
    token: Option<Token>,
}

/// The address from which this machine reaches others; `None` without a network. Sends nothing: connecting a datagram socket only chooses.
fn own_address() -> Option<IpAddr> {
    // Documentation addresses, which nobody has: RFC 5737, RFC 3849.
    let reach = |any: &str, other: &str| {
        let socket = UdpSocket::bind(any).ok()?;
        socket.connect(other).ok()?;
        Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
    };
    reach("0.0.0.0:0", "192.0.2.1:9").or_else(|| reach("[::]:0", "[2001:db8::1]:9"))
}

/// The decision on a request.
pub enum AccessDecision {
    Allow,
    /// With this HTTP status.
    Refuse(u16),
    /// The address has the token: set this cookie and redirect to the plain address.
    SetCookie(String),
}

impl AccessControl {
    /// Creates a token unless the address is loopback.
    pub fn new(bound: SocketAddr) -> Result<Self, Failure> {
        let token = if bound.ip().is_loopback() { None } else { Some(Token::new()?) };
        Ok(Self { bound, hosts: http::loopback_hosts(bound.port()), token })
    }

    /// The address on this machine, without a slash at its end.
    pub fn url(&self) -> String {
        let ip = if self.bound.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { self.bound.ip() };
        format!("http://{}", SocketAddr::new(ip, self.bound.port()))
    }

    /// The address on this machine that opens the page, with the token if one is needed.
    pub fn entry_url(&self) -> String {
        self.token.as_ref().map_or_else(|| format!("{}/", self.url()), |token| format!("{}/?token={token}", self.url()))
    }

    /// The same for other machines, if they may ask. The error is the address with a placeholder, where this machine knows none of its own.
    pub fn network_url(&self) -> Option<Result<String, String>> {
        let token = self.token.as_ref()?;
        let ip = Some(self.bound.ip()).filter(|ip| !ip.is_unspecified()).or_else(own_address);
        let port = self.bound.port();
        Some(match ip {
            Some(ip) => Ok(format!("http://{}/?token={token}", SocketAddr::new(ip, port))),
            None => Err(format!("http://…:{port}/?token={token}")),
        })
    }

    /// Judges one request.
    pub fn judge(&self, request: &Request) -> AccessDecision {
        if !http::host_allowed(request, &self.hosts) && !self.is_numeric_host(request) {
            return AccessDecision::Refuse(421);
        }
        // A link on a different site may lead to the entry page only.
        if http::is_cross_site(request) && (http::has_header(request, "Origin") || http::path(request) != "/") {
            return AccessDecision::Refuse(403);
        }
        let Some(token) = &self.token else { return AccessDecision::Allow };
        let given = request.url().split_once("?token=").map(|(_, given)| given);
        if http::path(request) == "/" && given.is_some_and(|given| token.matches(given)) {
            return AccessDecision::SetCookie(format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict"));
        }
        let cookies = http::single_header(request, "Cookie").unwrap_or_default();
        let held =
            cookies.split(';').filter_map(|each| each.trim().split_once('=')).any(|(name, value)| name == COOKIE && token.matches(value));
        if held { AccessDecision::Allow } else { AccessDecision::Refuse(403) }
    }

    /// With a token, a numeric address is accepted as `Host`: DNS rebinding needs a name.
    fn is_numeric_host(&self, request: &Request) -> bool {
        let host = http::single_header(request, "Host").and_then(|host| host.parse::<SocketAddr>().ok());
        self.token.is_some() && host.is_some_and(|host| host.port() == self.bound.port())
    }
}
