//! Tiny agents: they take steps as the real ones do, and the steps end at random.

use super::super::changes::Changes;
use super::super::next::{Next, next};
use super::super::outcome::{Exit, Outcome};
use super::super::port::Port;
use super::super::step::Step;
use super::super::task::State;
use super::{Busy, Walk, invariants};
use crate::ground::name::UnitName;

impl Walk<'_> {
    /// The outcome of a step; one in `failing` is a failure, none with 0.
    pub(super) fn outcome(&mut self, unit: &UnitName, busy: &Busy, failing: usize) -> Outcome {
        let fails = failing > 0 && self.dice.once_in(failing);
        let exit = match (&busy.step, fails) {
            (Step::Task(_), true) => Exit::Task { state: State::Failed, message: None, code: Some(1) },
            (Step::Task(_), false) => Exit::Task { state: State::Completed, message: None, code: Some(0) },
            (_, true) => Exit::Failed,
            (_, false) => Exit::Done,
        };
        Outcome { number: busy.number, exit, changes: self.wishes(unit) }
    }

    /// What a hook asks for.
    fn wishes(&mut self, unit: &UnitName) -> Changes {
        let mut changes = Changes::default();
        let Some(relation) = self.dice.one_of(self.model.relations.keys().copied().collect()) else {
            return changes;
        };
        let mut settings = || {
            let value = ["", "1", "2"][self.dice.below(3)].to_owned();
            [(["k", "l"][self.dice.below(2)].to_owned(), value)].into()
        };
        let (one, other) = (settings(), settings());
        if self.dice.once_in(3) {
            changes.relations.write_unit(relation, one);
        }
        if self.dice.once_in(6) && self.model.is_leader(unit) {
            changes.relations.write_application(relation, other);
        }
        let port = Port { protocol: "tcp".into(), from: 80, to: 80 + self.dice.below(2) as u16 };
        match self.dice.below(8) {
            0 => changes.ports.open(port),
            1 => changes.ports.close(port),
            2 => changes.state.set("key".into(), Some("value".into())),
            3 => changes.state.set("key".into(), None),
            _ => {}
        }
        changes
    }

    /// Some agent's step ends, or it looks for the next one.
    pub(super) fn some_agent(&mut self) {
        let Some(unit) = self.dice.one_of(self.model.units.keys().cloned().collect()) else { return };
        self.turn(&unit, 4);
    }

    /// An agent's turn; returns whether it did anything.
    pub(super) fn turn(&mut self, unit: &UnitName, failing: usize) -> bool {
        if let Some(busy) = self.busy.remove(unit) {
            let outcome = self.outcome(unit, &busy, failing);
            self.finish(unit, &busy, outcome);
            return true;
        }
        let decided = next(&self.model, unit);
        self.note(|| format!("{unit}: {decided:?}"));
        match decided {
            Next::Step(step) => self.change(|walk| walk.begin(unit, step)),
            Next::Skip => self.change(|walk| {
                walk.model.skip_failed(unit);
                walk.stories.hook_is_skipped(&walk.model, unit);
            }),
            Next::Wait(until) => {
                assert!(until.is_none_or(|until| until > self.model.now), "{unit} waits for the past");
                return false;
            }
            Next::Gone => panic!("{unit} is there"),
        }
        true
    }

    fn begin(&mut self, unit: &UnitName, step: Step) {
        let running = self.model.units.get(unit).and_then(|unit| unit.agent.running.clone());
        assert_eq!(running, None, "{unit} begins {step:?} while another step runs");
        let before = self.model.clone();
        let number = self.model.begin(unit, &step).expect("the unit");
        self.stories.begins(&before, unit, &step, number);
        self.busy.insert(unit.clone(), Busy { number, step, void: false });
    }

    fn finish(&mut self, unit: &UnitName, busy: &Busy, outcome: Outcome) {
        self.note(|| format!("{unit}: {:?} ends: {outcome:?}", busy.step));
        if busy.void {
            return self.apply_late(unit, &outcome);
        }
        let before = self.model.clone();
        self.change(|walk| {
            assert!(walk.model.apply(unit, &outcome), "the outcome of {unit} counts");
            walk.stories.ends(unit, &busy.step, &outcome.exit);
        });
        if !matches!(outcome.exit, Exit::Done | Exit::Task { code: Some(0), .. }) {
            invariants::what_a_failed_step_asked_for_did_not_happen(&before, &self.model);
        }
        if self.dice.once_in(4) {
            self.late.push((unit.clone(), outcome));
        }
    }

    pub(super) fn late_outcome(&mut self) {
        if let Some((unit, outcome)) = self.dice.one_of(self.late.clone()) {
            self.apply_late(&unit, &outcome);
        }
    }

    /// An outcome that is nobody's any more does nothing.
    fn apply_late(&mut self, unit: &UnitName, outcome: &Outcome) {
        self.note(|| format!("{unit}: late {outcome:?}"));
        let before = self.model.clone();
        let counted = self.change(|walk| walk.model.apply(unit, outcome));
        assert!(!counted, "{unit}: a late outcome counted: {outcome:?}");
        assert!(invariants::is_same(&before, &self.model), "a late outcome changed something: {outcome:?}");
    }

    /// Nothing new comes, and all goes well: the agents come to rest.
    pub(super) fn rest(&mut self) {
        self.note(|| "rest".to_owned());
        let mut left = 200 * (self.model.units.len() + 1);
        loop {
            let mut moved = false;
            for unit in self.model.units.keys().cloned().collect::<Vec<_>>() {
                while self.model.units.contains(&unit) && self.turn(&unit, 0) {
                    moved = true;
                    left = left.checked_sub(1).unwrap_or_else(|| panic!("{unit} does not come to rest"));
                }
                if self.model.is_in_error(&unit) {
                    let retry = self.dice.once_in(2);
                    self.change(|walk| walk.resolve(&unit, retry));
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }
}
