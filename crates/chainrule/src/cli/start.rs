//! What a run that starts from a model takes from it, and which rows that model was trained on.

use super::arguments::Train;
use super::columns::{Found, names};
use super::resume::Begun;
use super::run_folder::{AUDIT, CONFIGURATION, TRAINED, TRAINED_BEFORE};
use super::{Failure, beside, fault};
use chainrule::Library;
use learn::{MODEL_FILE, Model, checksum_of_rows};
use serde_json::Value;
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use table::{Choices, EncodedPart, Encoding, NumberScaling, Role, Scale, Split, Table, read_rows};

/// A model that a run starts from, beside the table of the run.
pub struct Start {
    /// Its file or its run's folder, as given.
    pub path: PathBuf,
    /// The model.
    pub model: Model,
    /// Which rows of this table it was trained on, where that can be known.
    trained: Option<HashSet<usize>>,
    /// The configuration of its run, and what that found the columns to be, where it lies in the folder of its run.
    told: Option<Value>,
    found: Option<Found>,
}

impl Start {
    /// The model of a path; looks whether its table is this one.
    pub fn new(path: &Path, model: Model, table: &Table) -> Start {
        let trained = trained_rows(path, &model, table);
        let own = |name| if is_of_its_run(path) { beside(path, name) } else { None };
        let found = own(AUDIT).and_then(|found| serde_json::from_value(found).ok());
        Start { path: path.to_owned(), model, trained, told: own(CONFIGURATION), found }
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
    pub fn options(&self, begun: &Begun, table: &Table, given: &Train) -> Vec<OsString> {
        let description = self.model.description();
        let mut options = Vec::new();
        let mut add = |name: &str, value: &str| options.push(OsString::from(format!("--{name}={value}")));
        let Encoding { missing, merged, .. } = self.model.encoding();
        let recalled = given.reading.recalling(&missing, &[]).missing;
        let own = recalled.iter().filter(|word| !given.reading.missing.contains(word));
        own.for_each(|word| add("missing", word));
        merged.iter().filter(|name| !given.reading.merge.contains(name)).for_each(|name| add("merge", name));
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
        let roles = self.roles(table, given);
        roles.iter().for_each(|(role, column)| add(role, column));
        if !gave(&["ignore"]) {
            let roles = roles.iter().map(|(_, column)| column).chain(&given.weight).chain(&given.group);
            let known: HashSet<&String> =
                description.inputs.iter().chain(&description.targets).chain(roles).collect();
            table
                .column_names()
                .iter()
                .filter(|name| !known.contains(name))
                .for_each(|name| add("ignore", name));
        }
        if !gave(&["task"]) {
            add("task", &self.model.task().kind.to_string());
        }
        if let Some(positive) = positive(&self.model).filter(|_| !gave(&["positive"])) {
            add("positive", &positive);
        }
        if let Some(scaling) = self.scaling().filter(|_| !gave(&["scale"])) {
            add("scale", &scaling.to_string());
        }
        if let Some(scale) = self.model.target_scale().filter(|_| !gave(&["target_scale"])) {
            add("target-scale", scale.name());
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

    /// The columns of this table that weighed the rows of the model's run and, on its own table, parted them: each with its option,
    /// where that is not given.
    fn roles(&self, table: &Table, given: &Train) -> Vec<(&'static str, String)> {
        let Some(found) = &self.found else { return Vec::new() };
        let is_here = |name: &&String| table.column(name).is_some();
        let columns =
            |pattern: String| Choices::columns_of(table, &pattern, Role::Ignored).unwrap_or_default();
        let ignored: HashSet<String> =
            given.ignore.iter().flat_map(|text| names(table, text)).flat_map(columns).collect();
        let weight = found.weight.as_ref().filter(|name| given.weight.is_none() && !ignored.contains(*name));
        let is_parted = self.trained.is_some() && given.group.is_none() && given.order_by.is_none();
        let [group, order] = [&found.group, &found.order_by].map(|name| name.as_ref().filter(|_| is_parted));
        // By groups first, as the rows are parted.
        let order = order.filter(|_| group.is_none());
        let roles = [("weight", weight), ("group", group), ("order-by", order)].into_iter();
        roles.filter_map(|(role, name)| Some((role, name.filter(is_here)?.clone()))).collect()
    }

    /// What the model's run had and this one has not, since the table has no such column.
    pub fn note(&self, table: &Table, train: &Train) -> Option<String> {
        let weight = self.found.as_ref()?.weight.as_ref()?;
        (train.weight.is_none() && table.column(weight).is_none()).then(|| {
            format!(
                "note: the model of {} was trained with the weights of `{weight}`, which {} does not have: all its rows count the same",
                self.path.display(),
                table.name()
            )
        })
    }

    /// How the model scales numbers of its columns, as far as that is known.
    fn scaling(&self) -> Option<NumberScaling> {
        let told = self.told.as_ref().and_then(|told| told.get("scale")?.as_str()?.parse().ok());
        told.or(leaves_numbers(&self.model).then_some(NumberScaling::None))
    }

    /// Refuses scales that are not the model's, in which its weights are.
    ///
    /// # Errors
    /// When others are given.
    pub fn refuse_other_scales(&self, train: &Train) -> Result<(), Failure> {
        let (own, given) = (self.scaling(), train.scale);
        // Of a file alone it is known whether there are scales, not which.
        let is_own = if own.is_some() { given == own } else { given != Some(NumberScaling::None) };
        if is_own {
            return Ok(());
        }
        let own = match own {
            Some(NumberScaling::None) => String::from("takes its columns as they are"),
            Some(own) => format!("scales its columns by `{own}`"),
            None => String::from("scales its columns"),
        };
        Err(Failure::bad_input(format!(
            "the model of `{}` {own}, and its weights are those of such columns: leave `--scale` out",
            self.path.display()
        )))
    }

    /// The options that part the rows as those of the model's run were parted.
    fn rows(&self) -> Vec<OsString> {
        // Validation rows that were drawn from training rows that were given cannot be drawn again from what was left of these.
        let is_given = self.part("train").is_some_and(|text| !is_fraction(text));
        let option = |name: &str| {
            let text = self.part(name)?;
            let rows = self.file(&format!("{name}.txt"));
            let is_drawn = is_fraction(text) && !is_given;
            let value = if !is_drawn && rows.is_file() { rows.into_os_string() } else { text.into() };
            Some(option(name, &value))
        };
        PARTS.into_iter().filter_map(option).collect()
    }

    /// The same by the row numbers alone, whatever else is given.
    fn rows_as_they_were(&self) -> Vec<OsString> {
        let option = |name: &str| {
            let rows = self.file(&format!("{name}.txt"));
            let other = || OsString::from(self.part(name).filter(|text| !is_fraction(text)).unwrap_or("0"));
            option(name, &if rows.is_file() { rows.into_os_string() } else { other() })
        };
        PARTS.into_iter().map(option).collect()
    }

    /// What the model's run was told of a part.
    fn part(&self, name: &str) -> Option<&str> {
        self.told.as_ref()?.get(name)?.as_str()
    }

    fn file(&self, name: &str) -> PathBuf {
        if self.path.is_dir() { self.path.join(name) } else { self.path.with_file_name(name) }
    }

    /// The rows outside of the training rows of a run that starts from it on which it was trained, it or the models before it.
    pub fn trained_before(&self, split: &Split) -> Vec<usize> {
        let own: HashSet<&usize> = split.train.iter().collect();
        let mut rows: Vec<usize> =
            self.trained.iter().flatten().filter(|row| !own.contains(row)).copied().collect();
        rows.sort_unstable();
        rows
    }

    /// What rows of the validation and the test mean, of which some were trained on; none where there is none of these.
    pub fn warning(&self, split: &Split) -> Option<String> {
        let trained = self.trained.as_ref()?;
        let seen = |rows: &[usize]| rows.iter().filter(|row| trained.contains(row)).count();
        let (validation, test) = (seen(&split.validation), seen(&split.test));
        (validation + test > 0).then(|| {
            let own = self.rows_as_they_were();
            let own: Vec<String> = own.iter().map(|option| fault::word(option)).collect();
            format!(
                "warning: the model of {} was trained on {validation} of the {} validation rows and on {test} of the {} test rows, so \
                 their scores say less of rows that it has not seen: its own parts are `{}`",
                self.path.display(),
                split.validation.len(),
                split.test.len(),
                own.join(" ")
            )
        })
    }
}

const PARTS: [&str; 3] = ["train", "validation", "test"];

fn option(name: &str, value: &OsStr) -> OsString {
    let mut option = OsString::from(format!("--{name}="));
    option.push(value);
    option
}

fn is_fraction(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok()
}

/// The positive class of a model, where it is not the last.
fn positive(model: &Model) -> Option<String> {
    let first =
        |target: &learn::Target| target.classes.first().filter(|_| target.positive == Some(0)).cloned();
    model.task().targets.iter().find_map(first)
}

/// Whether a model takes the numbers of its columns as they are.
fn leaves_numbers(model: &Model) -> bool {
    let is_left = |part: &EncodedPart| match part {
        EncodedPart::Number { scale, .. } | EncodedPart::Ordered { scale, .. } => *scale == Scale::NONE,
        _ => true,
    };
    model.encoding().used().all(|column| is_left(&column.part))
}

/// The rows of a table on which a model was trained, it or the models that it started from, where its run's folder shows that it is
/// the run's own table.
pub fn trained_rows(path: &Path, model: &Model, table: &Table) -> Option<HashSet<usize>> {
    let told = beside(path, CONFIGURATION)?;
    let description = model.description();
    let names: Vec<String> = description.inputs.iter().chain(&description.targets).cloned().collect();
    let checksum = checksum_of_rows(table, &names).ok()??;
    let is_same = told.get("checksum_of_rows").and_then(Value::as_str) == Some(&checksum);
    if !is_same || !is_of_its_run(path) {
        return None;
    }
    let folder = if path.is_dir() { path } else { path.parent()? };
    let rows = |name: &str| read_rows(folder.join(name), table.rows()).ok();
    let before = rows(TRAINED_BEFORE).unwrap_or_default();
    Some(rows(TRAINED)?.into_iter().chain(before).collect())
}

/// Whether a model lies in the folder of its run; one that was copied into another run's folder is not that run's.
fn is_of_its_run(model: &Path) -> bool {
    model.is_dir() || model.file_name().is_some_and(|name| name == MODEL_FILE)
}
