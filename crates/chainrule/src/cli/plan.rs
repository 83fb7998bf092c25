//! `chainrule plan`: what runs for a model or a formula, what each instruction costs, and how fast it could be.

use super::arguments::Plan as Arguments;
use super::run_folder::CONFIGURATION;
use super::{Failure, library, report::number, text_or_file};
use chainrule::{Epochs, Library, Options, Precision, Request, Sizes, Source, Trainer, peak_operations};
use formula::Name;
use plan::{Cost, Phase, Plan};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

/// Rows that costs are given for where nothing says how many.
const ROWS: usize = 1024;

/// Compiles and prints.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let path = Path::new(&arguments.subject);
    let is_model = path.is_dir() || path.extension().is_some_and(|ending| ending == "safetensors");
    let sections = if is_model { of_model(path, arguments)? } else { vec![of_formula(arguments)?] };
    let peak =
        arguments.peak.map_or_else(|| peak_operations(1, Duration::from_millis(100)), |peak| peak * 1e9);
    if arguments.json {
        let plans: Vec<Value> = sections.iter().map(|section| section.to_json(peak)).collect();
        let answer = json!({ "schema": 1, "peak": number(peak), "plans": plans });
        return super::print(&format!("{answer:#}\n"));
    }
    let texts: Vec<String> = sections.iter().map(|section| section.text(peak)).collect();
    super::print(&texts.join("\n"))
}

/// A plan and what its costs are given for.
struct Section {
    title: &'static str,
    plan: Plan,
    rows: usize,
    /// Bytes of an entry.
    width: u64,
}

/// The step and the update that trained a model, and its prediction.
fn of_model(path: &Path, arguments: &Arguments) -> Result<Vec<Section>, Failure> {
    let model = super::model(path)?;
    let description = model.description();
    let notes = super::beside(path, CONFIGURATION).unwrap_or_default();
    let optimizer = notes.get("optimizer").and_then(Value::as_str);
    let batch = notes.get("batch_size").and_then(Value::as_u64).and_then(|rows| usize::try_from(rows).ok());
    let options = Options {
        optimizer: optimizer.unwrap_or("adam").to_owned(),
        schedule: String::from("constant"),
        batch_size: None,
        epochs: Epochs::Fixed(1),
        ..Options::default()
    };
    let mut pages = model.library().clone();
    // The model file holds the pages that it computes with, and the optimizer's is none of them.
    if pages.choose(syntax::Kind::Optimizer, &options.optimizer).is_err() {
        let own =
            notes.get("define").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for page in own.chain(arguments.define.iter().map(String::as_str)) {
            pages.define(&text_or_file(page, "chainrule")?)?;
        }
    }
    let trainer = Trainer::<f32>::new(&description.network(), &options, &pages)?;
    let rows = arguments.rows.map_or_else(|| batch.unwrap_or(ROWS), |rows| rows as usize);
    let width = match description.precision {
        Precision::F32 => 4,
        Precision::F64 => 8,
    };
    let section = |title, plan: &Plan, rows| Section { title, plan: plan.clone(), rows, width };
    let mut sections = vec![section("step", trainer.step_plan(), rows)];
    // A model file alone does not tell how it was trained.
    if optimizer.is_some() {
        sections.push(section("update", trainer.update_plan(), model.parameters().len()));
    }
    sections.push(section("prediction", model.plan(), rows));
    Ok(sections)
}

/// The value of a formula, and its gradients by the names of `--wrt`.
fn of_formula(arguments: &Arguments) -> Result<Section, Failure> {
    let text = text_or_file(&arguments.subject, "formula")?;
    let pages = library::with(&arguments.define)?;
    let declarations = arguments.declarations.join("\n");
    let by: Vec<&str> = arguments.wrt.iter().map(|name| name.trim()).collect();
    let (result, variables) = names(&text, &declarations, &pages)?;
    let is_parameter = |name: &&str| by.contains(name);
    let (parameters, data): (Vec<&str>, Vec<&str>) =
        variables.iter().map(|name| name.as_str()).partition(is_parameter);
    let sizes: Sizes =
        arguments.sizes.iter().map(|(name, number)| (Name::from(name.as_str()), *number)).collect();
    let walks = !sizes.contains_key(arguments.walked.as_str());
    let request = Request {
        text: text.trim_end(),
        declarations: &declarations,
        values: &[&result],
        gradients: &by,
        data: &data,
        parameters: &parameters,
        walked: walks.then_some(arguments.walked.as_str()),
        sizes: &sizes,
        ..Request::default()
    };
    let plan = chainrule::compile(&request, &pages)?;
    Ok(Section { title: "step", plan, rows: arguments.rows.map_or(ROWS, |rows| rows as usize), width: 4 })
}

/// The names of a formula's last line and of its variables.
fn names(text: &str, declarations: &str, pages: &Library) -> Result<(Name, Vec<Name>), Failure> {
    let parsed = syntax::parse(Source { text: text.trim_end(), declarations }, pages)?;
    let lines = &parsed.formula.lines;
    let roots: Vec<formula::NodeId> = lines.iter().map(|line| line.value).collect();
    let mut variables: Vec<Name> = Vec::new();
    for id in parsed.formula.reachable(&roots) {
        if let formula::Node::Variable(variable) = parsed.formula.node(id)
            && !variables.contains(&variable.name)
        {
            variables.push(variable.name.clone());
        }
    }
    Ok((lines.last().map_or_else(|| Name::from("f"), |line| line.name.clone()), variables))
}

impl Section {
    /// Seconds that the matrix products would take at the peak.
    fn limit(&self, costs: &[Cost], peak: f64) -> f64 {
        2.0 * costs.iter().map(|cost| cost.multiply_adds as f64).sum::<f64>() / peak
    }

    fn text(&self, peak: f64) -> String {
        let mut text = format!("{}\n", self.title);
        for line in self.plan.to_string().lines() {
            let _ = writeln!(text, "  {line}");
        }
        let costs = self.plan.costs(self.rows);
        let widest = costs.iter().map(|cost| cost.what.chars().count()).max().unwrap_or(0).clamp(11, 48);
        let titles = ["multiply-adds", "operations", "bytes read", "written"];
        let [products, operations, reads, writes] = titles;
        let _ = writeln!(
            text,
            "  costs of {} rows\n    {:<7}{:<widest$}{products:>15}{operations:>14}{reads:>14}{writes:>14}",
            self.rows, "phase", "instruction"
        );
        for cost in &costs {
            let what = shortened(&cost.what, widest);
            let _ = writeln!(
                text,
                "    {:<7}{what:<widest$}{:>15}{:>14}{:>14}{:>14}",
                phase(cost.phase),
                cost.multiply_adds,
                cost.operations,
                cost.reads.saturating_mul(self.width),
                cost.writes.saturating_mul(self.width)
            );
        }
        let sum = |of: fn(&Cost) -> u64| costs.iter().map(of).fold(0, u64::saturating_add);
        let _ = writeln!(
            text,
            "    {:<7}{:<widest$}{:>15}{:>14}{:>14}{:>14}",
            "",
            "together",
            sum(|cost| cost.multiply_adds),
            sum(|cost| cost.operations),
            sum(|cost| cost.reads).saturating_mul(self.width),
            sum(|cost| cost.writes).saturating_mul(self.width)
        );
        let microseconds = self.limit(&costs, peak) * 1e6;
        let _ = writeln!(
            text,
            "  limit {microseconds:.3} microseconds: the multiply-adds at {:.1} GFLOP/s",
            peak / 1e9
        );
        text
    }

    fn to_json(&self, peak: f64) -> Value {
        let costs = self.plan.costs(self.rows);
        let instruction = |cost: &Cost| {
            json!({
                "phase": phase(cost.phase),
                "what": cost.what,
                "multiply_adds": cost.multiply_adds,
                "operations": cost.operations,
                "bytes_read": cost.reads.saturating_mul(self.width),
                "bytes_written": cost.writes.saturating_mul(self.width),
            })
        };
        json!({
            "title": self.title,
            "text": self.plan.to_string(),
            "rows": self.rows,
            "tile": self.plan.tiling.as_ref().and_then(|tiling| tiling.height),
            "instructions": costs.iter().map(instruction).collect::<Vec<_>>(),
            "limit_seconds": number(self.limit(&costs, peak)),
        })
    }
}

fn phase(phase: Phase) -> String {
    match phase {
        Phase::Once(0) => String::from("before"),
        Phase::Once(1) => String::from("after"),
        Phase::Rows(0) => String::from("tile"),
        Phase::Once(pass) => format!("after {pass}"),
        Phase::Rows(pass) => format!("tile {}", pass + 1),
    }
}

/// A text cut to so many characters.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 3).chain("...".chars()).collect()
}
