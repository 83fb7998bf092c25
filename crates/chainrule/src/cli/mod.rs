//! The program: arguments to answers, and errors to messages and exit statuses.
//!
//! The exit statuses are the table [`Status`]. Standard output and standard error may be closed or full: what cannot be said is
//! no reason to end a training, so nothing here panics over it, and an answer that could not be written is an error.

mod arguments;
mod audit;
mod bench;
mod check;
mod checkpoints;
mod columns;
mod deadline;
mod derive;
mod evaluate;
mod explain;
mod failure;
mod fault;
mod folds;
mod interrupt;
mod library;
mod outlier;
mod plan;
mod portions;
mod predict;
mod progress;
mod question;
mod report;
mod resume;
mod run_folder;
mod solve;
mod start;
mod train;
mod train_advice;
mod train_answer;
mod train_files;
mod train_settings;
mod train_words;

use arguments::{Arguments, Command, TableOptions};
use chainrule::Library;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches};
use failure::{Failure, Status};
use learn::Model;
use serde_json::Value;
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;
use table::{Blocks, Encoding, Error as TableError, Reading, Table};

/// Runs the program on the arguments of the process.
pub fn main() -> ExitCode {
    fault::report_panics();
    interrupt::outlive_limits_of_files();
    let arguments = match read_arguments(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => return usage(error),
    };
    let is_json = arguments.command.is_json();
    let outcome = match arguments.command {
        Command::Derive(derive) => derive::run(&derive),
        // Whether a claim is right is the answer, and its exit status no failure.
        Command::Check(check) => match check::run(&check) {
            Ok(status) => return ExitCode::from(status.code()),
            Err(failure) => Err(failure),
        },
        Command::Solve(solve) => match solve::run(&solve) {
            Ok(status) => return ExitCode::from(status.code()),
            Err(failure) => Err(failure),
        },
        Command::Train(train) => train::run(&train),
        Command::Predict(predict) => predict::run(&predict),
        Command::Evaluate(evaluate) => evaluate::run(&evaluate),
        Command::Explain(explain) => explain::run(&explain),
        Command::Plan(plan) => plan::run(&plan),
        Command::Bench(bench) => bench::run(&bench),
        Command::Library(library) => library::run(&library),
    };
    match outcome {
        Ok(()) => ExitCode::from(Status::Done.code()),
        Err(failure) => fail(&failure, is_json),
    }
}

/// The arguments as they are declared; the help of every subcommand ends with the table of exit statuses.
fn read_arguments(words: impl Iterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    let with_statuses = |command: clap::Command| {
        let before = command.get_after_help().map(|text| format!("{text}\n\n")).unwrap_or_default();
        command.after_help(format!("{before}{}", Status::table()))
    };
    let mut command = with_statuses(Arguments::command()).mut_subcommands(with_statuses);
    command.build();
    let words = joined_options(&mut command, words.collect())?;
    let matches = command.try_get_matches_from_mut(words)?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The words with each option joined to a value below 0, of which the option itself says whether it is wanted.
///
/// # Errors
/// At what looks like an option and is none, which clap would take for a formula that begins with a minus.
fn joined_options(command: &mut clap::Command, words: Vec<OsString>) -> Result<Vec<OsString>, clap::Error> {
    let name = words.get(1).and_then(|word| word.to_str());
    let Some(subcommand) = name.and_then(|name| command.find_subcommand_mut(name)) else { return Ok(words) };
    let known = |name: &str| subcommand.get_arguments().find(|argument| argument.get_long() == Some(name));
    let mut joined: Vec<OsString> = Vec::with_capacity(words.len());
    let mut words = words.into_iter().peekable();
    joined.extend(words.by_ref().take(2));
    while let Some(word) = words.next() {
        let typed = word.to_string_lossy();
        if typed == "--" {
            joined.push(word);
            break;
        }
        let option = typed.strip_prefix("--").filter(|rest| rest.starts_with(char::is_alphabetic));
        let Some(option) = option else {
            joined.push(word);
            continue;
        };
        let Some(argument) = known(option.split('=').next().unwrap_or(option)) else {
            let unknown = typed.into_owned();
            return Err(unknown_option(subcommand, &unknown));
        };
        let takes_next = argument.get_action().takes_values() && !option.contains('=');
        let is_below_zero = |next: &OsString| {
            let digits = next.to_str().and_then(|next| next.strip_prefix('-'));
            digits
                .is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.'))
        };
        // Whatever it looks like, what stands behind such an option is its value.
        let takes_any = argument.is_allow_hyphen_values_set();
        match words.next_if(|next| takes_next && (takes_any || is_below_zero(next))) {
            Some(value) => {
                let mut both = word.clone();
                both.push("=");
                both.push(value);
                joined.push(both);
            }
            None => joined.push(word),
        }
    }
    joined.extend(words);
    Ok(joined)
}

/// The error of an option that a subcommand does not have.
fn unknown_option(subcommand: &mut clap::Command, unknown: &str) -> clap::Error {
    let mut error = clap::Error::new(ErrorKind::UnknownArgument).with_cmd(subcommand);
    error.insert(ContextKind::InvalidArg, ContextValue::String(unknown.to_owned()));
    if subcommand.get_positionals().any(clap::Arg::is_allow_hyphen_values_set) {
        let tip = format!("to pass '{unknown}' as a formula, use '-- {unknown}' behind all options");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error.insert(ContextKind::Usage, ContextValue::StyledStr(subcommand.render_usage()));
    error
}

/// A wrong option, or a wish for help: clap's own text. Where the answer should have been JSON, so is the error.
fn usage(error: clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match print(&error.to_string()) {
            Ok(()) => ExitCode::from(Status::Done.code()),
            Err(failure) => fail(&failure, false),
        };
    }
    let is_json = std::env::args_os().any(|argument| argument == "--json");
    if error.kind() == ErrorKind::InvalidUtf8 {
        return fail(&Failure::bad_input(not_utf8(std::env::args_os().skip(1))), is_json);
    }
    let text = with_nearest(error).to_string();
    if is_json {
        return fail(&Failure::bad_input(text.trim()), true);
    }
    tell(text.trim_end());
    ExitCode::from(Status::BadInput.code())
}

/// The error of an unknown option with the nearest one that the subcommand has, whatever clap found.
fn with_nearest(mut error: clap::Error) -> clap::Error {
    let said = |error: &clap::Error, kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    let unknown =
        said(&error, ContextKind::InvalidArg).filter(|_| error.kind() == ErrorKind::UnknownArgument);
    let Some(unknown) = unknown else { return error };
    let mut command = Arguments::command();
    command.build();
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let subcommand = words.iter().skip(1).find_map(|word| command.find_subcommand(word)).cloned();
    let mut subcommand = subcommand.unwrap_or(command);
    let options = subcommand.get_arguments().filter_map(clap::Arg::get_long);
    let name = unknown.trim_start_matches('-');
    if let Some(nearest) = table::nearest(name.split('=').next().unwrap_or(name), options).first() {
        error.insert(ContextKind::SuggestedArg, ContextValue::String(format!("--{nearest}")));
        error.insert(ContextKind::Usage, ContextValue::StyledStr(subcommand.render_usage()));
    }
    error
}

/// Which arguments are no text.
fn not_utf8(arguments: impl Iterator<Item = OsString>) -> String {
    let wrong: Vec<String> = arguments
        .enumerate()
        .filter(|(_, argument)| argument.to_str().is_none())
        .map(|(place, argument)| format!("argument {}, {}", place + 1, fault::word(&argument)))
        .collect();
    format!(
        "{}: expected text in UTF-8, for only the paths of tables, models and folders may hold other bytes; write it in UTF-8",
        wrong.join(" and ")
    )
}

fn fail(failure: &Failure, is_json: bool) -> ExitCode {
    let is_told =
        is_json && !failure.is_after_answer() && print(&format!("{:#}\n", failure.to_json())).is_ok();
    if !is_told {
        tell(&format!("error: {failure}"));
    }
    ExitCode::from(failure.status().code())
}

/// Writes a line to standard error, whatever it says of the input spelled out. That it cannot be written leaves nothing to be said.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", syntax::visible(text));
}

/// Writes text to standard output. A reader that closes the pipe early, as `head` does, has what it wants.
fn print(text: &str) -> Result<(), Failure> {
    print_by(&mut |output| output.write_all(text.as_bytes()))
}

/// Writes to standard output piece by piece, likewise.
fn print_by(write: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>) -> Result<(), Failure> {
    let mut output = std::io::stdout().lock();
    match write(&mut output).and_then(|()| output.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::other(format!("standard output cannot be written ({error})")))
        }
        _ => Ok(()),
    }
}

/// A text without the byte-order mark that some editors put at the start of a file, and with line feeds where its lines end in
/// carriage returns alone.
fn past_mark(text: String) -> String {
    let text = match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    };
    if text.contains('\n') { text } else { text.replace('\r', "\n") }
}

/// The contents of a file where the text is the path of one (by its ending, or because the file is there), else the text.
fn text_or_file(text: &str, ending: &str) -> Result<String, Failure> {
    let path = Path::new(text);
    let is_named = path.extension().is_some_and(|found| found == ending) && !text.contains('\n');
    let is_file = is_named || text.len() < 256 && path.is_file() || is_path_alone(text);
    if !is_file {
        return Ok(past_mark(text.to_owned()));
    }
    match table::read_file_as_far(path, &|_| syntax::LONGEST_TEXT as u64 + 1) {
        // What is too long is refused where it is read, and replacements make no text shorter.
        Ok(bytes) if bytes.len() > syntax::LONGEST_TEXT => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Ok(bytes) => String::from_utf8(bytes).map(past_mark).map_err(|_| {
            Failure::bad_input(format!("`{text}` holds bytes that are no UTF-8 text: save it as UTF-8"))
        }),
        Err(error) => Err(error.into()),
    }
}

/// The table in a file; `-` is standard input. What the file leaves open is asked with the two commands that answer.
fn table(path: &Path, options: &TableOptions) -> Result<Table, Failure> {
    Table::read_as(past_sign(path), &options.reading()).map_err(unread)
}

/// How a table is read for a model: what was told of missing cells and of spellings where it was trained holds here too, which is said.
fn recalling(model: &Model, options: &TableOptions) -> Result<TableOptions, Failure> {
    let Encoding { missing, merged, .. } = model.encoding();
    let is_known = |text: &String| {
        merged.contains(text) || text.split(',').all(|name| merged.iter().any(|known| known == name.trim()))
    };
    if let Some(other) = options.merge.iter().find(|text| !is_known(text)) {
        return Err(Failure::bad_input(format!(
            "the model tells the spellings of `{other}` apart, as it was trained: leave `--merge` out, or train with it"
        )));
    }
    let reading = options.recalling(&missing, &merged);
    let own: Vec<String> = (reading.missing.iter().filter(|word| !options.missing.contains(word)))
        .map(|word| match word.strip_prefix("not:") {
            Some(value) => format!("`{value}` is a value"),
            None => format!("`{word}` is a missing cell"),
        })
        .collect();
    if !own.is_empty() {
        tell(&format!("note: as in the model's training, {}", own.join(", ")));
    }
    Ok(reading)
}

/// The blocks of a table, read as its options say.
fn blocks(path: &Path, options: &TableOptions) -> Result<Blocks, Failure> {
    Blocks::open(past_sign(path), &options.reading()).map_err(unread)
}

/// Why a table cannot be read; what is open is asked with whole commands.
fn unread(mut error: TableError) -> Failure {
    if let TableError::Undecided { question, .. } = &mut error {
        let command = fault::command();
        question.choices.iter_mut().for_each(|(option, _)| *option = format!("{command} {option}"));
    }
    Failure::from(error)
}

/// Says how a table was read, where it is not plain.
fn tell_reading(name: &str, reading: &Reading) {
    let reading = reading.to_string();
    if !reading.is_empty() {
        tell(&format!("note: {name} is read with {reading}"));
    }
}

/// The path of standard input where that is meant, else the path.
fn past_sign(path: &Path) -> &Path {
    if is_standard_input(path) { Path::new(STANDARD_INPUT) } else { path }
}

const STANDARD_INPUT: &str = "/dev/stdin";

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-") || path == Path::new(STANDARD_INPUT)
}

/// All of a text, or as much of it as shows that it is too long.
fn text_from(source: impl Read) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    source.take(syntax::LONGEST_TEXT as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > syntax::LONGEST_TEXT {
        // What is cut off may be half a letter, and replacements make no text shorter.
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    let text = String::from_utf8(bytes).map(past_mark);
    text.map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))
}

/// Whether a text can only be meant as a path: it looks like one, and not like a formula.
fn is_path_alone(text: &str) -> bool {
    let ends =
        [".txt", ".formula", ".chainrule", ".md", ".tex", ".csv"].iter().any(|ending| text.ends_with(ending));
    let is_word = !text.contains(|letter: char| letter.is_whitespace() || "()[]=,;'*+^<>".contains(letter));
    // `x/2y` is a quotient that lacks a sign.
    let is_short = |part: &str| part.chars().count() <= 3 && part.chars().all(char::is_alphanumeric);
    let is_quotient = text.split('/').all(is_short) && !Path::new(text).parent().is_some_and(Path::is_dir);
    let is_path = ends || is_word && text.contains('/') && !is_quotient;
    is_path && !text.contains('\n') && syntax::lines(text, &Library::standard()).is_err()
}

/// The model of a file or of a run's folder; that its file could hide damage is said.
fn model(path: &Path) -> Result<Model, Failure> {
    let model = Model::load(path)?;
    if model.description().schema == 1 {
        tell(&format!(
            "note: `{}` is of a version whose files have no checksums, so damage to its numbers would not be seen",
            path.display()
        ));
    }
    Ok(model)
}

/// A JSON file that a run's folder holds beside the model, where it is there and whole.
fn beside(model: &Path, name: &str) -> Option<Value> {
    let folder = if model.is_dir() { model } else { model.parent()? };
    let file = folder.join(name);
    // What has no end holds no answer.
    let bytes = if file.is_file() { table::read_file(file).ok()? } else { return None };
    serde_json::from_slice(&bytes).ok()
}

impl Command {
    fn is_json(&self) -> bool {
        match self {
            Command::Derive(derive) => derive.json || derive.format == arguments::Format::Json,
            Command::Check(check) => check.json,
            Command::Solve(solve) => solve.json || solve.format == arguments::SolveFormat::Json,
            Command::Train(train) => train.json,
            Command::Evaluate(evaluate) => evaluate.json,
            Command::Bench(bench) => bench.json,
            Command::Plan(plan) => plan.json,
            Command::Predict(_) | Command::Explain(_) | Command::Library(_) => false,
        }
    }
}
