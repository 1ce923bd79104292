//! Finds Vietnamese text that was copied from a document of an old font (.VnTime, VNI-Times): the letters are those of another code, such as
//! “Th«ng b¸o” or “Thoâng baùo”, and nothing but the old font shows them right. Decodes it for the message. Never changes a text.

use std::collections::BTreeSet;

use super::syllable::is_vietnamese;

/// Text in an old code.
#[derive(Debug, PartialEq, Eq)]
pub struct Legacy {
    /// The name of the code.
    pub name: &'static str,
    /// The line in Unicode.
    pub decoded: String,
    /// The first word of the kind: characters before it, and its length.
    pub first: (usize, usize),
}

/// TCVN 5712:1993 (ABC), as the characters of Latin-1 that its bytes look like.
const TCVN3: [(char, char); 74] = [
    ('¡', 'Ă'),
    ('¢', 'Â'),
    ('£', 'Ê'),
    ('¤', 'Ô'),
    ('¥', 'Ơ'),
    ('¦', 'Ư'),
    ('§', 'Đ'),
    ('¨', 'ă'),
    ('©', 'â'),
    ('ª', 'ê'),
    ('«', 'ô'),
    ('¬', 'ơ'),
    ('\u{ad}', 'ư'),
    ('®', 'đ'),
    ('µ', 'à'),
    ('¶', 'ả'),
    ('·', 'ã'),
    ('¸', 'á'),
    ('¹', 'ạ'),
    ('»', 'ằ'),
    ('¼', 'ẳ'),
    ('½', 'ẵ'),
    ('¾', 'ắ'),
    ('Æ', 'ặ'),
    ('Ç', 'ầ'),
    ('È', 'ẩ'),
    ('É', 'ẫ'),
    ('Ê', 'ấ'),
    ('Ë', 'ậ'),
    ('Ì', 'è'),
    ('Î', 'ẻ'),
    ('Ï', 'ẽ'),
    ('Ð', 'é'),
    ('Ñ', 'ẹ'),
    ('Ò', 'ề'),
    ('Ó', 'ể'),
    ('Ô', 'ễ'),
    ('Õ', 'ế'),
    ('Ö', 'ệ'),
    ('×', 'ì'),
    ('Ø', 'ỉ'),
    ('Ü', 'ĩ'),
    ('Ý', 'í'),
    ('Þ', 'ị'),
    ('ß', 'ò'),
    ('á', 'ỏ'),
    ('â', 'õ'),
    ('ã', 'ó'),
    ('ä', 'ọ'),
    ('å', 'ồ'),
    ('æ', 'ổ'),
    ('ç', 'ỗ'),
    ('è', 'ố'),
    ('é', 'ộ'),
    ('ê', 'ờ'),
    ('ë', 'ở'),
    ('ì', 'ỡ'),
    ('í', 'ớ'),
    ('î', 'ợ'),
    ('ï', 'ù'),
    ('ñ', 'ủ'),
    ('ò', 'ũ'),
    ('ó', 'ú'),
    ('ô', 'ụ'),
    ('õ', 'ừ'),
    ('ö', 'ử'),
    ('÷', 'ữ'),
    ('ø', 'ứ'),
    ('ù', 'ự'),
    ('ú', 'ỳ'),
    ('û', 'ỷ'),
    ('ü', 'ỹ'),
    ('ý', 'ý'),
    ('þ', 'ỵ'),
];

/// VNI: the mark follows its letter as a letter of its own. Small letters; capitals follow from them.
const VNI_PAIRS: [(&str, &str); 7] = [
    ("aâêùøûõïáàåãäéèúüë", "âăáàảãạấầẩẫậắằẳẵặ"),
    ("eâùøûõïáàåãä", "êéèẻẽẹếềểễệ"),
    ("oâùøûõïáàåãä", "ôóòỏõọốồổỗộ"),
    ("uùøûõï", "úùủũụ"),
    ("yùøûõ", "ýỳỷỹ"),
    ("ôùøûõï", "ớờởỡợ"),
    ("öùøûõï", "ứừửữự"),
];
const VNI_SINGLE: [(char, char); 8] = [('ñ', 'đ'), ('ô', 'ơ'), ('ö', 'ư'), ('æ', 'ỉ'), ('ó', 'ĩ'), ('ò', 'ị'), ('î', 'ỵ'), ('Ñ', 'Đ')];

/// The text of a line in Unicode, if the line is in an old code: words that are no Vietnamese as they stand become Vietnamese, and no word
/// speaks against it.
pub fn find(line: &str) -> Option<Legacy> {
    // No code has a letter beyond Latin-1: most lines of Vietnamese end here.
    let (others, coded): (Vec<_>, Vec<_>) = words(line).partition(|(_, word)| beyond_latin1(word));
    if coded.len() <= others.len() {
        return None;
    }
    [("TCVN3 (ABC)", tcvn3 as fn(&str) -> Option<String>), ("VNI", vni)].into_iter().find_map(|(name, decode)| {
        let (mut evidence, mut against, mut first) = (BTreeSet::new(), 0, None);
        let mut strength = 0;
        for (at, word) in words(line) {
            let better = decode(word).filter(|better| !is_vietnamese(word) && is_vietnamese(better));
            if let Some(better) = &better {
                first.get_or_insert((at, word.chars().count()));
                if evidence.insert(better.to_lowercase()) {
                    strength += strength_of(word);
                }
            } else if word.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) && !looks_coded(word, decode) {
                against += 1;
            }
        }
        let decoded = || pieces(line).map(|piece| decode(piece).filter(|_| is_word(piece)).unwrap_or_else(|| piece.to_owned())).collect();
        let found = strength >= 3 && evidence.len() > against;
        found.then(|| Legacy { name, decoded: decoded(), first: first.unwrap_or_default() })
    })
}

/// How much a word says for an old code: signs inside a word stand in no language.
fn strength_of(word: &str) -> u32 {
    let inside = |c: char| !c.is_alphabetic() || matches!(c, 'ª' | 'µ' | 'º');
    let sides = word.char_indices().any(|(at, c)| inside(c) && at > 0 && at + c.len_utf8() < word.len());
    let marks = word.chars().filter(|c| !c.is_ascii()).count();
    match (sides, word.chars().any(inside), marks) {
        (true, ..) => 3,
        (_, true, _) => 2,
        // VNI writes a letter and its mark.
        (_, _, 1..) if word.chars().count() >= 4 => 2,
        _ => 1,
    }
}

/// A word that decodes to Vietnamese and is Vietnamese as it stands speaks for neither.
fn looks_coded(word: &str, decode: fn(&str) -> Option<String>) -> bool {
    decode(word).is_some_and(|better| is_vietnamese(&better))
}

/// Letters, and the signs of Latin-1 that old codes use as letters.
fn is_letter(c: char) -> bool {
    let sign = matches!(c, '¡'..='¾' | '×' | '÷') && !matches!(c, '°' | '±' | '²' | '³' | '´' | '¯');
    // The letters of Vietnamese without a look into the tables of Unicode.
    matches!(c, 'À'..='ɏ' | 'Ḁ'..='ỿ') || sign || c.is_alphabetic()
}

fn beyond_latin1(word: &str) -> bool {
    word.chars().any(|c| c > 'ÿ' && c.is_alphabetic())
}

fn is_word(piece: &str) -> bool {
    piece.chars().next().is_some_and(is_letter) && piece.chars().any(|c| c.is_ascii_alphabetic())
}

/// The line in pieces: words, and what stands between them.
fn pieces(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let of_letters = is_letter(rest.chars().next()?);
        let (piece, after) = rest.split_at(rest.find(|c| is_letter(c) != of_letters).unwrap_or(rest.len()));
        rest = after;
        Some(piece)
    })
}

/// The words that hold a letter beyond ASCII, with the characters before each.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut before = 0;
    let placed = pieces(line).map(move |piece| {
        let at = before;
        before += piece.chars().count();
        (at, piece)
    });
    placed.filter(|(_, piece)| is_word(piece) && !piece.is_ascii())
}

fn tcvn3(word: &str) -> Option<String> {
    let decoded = word.chars().map(|c| match TCVN3.iter().find(|(from, _)| *from == c) {
        Some((_, to)) => Some(*to),
        None => c.is_ascii().then_some(c),
    });
    decoded.collect()
}

fn vni(word: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = word.chars().peekable();
    while let Some(c) = rest.next() {
        let small = |c: char| c.to_lowercase().next().unwrap_or(c);
        let sized = |found: char| if c.is_uppercase() { found.to_uppercase().collect::<String>() } else { found.to_string() };
        let pair = rest.peek().and_then(|next| pair(small(c), small(*next)));
        if let Some(found) = pair {
            rest.next();
            out.push_str(&sized(found));
        } else if let Some((_, found)) = VNI_SINGLE.iter().find(|(from, _)| *from == small(c)) {
            out.push_str(&sized(*found));
        } else if c.is_ascii() || matches!(small(c), 'í' | 'ì') {
            out.push(c);
        } else {
            return None;
        }
    }
    Some(out)
}

fn pair(letter: char, mark: char) -> Option<char> {
    VNI_PAIRS.iter().find_map(|(from, to)| {
        let mut marks = from.chars();
        (marks.next() == Some(letter)).then_some(())?;
        marks.zip(to.chars()).find(|(found, _)| *found == mark).map(|(_, to)| to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_text_is_read() {
        for (line, name, decoded) in [
            ("title: Th«ng b¸o", "TCVN3 (ABC)", "title: Thông báo"),
            (
                "Uû ban nh©n d©n x· mêi bµ con ®óng giê dù häp t¹i nhµ v¨n ho¸.",
                "TCVN3 (ABC)",
                "Uỷ ban nhân dân xã mời bà con đúng giờ dự họp tại nhà văn hoá.",
            ),
            ("Th«ng", "TCVN3 (ABC)", "Thông"),
            ("Hµ Néi, ngµy 3 th¸ng 12", "TCVN3 (ABC)", "Hà Nội, ngày 3 tháng 12"),
            ("n\u{ad}íc s¹ch", "TCVN3 (ABC)", "nước sạch"),
            ("Thoâng baùo hoïp thoân", "VNI", "Thông báo họp thôn"),
            ("THOÂNG BAÙO: ñöôøng trôn", "VNI", "THÔNG BÁO: đường trơn"),
        ] {
            let found = find(line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((found.name, found.decoded.as_str()), (name, decoded));
        }
        assert_eq!(find("a: Th«ng b¸o").unwrap().first, (3, 5));
    }

    #[test]
    fn other_languages_are_no_old_text() {
        for line in [
            "Thông báo họp thôn: Ủy ban nhân dân xã Đàm Thủy mời bà con đến nhà văn hóa lúc 7 giờ 30.",
            "Bà con có ý kiến về bảng tin? Gọi 0206 3 852 229 – miễn phí.",
            "là cá má bé né vé mì hò vô ô tô bán cả cân",
            "Où est la gare ? Là-bas, près du café « Chez René ». Été comme hiver, la forêt reste ouverte à tous.",
            "Le maïs et le blé noël, août, où, haï, naïf; «Bonjour» dit-il à l’hôtel, très près du château",
            "Grüße aus München: schöne Straßen, große Bäume, für Gäste geöffnet, Tür über Öl",
            "El niño comió piñas; ¿qué tal? ¡Hola! São Paulo, coração, ação",
            "10 µm và 5 µg; § 5 · © 2026 Nam · Coca® «A» ±5 °C, 30 m²",
            "高平省欢迎您 · Cao Bằng · “板约—德天”",
            "Nặm Nguồm, Pác Bó, slao, báo, cần Tày; Hmoob Cao Npab; Lồng tồng, lượn Slương",
            "naïve café façade Zoë Brontë São Tomé und Príncipe",
        ] {
            assert_eq!(find(line), None, "{line}");
        }
    }
}
