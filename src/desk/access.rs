//! Who may look: this machine alone, or with a random token whoever was given its address. Exact `Host` in either case.
//! Never knows what is served.

use std::net::{IpAddr, SocketAddr};

use tiny_http::Request;

use crate::base::failure::Failure;
use crate::base::http;
use crate::base::token::Token;

const COOKIE: &str = "bangtin-preview";

/// The rule for one running preview.
pub struct AccessControl {
    bound: SocketAddr,
    hosts: Vec<String>,
    token: Option<Token>,
}

/// What to do with a request.
pub enum AccessDecision {
    /// Serve it.
    Allow,
    /// Refuse it with this status.
    Refuse(u16),
    /// It brought the token in its address: hand it the cookie and send it to the plain address.
    SetCookie(String),
}

impl AccessControl {
    /// On loopback no token is needed; on any other address one is made.
    pub fn new(bound: SocketAddr) -> Result<Self, Failure> {
        let token = if bound.ip().is_loopback() { None } else { Some(Token::new()?) };
        Ok(Self { bound, hosts: http::loopback_hosts(bound.port()), token })
    }

    /// The address on this machine, without a slash at its end.
    pub fn url(&self) -> String {
        let ip = if self.bound.ip().is_unspecified() { IpAddr::from([127, 0, 0, 1]) } else { self.bound.ip() };
        format!("http://{}", SocketAddr::new(ip, self.bound.port()))
    }

    /// The address that carries the token, where there is one.
    pub fn entry_url(&self) -> Option<String> {
        self.token.as_ref().map(|token| format!("{}/?token={token}", self.url()))
    }

    /// Judges one request.
    pub fn judge(&self, request: &Request) -> AccessDecision {
        if !http::host_allowed(request, &self.hosts) && !self.is_numeric_host(request) {
            return AccessDecision::Refuse(421);
        }
        // A link on another page may lead to the entry, and only there.
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

    /// With a token, the machine's own numeric addresses will do as `Host`: rebinding needs a name.
    fn is_numeric_host(&self, request: &Request) -> bool {
        let host = http::single_header(request, "Host").and_then(|host| host.parse::<SocketAddr>().ok());
        self.token.is_some() && host.is_some_and(|host| host.port() == self.bound.port())
    }
}
