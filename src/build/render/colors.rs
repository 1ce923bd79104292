//! Brings the colours of a decoded picture from those of its file to sRGB, which pages and screens are in: by its ICC profile or, in a PNG
//! without one, by what its chunks say. Never keeps a profile, never guesses what one it can't use means.

use std::fmt;

use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// Colours that are not converted: the kind, as people of the trade call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignColors {
    /// The profile can't be read, or is one of another kind of picture.
    Profile,
    /// A profile of printing colours.
    Cmyk,
    /// A PNG whose gamma or primaries are not those of sRGB.
    Gamma,
    /// A PNG in the colours of HDR or another coding of television.
    Television,
}

impl fmt::Display for ForeignColors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Profile => "ICC",
            Self::Cmyk => "CMYK",
            Self::Gamma => "gAMA, cHRM",
            Self::Television => "cICP",
        })
    }
}

/// Converts a picture; `icc` is the profile in its file, `bytes` the file.
pub fn to_srgb(picture: DynamicImage, icc: Option<&[u8]>, bytes: &[u8]) -> Result<DynamicImage, ForeignColors> {
    let Some(profile) = source_profile(icc, bytes)? else { return Ok(picture) };
    let alpha = picture.color().has_alpha();
    match (profile.color_space, picture.color().has_color()) {
        (DataColorSpace::Cmyk, _) => Err(ForeignColors::Cmyk),
        // A grey picture may have a profile of RGB, as scanners write it.
        (DataColorSpace::Rgb, _) if alpha => {
            let source = picture.into_rgba8();
            convert(&profile, (source.as_raw(), Layout::Rgba), Layout::Rgba, source.dimensions())
        }
        (DataColorSpace::Rgb, _) => {
            let source = picture.into_rgb8();
            convert(&profile, (source.as_raw(), Layout::Rgb), Layout::Rgb, source.dimensions())
        }
        (DataColorSpace::Gray, false) if alpha => {
            let source: GrayAlphaImage = picture.into_luma_alpha8();
            convert(&profile, (source.as_raw(), Layout::GrayAlpha), Layout::Rgba, source.dimensions())
        }
        (DataColorSpace::Gray, false) => {
            let source: GrayImage = picture.into_luma8();
            convert(&profile, (source.as_raw(), Layout::Gray), Layout::Rgb, source.dimensions())
        }
        _ => Err(ForeignColors::Profile),
    }
}

fn convert(
    profile: &ColorProfile,
    (pixels, layout): (&[u8], Layout),
    to: Layout,
    (width, height): (u32, u32),
) -> Result<DynamicImage, ForeignColors> {
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(layout, &srgb, to, TransformOptions::default()).map_err(|_| ForeignColors::Profile)?;
    let channels = if to == Layout::Rgba { 4 } else { 3 };
    let mut out = vec![0; width as usize * height as usize * channels];
    transform.transform(pixels, &mut out).map_err(|_| ForeignColors::Profile)?;
    let made = if channels == 4 {
        RgbaImage::from_raw(width, height, out).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(width, height, out).map(DynamicImage::from)
    };
    made.ok_or(ForeignColors::Profile)
}

/// The profile of a file; `None` for sRGB. In a PNG `cICP` counts before an ICC profile, and that before the other chunks.
fn source_profile(icc: Option<&[u8]>, bytes: &[u8]) -> Result<Option<ColorProfile>, ForeignColors> {
    let chunk = |kind: &[u8; 4]| png_chunks(bytes).find(|(found, _)| *found == kind).map(|(_, data)| data);
    match chunk(b"cICP") {
        // Primaries, transfer, matrix, range: BT.709 or P3 with the curve of sRGB.
        Some([1, 13, 0, 1]) => return Ok(None),
        Some([12, 13, 0, 1]) => return Ok(Some(ColorProfile::new_display_p3())),
        Some(_) => return Err(ForeignColors::Television),
        None => {}
    }
    if let Some(icc) = icc {
        return ColorProfile::new_from_slice(icc).map(Some).map_err(|_| ForeignColors::Profile);
    }
    if chunk(b"sRGB").is_some() {
        return Ok(None);
    }
    let numbers = |data: &[u8]| data.as_chunks::<4>().0.iter().map(|number| u32::from_be_bytes(*number)).collect::<Vec<_>>();
    // In hundred-thousandths: 1 ÷ 2.2, white and the three primaries.
    let near = |data: Option<&[u8]>, wanted: &[u32], far: u32| {
        data.is_none_or(|data| numbers(data).iter().zip(wanted).all(|(found, wanted)| found.abs_diff(*wanted) <= far))
    };
    let usual = near(chunk(b"gAMA"), &[45_455], 2_500)
        && near(chunk(b"cHRM"), &[31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000], 1_500);
    if usual { Ok(None) } else { Err(ForeignColors::Gamma) }
}

/// The chunks of a PNG before its pixels.
fn png_chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n").unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (kind, after) = after.split_first_chunk::<4>()?;
        let (data, after) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = after.get(4..)?;
        (kind != b"IDAT").then_some((kind, data))
    })
}
