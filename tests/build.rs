//! `bangtin build`: equal bytes everywhere, exactly the files that the manifest lists; never overwrites a folder that it did not make.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use bangtin::base::bytes::ByteSource;
use bangtin::base::digest::Digest;
use bangtin::base::ids::SiteId;
use bangtin::base::times::Month;
use bangtin::build::compile::Compiler;
use bangtin::content::model::values::Period;
use bangtin::content::{model, source};
use bangtin::program::validate::Program;

use crate::harness::{Sandbox, repository, tree};
use crate::publish::province;

fn sample(sandbox: &Sandbox, folder: &str) {
    sandbox.copy("content", &format!("{folder}/content")).copy("themes", &format!("{folder}/themes"));
}

#[test]
fn a52_the_same_content_gives_the_same_bytes_everywhere() {
    let sandbox = Sandbox::new();
    sample(&sandbox, "one");
    sample(&sandbox, "elsewhere/two");
    // One copy has dates of the last century, as a clone made under a wrong clock has, and the line endings of Windows.
    for (file, bytes) in tree(&sandbox.path("elsewhere/two")) {
        if [".yaml", ".md", ".csv", ".vtt", ".html", ".css"].iter().any(|end| file.ends_with(end)) {
            let text = String::from_utf8(bytes).unwrap().replace('\n', "\r\n");
            sandbox.write(&format!("elsewhere/two/{file}"), text);
        }
        let file = fs::File::options().write(true).open(sandbox.path("elsewhere/two").join(file)).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(86_400)).unwrap();
    }
    let builds = [("one", "a", "UTC", "C.UTF-8", "1", "022"), ("elsewhere/two", "b", "America/New_York", "vi_VN.UTF-8", "2", "077")];
    for (folder, out, zone, locale, threads, umask) in builds {
        let script = "umask $1; shift; exec \"$@\"";
        let content = format!("{folder}/content");
        let build = ["--content", &content, "-q", "build", "--month", "2026-12", "--site", "ta-lung", "--out", out];
        let args = [["-c", script, "sh", umask, env!("CARGO_BIN_EXE_bangtin")].as_slice(), &build].concat();
        let mut command = sandbox.command("sh", &args);
        command
            .env("TZ", zone)
            .env("LC_ALL", locale)
            .env("RAYON_NUM_THREADS", threads)
            .env("XDG_CACHE_HOME", sandbox.path(&format!("cache-{out}")));
        assert!(command.status().unwrap().success());
    }
    let (one, two) = (tree(&sandbox.path("a")), tree(&sandbox.path("b")));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{name} differs");
    }
}

#[test]
fn a53_a_build_holds_just_what_its_manifest_lists_and_the_wrapper() {
    let sandbox = Sandbox::new();
    let content = repository().join("content");
    let args = ["--content", content.to_str().unwrap(), "-q", "build", "--evergreen", "--site", "trung-khanh", "--out", "out"];
    let printed = sandbox.bangtin(&args).success().stdout;
    let folder = sandbox.path("out/trung-khanh/evergreen");
    let manifest = fs::read(folder.join("program.json")).unwrap();
    let program = Program::parse(&manifest).unwrap();
    assert!(printed.starts_with(&program.digest().to_string()), "{printed}");
    let mut files = tree(&folder);
    for file in &program.manifest().files {
        let bytes = files.remove(file.path.as_str()).unwrap_or_else(|| panic!("{} is missing", file.path));
        assert_eq!((Digest::of(&bytes), bytes.len() as u64), (file.sha256, file.size));
    }
    let left: BTreeSet<_> = files.keys().map(String::as_str).collect();
    assert!(left.contains("index.html") && left.contains("player/shell.js"));
    assert!(left.iter().all(|name| ["index.html", "program.json"].contains(name) || name.starts_with("player/")), "{left:?}");
}

#[test]
fn another_folder_is_left_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("out/ta-lung/2026-12/letter.txt", "mine");
    let content = repository().join("content");
    let args = ["--content", content.to_str().unwrap(), "-q", "build", "--month", "2026-12", "--site", "ta-lung", "--out", "out"];
    sandbox.bangtin(&args).code(2).stderr_has("is not an earlier build");
    assert_eq!(fs::read_to_string(sandbox.path("out/ta-lung/2026-12/letter.txt")).unwrap(), "mine");
    sandbox
        .bangtin(&["--content", content.to_str().unwrap(), "build", "--month", "2026-12", "--site", "ta-lang", "--out", "x"])
        .code(2)
        .stderr_has("ta-lung");
    sandbox.bangtin(&["--content", content.to_str().unwrap(), "build", "--month", "2026-13", "--out", "x"]).code(2);
}

#[test]
fn a_result_never_goes_into_the_content_folder() {
    let sandbox = Sandbox::new();
    crate::publish::province::write(&sandbox);
    let before = crate::harness::tree(&sandbox.path("content"));
    for out in
        ["content", "content/slides", "content/new/deep", "content/new/..", "themes/../content", "absent/../content/out", "themes/out"]
    {
        sandbox.bangtin(&["build", "--month", "2026-12", "--out", out]).code(2).stderr_has("inside the content folder");
    }
    for args in
        [["publish", "--key", "k", "--to", "content/store"].as_slice(), &["withdraw", "abcd", "--key", "k", "--to", "content/store"]]
    {
        sandbox.bangtin(args).code(if args[0] == "publish" { 1 } else { 2 });
    }
    // By links: in place of a site's folder, of a month's, and inside an earlier build.
    std::os::unix::fs::symlink("../content", sandbox.write("po/.keep", "").path("po/ta-lung")).unwrap();
    sandbox.bangtin(&["build", "--month", "2026-12", "--out", "po"]).code(2).stderr_has("inside the content folder");
    sandbox.bangtin(&["build", "--month", "2026-12", "--out", "built"]).success();
    fs::remove_dir_all(sandbox.path("built/ta-lung/2026-12/slides")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("content/slides"), sandbox.path("built/ta-lung/2026-12/slides")).unwrap();
    sandbox.bangtin(&["build", "--month", "2026-12", "--out", "built"]).success();
    assert_eq!(crate::harness::tree(&sandbox.path("content")), before);
    sandbox.bangtin(&["build", "--month", "2026-12", "--out", "content/../out"]).success();
}

#[test]
fn an_input_is_read_and_hashed_once_a_command() {
    let sandbox = Sandbox::new();
    province::write(&sandbox);
    let root = sandbox.path("content");
    let content = model::build_content(&source::read(&root).unwrap_or_else(|_| panic!("a folder"))).content.expect("content");
    let inputs = |compiler: &Compiler<'_>| {
        let built = compiler.compile(&SiteId::parse("ta-lung").unwrap(), Period::Month(Month::parse("2026-12").unwrap()));
        built.unwrap_or_else(|_| panic!("a program")).origin.inputs
    };
    let compiler = Compiler::new(&root, None, &content).unwrap_or_else(|_| panic!("a theme"));
    let first = inputs(&compiler);
    // Read again, the file would give another digest, as it does in the next command.
    let agencies = fs::read_to_string(root.join("agencies.yaml")).unwrap();
    fs::write(root.join("agencies.yaml"), format!("{agencies}# later\n")).unwrap();
    assert_eq!(inputs(&compiler), first);
    assert_ne!(inputs(&Compiler::new(&root, None, &content).unwrap_or_else(|_| panic!("a theme"))), first);
}

#[test]
fn a_page_that_programs_share_is_rendered_once_a_command() {
    let sandbox = Sandbox::new();
    province::write(&sandbox);
    let root = sandbox.path("content");
    let content = model::build_content(&source::read(&root).unwrap_or_else(|_| panic!("a folder"))).content.expect("content");
    let compiler = Compiler::new(&root, None, &content).unwrap_or_else(|_| panic!("a theme"));
    let periods = [Period::Month(Month::parse("2026-12").unwrap()), Period::Evergreen];
    let pages = periods.map(|period| {
        let built = compiler.compile(&SiteId::parse("ta-lung").unwrap(), period).unwrap_or_else(|_| panic!("a program"));
        let page = built.program.manifest().files.iter().find(|file| file.media_type == "text/html").unwrap().sha256;
        match built.objects.get(&page) {
            Some(ByteSource::Memory(bytes)) => bytes.clone(),
            other => panic!("{other:?}"),
        }
    });
    assert!(Arc::ptr_eq(&pages[0], &pages[1]));
}

#[test]
fn a_build_that_fails_leaves_no_folder_and_names_the_place_that_takes_no_more() {
    let sandbox = Sandbox::new();
    sample(&sandbox, ".");
    sandbox.write("kept/note", "x");
    let bounds = ["--fsize=100000", env!("CARGO_BIN_EXE_bangtin"), "build", "--month", "2026-12", "--site", "ta-lung", "--out"];
    for (out, place) in [("new/deep", "new"), ("kept", "kept/ta-lung")] {
        let said = sandbox.run("prlimit", &[&bounds[..], &[out]].concat()).code(3).stderr;
        assert!(!sandbox.path(place).exists(), "{place} stays: {said}");
        assert!(said.contains(&format!("{out}/ta-lung/")) && !said.contains("content/slides/"), "{said}");
    }
    assert!(sandbox.path("kept/note").exists());
}
