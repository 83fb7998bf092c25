//! Derivatives inside of a formula, `\nabla f(x)^T d`, which are refused.

use super::marks::Mark;
use super::reader::Reader;
use super::table::Part;
use crate::diagnostic::Diagnostic;

impl Reader<'_> {
    /// Whether a function by its letter stands here and more behind it, as in `\nabla f(x)^T d`: its gradient is part of a formula.
    pub fn is_slope_of_function(&self) -> bool {
        let Mark::Name(name) = self.peek() else { return false };
        let opens = |mark: &Mark| matches!(mark, Mark::Open | Mark::Part(Part::Open));
        let mut end = 1;
        let is_called = opens(self.ahead(end));
        if is_called {
            let mut depth = 0_usize;
            loop {
                match self.ahead(end) {
                    mark if opens(mark) => depth += 1,
                    Mark::Close | Mark::Part(Part::Close) => depth -= 1,
                    Mark::End => return false,
                    _ => {}
                }
                end += 1;
                if depth == 0 {
                    break;
                }
            }
        }
        let next = self.ahead(end);
        let is_end = next.ends_line()
            || matches!(next, Mark::Equals | Mark::Comma | Mark::Semicolon | Mark::Lower)
            || matches!(next, Mark::Part(Part::Align | Part::Remark));
        let is_loss = is_called && matches!(name.as_str(), "L" | "J" | "E" | "F");
        (super::applied::is_letter_of_functions(name) || is_loss) && !is_end
    }

    /// The error of a derivative that stands inside of a formula.
    pub fn derivative_inside(&self) -> Diagnostic {
        let what = format!("`{}` asks for a derivative inside of a formula", self.source.slice(self.span()));
        let mend = "write the formula alone whose derivative is wanted, such as `\\|X w - y\\|^2`, or with what it is by before all of it, such as `\\nabla_w \\|X w - y\\|^2`";
        self.error(what, mend, self.span())
    }
}
