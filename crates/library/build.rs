//! Lists the pages in the folders and writes the table that embeds them, so that adding a page is adding a file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Each folder and the kind of page that lies in it.
const FOLDERS: [(&str, &str); 6] = [
    ("functions", "Function"),
    ("losses", "Loss"),
    ("optimizers", "Optimizer"),
    ("schedules", "Schedule"),
    ("metrics", "Metric"),
    ("laws", "Law"),
];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    println!("cargo:rerun-if-changed=build.rs");
    let mut table = String::from("&[\n");
    for (folder, kind) in FOLDERS {
        println!("cargo:rerun-if-changed={folder}");
        for (name, path) in pages(&root.join(folder))? {
            println!("cargo:rerun-if-changed={}", path.display());
            // `softmax.2.chainrule` defines `softmax(X, 2)`.
            let mut parts = name.split('.');
            let name = parts.next().unwrap_or(&name);
            let axis: Vec<u8> = parts.map(str::parse).collect::<Result<_, _>>().map_err(io::Error::other)?;
            // Debug text of a string is a literal of Rust, whatever the path holds.
            let path = path.display().to_string();
            let _ = writeln!(
                table,
                "    Page {{ kind: Kind::{kind}, name: {name:?}, axis: &{axis:?}, text: include_str!({path:?}) }},"
            );
        }
    }
    table.push_str("]\n");
    fs::write(out.join("pages.rs"), table)?;
    println!("cargo:rerun-if-changed=spellings");
    let mut spellings = String::from("&[\n");
    for (name, path) in pages(&root.join("spellings"))? {
        println!("cargo:rerun-if-changed={}", path.display());
        let path = path.display().to_string();
        let _ = writeln!(spellings, "    ({name:?}, include_str!({path:?})),");
    }
    spellings.push_str("]\n");
    fs::write(out.join("spellings.rs"), spellings)
}

/// The pages of a folder by name; a folder that is not there holds none.
fn pages(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut pages = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned);
            if let (Some(name), Some("chainrule")) = (name, path.extension().and_then(|end| end.to_str())) {
                pages.push((name, path));
            }
        }
    }
    pages.sort();
    Ok(pages)
}
