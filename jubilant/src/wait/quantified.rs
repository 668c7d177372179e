//! Conditions on all, or on any, of the applications and units of a model.

use super::condition::Condition;
use super::verdict::Verdict;
use crate::types::{AppStatus, Status, StatusInfo, UnitStatus};

/// Which applications a condition looks at: all of the model, or those named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Apps(Option<Vec<String>>);

impl Apps {
    fn of<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Apps(Some(names.into_iter().map(Into::into).collect()))
    }

    /// The applications to look at; an obstacle for each that is not there.
    fn find<'s>(&'s self, status: &'s Status) -> (Vec<(&'s str, &'s AppStatus)>, Vec<String>) {
        let Some(names) = &self.0 else {
            let all: Vec<_> = status.apps.iter().map(|(name, app)| (name.as_str(), app)).collect();
            let obstacle = all.is_empty().then(|| "the model has no applications".to_owned());
            return (all, obstacle.into_iter().collect());
        };
        let found = names.iter().filter_map(|name| Some((name.as_str(), status.app(name)?))).collect();
        let missing = names.iter().filter(|name| status.app(name).is_none());
        (found, missing.map(|name| format!("{name} is not in the model")).collect())
    }

    fn describe(&self) -> String {
        self.0.as_ref().map_or_else(String::new, |names| format!(" of {}", names.join(", ")))
    }
}

/// `is waiting: "installing agent"`.
pub(super) fn says(info: &StatusInfo) -> String {
    let current = if info.current.is_empty() { "without status" } else { &info.current };
    if info.message.is_empty() {
        format!("is {current}")
    } else {
        format!("is {current}: {:?}", info.message)
    }
}

pub(super) fn unreadable(name: &str, problem: Option<&str>) -> Option<String> {
    problem.map(|problem| format!("Juju cannot read {name}: {problem}"))
}

/// Whether an application lacks units: Kubernetes says how many it wants, and none is right only if that is 0.
pub(super) fn lacks_units(name: &str, app: &AppStatus, have: usize) -> Option<String> {
    match app.scale {
        Some(scale) if i64::try_from(have).unwrap_or(i64::MAX) < scale => {
            Some(format!("{name} has {have} of {scale} units"))
        }
        Some(_) => None,
        None => (have == 0).then(|| format!("{name} has no units")),
    }
}

/// Every application and unit has one status: see [`all_active`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllAre {
    status: &'static str,
    apps: Apps,
}

impl AllAre {
    fn new(status: &'static str) -> Self {
        AllAre { status, apps: Apps::default() }
    }

    /// Looks at these applications only; each must be there.
    #[must_use]
    pub fn of<S: Into<String>>(mut self, apps: impl IntoIterator<Item = S>) -> Self {
        self.apps = Apps::of(apps);
        self
    }

    fn differs(&self, name: &str, problem: Option<&str>, info: &StatusInfo) -> Option<String> {
        unreadable(name, problem)
            .or_else(|| (info.current != self.status).then(|| format!("{name} {}", says(info))))
    }
}

impl Condition for AllAre {
    fn check(&self, status: &Status) -> Verdict {
        let (apps, mut obstacles) = self.apps.find(status);
        for (name, app) in apps {
            let units: Vec<_> = status.units_of(name).collect();
            obstacles.extend(lacks_units(name, app, units.len()));
            let before = obstacles.len();
            let unit = |(name, unit): (&str, &UnitStatus)| {
                self.differs(name, unit.status_error.as_deref(), &unit.workload_status)
            };
            obstacles.extend(units.into_iter().filter_map(unit));
            // An application is as its worst unit, so its own status tells more only where its units' do not.
            if obstacles.len() == before {
                obstacles.extend(self.differs(name, app.status_error.as_deref(), &app.app_status));
            }
        }
        Verdict::unless(obstacles, || format!("everything is {}", self.status))
    }

    fn describe(&self) -> String {
        format!("all {}{}", self.status, self.apps.describe())
    }
}

/// Some application or unit has one status: see [`any_error`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyIs {
    status: &'static str,
    apps: Apps,
}

impl AnyIs {
    fn new(status: &'static str) -> Self {
        AnyIs { status, apps: Apps::default() }
    }

    /// Looks at these applications only.
    #[must_use]
    pub fn of<S: Into<String>>(mut self, apps: impl IntoIterator<Item = S>) -> Self {
        self.apps = Apps::of(apps);
        self
    }
}

impl Condition for AnyIs {
    fn check(&self, status: &Status) -> Verdict {
        let is = |info: &StatusInfo| info.current == self.status;
        let mut found = Vec::new();
        for (name, app) in self.apps.find(status).0 {
            let before = found.len();
            let units = status.units_of(name).filter(|(_, unit)| is(&unit.workload_status));
            found.extend(units.map(|(name, unit)| format!("{name} {}", says(&unit.workload_status))));
            if found.len() == before && is(&app.app_status) {
                found.push(format!("{name} {}", says(&app.app_status)));
            }
        }
        if found.is_empty() {
            return Verdict::unmet(format!("nothing is {}", self.status));
        }
        Verdict { met: true, reasons: found }
    }

    fn describe(&self) -> String {
        format!("any {}{}", self.status, self.apps.describe())
    }
}

/// Every agent is idle: see [`all_agents_idle`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllIdle {
    apps: Apps,
}

impl AllIdle {
    /// Looks at these applications only; each must be there.
    #[must_use]
    pub fn of<S: Into<String>>(mut self, apps: impl IntoIterator<Item = S>) -> Self {
        self.apps = Apps::of(apps);
        self
    }
}

impl Condition for AllIdle {
    fn check(&self, status: &Status) -> Verdict {
        let (apps, mut obstacles) = self.apps.find(status);
        for (name, app) in apps {
            let units: Vec<_> = status.units_of(name).collect();
            obstacles.extend(unreadable(name, app.status_error.as_deref()));
            obstacles.extend(lacks_units(name, app, units.len()));
            obstacles.extend(units.into_iter().filter_map(|(name, unit)| busy(name, unit)));
        }
        Verdict::unless(obstacles, || "every agent is idle".into())
    }

    fn describe(&self) -> String {
        format!("all agents idle{}", self.apps.describe())
    }
}

/// What keeps a unit's agent from being idle.
pub(super) fn busy(name: &str, unit: &UnitStatus) -> Option<String> {
    unreadable(name, unit.status_error.as_deref())
        .or_else(|| (!unit.is_idle()).then(|| format!("the agent of {name} {}", says(&unit.juju_status))))
}

/// Every agent of every unit is idle.
///
/// It does not hold for a model without applications, nor for an application without its units.
#[must_use]
pub fn all_agents_idle() -> AllIdle {
    AllIdle::default()
}

macro_rules! quantified {
    ($($all:ident $any:ident $status:literal),* $(,)?) => {$(
        #[doc = concat!("Every application is ", $status, ", and so is each of its units.")]
        ///
        /// It does not hold for a model without applications, nor for an application without its units: it wants
        /// as many as Kubernetes scales it to, and at least one on machines.
        ///
        /// ```
        #[doc = concat!("use jubilant::{Condition, Status, ", stringify!($all), "};")]
        ///
        #[doc = concat!("let condition = ", stringify!($all), "().of([\"web\", \"db\"]);")]
        /// assert_eq!(condition.check(&Status::default()).reasons[0], "web is not in the model");
        /// ```
        #[must_use]
        pub fn $all() -> AllAre {
            AllAre::new($status)
        }

        #[doc = concat!("At least one application or unit is ", $status, ".")]
        ///
        /// ```
        #[doc = concat!("use jubilant::{Condition, Status, ", stringify!($any), "};")]
        ///
        #[doc = concat!("assert!(!", stringify!($any), "().check(&Status::default()).met);")]
        /// ```
        #[must_use]
        pub fn $any() -> AnyIs {
            AnyIs::new($status)
        }
    )*};
}

quantified! {
    all_active any_active "active",
    all_blocked any_blocked "blocked",
    all_error any_error "error",
    all_maintenance any_maintenance "maintenance",
    all_waiting any_waiting "waiting",
}
