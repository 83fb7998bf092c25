//! Tables in Parquet: every type, nulls, what is left out, and files that are damaged.
#![cfg(feature = "parquet")]

use std::io::Write;
use std::sync::Arc;

use chainrule_table::{ColumnType, Error, Reading, Table};
use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType,
    FloatType, Int32Type, Int64Type, Int96, Int96Type,
};
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::parser::parse_message_type;

/// A writer of one column.
type Write1 = Box<dyn Fn(&mut SerializedColumnWriter<'_>)>;

/// A column without nulls.
fn all<T: DataType>(values: Vec<T::T>) -> Write1 {
    Box::new(move |column| {
        column.typed::<T>().write_batch(&values, None, None).unwrap();
    })
}

/// A column of values and nulls.
fn some<T: DataType>(values: Vec<Option<T::T>>) -> Write1 {
    Box::new(move |column| {
        let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
        let there: Vec<T::T> = values.iter().flatten().cloned().collect();
        column.typed::<T>().write_batch(&there, Some(&levels), None).unwrap();
    })
}

fn plain() -> WriterProperties {
    WriterProperties::builder().build()
}

/// A file of a schema and its columns, each group of rows with the same.
fn file(schema: &str, columns: &[Write1], properties: WriterProperties, groups: usize) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, Arc::new(properties)).unwrap();
    for _ in 0..groups {
        let mut group = writer.next_row_group().unwrap();
        for write in columns {
            let mut column = group.next_column().unwrap().expect("a column of the schema for each writer");
            write(&mut column);
            column.close().unwrap();
        }
        assert!(group.next_column().unwrap().is_none(), "a writer for each column of the schema");
        group.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}

/// Three rows of every type that is read, the second null where it may be.
fn every_type(properties: WriterProperties, groups: usize) -> Vec<u8> {
    let text = |text: &str| Some(ByteArray::from(text));
    let fixed = |bytes: &[u8]| FixedLenByteArray::from(bytes.to_vec());
    let mut moment = Int96::new();
    // 10:30 of 2024-04-03, whose Julian number is 2460404.
    let of_day = 37_800_000_000_000_u64;
    moment.set_data(of_day as u32, (of_day >> 32) as u32, 2_460_404);
    let schema = "message m {
        required int32 small (INTEGER(8,true));
        required int32 word (INTEGER(32,false));
        required int64 long;
        required int64 giant (INTEGER(64,false));
        optional float single;
        optional double size;
        required fixed_len_byte_array(2) half (FLOAT16);
        optional boolean yes;
        optional binary name (STRING);
        required int32 day (DATE);
        required int32 clock (TIME(MILLIS,false));
        optional int64 moment (TIMESTAMP(MICROS,true));
        required int64 nanos (TIMESTAMP(NANOS,false));
        required int96 old;
        required int32 cents (DECIMAL(9,2));
        required fixed_len_byte_array(5) price (DECIMAL(11,3));
        optional binary blank (STRING);
    }";
    let columns = [
        all::<Int32Type>(vec![-128, 0, 127]),
        all::<Int32Type>(vec![-1, 0, 1]),
        all::<Int64Type>(vec![i64::MIN, 0, (1 << 53) + 1]),
        all::<Int64Type>(vec![-1, 0, 1]),
        some::<FloatType>(vec![Some(0.5), None, Some(f32::NAN)]),
        some::<DoubleType>(vec![Some(0.1), None, Some(f64::INFINITY)]),
        all::<FixedLenByteArrayType>(vec![fixed(&[0, 0x3C]), fixed(&[1, 0]), fixed(&[0, 0xC5])]),
        some::<BoolType>(vec![Some(true), None, Some(false)]),
        some::<ByteArrayType>(vec![text(" a,\"b\n"), None, text("01234")]),
        all::<Int32Type>(vec![0, 19_816, -1]),
        all::<Int32Type>(vec![0, 37_800_000, 86_399_500]),
        some::<Int64Type>(vec![Some(1_712_140_200_000_000), None, Some(-1)]),
        all::<Int64Type>(vec![0, 951_782_400_000_000_000, 1]),
        all::<Int96Type>(vec![moment; 3]),
        all::<Int32Type>(vec![-5, 123, 0]),
        all::<FixedLenByteArrayType>(vec![
            fixed(&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
            fixed(&[0, 0, 0, 1, 0]),
            fixed(&[1, 0, 0, 0, 0]),
        ]),
        some::<ByteArrayType>(vec![None, None, text("NA")]),
    ];
    file(schema, &columns, properties, groups)
}

#[track_caller]
fn numbers(table: &Table, name: &str, want: &[f64]) {
    let bits = |values: &[f64]| -> Vec<String> { values.iter().map(f64::to_string).collect() };
    let column = table.column(name).unwrap().loaded().unwrap();
    let found = column.numbers().unwrap_or_else(|| panic!("{name} is text"));
    assert_eq!(bits(found), bits(want), "{name}");
}

#[track_caller]
fn words(table: &Table, name: &str, want: &[Option<&str>]) {
    let column = table.column(name).unwrap();
    assert_eq!(column.column_type(), ColumnType::Text, "{name}");
    let loaded = column.loaded().unwrap();
    let found: Vec<Option<&str>> = (0..table.rows()).map(|row| loaded.text(row)).collect();
    assert_eq!(found, want, "{name}");
}

#[test]
fn every_type_becomes_numbers_or_words() {
    const NAN: f64 = f64::NAN;
    let table = Table::parse("t", &every_type(plain(), 1)).unwrap();
    assert_eq!((table.rows(), table.columns().len()), (3, 17));
    numbers(&table, "small", &[-128.0, 0.0, 127.0]);
    numbers(&table, "word", &[4_294_967_295.0, 0.0, 1.0]);
    // Whole numbers that no double holds keep their digits.
    words(&table, "long", &[Some("-9223372036854775808"), Some("0"), Some("9007199254740993")]);
    words(&table, "giant", &[Some("18446744073709551615"), Some("0"), Some("1")]);
    numbers(&table, "single", &[0.5, NAN, NAN]);
    numbers(&table, "size", &[0.1, NAN, f64::INFINITY]);
    numbers(&table, "half", &[1.0, 1.0 / 16_777_216.0, -5.0]);
    words(&table, "yes", &[Some("true"), None, Some("false")]);
    words(&table, "name", &[Some("a,\"b"), None, Some("01234")]);
    words(&table, "day", &[Some("1970-01-01"), Some("2024-04-03"), Some("1969-12-31")]);
    words(&table, "clock", &[Some("00:00:00"), Some("10:30:00"), Some("23:59:59.5")]);
    words(&table, "moment", &[Some("2024-04-03 10:30:00"), None, Some("1969-12-31 23:59:59.999999")]);
    words(
        &table,
        "nanos",
        &[Some("1970-01-01 00:00:00"), Some("2000-02-29 00:00:00"), Some("1970-01-01 00:00:00.000000001")],
    );
    words(&table, "old", &[Some("2024-04-03 10:30:00"); 3]);
    numbers(&table, "cents", &[-0.05, 1.23, 0.0]);
    numbers(&table, "price", &[-0.001, 0.256, 4_294_967.296]);
    numbers(&table, "blank", &[NAN, NAN, NAN]);
    assert_eq!(table.reading().notes, ["the format Parquet"]);
}

#[test]
fn the_table_is_the_same_however_it_is_written() {
    let want = Table::parse("t", &every_type(plain(), 3)).unwrap();
    assert_eq!(want.rows(), 9);
    let builder = WriterProperties::builder;
    let v2 = || builder().set_writer_version(WriterVersion::PARQUET_2_0);
    for properties in [
        builder().set_dictionary_enabled(false),
        builder().set_compression(Compression::SNAPPY),
        builder().set_compression(Compression::GZIP(GzipLevel::default())),
        v2(),
        v2().set_dictionary_enabled(false).set_compression(Compression::ZSTD(ZstdLevel::default())),
        builder().set_data_page_row_count_limit(1).set_write_batch_size(1),
    ] {
        let properties = properties.build();
        let said = format!("{properties:?}");
        let table = Table::parse("t", &every_type(properties, 3)).unwrap();
        let same = |a: &Table, b: &Table| format!("{:?}", a.columns()) == format!("{:?}", b.columns());
        assert!(same(&table, &want), "{said}");
    }
}

#[test]
fn a_file_on_disk_a_pipe_and_gzip_are_one_table() {
    let bytes = every_type(plain(), 1);
    let folder = std::env::temp_dir().join(format!("chainrule-parquet-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let plain = folder.join("t.parquet");
    std::fs::write(&plain, &bytes).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&bytes).unwrap();
    let packed = folder.join("t.parquet.gz");
    std::fs::write(&packed, gzip.finish().unwrap()).unwrap();
    let columns = |table: &Table| format!("{:?}", table.columns());
    let want = columns(&Table::parse("t", &bytes).unwrap());
    assert_eq!(columns(&Table::read(&plain).unwrap()), want);
    let unpacked = Table::read(&packed).unwrap();
    assert_eq!(columns(&unpacked), want);
    assert_eq!(unpacked.reading().notes, ["the format Parquet", "gzip"]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_cell_is_missing_as_in_text() {
    let schema = "message m { required double x; required binary word (STRING); }";
    let word = |word: &str| ByteArray::from(word);
    let columns = [
        all::<DoubleType>(vec![-999.0, 1.0, 2.0]),
        all::<ByteArrayType>(vec![word("?"), word("-999"), word("NA")]),
    ];
    let bytes = file(schema, &columns, plain(), 1);
    let told = Reading { missing: vec!["-999".to_owned(), "not:NA".to_owned()], ..Reading::default() };
    let table = Table::parse_as("t", &bytes, &told).unwrap();
    numbers(&table, "x", &[f64::NAN, 1.0, 2.0]);
    words(&table, "word", &[None, None, Some("NA")]);
}

#[test]
fn what_is_no_column_is_left_out_and_said() {
    let schema = "message m {
        required binary blob;
        optional group tags (LIST) { repeated group list { optional int32 element; } }
        required group at { required double x; required double y; }
        repeated int32 many;
        required double kept;
    }";
    let lists = || -> Write1 {
        Box::new(|column| {
            column.typed::<Int32Type>().write_batch(&[], Some(&[0]), Some(&[0])).unwrap();
        })
    };
    let columns = [
        all::<ByteArrayType>(vec![ByteArray::from("x")]),
        lists(),
        all::<DoubleType>(vec![1.0]),
        all::<DoubleType>(vec![2.0]),
        lists(),
        all::<DoubleType>(vec![3.0]),
    ];
    let table = Table::parse("t", &file(schema, &columns, plain(), 1)).unwrap();
    assert_eq!(table.column_names(), ["kept"]);
    numbers(&table, "kept", &[3.0]);
    assert_eq!(
        table.reading().notes,
        [
            "the format Parquet",
            "column `blob` of bytes left out",
            "column `tags` of lists left out",
            "column `at` of structs left out",
            "column `many` of lists left out",
        ]
    );
    let only = file("message m { required binary blob; }", &columns[..1], plain(), 1);
    let error = Table::parse("t", &only).unwrap_err().to_string();
    assert!(error.contains("bytes") && error.contains("json_normalize"), "{error}");
}

#[test]
fn no_rows_and_unknown_compressions_are_refused() {
    let none = file("message m { required double x; }", &[all::<DoubleType>(vec![])], plain(), 1);
    assert!(matches!(Table::parse("t", &none), Err(Error::HeaderOnly { columns: 1, .. })));
    let snappy = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut bytes = file("message m { required double x; }", &[all::<DoubleType>(vec![1.0])], snappy, 1);
    // The codec of the column's description: field 4 of its struct, behind the path's `x`; 1 is Snappy and 4 is Brotli.
    let place = bytes.windows(4).rposition(|bytes| bytes == [b'x', 0x15, 2, 0x16]).expect("a codec") + 2;
    bytes[place] = 4 << 1;
    let error = Table::parse("t", &bytes).unwrap_err().to_string();
    assert!(error.contains("Brotli") && error.contains("to_parquet"), "{error}");
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    for bytes in [every_type(plain(), 1), small()] {
        for length in 4..bytes.len() {
            let error = Table::parse("t", &bytes[..length]).unwrap_err();
            assert!(matches!(error, Error::Damaged { .. }), "{length} of {}: {error}", bytes.len());
        }
    }
}

fn small() -> Vec<u8> {
    let snappy = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let schema = "message m { optional double x; required binary word (STRING); }";
    let word = |word: &str| ByteArray::from(word);
    let columns = [
        some::<DoubleType>(vec![Some(1.5), None, Some(2.5), Some(1.5)]),
        all::<ByteArrayType>(vec![word("one"), word("two"), word("two"), word("one")]),
    ];
    file(schema, &columns, snappy, 2)
}

#[test]
fn a_changed_byte_is_an_error_or_a_table_of_as_many_cells() {
    let v2 = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .build();
    for whole in [every_type(plain(), 1), small(), every_type(v2, 2)] {
        for place in (4..whole.len()).step_by(3) {
            for flip in [0xFF, 1 << (place % 8)] {
                let mut bytes = whole.clone();
                bytes[place] ^= flip;
                if let Ok(table) = Table::parse("t", &bytes) {
                    for column in table.columns() {
                        let cells = column.loaded().unwrap().numbers().map_or_else(
                            || (0..).take_while(|&row| row < table.rows()).count(),
                            <[f64]>::len,
                        );
                        assert_eq!(cells, table.rows(), "byte {place} ^ {flip}");
                    }
                }
            }
        }
    }
}
