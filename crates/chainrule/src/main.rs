//! The program `chainrule`.

mod cli;

fn main() -> std::process::ExitCode {
    cli::main()
}
