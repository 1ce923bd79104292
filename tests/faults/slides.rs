//! What a start makes of damaged and lost files of single slides: the program plays without these slides, and everybody is told which.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use bangtin::base::digest::Digest;
use serde_json::{Value, json};

use super::{PLAYER, health, look_once, look_until, read, run, shows};
use crate::delta::shop::{Month, Shop};
use crate::harness::http::get;
use crate::harness::{Running, tree, wait_for};

const LONG: Duration = Duration::from_secs(30);
const OWN: &str = "assets/anh-mot.jpg";
const SHARED: &str = "assets/anh-chung.jpg";
const STYLE: &str = "theme/x.css";

fn page(slide: &str) -> String {
    format!("slides/{slide}@1920x1080/index.html")
}

/// A month with a picture that one slide needs, one that two need, a table of three parts, and a style sheet.
fn month() -> Month {
    let picture = |names: &[&str]| names.iter().map(|name| format!("<img src=\"../../../{name}\">")).collect::<String>().into_bytes();
    Month::from([
        (page("co-so/mot"), picture(&[OWN, SHARED])),
        (page("co-so/hai"), picture(&[SHARED])),
        (page("y-te/gia"), b"gia 1".to_vec()),
        (page("y-te/gia--2"), b"gia 2".to_vec()),
        (page("y-te/gia--3"), b"gia 3".to_vec()),
        (OWN.to_owned(), b"anh mot".to_vec()),
        (SHARED.to_owned(), b"anh chung".to_vec()),
        (STYLE.to_owned(), b"p{}".to_vec()),
    ])
}

/// A player that holds this month.
fn holding(month: &Month) -> Shop {
    let mut shop = Shop::new();
    shop.publish(month);
    shop.pull().success();
    shop
}

fn object(shop: &Shop, bytes: &[u8]) -> PathBuf {
    let digest = Digest::of(bytes).to_string();
    shop.sandbox.path("data/store/objects").join(&digest[..2]).join(&digest)
}

/// The slides without which a player plays the month; `None` if the month is not on air.
fn missing(shop: &Shop, player: &Running) -> Option<BTreeSet<String>> {
    let schedule = read(player, "/screens/a/schedule.json");
    let month = shop.month();
    let listed = schedule["programs"].as_array().is_some_and(|all| all.iter().any(|each| each["program"] == month.as_str()));
    let slides = schedule["withdrawn"]["slides"][&month].as_array().into_iter().flatten();
    listed.then(|| slides.map(|slide| slide.as_str().unwrap().to_owned()).collect())
}

fn names(slides: &[&str]) -> BTreeSet<String> {
    slides.iter().map(|slide| (*slide).to_owned()).collect()
}

fn journal(shop: &Shop) -> String {
    String::from_utf8(tree(&shop.sandbox.path("data/returns")).into_values().flatten().collect()).unwrap()
}

#[test]
fn f10_f11_after_a_start_a_program_plays_without_the_slides_of_which_a_file_is_damaged_or_lost() {
    let month = month();
    let shop = holding(&month);
    let table = ["y-te/gia", "y-te/gia--2", "y-te/gia--3"];
    let cases: [(Vec<String>, Option<BTreeSet<String>>); 7] = [
        (vec![page("co-so/mot")], Some(names(&["co-so/mot"]))),
        (vec![OWN.to_owned()], Some(names(&["co-so/mot"]))),
        (vec![SHARED.to_owned()], Some(names(&["co-so/hai", "co-so/mot"]))),
        // The page that would name the picture is gone too.
        (vec![page("co-so/mot"), OWN.to_owned()], Some(names(&["co-so/mot"]))),
        // A table without one of its parts would look whole.
        (vec![page("y-te/gia--2")], Some(names(&table))),
        (vec![page("y-te/gia"), SHARED.to_owned()], Some(names(&["co-so/hai", "co-so/mot", table[0], table[1], table[2]]))),
        // Nobody knows which slides a style sheet is for.
        (vec![STYLE.to_owned(), OWN.to_owned()], None),
    ];
    for (at, (paths, without)) in cases.into_iter().enumerate() {
        for path in &paths {
            let place = object(&shop, &month[path]);
            if at % 2 == 0 { fs::write(&place, vec![7; month[path].len()]).unwrap() } else { fs::remove_file(&place).unwrap() }
        }
        let player = run(&shop, &json!(["nowhere"]));
        shows(&player, &json!([1, 2]), if without.is_some() { 2 } else { 1 });
        assert_eq!(missing(&shop, &player), without, "{paths:?}");
        // Nothing of a missing slide is served, and all of every other one.
        for (path, bytes) in month.iter().filter(|_| without.is_some()) {
            let answer = get(&player.address(), &format!("/p/{}/{path}", shop.month()), &[]);
            let is_gone = paths.contains(path) || without.iter().flatten().any(|slide| page(slide) == *path);
            assert_eq!((answer.status, answer.body == *bytes), if is_gone { (404, false) } else { (200, true) }, "{paths:?} {path}");
        }
        drop(player);
        // All is back as soon as a source has it.
        let player = run(&shop, &json!(["store"]));
        wait_for("all slides", LONG, || missing(&shop, &player) == Some(names(&[])) && shop.holds(&month));
        wait_for("the report", LONG, || health(&player)["missing_slides"] == json!({}) && health(&player)["pending"] == json!([]));
    }
}

#[test]
fn f10_f11_the_slides_that_are_missing_are_named_wherever_somebody_looks() {
    let month = month();
    let shop = holding(&month);
    fs::write(object(&shop, &month[SHARED]), vec![7; month[SHARED].len()]).unwrap();
    let told = |words: &[&str]| shop.sandbox.player(&[&["--lang"], words, &["--config", "player.json"]].concat());
    // Before the start, and beside the player that lacks them.
    let audit = || {
        told(&["en", "verify"]).code(1).stdout_has("it plays without these slides: co-so/hai, co-so/mot\n");
        told(&["vi", "verify"]).code(1).stdout_has("chương trình chiếu thiếu các trang: co-so/hai, co-so/mot\n");
        let said: Value = serde_json::from_str(&told(&["en", "verify", "--json"]).code(1).stdout).unwrap();
        let program = said["programs"].as_array().unwrap().iter().find(|each| each["program"] == shop.month().as_str()).unwrap();
        assert_eq!(program["missing_slides"], json!(["co-so/hai", "co-so/mot"]), "{said}");
    };
    audit();
    let player = run(&shop, &json!(["nowhere"]));
    shows(&player, &json!([1, 2]), 2);
    wait_for("the report", LONG, || health(&player)["missing_slides"][shop.month()] == json!(["co-so/hai", "co-so/mot"]));
    audit();
    let (vi, en) = (
        ["2 trang không chiếu được vì tệp hỏng hoặc mất trên ổ đĩa", "co-so/hai, co-so/mot; các trang khác vẫn chiếu"],
        ["2 slides are not shown because of files damaged or lost on the disk", "co-so/hai, co-so/mot; the others play on"],
    );
    let page = get(&player.address(), "/", &[]).text();
    assert!(vi.iter().chain(&en).all(|words| page.contains(words)), "{page}");
    told(&["vi", "status"]).success().stdout_has(vi[0]).stdout_has(vi[1]);
    told(&["en", "status"]).success().stdout_has(en[0]).stdout_has(en[1]);
    let line = format!("program {} plays without slides of which files are damaged or lost: co-so/hai, co-so/mot", shop.month());
    wait_for("the journal", LONG, || journal(&shop).contains(&line));
    look_once(&player);
    assert_eq!(journal(&shop).matches("\"slides-missing\"").count(), 1, "once for each change");
    drop(player);
    let player = run(&shop, &json!(["store"]));
    wait_for("all slides", LONG, || missing(&shop, &player) == Some(names(&[])));
    wait_for("the journal", LONG, || journal(&shop).contains(&format!("program {} plays with all its slides again", shop.month())));
}

#[test]
fn f10_where_every_slide_of_a_program_lacks_a_file_it_is_not_shown() {
    // The page of the sample manifest is the evergreen program's too: nothing is left of either.
    let month = month();
    let shop = holding(&month);
    let pages = month.keys().filter(|path| path.starts_with("slides/"));
    let all: Vec<&[u8]> = pages.map(|path| month[path].as_slice()).chain([b"page".as_slice()]).collect();
    all.iter().for_each(|bytes| fs::remove_file(object(&shop, bytes)).unwrap());
    let player = run(&shop, &json!(["nowhere"]));
    wait_for("the report", LONG, || health(&player)["damaged"]["lacking"].as_u64() == Some(all.len() as u64));
    assert_eq!((missing(&shop, &player), health(&player)["card"].clone()), (None, json!(true)), "{}", health(&player));
    assert_eq!(health(&player)["missing_slides"], json!({}));
    let said = shop.sandbox.player(&["--lang", "en", "verify", "--config", "player.json"]).code(1).stdout;
    assert_eq!(said.matches("fetched again, it is not shown: all slides need them, or it is not known which do\n").count(), 2, "{said}");
}

#[test]
fn f09_a_file_that_can_t_be_read_through_costs_its_own_slides_only() {
    let month = month();
    let shop = holding(&month);
    let place = object(&shop, &month[OWN]);
    shop.configure("nowhere", &json!({"listen": "127.0.0.1:0"}));
    let inject = "exec strace -D -f -qq -o trace -P \"$0\" -e trace=read,pread64 -e inject=read,pread64:error=EIO \"$1\" run --config player.json 2>said";
    let player = shop.sandbox.spawn("sh", &["-c", inject, place.to_str().unwrap(), PLAYER], "http://");
    wait_for("the month", LONG, || missing(&shop, &player) == Some(names(&["co-so/mot"])));
    wait_for("the report", LONG, || health(&player)["missing_slides"][shop.month()] == json!(["co-so/mot"]));
    assert!(place.exists(), "what can't be read is not absent");
}

#[test]
fn what_is_on_air_with_all_slides_loses_none_but_those_that_are_withdrawn() {
    let month = month();
    let shop = holding(&month);
    let player = run(&shop, &json!(["store"]));
    shows(&player, &json!([1, 2]), 2);
    // No source has the picture any more.
    fs::remove_file(shop.place("objects", &month[OWN])).unwrap();
    fs::remove_dir_all(shop.sandbox.path("store/packs")).unwrap();
    fs::write(object(&shop, &month[OWN]), vec![7; month[OWN].len()]).unwrap();
    look_until(&player, "the damage", || health(&player)["damaged"]["lacking"] == 1);
    assert_eq!(missing(&shop, &player), Some(names(&[])));
    shop.withdraw(1, &json!({"slides": ["co-so/hai"]}));
    look_until(&player, "the withdrawal", || health(&player)["withdrawals"] == 1);
    assert_eq!(missing(&shop, &player), Some(names(&["co-so/hai"])), "{}", health(&player));
    assert_eq!(health(&player)["missing_slides"], json!({}), "it is withdrawn, not lost");
    drop(player);
    // After a start the damaged one is missing too, and only that is told as missing.
    let player = run(&shop, &json!(["nowhere"]));
    wait_for("the month", LONG, || missing(&shop, &player) == Some(names(&["co-so/hai", "co-so/mot"])));
    wait_for("the report", LONG, || health(&player)["missing_slides"][shop.month()] == json!(["co-so/mot"]));
}
