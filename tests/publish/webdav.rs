//! A store on nginx with WebDAV, configured as in the manual: publishing, publishing again, pulling, races; and with less of WebDAV.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::{Barrier, Mutex};

use bangtin::store::address::StoreAddress;
use bangtin::store::backend::StoreBackend;

use super::commands::Province;
use super::servers::{Asked, Nginx, Server, nginx, publish_args, pull};
use super::store::Desk;
use crate::harness::{Sandbox, http, tree};
use crate::trust::kit::site;

fn open(server: &Server) -> Box<dyn StoreBackend> {
    let destination = StoreAddress::parse(&server.url, "/".as_ref()).unwrap();
    destination.open(&server.environment).unwrap_or_else(|failure| panic!("{failure:?}"))
}

fn writes(asked: &[Asked]) -> usize {
    asked.iter().filter(|asked| ["PUT", "MOVE", "DELETE", "MKCOL"].contains(&asked.method.as_str())).count()
}

/// Names of published files below the server's folder.
fn names(sandbox: &Sandbox, folder: &str) -> BTreeSet<String> {
    tree(&sandbox.path(folder)).into_keys().filter(|name| name != ".keep").collect()
}

#[test]
fn the_nginx_of_the_manual_takes_a_publication_and_serves_it() {
    let province = Province::approved();
    let sandbox = &province.0;
    let server = nginx(sandbox, Nginx::Whole);
    province.0.bangtin(&publish_args(&server.url, &[])).code(3).stderr_has("BANGTIN_DAV_PASSWORD");
    assert_eq!(names(sandbox, "dav"), BTreeSet::new());
    server.publish(&province, &[]).success().stdout_has("published 1-1");
    province.publish(&["--key", "keys/publish", "--archive", "another"]).success();
    assert_eq!(names(sandbox, "dav"), names(sandbox, "store"), "the same tree, and nothing left beside it");

    let header = |path: &str, name: &str| http::get(&server.host, path, &[]).header(name).map(str::to_owned);
    assert_eq!(header("/sites/ta-lung/latest.json", "cache-control").as_deref(), Some("no-cache"));
    assert!(header("/root/1.json", "cache-control").is_some_and(|value| value.contains("immutable")));
    assert_eq!(header("/root/1.json", "x-content-type-options").as_deref(), Some("nosniff"));
    assert_eq!(http::get(&server.host, "/root/2.json", &[]).status, 404);
    for method in ["PUT", "DELETE", "MOVE", "PROPFIND"] {
        assert_eq!(http::send(&server.host, method, "/sites/ta-lung/latest.json", &[], b"").status, 401, "{method}");
    }
    pull(sandbox, &server.public).success().stdout_has("1-1");

    let before = server.count();
    server.publish(&province, &[]).success().stdout_has("nothing new");
    let again = server.asked(before);
    // One listing for each folder that it checks, and the files that it must read.
    assert!(writes(&again) == 0 && again.len() <= 80, "{} requests: {again:?}", again.len());
    let times = |one: &Asked| again.iter().filter(|other| (&one.method, &one.path) == (&other.method, &other.path)).count();
    let twice = again.iter().all(|one| one.status == 403 || times(one) <= 2);
    assert!(twice, "once to publish, once to read back: {again:?}");
    server.bangtin(sandbox, &["store", "check", &server.url, "--deep"]).success().stdout_has("ta-lung: release 1-1");
}

#[test]
fn a_server_that_lists_nothing_is_asked_file_by_file() {
    let province = Province::approved();
    let sandbox = &province.0;
    let server = nginx(sandbox, Nginx::Unlisted);
    server.publish(&province, &[]).success().stdout_has("published 1-1");
    let before = server.count();
    server.publish(&province, &[]).success().stdout_has("nothing new");
    let again = server.asked(before);
    assert_eq!(writes(&again), 0, "{again:?}");
    let later =
        ["publish", "--to", &server.url, "--site", "ta-lung", "--key", "keys/publish", "--clock-is-right", "--now", "2027-01-20T09:00"];
    server.bangtin(sandbox, &later).success().stdout_has("published 1-2");
    pull(sandbox, &server.public).success().stdout_has("1-2");
    server.bangtin(sandbox, &["store", "check", &server.url]).code(2).stderr_has("--site");
    server.bangtin(sandbox, &["store", "check", &server.url, "--site", "ta-lung"]).success().stdout_has("release 1-2");
    server.bangtin(sandbox, &["store", "prune", &server.url, "--keep-months", "1"]).code(2).stderr_has("on the server itself");
}

#[test]
fn a_server_that_lists_one_folder_where_all_are_asked_for_is_listed_folder_by_folder() {
    let province = Province::approved();
    let sandbox = &province.0;
    let server = nginx(sandbox, Nginx::Shallow);
    server.publish(&province, &[]).success().stdout_has("published 1-1");
    let listed = open(&server).list("").unwrap_or_else(|failure| panic!("{failure:?}")).expect("it lists");
    let listed: BTreeSet<String> = listed.into_iter().map(|entry| entry.path).filter(|path| path != ".keep").collect();
    assert!(listed.len() > 10, "{listed:?}");
    assert_eq!(listed, names(sandbox, "dav"));
    let before = server.count();
    server.publish(&province, &[]).success().stdout_has("nothing new");
    let again = server.asked(before);
    assert_eq!(writes(&again), 0, "{again:?}");
    server.bangtin(sandbox, &["store", "check", &server.url, "--deep"]).success().stdout_has("ta-lung: release 1-1");
    pull(sandbox, &server.public).success().stdout_has("1-1");
}

/// Ends the loop of a server when dropped.
struct Ending<'s>(&'s tiny_http::Server);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.unblock();
    }
}

/// The answer to a question for a listing; a folder's name ends with a slash.
fn multistatus<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let entry = |name: &String| {
        let kind = if name.is_empty() || name.ends_with('/') { "<D:collection/>" } else { "" };
        format!(
            "<D:response><D:href>/kho/{name}</D:href><D:propstat><D:prop><D:resourcetype>{kind}</D:resourcetype></D:prop></D:propstat></D:response>"
        )
    };
    format!("<D:multistatus xmlns:D=\"DAV:\">{}</D:multistatus>", names.map(entry).collect::<String>())
}

/// Opens a store on a server that answers each question for a listing, by folder and depth, with these names; a folder's ends with a slash, and
/// `None` is a refusal. Returns what `run` does, and what was asked.
fn listing<R>(answer: impl Fn(&str, &str) -> Option<Vec<String>> + Sync, run: impl FnOnce(&dyn StoreBackend) -> R) -> (R, Vec<String>) {
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let store = StoreAddress::parse(&format!("http://{}/kho", server.server_addr()), "/".as_ref()).unwrap();
    let store = store.open(&[]).unwrap_or_else(|failure| panic!("{failure:?}"));
    let asked = Mutex::new(Vec::new());
    let done = std::thread::scope(|scope| {
        scope.spawn(|| {
            for request in server.incoming_requests() {
                let folder = request.url().strip_prefix("/kho/").unwrap_or_default().to_owned();
                let depth = request.headers().iter().find(|header| header.field.equiv("Depth")).map(|header| header.value.to_string());
                let depth = depth.unwrap_or_default();
                asked.lock().unwrap().push(format!("{folder} {depth}"));
                let names = answer(&folder, &depth);
                let status = if names.is_some() { 207 } else { 403 };
                request.respond(tiny_http::Response::from_string(multistatus(names.iter().flatten())).with_status_code(status)).unwrap();
            }
        });
        let _ending = Ending(&server);
        run(&*store)
    });
    (done, asked.into_inner().unwrap())
}

/// The paths that a store lists.
fn paths(store: &dyn StoreBackend) -> Vec<String> {
    let listed = store.list("").unwrap_or_else(|failure| panic!("{failure:?}")).expect("it lists");
    listed.into_iter().map(|entry| entry.path).collect()
}

#[test]
fn a_folder_of_which_a_listing_names_nothing_is_asked_for_itself() {
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    let deep = |folder: &str, depth: &str| match (folder, depth) {
        ("", "infinity") => names(&["", "objects/", "root/", "root/1.json", "sites/"]),
        ("objects/", "1") => names(&["objects/", "objects/41/"]),
        ("objects/41/", "1") => names(&["objects/41/", "objects/41/4142"]),
        ("sites/", "1") => names(&["sites/"]),
        _ => None,
    };
    let (found, asked) = listing(deep, paths);
    assert_eq!(found, ["objects/41/4142", "root/1.json"]);
    assert_eq!(asked.iter().collect::<BTreeSet<_>>().len(), 4, "{asked:?}");
    // One that names the folder alone, as for depth 0, and one that has nothing.
    for (below, found) in [(vec!["", "root/", "root/1.json"], vec!["root/1.json"]), (vec![""], vec![])] {
        let (listed, asked) = listing(|_, depth| names(if depth == "1" { below.as_slice() } else { &[""] }), paths);
        assert!(listed == found && asked.len() == 2, "{listed:?}, {asked:?}");
    }
    // One that speaks of another address lists nothing of this store.
    let (lists, _) = listing(|_, _| names(&["../inner/", "../inner/root/"]), |store| store.list("").unwrap().is_some());
    assert!(!lists);
}

#[test]
fn prune_stops_where_a_server_serves_a_site_that_it_does_not_list() {
    let province = Province::published();
    let sandbox = &province.0;
    let site = std::fs::read(sandbox.path("content/sites/ta-lung.yaml")).unwrap();
    sandbox.write("content/sites/cao-bang.yaml", site).write("store/sites/cao-bang/latest.json", "{}");
    let files = tree(&sandbox.path("store"));
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let url = format!("http://{}/kho", server.server_addr());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for request in server.incoming_requests() {
                let path = request.url().strip_prefix("/kho/").unwrap_or_default().to_owned();
                let (body, status) = if request.method().as_str() == "PROPFIND" {
                    let shown = files.keys().filter(|name| name.starts_with(&path) && !name.starts_with("sites/cao-bang/"));
                    (multistatus(shown.chain([&path])).into_bytes(), 207)
                } else {
                    files.get(&path).map_or((Vec::new(), 404), |bytes| (bytes.clone(), 200))
                };
                // It ends when the client has gone.
                let _ = request.respond(tiny_http::Response::from_data(body).with_status_code(status));
            }
        });
        let _ending = Ending(&server);
        let prune = ["store", "prune", &url, "--keep-months", "0", "--now", "2027-07-01T00:00:00Z", "--site", "ta-lung"];
        let refused = sandbox.bangtin(&prune).code(1).stderr_has("site cao-bang has a latest.json, and the store does not list it");
        refused.stderr_has("nothing is removed");
        std::fs::remove_file(sandbox.path("content/sites/cao-bang.yaml")).unwrap();
        sandbox.bangtin(&prune).success().stdout_has("sites found in the store: ta-lung; ");
    });
}

#[test]
fn folders_without_an_end_are_a_failure() {
    let endless = |folder: &str, depth: &str| {
        let inside = (0..5_000).map(|number| format!("{folder}{number}/"));
        (depth == "1").then(|| std::iter::once(folder.to_owned()).chain(inside).collect())
    };
    let (failure, asked) = listing(endless, |store| format!("{:?}", store.list("").unwrap_err()));
    assert!(failure.contains("more than 50,000 folders") && asked.len() < 20, "{failure}, {} requests", asked.len());
}

/// An answer that is sent again and again.
struct Again(&'static [u8], usize);

impl Read for Again {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(self.0.len() - self.1);
        buffer[..count].copy_from_slice(&self.0[self.1..self.1 + count]);
        self.1 = (self.1 + count) % self.0.len();
        Ok(count)
    }
}

#[test]
fn a_listing_without_an_end_is_a_failure_that_says_so() {
    let server = tiny_http::Server::http("127.0.0.1:0").unwrap();
    let store = StoreAddress::parse(&format!("http://{}/kho", server.server_addr()), "/".as_ref()).unwrap();
    let store = store.open(&[]).unwrap_or_else(|failure| panic!("{failure:?}"));
    let failure = std::thread::scope(|scope| {
        scope.spawn(|| {
            for request in server.incoming_requests() {
                let body = Again(b"<D:response><D:href>/kho/objects/41/</D:href></D:response>", 0);
                // It ends when the client has gone.
                let _ = request.respond(tiny_http::Response::new(tiny_http::StatusCode(207), Vec::new(), body, None, None));
            }
        });
        let _ending = Ending(&server);
        format!("{:?}", store.list("").unwrap_err())
    });
    assert!(failure.contains("the server's listing does not end; check the server and the address"), "{failure}");
}

#[test]
fn a_withdrawal_needs_no_listing() {
    let province = Province::approved();
    let server = nginx(&province.0, Nginx::Whole);
    server.publish(&province, &[]).success();
    let before = server.count();
    let withdraw = ["withdraw", "--slide", "du-lich/ban-gioc", "--reason", "sai", "--key", "keys/lan", "--now", "2026-12-01T09:00"];
    server.bangtin(&province.0, &[withdraw.as_slice(), &["--to", &server.url]].concat()).code(1).stdout_has("Withdrawal 1 is in");
    let asked = server.asked(before);
    assert!(writes(&asked) > 0 && asked.iter().all(|one| one.method != "PROPFIND"), "{asked:?}");
}

#[test]
fn a_server_that_moves_nothing_is_published_to_with_a_warning() {
    let province = Province::approved();
    let server = nginx(&province.0, Nginx::OnlyPut);
    server.publish(&province, &[]).success().stdout_has("published 1-1").stderr_has("does not support conditional writes");
    assert!(names(&province.0, "dav").iter().all(|name| !name.ends_with(".tmp")));
    pull(&province.0, &server.public).success().stdout_has("1-1");
    server.publish(&province, &[]).success().stdout_has("nothing new");
}

#[test]
fn a49_of_two_publishers_to_nginx_the_second_gets_an_error() {
    for kind in [Nginx::Whole, Nginx::OnlyPut] {
        let (desk, sandbox) = (Desk::new(), Sandbox::new());
        let server = nginx(&sandbox, kind);
        let (first, second) = (open(&server), open(&server));
        for place in [&first, &second] {
            assert!(place.head_numbers(&site("ta-lung")).unwrap_or_else(|failure| panic!("{failure:?}")).is_empty());
        }
        desk.publish(&*first, &desk.news(7, "first")).unwrap();
        let refused = desk.publish(&*second, &desk.news(7, "second")).unwrap_err();
        assert!(refused.contains("somebody else has published"), "{refused}");
        assert!(http::get(&server.host, "/sites/ta-lung/heads/1-7.json", &[]).text().contains("first"));
        let slow = open(&server);
        assert_eq!(slow.hinted_head(&site("ta-lung")).unwrap_or_default(), (1, 7).into());
        desk.publish(&*open(&server), &desk.news(9, "later")).unwrap();
        desk.publish(&*slow, &desk.news(8, "slow")).unwrap();
        assert!(http::get(&server.host, "/sites/ta-lung/latest.json", &[]).text().contains("\"head\":9"));
    }
}

#[test]
fn a49_racing_publishers_on_nginx() {
    let sandbox = Sandbox::new();
    let server = nginx(&sandbox, Nginx::Whole);
    for round in 0..20 {
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
    assert!(names(&sandbox, "dav").iter().all(|name| !name.ends_with(".tmp")));
}

#[test]
fn a47_changed_bytes_leave_nothing_on_the_server() {
    let (desk, sandbox) = (Desk::new(), Sandbox::new());
    let server = nginx(&sandbox, Nginx::Whole);
    let refused = desk.publish_swapped(&*open(&server), &desk.news(1, "")).unwrap_err();
    assert!(refused.contains("no longer has the approved bytes"), "{refused}");
    assert_eq!(names(&sandbox, "dav"), BTreeSet::new());
}

#[test]
fn a_server_whose_certificate_the_office_signed_itself_is_reached_by_naming_its_authority() {
    let province = Province::approved();
    let sandbox = &province.0;
    let mut server = nginx(sandbox, Nginx::OwnAuthority);
    let remedy = "an authority that is not trusted here signed the server's certificate";
    server.publish(&province, &[]).code(3).stderr_has(remedy).stderr_has("SSL_CERT_FILE");
    pull(sandbox, &server.public).code(3).stderr_has(remedy).stderr_has("under ca in player.json");
    // A variable that gives nothing is named beside the remedy.
    sandbox.write("empty.pem", "none\n");
    for (file, why) in [("absent.pem", "No such file"), ("empty.pem", "holds no PEM certificate")] {
        server.environment.push(("SSL_CERT_FILE".to_owned(), sandbox.path(file).display().to_string()));
        let said = server.publish(&province, &[]).code(3).stderr_has(remedy).stderr_has("SSL_CERT_FILE is of no use now: ");
        said.stderr_has(file).stderr_has(why);
        server.environment.pop();
    }
    let authority = sandbox.path("ca.pem").display().to_string();
    server.environment.push(("SSL_CERT_FILE".to_owned(), authority));
    server.publish(&province, &[]).success().stdout_has("published 1-1");
    server.bangtin(sandbox, &["verify", &server.public, "--at", "2026-12-03T10:15"]).success();
    let said = sandbox.bangtin(&["verify", &server.public]).code(3);
    assert!(said.stdout.contains(remedy) && !said.stderr.contains("publish again"), "{said:?}");
    let named = format!("SSL_CERT_FILE={}", sandbox.path("ca.pem").display());
    let player = [&named, env!("CARGO_BIN_EXE_bangtin-player"), "pull", "--config", "player.json"];
    sandbox.run("env", &player).success();
    let config = std::fs::read_to_string(sandbox.path("player.json")).unwrap().replacen('{', "{\"ca\": \"ca.pem\", ", 1);
    sandbox.write("player.json", config);
    sandbox.player(&["pull", "--config", "player.json"]).success();
    // A file without a certificate is said, and what is trusted besides still counts.
    sandbox.write("ca.pem", "none\n");
    sandbox.player(&["pull", "--config", "player.json"]).code(3).stderr_has("ca.pem: holds no PEM certificate");
}
