//! A seeded mutator of valid samples. Equal seeds give equal inputs on every machine.

/// Longest input, in bytes.
const LONGEST: usize = 128 << 10;

/// Boundary values of integer types.
const NUMBERS: [&str; 22] = [
    "0",
    "1",
    "-1",
    "2",
    "7",
    "10",
    "127",
    "255",
    "256",
    "65535",
    "65536",
    "4294967295",
    "4294967296",
    "9007199254740991",
    "9007199254740992",
    "-9007199254740991",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "99999999999999999999",
    "1e400",
    "0.5",
];
/// Bytes with a special meaning in some format.
const BYTES: [u8; 24] = *b"\0\x01\x7f\x80\xff\xfe\n\r\t \"'\\/{}[]<>&:-%";

pub struct Mutator {
    state: u64,
    seeds: Vec<Vec<u8>>,
    words: &'static [&'static str],
}

impl Mutator {
    pub fn new(seed: u64, seeds: &[Vec<u8>], words: &'static [&'static str]) -> Self {
        Self { state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, seeds: seeds.to_vec(), words }
    }

    fn random(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }

    /// A number below `end`; 0 for 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.random() % (end.max(1) as u64)).unwrap()
    }

    /// The next input: a sample with one to eight changes, rarely with many.
    pub fn next(&mut self) -> Vec<u8> {
        let at = self.below(self.seeds.len());
        let mut bytes = self.seeds[at].clone();
        let changes = if self.below(40) == 0 { 60 } else { 1 + self.below(8) };
        for _ in 0..changes {
            self.change(&mut bytes);
            bytes.truncate(LONGEST);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        match self.below(14) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[at] = BYTES[self.below(BYTES.len())],
            2 if !bytes.is_empty() => bytes[at] = u8::try_from(self.below(256)).unwrap(),
            3 => bytes.insert(at, BYTES[self.below(BYTES.len())]),
            4 => bytes.truncate(at),
            5 => drop(bytes.drain(at..self.end(at, bytes.len(), 64))),
            6 => self.copy_within(bytes, at),
            7 => self.repeat(bytes, at),
            8 => self.splice(bytes, at),
            9 | 10 => self.number(bytes),
            11 if bytes.len() >= at + 4 && bytes.len() > 4 => {
                // A binary length or offset.
                let value: u32 = [0, 1, 0x7f, 0xff, 0xffff, 0x7fff_ffff, 0xffff_ffff, 0x8000_0000][self.below(8)];
                let word = if self.below(2) == 0 { value.to_be_bytes() } else { value.to_le_bytes() };
                bytes[at..at + 4].copy_from_slice(&word);
            }
            _ if !self.words.is_empty() => {
                let word = self.words[self.below(self.words.len())];
                let end = if self.below(2) == 0 { at } else { self.end(at, bytes.len(), 2 * word.len()) };
                bytes.splice(at..end, word.bytes());
            }
            _ => bytes.push(BYTES[self.below(BYTES.len())]),
        }
    }

    /// End of a stretch that begins at `at`, at most `most` bytes long.
    fn end(&mut self, at: usize, length: usize, most: usize) -> usize {
        (at + self.below(most + 1)).min(length)
    }

    fn copy_within(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let end = self.end(at, bytes.len(), 200);
        let piece = bytes[at..end].to_vec();
        let to = self.below(bytes.len() + 1);
        bytes.splice(to..to, piece);
    }

    /// Repeats a stretch many times, to test nesting and counts.
    fn repeat(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let end = self.end(at, bytes.len(), 24);
        let times = [2, 9, 17, 300, 5_000][self.below(5)];
        let piece = bytes[at..end].repeat(times);
        bytes.splice(at..at, piece.into_iter().take(LONGEST / 2));
    }

    /// The start of this sample joined to the end of another.
    fn splice(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let other = self.below(self.seeds.len());
        let from = self.below(self.seeds[other].len());
        bytes.truncate(at);
        bytes.extend_from_slice(&self.seeds[other][from..]);
    }

    /// Replaces a decimal number.
    fn number(&mut self, bytes: &mut Vec<u8>) {
        let runs: Vec<(usize, usize)> = digits(bytes);
        if runs.is_empty() {
            return;
        }
        let (start, end) = runs[self.below(runs.len())];
        let number = NUMBERS[self.below(NUMBERS.len())];
        bytes.splice(start..end, number.bytes());
    }
}

/// Runs of digits, at most 500 of them.
fn digits(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| byte.is_ascii_digit()) {
        if let Some(last) = runs.last_mut().filter(|last| last.1 == at) {
            last.1 += 1;
        } else if runs.len() < 500 {
            runs.push((at, at + 1));
        }
    }
    runs
}
