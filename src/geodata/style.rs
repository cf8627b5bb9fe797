//! Layers as they go out: with their geometry type and how QGIS draws them.

use std::fmt::Write;

use crate::geodata::Layer;

/// A layer to write.
#[derive(Clone, Debug)]
pub struct OutLayer {
    /// Features and columns; the name is that of the table or file: lower-case letters, digits and underscores.
    pub layer: Layer,
    /// Declared geometry type: `POINT`, `LINESTRING`, `MULTILINESTRING`, `POLYGON`, `MULTIPOLYGON`.
    pub geometry_type: &'static str,
    /// One sentence on what it holds.
    pub description: &'static str,
    /// How to draw it.
    pub style: Style,
}

/// How a layer is drawn.
#[derive(Clone, Debug)]
pub enum Style {
    /// All features alike.
    Single(Symbol),
    /// By the value of a column; features of other values are drawn with the last symbol.
    Categories {
        /// The column.
        column: &'static str,
        /// Values with their symbols.
        categories: Vec<Category>,
    },
}

/// Features with one value.
#[derive(Clone, Debug)]
pub struct Category {
    /// The value.
    pub value: String,
    /// What the legend says.
    pub label: String,
    /// Its symbol.
    pub symbol: Symbol,
}

/// A plain symbol.
#[derive(Clone, Copy, Debug)]
pub struct Symbol {
    /// Red, green, blue.
    pub colour: [u8; 3],
    /// Width of lines, or size of points, in millimetres on paper.
    pub size: f64,
}

impl OutLayer {
    /// The style as a QGIS style document (QML).
    #[must_use]
    pub fn qml(&self) -> String {
        let mut symbols = String::new();
        let (kind, attribute, categories) = match &self.style {
            Style::Single(symbol) => {
                self.symbol(&mut symbols, 0, symbol);
                ("singleSymbol", String::new(), String::new())
            }
            Style::Categories { column, categories } => {
                let mut list = String::from("<categories>");
                for (place, category) in categories.iter().enumerate() {
                    self.symbol(&mut symbols, place, &category.symbol);
                    let (value, label) = (escaped(&category.value), escaped(&category.label));
                    let _ = write!(
                        list,
                        r#"<category symbol="{place}" value="{value}" label="{label}" render="true" type="string"/>"#
                    );
                }
                list.push_str("</categories>");
                ("categorizedSymbol", format!(r#" attr="{}""#, escaped(column)), list)
            }
        };
        format!(
            "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n\
             <qgis version=\"3.28.0\" styleCategories=\"Symbology\">\
             <renderer-v2 type=\"{kind}\"{attribute} forceraster=\"0\" enableorderby=\"0\" symbollevels=\"0\">\
             {categories}<symbols>{symbols}</symbols></renderer-v2></qgis>\n"
        )
    }

    fn symbol(&self, out: &mut String, place: usize, symbol: &Symbol) {
        let [red, green, blue] = symbol.colour;
        let colour = format!("{red},{green},{blue},255");
        let size = symbol.size;
        let (kind, class, options) = if self.geometry_type.contains("POINT") {
            let options = format!(
                r#"<Option name="color" type="QString" value="{colour}"/><Option name="name" type="QString" value="circle"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_width" type="QString" value="0.1"/><Option name="size" type="QString" value="{size}"/><Option name="size_unit" type="QString" value="MM"/>"#
            );
            ("marker", "SimpleMarker", options)
        } else if self.geometry_type.contains("LINE") {
            let options = format!(
                r#"<Option name="line_color" type="QString" value="{colour}"/><Option name="line_width" type="QString" value="{size}"/><Option name="line_width_unit" type="QString" value="MM"/><Option name="capstyle" type="QString" value="round"/>"#
            );
            ("line", "SimpleLine", options)
        } else {
            let options = format!(
                r#"<Option name="color" type="QString" value="{red},{green},{blue},60"/><Option name="outline_color" type="QString" value="{colour}"/><Option name="outline_width" type="QString" value="{size}"/><Option name="style" type="QString" value="solid"/>"#
            );
            ("fill", "SimpleFill", options)
        };
        let _ = write!(
            out,
            r#"<symbol name="{place}" type="{kind}" alpha="1" clip_to_extent="1" force_rhr="0"><layer class="{class}" enabled="1" locked="0" pass="0"><Option type="Map">{options}</Option></layer></symbol>"#
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
