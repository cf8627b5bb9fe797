//! GeoPackage geometry: the GP header around well-known binary (OGC 12-128r18, 2.1.3; OGC 06-103r4, 8).

use geo::{
    BoundingRect, Coord, CoordsIter, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
};

/// Decodes a GeoPackage blob; `Ok(None)` for an empty geometry.
///
/// # Errors
/// In words, if the blob is broken or its type is not one of points, lines and polygons.
pub(super) fn decode(blob: &[u8]) -> Result<Option<Geometry<f64>>, String> {
    if blob.len() < 8 || &blob[..2] != b"GP" {
        return Err("it does not begin with `GP`".to_owned());
    }
    let envelope = match (blob[3] >> 1) & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        other => return Err(format!("its envelope code {other} does not exist")),
    };
    if blob[3] & 0x10 != 0 {
        return Ok(None);
    }
    let mut cursor = Cursor { bytes: blob.get(8 + envelope..).ok_or("it is too short")?, little: true };
    cursor.geometry(0)
}

struct Cursor<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (head, rest) = self.bytes.split_first_chunk::<N>().ok_or("it is too short")?;
        self.bytes = rest;
        Ok(*head)
    }

    fn integer(&mut self) -> Result<u32, String> {
        let four = self.take::<4>()?;
        Ok(if self.little { u32::from_le_bytes(four) } else { u32::from_be_bytes(four) })
    }

    fn number(&mut self) -> Result<f64, String> {
        let eight = self.take::<8>()?;
        Ok(if self.little { f64::from_le_bytes(eight) } else { f64::from_be_bytes(eight) })
    }

    fn count(&mut self, least_size: usize) -> Result<usize, String> {
        let count = self.integer()? as usize;
        if count.saturating_mul(least_size) > self.bytes.len() { Err("it is too short".to_owned()) } else { Ok(count) }
    }

    fn coord(&mut self, extra: usize) -> Result<Coord<f64>, String> {
        let coord = Coord { x: self.number()?, y: self.number()? };
        for _ in 0..extra {
            self.number()?;
        }
        Ok(coord)
    }

    fn line(&mut self, extra: usize) -> Result<LineString<f64>, String> {
        let count = self.count(16 + 8 * extra)?;
        (0..count).map(|_| self.coord(extra)).collect::<Result<Vec<_>, _>>().map(LineString)
    }

    fn polygon(&mut self, extra: usize) -> Result<Polygon<f64>, String> {
        let count = self.count(4)?;
        let mut rings = (0..count).map(|_| self.line(extra)).collect::<Result<Vec<_>, _>>()?.into_iter();
        let outer = rings.next().unwrap_or(LineString(Vec::new()));
        Ok(Polygon::new(outer, rings.collect()))
    }

    fn parts<T>(&mut self, depth: u8, pick: fn(Geometry<f64>) -> Option<T>) -> Result<Vec<T>, String> {
        let count = self.count(5)?;
        let mut parts = Vec::with_capacity(count);
        for _ in 0..count {
            if let Some(part) = self.geometry(depth + 1)? {
                parts.push(pick(part).ok_or("its parts are of different types")?);
            }
        }
        Ok(parts)
    }

    fn geometry(&mut self, depth: u8) -> Result<Option<Geometry<f64>>, String> {
        if depth > 2 {
            return Err("it is nested too deeply".to_owned());
        }
        self.little = self.take::<1>()? == [1];
        let code = self.integer()?;
        // Z and M as ISO thousands or as the high bits of EWKB.
        let thousands = (code & 0xffff) / 1000;
        let extra = if code & 0xe000_0000 == 0 {
            [0, 1, 1, 2].get(thousands as usize).copied().ok_or("its type does not exist")?
        } else {
            usize::from(code & 0x8000_0000 != 0) + usize::from(code & 0x4000_0000 != 0)
        };
        if code & 0x2000_0000 != 0 {
            // EWKB repeats the reference system here.
            self.integer()?;
        }
        let geometry: Geometry<f64> = match (code & 0xffff) % 1000 {
            1 => {
                let coord = self.coord(extra)?;
                if coord.x.is_nan() {
                    return Ok(None);
                }
                Point(coord).into()
            }
            2 => self.line(extra)?.into(),
            3 => self.polygon(extra)?.into(),
            4 => MultiPoint(self.parts(depth, |part| Point::try_from(part).ok())?).into(),
            5 => MultiLineString(self.parts(depth, |part| LineString::try_from(part).ok())?).into(),
            6 => MultiPolygon(self.parts(depth, |part| Polygon::try_from(part).ok())?).into(),
            other => return Err(format!("its type {other} is not a point, line or polygon")),
        };
        Ok((geometry.coords_count() > 0).then_some(geometry))
    }
}

/// Encodes a geometry with its envelope, little-endian; `as_multi` wraps single parts.
pub(super) fn encode(geometry: &Geometry<f64>, srs: i32, as_multi: bool) -> Vec<u8> {
    let mut blob = b"GP\x00".to_vec();
    let around = geometry.bounding_rect();
    let envelope = around.is_some() && !matches!(geometry, Geometry::Point(_));
    blob.push(if around.is_none() {
        0x11
    } else if envelope {
        0x03
    } else {
        0x01
    });
    blob.extend(srs.to_le_bytes());
    if let (Some(around), true) = (around, envelope) {
        for number in [around.min().x, around.max().x, around.min().y, around.max().y] {
            blob.extend(number.to_le_bytes());
        }
    }
    body(&mut blob, geometry, as_multi);
    blob
}

fn body(blob: &mut Vec<u8>, geometry: &Geometry<f64>, as_multi: bool) {
    if as_multi && let Some(code) = multi_code(geometry) {
        header(blob, code);
        blob.extend(1u32.to_le_bytes());
    }
    match geometry {
        Geometry::Point(point) => {
            header(blob, 1);
            coord(blob, point.0);
        }
        Geometry::LineString(line) => {
            header(blob, 2);
            coords(blob, line);
        }
        Geometry::Polygon(polygon) => {
            header(blob, 3);
            let rings = 1 + polygon.interiors().len() as u32;
            blob.extend(rings.to_le_bytes());
            coords(blob, polygon.exterior());
            polygon.interiors().iter().for_each(|ring| coords(blob, ring));
        }
        Geometry::MultiPoint(points) => multi(blob, 4, points.0.iter().map(|point| Geometry::Point(*point))),
        Geometry::MultiLineString(lines) => {
            multi(blob, 5, lines.0.iter().map(|line| Geometry::LineString(line.clone())));
        }
        Geometry::MultiPolygon(polygons) => {
            multi(blob, 6, polygons.0.iter().map(|polygon| Geometry::Polygon(polygon.clone())));
        }
        _ => header(blob, 7),
    }
}

fn multi_code(geometry: &Geometry<f64>) -> Option<u32> {
    match geometry {
        Geometry::Point(_) => Some(4),
        Geometry::LineString(_) => Some(5),
        Geometry::Polygon(_) => Some(6),
        _ => None,
    }
}

fn multi(blob: &mut Vec<u8>, code: u32, parts: impl ExactSizeIterator<Item = Geometry<f64>>) {
    header(blob, code);
    blob.extend((parts.len() as u32).to_le_bytes());
    parts.for_each(|part| body(blob, &part, false));
}

fn header(blob: &mut Vec<u8>, code: u32) {
    blob.push(1);
    blob.extend(code.to_le_bytes());
}

fn coords(blob: &mut Vec<u8>, line: &LineString<f64>) {
    blob.extend((line.0.len() as u32).to_le_bytes());
    line.0.iter().for_each(|&at| coord(blob, at));
}

fn coord(blob: &mut Vec<u8>, at: Coord<f64>) {
    blob.extend(at.x.to_le_bytes());
    blob.extend(at.y.to_le_bytes());
}
