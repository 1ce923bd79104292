//! Opens the transport for a store's address: `http://`, `https://`, else a folder.
//! Never sends a request.

use super::folder::FolderTransport;
use super::http_client::HttpTransport;
use super::transport::Transport;
use crate::base::certificates::Certificate;

/// The store at an address, for a player that reads at most `rate` bytes a second and trusts these authorities beside the system's.
pub fn for_player(address: &str, rate: Option<u64>, authorities: &[Certificate<'static>]) -> Box<dyn Transport> {
    if address.contains("://") { Box::new(HttpTransport::new(address, rate, authorities)) } else { Box::new(FolderTransport::new(address)) }
}

/// The store at an address, for an office, which may be behind a proxy.
#[cfg(feature = "office")]
pub fn for_office(address: &str) -> Box<dyn Transport> {
    if address.contains("://") { Box::new(HttpTransport::from_environment_proxy(address)) } else { Box::new(FolderTransport::new(address)) }
}
