// The page's own words, Vietnamese first. Never content.

import { counted } from "./parts.js";

export const WORDS = {
  title: { vi: "Xem trước", en: "Preview" },
  times: { vi: "Xem theo giờ chiếu", en: "By the hour" },
  review: { vi: "‹ Trở lại trang duyệt", en: "‹ Back to the review" },
  site: { vi: "Cụm thông tin", en: "Site" },
  period: { vi: "Chương trình", en: "Program" },
  screen: { vi: "Màn hình", en: "Screen" },
  evergreen: { vi: "Chương trình thường xuyên", en: "Evergreen program" },
  always: { vi: "Thường xuyên", en: "Evergreen" },
  month: { vi: (y, m) => `Tháng ${m} năm ${y}`, en: (y, m) => new Date(Date.UTC(y, m - 1)).toLocaleDateString("en", { month: "long", year: "numeric", timeZone: "UTC" }) },
  fine: { vi: "Không thấy lỗi", en: "No faults found" },
  checking: { vi: "Đang kiểm tra…", en: "Checking…" },
  beyond: { vi: "Chữ trên một trang được đo khi trang ấy hiện ở đây; đo mọi trang: bangtin check --render", en: "The words on a page are measured when it is shown here; to measure every page: bangtin check --render" },
  error: { vi: "Lỗi", en: "Error" },
  warning: { vi: "Cảnh báo", en: "Warning" },
  errors: { vi: (n) => `${n} lỗi`, en: (n) => counted(n, "error") },
  warnings: { vi: (n) => `${n} cảnh báo`, en: (n) => counted(n, "warning") },
  losing: { vi: (n) => `${n} trang theo cỡ bị mất chữ`, en: (n) => `${counted(n, "page")} with lost words` },
  lost: { vi: "Mất chữ", en: "Words lost" },
  unplanned: {
    vi: "Chưa xét lịch chiếu vì còn lỗi. Bản xem ở đây vẫn được tạo, kể cả trang có lỗi; các lệnh build, approve và publish không chạy cho đến khi sửa hết lỗi.",
    en: "Schedules are checked once the errors are fixed. The preview is made all the same, faulty slides included; build, approve and publish do not run until every error is fixed.",
  },
  gone: { vi: (why) => `Cả chương trình này ${why}.`, en: (why) => `This whole program ${why}.` },
  inPlace: { vi: "Đang xem chương trình thường xuyên, chiếu thay.", en: "What you see is the evergreen program, which plays in its place." },
  cardInPlace: { vi: "Không có chương trình nào chiếu thay: hiện màn hình chờ.", en: "No program plays in its place: the built-in card is shown." },
  heading: { vi: "Vòng chiếu lúc này", en: "The loop at this moment" },
  summary: { vi: (n, time) => `${n} lượt · một vòng ${time}`, en: (n, time) => `${counted(n, "item")} · one loop takes ${time}` },
  none: { vi: "Ngoài giờ hoạt động, không có vòng chiếu.", en: "Outside opening hours, no loop plays." },
  dark: { vi: "Ngoài giờ hoạt động – màn hình tắt", en: "Outside opening hours – the screen is dark" },
  card: { vi: "Chưa có chương trình cho lúc này", en: "No program for this moment" },
  ends: { vi: (month) => `Hết chương trình ${month.toLowerCase()}`, en: (month) => `The program for ${month} ends here` },
  here: { vi: "Cụm này", en: "This site" },
  unknown: {
    site: { vi: (id) => `Không có cụm “${id}”.`, en: (id) => `There is no site “${id}”.` },
    period: {
      vi: (id, site, month) => `${site} không có chương trình ${month?.toLowerCase() ?? `“${id}”`}.`,
      en: (id, site, month) => `${site} has no program ${month ? `for ${month}` : `“${id}”`}.`,
    },
    screen: { vi: (id, site) => `${site} không có màn hình “${id}”.`, en: (id, site) => `${site} has no screen “${id}”.` },
    t: { vi: (time) => `Không đọc được thời điểm “${time}”.`, en: (time) => `“${time}” is not a time.` },
    outside: { vi: (time) => `Thời điểm ${time} không thuộc chương trình đang xem.`, en: (time) => `${time} is outside the program shown.` },
  },
  instead: { vi: (found) => `Đang xem: ${found}.`, en: (found) => `This is ${found}.` },
  clock: { vi: (time) => `“${time}”: giờ không có thật`, en: (time) => `“${time}”: no such time` },
  unfold: { vi: "Xem thêm", en: "Show more" },
  folded: { vi: "Thu gọn", en: "Show less" },
  opens: { vi: (moment) => `Chiếu lại lúc ${moment}`, en: (moment) => `On again at ${moment}` },
  date: { vi: "Ngày", en: "Date" },
  time: { vi: "Giờ", en: "Time" },
  slider: { vi: "Giờ trong ngày", en: "Time of the day" },
  previous: { vi: "‹ Trang trước", en: "‹ Previous" },
  next: { vi: "Trang sau ›", en: "Next ›" },
  sound: { vi: "Âm thanh", en: "Sound" },
  second: { vi: "giây", en: "s" },
  programless: { vi: "Cụm này chưa có chương trình nào. Hãy thêm danh sách phát trong playlists/.", en: "This site has no program yet. Add a playlist under playlists/." },
  unread: { vi: "Không đọc được nội dung nên không có gì để xem.", en: "The content can't be read, so there is nothing to show." },
  first: { vi: "Hãy sửa các lỗi trong danh sách lỗi trước; trang này tự cập nhật sau mỗi lần lưu.", en: "Fix the errors in the list first; this page follows each save by itself." },
  empty: { vi: "Không có cụm nào trong thư mục nội dung.", en: "There is no site in the content folder." },
};

// A day as the reports write it, of a wall time as if it were UTC.
export const day = (wall, lang, more) => {
  const iso = new Date(wall).toISOString().slice(0, 10);
  const said = lang === "vi" ? iso.split("-").reverse().join("/") : iso;
  return more ? `${weekday(wall, lang)}, ${said}` : said;
};

// The period of a program where there is little room: its month in digits.
export const shortPeriod = (period, lang) => (period === "evergreen" ? WORDS.always[lang] : lang === "vi" ? period.split("-").reverse().join("/") : period);

// A moment as the reports write it.
export const moment = (wall, lang) => {
  const time = new Date(wall).toISOString().slice(11, 16);
  return lang === "vi" ? `${time} ngày ${day(wall, lang)}` : `${day(wall, lang)} ${time}`;
};

export const weekday = (wall, lang) => new Intl.DateTimeFormat(lang, { weekday: "long", timeZone: "UTC" }).format(wall);

// With blanks at which no line breaks.
export const duration = (ms, lang) => {
  const seconds = Math.round(ms / 100) / 10;
  const second = WORDS.second[lang];
  if (seconds < 60) return `${seconds.toLocaleString(lang)}\u00a0${second}`;
  const [minutes, rest] = [Math.floor(seconds / 60), Math.round(seconds % 60)];
  return `${minutes}\u00a0${lang === "vi" ? "phút" : "min"}${rest ? `\u00a0${rest}\u00a0${second}` : ""}`;
};

// How a review ended; "lost" if its server is gone.
export const OUTCOMES = {
  signed: { vi: "Đã ký. Có thể đóng trang này.", en: "Signed. You can close this page." },
  refused: { vi: "Chưa ký. Muốn duyệt thì chạy lại lệnh.", en: "Not signed. To approve, run the command again." },
  lost: { vi: "Mất kết nối với lệnh approve; xem cửa sổ lệnh.", en: "No connection to the approve command; look at the terminal." },
};

// As a number is written in the language: “1.606”, “1,606”.
const pixels = (px, lang) => px.toLocaleString(lang, { maximumFractionDigits: 1 });

// What a browser measured on a page: the badge of its row, and the sentence beside it.
export const MEASURED = {
  "text-lost": {
    badge: { vi: "mất chữ", en: "words lost" },
    sentence: {
      vi: ({ fitted, firstWords, box, px }) => (fitted ? `Hãy rút ngắn hoặc tách thành hai trang: mất chữ từ “${firstWords}”, thừa ${pixels(px, "vi")} điểm ảnh.` : `Hãy viết ngắn hơn: mất chữ “${firstWords}”, ô “${box}” thiếu ${pixels(px, "vi")} điểm ảnh.`),
      en: ({ fitted, firstWords, box, px }) => (fitted ? `Shorten the text or split the slide in two: words are lost from “${firstWords}” on; ${pixels(px, "en")} pixels do not fit.` : `Write it shorter: “${firstWords}” is lost and needs ${pixels(px, "en")} pixels more in “${box}”.`),
    },
  },
  "letters-small": {
    badge: { vi: "chữ nhỏ", en: "small letters" },
    sentence: {
      vi: ({ box, px, floor }) => `Chữ nhỏ: chữ hoa ở ô “${box}” cao ${pixels(px, "vi")} điểm ảnh, cần ít nhất ${pixels(floor, "vi")} để đọc được.`,
      en: ({ box, px, floor }) => `Small letters: capitals in “${box}” are ${pixels(px, "en")} pixels high; ${pixels(floor, "en")} are needed to read them.`,
    },
  },
  "glyph-missing": {
    badge: { vi: "thiếu ký tự", en: "missing characters" },
    sentence: {
      vi: ({ glyphs }) => `Phông chữ của giao diện không có: ${[...glyphs].join(" ")}`,
      en: ({ glyphs }) => `The theme's fonts lack: ${[...glyphs].join(" ")}`,
    },
  },
};
