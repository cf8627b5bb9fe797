//! The template that is handed to bidders, and the tender file that goes with it.

/// Files of the template: name and text.
pub const TEMPLATE: [(&str, &str); 6] = [
    ("README.md", include_str!("template/README.md")),
    ("tender.toml", include_str!("template/tender.toml")),
    ("bid/bid.toml", include_str!("template/bid.toml")),
    ("bid/routes.geojson", include_str!("template/routes.geojson")),
    ("bid/addresses.csv", include_str!("template/addresses.csv")),
    ("bid/pops.geojson", include_str!("template/pops.geojson")),
];

#[cfg(test)]
mod tests {
    use crate::tender::{Call, sheet, table};

    #[test]
    fn the_template_is_what_it_tells_of() {
        let text = |wanted: &str| super::TEMPLATE.iter().find(|(name, _)| *name == wanted).expect("in the template").1;
        let call = Call::parse(text("tender.toml")).expect("a tender file");
        assert_eq!(call.bids.len(), 2);
        let (sheet, findings) = sheet::from_toml(text("bid/bid.toml"));
        assert!(findings.is_empty(), "{findings:?}");
        assert!(sheet.total.is_some() && sheet.quality.len() == call.award.criteria.len());
        assert!(table("addresses", text("bid/addresses.csv")).expect("a table").column("id").is_some());
    }
}
