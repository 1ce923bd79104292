//! Real servers on loopback for stores by URL: moto for S3, nginx with WebDAV. Each has its own port and ends when dropped.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::commands::Province;
use crate::harness::{Finished, Sandbox, http, repository, wait_for};

/// A child process; killed when dropped.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// One request in a server's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub status: u16,
}

fn log_of(path: &Path) -> Vec<Asked> {
    let asked = |line: &str| {
        let (_, rest) = line.split_once('"')?;
        let (request, after) = rest.split_once('"')?;
        let mut words = request.split(' ');
        let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
        Some(Asked { method, path, status: after.split_whitespace().next()?.parse().ok()? })
    };
    fs::read_to_string(path).unwrap_or_default().lines().filter_map(asked).collect()
}

/// A server and the access to publish to it.
pub struct Server {
    _child: Ended,
    log: std::path::PathBuf,
    /// `127.0.0.1:port`.
    pub host: String,
    /// URL that a publisher writes to.
    pub url: String,
    /// URL that a player reads from.
    pub public: String,
    pub environment: Vec<(String, String)>,
}

impl Server {
    /// What it was asked since `from`, a number of requests.
    pub fn asked(&self, from: usize) -> Vec<Asked> {
        log_of(&self.log).into_iter().skip(from).collect()
    }

    /// Number of requests so far.
    pub fn count(&self) -> usize {
        log_of(&self.log).len()
    }

    /// Runs an office command with access to the server.
    pub fn bangtin(&self, sandbox: &Sandbox, args: &[&str]) -> Finished {
        let output = self.command(sandbox, args).output().unwrap();
        Finished {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub fn command(&self, sandbox: &Sandbox, args: &[&str]) -> Command {
        let mut command = sandbox.command(env!("CARGO_BIN_EXE_bangtin"), args);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Publishes the province.
    pub fn publish(&self, province: &Province, more: &[&str]) -> Finished {
        self.bangtin(&province.0, &publish_args(&self.url, more))
    }

    /// Publishes the province to another store.
    pub fn publish_to(&self, province: &Province, url: &str) -> Finished {
        self.bangtin(&province.0, &publish_args(url, &["--new-store"]))
    }
}

/// `publish` of the province at a time in its month.
pub fn publish_args<'a>(url: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [["publish", "--to", url, "--site", "ta-lung", "--key", "keys/publish", "--now", "2026-12-01T09:00"].as_slice(), more].concat()
}

/// A publicly readable bucket on moto's S3.
pub fn s3(sandbox: &Sandbox) -> Server {
    let server = moto(sandbox, "http", &[]);
    assert_eq!(http::send(&server.host, "PUT", "/bucket", &[], b"").status, 200);
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::bucket","arn:aws:s3:::bucket/*"]}]}"#;
    assert!(http::send(&server.host, "PUT", "/bucket?policy", &[], policy.as_bytes()).status < 300);
    server
}

/// A bucket on a server with a certificate that an office's own authority signed: `ca.pem`.
pub fn s3_of_own_authority(sandbox: &Sandbox) -> Server {
    certify(sandbox);
    let [certificate, key] = ["server.pem", "server.key"].map(|name| sandbox.path(name).display().to_string());
    let server = moto(sandbox, "https", &["--ssl-cert", &certificate, "--ssl-key", &key]);
    let put = "import ssl, sys, urllib.request as web; web.urlopen(web.Request(sys.argv[1], method='PUT'), context=ssl._create_unverified_context())";
    sandbox.run("python3", &["-c", put, &format!("https://{}/bucket", server.host)]).success();
    server
}

/// moto without a bucket.
fn moto(sandbox: &Sandbox, scheme: &str, more: &[&str]) -> Server {
    let installed = repository().join("target/tools/moto/bin/moto_server");
    let program = if installed.is_file() { installed } else { "moto_server".into() };
    let (port, log) = (free_port(), sandbox.path("moto.log"));
    let number = port.to_string();
    let mut command = sandbox.command(&program.display().to_string(), &["-H", "127.0.0.1", "-p", &number]);
    command.args(more).stdout(Stdio::null()).stderr(File::create(&log).unwrap());
    let child = Ended(command.spawn().expect("moto_server: run tests/tools"));
    wait_for("moto", Duration::from_secs(60), || TcpStream::connect(("127.0.0.1", port)).is_ok());
    let host = format!("127.0.0.1:{port}");
    let address = format!("{scheme}://{host}");
    let pairs = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ENDPOINT", &address),
    ];
    let environment = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    Server { _child: child, log, host, url: "s3://bucket/kho".to_owned(), public: format!("{address}/bucket/kho"), environment }
}

/// How an nginx differs from the manual's configuration.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Nginx {
    /// As in the manual.
    Whole,
    /// Without the module for listings.
    Unlisted,
    /// Accepts only PUT.
    OnlyPut,
    /// Says yes to everything that is written, and keeps nothing.
    Forgetful,
    /// Says yes to MOVE, and moves nothing.
    Motionless,
    /// With a certificate that an office's own authority signed: `ca.pem`.
    OwnAuthority,
    /// Behind another server, which asks for one folder wherever all are asked for.
    Shallow,
}

/// That other server.
fn shallow(port: u16, inner: u16) -> String {
    format!(
        "map $http_depth $depth {{ default $http_depth; infinity 1; }}\nserver {{ listen 127.0.0.1:{port}; client_max_body_size 0; access_log off;\n\
         location / {{ proxy_pass http://127.0.0.1:{inner}; proxy_set_header Host $http_host; proxy_set_header Depth $depth; }} }}\n"
    )
}

/// The nginx of docs/hosting.md over the sandbox's folder `dav`.
pub fn nginx(sandbox: &Sandbox, kind: Nginx) -> Server {
    let manual = fs::read_to_string(repository().join("docs/hosting.md")).unwrap();
    let server = manual.split("```nginx\n").nth(1).and_then(|rest| rest.split("```").next()).expect("the configuration of nginx");
    let (port, folder) = (free_port(), sandbox.path(""));
    let folder = folder.to_str().unwrap().trim_end_matches('/');
    let (inner, before) = if kind == Nginx::Shallow {
        let inner = free_port();
        (inner, shallow(port, inner))
    } else {
        (port, String::new())
    };
    let mut server = server
        .lines()
        .filter(|line| kind == Nginx::OwnAuthority || !line.trim_start().starts_with("ssl_certificate"))
        .collect::<Vec<_>>()
        .join("\n")
        .replace("listen 443 ssl;", &format!("listen 127.0.0.1:{inner}{};", if kind == Nginx::OwnAuthority { " ssl" } else { "" }))
        .replace("/etc/ssl/kho.example", &format!("{folder}/server"))
        .replace("/srv/bangtin-incoming", &format!("{folder}/incoming"))
        .replace("/srv/bangtin", &format!("{folder}/dav"))
        .replace("/etc/nginx/bangtin.htpasswd", &format!("{folder}/htpasswd"));
    let mut module = "load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;";
    if let Nginx::Forgetful | Nginx::Motionless = kind {
        let (ignored, heeded) =
            if kind == Nginx::Forgetful { ("PUT|MOVE|DELETE|MKCOL", "") } else { ("MOVE", " dav_methods PUT DELETE MKCOL;") };
        let forget = format!("if ($request_method ~ ^({ignored})$) {{ return 201; }}{heeded}");
        server = server.replace("dav_methods PUT DELETE MKCOL MOVE;", &forget);
    } else if !matches!(kind, Nginx::Whole | Nginx::Shallow) {
        module = "";
        server = server.replace("    dav_ext_methods PROPFIND;\n", "");
    }
    if kind == Nginx::OnlyPut {
        server = server.replace("dav_methods PUT DELETE MKCOL MOVE;", "dav_methods PUT DELETE;");
    }
    if kind == Nginx::OwnAuthority {
        certify(sandbox);
    }
    sandbox.write("htpasswd", "office:{PLAIN}secret\n").write("dav/.keep", "");
    sandbox.write("incoming/.keep", "");
    let config = format!(
        "{module}\ndaemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;\nevents {{}}\nhttp {{\n\
         access_log {folder}/nginx.log combined;\nproxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;\n\
         scgi_temp_path {folder}/s;\n{before}{server}\n}}\n"
    );
    sandbox.write("nginx.conf", config);
    let config = format!("{folder}/nginx.conf");
    let child = Ended(Command::new("nginx").args(["-p", folder, "-c", &config, "-e", "stderr"]).spawn().expect("nginx"));
    wait_for("nginx", Duration::from_secs(20), || TcpStream::connect(("127.0.0.1", port)).is_ok());
    let host = format!("127.0.0.1:{port}");
    let url = format!("{}://{host}", if kind == Nginx::OwnAuthority { "https" } else { "http" });
    let environment = [("BANGTIN_DAV_USER", "office"), ("BANGTIN_DAV_PASSWORD", "secret")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let log = sandbox.path("nginx.log");
    Server { _child: child, log, host, public: url.clone(), url, environment }
}

/// An authority `ca.pem`, and a certificate of it for 127.0.0.1.
fn certify(sandbox: &Sandbox) {
    let run = |line: &str| drop(sandbox.run("openssl", &line.split(' ').collect::<Vec<_>>()).success());
    run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=Office -keyout ca.key -out ca.pem");
    run("req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=store -keyout server.key -out store.csr");
    sandbox.write("names", "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
    run("x509 -req -in store.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out server.pem");
}

/// One pull of the real player.
pub fn pull(sandbox: &Sandbox, store: &str) -> Finished {
    let config = serde_json::json!({
        "site": "ta-lung", "player": "ta-lung-1", "store": [store], "data": "player/data", "root": "content/trust/root/1.json",
        "listen": "127.0.0.1:0", "reserve_bytes": 0,
    });
    sandbox.write("player.json", config.to_string());
    sandbox.player(&["--lang", "en", "pull", "--config", "player.json"])
}
