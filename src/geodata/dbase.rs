//! dBase tables in: the attributes of a shapefile, decoded leniently.
//!
//! The table is read by hand because the `dbase` crate stops at the first value that it cannot decode, where a planner
//! wants a finding and all the other rows.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::findings::{Finding, Severity};
use crate::geodata::{Column, ColumnKind, Value};

/// Columns and rows.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Value>>,
}

struct Field {
    name: String,
    kind: u8,
    start: usize,
    length: usize,
    decimals: u8,
}

/// Reads a table; `cpg` is the text of the `.cpg` file, if there is one.
///
/// # Errors
/// In words, if the header makes no sense.
pub(super) fn read(bytes: &[u8], cpg: Option<&str>, layer: &str) -> Result<(Table, Vec<Finding>), String> {
    if bytes.len() < 33 {
        return Err("it is shorter than a header".to_owned());
    }
    let told = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]) as usize;
    let header = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let record = usize::from(u16::from_le_bytes([bytes[10], bytes[11]]));
    if header < 33 || header > bytes.len() || record == 0 {
        return Err(format!("its header says {header} bytes of header and {record} bytes a record"));
    }
    let mut findings = Vec::new();
    let encoding = encoding(bytes[29], cpg, layer, &mut findings);
    let mut doubts = Doubts::default();
    let fields = fields(&bytes[32..header], encoding, record)?;
    let body = &bytes[header..];
    let count = told.min(body.len() / record);
    if count < told {
        let what = format!("the .dbf says {told} rows but holds {count}");
        findings.push(Finding::new(Severity::Warning, "dbf-length", layer, what, "repair the file"));
    }
    let row = |bytes: &[u8], number: usize, doubts: &mut Doubts| -> Vec<Value> {
        fields.iter().map(|field| value(field, bytes, encoding, number, doubts)).collect()
    };
    let rows = (0..count).map(|at| row(&body[at * record..(at + 1) * record], at + 1, &mut doubts)).collect();
    doubts.tell(layer, encoding, &mut findings);
    let columns = fields.iter().map(|field| Column { name: field.name.clone(), kind: kind(field) }).collect();
    Ok((Table { columns, rows }, findings))
}

/// The encoding that the `.cpg` names, else the language driver; else UTF-8 where it fits, Windows-1252 where not.
fn encoding(driver: u8, cpg: Option<&str>, layer: &str, findings: &mut Vec<Finding>) -> Option<&'static Encoding> {
    if let Some(label) = cpg.map(str::trim).filter(|label| !label.is_empty()) {
        if let Some(found) = by_label(label) {
            return Some(found);
        }
        let what = format!("the encoding `{label}` in the .cpg is not known");
        let advice = "UTF-8 or Windows-1252 is taken, whichever fits; correct the .cpg";
        findings.push(Finding::new(Severity::Warning, "cpg-not-understood", layer, what, advice));
    }
    match driver {
        0x03 | 0x58 | 0x59 => Some(WINDOWS_1252),
        0x13 | 0x7b => Some(encoding_rs::SHIFT_JIS),
        0x4d => Some(encoding_rs::GBK),
        0x4e | 0x79 => Some(encoding_rs::EUC_KR),
        0x4f | 0x78 => Some(encoding_rs::BIG5),
        0x65 | 0x26 => Some(encoding_rs::IBM866),
        0xc8 => Some(encoding_rs::WINDOWS_1250),
        0xc9 => Some(encoding_rs::WINDOWS_1251),
        0xca => Some(encoding_rs::WINDOWS_1254),
        0xcb => Some(encoding_rs::WINDOWS_1253),
        _ => None,
    }
}

fn by_label(label: &str) -> Option<&'static Encoding> {
    let label = label.to_ascii_lowercase();
    let digits: String = label.chars().filter(char::is_ascii_digit).collect();
    match digits.as_str() {
        "65001" => Some(UTF_8),
        "936" => Some(encoding_rs::GBK),
        "932" => Some(encoding_rs::SHIFT_JIS),
        "949" => Some(encoding_rs::EUC_KR),
        "950" => Some(encoding_rs::BIG5),
        "866" => Some(encoding_rs::IBM866),
        "1250" | "1251" | "1252" | "1253" | "1254" | "1255" | "1256" | "1257" | "1258" => {
            Encoding::for_label(format!("windows-{digits}").as_bytes())
        }
        _ => Encoding::for_label(label.as_bytes())
            .or_else(|| Encoding::for_label(label.replace(' ', "-").as_bytes()))
            .or_else(|| digits.strip_prefix("8859").and_then(by_part)),
    }
}

/// ISO 8859 by its part, as Esri writes `88591` for Latin-1.
fn by_part(part: &str) -> Option<&'static Encoding> {
    Encoding::for_label(format!("iso-8859-{part}").as_bytes())
}

fn fields(descriptors: &[u8], encoding: Option<&'static Encoding>, record: usize) -> Result<Vec<Field>, String> {
    let mut fields: Vec<Field> = Vec::new();
    let mut start = 1;
    for descriptor in descriptors.chunks_exact(32) {
        if descriptor[0] == 0x0d {
            break;
        }
        let raw = &descriptor[..11];
        let name = &raw[..raw.iter().position(|&byte| byte == 0).unwrap_or(11)];
        let (length, kind) = (usize::from(descriptor[16]), descriptor[11]);
        // Character fields longer than 255 keep the high byte of their length where decimals would stand.
        let length = if kind == b'C' { length + 256 * usize::from(descriptor[17]) } else { length };
        if start + length > record {
            return Err(format!("its column {} reaches beyond the record", fields.len() + 1));
        }
        let name = decode(name, encoding).0.trim().to_owned();
        fields.push(Field { name, kind, start, length, decimals: descriptor[17] });
        start += length;
    }
    Ok(fields)
}

fn kind(field: &Field) -> ColumnKind {
    match field.kind {
        b'N' if field.decimals == 0 && field.length <= 18 => ColumnKind::Integer,
        b'N' | b'F' | b'O' | b'B' => ColumnKind::Real,
        b'I' => ColumnKind::Integer,
        b'L' => ColumnKind::Logical,
        _ => ColumnKind::Text,
    }
}

/// Values that could not be read as they should, counted.
#[derive(Default)]
struct Doubts {
    undecoded: usize,
    first_undecoded: usize,
    not_numbers: usize,
    first_not_number: usize,
}

impl Doubts {
    fn tell(&self, layer: &str, encoding: Option<&'static Encoding>, findings: &mut Vec<Finding>) {
        if self.undecoded > 0 {
            let name = encoding.map_or("UTF-8", Encoding::name);
            let what = format!("{} values are not valid {name}", self.undecoded);
            let advice = "bytes that do not fit are shown as \u{fffd}; name the right encoding in a .cpg";
            let at = format!("record {}", self.first_undecoded);
            findings.push(Finding::new(Severity::Warning, "dbf-encoding", layer, what, advice).at(at));
        }
        if self.not_numbers > 0 {
            let what = format!("{} values in number columns are no numbers", self.not_numbers);
            let at = format!("record {}", self.first_not_number);
            let advice = "they count as not given; correct them";
            findings.push(Finding::new(Severity::Warning, "dbf-not-a-number", layer, what, advice).at(at));
        }
    }
}

fn value(field: &Field, row: &[u8], encoding: Option<&'static Encoding>, number: usize, doubts: &mut Doubts) -> Value {
    let raw = &row[field.start..field.start + field.length];
    match field.kind {
        b'I' if raw.len() == 4 => Value::Integer(i64::from(i32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]))),
        b'B' | b'O' if raw.len() == 8 => {
            let mut eight = [0; 8];
            eight.copy_from_slice(raw);
            let number = f64::from_le_bytes(eight);
            if number.is_finite() { Value::Real(number) } else { Value::Null }
        }
        b'N' | b'F' => numeric(field, raw, number, doubts),
        b'L' => match raw.first() {
            Some(b'T' | b't' | b'Y' | b'y') => Value::Logical(true),
            Some(b'F' | b'f' | b'N' | b'n') => Value::Logical(false),
            _ => Value::Null,
        },
        b'D' => date(raw),
        _ => text(raw, encoding, number, doubts),
    }
}

fn numeric(field: &Field, raw: &[u8], number: usize, doubts: &mut Doubts) -> Value {
    let text = String::from_utf8_lossy(raw);
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0');
    if text.is_empty() || text.bytes().all(|byte| byte == b'*') {
        return Value::Null;
    }
    let whole = (kind(field) == ColumnKind::Integer).then(|| text.parse::<i64>().ok()).flatten();
    if let Some(whole) = whole {
        return Value::Integer(whole);
    }
    match text.replace(',', ".").parse::<f64>() {
        Ok(decimal) if decimal.is_finite() => Value::Real(decimal),
        _ => {
            doubts.not_numbers += 1;
            doubts.first_not_number = if doubts.not_numbers == 1 { number } else { doubts.first_not_number };
            Value::Null
        }
    }
}

fn date(raw: &[u8]) -> Value {
    let text = String::from_utf8_lossy(raw);
    let text = text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0');
    match text.len() {
        8 if text.bytes().all(|byte| byte.is_ascii_digit()) && text != "00000000" => {
            Value::Text(format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))
        }
        _ => Value::Null,
    }
}

fn text(raw: &[u8], encoding: Option<&'static Encoding>, number: usize, doubts: &mut Doubts) -> Value {
    let end = raw.iter().rposition(|&byte| byte != b' ' && byte != 0).map_or(0, |last| last + 1);
    if end == 0 {
        return Value::Null;
    }
    let (decoded, broken) = decode(&raw[..end], encoding);
    if broken {
        doubts.undecoded += 1;
        doubts.first_undecoded = if doubts.undecoded == 1 { number } else { doubts.first_undecoded };
    }
    Value::Text(decoded.trim_end().to_owned())
}

/// The text, and whether bytes did not fit. Without a known encoding: UTF-8 where it fits, else Windows-1252.
fn decode(bytes: &[u8], encoding: Option<&'static Encoding>) -> (String, bool) {
    match (encoding, std::str::from_utf8(bytes)) {
        (None, Ok(text)) => (text.to_owned(), false),
        (encoding, _) => {
            let (text, broken) = encoding.unwrap_or(WINDOWS_1252).decode_without_bom_handling(bytes);
            (text.into_owned(), broken)
        }
    }
}
