//! Pictures from the author's file to the screen: colours, damage, what moves, what is under a wrong name.

use std::fs;
use std::io::Cursor;

use bangtin::build::render::picture::{self, PictureBox, PictureError, render};
use bangtin::content::source::media::probe;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, GrayImage, ImageEncoder, ImageFormat, RgbImage};
use moxcms::{ColorProfile, Layout, TransformOptions};

use crate::harness::{Sandbox, tree};
use crate::publish::commands::Province;
use crate::publish::province;

/// Colours that lie within sRGB: grass, sky, skin, flag, greys. In Adobe RGB a strong green has so little red that eight bits can't hold it within 3.
const COLORS: [[u8; 3]; 6] = [[60, 150, 70], [70, 140, 220], [224, 172, 140], [200, 30, 30], [128, 128, 128], [245, 240, 230]];

fn drawing() -> RgbImage {
    RgbImage::from_fn(96, 16, |x, _| image::Rgb(COLORS[x as usize / 16]))
}

/// The drawing in the colours of a profile, with that profile.
fn encoded(profile: &ColorProfile, format: ImageFormat) -> Vec<u8> {
    let source = drawing();
    let to = ColorProfile::new_srgb().create_transform_8bit(Layout::Rgb, profile, Layout::Rgb, TransformOptions::default()).unwrap();
    let mut pixels = vec![0; source.as_raw().len()];
    to.transform(source.as_raw(), &mut pixels).unwrap();
    let (mut bytes, icc) = (Vec::new(), profile.encode().unwrap());
    let write = |encoder: &mut dyn FnMut(&[u8])| encoder(&pixels);
    match format {
        ImageFormat::Jpeg => write(&mut |pixels| {
            let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 98);
            encoder.set_icc_profile(icc.clone()).unwrap();
            encoder.write_image(pixels, 96, 16, image::ExtendedColorType::Rgb8).unwrap();
        }),
        _ => write(&mut |pixels| {
            let mut encoder = PngEncoder::new(&mut bytes);
            encoder.set_icc_profile(icc.clone()).unwrap();
            encoder.write_image(pixels, 96, 16, image::ExtendedColorType::Rgb8).unwrap();
        }),
    }
    bytes
}

fn shown(bytes: &[u8]) -> RgbImage {
    let made = render(bytes, PictureBox { width: 96, height: 16, contain: true }).expect("a rendition");
    image::load_from_memory(&made.bytes).expect("our own picture").into_rgb8()
}

#[test]
fn a_drawing_looks_alike_in_every_profile() {
    for profile in [ColorProfile::new_srgb(), ColorProfile::new_display_p3(), ColorProfile::new_adobe_rgb()] {
        for format in [ImageFormat::Jpeg, ImageFormat::Png] {
            let made = shown(&encoded(&profile, format));
            for (at, color) in COLORS.iter().enumerate() {
                let pixel = made.get_pixel(u32::try_from(at).unwrap() * 16 + 8, 8).0;
                let far = pixel.iter().zip(color).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
                assert!(far <= 3, "{format:?}: {pixel:?} for {color:?}");
            }
        }
    }
    // The very numbers without a profile are other colours: the test would see a profile that is dropped.
    let plain = image::load_from_memory(&encoded(&ColorProfile::new_display_p3(), ImageFormat::Png)).unwrap().into_rgb8();
    assert!(plain.get_pixel(8, 8).0[0].abs_diff(COLORS[0][0]) > 20, "{:?}", plain.get_pixel(8, 8));
}

#[test]
fn a_grey_picture_has_its_own_profile() {
    let grey = GrayImage::from_fn(96, 16, |x, _| image::Luma([u8::try_from(x * 2).unwrap()]));
    let png = |profile: ColorProfile| {
        let mut bytes = Vec::new();
        let mut encoder = PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(profile.encode().unwrap()).unwrap();
        encoder.write_image(grey.as_raw(), 96, 16, image::ExtendedColorType::L8).unwrap();
        bytes
    };
    let pixel = shown(&png(ColorProfile::new_gray_with_gamma(2.2))).get_pixel(60, 8).0;
    assert!(pixel.iter().all(|value| value.abs_diff(120) <= 3), "{pixel:?}");
    let light = shown(&png(ColorProfile::new_gray_with_gamma(1.0))).get_pixel(60, 8).0;
    assert!(light[0] > 160 && light[0] == light[2], "{light:?}");
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc32fast::hash(&body).to_be_bytes()].concat()
}

#[test]
fn the_chunks_of_a_png_decide_or_refuse() {
    let mut plain = Vec::new();
    DynamicImage::from(drawing()).write_to(&mut Cursor::new(&mut plain), ImageFormat::Png).unwrap();
    let with = |chunks: &[Vec<u8>]| [&plain[..33], &chunks.concat(), &plain[33..]].concat();
    let gamma = |value: u32| chunk(*b"gAMA", &value.to_be_bytes());
    let usual: Vec<u8> = [31_270_u32, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000].iter().flat_map(|n| n.to_be_bytes()).collect();
    let sound = [vec![], vec![gamma(45_455)], vec![gamma(45_455), chunk(*b"cHRM", &usual)], vec![gamma(100_000), chunk(*b"sRGB", &[0])]];
    for chunks in sound {
        assert_eq!(shown(&with(&chunks)).get_pixel(8, 8).0.map(|value| value / 8), COLORS[0].map(|value| value / 8));
    }
    let p3 = shown(&with(&[chunk(*b"cICP", &[12, 13, 0, 1])])).get_pixel(8, 8).0;
    assert!(p3[0] < 10 && p3[1] > 145, "the numbers are of Display P3: {p3:?}");
    for chunks in [vec![gamma(100_000)], vec![chunk(*b"cICP", &[9, 16, 0, 1])]] {
        let fault = picture::decode(&with(&chunks)).expect_err("foreign colours");
        assert!(matches!(fault, PictureError::Colors(_)), "{fault:?}");
    }
}

/// 320 × 180 pixels each, baseline and progressive.
const JPEGS: [&[u8]; 2] = [include_bytes!("check/pictures/baseline.jpg"), include_bytes!("check/pictures/progressive.jpg")];

#[test]
fn damage_inside_a_jpeg_is_found() {
    let code = |bytes: &[u8]| picture::decode(bytes).map(|_| ());
    for picture in JPEGS {
        assert_eq!(code(picture), Ok(()));
        assert_eq!(code(&[picture, b"<html>"].concat()), Ok(()), "what stands after the end is not the picture's");
        assert_eq!(code(&picture[..picture.len() - 2]), Err(PictureError::Truncated));
        let data = picture.windows(2).position(|pair| pair == [0xff, 0xda]).unwrap() + 14;
        let third = picture.len() / 3;
        assert_eq!(code(&[&picture[..third], &vec![0; third], &picture[2 * third..]].concat()), Err(PictureError::Damaged));
        let (mut damaged, mut found) = (0, 0);
        for start in (data..picture.len() - 600).step_by(211) {
            let (before, after) = (&picture[..start], &picture[start + 512..]);
            assert!(code(before).is_err(), "cut at {start}");
            damaged += 2;
            found += [[before, &[0; 512], after].concat(), [before, after].concat()].iter().filter(|bytes| code(bytes).is_err()).count();
        }
        // In a picture as small as this the codes after a hole may end at the right byte by chance.
        assert!(found * 100 >= damaged * 85, "{found} of {damaged}");
    }
}

#[test]
fn pictures_that_are_cut_short_are_refused_in_every_format() {
    let noise = RgbImage::from_fn(80, 60, |x, y| image::Rgb([x, y, x * y].map(|value| u8::try_from(value * 37 % 251).unwrap())));
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let mut bytes = Vec::new();
        DynamicImage::from(noise.clone()).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        assert!(picture::decode(&bytes).is_ok());
        for part in [2, 5, 9] {
            assert!(picture::decode(&bytes[..bytes.len() * part / 10]).is_err(), "{format:?}, {part} tenths");
        }
    }
}

#[test]
fn a_file_is_named_for_what_it_is_and_the_remedy_fits() {
    let sandbox = Sandbox::new();
    let ftyp = |brand: &[u8; 4]| [b"\0\0\0\x18ftyp", brand.as_slice(), b"\0\0\0\0mif1heic"].concat();
    let found: [(Vec<u8>, &str, &str); 8] = [
        (ftyp(b"heic"), "HEIC", "Most Compatible"),
        (ftyp(b"mif1"), "HEIC", "export it as JPEG"),
        (ftyp(b"avif"), "AVIF", "export it as JPEG"),
        (b"II*\0\x08\0\0\0".to_vec(), "TIFF", "picture editor"),
        (b"MM\0*\0\0\0\x08".to_vec(), "TIFF", "picture editor"),
        (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0".to_vec(), "BMP", "picture editor"),
        (b"8BPS\0\x01\0\0".to_vec(), "PSD", "picture editor"),
        (b"GIF89a\x01\0\x01\0".to_vec(), "image/gif", "mp4"),
    ];
    for (bytes, kind, help) in found {
        fs::write(sandbox.path("a.jpg"), &bytes).unwrap();
        let fault = probe(&sandbox.path("a.jpg"), "a.jpg").expect_err(kind);
        assert_eq!(fault.code, "media-mismatch");
        assert!(fault.cause.en.contains(&format!("the content says {kind}")) && fault.help.en.contains(help), "{fault:?}");
    }
}

/// A slide with a picture of this size in the content of a province, whose one face has 640 × 320 pixels.
fn with_picture(layout: &str, keys: &str, (width, height): (u32, u32)) -> Province {
    let province = Province(Sandbox::new());
    province::write(&province.0);
    let mut bytes = Vec::new();
    DynamicImage::from(RgbImage::from_pixel(width, height, image::Rgb([200, 100, 40])))
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    province.0.write("content/slides/du-lich/anh.png", &bytes);
    let head = format!("---\ntitle: Ảnh\nagency: so-tttt\ncategory: du-lich\nlayout: {layout}\nimage: anh.png\n{keys}---\n");
    province.0.write("content/slides/du-lich/ban-gioc.md", head);
    province
}

/// The page of that slide, with the size of each picture in the program.
fn page(province: &Province) -> (String, Vec<(u32, u32)>) {
    province.0.bangtin(&["build", "--month", "2026-12", "--site", "ta-lung", "--out", "out"]).success();
    let files = tree(&province.0.path("out"));
    let html = files.iter().find(|(name, _)| name.ends_with("ban-gioc@640x320.html")).expect("a page").1;
    let pictures = files.iter().filter(|(name, _)| name.contains("/assets/"));
    let sizes =
        pictures.map(|(_, bytes)| image::load_from_memory(bytes).expect("a picture")).map(|picture| (picture.width(), picture.height()));
    (String::from_utf8_lossy(html).into_owned(), sizes.collect())
}

#[test]
fn a_picture_that_is_cut_heavily_needs_a_focus() {
    let said = |layout: &str, keys: &str, size: (u32, u32)| with_picture(layout, keys, size).0.bangtin(&["check"]).success().stdout;
    let heavy = said("photo", "", (400, 900));
    assert!(heavy.contains("warning[crop-heavy]: on screens of 640×320 the layout “photo” shows only 42% of the height"), "{heavy}");
    let wide = said("photo", "", (1000, 400));
    assert!(wide.contains("shows only 41% of the width"), "{wide}");
    for (layout, keys, size) in [
        ("photo", "focus: top\n", (400, 900)),
        ("photo", "focus: \"50% 20%\"\n", (400, 900)),
        ("photo", "focus: 45% 100%\n", (400, 900)),
        ("photo", "", (600, 700)),
        // Shown whole.
        ("photo-full", "", (400, 900)),
    ] {
        let said = said(layout, keys, size);
        assert!(!said.contains("crop-heavy"), "{layout} {keys} {size:?}: {said}");
    }
    for wrong in ["focus: upper\n", "focus: 50%\n", "focus: \"50% 120%\"\n"] {
        with_picture("photo", wrong, (600, 700)).0.bangtin(&["check"]).code(1).stdout_has("error[wrong-value]");
    }
}

#[test]
fn focus_stands_in_the_page_and_an_upright_picture_is_shown_whole() {
    let (html, _) = page(&with_picture("photo", "focus: \"47% 18%\"\n", (400, 900)));
    assert!(html.contains(" fx-50 fy-20\""), "{html}");
    let (html, _) = page(&with_picture("photo", "", (600, 700)));
    assert!(!html.contains("fx-") && !html.contains("whole"), "{html}");
    let (html, sizes) = page(&with_picture("photo-full", "", (400, 900)));
    assert!(html.contains("<img class=\"ground whole\"") && html.matches("class=\"ground").count() == 2, "{html}");
    assert!(sizes.contains(&(143, 320)) && sizes.iter().any(|(width, height)| *width == 80 && *height >= 40), "{sizes:?}");
    let (html, _) = page(&with_picture("photo-full", "", (900, 400)));
    assert!(!html.contains("whole"), "{html}");
}
