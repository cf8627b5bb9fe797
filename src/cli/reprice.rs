//! `vezel reprice`: the bill of a finished plan at other prices.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::cli::{End, say};
use crate::study::{self, Repriced};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A result folder of `vezel plan`.
    folder: PathBuf,
    /// A new price, in euros or percent, such as civil.plough=9.50; may be given several times.
    #[arg(long, value_name = "KEY=EUROS", value_parser = change, required = true)]
    price: Vec<(String, f64)>,
}

fn change(text: &str) -> Result<(String, f64), String> {
    let (key, price) = text.split_once('=').ok_or("give KEY=EUROS")?;
    let price = price.parse().map_err(|_| format!("`{price}` is no number"))?;
    Ok((key.to_owned(), price))
}

/// Prints the bill as CSV, old beside new.
pub(super) fn run(arguments: &Arguments) -> Result<End, study::Error> {
    let changes: BTreeMap<String, f64> = arguments.price.iter().cloned().collect();
    let bill = study::reprice(&arguments.folder, &changes)?;
    say("element,price,quantity,old_unit_price,new_unit_price,old_amount_eur,new_amount_eur,difference_eur");
    let line = |row: &Repriced| {
        let ([one, other], [before, after]) = (row.unit_price, row.amount);
        format!("{},{},{},{one},{other},{before},{after},{}", row.element, row.price, row.quantity, after - before)
    };
    bill.rows.iter().for_each(|row| say(&line(row)));
    let [before, after] = bill.total;
    say(&format!("total,,,,,{before},{after},{}", after - before));
    Ok(End::Fine)
}
