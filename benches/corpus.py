"""Writes the same N slides twice: as a content folder of bangtin and as a site of Hugo. Seeded; same N and SEED, same bytes."""

import pathlib
import random

WORDS = (
    "cửa khẩu biên giới nhân dân tỉnh huyện xã thông tin du lịch thác hang động sông núi đá rừng hạt dẻ văn hóa lễ hội đàn tính hát then "
    "làng nghề rèn chợ phiên đường bộ an toàn giao thông phòng cháy pháp luật cư trú hải quan kiểm dịch thương mại hợp tác hữu nghị "
    "phát triển kinh tế môi trường trường học trạm y tế mùa đông gia súc giữ ấm tiêm phòng"
).split()


def sentence(rng, words):
    text = " ".join(rng.choice(WORDS) for _ in range(words))
    return text[0].upper() + text[1:] + "."


def slides(count, seed):
    rng = random.Random(seed)
    for number in range(count):
        title = sentence(rng, 5)[:-1]
        body = "\n\n".join(sentence(rng, rng.randint(8, 16)) for _ in range(3))
        points = "\n".join(f"- {sentence(rng, 6)}" for _ in range(3))
        yield f"trang-{number:05}", title, f"{body}\n\n{points}\n"


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def bangtin(folder, count, seed, themes):
    root = pathlib.Path(folder)
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
    write(root / "content/agencies.yaml", "so-tttt:\n  name: {vi: Sở Thông tin và Truyền thông, en: Department of Information}\n  kind: department\n  roles: [chief]\n")
    write(root / "content/calendar/2026.yaml", "days: []\n")
    write(root / "content/sites/do.yaml", """name: {vi: Cụm đo, en: Benchmark site}
operator: so-tttt
screens:
  - {id: a, width: 1920, height: 1080}
hours:
  workday: ["07:30-11:00", "13:30-18:00"]
  weekend: ["08:00-11:30", "14:00-20:30"]
  holiday: ["08:00-11:30", "14:00-20:30"]
shares: [{playlist: province, share: 1}]
""")
    for period in ("2026-12", "evergreen"):
        write(root / f"content/playlists/{period}/province.yaml", 'title: Đo\nagency: so-tttt\nentries:\n  - slides: "do/*.md"\n')
    for name, title, body in slides(count, seed):
        head = f"---\ntitle: {title}\nagency: so-tttt\ncategory: co-so\nlayout: text\nduration: 10s\n---\n"
        write(root / f"content/slides/do/{name}.md", head + body)
    link = root / "themes"
    if not link.exists():
        link.symlink_to(themes)


def hugo(folder, count, seed):
    root = pathlib.Path(folder)
    write(root / "config.toml", 'baseURL = "/"\ntitle = "Benchmark"\ndisableKinds = ["taxonomy", "term", "RSS", "sitemap", "404"]\n')
    page = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>{{ .Title }}</title><link rel="stylesheet" href="/theme.css">
<body class="text"><main><h1>{{ .Title }}</h1>{{ .Content }}</main><footer>Sở Thông tin và Truyền thông</footer></body></html>
"""
    write(root / "layouts/_default/single.html", page)
    write(root / "layouts/_default/list.html", page)
    write(root / "layouts/index.html", "<!doctype html><title>{{ .Title }}</title>{{ range .Site.RegularPages }}<a href=\"{{ .RelPermalink }}\">{{ .Title }}</a>{{ end }}\n")
    for name, title, body in slides(count, seed):
        write(root / f"content/do/{name}.md", f"---\ntitle: {title}\n---\n{body}")
