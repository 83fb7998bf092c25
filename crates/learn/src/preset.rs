//! How a network is trained and judged by what its targets are: the blocks of the library's table of tasks.

use table::TargetKind;

/// A block of the table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Preset {
    /// The loss by default.
    pub loss: String,
    /// What is predicted beside that loss, a formula in A.
    pub predicts: String,
    /// The activation of the last layer beside any other loss.
    pub other: String,
    /// The metrics, the first first.
    pub metrics: Vec<String>,
    /// The best constant, and the network without hidden layers, by their names.
    pub baselines: [String; 2],
}

impl Preset {
    /// The block for targets of a kind that have so many classes each; of several targets, each by itself.
    pub(crate) fn of(kind: TargetKind, classes: &[usize]) -> Preset {
        let name = match (kind, classes) {
            (TargetKind::Numbers, _) => "numbers",
            (TargetKind::Counts, _) => "counts",
            (TargetKind::Classes, several) if several.iter().all(|classes| *classes <= 2) => "two classes",
            (TargetKind::Classes, _) => "several classes",
        };
        Preset::named(name)
    }

    fn named(name: &str) -> Preset {
        let lines = library::TASKS.lines().map(str::trim).skip_while(|line| *line != format!("task {name}"));
        let block: Vec<&str> = lines.skip(1).take_while(|line| !line.starts_with("task ")).collect();
        let field = |name: &str| {
            let value = block.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            value.unwrap_or_default().trim().to_owned()
        };
        let list = |name: &str| field(name).split(',').map(|word| word.trim().to_owned()).collect::<Vec<_>>();
        let [constant, linear] = <[String; 2]>::try_from(list("baselines")).unwrap_or_default();
        Preset {
            loss: field("loss"),
            predicts: field("predicts"),
            other: field("other"),
            metrics: list("metrics"),
            baselines: [constant, linear],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_whole() {
        let names = library::TASKS.lines().filter_map(|line| line.strip_prefix("task "));
        assert_eq!(names.clone().count(), 4);
        for name in names {
            let Preset { loss, predicts, other, metrics, baselines } = Preset::named(name);
            for text in [loss, predicts, other].into_iter().chain(metrics).chain(baselines) {
                assert!(!text.is_empty(), "{name}");
            }
        }
    }
}
