//! Everything that differs by system: one file for each, with the same functions in the same meaning. Nothing else in the library names a
//! system. Never decides when something is done.

#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod system;

pub use system::{
    BROWSER, InnerAddress, InnerListener, InnerStream, bind_inner, cache_folder, connect_inner, create_with_mode, feed_watchdog,
    file_url_path, free_bytes, has_other_names, identity, is_absent, lock_folder, modified, open_descriptor, open_part, open_regular,
    read_at, read_exact_at, set_usual_folder_mode, set_usual_mode, shows_colors, signals, slashed, status_changed, survive_file_size_limit,
    sync_dir, touch, watchdog,
};
#[cfg(feature = "office")]
pub use system::{at_end, owner, with_pipes};
