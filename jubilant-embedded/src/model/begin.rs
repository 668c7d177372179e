//! The beginning of a step: recorded, so that it is repeated if the controller is killed, and shown.

use super::Model;
use super::hook::Hook;
use super::relation::{Bag, Member, Presence};
use super::status::Status;
use super::step::{Running, Step, Told};
use super::task::{State, What};
use crate::ground::name::UnitName;

impl Model {
    /// Begins a unit's next step and returns its number, which its outcome is to bring back.
    pub(crate) fn begin(&mut self, name: &UnitName, step: &Step) -> Option<u64> {
        let told = match step {
            Step::Hook(hook) => self.told_by(name, hook),
            _ => Told::default(),
        };
        let agent = &mut self.units.get_mut(name)?.agent;
        agent.steps += 1;
        let number = agent.steps;
        agent.running = Some(Running { number, step: step.clone(), told });
        match step {
            Step::Unpack(_) => self.begin_unpacking(name),
            Step::Hook(hook) => self.begin_hook(name, hook),
            Step::Task(id) => self.begin_task(name, *id),
            Step::Remove => {}
        }
        Some(number)
    }

    /// What a hook that runs now tells the unit of.
    pub(super) fn told_by(&self, name: &UnitName, hook: &Hook) -> Told {
        let app = self.applications.get(&name.app);
        let relation = hook.relation().and_then(|id| self.relations.get(&id));
        let member = relation.zip(hook.remote_unit()).and_then(|(relation, unit)| relation.units.get(unit));
        let bag =
            relation.and_then(|relation| relation.applications.get(&relation.other_side(&name.app)?.app));
        Told {
            config: app.map_or(0, |app| app.config_version),
            upgrade: app.map_or(0, |app| app.upgrade_version),
            unit: member.map_or(0, |member| member.bag.version),
            application: bag.map_or(0, |bag| bag.version),
        }
    }

    fn begin_unpacking(&mut self, name: &UnitName) {
        if self.units.get(name).is_some_and(|unit| !unit.agent.installed && !unit.status_set) {
            self.set_workload(name, "waiting", "agent initialising");
        }
    }

    fn begin_task(&mut self, name: &UnitName, id: u32) {
        let now = self.now;
        let Some(task) = self.tasks.get_mut(&id) else { return };
        task.state = State::Running;
        task.started = Some(now);
        let what = match &task.what {
            What::Action { name, .. } => format!("running action {name}"),
            What::Exec { .. } => "running commands".to_owned(),
        };
        self.set_agent(name, Status::new("executing", what, now));
    }

    fn begin_hook(&mut self, name: &UnitName, hook: &Hook) {
        let now = self.now;
        if let Some(unit) = self.units.get_mut(name) {
            unit.agent.current = Some(hook.clone());
            unit.agent.queued.retain(|queued| queued != hook);
            if *hook == Hook::UpdateStatus {
                unit.agent.last_update_status = Some(now);
            }
        }
        match hook {
            Hook::Install => self.set_workload(name, "maintenance", "installing charm software"),
            Hook::Stop => self.set_workload(name, "maintenance", "stopping charm software"),
            Hook::Remove => self.set_workload(name, "maintenance", "cleaning up prior to charm deletion"),
            _ => {}
        }
        if *hook != Hook::UpdateStatus {
            let hook_name = self.hook_name(name, hook).unwrap_or_default();
            self.set_agent(name, Status::new("executing", format!("running {hook_name} hook"), now));
        }
        match hook {
            Hook::RelationCreated { relation } => self.enter(name, *relation),
            Hook::RelationDeparted { relation, departing, .. } if departing == name => {
                self.leave(name, *relation);
            }
            Hook::RelationBroken { relation } => self.leave(name, *relation),
            _ => {}
        }
    }

    /// The unit enters a relation, with the addresses that Juju itself provides.
    fn enter(&mut self, name: &UnitName, id: u32) {
        let Some(address) = self.units.get(name).map(|unit| unit.place.address().to_string()) else { return };
        let private = self.flavour.tells_private_address().then_some(("private-address", address.clone()));
        let own = [("egress-subnets", format!("{address}/32")), ("ingress-address", address)];
        let settings = own.into_iter().chain(private).map(|(key, value)| (key.to_owned(), value)).collect();
        if let Some(relation) = self.relations.get_mut(&id) {
            let bag = Bag { settings, version: 1 };
            relation.units.entry(name.clone()).or_insert(Member { bag, presence: Presence::Entering });
        }
    }

    /// The unit is about to leave: the others stop seeing it.
    fn leave(&mut self, name: &UnitName, id: u32) {
        if let Some(relation) = self.relations.get_mut(&id) {
            relation.set_presence(name, Presence::Leaving);
        }
    }
}
