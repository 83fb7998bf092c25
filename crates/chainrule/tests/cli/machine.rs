//! Plans, and the limits of the machine.

use super::{Place, shipped};
use serde_json::Value;

#[test]
fn the_plan_of_a_formula_says_what_each_instruction_costs() {
    let place = Place::new();
    let formula = ["plan", "norm(X*w - y)^2/m", "--wrt", "w", "--sizes", "n = 8", "--peak", "100"];
    let text = place.succeed(&formula).output;
    // A product forward and one backward: 2 * 8 multiply-adds a row.
    for part in ["for each tile", "costs of 1024 rows", "16384", "at 100.0 GFLOP/s"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let json = place.succeed(&[&formula[..], &["--rows", "10", "--json"]].concat()).output;
    let plan: Value = serde_json::from_str(&json).unwrap();
    let costs = plan["plans"][0]["instructions"].as_array().unwrap();
    let products: u64 = costs.iter().map(|cost| cost["multiply_adds"].as_u64().unwrap()).sum();
    assert_eq!(products, 160);
    assert_eq!(plan["plans"][0]["limit_seconds"].as_f64().unwrap(), 2.0 * 160.0 / 100e9);
}

#[test]
fn a_size_without_a_number_is_asked_for() {
    let place = Place::new();
    let answer = place.run(&["plan", "norm(X*w - y)^2/m", "--wrt", "w", "--peak", "1"]);
    assert_eq!(answer.status, 2, "{}", answer.output);
    assert!(answer.errors.contains('n'), "{}", answer.errors);
    assert_eq!(place.run(&["plan", "x", "--sizes", "n"]).status, 2);
}

#[test]
fn the_plan_of_a_model_has_its_step_its_update_and_its_prediction() {
    let place = Place::new();
    let table = shipped("sine.csv");
    place.succeed(&["train", &table, "--target", "y", "--epochs", "1", "--out", "run", "--batch-size", "16"]);
    let text = place.succeed(&["plan", "run", "--peak", "100"]).output;
    for part in ["step\n", "update\n", "prediction\n", "costs of 16 rows", "df/dW1", "rate"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // The file alone does not say how it was trained.
    std::fs::rename(place.path("run/model.safetensors"), place.path("moved.safetensors")).unwrap();
    let alone = place.succeed(&["plan", "moved.safetensors", "--peak", "100"]).output;
    assert!(alone.contains("prediction\n") && !alone.contains("update\n"), "{alone}");
}

#[test]
fn a_workload_is_measured_beside_its_limit() {
    let place = Place::new();
    let line = ["bench", "--workload", "tiny", "--seconds", "0.001"];
    assert!(place.succeed(&line).output.contains("8-16-1 sigmoid"));
    let json = place.succeed(&[&line[..], &["--json"]].concat()).output;
    let answer: Value = serde_json::from_str(&json).unwrap();
    let reached = answer["workloads"][0]["reached"].as_f64().unwrap();
    assert!(reached > 0.0 && answer["peak"].as_f64().unwrap() > 0.0, "{json}");
    let refused = place.run(&["bench", "--workload", "huge"]);
    assert!(refused.status == 2 && refused.errors.contains("medium"), "{}", refused.errors);
}
