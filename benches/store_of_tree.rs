//! `store_of_tree DESK STORE FOLDER`: publishes a plain folder of pages, pictures and films as the next month of site `do`, signed with
//! the keys in DESK (made if missing). Prints the head's number. For `benches/compare` and `benches/fleet`.

mod kit;

use std::path::Path;

use bangtin::base::clock::{Clock as _, SystemClock};
use bangtin::base::ids::SiteId;

fn main() {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    let [desk, store, folder] = args.as_slice() else {
        eprintln!("store_of_tree DESK STORE FOLDER");
        std::process::exit(2);
    };
    let site = SiteId::parse("do").expect("a site id");
    let now = SystemClock::new().now_ms().div_euclid(1_000);
    let desk = kit::Desk::open(Path::new(desk), &site, now);
    println!("1-{}", desk.publish(Path::new(store), &site, Path::new(folder)));
}
