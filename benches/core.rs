//! `cargo bench --bench core`: the parts that every command and every cycle stand on, one by one, on the sample content and on made bytes.
//! Never compares with another tool: `benches/compare` does.

use std::collections::BTreeMap;
use std::fs::File;
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use bangtin::base::canonical;
use bangtin::base::color::{Pen, Pens};
use bangtin::base::digest::Digest;
use bangtin::base::ids::{SiteId, SlideId};
use bangtin::base::text::Lang;
use bangtin::base::times::{Month, Timestamp};
use bangtin::build::render::{Renderer, Theme};
use bangtin::content::model::values::Content;
use bangtin::content::plan;
use bangtin::office::context::Context;
use bangtin::program::validate::Program;
use bangtin::store::{blocks, scan};
use bangtin::trust::secret::SecretKey;
use bangtin::trust::signature::SignatureFile;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};

fn sample() -> (PathBuf, Content) {
    let cwd = Path::new(env!("CARGO_MANIFEST_DIR")).to_owned();
    let (tool, environment, pens) = ("bench".to_owned(), Vec::new(), Pens { out: Pen::PLAIN, err: Pen::PLAIN });
    let context = Context { content: None, lang: Lang::En, quiet: true, cwd, cache: None, tool, environment, terminal: false, pens };
    let root = context.content_root().unwrap_or_else(|_| panic!("the sample content"));
    (root, context.load().unwrap_or_else(|_| panic!("sound content")).0)
}

fn content(c: &mut Criterion) {
    let (root, content) = sample();
    let site = SiteId::parse("ta-lung").expect("a site");
    let month = Month::parse("2026-12").expect("a month");
    c.bench_function("plan: one site's month of the sample", |b| {
        b.iter(|| plan::month(black_box(&content), &site, month).unwrap_or_else(|_| panic!("a plan")));
    });
    let theme = Theme::load(&root, &content.settings.theme).unwrap_or_else(|_| panic!("the theme"));
    let renderer = Renderer::new(theme, root, None);
    let plain = |id: &&SlideId| content.slides[*id].source.ends_with(".md") && id.as_str().starts_with("an-ninh/");
    let id = content.slides.keys().find(plain).expect("a text slide");
    c.bench_function("render: one text slide", |b| {
        b.iter(|| renderer.slide(black_box(&content), id, (1920, 1080)).unwrap_or_else(|_| panic!("a page")));
    });
}

/// A program of a thousand pages.
fn manifest() -> Value {
    let (mut files, mut slides, mut items) = (Vec::new(), BTreeMap::new(), Vec::new());
    for number in 0..1_000_u32 {
        let (id, path) = (format!("do/trang-{number:04}"), format!("slides/do/trang-{number:04}/index.html"));
        let sha256 = Digest::of(&number.to_le_bytes()).to_string();
        files.push(json!({"path": path, "sha256": sha256, "size": 4_000, "type": "text/html"}));
        let slide = json!({"pages": {"1920x1080": path}, "title": "Thác Bản Giốc", "agency": "so-tttt", "category": "co-so", "language": "vi",
            "source": format!("{id}.md")});
        items.push(json!([id, 10_000]));
        slides.insert(id, slide);
    }
    json!({
        "format": "bangtin-program/1", "kind": "evergreen", "site": "ta-lung", "title": "Chương trình", "languages": ["vi"], "revision": 1,
        "roles": ["chief"], "valid": {"from": 0, "until": null}, "offsets": [[0, 25_200]],
        "screens": [{"id": "a", "width": 1920, "height": 1080, "canvas": {"w": 1920, "h": 1080, "x": 0, "y": 0}, "audio": true,
                     "spans": [[25_200, 61_200, "1", 0]]}],
        "loops": {"1": {"ms": 10_000_000, "items": items}}, "slides": slides, "files": files,
    })
}

fn documents(c: &mut Criterion) {
    let value = manifest();
    let bytes = canonical::to_vec(&value).expect("canonical");
    let mut group = c.benchmark_group("documents");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("canonical JSON of 1,000 files", |b| b.iter(|| canonical::to_vec(black_box(&value)).expect("canonical")));
    group.bench_function("verify a program of 1,000 files", |b| b.iter(|| Program::parse(black_box(&bytes)).expect("a program")));
    group.finish();
    let (key, _) = SecretKey::generate(None).unwrap_or_else(|text| panic!("{}", text.en));
    let signature = key.sign(&bytes, "bench", Timestamp(0)).unwrap_or_else(|text| panic!("{}", text.en));
    let signature = SignatureFile::parse(&signature).expect("a signature");
    c.bench_function("verify a signature over it", |b| b.iter(|| assert!(signature.verifies_with(key.public(), black_box(&bytes)))));
}

/// Bytes that do not compress, the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    std::iter::repeat_with(&mut next).flatten().take(length).collect()
}

fn delta(c: &mut Criterion) {
    let old = noise(16 << 20);
    let mut new = old.clone();
    for at in [1 << 20, 5 << 20, 11 << 20] {
        new[at..at + 4_096].iter_mut().for_each(|byte| *byte ^= 0x5a);
    }
    let size = new.len() as u64;
    let mut file: File = tempfile::tempfile().expect("a file");
    file.write_all(&old).expect("written");
    let mut group = c.benchmark_group("delta");
    group.sample_size(20).throughput(Throughput::Bytes(size));
    group.bench_function("block signature of 16 MiB", |b| {
        b.iter(|| blocks::signature(black_box(new.as_slice()), size).expect("a signature"));
    });
    let signature = blocks::signature(new.as_slice(), size).expect("a signature");
    let coarse = &signature[..usize::try_from(blocks::coarse_bytes(size)).expect("a length")];
    group.bench_function("scan 16 MiB for its coarse blocks", |b| {
        b.iter(|| scan::find_blocks(&file, &[(0, size)], black_box(coarse), blocks::COARSE_BLOCK, &|| false).expect("a scan"));
    });
    group.finish();
}

criterion_group!(core, content, documents, delta);
criterion_main!(core);
