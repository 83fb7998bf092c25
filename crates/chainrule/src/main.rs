//! The program `chainrule`.

// The macros that print panic where standard output or standard error is closed or full.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
