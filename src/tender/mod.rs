//! Tenders: operators' bids on one address list, compared with a certified reference and scored by the award method.
//!
//! Bids are read tolerantly ([`Bid`], [`sheet`]), checked against the list ([`check`]), priced at the scenario's own
//! prices ([`reprice`]) and scored exactly ([`rank`]); then it is asked how firm the ranking is ([`evaluate`]).

mod award;
mod bid;
mod call;
mod check;
mod compare;
mod coverage;
mod figures;
mod lots;
mod optics;
mod page;
mod plans;
pub mod ratio;
mod reprice;
mod reversal;
mod routes;
mod score;
pub mod sheet;
mod stability;
mod tables;
mod tell;
mod template;

pub use award::{Award, Criterion, Entry, Formula, PriceBasis};
pub use bid::{Bid, Claim, Level, table};
pub use call::{BidEntry, Call, Demands, Error, Lots, Reading};
pub use check::{Checked, List, Seen, SeenPark, check};
pub use compare::{Count, Evaluation, Ground, Judged, Least, NotScored, count, doubts, evaluate};
pub use figures::Told;
pub use lots::{LotAward, Offer, cheapest};
pub use page::page;
pub use plans::{Differences, Finished, FinishedAddress, differences};
pub use reprice::{Due, Estimate, OutsideBand, Repriced, What, estimate, outside_band, reprice};
pub use reversal::{Cause, Reversal, added_bid, leave_one_out};
pub use score::{Score, Standing, compare, price_shares, rank};
pub use stability::{WeightInterval, WhatIf, weight_intervals, what_if};
pub use tables::{addresses_csv, figures_csv, findings_csv, repriced_csv, warnings, workbook};
pub use tell::json;
pub use template::TEMPLATE;
