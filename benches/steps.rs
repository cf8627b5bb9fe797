//! The steps of a plan on a generated region: reading, network (noding and drops), solving, writing.
//!
//! `VEZEL_BENCH_ADDRESSES=60000 cargo bench` measures another size; the default is 10,000.

#![allow(missing_docs, reason = "criterion's macros make public items")]

use std::fs;
use std::path::{Path, PathBuf};

use criterion::{Criterion, criterion_group, criterion_main};
use vezel::effort::Effort;
use vezel::generate::{Wishes, region};
use vezel::geodata::{Crs, OutLayer, Style, Symbol, write_shapefile};
use vezel::study::{Folder, Listener, Study, init};

struct Silent;

impl Listener for Silent {
    fn step(&mut self, _: &'static str) {}
    fn progress(&mut self, _: i64, _: i64) {}
}

fn generated(home: &Path) -> PathBuf {
    let addresses = std::env::var("VEZEL_BENCH_ADDRESSES").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let crs = Crs::from_epsg(28992).expect("RD New is known");
    for layer in region(&Wishes { addresses, seed: 1 }) {
        let style = Style::Single(Symbol { colour: [0, 0, 0], size: 1.0 });
        let out = OutLayer { layer, geometry_type: "GEOMETRY", description: "", style };
        write_shapefile(home, &out, &crs).expect("a temporary folder");
    }
    let scenario = home.join("scenario.toml");
    let (text, _) = init(home, home).expect("a generated region is recognised");
    fs::write(&scenario, text.replace("outside-built-up", "all")).expect("a temporary folder");
    scenario
}

fn steps(criterion: &mut Criterion) {
    let home = tempfile::tempdir().expect("a temporary folder");
    let scenario = generated(home.path());
    let open = || Study::open(&scenario, &mut Silent).expect("a generated region can be read");
    let mut group = criterion.benchmark_group("steps");
    group.sample_size(10);
    group.bench_function("reading", |bencher| bencher.iter(open));
    group.bench_function("network", |bencher| {
        bencher.iter_batched(open, |mut study| study.network(&mut Silent), criterion::BatchSize::LargeInput);
    });
    group.bench_function("network, solving, design, ranking", |bencher| {
        let plan =
            |study: Study| study.plan(&Effort::default(), &mut Silent).expect("a generated region can be planned");
        bencher.iter_batched(open, plan, criterion::BatchSize::LargeInput);
    });
    let planned = open().plan(&Effort::default(), &mut Silent).expect("a generated region can be planned");
    group.bench_function("writing", |bencher| {
        bencher.iter(|| {
            let mut folder = Folder::begin(&home.path().join("out"), true).expect("a temporary folder");
            planned.save(&mut folder, false, &mut Silent).expect("a temporary folder");
            folder.finish().expect("a temporary folder");
        });
    });
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
