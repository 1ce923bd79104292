//! Pictures: headers, and pixels as the generator decodes them.

use std::fs;
use std::io::Cursor;

use bangtin::base::limits::PICTURE_PIXELS;
use bangtin::build::render::picture::{PictureBox, render};
use bangtin::content::source::media;
use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};

use super::Target;
use crate::harness::Sandbox;

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

pub fn picture() -> Target {
    let plain = DynamicImage::from(RgbImage::from_fn(40, 30, |x, y| image::Rgb([u8::try_from(x).unwrap(), u8::try_from(y).unwrap(), 7])));
    let clear = DynamicImage::from(RgbaImage::from_fn(20, 30, |x, _| image::Rgba([9, 9, 9, u8::try_from(x * 9).unwrap()])));
    let seeds = vec![
        encoded(&plain, ImageFormat::Png),
        encoded(&clear, ImageFormat::Png),
        encoded(&plain, ImageFormat::Jpeg),
        encoded(&plain, ImageFormat::WebP),
        encoded(&clear, ImageFormat::WebP),
        include_bytes!("../check/pictures/progressive.jpg").to_vec(),
    ];
    let sandbox = Sandbox::new();
    let words = &[
        "IHDR",
        "IDAT",
        "acTL",
        "fcTL",
        "eXIf",
        "iCCP",
        "VP8 ",
        "VP8L",
        "VP8X",
        "ANIM",
        "Exif\0\0",
        "\0\0\u{7f}\u{7f}",
        "PLTE",
        "tRNS",
        "IEND",
    ];
    let run = move |input: &[u8]| {
        let path = sandbox.path("input");
        fs::write(&path, input).unwrap();
        for name in ["a.png", "a.jpg", "a.webp"] {
            if let Ok(facts) = media::probe(&path, name) {
                assert!(u64::from(facts.width) * u64::from(facts.height) <= PICTURE_PIXELS);
            }
        }
        for contain in [true, false] {
            if let Ok(made) = render(input, PictureBox { width: 16, height: 16, contain }) {
                let again = image::load_from_memory(&made.bytes).expect("our own picture");
                assert!(again.width() > 0 && again.height() > 0);
            }
        }
    };
    Target { seeds, words, run: Box::new(run) }
}
