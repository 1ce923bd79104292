//! The player's configuration: one JSON file; unknown keys are denied and every value is checked before anything starts.
//! Never opens the files that it names.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::base::failure::{Failure, library_reason};
use crate::base::files;
use crate::base::ids::{PlayerId, SiteId};
use crate::base::limits::SMALL_DOCUMENT_BYTES;
use crate::player::pull::PullSettings;
use crate::player::pull::meter::TransferLimits;
use crate::player::show::server;
use crate::text;

/// `player.json`. Relative paths start at the file's own folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub site: SiteId,
    /// Unique at the site.
    pub player: PlayerId,
    /// Sources, the preferred first: `http://`, `https://` or a folder.
    pub store: Vec<String>,
    /// Certificate authorities of the office itself, in PEM, trusted beside the system's.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// The data folder.
    pub data: PathBuf,
    /// The provisioned root; its signatures are beside it.
    pub root: PathBuf,
    /// Loopback address of the server.
    #[serde(default = "server::default_address")]
    pub listen: SocketAddr,
    /// Secret key that signs the returns; without one they stay unsigned.
    #[serde(default)]
    pub play_key: Option<PathBuf>,
    /// 0 to 100 percent.
    #[serde(default = "default_volume")]
    pub volume: u8,
    /// Seconds between looks at the store, 10 to 86,400.
    #[serde(default = "default_poll")]
    pub poll_seconds: u64,
    /// Free bytes of the disk that stay unused.
    #[serde(default = "default_reserve")]
    pub reserve_bytes: u64,
    /// Limit on bytes fetched a second, 1,024 or more; `None`: no limit.
    #[serde(default)]
    pub bytes_per_second: Option<u64>,
    /// Limit on bytes of objects fetched a day (UTC), 1,048,576 or more; urgent programs are exempt. `None`: no limit.
    #[serde(default)]
    pub bytes_per_day: Option<u64>,
    /// Local times in which objects are fetched, as `"22:00-05:00"`; urgent programs are exempt. Empty: always.
    #[serde(default)]
    pub fetch_hours: Vec<String>,
    /// Name shown to the operator; `None`: the site's id.
    #[serde(default)]
    pub name: Option<String>,
}

fn default_volume() -> u8 {
    70
}

fn default_poll() -> u64 {
    60
}

fn default_reserve() -> u64 {
    64 << 20
}

impl Config {
    /// Reads and checks a configuration.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let bytes = files::read_file_limited(path, SMALL_DOCUMENT_BYTES).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                Failure::Usage(text!(vi: "không có tệp cấu hình {shown}", en: "there is no configuration file {shown}"))
            }
            _ => Failure::io(path, &error),
        })?;
        let mut config: Self = serde_json::from_slice(&bytes).map_err(|error| {
            let reason = json_reason(&error);
            Failure::Refused(text!(
                vi: "{shown}: {reason}\n  cách sửa: xem docs/player.md, mục cấu hình",
                en: "{shown}: {error}\n  help: see docs/player.md, the configuration",
            ))
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        config.data = folder.join(&config.data);
        config.root = folder.join(&config.root);
        config.ca = config.ca.map(|file| folder.join(file));
        config.play_key = config.play_key.map(|key| folder.join(key));
        for source in &mut config.store {
            if !source.contains("://") {
                *source = folder.join(&*source).to_string_lossy().into_owned();
            }
        }
        config.check(path)?;
        Ok(config)
    }

    fn check(&self, path: &Path) -> Result<(), Failure> {
        let shown = path.display();
        let refuse = |key: &str, vi: &str, en: &str| Err(Failure::Refused(text!(vi: "{shown}: “{key}” {vi}", en: "{shown}: “{key}” {en}")));
        if self.store.is_empty() {
            return refuse(
                "store",
                "cần ít nhất một địa chỉ http://, https:// hoặc một thư mục",
                "needs at least one http:// or https:// address or folder",
            );
        }
        let odd = |source: &&String| source.contains("://") && !source.starts_with("http://") && !source.starts_with("https://");
        if let Some(source) = self.store.iter().find(odd) {
            return refuse(
                "store",
                &format!("có “{source}”: cần địa chỉ http://, https:// hoặc một thư mục"),
                &format!("has “{source}”: an http:// or https:// address or a folder is needed"),
            );
        }
        if self.volume > 100 {
            return refuse("volume", "phải từ 0 đến 100", "must be 0 to 100");
        }
        if self.bytes_per_second.is_some_and(|rate| rate < 1_024) {
            return refuse("bytes_per_second", "phải từ 1024 trở lên", "must be 1024 or more");
        }
        if self.bytes_per_day.is_some_and(|bytes| bytes < 1 << 20) {
            return refuse("bytes_per_day", "phải từ 1048576 trở lên", "must be 1048576 or more");
        }
        if self.fetch_hours.iter().any(|text| parse_hours(text).is_none()) {
            return refuse("fetch_hours", "phải gồm các khoảng như \"22:00-05:00\"", "must be a list of stretches such as \"22:00-05:00\"");
        }
        if !(10..=86_400).contains(&self.poll_seconds) {
            return refuse("poll_seconds", "phải từ 10 đến 86400", "must be 10 to 86400");
        }
        if !self.listen.ip().is_loopback() {
            return refuse("listen", "phải là địa chỉ nội bộ, như 127.0.0.1:8377", "must be on loopback, such as 127.0.0.1:8377");
        }
        Ok(())
    }

    /// The settings of the pulling side.
    pub fn pull_settings(&self) -> PullSettings {
        let window = self.fetch_hours.iter().filter_map(|text| parse_hours(text)).collect();
        PullSettings {
            data: self.data.clone(),
            root: self.root.clone(),
            site: self.site.clone(),
            sources: self.store.clone(),
            authorities: self.ca.clone(),
            reserve: self.reserve_bytes,
            limits: TransferLimits { rate: self.bytes_per_second, daily: self.bytes_per_day, window },
        }
    }

    /// Path of the health file.
    pub fn health_path(&self) -> PathBuf {
        self.data.join("health.json")
    }
}

/// What is wrong with a JSON file of the player, in Vietnamese.
pub fn json_reason(error: &serde_json::Error) -> String {
    let (own, line, column) = (error.to_string(), error.line(), error.column());
    let key = own.split('`').nth(1).unwrap_or_default();
    let what = match own.split(" field").next().unwrap_or_default() {
        "unknown" => format!("không dùng mục “{key}”"),
        "missing" => format!("thiếu mục “{key}”"),
        "duplicate" => format!("mục “{key}” viết hai lần"),
        _ if error.is_data() => wrong_type(&own).unwrap_or_else(|| format!("giá trị của một mục không hợp lệ ({})", library_reason(&own))),
        _ => format!("không đúng cú pháp JSON ({})", library_reason(&own)),
    };
    format!("dòng {line}, cột {column}: {what}")
}

/// What the library says of a value of another type than is needed, in Vietnamese.
fn wrong_type(own: &str) -> Option<String> {
    let (found, needed) = own.strip_prefix("invalid ")?.split_once(": ")?.1.split_once(", expected ")?;
    let needed = needed.split(" at line ").next()?;
    let (kind, value) = found.split_once(' ').unwrap_or((found, ""));
    let found = match kind {
        "string" => format!("chuỗi {value}"),
        "integer" | "floating" => format!("số {}", value.rsplit(' ').next()?.trim_matches('`')),
        "boolean" => value.trim_matches('`').to_owned(),
        "sequence" => "danh sách […]".to_owned(),
        "map" => "nhóm mục {…}".to_owned(),
        "null" => kind.to_owned(),
        _ => return None,
    };
    let needed = match needed {
        "u8" | "u64" => "số nguyên từ 0 trở lên",
        "a sequence" => "danh sách […]",
        "a string" | "path string" | "socket address" => "chuỗi trong ngoặc kép",
        "struct Config" => "nhóm mục {…}",
        _ => return None,
    };
    Some(format!("{found} không hợp lệ ở đây, cần {needed}"))
}

/// Minutes of the day of `HH:MM-HH:MM`; `None` if malformed or if both are equal.
fn parse_hours(text: &str) -> Option<(u16, u16)> {
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':').filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2)?;
        let (hour, minute) = (hour.parse::<u16>().ok()?, minute.parse::<u16>().ok()?);
        (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
    };
    let (from, to) = text.split_once('-')?;
    let (from, to) = (minute(from)?, minute(to)?);
    (from != to).then_some((from, to))
}
