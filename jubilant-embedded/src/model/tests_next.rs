//! The order of an agent's steps.

use std::net::Ipv4Addr;

use super::Model;
use super::changes::Changes;
use super::charm::Charm;
use super::hook::Hook;
use super::next::{Next, next};
use super::outcome::{Exit, Outcome};
use super::step::Step;
use super::task::What;
use super::walk::samples::application;
use crate::ground::name::UnitName;
use crate::ground::time::Timestamp;

const NOW: Timestamp = Timestamp(1_000_000_000_000);

fn model(units: usize) -> Model {
    let mut model = Model::new("uuid".into(), "m".into(), Default::default(), NOW);
    model.add_application(application("web", Charm::default(), NOW), &vec![Ipv4Addr::LOCALHOST; units]);
    model
}

fn web(number: u32) -> UnitName {
    UnitName::new("web", number)
}

fn take_step(model: &mut Model, unit: &UnitName, step: &Step, exit: Exit) {
    let number = model.begin(unit, step).expect("the unit");
    assert!(model.apply(unit, &Outcome { number, exit, changes: Changes::default() }));
}

/// Takes steps until there is nothing to do, and tells what they were.
fn steps(model: &mut Model, unit: &UnitName) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Next::Step(step) = next(model, unit) {
        take_step(model, unit, &step, Exit::Done);
        steps.push(step);
    }
    steps
}

fn unpack_and(revision: u32, hooks: &[Hook]) -> Vec<Step> {
    std::iter::once(Step::Unpack(revision)).chain(hooks.iter().cloned().map(Step::Hook)).collect()
}

fn refresh(model: &mut Model) {
    model.refresh("web", Charm::default(), 1, Default::default()).expect("web is there");
}

#[test]
fn installs_then_starts() {
    let mut model = model(2);
    let mut expected = unpack_and(0, &[Hook::Install, Hook::LeaderElected, Hook::ConfigChanged, Hook::Start]);
    assert_eq!(steps(&mut model, &web(0)), expected);
    expected.remove(2);
    assert_eq!(steps(&mut model, &web(1)), expected, "not the leader");
}

#[test]
fn a_hook_that_comes_between_does_not_lose_the_queued_one() {
    let mut model = model(1);
    for step in unpack_and(0, &[Hook::Install, Hook::LeaderElected, Hook::ConfigChanged]) {
        assert_eq!(next(&model, &web(0)), Next::Step(step.clone()));
        take_step(&mut model, &web(0), &step, Exit::Done);
    }
    refresh(&mut model);
    let expected = unpack_and(1, &[Hook::UpgradeCharm, Hook::ConfigChanged, Hook::Start]);
    assert_eq!(steps(&mut model, &web(0)), expected);
}

#[test]
fn upgrades_and_then_reconfigures() {
    let mut model = model(1);
    steps(&mut model, &web(0));
    refresh(&mut model);
    let expected = unpack_and(1, &[Hook::UpgradeCharm, Hook::ConfigChanged]);
    assert_eq!(steps(&mut model, &web(0)), expected);
}

#[test]
fn a_failed_hook_holds_everything_but_tasks_until_its_retry() {
    let mut model = model(1);
    let install = Step::Hook(Hook::Install);
    take_step(&mut model, &web(0), &Step::Unpack(0), Exit::Done);
    take_step(&mut model, &web(0), &install, Exit::Failed);
    let Next::Wait(Some(retry)) = next(&model, &web(0)) else { panic!("it waits for its retry") };
    model.now = retry;
    assert_eq!(next(&model, &web(0)), Next::Step(install));
    model.now = NOW;
    let operation = model.next_operation();
    let task = model.schedule(operation, web(0), What::Exec { command: "true".into() });
    assert_eq!(next(&model, &web(0)), Next::Step(Step::Task(task)));
}

#[test]
fn stops_and_goes_when_dying() {
    let mut model = model(1);
    steps(&mut model, &web(0));
    model.destroy_unit(&web(0), false);
    let expected = [Step::Hook(Hook::Stop), Step::Hook(Hook::Remove), Step::Remove];
    assert_eq!(steps(&mut model, &web(0)), expected);
    assert_eq!(next(&model, &web(0)), Next::Gone);
}

#[test]
fn update_status_comes_within_a_fifth_of_its_interval() {
    let mut model = model(1);
    model.config.insert("update-status-hook-interval".into(), "10s".into());
    steps(&mut model, &web(0));
    let Next::Wait(Some(due)) = next(&model, &web(0)) else { panic!("it waits") };
    assert!((8_000..=12_000).contains(&(due.0 - NOW.0)), "{due:?}");
    model.now = due;
    assert_eq!(next(&model, &web(0)), Next::Step(Step::Hook(Hook::UpdateStatus)));
}
