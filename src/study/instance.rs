//! Published instances on disk, as text or compressed.

use std::fs;
use std::io::Read;
use std::path::Path;

use crate::problem::{self, Instance};
use crate::study::Error;

/// The text of a file, unpacked where it is compressed by xz or gzip, whatever its name says.
///
/// # Errors
/// If the file cannot be read or unpacked.
pub fn instance_text(path: &Path) -> Result<String, Error> {
    let wrong = |what: String| Error::Instance { path: path.display().to_string(), what };
    let bytes =
        fs::read(path).map_err(|source| wrong(format!("it cannot be read ({source}); check that it is there")))?;
    let unpacked = match bytes.as_slice() {
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => {
            let mut plain = Vec::new();
            lzma_rs::xz_decompress(&mut bytes.as_slice(), &mut plain)
                .map_err(|error| wrong(format!("the xz data are broken ({error:?}); fetch the file again")))?;
            plain
        }
        [0x1f, 0x8b, ..] => {
            let mut plain = Vec::new();
            flate2::read::MultiGzDecoder::new(bytes.as_slice())
                .read_to_end(&mut plain)
                .map_err(|error| wrong(format!("the gzip data are broken ({error}); fetch the file again")))?;
            plain
        }
        _ => bytes,
    };
    match String::from_utf8(unpacked) {
        Ok(text) => Ok(text),
        // Names in comments are sometimes in an old encoding; everything that counts is plain ASCII.
        Err(error) => Ok(encoding_rs::WINDOWS_1252.decode(error.as_bytes()).0.into_owned()),
    }
}

/// Reads a `.stp` or `.gr` file, compressed or not.
///
/// # Errors
/// If the file cannot be read, or its text is no instance; the line is named.
pub fn instance(path: &Path) -> Result<Instance, Error> {
    let wrong =
        |error: problem::ParseError| Error::Instance { path: path.display().to_string(), what: error.to_string() };
    problem::from_stp(&instance_text(path)?).map_err(wrong)
}
