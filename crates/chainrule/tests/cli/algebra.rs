//! The algebra of an answer: its steps by name, numbered on from the laws, in every notation.

use super::Place;

/// What is printed between two titles.
fn between<'t>(text: &'t str, title: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(title).unwrap_or_else(|| panic!("no {title}: {text}"));
    rest.split_once(end).map_or(rest, |(part, _)| part)
}

#[test]
fn steps_go_on_from_the_laws_to_the_closed_form() {
    let place = Place::new();
    let text = place.succeed(&["derive", "logdet(A'*A)", "--wrt", "A", "--steps"]).output;
    let algebra = between(&text, "algebra of df/dA", "closed form");
    for part in [
        "5. inverse of a symmetric matrix is symmetric",
        "inv(A'*A)'\n       = inv(A'*A)   (n x n)",
        "6. like terms",
        "A*inv(A'*A) + A*inv(A'*A)\n       = 2*A*inv(A'*A)   (m x n)",
    ] {
        assert!(algebra.contains(part), "{part} in {algebra}");
    }
    assert!(text.contains("2 steps of algebra at 3 random points"), "{text}");
    assert!(text.trim_end().ends_with("passed"), "{text}");
}

#[test]
fn a_step_of_algebra_is_opened() {
    let place = Place::new();
    let text = place.succeed(&["derive", "logdet(A'*A)", "--wrt", "A", "--why", "5"]).output;
    for part in ["inverse of a symmetric matrix is symmetric:   inv(A)' -> inv(A)", "A = A'*A   (n x n)"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    place.ends(2, &["derive", "logdet(A'*A)", "--wrt", "A", "--why", "7"], &["has 6"]);
}

#[test]
fn what_is_declared_is_used_and_named() {
    let place = Place::new();
    let question = ["derive", "-sum(Y .* log(softmax(X*W, 2)))", "--wrt", "W", "--steps"];
    let plain = place.succeed(&question).output;
    assert!(plain.contains("df/dW = X'*(softmax(X*W, 2) .* (sum(Y, 2)*ones(n)') - Y)"), "{plain}");
    let told = place.succeed(&[&question[..], &["--let", "Y: rows sum to one"]].concat()).output;
    assert!(told.contains(". rows sum to one"), "{told}");
    assert!(told.contains("df/dW = X'*(softmax(X*W, 2) - Y)"), "{told}");
}

#[test]
fn every_notation_has_the_steps() {
    let place = Place::new();
    let question =
        |format: &'static str| ["derive", "logdet(A'*A)", "--wrt", "A", "--steps", "--format", format];
    let latex = place.succeed(&question("latex")).output;
    assert!(latex.contains(r"\text{like terms}"), "{latex}");
    let html = place.succeed(&question("html")).output;
    assert!(html.contains("like terms") && html.contains("<ol start=\"5\">"), "{html}");
    let json: serde_json::Value = serde_json::from_str(&place.succeed(&question("json")).output).unwrap();
    let steps = &json["derivatives"][0]["algebra"];
    assert_eq!(steps[1]["names"][0], "like terms");
    assert_eq!(steps[1]["to"], "2*A*inv(A'*A)");
    assert_eq!(json["check"]["algebra"]["passed"], true);
}

#[test]
fn closed_forms_keep_the_lets_of_the_formula() {
    let place = Place::new();
    let attention = "P = softmax(Q*K'/sqrt(d_k), 2)";
    let text = place.succeed(&["derive", "P*V", "--wrt", "Q", "--let", attention, "--answer"]).output;
    assert!(text.contains("df/dP = df/dG*V'"), "{text}");
    assert!(text.contains("df/dQ = (P .* (df/dP - sum(P .* df/dP, 2)*ones(p)'))*K/sqrt(d_k)"), "{text}");
}
