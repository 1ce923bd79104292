//! A small, complete content folder: one site, one screen, one slide, and the approval policy of a province.

use crate::harness::Sandbox;

const SETTINGS: &str = "name: {vi: Tỉnh thử, en: Test province}
time_zone: Asia/Ho_Chi_Minh
languages: [vi]
theme: caobang
tool: 1.0.0
approval:
  roles:
    chief: {threshold: 2, kinds: [monthly, evergreen, kit]}
    duty: {threshold: 1, kinds: [urgent]}
    ta-lung: {threshold: 1, sites: [ta-lung], kinds: [monthly, evergreen]}
  requires:
    monthly: [chief]
    evergreen: [chief]
    urgent: [duty]
    kit: [chief]
    sites:
      ta-lung: {monthly: [chief, ta-lung]}
";

const SITE: &str = "name: {vi: Cửa khẩu Tà Lùng, en: Tà Lùng Border Gate}
operator: so-tttt
screens:
  - {id: a, width: 640, height: 320}
hours:
  workday: [\"07:30-11:00\", \"13:30-18:00\"]
  weekend: [\"08:00-11:30\", \"14:00-20:30\"]
  holiday: [\"08:00-11:30\", \"14:00-20:30\"]
shares:
  - {playlist: province, share: 1}
";

pub const SLIDE: &str = "---
title: Thác Bản Giốc
agency: so-tttt
category: du-lich
layout: text
duration: 12s
---
Thác nước lớn nhất Đông Nam Á.
";

/// The playlist of December.
pub const PLAYLIST: &str = "title: Chương trình tháng 12/2026
agency: so-tttt
entries:
  - slide: du-lich/ban-gioc.md
";

/// Writes content and theme into a sandbox.
pub fn write(sandbox: &Sandbox) {
    sandbox
        .copy("themes", "themes")
        .write("content/bangtin.yaml", SETTINGS)
        .write("content/agencies.yaml", "so-tttt:\n  name: {vi: Sở TT&TT, en: Department}\n  kind: department\n  roles: [chief]\n")
        .write("content/calendar/2026.yaml", "days: []\n")
        .write("content/calendar/2027.yaml", "days: []\n")
        .write("content/sites/ta-lung.yaml", SITE)
        .write("content/slides/du-lich/ban-gioc.md", SLIDE)
        .write("content/playlists/2026-12/province.yaml", PLAYLIST)
        .write("content/playlists/evergreen/province.yaml", PLAYLIST.replace("tháng 12/2026", "thường trực"));
}
