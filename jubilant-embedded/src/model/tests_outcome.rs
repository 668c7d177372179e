//! What is told after a failed hook was skipped.

use std::net::Ipv4Addr;

use super::Model;
use super::changes::Changes;
use super::hook::Hook;
use super::next::{Next, next};
use super::outcome::{Exit, Outcome};
use super::step::Step;
use super::walk::samples::{application, charm};
use crate::ground::name::UnitName;

fn take_step(model: &mut Model, unit: &UnitName, step: &Step, exit: Exit) {
    let number = model.begin(unit, step).expect("the unit");
    assert!(model.apply(unit, &Outcome { number, exit, changes: Changes::default() }));
}

fn come_to_rest(model: &mut Model, unit: &UnitName) {
    while let Next::Step(step) = next(model, unit) {
        take_step(model, unit, &step, Exit::Done);
    }
}

fn set(model: &mut Model, key: &str, unit: &UnitName) {
    let mut changes = Changes::default();
    changes.relations.write_unit(0, [(key.to_owned(), "1".to_owned())].into());
    changes.apply(model, unit);
}

#[test]
fn what_changed_after_a_hook_failed_is_told_when_the_unit_goes_on_without_it() {
    let mut model = Model::new("uuid".into(), "m".into(), Default::default(), Default::default());
    model.add_application(application("a", charm("a", false), model.now), &[Ipv4Addr::LOCALHOST; 2]);
    let (one, two) = (UnitName::new("a", 0), UnitName::new("a", 1));
    for unit in [&one, &two, &one] {
        come_to_rest(&mut model, unit);
    }
    let hook = Hook::RelationChanged { relation: 0, app: "a".into(), unit: Some(two.clone()) };
    let changed = Step::Hook(hook);
    set(&mut model, "first", &two);
    assert_eq!(next(&model, &one), Next::Step(changed.clone()));
    take_step(&mut model, &one, &changed, Exit::Failed);
    set(&mut model, "second", &two);
    model.resolve(&one, false).expect("it is in error");
    assert_eq!(next(&model, &one), Next::Step(changed));
}
