//! Reach the rest of `juju` through `cli`, with and without the model.

use jubilant::prelude::*;

#[juju_test]
fn with_the_model(juju: &Juju) -> TestResult {
    let status: serde_json::Value = serde_json::from_str(&juju.cli(["status", "--format", "json"])?)?;
    let name = status["model"]["name"].as_str().context("a model's name")?;
    assert!(juju.model().is_some_and(|model| model.ends_with(name)), "{name}");
    Ok(())
}

#[juju_test]
fn without_the_model(juju: &Juju) -> TestResult {
    let models = juju.cli(Cli::new(["models", "--format", "json"]).without_model())?;
    let model = juju.model().context("the fixture has a model")?;
    assert!(models.contains(model.rsplit(':').next().unwrap_or(model)), "{models}");
    Ok(())
}

#[juju_test]
fn a_mistake_shows_the_command_and_its_answer(juju: &Juju) {
    let error = juju.cli(["no-such-command"]).expect_err("no such command").to_string();
    assert!(error.contains("no-such-command") && error.contains("exit code"), "{error}");
}
