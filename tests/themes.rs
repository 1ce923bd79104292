//! Themes that would run script, load from outside or hide what a page will hold: each is refused by name, and harmless ones pass.

use serde_json::Value;

use crate::check::sound;
use crate::harness::{repository, tree};

/// A template around a snippet.
fn template(snippet: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{{{{ lang }}}}\">\n<meta charset=\"utf-8\">\n<title>{{{{ title }}}}</title>\n\
         <link rel=\"stylesheet\" href=\"{{{{ root }}}}theme/theme.css\">\n{snippet}\n{{{{ body }}}}\n</html>\n"
    )
}

/// Path and cause of each fault that `check` finds in a theme with these files more.
fn faults(files: &[(String, String)]) -> Vec<(String, String)> {
    let sandbox = sound();
    sandbox.write("content/themes/plain/images/nui.png", "x");
    let font = std::fs::read(repository().join("themes/caobang/fonts/be-vietnam-pro-500.woff2")).unwrap();
    for name in ["a", "b", "own"] {
        sandbox.write(&format!("content/themes/plain/fonts/{name}.woff2"), font.clone());
    }
    for (name, text) in files {
        sandbox.write(&format!("content/themes/plain/{name}"), text);
    }
    let said = sandbox.bangtin(&["check", "--format", "json"]).stdout;
    let said: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let place = |fault: &Value| format!("{}:{}", text(&fault["place"]["path"]), fault["place"]["line"]);
    said["faults"].as_array().unwrap().iter().map(|fault| (place(fault), text(&fault["cause"]["en"]))).collect()
}

/// What stands in a template, and what the fault names.
const TEMPLATES: [(&str, &str); 75] = [
    ("<ol type=\"A\"><li value=\"12345\">a</li></ol>", "can't hold type="),
    ("<p data-label=\"Cấm\">a</p>", "data-label is {{ cell.label }} and nothing else"),
    ("<p data-label=\"{{ cell.label }} Cấm\">a</p>", "data-label is {{ cell.label }} and nothing else"),
    ("{% for cell in [{\"label\": \"Cấm\"}] %}<p data-label=\"{{ cell.label }}\">a</p>{% endfor %}", "cell keeps its meaning"),
    ("{% set rows = [[{\"label\": \"Cấm\"}]] %}", "rows keeps its meaning"),
    ("<svg><path d=\"M0 0\" fill=\"AccentColor\"/></svg>", "can't hold fill: AccentColor"),
    ("<time data-clock=\"HH:MM\"></time>", "can't hold data-clock="),
    ("<b DATA-DATE></b>", "can't hold data-date="),
    ("<table><tr><td data-clock=\"HH:MM\"></td></tr></table>", "can't hold data-clock="),
    ("<p data-clock=\"HH:MM\">Mở cửa</p>", "can't hold … in <p data-clock>"),
    ("<p data-date><b></b></p>", "can't hold … in <p data-date>"),
    ("<p data-date>{{ texts.place }}</p>", "can't hold … in <p data-date>"),
    ("<p class=\"{{ layout }}\" data-clock=\"HH:MM\">{% if lang == \"zh\" %}<b></b>{% endif %}</p>", "can't hold … in <p data-clock>"),
    ("<script>x()</script>", "can't hold <script>"),
    ("<SCRIPT SRC=a.js></SCRIPT>", "can't hold <script>"),
    ("{% if lang == \"zh\" %}<script>x()</script>{% endif %}", "can't hold <script>"),
    ("{% if title == \"never\" %}{% else %}<iframe></iframe>{% endif %}", "can't hold <iframe>"),
    ("{{ \"<script>x()</script>\" | safe }}", "can't hold | safe"),
    ("{% if lang == \"zh\" %}{{ texts.caption | safe }}{% endif %}", "can't hold | safe"),
    ("{% set a = \"<script>\" | safe %}{{ a }}", "can't hold | safe"),
    ("{{ body | replace(from=\"p\", to=\"script\") }}", "body stands alone"),
    ("{{ body | truncate(length=2) }} onclick=x() a>", "body stands alone"),
    ("{% set b = body %}<p title=\"{{ b }}\">", "body keeps its meaning"),
    ("<p title=\"{{ body }}\">", "body stands alone"),
    ("{{ __tera_context }}", "can't hold __tera_context"),
    ("{% raw %}{# {% endraw %}<b>{% raw %} #}{% endraw %}", "can't hold {% raw %}"),
    ("{% filter upper %}<b>{% endfilter %}", "can't hold {% filter %}"),
    ("{% set a %}<b>{% endset %}", "can't hold {% set %}"),
    ("{{ \"}} {#\" }}<script>x()</script>{# #}", "can't hold <script>"),
    ("<!-- <script>x()</script> -->", "can't hold <!-- … -->"),
    ("{% if title %}<!--{% endif %}<script>x()</script>{% if title %}-->{% endif %}", "can't hold <!-- … -->"),
    ("{% if title %}<p title=\"{% endif %}<i onclick=x()>{% if title %}\">{% endif %}", "begins and ends at one place"),
    ("<p title={% if title %}\"{% endif %}a onclick=x() {% if title %}\"{% endif %}>", "begins and ends at one place"),
    ("<p title= {% if title %}\"a\"{% endif %} data-a='\" onclick=x() '>", "begins and ends at one place"),
    ("<title><p title=\"</title><script>x()</script>\"></title>", "can't hold <p> in <title>"),
    ("<scr{# #}ipt>x()</script>", "can't hold <scr>"),
    ("<{{ \"script\" }}>x()", "stands in quotes"),
    ("<p {{ \"onclick=x()\" }}>", "stands in quotes"),
    ("<p class={{ layout }}>", "stands in quotes"),
    ("<p\u{c}onclick = x()>", "can't hold onclick="),
    ("<p/ONCLICK=x()>", "can't hold onclick="),
    ("<img src=\"{{ root }}theme/images/nui.png\"onerror=\"x()\">", "can't hold onerror="),
    ("<p on{# #}click=x()>", "can't hold on="),
    ("<p style=\"color:red\">", "can't hold style="),
    ("<style>p{}</style>", "can't hold <style>"),
    ("<a href=\"javascript:x()\">a</a>", "can't hold <a>"),
    ("<img src=\"javascript:x()\">", "an address outside"),
    ("<img src=\"java&#9;script&colon;x()\">", "an address outside"),
    ("<img src=\"&#106;avascript:x()\">", "an address outside"),
    ("<img src=\"\tda\nta:image/png;base64,AAAA\">", "an address outside"),
    ("<img src=\"https&colon;//a.example/a.png\">", "an address outside"),
    ("<img src=\"\\\\a.example\\a.png\">", "an address outside"),
    ("<img src=\"{{ \"https://a.example/a.png\" }}\">", "an address is {{ root }}theme/"),
    ("<img src=\"{% if lang == \"zh\" %}https://a.example/{% endif %}a.png\">", "an address is {{ root }}theme/"),
    ("<img src=\"{{ root }}theme/images/khong.png\">", "a program has no file"),
    ("<img src=\"{{ root }}{{ title }}\">", "an address is {{ root }}theme/"),
    ("{% set root = \"https://a.example/\" %}<img src=\"{{ root }}theme/images/nui.png\">", "root keeps its meaning"),
    (
        "{% for sheet in[\"https://a.example/a.css\"] %}<link rel=\"stylesheet\" href=\"{{ sheet }}\">{% endfor %}",
        "sheet keeps its meaning",
    ),
    ("{% for image in [title] %}{% endfor %}", "image keeps its meaning"),
    ("<img srcset=\"https://a.example/a.png 2x\" src=\"\">", "can't hold srcset="),
    ("<picture><source srcset=\"//a.example/a.png\"></picture>", "can't hold <picture>"),
    ("<meta http-equiv=\" Refresh\" content=\"0;url=https://a.example\">", "can't hold http-equiv="),
    ("<meta http-equiv=\"{{ title }}\" content=\"0\">", "can't hold http-equiv="),
    ("<meta charset=\"utf-7\">", "can't hold charset="),
    ("<base href=\"https://a.example/\">", "can't hold <base>"),
    ("<link rel=\"preload stylesheet\" href=\"{{ root }}theme/theme.css\">", "can't hold rel="),
    ("<form action=\"https://a.example\"></form>", "can't hold <form>"),
    ("<svg><animate attributeName=\"href\" values=\"javascript:x()\"/></svg>", "can't hold <animate>"),
    ("<svg><set attributeName=\"onmouseover\" to=\"x()\"/></svg>", "can't hold <set>"),
    ("<svg><use href=\"data:image/svg+xml,x#a\"/></svg>", "can't hold <use>"),
    ("<svg><path d=\"M0 0\" fill=\"url(https://a.example/a.svg#a)\"/></svg>", "an address outside"),
    ("<svg><![CDATA[><!--]]><b onclick=x()><!-- --></svg>", "browsers may read this in another way"),
    ("<p class=\"a\" class=\"b\">", "browsers may read this in another way"),
    ("<!doctype html SYSTEM \"https://a.example/a.dtd\">", "can't hold <!doctype"),
    ("<p title=\"a", "browsers may read this in another way"),
];

/// The same for a style sheet.
const SHEETS: [(&str, &str); 88] = [
    // Letters and numbers that stand in no page.
    ("h1::before { counter-reset: c 12345; content: counter(c, upper-alpha); }", "can't hold counter(…)"),
    ("h1::before { content: \"\"; counter-reset: list-item 1975; }", "can't hold counter-reset:"),
    ("h1 { COUNTER-SET: list-item 7; }", "can't hold counter-set:"),
    ("li::marker { content: counter(list-item, upper-roman); }", "can't hold counter(…)"),
    ("li::before { content: counters(list-item, \"\", lower-greek); }", "can't hold counters(…)"),
    ("li::before { content: counters(list-item, \"a\"); }", "can't hold counters(…)"),
    ("li::before { content: counter(list-item, var(--style)); }", "can't hold counter(…)"),
    (":root { --a: COUNT\\45R(list-item, hebrew); }", "can't hold COUNTER(…)"),
    ("@counter-style words { system: fixed; symbols: \"a\"; }", "can't hold @counter-style"),
    ("li { list-style-type: upper-alpha; }", "can't hold list-style-type: upper-alpha"),
    ("li { list-style: inside khmer; }", "can't hold list-style: khmer"),
    ("li { list-style-type: symbols(cyclic \"a\"); }", "can't hold symbols()"),
    ("li { --style: upper-alpha; list-style-type: var(--style); }", "can't hold list-style-type: var()"),
    ("h1::before { content: attr(title); }", "can't hold attr(…)"),
    ("h1::before { content: attr(data-label, \"x\"); }", "can't hold attr(…)"),
    ("h1 { width: attr(data-label type(<length>), 1px); }", "can't hold attr(…)"),
    ("h1::before { content: \"№ ⒜\"; }", "can't hold content: \"№ ⒜\""),
    ("h1::before { content: \"㊙\"; }", "can't hold content: \"㊙\""),
    ("h1::before { content: \"🇨🇦🇲\"; }", "can't hold content: \"🇨🇦🇲\""),
    // What browsers and machines have of their own.
    ("@supports (-moz-appearance: none) { h1 { display: none; } }", "can't hold @supports"),
    ("@supports not (color: red) { h1 { display: none; } }", "can't hold @supports"),
    ("@scope (body) { h1 { display: none; } }", "can't hold @scope"),
    ("@container style(--a: 1) { h1 { display: none; } }", "can't hold style()"),
    ("@container scroll-state(stuck: top) { h1 { display: none; } }", "can't hold scroll-state()"),
    ("h1 { color: AccentColor; }", "can't hold color: AccentColor"),
    ("h1 { background: linear-gradient(canvas, #fff); }", "can't hold background: canvas"),
    (":root { --a: Window\\54 ext }", "can't hold --a: WindowText"),
    ("h1 { color: color-mix(in srgb, Mark 50%, #fff); b & { border: 1px solid ThreeDFace } }", "can't hold border: ThreeDFace"),
    ("h1 { font-family: Wingdings; }", "declares the font “Wingdings”"),
    ("h1 { font: 700 1rem/1.4 Segoe  UI, sans-serif; }", "declares the font “Segoe UI”"),
    ("h1 { font-family: \"Webdings\", monospace; }", "declares the font “Webdings”"),
    ("h1 { font: caption; }", "declares the font “caption”"),
    ("h1 { font-family: ui-serif; }", "declares the font “ui-serif”"),
    (":root { --face: Wingdings; } h1 { font-family: var(--face); }", "can't hold font-family: var()"),
    ("/* @font-face { font-family: Arial; src: url(fonts/a.woff2); } */ h1 { font-family: Arial; }", "declares the font “Arial”"),
    ("@media print { @font-face { font-family: B; src: url(fonts/a.woff2); } } h1 { font-family: B; }", "declares the font “B”"),
    ("@font-face { font-family: C; src: url(fonts/a.woff2) format(\"woff2\"), url(fonts/b.woff2); }", "can't hold src: …, …"),
    ("@font-face { font-family: D; src: url(fonts/a.woff2) format(\"embedded-opentype\"); }", "can't hold src: \"embedded-opentype\""),
    ("@font-face { font-family: E; src: local(\"Arial\"); }", "can't hold local()"),
    ("@font-face { font-family: F; font-display: optional; src: url(fonts/a.woff2); }", "can't hold font-display: optional"),
    ("h1 { -webkit-box-reflect: below; }", "can't hold -webkit-box-reflect"),
    ("h1 { width: -moz-available; }", "can't hold -moz-available"),
    ("main { overflow: hidden scroll; }", "can't hold overflow: scroll"),
    ("p { hyphens: auto; }", "can't hold hyphens: auto"),
    ("p { padding: env(safe-area-inset-top, 0px); }", "can't hold env()"),
    ("p:has([data-clock]:empty) b { display: none; }", "can't hold :empty"),
    ("[data-clock]:not(:EMPTY) + b { display: none; }", "can't hold :EMPTY"),
    ("@media (display-mode: fullscreen) { p { font-size: 0; } }", "can't hold @media … display-mode"),
    ("@media (min-width: 1px) and (hover: none) { p { font-size: 0; } }", "can't hold @media … hover"),
    ("@media screen, (any-pointer: coarse) { p { font-size: 0; } }", "can't hold @media … any-pointer"),
    ("@media not (prefers-color-scheme: dark) { p { color: #fff; } }", "can't hold @media … prefers-color-scheme"),
    ("p { color: red; @media (\\68over) { color: blue; } }", "can't hold @media … hover"),
    ("@media (min-resolution: 2dppx) { p { color: red; } }", "can't hold @media … min-resolution"),
    ("p::after { content: \"HIDDEN IN KIOSK\"; }", "can't hold content: \"HIDDEN IN KIOSK\""),
    ("p::after { content: \"\\43 ấm\"; }", "can't hold content: \"Cấm\""),
    ("p::after { content: var(--a, \"禁\"); }", "can't hold content: \"禁\""),
    (":root { --a: \"HIDDEN\"; }", "can't hold --a: \"HIDDEN\""),
    ("li { list-style-type: \"Cấm \"; }", "can't hold list-style-type: \"Cấm \""),
    ("q { quotes: \"a\" \"b\"; }", "can't hold quotes: \"a\""),
    ("@keyframes later { 0%, 99% { opacity: 0; } 100% { opacity: 1; } }", "can't hold @keyframes"),
    ("p { color: red; animation: later 20s forwards; }", "can't hold animation:"),
    ("p { -webkit-animation-name: later; }", "can't hold -webkit-animation-name"),
    ("p { ANIMATION: later 20s; }", "can't hold animation:"),
    ("p { transition: opacity 20s 20s; }", "can't hold transition:"),
    ("p:hover { color: red; }", "can't hold :hover"),
    (":not(:fullscreen) p { color: red; }", "can't hold :fullscreen"),
    ("video:playing ~ p { color: red; }", "can't hold :playing"),
    ("p { color: red; &:is(div, :focus-within) { color: blue; } }", "can't hold :focus-within"),
    ("p { color: light-dark(#000, #fff); }", "can't hold light-dark()"),
    ("html { color-scheme: light dark; }", "can't hold color-scheme:"),
    ("@import \"https://a.example/a.css\";", "can't hold @import"),
    ("@\\69mport 'theme.css';", "can't hold @import"),
    ("@IMPORT url(theme.css);", "can't hold @IMPORT"),
    ("@namespace svg url(http://www.w3.org/2000/svg);", "can't hold @namespace"),
    ("@charset \"utf-7\";", "can't hold @charset"),
    ("@document url(a) {}", "can't hold @document"),
    ("h1 { background: url(https://a.example/a.png); }", "an address outside"),
    ("h1 { background: \\75rl(https://a.example/a.png); }", "an address outside"),
    ("h1 { background: u\\72 l('https://a.example/a.png'); }", "an address outside"),
    ("h1 { background: url(\\68ttps://a.example/a.png); }", "an address outside"),
    ("h1 { background: url(/**/\"//a.example\"); }", "browsers may read this in another way"),
    ("h1 { background: image-set(\"https://a.example/a.png\" 1x); }", "can't hold image-set()"),
    ("h1 { background: -webkit-image-set(\"a.png\" 1x); }", "can't hold -webkit-image-set()"),
    ("h1 { background: cross-fade(url(images/nui.png), \"a.png\"); }", "can't hold cross-fade()"),
    ("h1 { width: expression(x()); }", "can't hold expression()"),
    (":root { --a: url(data:image/png;base64,AAAA); }", "an address outside"),
    ("h1 { content: \"a\n; background: url(//a.example) }", "browsers may read this in another way"),
    ("h1 { background: url(images/khong.png); }", "a program has no file"),
];

const HARMLESS: [&str; 17] = [
    "{% if rows %}{% for row in rows %}{% for cell in row %}<p data-label=\"{{ cell.label }}\">{{ cell.text }}</p>{% endfor %}{% endfor %}{% endif %}",
    "<p class=\"{{ layout }} d{{ density }}{% if image %} pictured{% endif %}\" data-fit>a</p>",
    "<p {% if title %}class=\"a\"{% endif %}>a &amp; b &lt;script&gt;</p>",
    "{# <script>x()</script> #}",
    "{% if lang == \"zh\" %}<b>a</b>{% elif lang == \"vi\" %}<i>b</i>{% else %}<u>c</u>{% endif %}",
    "{% for each in [1, 2] %}<li value=\"{{ each }}\">{{ each }}</li>{% endfor %}",
    "{% set a = texts.subtitle | default(value=\"<script>\") %}<p title=\"{{ a }}\">{{ a }}</p>",
    "{{ \"<script>x()</script>\" }}",
    "<img src=\"{{ root }}theme/images/nui.png\" alt=\"onclick=x() <script>\">",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'\">",
    "<span class=\"clock\" data-clock=\"HH:MM\"></span><span data-date></span>",
    "<svg viewBox=\"0 0 10 10\" width=\"10\" height=\"10\" aria-hidden=\"true\"><path d=\"M0 0L9 9\" fill=\"#fff\" stroke=\"rgb(1 2 3)\"/></svg>",
    "<table><tr><th scope=\"col\">2 &lt; 3</th><td colspan=\"2\">a</td></tr></table>",
    "<p>javascript:x() https://a.example onerror=x()</p>",
    "{% if sheets %}{% for sheet in sheets %}<link rel=\"stylesheet\" href=\"{{ sheet }}\">{% endfor %}{% endif %}",
    "<ruby>汉<rp>(</rp><rt>hàn</rt><rp>)</rp></ruby><time datetime=\"2026-12-01\">1/12</time>",
];

const HARMLESS_SHEETS: [&str; 11] = [
    "ol { list-style: decimal inside; } ul { list-style: none; } li::before { content: counter(list-item) \". \"; } li li::before { content: counters(list-item, \".\", decimal) }",
    "mark, menu:is(mark:first-child), p:has(mark) > .field { color: #123; mark & { color: red } } @layer a, b; @font-face { font-family: Own Face; src: url(fonts/own.woff2) format(woff2) }",
    "h1 { font: italic small-caps bold condensed 1rem/1.4 Own Face, \"own face\", serif; grid-area: menu; overflow: hidden clip; } p { font: inherit; font-family: OWN FACE, monospace }",
    "@media (min-width: 640px) { h1:not(.a):nth-child(2n + 1) { color: rgb(1 2 3 / 50%); } }",
    "/* url(https://a.example) @import */ h1::before { content: \"— : “ ”\"; }",
    "h1 { background: linear-gradient(red, blue), url(images/nui.png), url(\"./images/nui.png\"); }",
    "p { transform: translate(1px, 2px); color:red; &:first-child { color:blue } } a:is(p:last-child)::before, td:has(> p:last-child) { color:red }",
    "@media only screen and (orientation: portrait) and (min-width: 10px), (width >= 600px) { [data-a=\"abc\"]:lang(\"vi\") { font: 1rem \"A\"; } }",
    "@font-face { font-family: \"A\"; src: url(\"fonts/own.woff2\"); unicode-range: U+20-7E, U+1E??; } p { grid-template-areas: \"a b\"; font-feature-settings: \"tnum\"; }",
    ":root { --a: calc(var(--b, 1) * 2em); } @container (width > 1px) { p { grid-template: repeat(2, minmax(0, 1fr)) / auto; } }",
    "a\\:b { width: min(10px, max(2vw, 3vh)); clip-path: polygon(0 0, 1px 1px, 0 1px); } td::before { content: attr(data-label) \": “\"; }",
];

#[test]
fn a97_a98_what_a_hostile_theme_may_try_is_refused_by_name() {
    let templates =
        TEMPLATES.iter().enumerate().map(|(number, (snippet, named))| (format!("layouts/a-{number}.html"), template(snippet), *named));
    let sheets = SHEETS.iter().enumerate().map(|(number, (snippet, named))| (format!("a-{number}.css"), (*snippet).to_owned(), *named));
    let cases: Vec<_> = templates.chain(sheets).collect();
    let found = faults(&cases.iter().map(|(name, text, _)| (name.clone(), text.clone())).collect::<Vec<_>>());
    let mut left = Vec::new();
    for (name, text, named) in &cases {
        let own: Vec<_> = found.iter().filter(|(place, _)| place.starts_with(&format!("themes/plain/{name}:"))).collect();
        if !own.iter().any(|(place, cause)| cause.contains(named) && !place.ends_with(":0")) {
            left.push(format!("{text}: not {named:?} but {own:?}"));
        }
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
}

#[test]
fn what_a_harmless_theme_needs_is_accepted() {
    let templates = HARMLESS.iter().enumerate().map(|(number, snippet)| (format!("layouts/a-{number}.html"), template(snippet)));
    let sheets = HARMLESS_SHEETS.iter().enumerate().map(|(number, snippet)| (format!("a-{number}.css"), (*snippet).to_owned()));
    // Rendered too: as the template of a layout.
    let all = [("layouts/text.html".to_owned(), template(&HARMLESS.join("\n")))];
    assert_eq!(faults(&templates.chain(sheets).chain(all).collect::<Vec<_>>()), []);
}

#[test]
fn a96_the_boxes_of_clocks_and_dates_keep_their_size_and_cut_what_leaves_them_whatever_a_theme_says() {
    let sandbox = sound();
    let sheet = sandbox.path("content/themes/plain/theme.css");
    let own = "@layer { [data-clock] { display: inline !important; contain: none !important; } }\n";
    std::fs::write(&sheet, format!("{own}{}", std::fs::read_to_string(&sheet).unwrap())).unwrap();
    sandbox.bangtin(&["build", "--month", "2026-12", "--out", "out"]).success();
    let built = tree(&sandbox.path("out"));
    let sheets: Vec<_> = built.keys().filter(|name| name.ends_with("theme/theme.css")).collect();
    assert!(!sheets.is_empty(), "{:?}", built.keys());
    for name in sheets {
        // The first layer wins with what is important.
        let text = std::fs::read_to_string(sandbox.path("out").join(name)).unwrap();
        let (first, rest) = text.split_once('\n').unwrap();
        assert!(
            first.starts_with("@layer { [data-clock], [data-date] { display: inline-block !important; contain: size layout paint !important; overflow-clip-margin: 0px !important;")
        );
        assert!(rest.starts_with(own), "{rest}");
    }
}

#[test]
fn a_block_or_an_included_file_brings_nothing_into_a_tag() {
    for (base, part, named) in [
        ("<body class=\"{% block a %}{% endblock %}\">", "\" onload=\"x()", "{% block %} stands in the text"),
        ("<body class=\"{% include \"part.html\" %}\">", "\" onload=\"x()", "{% include %} stands in the text"),
        ("{% include \"part.html\" %}", "<script>x()</script>", "can't hold <script>"),
        ("<title>{% include \"part.html\" %}<script>x()</script></title>", "</title>", "can't hold <script> in <title>"),
    ] {
        let sandbox = sound();
        let layouts = "content/themes/plain/layouts";
        sandbox.write(&format!("{layouts}/text.html"), template(base)).write(&format!("{layouts}/part.html"), part);
        sandbox.bangtin(&["check"]).code(1).stdout_has(named);
    }
}

#[test]
fn the_manual_lists_what_is_allowed() {
    let plain = |text: &str| text.replace(['`', ',', '\\'], "").split_whitespace().collect::<Vec<_>>().join(" ");
    let read = |name: &str| std::fs::read_to_string(repository().join(name)).unwrap();
    let (manual, lists) = (plain(&read("docs/themes.md")), read("src/build/render/markup/allowed.rs"));
    let lists = lists.split("/// Whether a list of words has one").next().unwrap().to_owned();
    let strings: Vec<String> = lists.split('"').skip(1).step_by(2).map(plain).collect();
    let missing: Vec<_> = strings.iter().filter(|list| !manual.contains(list.as_str())).collect();
    assert!(strings.len() > 30 && missing.is_empty(), "{} lists, not in docs/themes.md: {missing:?}", strings.len());
}

#[test]
fn a_picture_of_a_theme_stands_still() {
    let sandbox = sound();
    let moving = repository().join("tests/check/cases/picture-that-moves/content/slides/du-lich/thac.png");
    sandbox.write("content/themes/plain/images/nui.png", std::fs::read(moving).unwrap());
    sandbox.bangtin(&["check"]).code(1).stdout_has("error[media-moves]").stdout_has("themes/plain/images/nui.png");
}
