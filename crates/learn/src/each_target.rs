//! Several targets with a column for each class: what is told of one target, of the columns that each has.

use crate::network::{call, called, replace_letter};
use crate::{LearnError, Network, Task};
use compiler::{CompileError, Library};

/// What stands behind the name of a loss where it is added up.
const OF_EACH: &str = "_of_each_target";

impl Network {
    /// The loss that is added up over the columns of each target, where there are several such; `None` where one loss sees them all.
    pub fn loss_of_each_target(&self) -> Option<&str> {
        self.loss.strip_suffix(OF_EACH)
    }
}

impl Task {
    /// The first and the last column of each target, counted from 1, where there are several targets with several columns.
    fn own_columns(&self) -> Option<Vec<(usize, usize)>> {
        let widths = self.widths();
        let mut before = 0;
        let columns = widths.iter().map(|width| {
            before += width;
            (before - width + 1, before)
        });
        (widths.len() > 1 && self.is_classes() && widths.iter().any(|width| *width > 1))
            .then(|| columns.collect())
    }

    /// The call of a loss as a call of the page that adds up what it is of the columns of each target: the loss itself for one.
    pub(crate) fn loss_of_each(&self, loss: &str, library: &mut Library) -> Result<String, LearnError> {
        let Some(columns) = self.own_columns() else { return Ok(loss.to_owned()) };
        let term = |(first, last): &(usize, usize)| {
            call(loss, &format!("cols(A, {first}, {last}), cols(Y, {first}, {last})"))
        };
        let sum = columns.iter().map(term).collect::<Vec<_>>().join(" + ");
        let name = format!("{}{OF_EACH}", called(loss));
        Ok(library.anonymous_loss(&sum, &name).map_err(CompileError::from)?.to_string())
    }

    /// What is predicted of each target, a formula in A, as one formula in the A of all.
    pub(crate) fn predicts_of_each(&self, predicts: &str) -> String {
        let Some(columns) = self.own_columns() else { return predicts.to_owned() };
        let own = |(first, last)| replace_letter(predicts, 'A', &format!("cols(A, {first}, {last})"));
        format!("[{}]", columns.into_iter().map(own).collect::<Vec<_>>().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use table::{Table, TargetColumn};

    fn task(csv: &str, names: &[&str]) -> Task {
        let table = Table::parse("t", csv.as_bytes()).unwrap();
        let columns: Vec<TargetColumn> =
            names.iter().map(|name| TargetColumn::find(&table, name, None).unwrap()).collect();
        Task::of(&columns, None).unwrap()
    }

    #[test]
    fn several_targets_of_several_classes_have_a_loss_and_probabilities_each() {
        let mut library = Library::standard();
        let both = task("y,z\na,p\nb,q\nc,q\n", &["y", "z"]);
        let loss = both.loss_of_each("cross_entropy", &mut library).unwrap();
        assert_eq!(loss, "cross_entropy_of_each_target");
        let page = library.text(&loss).into_iter().next().unwrap();
        assert!(
            page.text.contains("cross_entropy(A(:, 1:3), Y(:, 1:3)) + cross_entropy(A(:, 4:5), Y(:, 4:5))"),
            "{}",
            page.text
        );
        let predicts = "[softmax(cols(A, 1, 3), 2), softmax(cols(A, 4, 5), 2)]";
        assert_eq!(both.predicts_of_each("softmax(A, 2)"), predicts);
        for (csv, names) in [("y,z\na,p\nb,q\nc,q\n", &["y"][..]), ("y,z\na,p\nb,q\na,q\n", &["y", "z"])] {
            let task = task(csv, names);
            assert_eq!(task.loss_of_each("cross_entropy", &mut library).unwrap(), "cross_entropy");
            assert_eq!(task.predicts_of_each("softmax(A, 2)"), "softmax(A, 2)");
        }
    }
}
