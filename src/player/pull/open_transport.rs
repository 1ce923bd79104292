//! Opens the transport for a store's address: `http://`, `https://`, else a folder.
//! Never sends a request.

use std::path::Path;

use super::folder::FolderTransport;
use super::http_client::HttpTransport;
use super::transport::Transport;
use crate::base::certificates::{self, Certificate};

/// The authorities of a file. Without them a source may be unreachable; what is stored plays on.
pub fn authorities(path: Option<&Path>) -> Vec<Certificate<'static>> {
    let read = path.map(certificates::read).transpose().inspect_err(|fault| crate::logln!("pull: {}", fault.en));
    read.ok().flatten().unwrap_or_default()
}

/// The store at an address, for a player that trusts these authorities beside the system's. `slowest`: lowest accepted rate, in bytes a
/// second.
pub fn for_player(address: &str, slowest: u64, authorities: &[Certificate<'static>]) -> Box<dyn Transport> {
    if address.contains("://") {
        Box::new(HttpTransport::new(address, slowest, authorities))
    } else {
        Box::new(FolderTransport::new(address))
    }
}

/// The store at an address, for an office, which may be behind a proxy.
#[cfg(feature = "office")]
pub fn for_office(address: &str) -> Box<dyn Transport> {
    if address.contains("://") { Box::new(HttpTransport::from_environment_proxy(address)) } else { Box::new(FolderTransport::new(address)) }
}
