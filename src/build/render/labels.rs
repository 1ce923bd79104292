//! Fixed labels of pages, in the languages of the pages.
//! Never translates content.

const CATEGORIES: [(&str, [&str; 3]); 12] = [
    ("doi-ngoai", ["Đối ngoại", "Foreign affairs", "对外事务"]),
    ("co-so", ["Thông tin cơ sở", "Local information", "基层信息"]),
    ("phap-luat", ["Pháp luật", "Law", "法律法规"]),
    ("van-hoa", ["Văn hóa", "Culture", "文化"]),
    ("du-lich", ["Du lịch", "Travel", "旅游"]),
    ("xuc-tien-dau-tu", ["Xúc tiến đầu tư", "Investment", "投资促进"]),
    ("su-kien", ["Sự kiện", "Events", "活动"]),
    ("an-ninh", ["An ninh trật tự", "Public security", "治安"]),
    ("y-te", ["Y tế", "Health", "卫生健康"]),
    ("giao-duc", ["Giáo dục", "Education", "教育"]),
    ("thoi-tiet", ["Thời tiết", "Weather", "天气"]),
    ("nong-nghiep", ["Nông nghiệp", "Agriculture", "农业"]),
];

/// Label → its words in Vietnamese, English, Chinese; passed to templates as `words`.
pub const LABELS: [(&str, [&str; 3]); 3] =
    [("credit", ["Ảnh", "Photo", "图片"]), ("number", ["Số", "No.", "编号"]), ("notice", ["Thông báo", "Notice", "通知"])];

/// Index of a language's word: Vietnamese and Chinese have their own, every other language takes English.
pub fn index(language: &str) -> usize {
    match language {
        "vi" => 0,
        "zh" => 2,
        _ => 1,
    }
}

/// Display name of a category; the id itself if it is not one of the twelve.
pub fn category<'a>(id: &'a str, language: &str) -> &'a str {
    CATEGORIES.iter().find(|(known, _)| *known == id).map_or(id, |(_, words)| words[index(language)])
}
