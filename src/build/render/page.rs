//! Builds the variables that a template receives for one slide; `docs/themes.md` lists them.
//! Never touches a file.

use std::collections::BTreeMap;

use serde::Serialize;
use tera::{Context, Value};

use super::labels;
use super::typography::{bind_heading, bind_html, bind_running, density, title_length};
use crate::content::model::faces::Face;
use crate::content::model::values::{Focus, LocalizedNames, MediaKey, Slide};
use crate::content::source::markdown::MarkdownDocument;
use crate::content::source::table::CsvTable;

/// A picture or another file that a page names.
#[derive(Serialize)]
pub struct MediaRef {
    /// Relative to the page.
    pub src: String,
    #[serde(rename = "type")]
    pub media_type: &'static str,
}

/// A cell of a table.
#[derive(Serialize)]
struct TableCell {
    text: String,
    numeric: bool,
    /// The header of its column.
    label: String,
}

/// Adds the slide's metadata, with the names of the installation and of the slide's agency.
pub fn insert_metadata(context: &mut Context, site: &LocalizedNames, agency: Option<&LocalizedNames>, slide: &Slide, face: Face) {
    let language = slide.language.as_str();
    let index = labels::index(language);
    let labels: BTreeMap<&str, &str> = labels::LABELS.iter().map(|(name, words)| (*name, words[index])).collect();
    // For pages in a language in which the agency has no name.
    let fallback = "en";
    let name = |names: &LocalizedNames| {
        names.get(language).or_else(|| names.get(fallback)).or_else(|| names.values().next()).cloned().unwrap_or_default()
    };
    let agency = bind_heading(&agency.map(name).unwrap_or_default(), language);
    for (key, value) in [
        ("lang", language),
        ("layout", &slide.layout),
        ("category_id", &slide.category),
        ("category", labels::category(&slide.category, language)),
        ("agency", &agency),
    ] {
        context.insert_value(key, Value::from(value));
    }
    context.insert_value("site_name", Value::from(bind_heading(&name(site), language)));
    context.insert("words", &labels);
    let mut texts = slide.texts.clone();
    if let Some(credit) = texts.get_mut("credit") {
        *credit = labels::credit(credit, slide.media.contains_key(&MediaKey::Video), language);
    }
    for (key, text) in &mut texts {
        *text = match key.as_str() {
            // Read out, never shown.
            "alt" => continue,
            "caption" => bind_running(text, language),
            _ => bind_heading(text, language),
        };
    }
    context.insert("texts", &texts);
    context.insert_value("width", Value::from(face.width));
    context.insert_value("height", Value::from(face.height));
    context.insert_value("floor", Value::from(face.floor_text()));
}

/// Adds the point of the picture that stays in view, if the author gave one.
pub fn insert_focus(context: &mut Context, focus: Option<Focus>) {
    if let Some(Focus { x, y }) = focus {
        context.insert_value("focus", Value::from(format!("fx-{x} fy-{y}")));
    }
}

/// Adds title, body, columns and the amount of text.
pub fn insert_body(context: &mut Context, slide: &Slide, document: &MarkdownDocument, image: &dyn Fn(&str) -> Option<String>) {
    let heading = document.first_heading().filter(|_| slide.layout != "two-column" || !heading_belongs_to_column(document));
    let rest = if heading.is_some() { document.without_first_heading() } else { document.clone() };
    let title = heading.unwrap_or_else(|| slide.title.clone());
    let language = slide.language.as_str();
    let body = rest.to_html(image);
    if slide.layout == "two-column" {
        let columns: Vec<Value> =
            rest.split_columns().iter().map(|column| Value::safe_string(&bind_html(&column.to_html(image), language))).collect();
        context.insert_value("columns", Value::from(columns));
    }
    context.insert_value("density", Value::from(density(&body)));
    context.insert_value("title_length", Value::from(title_length(&title)));
    context.insert_value("body", Value::safe_string(&bind_html(&body, language)));
    context.insert_value("title", Value::from(bind_heading(&title, language)));
}

/// Whether the first heading belongs to the first column: another column starts with one too, and no second heading follows it.
fn heading_belongs_to_column(document: &MarkdownDocument) -> bool {
    let columns = document.split_columns();
    let others = columns.iter().skip(1).any(|column| column.first_heading().is_some());
    others && document.without_first_heading().first_heading().is_none()
}

/// The rows of one of several parts of a table.
pub fn rows_of_part(rows: &[Vec<String>], (part, parts): (u32, u32)) -> &[Vec<String>] {
    let at = |number: u32| rows.len() * number as usize / parts.max(1) as usize;
    rows.get(at(part.saturating_sub(1))..at(part)).unwrap_or_default()
}

/// Adds one of several parts of a table; marks columns that hold only numbers in the whole table.
pub fn insert_table(context: &mut Context, language: &str, table: &CsvTable, (part, parts): (u32, u32)) {
    let rows = rows_of_part(&table.rows, (part, parts));
    if parts > 1 {
        context.insert_value("part", Value::from(format!("{part}/{parts}")));
    }
    let columns: Vec<bool> = (0..table.header.len()).map(|column| table.rows.iter().all(|row| is_numeric(&row[column]))).collect();
    context.insert_value("table_columns", Value::from(table.header.len()));
    let cells = |row: &'_ [String]| -> Value {
        let columns = row.iter().zip(&columns).zip(&table.header);
        let cells: Vec<TableCell> = columns
            .map(|((text, numeric), label)| TableCell {
                text: bind_heading(text, language),
                numeric: *numeric,
                label: bind_heading(label, language),
            })
            .collect();
        Value::from_serializable(&cells)
    };
    context.insert_value("header", cells(&table.header));
    context.insert_value("rows", Value::from(rows.iter().map(|row| cells(row)).collect::<Vec<_>>()));
    // Rows and columns decide the size of the type: from 1 (airy) to 4.
    let weight = match (rows.len(), table.header.len()) {
        (0..=5, 0..=4) => 1,
        (0..=8, 0..=5) => 2,
        (0..=11, 0..=7) => 3,
        _ => 4,
    };
    context.insert_value("density", Value::from(weight));
}

/// Whether a cell holds only digits and their signs; an empty cell or a dash fits any column.
fn is_numeric(cell: &str) -> bool {
    let sign = |c: char| c.is_ascii_digit() || " .,+-–−%₫°C:/".contains(c) || c == '\u{a0}';
    cell.chars().all(sign)
}
