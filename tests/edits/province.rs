//! A small province with everything that a page may depend on: translations, pictures, a table, a theme with a split font; and the edits.
//! Seeded: equal seeds give equal edits.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::SystemTime;

use crate::harness::Sandbox;

/// Pseudo-random numbers (xorshift).
pub struct Dice(pub u64);

impl Dice {
    /// From 0 to `end` - 1.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

pub fn slide(layout: &str, text: &str, more: &str) -> String {
    format!("---\ntitle: Tin {text}\nagency: so\ncategory: co-so\nlayout: {layout}\n{more}---\nNội dung {text}.\n")
}

/// The content folder and its edits.
pub struct Province<'a> {
    sandbox: &'a Sandbox,
    made: usize,
}

const SETTINGS: &str = "name: {vi: Tỉnh, en: Province}\ntime_zone: Asia/Ho_Chi_Minh\nlanguages: [vi, en, zh]\ntheme: nho\ntool: 1.0.0\n\
approval:\n  roles:\n    chief: {threshold: 1, kinds: [monthly, evergreen, urgent, kit]}\n  requires: {monthly: [chief], evergreen: [chief], \
urgent: [chief], kit: [chief]}\n";
const SITE: &str = "name: {vi: Cửa, en: Gate}\noperator: so\nscreens:\n  - {id: a, width: 320, height: 160}\nhours:\n  workday: [\"07:30-11:00\", \
\"13:30-18:00\"]\n  weekend: [\"08:00-11:30\", \"14:00-20:30\"]\n  holiday: [\"08:00-11:30\", \"14:00-20:30\"]\nshares: [{playlist: tinh, share: 1}]\n";
const LAYOUT: &str = "<!doctype html><html lang=\"{{ lang }}\"><meta charset=\"utf-8\">{% if sheets %}{% for sheet in sheets %}<link rel=\"stylesheet\" \
href=\"{{ sheet }}\">{% endfor %}{% endif %}<link rel=\"stylesheet\" href=\"{{ root }}theme/theme.css\"><h1>{{ title }}</h1>{{ body }}\
{% if image %}<img src=\"{{ image.src }}\">{% endif %}{% if rows %}{{ rows | length }}{% endif %}<footer>{{ agency }} {{ site_name }}</footer></html>\n";

impl<'a> Province<'a> {
    /// Writes it.
    pub fn new(sandbox: &'a Sandbox) -> Self {
        let theme = "name: {vi: Nhỏ, en: Small}\nlayouts:\n  text: {needs: [], takes: []}\n  photo: {needs: [image], takes: [alt]}\n  table: {needs: [table], takes: []}\n";
        sandbox.write("themes/nho/theme.yaml", theme).write("themes/nho/theme.css", "body{margin:0}\n");
        for layout in ["text", "photo", "table"] {
            sandbox.write(&format!("themes/nho/layouts/{layout}.html"), LAYOUT);
        }
        let part = |name: &str, range: &str| format!("@font-face {{ src: url({name}.woff2); unicode-range: {range}; }}\n");
        sandbox.write("themes/nho/fonts/han.css", part("han-1", "U+4E00-5FFF") + &part("han-2", "U+6000-9FFF"));
        sandbox.write("themes/nho/fonts/han-1.woff2", "một").write("themes/nho/fonts/han-2.woff2", "hai");
        sandbox.write("content/bangtin.yaml", SETTINGS).write("content/calendar/2026.yaml", "days: []\n");
        sandbox.write("content/agencies.yaml", "so:\n  name: {vi: Sở, en: Department}\n  kind: department\n  roles: [chief]\n");
        sandbox.write("content/sites/cua.yaml", SITE).write("content/sites/cho.yaml", SITE.replace("320", "160"));
        for period in ["2026-12", "evergreen"] {
            let list =
                "title: Tháng\nagency: so\nentries:\n  - slides: \"tin/*.md\"\n  - slides: \"khac/**/*.md\"\n  - slide: tin/bai-0.md\n";
            sandbox.write(&format!("content/playlists/{period}/tinh.yaml"), list);
        }
        for number in 0..6 {
            sandbox.write(&format!("content/slides/tin/bai-{number}.md"), slide("text", &format!("số {number}"), ""));
        }
        // Slides of which a warning tells, one of them with translations.
        for name in ["bai-1", "bai-4"] {
            let long = format!("dài {}", "chữ ".repeat(60));
            sandbox.write(&format!("content/slides/tin/{name}.md"), slide("text", &long, "duration: 3s\n"));
        }
        sandbox.write("content/slides/tin/bai-1.en.md", "---\ntitle: News\n---\nEnglish.\n");
        sandbox.write("content/slides/tin/bai-1.zh.md", "---\ntitle: 新闻\n---\n中文。\n");
        sandbox.write("content/slides/khac/sau/anh.md", slide("photo", "có ảnh", "image: anh.png\nduration: 9s\n"));
        sandbox.write("content/slides/khac/sau/anh.en.md", "---\ntitle: Picture\n---\nPicture.\n");
        sandbox.write("content/slides/khac/bang.md", slide("table", "có bảng", "table: so-lieu.csv\n"));
        sandbox.write("content/slides/khac/so-lieu.csv", "Tên,Số\nA,1\n");
        let province = Self { sandbox, made: 0 };
        province.picture(3);
        province
    }

    fn picture(&self, shade: u8) {
        let picture = image::RgbImage::from_pixel(8, 6, image::Rgb([shade, 90, 200]));
        let mut bytes = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        self.sandbox.write("content/slides/khac/sau/anh.png", bytes.into_inner());
    }

    /// The slides' files, sorted.
    fn slides(&self) -> Vec<PathBuf> {
        let entries = walkdir::WalkDir::new(self.sandbox.path("content/slides")).sort_by_file_name().into_iter().filter_map(Result::ok);
        entries.map(walkdir::DirEntry::into_path).filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
    }

    /// One edit; says what it was.
    pub fn edit(&mut self, dice: &mut Dice) -> String {
        self.made += 1;
        let slides = self.slides();
        let path = slides[dice.below(slides.len())].clone();
        let shown = path.strip_prefix(self.sandbox.path("content/slides")).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        let number = self.made;
        let kind = dice.below(20);
        match kind {
            0 | 1 => fs::write(&path, format!("{text}\nThêm {number}.\n")).unwrap(),
            2 => {
                // Same length, modification time restored: only the change time (ctime) differs.
                let time = fs::metadata(&path).unwrap().modified().unwrap();
                fs::write(&path, text.replacen("title: T", "title: K", 1)).unwrap();
                File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
                return format!("{shown} changed in place, its time put back");
            }
            3 => {
                let name = path.with_file_name(format!("ten-{number}.md"));
                fs::rename(&path, name).unwrap();
                return format!("{shown} renamed to ten-{number}");
            }
            4 => {
                fs::remove_file(&path).unwrap();
                return format!("{shown} deleted");
            }
            5 => {
                self.sandbox.write(&format!("content/slides/tin/moi-{number}.md"), slide("text", "mới 汉", ""));
            }
            6 => {
                self.sandbox.write("themes/nho/theme.css", format!("body{{margin:{number}px}}\n"));
            }
            7 => {
                self.sandbox.write("themes/nho/layouts/text.html", format!("{LAYOUT}<p class=\"n{number}\"></p>\n"));
            }
            8 => {
                self.sandbox.write("themes/nho/fonts/han-1.woff2", format!("một {number}"));
            }
            9 => self.picture(u8::try_from(number % 250).unwrap()),
            10 => {
                self.sandbox.write("content/slides/khac/so-lieu.csv", format!("Tên,Số\nA,{number}\n"));
            }
            11 => {
                let list =
                    "title: Tháng\nagency: so\nentries:\n  - slides: \"**/*.md\"\n    times: [\"08:00-10:00\"]\n  - slides: \"tin/*.md\"\n";
                self.sandbox.write("content/playlists/2026-12/tinh.yaml", format!("{list}    weight: {}\n", number % 9 + 1));
            }
            12 => File::options().write(true).open(&path).unwrap().set_modified(SystemTime::now()).unwrap(),
            13 => fs::write(&path, text.replacen("layout:", "layuot:", 1).replacen("title:", "tilte:", 1)).unwrap(),
            14 => fs::write(&path, text.replacen("layuot:", "layout:", 1).replacen("tilte:", "title:", 1)).unwrap(),
            15 => drop(
                self.sandbox
                    .write("content/agencies.yaml", format!("so:\n  name: {{vi: Sở {number}}}\n  kind: department\n  roles: [chief]\n")),
            ),
            16 => return self.spoil(dice),
            17 => {
                let _ = fs::remove_file(self.sandbox.path("content/slides/khac/sau/anh.png"));
                return "the picture deleted".to_owned();
            }
            18 => {
                self.picture(1);
                if !text.contains("duration") {
                    fs::write(&path, text.replace("agency: so\n", "agency: so\nduration: 12s\n")).unwrap();
                }
            }
            _ => {
                // A word of mixed alphabets: a warning, reported by every build.
                fs::write(&path, format!("{text}\nCaо{number}\n")).unwrap();
            }
        }
        format!("{shown}, edit {number} of kind {kind}")
    }

    /// Fixes what edits broke.
    pub fn fix(&self) {
        if !self.sandbox.path("content/slides/khac/sau/anh.png").exists() {
            self.picture(7);
        }
        for path in self.slides() {
            let text = fs::read_to_string(&path).unwrap();
            let fixed = text.replacen("layuot:", "layout:", 1).replacen("tilte:", "title:", 1);
            if fixed != text {
                fs::write(&path, fixed).unwrap();
            }
            // Translations whose slide was renamed or deleted.
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if let Some((stem, _)) = name.trim_end_matches(".md").split_once('.')
                && !path.with_file_name(format!("{stem}.md")).exists()
            {
                fs::remove_file(&path).unwrap();
            }
        }
        if !self.sandbox.path("content/slides/tin/bai-0.md").exists() {
            self.sandbox.write("content/slides/tin/bai-0.md", slide("text", "trở lại", ""));
        }
    }

    /// Changes the build's result outside the tool.
    fn spoil(&self, dice: &mut Dice) -> String {
        let files = walkdir::WalkDir::new(self.sandbox.path("out")).sort_by_file_name().into_iter().filter_map(Result::ok);
        let files: Vec<PathBuf> =
            files.map(walkdir::DirEntry::into_path).filter(|path| path.is_file() && !path.ends_with("program.json")).collect();
        let Some(path) = (!files.is_empty()).then(|| files[dice.below(files.len())].clone()) else { return "nothing to spoil".to_owned() };
        match dice.below(4) {
            0 => fs::remove_file(&path).unwrap(),
            1 => fs::write(path.with_file_name("stranger.html"), "x").unwrap(),
            2 => {
                let mut bytes = fs::read(&path).unwrap();
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                let time = fs::metadata(&path).unwrap().modified().unwrap();
                fs::write(&path, bytes).unwrap();
                File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            }
            _ => {
                fs::remove_file(&path).unwrap();
                fs::create_dir_all(path.join("folder")).unwrap();
            }
        }
        format!("{} damaged", path.display())
    }
}
