//! What the end of a step changes.

use std::time::Duration;

use super::Model;
use super::agent::HookFailure;
use super::changes::Changes;
use super::hook::Hook;
use super::relation::Presence;
use super::status::Status;
use super::step::{Step, Told};
use super::task::{self, Task};
use crate::ground::name::UnitName;

const FIRST_RETRY: Duration = Duration::from_secs(5);
const LONGEST_RETRY: Duration = Duration::from_secs(5 * 60);

/// How a step ended.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Which step: see [`Model::begin`].
    pub(crate) number: u64,
    pub(crate) exit: Exit,
    /// What it asked for; it happens only if the step succeeded.
    pub(crate) changes: Changes,
}

#[derive(Debug, Clone)]
pub(crate) enum Exit {
    /// As it should; so does a hook that the charm does not have.
    Done,
    Failed,
    /// That of a task is its result.
    Task {
        state: task::State,
        message: Option<String>,
        code: Option<i32>,
    },
}

impl Exit {
    fn is_success(&self) -> bool {
        matches!(self, Self::Done | Self::Task { code: Some(0), .. })
    }
}

impl Model {
    /// Takes an outcome over and returns whether it counted: it does only if its step is still the unit's current
    /// one. It is not after `resolved --no-retry`, for instance, which goes on without the hook that runs.
    pub(crate) fn apply(&mut self, name: &UnitName, outcome: &Outcome) -> bool {
        let Some(unit) = self.units.get_mut(name) else { return false };
        let Some(ended) = unit.agent.running.take_if(|step| step.number == outcome.number) else {
            return false;
        };
        if outcome.exit.is_success() {
            outcome.changes.apply(self, name);
        }
        match (ended.step, &outcome.exit) {
            (Step::Unpack(revision), Exit::Done) => self.unpacked(name, revision),
            (Step::Hook(hook), Exit::Done) => self.hook_succeeded(name, &hook, ended.told),
            (Step::Hook(hook), _) => self.hook_failed(name, &hook, ended.told),
            (Step::Task(id), Exit::Task { state, message, code }) => {
                let now = self.now;
                if let Some(task) = self.tasks.get_mut(&id) {
                    task.code = *code;
                    task.finish(*state, message.clone(), now);
                }
            }
            (Step::Remove, Exit::Done) => {
                self.set_workload(name, "terminated", "");
                self.forget_unit(name);
            }
            // A step that failed is tried again; a task without a result was removed meanwhile.
            (Step::Unpack(_) | Step::Remove | Step::Task(_), _) => {}
        }
        true
    }

    /// Records that a killed controller's steps will never end. Hooks are run again; an action is not: who asked
    /// for it has been told that the connection broke.
    pub(crate) fn interrupt(&mut self) {
        let now = self.now;
        let runs = |_: &u32, task: &Task| task.state == task::State::Running;
        let message = "action terminated";
        self.tasks.change_where(runs, |task| task.finish(task::State::Failed, Some(message.into()), now));
        self.units.change_where(|_, unit| unit.agent.running.is_some(), |unit| unit.agent.running = None);
    }

    /// Goes on without the hook that failed.
    pub(crate) fn skip_failed(&mut self, name: &UnitName) {
        let Some(unit) = self.units.get_mut(name) else { return };
        let Some(hook) = unit.agent.current.clone() else { return };
        // A retry that runs at this moment no longer counts.
        unit.agent.running.take_if(|running| running.step == Step::Hook(hook.clone()));
        // As in Juju, what a relation got since is still to be told, and the present configuration is not.
        let Told { unit: member, application, .. } =
            unit.agent.failure.as_ref().map(|failure| failure.told).unwrap_or_default();
        let told = Told { unit: member, application, ..self.told_by(name, &hook) };
        self.hook_succeeded(name, &hook, told);
    }

    /// The charm revision is in place; the first one is to be installed, a later one to be told of.
    fn unpacked(&mut self, name: &UnitName, revision: u32) {
        let resources = self.applications.get(&name.app).map_or(0, |app| app.upgrade_version);
        let Some(unit) = self.units.get_mut(name) else { return };
        unit.agent.deployed = Some(revision);
        unit.agent.upgrade_seen = resources;
        if unit.agent.installed && !unit.agent.queued.contains(&Hook::UpgradeCharm) {
            unit.agent.queued.insert(0, Hook::UpgradeCharm);
        }
    }

    fn hook_succeeded(&mut self, name: &UnitName, hook: &Hook, told: Told) {
        let Some(unit) = self.units.get_mut(name) else { return };
        let agent = &mut unit.agent;
        agent.failure = None;
        agent.current = None;
        match hook {
            Hook::Install => agent.installed = true,
            Hook::LeaderElected => agent.leader_elected = true,
            Hook::ConfigChanged => {
                agent.config_seen = Some(told.config);
                if !agent.started && !agent.queued.contains(&Hook::Start) {
                    agent.queued.push(Hook::Start);
                }
            }
            Hook::Start => {
                agent.started = true;
                if !unit.status_set {
                    self.set_workload(name, "unknown", "");
                }
            }
            Hook::UpgradeCharm => {
                agent.upgrade_seen = told.upgrade;
                agent.queued.insert(0, Hook::ConfigChanged);
            }
            Hook::UpdateStatus => {}
            Hook::Stop => agent.stopped = true,
            Hook::Remove => agent.removed = true,
            Hook::RelationCreated { .. }
            | Hook::RelationJoined { .. }
            | Hook::RelationChanged { .. }
            | Hook::RelationDeparted { .. }
            | Hook::RelationBroken { .. } => self.relation_hook_succeeded(name, hook, told),
        }
    }

    fn relation_hook_succeeded(&mut self, name: &UnitName, hook: &Hook, told: Told) {
        let Some((unit, id)) = self.units.get_mut(name).zip(hook.relation()) else { return };
        let seen = unit.agent.relations.entry(id).or_default();
        match hook {
            Hook::RelationCreated { .. } => {
                seen.created = true;
                self.entered(name, id);
            }
            Hook::RelationJoined { unit: joined, .. } => {
                seen.members.insert(joined.clone(), told.unit);
                let (app, member) = (joined.app.clone(), Some(joined.clone()));
                unit.agent.queued.insert(0, Hook::RelationChanged { relation: id, app, unit: member });
            }
            Hook::RelationChanged { unit: Some(changed), .. } => {
                seen.members.insert(changed.clone(), told.unit);
            }
            Hook::RelationChanged { app, .. } => {
                seen.applications.insert(app.clone(), told.application);
            }
            Hook::RelationDeparted { unit: gone, .. } => {
                seen.members.remove(gone);
            }
            Hook::RelationBroken { .. } => {
                seen.broken = true;
                if let Some(relation) = self.relations.get_mut(&id) {
                    relation.set_presence(name, Presence::Left);
                }
                self.sweep();
            }
            _ => {}
        }
    }

    /// Nothing that the hook asked for happens, and it is tried again later.
    fn hook_failed(&mut self, name: &UnitName, hook: &Hook, told: Told) {
        let retries = self.setting("automatically-retry-hooks", "true") != "false";
        let hook_name = self.hook_name(name, hook).unwrap_or_default();
        let status = Status::new("error", format!("hook failed: \"{hook_name}\""), self.now);
        if let Hook::RelationCreated { relation } = hook {
            self.entered(name, *relation);
        }
        let now = self.now;
        if let Some(unit) = self.units.get_mut(name) {
            let attempts = unit.agent.failure.as_ref().map_or(0, |failure| failure.attempts) + 1;
            let delay = FIRST_RETRY.saturating_mul(1 << (attempts - 1).min(10)).min(LONGEST_RETRY);
            let retry = retries.then(|| now.after(delay));
            unit.agent.failure = Some(HookFailure { status: status.clone(), attempts, told, retry });
        }
        self.set_agent(name, status);
    }

    /// The unit's `relation-created` hook has ended, well or not: the others see the unit from now on.
    fn entered(&mut self, name: &UnitName, id: u32) {
        let relation = self.relations.get_mut(&id);
        let member = relation.and_then(|relation| relation.units.get_mut(name));
        if let Some(member) = member.filter(|member| member.presence == Presence::Entering) {
            member.presence = Presence::In;
        }
    }
}
