//! A small content folder: at least one slide for each layout, pictures drawn by code.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bangtin::base::diagnostic::SourceLocation;
use bangtin::base::ids::{AgencyId, Language, SlideId};
use bangtin::content::model::values::{Agency, ApprovalPolicy, Calendar, Content, ContentSettings, MediaFile, MediaKey, Slide, SlideBody};
use image::{ImageEncoder as _, Rgb, RgbImage, Rgba, RgbaImage};

pub const SIZES: [(u32, u32); 5] = [(1920, 1080), (640, 320), (384, 768), (1080, 1920), (1280, 640)];

pub fn language(code: &str) -> Language {
    Language::parse(code).unwrap()
}

pub fn id(text: &str) -> SlideId {
    SlideId::parse(text).unwrap()
}

fn media(path: &str) -> MediaFile {
    MediaFile { path: format!("slides/{path}"), width: 1600, height: 1000, duration_ms: 4000 }
}

/// A Vietnamese slide of the given layout.
pub fn slide(layout: &str, title: &str, body: &str) -> Slide {
    Slide {
        language: language("vi"),
        source: format!("{layout}.md"),
        title: title.to_owned(),
        agency: AgencyId::parse("so-vhttdl").unwrap(),
        category: "du-lich".to_owned(),
        layout: layout.to_owned(),
        duration_ms: 10_000,
        sets_duration: false,
        valid: (None, None),
        revision: 1,
        body: SlideBody::Loaded(body.to_owned()),
        media: BTreeMap::new(),
        pictures: BTreeMap::new(),
        focus: None,
        rows: None,
        parts: 1,
        texts: BTreeMap::new(),
        place: SourceLocation::file(format!("slides/{layout}.md")),
    }
}

pub fn with(mut slide: Slide, files: &[(MediaKey, &str)], texts: &[(&str, &str)]) -> Slide {
    slide.media.extend(files.iter().map(|(key, path)| (*key, media(path))));
    slide.texts.extend(texts.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())));
    slide
}

/// A content folder with these slides.
pub fn content(slides: impl IntoIterator<Item = (SlideId, Slide)>) -> Content {
    let name = |vi: &str, en: &str| BTreeMap::from([(language("vi"), vi.to_owned()), (language("en"), en.to_owned())]);
    let agency = Agency {
        name: name("Sở Văn hóa, Thể thao và Du lịch", "Department of Culture, Sports and Tourism"),
        kind: "department".to_owned(),
        roles: Vec::new(),
        since: None,
        until: None,
        succeeded_by: None,
    };
    let settings = ContentSettings {
        name: name("Cao Bằng", "Cao Bằng"),
        time_zone: bangtin::base::zone::TimeZone::parse("Asia/Ho_Chi_Minh").expect("a zone"),
        languages: vec![language("vi"), language("en"), language("zh")],
        theme: "caobang".to_owned(),
        tool: "1.0.0".to_owned(),
        approval: ApprovalPolicy::default(),
        store: Vec::new(),
        returns: None,
    };
    Content {
        settings,
        agencies: BTreeMap::from([(AgencyId::parse("so-vhttdl").unwrap(), agency)]),
        sites: BTreeMap::new(),
        calendar: Calendar::default(),
        slides: slides.into_iter().map(|(id, slide)| (id, Box::new(slide))).collect(),
        playlists: BTreeMap::new(),
        faulty_playlists: BTreeSet::new(),
    }
}

const LONG: &str = "## Một số quy định khi qua lại cửa khẩu\n\nCông dân qua lại cửa khẩu phải mang theo hộ chiếu hoặc giấy thông hành còn giá trị, chấp hành việc kiểm tra, kiểm soát của Bộ đội Biên phòng, Hải quan và Kiểm dịch y tế.\n\n1. Xuất trình giấy tờ khi được yêu cầu; không cho người khác mượn giấy tờ của mình.\n2. Không mang hàng cấm, ma túy, vũ khí, chất nổ, pháo.\n3. Khai báo hải quan khi mang ngoại tệ trên 5.000 đô la Mỹ hoặc 15 triệu đồng tiền mặt.\n4. Giữ trật tự, xếp hàng, không chen lấn ở khu vực kiểm soát.";

/// One slide for each layout, and a few difficult ones: long, Chinese, without a picture.
pub fn gallery() -> Content {
    use MediaKey::{Audio, Captions, Image, Poster, Table, Video};
    let photo = (Image, "nui.jpg");
    let ban_gioc = "Một trong những thác nước lớn nhất Đông Nam Á, trên sông Quây Sơn, xã Đàm Thủy. Thác rộng 300 m, cao 30 m, nhiều tầng.";
    let columns = "**Người Tày, Nùng**\n\n- Hát then, đàn tính\n- Lễ hội Lồng tồng\n- Nghề dệt thổ cẩm\n\n---\n\n**Người Mông, Dao**\n\n- Chợ phiên\n- Lễ cấp sắc\n- Nghề rèn Phúc Sen";
    let notice = "Ủy ban nhân dân huyện thông báo thời gian tạm ngừng làm thủ tục xuất, nhập cảnh dịp Tết Nguyên đán:\n\n- Từ 00 giờ ngày 06/02/2027 đến hết ngày 10/02/2027\n- Trường hợp khẩn cấp liên hệ Đồn Biên phòng cửa khẩu Tà Lùng";
    let zh = Slide {
        language: language("zh"),
        ..slide(
            "text",
            "欢迎来到高平省",
            "德天—板约瀑布是亚洲最大的跨国瀑布之一。\n\n- 最佳时间：八月至十月\n- 距高平市约 90 公里\n- 请携带有效证件",
        )
    };
    let slides = [
        (
            "title",
            with(
                slide("title", "Chào mừng quý khách đến với Cao Bằng", ""),
                &[photo],
                &[("subtitle", "Cửa khẩu Quốc tế Tà Lùng"), ("credit", "Ủy ban nhân dân tỉnh")],
            ),
        ),
        ("title-plain", with(slide("title", "Ẫ Ậ Ỷ Ỹ Ỵ: Tết Kỷ Mùi", ""), &[], &[("subtitle", "Kỳ nghỉ lễ và những điều cần biết")])),
        ("text", slide("text", "Quy định", LONG)),
        (
            "text-table",
            slide(
                "text",
                "Lệ phí",
                "| Giấy tờ | Lệ phí |\n| :-- | --: |\n| Giấy thông hành | 50.000 đồng |\n| Hộ chiếu | 200.000 đồng |\n",
            ),
        ),
        ("text-short", slide("text", "Giữ sạch biên giới", "Không xả rác xuống sông, suối.\n\nRác để lại hôm nay, *mai* sẽ về làng.")),
        (
            "text-pictured",
            with(
                slide(
                    "text",
                    "Non nước Cao Bằng",
                    "Công viên địa chất toàn cầu UNESCO từ năm 2018, rộng hơn **3.000 km²** trên sáu huyện.\n\n- Hang Pác Bó, suối Lê-nin\n- Hồ Thang Hen\n- Động Ngườm Ngao",
                ),
                &[photo],
                &[("alt", "Núi đá vôi")],
            ),
        ),
        ("text-zh", zh),
        ("photo", with(slide("photo", "Thác Bản Giốc", ban_gioc), &[photo], &[("subtitle", "Trùng Khánh"), ("credit", "Sở VHTTDL")])),
        ("photo-caption", with(slide("photo-caption", "Thác Bản Giốc", ban_gioc), &[photo], &[("credit", "Sở VHTTDL")])),
        (
            "photo-full",
            with(
                slide("photo-full", "Mùa lúa chín bên dòng Quây Sơn", ""),
                &[photo],
                &[("place", "Huyện Trùng Khánh"), ("credit", "Sở VHTTDL")],
            ),
        ),
        ("two-column", slide("two-column", "Bản sắc các dân tộc Cao Bằng", columns)),
        ("table", with(slide("table", "Thời gian làm việc của cửa khẩu", "Giờ Hà Nội."), &[(Table, "gio.csv")], &[])),
        (
            "notice",
            with(
                slide("notice", "Về việc tạm ngừng thông quan dịp Tết Nguyên đán Đinh Mùi", notice),
                &[],
                &[("number", "125/TB-UBND"), ("date", "ngày 15 tháng 01 năm 2027"), ("place", "Quảng Hòa")],
            ),
        ),
        (
            "video",
            with(
                slide("video", "Lễ hội Lồng tồng", ""),
                &[(Video, "phim.mp4"), (Poster, "nui.jpg"), (Captions, "phim.vtt")],
                &[("caption", "Hội xuống đồng của người Tày, Nùng")],
            ),
        ),
        (
            "quote",
            with(
                slide("quote", "Lời dạy", "Muốn người ta giúp cho, thì trước mình phải tự giúp lấy mình đã."),
                &[(Audio, "nhac.ogg")],
                &[("cite", "Chủ tịch Hồ Chí Minh, 1945")],
            ),
        ),
        (
            "quote-pictured",
            with(
                slide("quote", "Ca dao", "Nàng về nuôi cái cùng con\n\nĐể anh đi trẩy nước non Cao Bằng."),
                &[photo],
                &[("cite", "Ca dao")],
            ),
        ),
    ];
    content(slides.into_iter().map(|(name, slide)| (id(name), slide)))
}

/// Writes the media of [`gallery`] below `slides/`.
pub fn write_media(root: &Path) {
    let folder = root.join("slides");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("nui.jpg"), jpeg(&landscape(1200, 750))).unwrap();
    std::fs::write(folder.join("gio.csv"), "Ngày,Buổi sáng,Buổi chiều,Lượt khách\nThứ Hai – thứ Sáu,07:30–11:00,13:30–18:00,\"1.250\"\nThứ Bảy,08:00–11:30,14:00–20:30,\"2.480\"\nChủ Nhật,08:00–11:30,14:00–20:30,\"3.105\"\nNgày lễ,08:00–11:30,14:00–20:30,980\n").unwrap();
    std::fs::write(folder.join("phim.mp4"), b"not looked into").unwrap();
    std::fs::write(folder.join("phim.vtt"), "WEBVTT\n").unwrap();
    std::fs::write(folder.join("nhac.ogg"), b"not looked into").unwrap();
}

pub fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 90);
    encoder.write_image(picture, picture.width(), picture.height(), image::ExtendedColorType::Rgb8).unwrap();
    bytes
}

pub fn png(picture: &RgbaImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    encoder.write_image(picture, picture.width(), picture.height(), image::ExtendedColorType::Rgba8).unwrap();
    bytes
}

/// Sky, three ranges of karst towers, water.
pub fn landscape(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (across, down) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let ridge = |number: f64| 0.25 + number * 0.14 + 0.09 * (across * (9.0 + number * 5.0) + number * 2.0).sin().abs().sqrt();
        let shade = |to: [f64; 3], from: [f64; 3], at: f64| {
            Rgb([0, 1, 2].map(|channel| {
                let value: f64 = from[channel] + (to[channel] - from[channel]) * at;
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let value = value.clamp(0.0, 255.0) as u8;
                value
            }))
        };
        if down > 0.8 {
            return shade([40.0, 120.0, 110.0], [120.0, 190.0, 170.0], (down - 0.8) * 5.0);
        }
        match (0..3).rev().find(|number| down > ridge(f64::from(*number))) {
            Some(number) => shade([30.0, 80.0, 60.0], [120.0, 160.0, 170.0], f64::from(number) / 2.0),
            None => shade([250.0, 220.0, 180.0], [110.0, 160.0, 210.0], down * 2.0),
        }
    })
}

pub fn translucent(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| Rgba([200, u8::try_from(x % 256).unwrap(), u8::try_from(y % 256).unwrap(), 120]))
}
