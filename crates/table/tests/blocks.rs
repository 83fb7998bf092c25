//! A table read block by block is the table read whole, in pieces.

use chainrule_table::{Blocks, Choices, Encoding, Error, Reading, Role, Scaling, ScalingKind, Table, Tally};
use std::path::PathBuf;

fn file(name: &str, text: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("blocks-{}-{name}.csv", std::process::id()));
    std::fs::write(&file, text).unwrap();
    file
}

fn all(table: &Table, column: &str) -> Vec<String> {
    let column = table.column(column).unwrap().loaded().unwrap();
    let cell = |row: usize| match column.numbers() {
        Some(numbers) => numbers[row].to_string(),
        None => format!("{:?}", column.text(row)),
    };
    (0..table.rows()).map(cell).collect()
}

#[test]
fn blocks_have_the_cells_of_the_whole_table_whatever_their_size() {
    let texts = [
        "id,x,code,word\na,1,007,u\nb,,01,v\nc,NA,2,\"w\nw\"\n\nd,-3.5,3,u\ne,1e3,4,u\n",
        // What makes a column text, or its mark a comma, stands in the last row.
        "a;b;c;\n1;1.000;x;\n2;2;1;\n3;1,5;2;\n4;7;u;\n",
        "\u{feff}a\tb\n1\t2\n3\t\n5\t6\n",
        "a,a,\n1,2,\n3,4,\n5,x,\n",
        "# said\na,b\n$1,2%\n$2,3%\n# more\n$3,4%\n",
    ];
    for (number, text) in texts.iter().enumerate() {
        let file = file(&format!("whole{number}"), text);
        let whole = Table::read(&file).unwrap();
        let mut blocks = Blocks::open(&file, &Reading::default()).unwrap();
        assert_eq!((blocks.rows(), blocks.reading()), (whole.rows(), whole.reading()), "{text}");
        assert_eq!(blocks.column_names(), whole.column_names(), "{text}");
        for rows in [1, 2, 3, 100] {
            let mut found: Vec<Vec<String>> = vec![Vec::new(); whole.columns().len()];
            let each = |block: &Table| {
                let names = block.column_names();
                found.iter_mut().zip(names).for_each(|(found, name)| found.extend(all(block, &name)));
                Ok::<(), Error>(())
            };
            blocks.each(rows, each).unwrap();
            let want: Vec<Vec<String>> = whole.column_names().iter().map(|name| all(&whole, name)).collect();
            assert_eq!(found, want, "{text}");
        }
        let last = whole.column_names().pop().unwrap();
        blocks.choose(&[&last], Role::Input).unwrap();
        let mut names = Vec::new();
        let each = |block: &Table| {
            names = block.column_names();
            Ok::<(), Error>(())
        };
        blocks.each(100, each).unwrap();
        assert_eq!(names, [last]);
        assert!(matches!(blocks.choose(&["none"], Role::Input), Err(Error::NoColumn { .. })));
        std::fs::remove_file(&file).unwrap();
    }
}

#[test]
fn an_encoder_makes_of_blocks_what_it_makes_of_the_whole() {
    let rows: Vec<String> = (0..97)
        .map(|row| {
            format!("{row},{},{},2024-01-{:02}", ["u", "v", "", "w"][row % 4], (row * 7) % 11, row % 28 + 1)
        })
        .collect();
    let file = file("encoder", &format!("n,word,x,day\n{}\n", rows.join("\n")));
    let whole = Table::read(&file).unwrap();
    let encoding = Encoding::fit(&whole, &(0..40).collect::<Vec<_>>(), None, &Choices::default()).unwrap();
    let want = encoding.encode(&whole, None).unwrap();
    let blocks = Blocks::open(&file, &Reading::default()).unwrap();
    for rows in [1, 10, 96, 97] {
        let (mut encoder, mut values, mut tally) = (encoding.encoder(false), Vec::new(), Tally::default());
        let each = |block: &Table| {
            let mut some = vec![0.0_f32; block.rows() * encoding.width()];
            tally.add(&encoder.on(block)?.encode_into(None, &mut some)?);
            values.extend(some);
            Ok::<(), Error>(())
        };
        blocks.each(rows, each).unwrap();
        assert_eq!((&values, &tally), (&want.values, &want.tally));
    }
    std::fs::remove_file(&file).unwrap();
}

#[test]
fn a_cell_that_cannot_be_used_is_named_by_its_row_in_the_file() {
    let trained = Table::parse("t", b"x,y\n1,2\n2,3\n4,5\n").unwrap();
    let scaling = Scaling { kind: ScalingKind::Standard, offset: vec![0.0], factor: vec![1.0] };
    let encoding = Encoding::of_numbers(&["x"], &scaling);
    assert_eq!(encoding.encode(&trained, None).unwrap().values, [1.0, 2.0, 4.0]);
    let file = file("broken", "x\n1\n2\n\n3\n4\nno\n6\n");
    let blocks = Blocks::open(&file, &Reading::default()).unwrap();
    let mut encoder = encoding.encoder(false);
    let error = blocks
        .each(2, |block| encoder.on(block)?.encode_into(None, &mut vec![0.0_f32; block.rows()]).map(|_| ()))
        .unwrap_err();
    let Error::WrongKind { place, cell, .. } = &error else { panic!("{error}") };
    assert_eq!((place.line, place.row, cell.as_str()), (Some(7), 4, "no"));
    std::fs::remove_file(&file).unwrap();
}
