//! What a run that starts from a model takes from it, and which rows that model was trained on.

use super::arguments::{TableOptions, Train};
use super::resume::Begun;
use super::run_folder::CONFIGURATION;
use super::{Failure, beside};
use chainrule::Library;
use learn::{MODEL_FILE, Model, checksum_of_rows};
use serde_json::Value;
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use table::{EncodedPart, Encoding, NumberScaling, Scale, Split, Table, read_rows};

/// A model that a run starts from, beside the table of the run.
pub struct Start {
    /// Its file or its run's folder, as given.
    pub path: PathBuf,
    /// The model.
    pub model: Model,
    /// Which rows of this table it was trained on, where that can be known.
    trained: Option<HashSet<usize>>,
}

impl Start {
    /// The model of a path; looks whether its table is this one.
    pub fn new(path: &Path, model: Model, table: &Table) -> Start {
        let trained = trained_rows(path, &model, table);
        Start { path: path.to_owned(), model, trained }
    }

    /// The pages of the model that are not shipped as they are.
    pub fn pages(&self) -> Vec<String> {
        let library = Library::standard();
        let own = |page: &&String| {
            let names = library.clone().define(page).unwrap_or_default();
            let shipped = names.iter().flat_map(|name| library.text(name));
            !shipped.map(|shipped| shipped.text).any(|shipped| shipped == **page)
        };
        let pages: Vec<&String> = self.model.description().definitions.iter().filter(own).collect();
        // One text, since a page may use one that stands after it.
        let text = pages.into_iter().map(String::as_str).collect::<Vec<_>>().join("\n");
        if text.is_empty() { Vec::new() } else { vec![text] }
    }

    /// The options that were not given, as the model has them; on its own table, its rows too.
    pub fn options(&self, begun: &Begun, table: &Table, given: &TableOptions) -> Vec<OsString> {
        let description = self.model.description();
        let mut options = Vec::new();
        let mut add = |name: &str, value: &str| options.push(OsString::from(format!("--{name}={value}")));
        let Encoding { missing, merged, .. } = self.model.encoding();
        let recalled = given.recalling(&missing, &[]).missing;
        let own = recalled.iter().filter(|word| !given.missing.contains(word));
        own.for_each(|word| add("missing", word));
        merged.iter().filter(|name| !given.merge.contains(name)).for_each(|name| add("merge", name));
        let gave = |ids: &[&str]| ids.iter().any(|id| begun.gave(id));
        let (last, hidden) =
            description.layers.split_last().map_or((None, &[][..]), |(last, hidden)| (Some(last), hidden));
        match (gave(&["layers", "hidden"]), gave(&["activation"]), hidden) {
            (true, ..) => {}
            (false, _, []) => add("hidden", "none"),
            (false, true, _) => {
                let units: Vec<String> = hidden.iter().map(|(units, _)| units.to_string()).collect();
                add("hidden", &units.join(","));
            }
            (false, false, _) => {
                let layers: Vec<String> =
                    hidden.iter().map(|(units, activation)| format!("{units}:{activation}")).collect();
                add("layers", &layers.join(","));
            }
        }
        if let Some((_, activation)) = last.filter(|_| !gave(&["output"])) {
            add("output", activation);
        }
        if !gave(&["target"]) {
            description.targets.iter().for_each(|target| add("target", target));
        }
        if !gave(&["ignore"]) {
            let known: HashSet<&String> = description.inputs.iter().chain(&description.targets).collect();
            table
                .column_names()
                .iter()
                .filter(|name| !known.contains(name))
                .for_each(|name| add("ignore", name));
        }
        if !gave(&["task"]) {
            add("task", &self.model.task().kind.to_string());
        }
        if !gave(&["scale"]) && leaves_numbers(&self.model) {
            add("scale", "none");
        }
        if !gave(&["precision"]) {
            add("precision", description.precision.name());
        }
        if self.trained.is_some() && !gave(&["seed"]) {
            add("seed", &description.seed.to_string());
        }
        if !description.bias && !gave(&["no_bias"]) {
            options.push(OsString::from("--no-bias"));
        }
        if self.trained.is_some() && !gave(&["test", "validation", "train"]) {
            options.extend(self.rows());
        }
        options
    }

    /// Refuses scales that are not the model's, in which its weights are.
    ///
    /// # Errors
    /// When others are given.
    pub fn refuse_other_scales(&self, train: &Train) -> Result<(), Failure> {
        let is_scaled = !leaves_numbers(&self.model);
        if (train.scale != Some(NumberScaling::None)) == is_scaled {
            return Ok(());
        }
        let own = if is_scaled { "scales its columns" } else { "takes its columns as they are" };
        Err(Failure::bad_input(format!(
            "the model of `{}` {own}, and its weights are those of such columns: leave `--scale` out",
            self.path.display()
        )))
    }

    /// The options that part the rows as those of the model's run were parted.
    fn rows(&self) -> Vec<OsString> {
        let told = beside(&self.path, CONFIGURATION).unwrap_or_default();
        let option = |name: &str| {
            let text = told.get(name)?.as_str()?;
            let mut option = OsString::from(format!("--{name}="));
            let rows = self.file(&format!("{name}.txt"));
            match text.trim().parse::<f64>().is_err() && rows.is_file() {
                true => option.push(rows),
                false => option.push(text),
            }
            Some(option)
        };
        ["train", "validation", "test"].into_iter().filter_map(option).collect()
    }

    fn file(&self, name: &str) -> PathBuf {
        if self.path.is_dir() { self.path.join(name) } else { self.path.with_file_name(name) }
    }

    /// What rows of the validation and the test mean, of which some were trained on; none where there is none of these.
    pub fn warning(&self, split: &Split) -> Option<String> {
        let trained = self.trained.as_ref()?;
        let seen = |rows: &[usize]| rows.iter().filter(|row| trained.contains(row)).count();
        let (validation, test) = (seen(&split.validation), seen(&split.test));
        (validation + test > 0).then(|| {
            format!(
                "warning: the model of {} was trained on {validation} of the {} validation rows and on {test} of the {} test rows, so \
                 their scores say less of rows that it has not seen: leave `--seed`, `--test`, `--validation` and `--train` out to \
                 keep its own parts",
                self.path.display(),
                split.validation.len(),
                split.test.len()
            )
        })
    }
}

/// Whether a model takes the numbers of its columns as they are.
fn leaves_numbers(model: &Model) -> bool {
    let is_left = |part: &EncodedPart| match part {
        EncodedPart::Number { scale, .. } | EncodedPart::Ordered { scale, .. } => *scale == Scale::NONE,
        _ => true,
    };
    model.encoding().used().all(|column| is_left(&column.part))
}

/// The rows of a table on which a model was trained, where its run's folder shows that it is the run's own table.
pub fn trained_rows(path: &Path, model: &Model, table: &Table) -> Option<HashSet<usize>> {
    let told = beside(path, CONFIGURATION)?;
    let description = model.description();
    let names: Vec<String> = description.inputs.iter().chain(&description.targets).cloned().collect();
    let checksum = checksum_of_rows(table, &names)?;
    let is_same = told.get("checksum_of_rows").and_then(Value::as_str) == Some(&checksum);
    let (model, rows) = (path, table.rows());
    let folder = if model.is_dir() { model } else { model.parent()? };
    // A model that was copied into another run's folder is not that run's.
    let is_its = model.is_dir() || model.file_name().is_some_and(|name| name == MODEL_FILE);
    let rows = (is_same && is_its).then(|| read_rows(folder.join("train.txt"), rows).ok())??;
    Some(rows.into_iter().collect())
}
