//! Random walks: commands, steps of agents, time and kills in any order, and what must hold whatever happens.
//! `JUBILANT_SEED=N cargo test -p jubilant-embedded --lib model::walk` repeats one that failed.

mod agents;
mod commands;
mod dice;
mod invariants;
pub(super) mod samples;
mod story;

use std::collections::{BTreeMap, VecDeque};

use super::outcome::Outcome;
use super::step::Step;
use super::{Destruction, Model};
use crate::ground::name::UnitName;
use crate::ground::time::Timestamp;
use dice::Dice;
use story::Stories;

/// In all walks together; some seconds' worth.
const STEPS: usize = 100_000;

/// One model and what has happened to it.
struct Walk<'a> {
    dice: &'a mut Dice,
    model: Model,
    stories: Stories,
    /// What each agent does at present.
    busy: BTreeMap<UnitName, Busy>,
    /// Outcomes of steps that a kill or `resolved` made void.
    late: Vec<(UnitName, Outcome)>,
    steps: usize,
    /// An earlier state, to be brought up to date as the journal does it.
    earlier: Model,
    /// The last things that happened, shown if something is wrong.
    trail: VecDeque<String>,
}

struct Busy {
    number: u64,
    step: Step,
    /// `resolved --no-retry` went on without it.
    void: bool,
}

impl<'a> Walk<'a> {
    fn new(dice: &'a mut Dice) -> Self {
        let now = Timestamp(1_000_000_000_000);
        let retries = if dice.once_in(4) { "false" } else { "true" };
        let config = [("automatically-retry-hooks".to_owned(), retries.to_owned())].into();
        let model = Model::new("uuid".into(), "m".into(), config, now);
        let earlier = model.clone();
        Self {
            dice,
            model,
            stories: Stories::default(),
            busy: BTreeMap::new(),
            late: Vec::new(),
            steps: 0,
            earlier,
            trail: VecDeque::new(),
        }
    }

    fn note(&mut self, what: impl FnOnce() -> String) {
        self.trail.push_back(what());
        if self.trail.len() > 60 {
            self.trail.pop_front();
        }
    }

    /// Makes one change and checks everything that must hold after any.
    fn change<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.model.clone();
        let value = make(self);
        self.steps += 1;
        self.model.news = super::News::default();
        self.stories.compare(&before, &self.model);
        invariants::hold(&self.model);
        if self.dice.once_in(20) {
            invariants::changes_lead_from_one_state_to_the_other(&self.earlier, &self.model);
            self.earlier = self.model.clone();
        }
        value
    }

    /// Anything that can happen.
    fn happen(&mut self) {
        match self.dice.below(100) {
            0..14 => self.change(Self::command),
            14..20 => self.pass_time(),
            20 => self.change(Self::kill),
            21..25 => self.late_outcome(),
            _ => self.some_agent(),
        }
    }

    fn pass_time(&mut self) {
        let seconds = [1, 6, 60, 400][self.dice.below(4)];
        self.note(|| format!("{seconds} s pass"));
        self.change(|walk| walk.model.now = Timestamp(walk.model.now.0 + 1000 * seconds));
    }

    /// The controller is killed: no step that runs will end well, though some did end and nobody knows.
    fn kill(&mut self) {
        self.note(|| "kill".to_owned());
        self.model.interrupt();
        for (unit, busy) in std::mem::take(&mut self.busy) {
            let outcome = self.outcome(&unit, &busy, 4);
            self.late.push((unit, outcome));
        }
    }

    /// Everything ends as soon as it is asked to: nothing is left that is about the model's contents.
    fn end(&mut self) {
        self.note(|| "destroy".to_owned());
        self.stories.asked = true;
        self.change(|walk| walk.model.destroy(Destruction::default()));
        for _ in 0..self.dice.below(60) {
            if self.dice.once_in(20) { self.change(Self::kill) } else { self.some_agent() }
        }
        self.rest();
        invariants::nothing_is_left(&self.model);
    }
}

impl Drop for Walk<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.trail.iter().for_each(|line| println!("{line}"));
        }
    }
}

#[test]
fn random_walks_keep_every_promise() {
    let given = std::env::var("JUBILANT_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| Timestamp::now().0.unsigned_abs());
    println!("the seed is {seed}: JUBILANT_SEED={seed} repeats this");
    let mut dice = Dice::new(seed);
    let mut steps = 0;
    while steps < STEPS {
        let mut walk = Walk::new(&mut dice);
        for _ in 0..100 + walk.dice.below(400) {
            walk.happen();
        }
        walk.rest();
        invariants::everyone_was_told(&walk.model, &walk.stories);
        walk.end();
        steps += walk.steps;
    }
}
