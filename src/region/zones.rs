//! Zones: areas in which digging is forbidden, done in another way, dearer, or bound to a season.

use crate::findings::Finding;
use crate::geodata::Layer;
use crate::region::columns::{Field, matches, record};
use crate::region::polygons::outline;
use crate::region::{Barrier, BarrierShape, Error, Region, Zone};
use crate::scenario::{PriceBook, ZoneLayer};

/// Reads one layer of zones into the region: what is forbidden, or costs a shot to enter, as barriers, the rest as zones.
pub(super) fn read(
    layer: &Layer,
    wishes: &ZoneLayer,
    prices: &PriceBook,
    region: &mut Region,
    findings: &mut Vec<Finding>,
) -> Result<(), Error> {
    let column = Field::of(layer, "column", wishes.column.as_ref())?;
    let price = |key: Option<&String>| key.and_then(|key| prices.find(key));
    let (trench, shot, surcharge) =
        (price(wishes.trench.as_ref()), price(wishes.shot.as_ref()), price(wishes.surcharge.as_ref()));
    for feature in &layer.features {
        if wishes.column.is_some() && !matches(&wishes.values, column.text(feature).as_deref()) {
            continue;
        }
        let key = format!("{}, {}", wishes.kind, record(feature));
        let Some(outline) = outline(feature, &layer.name, &key, findings) else { continue };
        if wishes.forbidden || shot.is_some() {
            region.barriers.push(Barrier {
                key,
                kind: wishes.kind.clone(),
                shape: BarrierShape::Area(outline.clone()),
                crossing: shot.filter(|_| !wishes.forbidden),
            });
        }
        if !wishes.forbidden {
            let (kind, season) = (wishes.kind.clone(), wishes.season.clone());
            region.zones.push(Zone { kind, outline, trench, surcharge, season });
        }
    }
    Ok(())
}
