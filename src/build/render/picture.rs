//! Processes one picture: decodes it within limits and in the colours of the screen, turns it upright, resizes it, encodes it again.
//! Never enlarges, never keeps metadata.

use std::borrow::Cow;
use std::io::{Cursor, ErrorKind};

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeOptions, Resizer};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{DynamicImage, ExtendedColorType, ImageDecoder as _, ImageEncoder as _, ImageError, ImageReader, Limits, RgbImage, imageops};

use super::cache::Rendition;
use super::colors::{self, ForeignColors};
use super::jpeg_data::{self, JpegDamage};
use crate::base::limits::PICTURE_DECODE_BYTES;
use crate::content::source::media;

const JPEG_QUALITY: u8 = 88;
/// How every JPEG begins.
const JPEG: &[u8] = &[0xff, 0xd8];

/// The box that a layout gives to a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PictureBox {
    pub width: u32,
    pub height: u32,
    /// The whole picture is visible; else it fills the box and is cropped.
    pub contain: bool,
}

/// Why a picture can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PictureError {
    /// Beyond the limits of size: width and height in pixels.
    TooLarge(u32, u32),
    Truncated,
    /// Parts of the file are lost or replaced.
    Damaged,
    /// Colours that can't be converted to those of the screen.
    Colors(ForeignColors),
    /// Not decodable; holds the decoder's message.
    Broken(String),
}

/// Makes the rendition of a picture for a box.
pub fn render(bytes: &[u8], room: PictureBox) -> Result<Rendition, PictureError> {
    let mut picture = decode(bytes)?;
    let (width, height) = target_size((picture.width(), picture.height()), room);
    if picture.color().has_alpha() {
        // Converted in place of the picture, not beside it: a large one is held once.
        let source = picture.into_rgba8();
        if source.pixels().any(|pixel| pixel.0[3] != 255) {
            let pixels = resize(source.as_raw(), source.dimensions(), (width, height), PixelType::U8x4)?;
            return encode_png(&pixels, width, height);
        }
        picture = source.into();
    }
    let source = picture.into_rgb8();
    let pixels = resize(source.as_raw(), source.dimensions(), (width, height), PixelType::U8x3)?;
    encode_jpeg(&pixels, width, height)
}

/// Makes what lies behind a picture that does not fill its box: the same picture over the whole box, small, soft and dark. A page stretches it.
pub fn backdrop(bytes: &[u8], room: PictureBox) -> Result<Rendition, PictureError> {
    let source = decode(bytes)?.into_rgb8();
    let part = |side: u32| (side / 8).max(16);
    let (width, height) =
        target_size(source.dimensions(), PictureBox { width: part(room.width), height: part(room.height), contain: false });
    let pixels = resize(source.as_raw(), source.dimensions(), (width, height), PixelType::U8x3)?;
    let small = RgbImage::from_raw(width, height, pixels.into_owned()).ok_or_else(|| PictureError::Broken(String::new()))?;
    let mut soft = imageops::fast_blur(&small, 5.0);
    soft.iter_mut().for_each(|value| *value = u8::try_from(u32::from(*value) * 9 / 20).unwrap_or_default());
    encode_jpeg(soft.as_raw(), width, height)
}

/// Decodes a picture within the limits and turns it upright.
pub fn decode(bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let broken = |error| undecodable(error, bytes);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|error| PictureError::Broken(error.to_string()))?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(PICTURE_DECODE_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    if media::is_too_large(width, height) || decoder.total_bytes() > PICTURE_DECODE_BYTES {
        return Err(PictureError::TooLarge(width, height));
    }
    if bytes.starts_with(JPEG) {
        // The decoder would fill what is lost with grey, and go on after damage with shifted parts.
        jpeg_data::check(bytes)
            .map_err(|damage| if damage == JpegDamage::Cut { PictureError::Truncated } else { PictureError::Damaged })?;
    }
    let (orientation, profile) = (decoder.orientation().map_err(broken)?, decoder.icc_profile().map_err(broken)?);
    let picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    let mut picture = colors::to_srgb(picture, profile.as_deref(), bytes).map_err(PictureError::Colors)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Why a decoder fails. What is lost of a JPEG is found before: at one that is whole it meets what it can't do.
fn undecodable(error: ImageError, bytes: &[u8]) -> PictureError {
    // A WebP says how long it is.
    let whole = bytes.get(4..8).filter(|_| bytes.starts_with(b"RIFF")).and_then(|size| Some(u32::from_le_bytes(size.try_into().ok()?)));
    match error {
        _ if whole.is_some_and(|size| u64::from(size) + 7 > bytes.len() as u64) => PictureError::Truncated,
        ImageError::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => PictureError::Truncated,
        ImageError::Decoding(_) if !bytes.starts_with(JPEG) => PictureError::Damaged,
        error => PictureError::Broken(error.to_string()),
    }
}

/// Size that covers the box or fits into it; keeps the aspect ratio, never larger than the source.
fn target_size((width, height): (u32, u32), room: PictureBox) -> (u32, u32) {
    let by_width = (u64::from(room.width), u64::from(width));
    let by_height = (u64::from(room.height), u64::from(height));
    let width_is_less = by_width.0 * by_height.1 <= by_height.0 * by_width.1;
    let (to, from) = if width_is_less == room.contain { by_width } else { by_height };
    if to >= from {
        return (width, height);
    }
    let scale = |side: u32| u32::try_from((u64::from(side) * to).div_ceil(from)).unwrap_or(side).clamp(1, side);
    (scale(width), scale(height))
}

fn resize(pixels: &[u8], from: (u32, u32), to: (u32, u32), kind: PixelType) -> Result<Cow<'_, [u8]>, PictureError> {
    if from == to {
        return Ok(pixels.into());
    }
    let source = ImageRef::new(from.0, from.1, pixels, kind).map_err(|error| PictureError::Broken(error.to_string()))?;
    let mut target = Image::new(to.0, to.1, kind);
    // The default filter is Lanczos3.
    let resized = Resizer::new().resize(&source, &mut target, &ResizeOptions::new());
    resized.map_err(|error| PictureError::Broken(error.to_string()))?;
    Ok(target.into_vec().into())
}

fn encode_png(pixels: &[u8], width: u32, height: u32) -> Result<Rendition, PictureError> {
    let mut bytes = Vec::new();
    let encoded = PngEncoder::new(&mut bytes).write_image(pixels, width, height, ExtendedColorType::Rgba8);
    encoded.map(|()| Rendition { bytes, extension: "png" }).map_err(|error| PictureError::Broken(error.to_string()))
}

fn encode_jpeg(pixels: &[u8], width: u32, height: u32) -> Result<Rendition, PictureError> {
    let mut bytes = Vec::new();
    let encoded = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY).write_image(pixels, width, height, ExtendedColorType::Rgb8);
    encoded.map(|()| Rendition { bytes, extension: "jpg" }).map_err(|error| PictureError::Broken(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rendition_covers_or_fits_and_never_grows() {
        let room = |contain| PictureBox { width: 960, height: 1080, contain };
        assert_eq!(target_size((4000, 3000), room(false)), (1440, 1080));
        assert_eq!(target_size((4000, 3000), room(true)), (960, 720));
        assert_eq!(target_size((1000, 4000), room(false)), (960, 3840));
        assert_eq!(target_size((100, 90), room(false)), (100, 90));
    }
}
