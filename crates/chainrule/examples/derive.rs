//! Derives a small network's loss by its weights, and prints each line, each step with its law, and the closed forms.

use chainrule::{DerivationOptions, DeriveError, Library, Question, derivation_text, derive, text};

fn main() -> Result<(), DeriveError> {
    let question = Question {
        formula: "norm(sigmoid(tanh(X*W1)*W2) - Y)^2/m",
        wrt: &["W1", "W2"],
        ..Question::default()
    };
    let answer = derive(&question, &Library::standard())?;
    let options = DerivationOptions { steps: true, ..DerivationOptions::default() };
    println!("{}", derivation_text(&answer.derivation, options));
    for closed in &answer.closed {
        let value = text(&answer.derivation.formula, closed.value).unwrap_or_default();
        println!("df/d{} = {value}", closed.by);
    }
    println!("agrees with difference quotients: {}", answer.check.passed);
    Ok(())
}
