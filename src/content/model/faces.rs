//! A face as its pages need to know it: its pixels, and how high letters on it have to be to be read.
//! Never measures a page.

use serde::{Deserialize, Serialize};

use super::values::{Screen, Site, Viewing};

/// Letters are read up to this many times the height of a capital: 3 mm for each metre, as signs along roads have it.
const READABLE: u64 = 330;
/// Vietnamese capitals with two marks need this many pixels, in hundredths.
const FEWEST: u64 = 700;

/// A face: the pages of one size at one site share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Face {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// The lowest height of capitals that can be read, in hundredths of a pixel.
    pub floor: u32,
}

impl Face {
    /// A face of a site: where several of this size are seen from different distances, letters are to be read on each of them.
    pub fn at(site: &Site, (width, height): (u32, u32)) -> Self {
        let same = site.screens.iter().filter(|screen| (screen.width, screen.height) == (width, height));
        let floor = same.map(floor).max().unwrap_or_else(|| usual_floor(width, height));
        Self { width, height, floor }
    }

    /// Width and height in pixels.
    pub fn size(self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The lowest height of capitals in pixels, as pages name it: `21.6`.
    pub fn floor_text(self) -> String {
        format!("{}.{:02}", self.floor / 100, self.floor % 100).trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// A face of which no viewing distance is known.
impl From<(u32, u32)> for Face {
    fn from((width, height): (u32, u32)) -> Self {
        Self { width, height, floor: usual_floor(width, height) }
    }
}

fn floor(screen: &Screen) -> u32 {
    let Some(Viewing { distance, height }) = screen.viewing else { return usual_floor(screen.width, screen.height) };
    let pixels = u64::from(distance) * u64::from(screen.height) * 100;
    clamped(pixels.div_ceil(READABLE * u64::from(height)))
}

/// 2 % of the shorter side.
fn usual_floor(width: u32, height: u32) -> u32 {
    clamped(u64::from(width.min(height)) * 2)
}

fn clamped(floor: u64) -> u32 {
    u32::try_from(floor.max(FEWEST)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::ids::ScreenId;
    use crate::base::terms::Canvas;

    fn seen(height: u32, viewing: Option<Viewing>) -> u32 {
        let canvas = Canvas { w: 1, h: 1, x: 0, y: 0 };
        let id = ScreenId::parse("a").expect("an id");
        floor(&Screen { id, width: 1_920, height, canvas, audio: false, same_as: None, viewing })
    }

    #[test]
    fn capitals_are_as_high_as_the_distance_asks_for() {
        let from = |distance, height| Some(Viewing { distance, height });
        // 25 m away a capital is 76 mm high; one pixel of the face is 2.8 mm.
        assert_eq!(seen(1_080, from(2_500, 300)), 2_728);
        assert_eq!(seen(360, from(4_000, 400)), 1_091);
        assert_eq!(seen(1_080, from(100, 300)), 700, "never less than marks need");
        assert_eq!(seen(1_080, None), 2_160);
        assert_eq!(Face::from((192, 96)).floor, 700);
        assert_eq!(Face::from((3_840, 1_080)).floor_text(), "21.6");
        assert_eq!(Face { width: 1, height: 1, floor: 2_728 }.floor_text(), "27.28");
        assert_eq!(Face { width: 1, height: 1, floor: 700 }.floor_text(), "7");
    }
}
