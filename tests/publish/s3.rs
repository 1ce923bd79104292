//! A store in a bucket: publishing, publishing again, pulling, races, a stop in the middle.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use bangtin::base::bytes::ByteSource;
use bangtin::base::digest::Digest;
use bangtin::store::address::StoreAddress;
use bangtin::store::backend::StoreBackend;

use super::commands::Province;
use super::servers::{Asked, Server, publish_args, pull, s3, s3_of_own_authority};
use super::store::Desk;
use crate::harness::{Sandbox, http, tree, wait_for};

fn puts(asked: &[Asked]) -> Vec<&str> {
    asked.iter().filter(|asked| asked.method == "PUT" && asked.status == 200).map(|asked| asked.path.as_str()).collect()
}

fn open(server: &Server) -> Box<dyn StoreBackend> {
    let destination = StoreAddress::parse(&server.url, "/".as_ref()).unwrap();
    destination.open(&server.environment).unwrap_or_else(|failure| panic!("{failure:?}"))
}

#[test]
fn a_bucket_is_published_into_once_and_pulled_from() {
    let province = Province::approved();
    let sandbox = &province.0;
    let server = s3(sandbox);
    let before = server.count();
    server.publish(&province, &[]).success().stdout_has("published 1-1");
    // The same tree as in a folder, and `latest.json` last of all.
    province.publish(&["--key", "keys/publish", "--archive", "another"]).success();
    let local: BTreeSet<String> = tree(&sandbox.path("store")).into_keys().map(|name| format!("/bucket/kho/{name}")).collect();
    let asked = server.asked(before);
    let sent: Vec<String> = puts(&asked).into_iter().map(str::to_owned).collect();
    assert_eq!(sent.iter().cloned().collect::<BTreeSet<_>>(), local);
    assert_eq!(sent.len(), local.len(), "each once");
    assert!(sent.last().is_some_and(|path| path.ends_with("sites/ta-lung/latest.json")), "{sent:?}");
    let kind = |path: &String| path.split('/').nth(3).map(str::to_owned).unwrap_or_default();
    let order: Vec<_> = sent.chunk_by(|a, b| kind(a) == kind(b)).map(|group| kind(&group[0])).collect();
    let hints = ["blocks", "packs"];
    let order: Vec<_> = order.iter().filter(|kind| !hints.contains(&kind.as_str())).collect();
    assert_eq!(order, ["objects", "programs", "approvals", "root", "sites"]);

    // Cache headers.
    let header = |path: &str, name: &str| http::get(&server.host, &format!("/bucket/kho/{path}"), &[]).header(name).map(str::to_owned);
    assert_eq!(header("sites/ta-lung/latest.json", "cache-control").as_deref(), Some("no-cache"));
    for path in ["root/1.json", "sites/ta-lung/heads/1-1.json", "sites/ta-lung/heads/1-1.json.minisig"] {
        assert!(header(path, "cache-control").is_some_and(|value| value.contains("immutable")), "{path}");
    }
    let object = sent.iter().find(|path| path.contains("/objects/")).unwrap().trim_start_matches("/bucket/kho/").to_owned();
    assert_eq!(header(&object, "content-type").as_deref(), Some("application/octet-stream"));

    // The player reads from the bucket's public address.
    pull(sandbox, &server.public).success().stdout_has("1-1");

    // Publishing again sends nothing and makes few requests.
    let before = server.count();
    server.publish(&province, &[]).success().stdout_has("nothing new");
    let again = server.asked(before);
    assert!(puts(&again).is_empty(), "{again:?}");
    assert!(again.len() <= 40, "{} requests: {again:?}", again.len());
    let twice = again.iter().all(|one| again.iter().filter(|other| other.path == one.path).count() <= 2);
    assert!(twice, "once to publish, once to read back: {again:?}");

    // Only new files are sent.
    let before = server.count();
    let later =
        ["publish", "--to", &server.url, "--site", "ta-lung", "--key", "keys/publish", "--clock-is-right", "--now", "2027-01-20T09:00"];
    server.bangtin(sandbox, &later).success().stdout_has("published 1-2");
    let asked = server.asked(before);
    let sent = puts(&asked);
    assert!(sent.iter().all(|path| path.contains("/sites/ta-lung/")) && sent.len() == 3, "{sent:?}");
    pull(sandbox, &server.public).success().stdout_has("1-2");

    // Another machine archives what this one published, although its own content no longer builds it.
    std::fs::remove_dir_all(sandbox.path("archive")).unwrap();
    let renewal = ["publish", "--to", &server.url, "--site", "ta-lung", "--key", "keys/publish", "--now", "2027-03-20T09:00"];
    server.bangtin(sandbox, &renewal).success().stdout_has("published 1-3");
    let kept = tree(&sandbox.path("archive"));
    assert!(
        ["objects/", "programs/", "sites/ta-lung/heads/1-1."].iter().all(|kind| kept.keys().any(|name| name.starts_with(kind))),
        "{:?}",
        kept.keys()
    );
}

#[test]
fn what_is_wrong_with_the_bucket_is_said() {
    let province = Province::approved();
    let server = s3(&province.0);
    let mut away = server.command(&province.0, &publish_args("s3://nobody/kho", &[]));
    let output = away.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(3) && stderr.contains("AWS_ACCESS_KEY_ID"), "{stderr}");
    let secret = publish_args("https://user:secret@kho.example", &[]);
    server.bangtin(&province.0, &secret).code(2).stderr_has("put them into the environment");
    server.bangtin(&province.0, &publish_args("ftp://kho.example", &[])).code(2).stderr_has("s3://");
}

#[test]
fn a49_of_two_publishers_to_a_bucket_exactly_one_wins() {
    let (desk, sandbox) = (Desk::new(), Sandbox::new());
    let server = s3(&sandbox);
    // Both have read the store before either writes.
    let (first, second) = (open(&server), open(&server));
    for place in [&first, &second] {
        assert!(place.head_numbers(&crate::trust::kit::site("ta-lung")).unwrap_or_else(|failure| panic!("{failure:?}")).is_empty());
    }
    desk.publish(&*first, &desk.news(7, "first")).unwrap();
    let refused = desk.publish(&*second, &desk.news(7, "second")).unwrap_err();
    assert!(refused.contains("somebody else has published") && refused.contains("Run the command again"), "{refused}");
    let head = http::get(&server.host, "/bucket/kho/sites/ta-lung/heads/1-7.json", &[]).text();
    assert!(head.contains("first"), "{head}");
    // A slow publisher does not replace the hint of a later head.
    let slow = open(&server);
    assert_eq!(slow.hinted_head(&crate::trust::kit::site("ta-lung")).unwrap_or_default(), (1, 7).into());
    desk.publish(&*open(&server), &desk.news(9, "later")).unwrap();
    desk.publish(&*slow, &desk.news(8, "slow")).unwrap();
    assert!(http::get(&server.host, "/bucket/kho/sites/ta-lung/latest.json", &[]).text().contains("\"head\":9"));

    for round in 0..10 {
        let path = format!("sites/ta-lung/heads/2-{round}.json");
        let places = [open(&server), open(&server)];
        let barrier = Barrier::new(2);
        let race = |place: &dyn StoreBackend, bytes: &[u8]| {
            assert!(place.size(&path).is_ok_and(|size| size.is_none()));
            barrier.wait();
            place.create(&path, bytes).unwrap_or_else(|failure| panic!("{failure:?}"))
        };
        let race = &race;
        let won: Vec<bool> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                places.iter().zip([b"a", b"b"]).map(|(place, bytes)| scope.spawn(move || race(&**place, bytes))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "round {round}");
    }
}

/// Forwards requests to a server until `limit` objects went through; never answers later ones.
fn stalling(target: String, limit: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let seen = Arc::new(AtomicUsize::new(0));
    let shared = seen.clone();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let (target, seen) = (target.clone(), shared.clone());
            std::thread::spawn(move || pass(client, &target, &seen, limit));
        }
    });
    (address, seen)
}

fn pass(mut client: TcpStream, target: &str, seen: &AtomicUsize, limit: usize) -> Option<()> {
    let mut server = TcpStream::connect(target).ok()?;
    let (mut back, mut to) = (server.try_clone().ok()?, client.try_clone().ok()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut back, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = client.read(&mut buffer).ok().filter(|count| *count > 0)?;
        if buffer[..count].starts_with(b"PUT /bucket/kho/objects/") && seen.fetch_add(1, Ordering::SeqCst) >= limit {
            // Held open: the publisher waits, as on a dead connection.
            std::thread::park();
        }
        server.write_all(&buffer[..count]).ok()?;
    }
}

#[test]
fn a_killed_publication_goes_on_where_it_stood() {
    let province = Province::approved();
    let sandbox = &province.0;
    let mut server = s3(sandbox);
    let direct = server.environment.clone();
    let (address, seen) = stalling(server.host.clone(), 3);
    server.environment.retain(|(name, _)| name != "AWS_ENDPOINT");
    server.environment.push(("AWS_ENDPOINT".to_owned(), format!("http://{address}")));
    let before = server.count();
    let mut child = server.command(sandbox, &publish_args(&server.url, &[])).spawn().unwrap();
    wait_for("three objects", Duration::from_secs(60), || seen.load(Ordering::SeqCst) > 3 && puts(&server.asked(before)).len() == 3);
    child.kill().unwrap();
    child.wait().unwrap();
    let asked = server.asked(before);
    let first: BTreeSet<&str> = puts(&asked).into_iter().collect();
    assert!(first.iter().all(|path| path.contains("/objects/")), "{first:?}");
    pull(sandbox, &server.public).code(3);

    server.environment = direct;
    let before = server.count();
    server.publish(&province, &[]).success().stdout_has("published 1-1");
    let asked = server.asked(before);
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for path in puts(&asked) {
        *times.entry(path).or_default() += 1;
    }
    assert!(first.iter().all(|path| !times.contains_key(path)), "sent again: {first:?}");
    assert!(times.values().all(|count| *count == 1));
    pull(sandbox, &server.public).success().stdout_has("1-1");
}

#[test]
fn a_film_goes_in_parts_and_changed_bytes_leave_nothing() {
    let sandbox = Sandbox::new();
    let server = s3(&sandbox);
    let film: Vec<u8> = (0..20_000_003_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    sandbox.write("film", &film);
    let (digest, size) = (Digest::of(&film), film.len() as u64);
    let (place, source) = (open(&server), ByteSource::File(sandbox.path("film")));
    let sent = AtomicUsize::new(0);
    let count = |bytes: u64| {
        sent.fetch_add(usize::try_from(bytes).unwrap(), Ordering::SeqCst);
    };
    let before = server.count();
    place.put_object(digest, size, &source, &count).unwrap_or_else(|failure| panic!("{failure:?}"));
    assert_eq!(sent.load(Ordering::SeqCst), film.len());
    let parts = server.asked(before).iter().filter(|asked| asked.method == "PUT" && asked.path.contains("partNumber")).count();
    assert_eq!(parts, 3);
    let path = bangtin::store::layout::object(digest);
    assert!(http::get(&server.host, &format!("/bucket/kho/{path}"), &[]).body == film);

    let other = Digest::of(b"other");
    assert!(place.put_object(other, size, &source, &count).is_err());
    assert!(place.put_object(digest, size + 1, &source, &count).is_err());
    assert_eq!(http::get(&server.host, &format!("/bucket/kho/{}", bangtin::store::layout::object(other)), &[]).status, 404);
    let asked = server.asked(before);
    assert!(asked.iter().any(|asked| asked.method == "DELETE" && asked.path.contains("uploadId")), "the parts are thrown away");
}

#[test]
fn a_bucket_whose_certificate_the_office_signed_itself_is_reached_by_naming_its_authority() {
    let province = Province::approved();
    let sandbox = &province.0;
    let mut server = s3_of_own_authority(sandbox);
    let remedy = "an authority that is not trusted here signed the server's certificate";
    let refused = |server: &Server| {
        let said = server.bangtin(sandbox, &["store", "check", &server.url]).code(3).stderr_has(remedy).stderr_has("SSL_CERT_FILE");
        assert!(!said.stderr.contains("access and address come from"), "{said:?}");
        said
    };
    assert!(!refused(&server).stderr.contains("of no use"));
    // The tool's own list decides on every system, not that of the client for buckets: what the variable names is said, and named alone it is trusted.
    sandbox.write("empty.pem", "none\n");
    for (file, why) in [("absent.pem", "No such file"), ("empty.pem", "holds no PEM certificate")] {
        server.environment.push(("SSL_CERT_FILE".to_owned(), sandbox.path(file).display().to_string()));
        refused(&server).stderr_has("SSL_CERT_FILE is of no use now: ").stderr_has(file).stderr_has(why);
        server.environment.pop();
    }
    // A certificate that can't be read does no harm to the others.
    let authority = std::fs::read_to_string(sandbox.path("ca.pem")).unwrap();
    sandbox.write("authorities.pem", format!("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n{authority}"));
    server.environment.push(("SSL_CERT_FILE".to_owned(), sandbox.path("authorities.pem").display().to_string()));
    server.publish(&province, &[]).success().stdout_has("published 1-1");
    server.bangtin(sandbox, &["store", "check", &server.url]).success().stdout_has("ta-lung: release 1-1");
}
