//! What several tests begin with.

use std::fs;
use std::path::Path;

/// Copies the files of the toy village, without the folders beside them.
pub(crate) fn copy_toy(to: &Path) {
    let toy = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/toy");
    for entry in fs::read_dir(toy).expect("the toy") {
        let file = entry.expect("a file").path();
        if file.is_file() {
            fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("a copy");
        }
    }
}
