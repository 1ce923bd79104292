// The page's own words, Vietnamese first. Never content.

export const WORDS = {
  title: { vi: "Xem trước", en: "Preview" },
  site: { vi: "Cụm thông tin", en: "Site" },
  period: { vi: "Chương trình", en: "Program" },
  screen: { vi: "Màn hình", en: "Screen" },
  evergreen: { vi: "Chương trình thường xuyên", en: "Evergreen" },
  month: { vi: (y, m) => `Tháng ${m}/${y}`, en: (y, m) => new Date(Date.UTC(y, m - 1)).toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" }) },
  fine: { vi: "Nội dung không có lỗi", en: "No faults in the content" },
  faults: { vi: (n) => `${n} lỗi cần sửa`, en: (n) => `${n} to fix` },
  heading: { vi: "Vòng chiếu lúc này", en: "The loop at this moment" },
  summary: { vi: (n, time) => `${n} trang · một vòng ${time}`, en: (n, time) => `${n} slides · one round ${time}` },
  dark: { vi: "Ngoài giờ hoạt động – màn hình tắt", en: "Outside opening hours – the screen is dark" },
  card: { vi: "Chưa có chương trình cho lúc này", en: "No program for this moment" },
  opens: { vi: (time) => `Chiếu tiếp lúc ${time}`, en: (time) => `On again at ${time}` },
  previous: { vi: "‹ Trang trước", en: "‹ Previous" },
  next: { vi: "Trang sau ›", en: "Next ›" },
  sound: { vi: "Âm thanh", en: "Sound" },
  second: { vi: "giây", en: "s" },
  empty: { vi: "Không có cụm nào trong thư mục nội dung.", en: "There is no site in the content folder." },
};

export const duration = (ms, lang) => {
  const seconds = Math.round(ms / 100) / 10;
  if (seconds < 60) return `${seconds.toLocaleString(lang)} ${WORDS.second[lang]}`;
  const [minutes, rest] = [Math.floor(seconds / 60), Math.round(seconds % 60)];
  return lang === "vi" ? `${minutes} phút ${rest ? `${rest} giây` : ""}`.trim() : `${minutes} min ${rest ? `${rest} s` : ""}`.trim();
};
