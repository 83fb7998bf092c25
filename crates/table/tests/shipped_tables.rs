//! The tables that are shipped beside the program read as their page says.

use std::path::PathBuf;

use chainrule_table::{ColumnType, Dataset, Table};

/// A shipped table, or nothing in the packaged crate, which is without them.
fn shipped(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data").join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not shipped with this copy", path.display());
    None
}

#[test]
fn california_is_all_numbers() {
    let Some(path) = shipped("california.csv") else { return };
    let table = Table::read(path).unwrap();
    let data = Dataset::new(&table, &["MedHouseVal"], &[] as &[&str]).unwrap();
    assert_eq!((data.x.rows(), data.x.cols(), table.name()), (20640, 8, "california"));
    let audit = table.audit().unwrap();
    assert!(
        audit.columns.iter().all(|column| column.column_type == ColumnType::Number && !column.is_constant())
    );
    assert_eq!(audit.missing(), 0);
}

#[test]
fn xor_is_the_exclusive_or() {
    let Some(path) = shipped("xor.csv") else { return };
    let data = Dataset::new(&Table::read(path).unwrap(), &["y"], &[] as &[&str]).unwrap();
    assert_eq!(data.inputs, ["x1", "x2"]);
    for (x, y) in data.x.iter_rows().zip(data.y.data()) {
        assert_eq!(*y, f64::from(x[0] != x[1]));
    }
    assert_eq!(data.rows(), 4);
}
