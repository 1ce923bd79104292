//! How a player pulls: where from, where to, within which limits.
//! Never opens what it names.

use std::path::PathBuf;
use std::sync::Arc;

use super::meter::TransferLimits;
use super::transport::Transport;
use super::trusted::InForce;
use crate::base::ids::SiteId;

/// Opens the transport for the address of a source; the number is the lowest accepted rate, in bytes a second.
pub type OpenTransport<'a> = &'a dyn Fn(&str, u64) -> Box<dyn Transport>;

/// Called with what is in force as soon as it may have changed.
pub type Show<'a> = &'a dyn Fn(&Arc<InForce>);

/// How a player pulls.
#[derive(Clone, Debug)]
pub struct PullSettings {
    pub data: PathBuf,
    /// Path of the provisioned root.
    pub root: PathBuf,
    pub site: SiteId,
    /// Addresses and folders to pull from, the preferred first.
    pub sources: Vec<String>,
    /// Certificates that sources may be signed by, beside the system's authorities.
    pub authorities: Option<PathBuf>,
    /// Free bytes of the disk that stay unused.
    pub reserve: u64,
    pub limits: TransferLimits,
}
