//! Lines that name a size, `m = nrows(X)`, which Python and MATLAB need and the language of formulas declares.

use crate::diagnostic::{Origin, Text};
use crate::program::{Declaration, Program};
use crate::shapes::Declared;
use crate::tree::Expr;
use crate::usage::usages;
use crate::words::{Counted, Meaning, word};
use formula::{Name, Properties, Size};
use std::collections::BTreeSet;

/// Takes lines away that say of a name of a size what it counts: `m = nrows(X)`, where m is a size elsewhere. What counts nothing
/// that is declared otherwise is so declared; a name that is no size elsewhere is a number, and its line stays.
pub(crate) fn settle(program: &mut Program) {
    let counts = |program: &Program, at: usize| -> Option<(Name, Name, Counted)> {
        let line = program.lines.get(at)?;
        let Expr::Call(call) = program.tree.expr(line.value) else { return None };
        let Some(Meaning::Count(counted)) = word(&call.name).map(|word| word.meaning) else { return None };
        let [of] = call.arguments.as_slice() else { return None };
        let Expr::Name(of) = program.tree.expr(*of) else { return None };
        Some((line.name.clone()?, of.clone(), counted))
    };
    if (0..program.lines.len()).all(|at| counts(program, at).is_none()) {
        return;
    }
    let mut sizes: BTreeSet<Name> = usages(program).sizes;
    sizes.extend(program.declarations.iter().flat_map(|one| one.declared.sizes()));
    // The last line is the formula.
    for at in (0..program.lines.len().saturating_sub(1)).rev() {
        let Some((name, of, counted)) = counts(program, at) else { continue };
        if sizes.contains(&name) && says(program, &of, counted, &Size::named(name)) {
            program.lines.remove(at);
            program.beside -= usize::from(at < program.beside);
        }
    }
}

/// Whether so many rows or columns are what a value is declared to have, or can be declared of it, which is then done.
fn says(program: &mut Program, of: &Name, counted: Counted, size: &Size) -> bool {
    let is_let = program.lines.iter().any(|line| line.name.as_ref() == Some(of));
    let known = program.declarations.iter_mut().find(|one| one.name == *of);
    let place = |rows: &mut Option<Size>, cols: &mut Option<Size>| {
        let place = match counted {
            Counted::Rows => rows,
            Counted::Columns => cols,
            Counted::Entries if cols.as_ref().is_some_and(Size::is_one) => rows,
            Counted::Entries => return false,
        };
        *place.get_or_insert_with(|| size.clone()) == *size
    };
    match known.map(|one| &mut one.declared) {
        Some(Declared::Value { rows, cols, .. }) => place(rows, cols),
        Some(Declared::Function | Declared::Functional(_)) => false,
        None if is_let => false,
        None => {
            let (mut rows, mut cols) = (None, None);
            let is_said = place(&mut rows, &mut cols);
            if is_said {
                let declared = Declared::Value { rows, cols, properties: Properties::default() };
                let text = Text::new(Origin::Declarations, "");
                let (name, span, alone) = (of.clone(), Default::default(), None);
                program.declarations.push(Declaration { name, declared, text, span, alone });
            }
            is_said
        }
    }
}
