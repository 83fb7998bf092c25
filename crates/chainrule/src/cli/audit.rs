//! What is said of a table before training: the columns that are troubled or were guessed, and the targets.

use learn::{Columns, Experiment};
use std::fmt::Write;
use table::{EncodedColumn, Table, TargetColumn, TargetKind, Warning, WarningKind};

/// Columns that are told, each by a line.
const MOST: usize = 30;
/// Warnings that are told, each by a line.
const MOST_WARNINGS: usize = 10;
/// Classes that are named.
const MOST_CLASSES: usize = 6;

/// The table, its targets, and the inputs that are no ordinary numbers, each with the option that overrules.
pub fn text(experiment: &Experiment, table: &Table, columns: &Columns, warnings: &[Warning]) -> String {
    let reading = table.reading().to_string();
    let reading = if reading.is_empty() { reading } else { format!("; read with {reading}") };
    let (rows, count) = (table.rows(), table.columns().len());
    let mut text =
        format!("{}: {rows} row{}, {count} column{}{reading}\n", table.name(), plural(rows), plural(count));
    for target in experiment.targets() {
        let _ = writeln!(text, "  target   {}", target_text(target));
    }
    let encoding = &experiment.meaning().encoding;
    let (ordinary, told): (Vec<_>, Vec<_>) = encoding.columns.iter().partition(|column| column.is_ordinary());
    let width = told.iter().take(MOST).map(|column| column.name.chars().count()).max().unwrap_or(0).min(32);
    for column in told.iter().take(MOST) {
        let _ = writeln!(text, "  {}", column_text(column, width));
    }
    if let Some(more @ 1..) = told.len().checked_sub(MOST) {
        let _ = writeln!(text, "  and {more} more that are no ordinary numbers; audit.json has all");
    }
    let roles = [("weight", &columns.weight), ("group", &columns.group), ("order", &columns.order)];
    for (role, name) in roles {
        if let Some(name) = name {
            let _ = writeln!(text, "  {role:<8} {name}");
        }
    }
    let and = if told.is_empty() { "" } else { "and " };
    let inputs = match ordinary.len() {
        0 => String::new(),
        1 => format!("  {and}1 ordinary number\n"),
        count => format!("  {and}{count} ordinary numbers\n"),
    };
    text.push_str(&inputs);
    // Columns that are left out are told above.
    let is_told =
        |warning: &&Warning| matches!(warning.kind, WarningKind::Identifier | WarningKind::Constant);
    let warnings: Vec<&Warning> = warnings.iter().filter(|warning| !is_told(warning)).collect();
    for warning in warnings.iter().take(MOST_WARNINGS) {
        let _ = writeln!(text, "  warning: {warning}");
    }
    if let Some(more @ 1..) = warnings.len().checked_sub(MOST_WARNINGS) {
        let _ = writeln!(text, "  and {more} more warnings; audit.json has all");
    }
    match experiment.without_target() {
        0 => {}
        1 => text.push_str("  1 row has no target and is left out\n"),
        rows => {
            let _ = writeln!(text, "  {rows} rows have no target and are left out");
        }
    }
    text
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// `income: classes (<=50K, >50K), 2 texts`, and what else it may be.
fn target_text(target: &TargetColumn) -> String {
    let mut text = format!("{}: {}", target.name, target.kind);
    if !target.classes.is_empty() {
        let shown: Vec<&str> = target.classes.iter().take(MOST_CLASSES).map(String::as_str).collect();
        let more = if target.classes.len() > MOST_CLASSES { ", ..." } else { "" };
        let _ = write!(text, " {} ({}{more})", target.classes.len(), shown.join(", "));
    }
    if target.why != target.kind.to_string() {
        let _ = write!(text, ", {}", target.why);
    }
    for note in &target.notes {
        let _ = write!(text, "; {} missing, {note}", target.missing.len());
    }
    let offers: Vec<String> = target.offers.iter().map(|kind| format!("`--task {kind}`")).collect();
    match (target.told, offers.is_empty(), target.kind) {
        (true, ..) => {}
        (false, false, _) => {
            let _ = write!(text, "; or {}", offers.join(" or "));
        }
        (false, true, TargetKind::Classes)
            if target.classes.iter().all(|class| class.parse::<f64>().is_ok()) =>
        {
            text.push_str("; or `--task numbers`");
        }
        (false, true, _) => {}
    }
    text
}

/// `zip      category, 9 values; 3 missing ... (--column zip=number)`.
fn column_text(column: &EncodedColumn, width: usize) -> String {
    let mut text = format!("{:<width$}  {}", column.name, column.kind);
    if column.kind.is_left_out() {
        text.push_str(", left out");
    }
    if column.why != format!("{}s", column.kind) {
        let _ = write!(text, ": {}", column.why);
    }
    if column.missing > 0 {
        let _ = write!(text, ", {} missing", column.missing);
    }
    for note in &column.notes {
        let _ = write!(text, "; {note}");
    }
    let overruled_by = column.overruled_by().filter(|_| !column.told && column.notes.is_empty());
    if let Some(option) = overruled_by {
        let _ = write!(text, " ({option})");
    }
    text
}
