"""Writes the same N slides for each generator: bangtin, Hugo, Zola, Eleventy. Seeded: same N and SEED, same bytes. Titles and texts are
the same for all; only the front matter's keys differ, as each tool requires."""

import json
import pathlib
import random
import shutil

WORDS = (
    "công ty phòng họp nhân viên tháng thông báo lịch làm việc khách hàng sản phẩm chất lượng an toàn lao động chào mừng sinh nhật đồng nghiệp "
    "dự án kế hoạch doanh thu mục tiêu quý báo cáo sáng kiến thi đua khen thưởng đào tạo kỹ năng bảo hiểm y tế sức khỏe gia đình căng tin "
    "thực đơn hôm nay ngày mai tuần này thời tiết nắng mưa giao thông xe đưa đón phòng cháy chữa cháy vệ sinh môi trường tiết kiệm điện nước "
    "cửa khẩu biên giới nhân dân tỉnh huyện xã thông tin du lịch thác hang động sông núi đá rừng hạt dẻ văn hóa lễ hội đàn tính hát then"
).split()

HEAD = (
    '<!doctype html><html lang="vi"><head><meta charset="utf-8"><title>%s</title><link rel="stylesheet" href="/slide.css"></head>'
    '<body data-duration="%s"><main class="slide"><h1>%s</h1>'
)
TAIL = "</main></body></html>\n"


def sentence(rng, count):
    words = [rng.choice(WORDS) for _ in range(count)]
    if rng.random() < 0.25:
        at = rng.randrange(count - 2)
        words[at], words[at + 1] = "**" + words[at], words[at + 1] + "**"
    text = " ".join(words)
    return text[0].upper() + text[1:] + rng.choice("...!")


def slides(count, seed):
    """Yields (name, title, seconds, body): 60 to 120 words, some as list items, a table on every fifth."""
    rng = random.Random(seed)
    for number in range(count):
        title = " ".join(rng.choice(WORDS) for _ in range(rng.randint(4, 8))).capitalize()
        left, parts = rng.randint(60, 120), []
        while left > 0:
            words = rng.randint(9, 18)
            left -= words
            parts.append(("- " if rng.random() < 0.3 else "") + sentence(rng, words))
        if number % 5 == 0:
            lines = [f"| {rng.choice(WORDS)} {rng.choice(WORDS)} | {rng.randint(10, 99)} | {rng.randint(10, 99)}% |" for _ in range(5)]
            parts.append("\n".join(["| Bộ phận | Chỉ tiêu | Thực hiện |", "|---|---:|---:|", *lines]))
        yield f"trang-{number:05}", title, rng.choice([8, 10, 12, 15, 20]), "\n\n".join(parts) + "\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_slides(folder, front, count, seed):
    """Returns the path of the middle slide, the one to change."""
    for name, title, seconds, body in slides(count, seed):
        write(folder / f"{name}.md", f"---\n{front(title, seconds)}---\n{body}")
    return folder / f"trang-{count // 2:05}.md"


SITE = """name: {{vi: Cụm đo {number}, en: Benchmark site {number}}}
operator: so-tttt
screens:
  - {{id: a, width: 1920, height: 1080}}
hours:
  workday: ["07:30-11:00", "13:30-18:00"]
  weekend: ["08:00-11:30", "14:00-20:30"]
  holiday: ["08:00-11:30", "14:00-20:30"]
shares: [{{playlist: province, share: 1}}]
"""


def bangtin(root, themes, count, seed, sites=1, months=("2026-12",)):
    """A content folder whose months divide the slides among them; every site shows all of a month."""
    root = pathlib.Path(root)
    write(root / "content/bangtin.yaml", """name: {vi: Đo tốc độ, en: Benchmark}
time_zone: Asia/Ho_Chi_Minh
languages: [vi]
theme: caobang
tool: 1.0.0
approval:
  roles:
    chief: {threshold: 1, kinds: [monthly, evergreen, urgent, kit]}
  requires: {monthly: [chief], evergreen: [chief], urgent: [chief], kit: [chief]}
""")
    department = "  name: {vi: Sở Thông tin và Truyền thông, en: Department of Information}\n  kind: department\n  roles: [chief]\n"
    write(root / "content/agencies.yaml", f"so-tttt:\n{department}")
    for year in {month[:4] for month in months}:
        write(root / f"content/calendar/{year}.yaml", "days: []\n")
    for number in range(sites):
        write(root / f"content/sites/cum-{number:02}.yaml", SITE.format(number=number))
    front = lambda title, seconds: f"title: {title}\nagency: so-tttt\ncategory: co-so\nlayout: text\nduration: {seconds}s\n"
    texts = list(slides(count, seed))
    share = -(-count // len(months))
    for at, month in enumerate(months):
        playlist = f'title: Đo\nagency: so-tttt\nentries:\n  - slides: "t{at + 1:02}/*.md"\n'
        write(root / f"content/playlists/{month}/province.yaml", playlist)
        for name, title, seconds, body in texts[at * share : (at + 1) * share]:
            write(root / f"content/slides/t{at + 1:02}/{name}.md", f"---\n{front(title, seconds)}---\n{body}")
    write(root / "content/playlists/evergreen/province.yaml", 'title: Đo\nagency: so-tttt\nentries:\n  - slide: t01/trang-00000.md\n')
    shutil.copytree(themes, root / "themes")
    return root / f"content/slides/t01/trang-{share // 2:05}.md"


def hugo(root, count, seed):
    root = pathlib.Path(root)
    write(root / "config.toml", 'baseURL="/"\nlanguageCode="vi"\ntitle="do"\ndisableKinds=["taxonomy","term","RSS","sitemap","404"]\n')
    page = HEAD % ("{{.Title}}", "{{.Params.seconds}}", "{{.Title}}")
    write(root / "layouts/_default/single.html", page + "{{.Content}}" + TAIL)
    write(root / "layouts/_default/list.html",
          page + '<ol>{{range .Pages}}<li><a href="{{.RelPermalink}}">{{.Title}}</a></li>{{end}}</ol>' + TAIL)
    write(root / "layouts/index.html", page + '<a href="/slides/">slides</a>' + TAIL)
    write(root / "static/slide.css", "body{font-family:sans-serif}")
    return write_slides(root / "content/slides", lambda title, seconds: f"title: {title}\nseconds: {seconds}\n", count, seed)


def zola(root, count, seed):
    root = pathlib.Path(root)
    write(root / "config.toml", 'base_url="/"\ncompile_sass=false\nbuild_search_index=false\ngenerate_sitemap=false\n'
                                'generate_robots_txt=false\ngenerate_feeds=false\n')
    write(root / "content/_index.md", "+++\n+++\n")
    write(root / "content/slides/_index.md", '+++\ntitle="slides"\n+++\n')
    write(root / "templates/page.html", HEAD % ("{{page.title}}", "{{page.extra.seconds}}", "{{page.title}}") + "{{page.content|safe}}" + TAIL)
    write(root / "templates/section.html", HEAD % ("{{section.title}}", "0", "{{section.title}}")
          + '<ol>{% for p in section.pages %}<li><a href="{{p.permalink}}">{{p.title}}</a></li>{% endfor %}</ol>' + TAIL)
    write(root / "templates/index.html", HEAD % ("do", "0", "do") + '<a href="/slides/">slides</a>' + TAIL)
    write(root / "static/slide.css", "body{font-family:sans-serif}")
    return write_slides(root / "content/slides", lambda title, seconds: f"title: {title}\nextra:\n  seconds: {seconds}\n", count, seed)


def eleventy(root, count, seed):
    root = pathlib.Path(root)
    write(root / "_includes/slide.liquid", HEAD % ("{{title}}", "{{seconds}}", "{{title}}") + "{{content}}" + TAIL)
    write(root / "slides/slides.json", json.dumps({"layout": "slide.liquid", "tags": ["slides"]}))
    write(root / "index.liquid", "---\npermalink: /index.html\n---\n" + HEAD % ("do", "0", "do")
          + '<ol>{% for s in collections.slides %}<li><a href="{{s.url}}">{{s.data.title}}</a></li>{% endfor %}</ol>' + TAIL)
    write(root / "static/slide.css", "body{font-family:sans-serif}")
    write(root / "eleventy.config.js", 'module.exports=c=>{c.addPassthroughCopy({static:"/"});'
                                       'return {dir:{input:".",output:"_site"},markdownTemplateEngine:false}};\n')
    return write_slides(root / "slides", lambda title, seconds: f"title: {title}\nseconds: {seconds}\n", count, seed)
