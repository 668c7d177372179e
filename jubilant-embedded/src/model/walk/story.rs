//! What each unit has lived through, told from outside the model, and the order it must have.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Model;
use super::super::hook::Hook;
use super::super::life::Life;
use super::super::outcome::Exit;
use super::super::relation::Settings;
use super::super::step::Step;
use crate::ground::name::UnitName;

/// Everything that was ever there.
#[derive(Default)]
pub(super) struct Stories {
    pub(super) units: BTreeMap<UnitName, UnitStory>,
    /// The change that is being made is a user's, so that what is empty may go at once.
    pub(super) asked: bool,
    machines: BTreeSet<u32>,
    relations: BTreeSet<u32>,
    operations: BTreeSet<u32>,
}

/// One unit's.
#[derive(Default)]
pub(super) struct UnitStory {
    has_charm: bool,
    was_removed: bool,
    last_number: u64,
    /// The hook that began and has neither succeeded nor been passed over.
    open: Option<Hook>,
    pub(super) config: Option<u64>,
    pub(super) relations: BTreeMap<u32, RelationStory>,
}

/// What one unit was told of one relation.
#[derive(Default)]
pub(super) struct RelationStory {
    pub(super) created: bool,
    /// Its `relation-created` has ended at least once.
    entered: bool,
    leaving: bool,
    broken: bool,
    /// The members that joined, with their data when the unit was told last.
    pub(super) joined: BTreeMap<UnitName, Settings>,
    pub(super) application: Settings,
    departed: BTreeSet<UnitName>,
    /// This member's first `relation-changed` is still to come.
    fresh: Option<UnitName>,
}

impl Stories {
    /// A step begins; the model is as it was before.
    pub(super) fn begins(&mut self, model: &Model, unit: &UnitName, step: &Step, number: u64) {
        let story = self.units.entry(unit.clone()).or_default();
        assert!(number > story.last_number, "{unit}: step {number} comes after {}", story.last_number);
        story.last_number = number;
        let Step::Hook(hook) = step else { return };
        if let Some(open) = &story.open {
            assert_eq!(open, hook, "{unit}: another hook begins before this one is over");
        }
        let is_repeated = story.open.replace(hook.clone()).is_some();
        if *hook == Hook::ConfigChanged {
            story.config = model.applications.get(&unit.app).map(|app| app.config_version);
        }
        let Some(id) = hook.relation() else { return };
        let relation = story.relations.entry(id).or_default();
        if !is_repeated {
            relation.begins(unit, hook);
        }
        relation.reads(model, unit, hook);
        if let (false, Hook::RelationJoined { unit: member, .. }) = (is_repeated, hook) {
            self.a_member_joins_only_while_it_is_in(unit, member, id);
        }
    }

    fn a_member_joins_only_while_it_is_in(&self, unit: &UnitName, member: &UnitName, id: u32) {
        let theirs = self.units.get(member).and_then(|story| story.relations.get(&id));
        let is_in = theirs.is_some_and(|story| story.entered && !story.leaving);
        assert!(is_in, "{unit} is told that {member} joins relation {id}, but it is not in");
    }

    pub(super) fn ends(&mut self, unit: &UnitName, step: &Step, exit: &Exit) {
        let Some(story) = self.units.get_mut(unit) else { return };
        match (step, exit) {
            (Step::Unpack(_), Exit::Done) => story.has_charm = true,
            (Step::Hook(Hook::RelationCreated { relation }), Exit::Failed) => {
                story.relations.entry(*relation).or_default().entered = true;
            }
            (Step::Hook(_), Exit::Done) => self.hook_is_over(unit),
            _ => {}
        }
    }

    /// The unit goes on without its failed hook. As in Juju, that of the configuration counts for the present one.
    pub(super) fn hook_is_skipped(&mut self, model: &Model, unit: &UnitName) {
        let story = self.units.get_mut(unit).filter(|story| story.open == Some(Hook::ConfigChanged));
        if let Some(story) = story {
            story.config = model.applications.get(&unit.app).map(|app| app.config_version);
        }
        self.hook_is_over(unit);
    }

    /// The hook has succeeded, or the unit goes on without it.
    pub(super) fn hook_is_over(&mut self, unit: &UnitName) {
        let Some(story) = self.units.get_mut(unit) else { return };
        match story.open.take() {
            Some(Hook::Remove) => story.was_removed = true,
            Some(Hook::RelationCreated { relation }) => {
                story.relations.entry(relation).or_default().entered = true;
            }
            _ => {}
        }
    }

    /// What came and went with one change.
    pub(super) fn compare(&mut self, before: &Model, after: &Model) {
        self.numbers_are_new(before, after);
        for unit in before.units.keys().filter(|unit| !after.units.contains(*unit)) {
            self.a_unit_goes_at_its_end(before, unit);
        }
        for relation in before.relations.values().filter(|one| !after.relations.contains(&one.id)) {
            let was_asked = self.asked || relation.is_peer() || relation.life == Life::Dying;
            assert!(was_asked, "relation {} goes, and nobody asked", relation.id);
            self.a_relation_goes_when_nobody_is_in_it(after, relation.id, relation.is_peer());
        }
        for app in before.applications.values().filter(|app| !after.applications.contains(&app.name)) {
            assert!(self.asked || app.life == Life::Dying, "application {} goes, and nobody asked", app.name);
        }
        self.asked = false;
    }

    fn numbers_are_new(&mut self, before: &Model, after: &Model) {
        for unit in after.units.values().filter(|unit| !before.units.contains(&unit.name)) {
            assert!(unit.place.machine().is_some_and(|number| self.machines.insert(number)), "{unit:?}");
            let known = self.units.insert(unit.name.clone(), UnitStory::default());
            assert!(known.is_none(), "{} is there again", unit.name);
        }
        for id in after.relations.keys().filter(|id| !before.relations.contains(*id)) {
            assert!(self.relations.insert(*id), "relation {id} is there again");
        }
        for task in after.tasks.values().filter(|task| !before.tasks.contains(&task.id)) {
            let is_new = self.operations.insert(task.id) && self.operations.insert(task.operation);
            assert!(is_new, "the numbers of {task:?} were used before");
        }
    }

    fn a_unit_goes_at_its_end(&self, before: &Model, unit: &UnitName) {
        assert!(before.units.get(unit).is_some_and(|unit| unit.is_dying()), "{unit} goes, and nobody asked");
        let story = &self.units[unit];
        assert!(story.was_removed || !story.has_charm, "{unit} goes without `remove`");
        for (id, relation) in &story.relations {
            let is_peer = before.relations.get(id).is_some_and(|relation| relation.is_peer());
            assert!(relation.is_over(is_peer), "{unit} goes and is not told that relation {id} is broken");
        }
    }

    fn a_relation_goes_when_nobody_is_in_it(&self, after: &Model, id: u32, is_peer: bool) {
        for unit in after.units.keys() {
            let story = self.units[unit].relations.get(&id);
            let is_over = story.is_none_or(|story| story.is_over(is_peer));
            assert!(is_over, "relation {id} goes and {unit} is not told that it is broken");
        }
    }
}

impl RelationStory {
    fn is_over(&self, is_peer: bool) -> bool {
        is_peer || !self.created || self.broken
    }

    /// A hook that the unit has not begun before.
    fn begins(&mut self, unit: &UnitName, hook: &Hook) {
        let is_creation = matches!(hook, Hook::RelationCreated { .. });
        assert_ne!(self.created, is_creation, "{unit}: created comes first and once: {hook:?}");
        assert!(!self.broken, "{unit}: nothing comes after broken: {hook:?}");
        if let Some(fresh) = self.fresh.take() {
            let is_its = matches!(hook, Hook::RelationChanged { unit: Some(member), .. } if *member == fresh);
            assert!(is_its, "{unit}: {fresh}'s first changed comes right after joined: {hook:?}");
        }
        match hook {
            Hook::RelationJoined { unit: member, .. } => {
                let known = self.joined.insert(member.clone(), Settings::new());
                let gone = self.departed.contains(member);
                assert!(known.is_none() && !gone, "{unit}: joins twice: {hook:?}");
                self.fresh = Some(member.clone());
            }
            Hook::RelationChanged { unit: Some(member), .. } => {
                assert!(self.joined.contains_key(member), "{unit}: changed and not joined: {hook:?}");
            }
            Hook::RelationDeparted { unit: member, departing, .. } => {
                let known = self.joined.remove(member);
                assert!(known.is_some(), "{unit}: departed and not joined: {hook:?}");
                self.departed.insert(member.clone());
                self.leaving |= departing == unit;
            }
            Hook::RelationBroken { .. } => {
                assert!(self.joined.is_empty(), "{unit}: broken before {:?} departed", self.joined.keys());
                self.broken = true;
                self.leaving = true;
            }
            _ => self.created = true,
        }
    }

    /// The hook can read what the relation holds as it begins.
    fn reads(&mut self, model: &Model, unit: &UnitName, hook: &Hook) {
        let Some(relation) = hook.relation().and_then(|id| model.relations.get(&id)) else {
            panic!("{unit}: {hook:?} is about a relation that is gone")
        };
        match hook {
            Hook::RelationJoined { unit: member, .. } | Hook::RelationChanged { unit: Some(member), .. } => {
                let settings = relation.units.get(member).map(|member| member.bag.settings.clone());
                self.joined.insert(member.clone(), settings.unwrap_or_default());
            }
            Hook::RelationChanged { app, .. } => {
                let settings = relation.applications.get(app).map(|bag| bag.settings.clone());
                self.application = settings.unwrap_or_default();
            }
            _ => {}
        }
    }
}
