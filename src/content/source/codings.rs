//! What people call the coding of a track, from its code in a container's index.
//! Never judges whether a player decodes it.

/// Codes of ISO files (four letters) and of WebM (identifiers of RFC 9559), and what they are called.
const NAMES: [(&str, &str); 13] = [
    ("H.264", "avc1 avc2 avc3 avc4 V_MPEG4/ISO/AVC"),
    ("H.265 (HEVC)", "hvc1 hev1 V_MPEGH/ISO/HEVC"),
    ("H.266 (VVC)", "vvc1 vvi1"),
    ("Dolby Vision", "dvh1 dvhe dva1 dvav"),
    ("MPEG-4 Visual", "V_MPEG4/ISO/SP V_MPEG4/ISO/ASP V_MPEG4/ISO/AP"),
    ("AV1", "av01"),
    ("VP8", "vp08"),
    ("VP9", "vp09"),
    ("ProRes", "apch apcn apcs apco ap4h ap4x V_PRORES"),
    ("Motion JPEG", "jpeg mjpa mjpb V_MJPEG"),
    ("PCM", "sowt twos lpcm in24 in32 fl32 ipcm fpcm A_PCM/INT/LIT A_PCM/INT/BIG A_PCM/FLOAT/IEEE"),
    ("Dolby Digital", "ac-3 ec-3 A_AC3 A_EAC3"),
    ("AAC", "A_AAC"),
];

/// The name of a coding; its code where that has no other name and can be read, else nothing.
pub fn name(code: &[u8]) -> String {
    let Ok(code) = str::from_utf8(code) else { return String::new() };
    let known = NAMES.iter().find(|(_, codes)| codes.split(' ').any(|each| each == code));
    let plain = || code.len() <= 24 && code.bytes().all(|byte| byte.is_ascii_graphic());
    known.map_or_else(|| if plain() { code.to_owned() } else { String::new() }, |(name, _)| (*name).to_owned())
}
