//! Bytes in memory or in a file, so that a large video is read only when it is needed.
//! Never writes them.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where bytes come from.
#[derive(Clone)]
pub enum ByteSource {
    Memory(Arc<[u8]>),
    File(PathBuf),
    /// A file that is removed when its last holder is dropped.
    Temporary(Arc<tempfile::TempPath>),
}

impl ByteSource {
    /// The file that holds the bytes; `None` if they are in memory.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Memory(_) => None,
            Self::File(path) => Some(path),
            Self::Temporary(path) => Some(path),
        }
    }

    /// Opens the bytes as a stream.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send + '_>> {
        match self {
            Self::Memory(bytes) => Ok(Box::new(&**bytes)),
            Self::File(path) => Ok(Box::new(File::open(path)?)),
            Self::Temporary(path) => Ok(Box::new(File::open(&**path)?)),
        }
    }
}

impl fmt::Debug for ByteSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(bytes) => write!(f, "Memory({} bytes)", bytes.len()),
            Self::File(path) => write!(f, "File({})", path.display()),
            Self::Temporary(path) => write!(f, "Temporary({})", path.display()),
        }
    }
}
