//! Large objects by delta from the old copy, small ones in packs: few bytes from any static host, and never a wrong one. The traps are
//! those of rsync with sender and receiver exchanged, as `docs/formats.md` numbers them.

pub mod shop;

use std::fs;

use serde_json::json;

use self::shop::{Month, Server, Shop, noise};

const FILM: &str = "assets/phim.mp4";

fn month(film: Vec<u8>) -> Month {
    Month::from([(FILM.to_owned(), film)])
}

/// A shop behind a stock nginx; its player holds a month with this film.
fn with_film(film: &[u8], more: &str) -> (Shop, Server) {
    let mut shop = Shop::new();
    shop.publish(&month(film.to_vec()));
    let server = Server::nginx(&shop.sandbox, more);
    shop.configure(&server.address, &json!({}));
    shop.pull().success();
    assert!(shop.holds(&month(film.to_vec())));
    server.traffic();
    (shop, server)
}

fn spots(film: &[u8]) -> Vec<u8> {
    let mut new = film.to_vec();
    for at in [70_001, 1_500_500, 2_999_000] {
        new[at..at + 4_096].copy_from_slice(&noise(at as u64, 4_096));
    }
    new
}

#[test]
fn edited_spots_cost_little_more_than_themselves() {
    let film = noise(1, 3_100_123);
    let (mut shop, server) = with_film(&film, "");
    let next = month(spots(&film));
    shop.publish_bare(&next);
    shop.pull().success();
    assert!(shop.holds(&next));
    let traffic = server.traffic();
    // Three changes of 4 KB, each with the rest of the 1 KiB block at either end, and the block entries read to find them.
    assert!(traffic.bytes < 30_000 && traffic.requests < 14, "{traffic:?}");
}

#[test]
fn an_insertion_near_the_start_moves_everything_and_costs_only_itself() {
    let film = noise(2, 4_000_321);
    let (mut shop, server) = with_film(&film, "");
    let mut longer = film[..1_000].to_vec();
    longer.extend(noise(3, 65_536));
    longer.extend_from_slice(&film[1_000..]);
    let next = month(longer);
    shop.publish_bare(&next);
    shop.pull().success();
    assert!(shop.holds(&next));
    let traffic = server.traffic();
    assert!(traffic.bytes < 65_536 + 14_000, "{traffic:?}");
}

#[test]
fn trap_1_2_repeated_blocks_and_the_short_last_one_are_found() {
    let (mut film, tail) = (vec![0; 2 << 20], noise(4, 20_001));
    film.extend_from_slice(&tail);
    let (mut shop, server) = with_film(&film, "");
    let mut longer = vec![0; 3 << 20];
    longer.extend_from_slice(&noise(5, 100));
    longer.resize(longer.len().next_multiple_of(32 << 10), 0);
    longer.extend_from_slice(&tail);
    let next = month(longer);
    shop.publish_bare(&next);
    shop.pull().success();
    assert!(shop.holds(&next));
    let traffic = server.traffic();
    assert!(traffic.bytes < 12_000, "{traffic:?}");
}

#[test]
fn trap_9_a_server_that_refuses_many_ranges_is_asked_for_one_at_a_time() {
    let film = noise(6, 3_100_000);
    let (mut shop, server) = with_film(&film, "max_ranges 1;");
    let next = month(spots(&film));
    shop.publish_bare(&next);
    shop.pull().success();
    assert!(shop.holds(&next));
    let traffic = server.traffic();
    let whole = traffic.lines.iter().filter(|line| line.starts_with("200 /objects")).count();
    let one = traffic.lines.iter().filter(|line| line.starts_with("206 /objects")).count();
    assert!(one >= 3 && whole <= 1, "{traffic:?}");
}

#[test]
fn trap_9_a_server_without_ranges_gives_whole_objects() {
    let film = noise(7, 1_000_000);
    let mut shop = Shop::new();
    let server = Server::python(&shop.sandbox);
    shop.configure(&server.address, &json!({}));
    for film in [film.clone(), spots(&noise(7, 3_100_000))] {
        let next = month(film);
        shop.publish_bare(&next);
        shop.pull().success();
        assert!(shop.holds(&next));
    }
}

#[test]
fn from_a_folder_only_what_is_lacking_is_read() {
    let film = noise(8, 3_100_000);
    let mut shop = Shop::new();
    shop.publish_bare(&month(film.clone()));
    assert!(shop.pulled() > 3_000_000);
    let next = month(spots(&film));
    shop.publish_bare(&next);
    let fetched = shop.pulled();
    assert!(shop.holds(&next) && fetched < 25_000, "{fetched}");
}

#[test]
fn trap_3_4_6_lying_block_signatures_cost_bytes_and_nothing_else() {
    let film = noise(9, 1_200_000);
    let next = spots(&noise(9, 3_100_000));
    let honest = {
        let mut shop = Shop::new();
        shop.publish(&month(next.clone()));
        fs::read(shop.place("blocks", &next)).unwrap()
    };
    let mut swapped = honest.clone();
    swapped[12..36].rotate_left(12);
    let mut zero_blocks = honest.clone();
    zero_blocks[4..8].fill(0);
    let mut long_hashes = honest.clone();
    long_hashes[11] = 17;
    let mut same = honest.clone();
    for at in 1..40 {
        let (first, rest) = same.split_at_mut(12 + at * 12);
        rest[..12].copy_from_slice(&first[12..24]);
    }
    let lies: [(&str, Vec<u8>); 7] = [
        ("blocks of no length", zero_blocks),
        ("MD4 of seventeen bytes", long_hashes),
        ("entries that change places", swapped),
        ("one entry for all", same),
        ("cut short", honest[..honest.len() / 2].to_vec()),
        ("noise", noise(10, honest.len())),
        ("a page", b"<html>404</html>".to_vec()),
    ];
    for (name, lie) in lies {
        let mut shop = Shop::new();
        shop.publish(&month(film.clone()));
        let server = Server::nginx(&shop.sandbox, "");
        shop.configure(&server.address, &json!({}));
        shop.pull().success();
        let month = month(next.clone());
        shop.publish_bare(&month);
        fs::write(shop.place("blocks", &next), lie).unwrap();
        shop.pull().success();
        assert!(shop.holds(&month), "{name}");
    }
}

#[test]
fn trap_6_entries_crafted_to_be_slow_are_given_up() {
    // Every window of the old film has one of a thousand checksums, all listed, none with the right hash.
    let old: Vec<u8> = noise(41, 997).into_iter().cycle().take(3_000_000).collect();
    let new = noise(42, 40_000_000);
    let mut shop = Shop::new();
    shop.publish(&month(old.clone()));
    let server = Server::nginx(&shop.sandbox, "");
    shop.configure(&server.address, &json!({}));
    shop.pull().success();
    let next = month(new.clone());
    shop.publish_bare(&next);
    let place = shop.place("blocks", &new);
    let mut blocks = fs::read(&place).unwrap();
    for number in 0..997 {
        let entry = bangtin::store::blocks::entry(&old[number..number + (32 << 10)]);
        blocks[12 + number * 12..][..4].copy_from_slice(&entry[..4]);
    }
    fs::write(&place, blocks).unwrap();
    let began = std::time::Instant::now();
    shop.pull().success();
    assert!(shop.holds(&next));
    // A complete scan would take minutes.
    assert!(began.elapsed().as_secs() < 60, "{:?}", began.elapsed());
}

#[test]
fn trap_4_an_old_copy_that_is_damaged_gives_no_wrong_byte() {
    let film = noise(11, 2_000_000);
    let (mut shop, _server) = with_film(&film, "");
    let next = month(spots(&noise(11, 3_100_000)));
    shop.publish_bare(&next);
    // The same length, so that only reading all of it shows the difference.
    let held =
        fs::read_dir(shop.sandbox.path("data/store/objects")).unwrap().flatten().flat_map(|entry| fs::read_dir(entry.path()).unwrap());
    let old = held.flatten().find(|entry| entry.metadata().unwrap().len() == 2_000_000).unwrap().path();
    let mut bytes = fs::read(&old).unwrap();
    bytes[1_000_000..1_000_100].fill(7);
    fs::write(&old, bytes).unwrap();
    shop.pull().success();
    assert!(shop.holds(&next));
}

#[test]
fn a_part_that_was_begun_is_gone_on_with_and_a_wrong_one_is_not() {
    let film = noise(12, 3_100_000);
    for right in [true, false] {
        let (mut shop, server) = with_film(&film, "");
        let new = spots(&film);
        let next = month(new.clone());
        shop.publish_bare(&next);
        let mut part = new[..2_000_000].to_vec();
        if !right {
            part[5] ^= 1;
        }
        let name = bangtin::base::digest::Digest::of(&new).to_string();
        shop.sandbox.write(&format!("data/store/parts/{name}"), part);
        shop.pull().success();
        assert!(shop.holds(&next));
        let bytes = server.traffic().bytes;
        assert!(if right { bytes < 20_000 } else { bytes > 3_100_000 }, "{right} {bytes}");
    }
}

#[test]
fn an_object_that_is_another_altogether_costs_no_more_than_itself_and_a_percent() {
    let film = noise(13, 3_000_000);
    let (mut shop, server) = with_film(&film, "");
    let next = month(noise(14, 3_000_000));
    shop.publish_bare(&next);
    shop.pull().success();
    assert!(shop.holds(&next));
    let bytes = server.traffic().bytes;
    assert!((3_000_000..3_030_000).contains(&bytes), "{bytes}");
}

#[test]
fn a_picture_saved_again_costs_no_more_than_itself_and_a_percent() {
    let (mut shop, server) = with_film(&noise(31, 450_000), "");
    let next = month(noise(32, 450_000));
    shop.publish(&next);
    shop.pull().success();
    assert!(shop.holds(&next));
    let traffic = server.traffic();
    assert!(traffic.requests <= 6 && (450_000..454_500).contains(&traffic.bytes), "{traffic:?}");
}

#[test]
fn a_film_that_changed_a_little_comes_with_the_pack_as_an_edit() {
    let film = noise(21, 3_100_000);
    let (mut shop, server) = with_film(&film, "");
    let mut new = spots(&film)[..2_000_000].to_vec();
    new.extend(noise(22, 5_000));
    new.extend_from_slice(&film[2_000_000..]);
    let next = month(new);
    shop.publish(&next);
    shop.pull().success();
    assert!(shop.holds(&next));
    let traffic = server.traffic();
    assert!(traffic.requests <= 5 && traffic.bytes < 2 * 4_096 + 5_000 + 5_000, "{traffic:?}");
}

#[test]
fn edits_that_lie_cost_bytes_and_nothing_else() {
    let film = noise(23, 1_000_000);
    let new = noise(24, 900_000);
    let name = |bytes: &[u8]| bangtin::base::digest::Digest::of(bytes).to_string();
    let pack = |edit: &[u8]| {
        let mut text = format!("edits/{}/{} {}\n", name(&new), name(&film), edit.len()).into_bytes();
        text.extend_from_slice(edit);
        zstd::bulk::compress(&text, 3).unwrap()
    };
    let copy_all = b"rs\x026\x53\0\0\0\0\0\0\0\0\0\x0d\xbb\xa0\0";
    let beyond = b"rs\x026\x53\0\0\0\x7f\0\0\0\0\0\x0d\xbb\xa0\0";
    let endless = [&b"rs\x026"[..], &b"\x53\0\0\0\0\0\0\0\0\x7f\xff\xff\xff".repeat(100)].concat();
    for (lie, edit) in [
        ("another film", &copy_all[..]),
        ("beyond the end", beyond),
        ("without end", &endless),
        ("no delta", b"<html>"),
        ("strangers", b""),
    ] {
        let mut shop = Shop::new();
        shop.publish(&month(film.clone()));
        let server = Server::nginx(&shop.sandbox, "");
        shop.configure(&server.address, &json!({}));
        shop.pull().success();
        let next = month(new.clone());
        shop.publish(&next);
        shop.spoil_packs(&pack(edit));
        shop.pull().success();
        assert!(shop.holds(&next), "{lie}");
    }
}

/// Seeded random changes of a film, one after another.
fn change(film: &mut Vec<u8>, seed: u64) {
    let dice = |salt: u64, sides: usize| {
        let bytes = noise(seed.wrapping_mul(977).wrapping_add(salt), 8);
        usize::try_from(u64::from_le_bytes(bytes.try_into().unwrap()) % sides.max(1) as u64).unwrap()
    };
    let (at, length) = (dice(1, film.len()), 1 + dice(2, 90_000));
    let end = (at + length).min(film.len());
    match dice(3, 8) {
        0 => film[at..end].copy_from_slice(&noise(seed, end - at)),
        1 => drop(film.splice(at..at, noise(seed, length))),
        2 => drop(film.drain(at..end)),
        3 => {
            let cut: Vec<u8> = film.drain(at..end).collect();
            let to = dice(4, film.len() + 1);
            drop(film.splice(to..to, cut));
        }
        4 => drop(film.splice(at..at, film[at..end].to_vec())),
        5 => film[at..end].fill(0),
        6 => film.truncate(film.len() - film.len() / 10),
        _ => film.extend(noise(seed, length)),
    }
    if film.len() < 300_000 {
        film.extend(noise(seed + 1, 700_000));
    }
}

/// A slice of what `tests/long/deltas` runs. `ROUNDS`: number of changes; `SEED`: their seed.
#[test]
fn random_changes_always_come_right() {
    let number = |name: &str, usual| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (rounds, seed): (u64, u64) = (number("ROUNDS", 16), number("SEED", 5));
    let (mut shop, server) = with_film(&noise(seed, 1_200_000), "");
    let mut film = noise(seed, 1_200_000);
    for round in 0..rounds {
        for step in 0..=round % 3 {
            change(&mut film, seed * 1_000_003 + round * 31 + step);
        }
        let next = month(film.clone());
        if round % 2 == 0 {
            shop.publish(&next);
        } else {
            shop.publish_bare(&next);
        }
        shop.pull().success();
        assert!(shop.holds(&next), "seed {seed}, round {round}");
        let bytes = server.traffic().bytes;
        assert!(bytes < film.len() as u64 + film.len() as u64 / 100 + 8_000, "seed {seed}, round {round}: {bytes} of {}", film.len());
    }
}

fn pages(count: usize, word: &str) -> Month {
    let page = |number: usize| {
        let text: String = (0..40).map(|line| format!("<p>Trang {number}, dòng {line}: {word} {}</p>\n", number * line)).collect();
        (format!("slides/trang-{number}@1920x1080/index.html"), format!("<!doctype html>{text}").into_bytes())
    };
    (0..count).map(page).collect()
}

#[test]
fn many_small_files_travel_in_one_piece() {
    let mut shop = Shop::new();
    let first = pages(120, "tháng mười");
    shop.publish(&first);
    let server = Server::nginx(&shop.sandbox, "");
    shop.configure(&server.address, &json!({}));
    shop.pull().success();
    assert!(shop.holds(&first));
    let traffic = server.traffic();
    assert!(traffic.requests < 20 && traffic.bytes < 90_000, "{traffic:?}");
    assert!(traffic.lines.iter().any(|line| line.starts_with("200 /packs/")), "{traffic:?}");
    // The next month: a few words changed.
    let second = pages(120, "tháng mười một");
    shop.publish(&second);
    shop.pull().success();
    assert!(shop.holds(&second));
    let traffic = server.traffic();
    let all: usize = second.values().map(Vec::len).sum();
    assert!(traffic.requests <= 6 && traffic.bytes < all as u64 / 10, "{all} {traffic:?}");
}

#[test]
fn a_player_that_missed_a_month_takes_the_whole_pack() {
    let mut shop = Shop::new();
    shop.publish(&pages(60, "tháng chín"));
    let server = Server::nginx(&shop.sandbox, "");
    shop.configure(&server.address, &json!({}));
    shop.pull().success();
    shop.publish(&pages(60, "tháng mười"));
    let third = pages(60, "tháng mười một");
    shop.publish(&third);
    server.traffic();
    shop.pull().success();
    assert!(shop.holds(&third));
    let traffic = server.traffic();
    assert!(traffic.requests < 20, "{traffic:?}");
}

#[test]
fn lying_packs_cost_bytes_and_nothing_else() {
    let bomb = zstd::bulk::compress(&vec![0; 300 << 20], 1).unwrap();
    let wrong = {
        let mut text = Vec::new();
        for (_, bytes) in pages(40, "tháng mười") {
            let digest = bangtin::base::digest::Digest::of(&bytes).to_string();
            text.extend(format!("objects/{}/{digest} {}\n", &digest[..2], bytes.len()).bytes());
            text.extend(bytes.iter().map(|byte| byte ^ 1));
        }
        zstd::bulk::compress(&text, 3).unwrap()
    };
    let line = |text: &str| zstd::bulk::compress(text.as_bytes(), 3).unwrap();
    let lies = [
        ("noise", noise(20, 5_000)),
        ("a page", b"<html>404</html>".to_vec()),
        ("a bomb", bomb),
        ("different content", wrong),
        ("a size beyond all", line("objects/aa/x 99999999999999999999\n")),
        ("a huge size", line("objects/aa/x 9999999999999\nabc")),
        ("an endless line", line(&"a".repeat(10_000))),
        ("paths that lead out", line("../../state.a 3\nabc/etc/passwd 3\nabc")),
    ];
    for (name, lie) in lies {
        let mut shop = Shop::new();
        let files = pages(40, "tháng mười");
        shop.publish(&files);
        shop.spoil_packs(&lie);
        let server = Server::nginx(&shop.sandbox, "");
        shop.configure(&server.address, &json!({}));
        shop.pull().success();
        assert!(shop.holds(&files), "{name}");
        assert!(server.traffic().requests > 40, "{name}: the pages came singly");
    }
}

#[test]
fn media_of_a_slide_are_made_from_what_the_slide_showed_before() {
    let film = noise(15, 2_500_000);
    let named = |bytes: &[u8]| {
        let name = format!("assets/{}.mp4", &bangtin::base::digest::Digest::of(bytes).to_string()[..32]);
        let page = format!("<!doctype html><video src=\"../../{name}\"></video>");
        Month::from([("slides/phim@1920x1080/index.html".to_owned(), page.into_bytes()), (name, bytes.to_vec())])
    };
    let mut shop = Shop::new();
    shop.publish(&named(&film));
    let server = Server::nginx(&shop.sandbox, "");
    shop.configure(&server.address, &json!({}));
    shop.pull().success();
    server.traffic();
    let mut new = film.clone();
    new[1_000_000..1_000_500].fill(0);
    let next = named(&new);
    shop.publish(&next);
    shop.pull().success();
    assert!(shop.holds(&next));
    let traffic = server.traffic();
    assert!(traffic.bytes < 15_000, "{traffic:?}");
    // Without the pack the player guesses the old copy itself.
    new[2_000_000..2_000_500].fill(0);
    let next = named(&new);
    shop.publish_bare(&next);
    shop.pull().success();
    assert!(shop.holds(&next));
    let traffic = server.traffic();
    assert!(traffic.bytes < 15_000, "{traffic:?}");
}

#[test]
fn f07_a_program_too_big_for_the_disk_is_refused_before_its_first_byte() {
    let (mut shop, server) = with_film(&noise(18, 300_000), "");
    let next = month(noise(19, 400_000));
    shop.publish_bare(&next);
    let stale = format!("data/store/parts/{}", "0".repeat(64));
    shop.sandbox.write(&stale, "left by a head that never came into force");
    shop.configure(&server.address, &json!({"reserve_bytes": 1_u64 << 52}));
    shop.pull().code(3).stderr_has("no room: ");
    assert!(!shop.sandbox.path(&stale).exists(), "what nothing names was removed to make room");
    assert!(shop.holds(&month(noise(18, 300_000))) && !shop.holds(&next));
    assert!(!server.traffic().lines.iter().any(|line| line.contains("/objects/")));
    shop.configure(&server.address, &json!({}));
    shop.pull().success();
    assert!(shop.holds(&next));
}

#[test]
fn the_line_is_used_as_the_configuration_says() {
    let mut shop = Shop::new();
    shop.publish(&month(noise(16, 600_000)));
    let server = Server::nginx(&shop.sandbox, "");
    // An hour far from now and from 09:00, the floor of these documents, which a slow clock is set to.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let hour = (now / 3_600 + 7) % 24;
    let closed = [1, 13, 20].into_iter().find(|each| hour.abs_diff(*each) > 2).unwrap();
    let closed = format!("{closed:02}:00-{closed:02}:30");
    shop.configure(&server.address, &json!({"fetch_hours": [closed]}));
    shop.pull().code(3).stderr_has("waiting for the hours");
    shop.configure(&server.address, &json!({"bytes_per_day": 1 << 20, "bytes_per_second": 400_000}));
    let began = std::time::Instant::now();
    shop.pull().success();
    assert!(began.elapsed().as_secs_f64() > 1.3);
    shop.publish(&month(noise(17, 600_000)));
    shop.pull().code(3).stderr_has("which is the limit");
    shop.configure(&server.address, &json!({}));
    shop.pull().success();
}
