//! Packs a font as WOFF2 (<https://www.w3.org/TR/WOFF2/>) without compressing it: a pack of a program compresses all of its fonts together, and what several
//! have in common once, which it could not if each were compressed by itself. Never judges a font.

/// The tables with a number of their own, in its order (section 4.1).
const KNOWN: &[u8; 63 * 4] =
    b"cmapheadhheahmtxmaxpnameOS/2postcvt fpgmglyflocaprepCFF VORGEBDTEBLCgasphdmxkernLTSHPCLTVDMXvheavmtxBASEGDEFGPOSGSUB\
EBSCJSTFMATHCBDTCBLCCOLRCPALSVG sbixacntavarbdatblocbslncvarfdscfeatfmtxfvargvarhstyjustlcarmortmorxopbdproptrakZapfSilfGlatGlocFeatSill";
/// The number of every other table.
const OTHER: u8 = 63;
/// Length of the header, in bytes.
const HEADER: usize = 48;
/// Longest piece of uncompressed data in a Brotli stream, in bytes: what four nibbles count.
const PIECE: usize = 1 << 16;

struct Table<'a> {
    tag: &'a [u8],
    data: &'a [u8],
}

/// Packs a font; `None` if its directory of tables is at fault.
pub fn pack(sfnt: &[u8]) -> Option<Vec<u8>> {
    let mut tables = tables(sfnt)?;
    // `loca` follows `glyf` at once (section 5.3).
    let loca = tables.iter().position(|table| table.tag == b"loca").map(|at| tables.remove(at));
    if let Some(loca) = loca {
        let glyf = tables.iter().position(|table| table.tag == b"glyf")?;
        tables.insert(glyf + 1, loca);
    }
    let mut directory = Vec::new();
    for Table { tag, data } in &tables {
        let number = KNOWN.chunks(4).zip(0..).find(|(known, _)| known == tag).map_or(OTHER, |(_, number)| number);
        // Version 3 of the two leaves them as they are, version 0 all others.
        let version = if [b"glyf", b"loca"].iter().any(|name| *name == tag) { 3 } else { 0 };
        directory.push(number | version << 6);
        if number == OTHER {
            directory.extend_from_slice(tag);
        }
        base_128(&mut directory, u32::try_from(data.len()).ok()?);
    }
    let stream = stored(&tables.iter().flat_map(|table| table.data).copied().collect::<Vec<u8>>());
    let unpacked = 12 + tables.iter().map(|table| 16 + table.data.len().next_multiple_of(4)).sum::<usize>();
    let length = (HEADER + directory.len() + stream.len()).next_multiple_of(4);
    let number = |value: usize| u32::try_from(value).ok().map(u32::to_be_bytes);
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(b"wOF2");
    out.extend_from_slice(sfnt.get(..4)?);
    out.extend_from_slice(&number(length)?);
    out.extend_from_slice(&u16::try_from(tables.len()).ok()?.to_be_bytes());
    out.extend_from_slice(&[0; 2]);
    out.extend_from_slice(&number(unpacked)?);
    out.extend_from_slice(&number(stream.len())?);
    // No version, no metadata, no private data.
    out.resize(HEADER, 0);
    out.extend_from_slice(&directory);
    out.extend_from_slice(&stream);
    out.resize(length, 0);
    Some(out)
}

fn tables(sfnt: &[u8]) -> Option<Vec<Table<'_>>> {
    let count = usize::from(u16::from_be_bytes(sfnt.get(4..6)?.try_into().ok()?));
    let number = |at: usize| Some(u32::from_be_bytes(sfnt.get(at..at + 4)?.try_into().ok()?) as usize);
    let table = |at: usize| {
        let (from, length) = (number(at + 8)?, number(at + 12)?);
        Some(Table { tag: sfnt.get(at..at + 4)?, data: sfnt.get(from..from.checked_add(length)?)? })
    };
    (0..count).map(|index| table(12 + 16 * index)).collect()
}

/// A number in groups of seven bits, the highest first (section 4.1, `UIntBase128`).
fn base_128(out: &mut Vec<u8>, value: u32) {
    let groups = (u32::BITS - value.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let bits = (value >> (7 * group) & 0x7f) as u8;
        out.push(if group > 0 { bits | 0x80 } else { bits });
    }
}

/// A Brotli stream (RFC 7932, section 9) that holds the bytes as they are.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 3 * bytes.len().div_ceil(PIECE) + 1);
    for (index, piece) in bytes.chunks(PIECE).enumerate() {
        // From the lowest bit: not the last, four nibbles, length less one, uncompressed. The first follows the bit of a window of 64 KiB.
        let less_one = u16::try_from(piece.len() - 1).unwrap_or(u16::MAX);
        let head = u32::from(less_one) << 3 | 1 << 19;
        let head = if index == 0 { head << 1 } else { head };
        out.extend_from_slice(&head.to_le_bytes()[..3]);
        out.extend_from_slice(piece);
    }
    // The last, and empty.
    out.push(if bytes.is_empty() { 0b110 } else { 0b11 });
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::render::font_file::OpenFont;

    #[test]
    fn a_packed_font_unpacks_to_the_same_tables() {
        let theme = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("themes/caobang/fonts");
        for name in ["be-vietnam-pro-500.woff2", "be-vietnam-pro-500-italic.woff2"] {
            let font = OpenFont::parse(&std::fs::read(theme.join(name)).unwrap()).unwrap();
            let again = OpenFont::parse(&pack(&font.sfnt).unwrap()).unwrap();
            let all = |sfnt: &[u8]| {
                // The sum of the whole file differs, as an unpacker writes it anew.
                let plain = |table: Table<'_>| (table.tag.to_vec(), if table.tag == b"head" { Vec::new() } else { table.data.to_vec() });
                tables(sfnt).unwrap().into_iter().map(plain).collect::<std::collections::BTreeMap<_, _>>()
            };
            assert_eq!(all(&font.sfnt), all(&again.sfnt));
        }
    }

    #[test]
    fn numbers_and_pieces_have_the_form_of_the_standard() {
        let base = |value| {
            let mut out = Vec::new();
            base_128(&mut out, value);
            out
        };
        assert_eq!([base(0), base(63), base(127)], [[0], [63], [127]]);
        assert_eq!([base(128), base(16_383)], [[0x81, 0], [0xff, 0x7f]]);
        assert_eq!(base(u32::MAX), [0x8f, 0xff, 0xff, 0xff, 0x7f]);
        assert_eq!(stored(b"A"), [0, 0, 0x10, b'A', 3]);
        let two = stored(&vec![7; PIECE + 1]);
        assert_eq!((two.len(), &two[..3], &two[PIECE + 3..]), (PIECE + 8, &[0xf0, 0xff, 0x1f][..], &[0, 0, 8, 7, 3][..]));
        assert_eq!(pack(b"no font"), None);
    }
}
