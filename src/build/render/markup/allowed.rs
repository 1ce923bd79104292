//! The elements and attributes of a page, and the rules and functions of a style sheet: what stands here is allowed, nothing else.
//! `docs/themes.md` shows the same lists. Never looks into a text.

/// Text, structure, pictures, films, sound.
const ELEMENTS: &str = "abbr address article aside audio b bdi bdo blockquote body br caption cite code col colgroup data dd del dfn div dl dt em \
    figcaption figure footer h1 h2 h3 h4 h5 h6 head header hgroup hr html i img ins kbd li link main mark meta nav ol p pre q rb rp \
    rt rtc ruby s samp section small span strong sub sup table tbody td tfoot th thead time title tr track u ul var video wbr svg g \
    path rect circle ellipse line polygon";

/// Drawings in a page have shapes only.
const SHAPES: &str = "svg g path rect circle ellipse line polygon";

/// On every element; and names that begin with `data-` or `aria-`.
const EVERYWHERE: &str = "class dir id lang role title translate";

/// On every shape.
const ON_SHAPES: &str = "cx cy d fill fill-opacity fill-rule focusable height opacity points preserveaspectratio r rx ry stroke stroke-linecap \
    stroke-linejoin stroke-opacity stroke-width viewbox width x x1 x2 xmlns y";

/// On some elements.
const BY_ELEMENT: [(&str, &str); 15] = [
    ("audio", "loop muted preload src"),
    ("col", "span"),
    ("colgroup", "span"),
    ("data", "value"),
    ("img", "alt decoding height src width"),
    ("li", "value"),
    ("line", "y1 y2"),
    ("link", "href rel"),
    ("meta", "charset content http-equiv name"),
    ("ol", "reversed start"),
    ("td", "colspan headers rowspan"),
    ("th", "abbr colspan headers rowspan scope"),
    ("time", "datetime"),
    ("track", "default kind label src srclang"),
    ("video", "height loop muted playsinline poster preload src width"),
];

/// Where the shell writes the time or the date: there it can keep each character to itself.
const CLOCKS: &str = "div p span";

/// Names of what a page says about itself.
const META: &str = "author description viewport";

/// `@…` of a style sheet.
const RULES: &str = "container font-face layer media page property";

/// Functions of a style sheet, those of selectors too. `url` names a file.
const FUNCTIONS: &str = "attr blur brightness calc circle clamp color color-mix conic-gradient contrast counter counters cubic-bezier dir drop-shadow \
    ellipse fit-content format grayscale has hsl hsla hue-rotate hwb inset invert is lab lang lch linear \
    linear-gradient matrix matrix3d max min minmax mod not nth-child nth-last-child nth-last-of-type nth-of-type oklab oklch opacity path \
    perspective polygon pow radial-gradient rect rem repeat repeating-conic-gradient repeating-linear-gradient repeating-radial-gradient \
    rgb rgba rotate rotate3d rotatex rotatey rotatez round saturate scale scale3d scalex scaley sepia skew skewx skewy sqrt steps \
    translate translate3d translatex translatey var where";

/// What a condition of `@media` may ask for: the face, and nothing that differs between a player and an office's browser.
const CONDITIONS: &str = "width height aspect-ratio orientation min-width max-width min-height max-height min-aspect-ratio max-aspect-ratio portrait \
    landscape and or not only all screen print";

/// States and parts of an element in a selector that are the same at every moment.
const STATES: &str = "root first-child last-child only-child first-of-type last-of-type only-of-type before after first-line first-letter \
    marker cue -webkit-media-controls";

/// Properties whose quoted texts are names; all others hold signs only, since what is read stands in the page.
const NAMES: &str = "font font-family font-feature-settings font-variation-settings src syntax grid grid-area grid-template \
    grid-template-areas";

/// What the names of properties may not begin with: motion, settings of a browser or a machine, numbers that stand in no page.
const UNSTEADY: &str =
    "accent-color animation appearance color-scheme counter- font-language-override forced-color-adjust scrollbar transition";

/// The words that the values of some properties may have.
const WORDS: [(&str, &str); 10] = [
    ("font-display", "auto block swap"),
    ("hyphens", "none manual"),
    ("list-style", "none disc circle square decimal inside outside"),
    ("list-style-type", "none disc circle square decimal"),
    ("overflow", "visible hidden clip"),
    ("overflow-block", "visible hidden clip"),
    ("overflow-inline", "visible hidden clip"),
    ("overflow-x", "visible hidden clip"),
    ("overflow-y", "visible hidden clip"),
    ("src", "woff2"),
];

/// Words that every property may have.
const GLOBAL: &str = "inherit initial unset revert revert-layer";

/// Colours that each machine has in its own way.
const SYSTEM_COLORS: &str = "AccentColor AccentColorText ActiveText ButtonBorder ButtonFace ButtonText Canvas CanvasText Field FieldText GrayText \
    Highlight HighlightText LinkText Mark MarkText SelectedItem SelectedItemText VisitedText ActiveBorder ActiveCaption AppWorkspace \
    Background ButtonHighlight ButtonShadow CaptionText InactiveBorder InactiveCaption InactiveCaptionText InfoBackground InfoText Menu \
    MenuText Scrollbar ThreeDDarkShadow ThreeDFace ThreeDHighlight ThreeDLightShadow ThreeDShadow Window WindowFrame WindowText";

/// Families that no `@font-face` declares; a machine has its own.
const GENERIC: &str = "serif sans-serif monospace";

/// What stands before the families in `font`.
const FONT_WORDS: &str = "normal italic oblique bold bolder lighter small-caps ultra-condensed extra-condensed condensed semi-condensed semi-expanded \
    expanded extra-expanded ultra-expanded xx-small x-small small medium large x-large xx-large xxx-large smaller larger";

/// Whether a list of words has one, in any letters.
fn lists(list: &str, word: &str) -> bool {
    list.split(' ').any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether a page may hold an element.
pub fn element(name: &str) -> bool {
    lists(ELEMENTS, name)
}

/// Whether an element of a page may have an attribute.
pub fn attribute(element: &str, name: &str) -> bool {
    if is_clock(name) {
        return lists(CLOCKS, element);
    }
    let own = BY_ELEMENT.iter().any(|(each, names)| *each == element && lists(names, name));
    own || is_of_shape(element, name) || lists(EVERYWHERE, name) || ["data-", "aria-"].iter().any(|prefix| name.starts_with(prefix))
}

/// Whether an attribute asks the shell for the time or the date.
pub fn is_clock(name: &str) -> bool {
    ["data-clock", "data-date"].contains(&name)
}

/// Whether the value of an attribute is an address.
pub fn is_address(name: &str) -> bool {
    ["src", "href", "poster"].contains(&name)
}

/// Whether a shape's attribute has a value as in a style sheet.
pub fn is_styled(element: &str, name: &str) -> bool {
    is_of_shape(element, name) && name != "xmlns"
}

fn is_of_shape(element: &str, name: &str) -> bool {
    lists(SHAPES, element) && lists(ON_SHAPES, name)
}

/// Whether an attribute that steers the browser may have a value; `None` if it is none of these. A page's own policy can only forbid more.
pub fn steering(element: &str, name: &str, value: &str) -> Option<bool> {
    let value = value.trim();
    match (element, name) {
        ("link", "rel") => Some(lists("stylesheet", value)),
        ("meta", "charset") => Some(lists("utf-8", value)),
        ("meta", "http-equiv") => Some(lists("content-security-policy", value)),
        ("meta", "name") => Some(lists(META, value)),
        _ => None,
    }
}

/// Whether an `@…` rule is allowed.
pub fn rule(name: &str) -> bool {
    lists(RULES, name)
}

/// Whether a function of a sheet is allowed.
pub fn function(name: &str) -> bool {
    lists(FUNCTIONS, name)
}

/// Whether a condition of `@media` may name this.
pub fn condition(name: &str) -> bool {
    lists(CONDITIONS, name)
}

/// Whether a selector may name this state or part of an element.
pub fn state(name: &str) -> bool {
    lists(STATES, name)
}

/// Whether the quoted texts of a property are names.
pub fn names(property: &str) -> bool {
    lists(NAMES, property)
}

/// Whether a property leaves a page the same at every moment, on every machine and under every setting of the browser.
pub fn property(name: &str) -> bool {
    !UNSTEADY.split(' ').any(|beginning| name.starts_with(beginning))
}

/// Whether a name belongs to one browser: `-moz-…`.
pub fn is_of_vendor(name: &str) -> bool {
    name.strip_prefix('-').and_then(|rest| rest.split_once('-')).is_some_and(|(vendor, _)| !vendor.is_empty()) && !state(name)
}

/// Whether the value of a property may have this word.
pub fn word(property: &str, word: &str) -> bool {
    match WORDS.iter().find(|(each, _)| *each == property) {
        Some((_, words)) => lists(words, word) || lists(GLOBAL, word),
        None => names(property) || !lists(SYSTEM_COLORS, word),
    }
}

/// Whether a value stands as it is: what a variable holds is judged without its property.
pub fn is_literal(property: &str) -> bool {
    is_font(property) || WORDS.iter().any(|(each, _)| *each == property)
}

/// Whether a property names families of fonts.
pub fn is_font(property: &str) -> bool {
    ["font", "font-family"].contains(&property)
}

/// Whether a value of such a property may have this, words with one blank between them, although no `@font-face` declares it.
pub fn undeclared(property: &str, words: &str) -> bool {
    let leading = |word: &str| property == "font" && lists(FONT_WORDS, word);
    lists(GENERIC, words) || lists(GLOBAL, words) || words.split(' ').all(leading)
}

/// Whether the numbers of lists may be written so.
pub fn numbering(style: &str) -> bool {
    word("list-style-type", style)
}
