//! Conditions on one application or one unit.

use super::condition::Condition;
use super::quantified::{busy, lacks_units, says, unreadable};
use super::verdict::Verdict;
use crate::types::{Status, StatusInfo};

/// The status and message that an application or unit must have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wanted {
    status: Option<String>,
    message: Option<String>,
}

impl Wanted {
    fn differs(&self, name: &str, info: &StatusInfo) -> Option<String> {
        let is = self.status.as_ref().is_none_or(|status| *status == info.current);
        let tells = self.message.as_ref().is_none_or(|message| info.message.contains(message));
        (!is || !tells).then(|| format!("{name} {}", says(info)))
    }

    fn describe(&self) -> String {
        let status = self.status.as_ref().map_or_else(String::new, |status| format!(" {status}"));
        let message = self.message.as_ref().map_or_else(String::new, |text| format!(" saying {text:?}"));
        status + &message
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    Exactly(usize),
    AtLeast(usize),
}

/// One application is as wanted: see [`app`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppIs {
    name: String,
    wanted: Wanted,
    count: Option<Count>,
    idle: bool,
}

/// An application is in the model, and as its methods say.
///
/// ```
/// use jubilant::{Condition, Status, app};
///
/// let condition = app("web").status("active").units(3).idle();
/// assert_eq!(condition.describe(), "web active with 3 units, idle");
/// assert_eq!(condition.check(&Status::default()).reasons, ["web is not in the model"]);
/// ```
pub fn app(name: impl Into<String>) -> AppIs {
    AppIs { name: name.into(), wanted: Wanted::default(), count: None, idle: false }
}

impl AppIs {
    /// The application has this status. Its units may differ, unless their number is asked for as well: then so
    /// many of them must have it too.
    #[must_use]
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.wanted.status = Some(status.into());
        self
    }

    /// The application's message contains this.
    #[must_use]
    pub fn message(mut self, text: impl Into<String>) -> Self {
        self.wanted.message = Some(text.into());
        self
    }

    /// It has exactly so many units, all of them of the wanted [`status`](Self::status).
    #[must_use]
    pub fn units(mut self, count: usize) -> Self {
        self.count = Some(Count::Exactly(count));
        self
    }

    /// It has so many units or more of the wanted [`status`](Self::status).
    #[must_use]
    pub fn at_least(mut self, count: usize) -> Self {
        self.count = Some(Count::AtLeast(count));
        self
    }

    /// It has its units, and their agents are idle.
    #[must_use]
    pub fn idle(mut self) -> Self {
        self.idle = true;
        self
    }

    /// What is wrong with the number of its units.
    fn miscounted(&self, status: &Status) -> Option<String> {
        let count = self.count?;
        let (mut all, mut right) = (0, 0);
        for (_, unit) in status.units_of(&self.name) {
            all += 1;
            right +=
                usize::from(self.wanted.status.as_ref().is_none_or(|is| *is == unit.workload_status.current));
        }
        let which = self.wanted.status.as_ref().map_or_else(String::new, |status| format!(" {status}"));
        let name = &self.name;
        match count {
            Count::Exactly(want) if all > want => Some(format!("{name} has {all} units instead of {want}")),
            Count::Exactly(want) | Count::AtLeast(want) if right < want => {
                Some(format!("{name} has {right} of {want}{which} units"))
            }
            _ => None,
        }
    }
}

impl Condition for AppIs {
    fn check(&self, status: &Status) -> Verdict {
        let Some(app) = status.app(&self.name) else {
            return Verdict::unmet(format!("{} is not in the model", self.name));
        };
        if let Some(problem) = unreadable(&self.name, app.status_error.as_deref()) {
            return Verdict::unmet(problem);
        }
        let mut obstacles: Vec<String> =
            self.wanted.differs(&self.name, &app.app_status).into_iter().collect();
        obstacles.extend(self.miscounted(status));
        if self.idle {
            let units: Vec<_> = status.units_of(&self.name).collect();
            obstacles.extend(lacks_units(&self.name, app, units.len()).filter(|_| self.count.is_none()));
            obstacles.extend(units.into_iter().filter_map(|(name, unit)| busy(name, unit)));
        }
        Verdict::unless(obstacles, || format!("{} {}", self.name, says(&app.app_status)))
    }

    fn describe(&self) -> String {
        let count = match self.count {
            Some(Count::Exactly(count)) => format!(" with {count} units"),
            Some(Count::AtLeast(count)) => format!(" with {count} units or more"),
            None => String::new(),
        };
        let idle = if self.idle { ", idle" } else { "" };
        format!("{}{}{count}{idle}", self.name, self.wanted.describe())
    }
}

/// One unit is as wanted: see [`unit()`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitIs {
    name: String,
    wanted: Wanted,
    idle: bool,
    leader: bool,
}

/// A unit is in the model, and as its methods say; `web/leader` is the leader of `web`.
///
/// ```
/// use jubilant::{Condition, Status, unit};
///
/// let condition = unit("web/0").status("active").message("ready");
/// assert_eq!(condition.check(&Status::default()).reasons, ["web/0 is not in the model"]);
/// ```
pub fn unit(name: impl Into<String>) -> UnitIs {
    UnitIs { name: name.into(), wanted: Wanted::default(), idle: false, leader: false }
}

impl UnitIs {
    /// Its workload has this status.
    #[must_use]
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.wanted.status = Some(status.into());
        self
    }

    /// Its workload's message contains this.
    #[must_use]
    pub fn message(mut self, text: impl Into<String>) -> Self {
        self.wanted.message = Some(text.into());
        self
    }

    /// Its agent is idle.
    #[must_use]
    pub fn idle(mut self) -> Self {
        self.idle = true;
        self
    }

    /// It leads its application.
    #[must_use]
    pub fn leader(mut self) -> Self {
        self.leader = true;
        self
    }
}

impl Condition for UnitIs {
    fn check(&self, status: &Status) -> Verdict {
        let name = &self.name;
        let Some(unit) = status.unit(name) else {
            return Verdict::unmet(format!("{name} is not in the model"));
        };
        if let Some(problem) = unreadable(name, unit.status_error.as_deref()) {
            return Verdict::unmet(problem);
        }
        let mut obstacles: Vec<String> =
            self.wanted.differs(name, &unit.workload_status).into_iter().collect();
        if self.leader && !unit.leader {
            obstacles.push(format!("{name} is not the leader"));
        }
        if self.idle {
            obstacles.extend(busy(name, unit));
        }
        Verdict::unless(obstacles, || format!("{name} {}", says(&unit.workload_status)))
    }

    fn describe(&self) -> String {
        let leader = if self.leader { ", leading" } else { "" };
        let idle = if self.idle { ", idle" } else { "" };
        format!("{}{}{leader}{idle}", self.name, self.wanted.describe())
    }
}

/// An application or unit is gone: see [`gone`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone(String);

/// An application (`web`) or unit (`web/0`) is not in the model, or no longer.
///
/// ```
/// use jubilant::{Condition, Status, gone};
///
/// assert!(gone("web").check(&Status::default()).met);
/// ```
pub fn gone(name: impl Into<String>) -> Gone {
    Gone(name.into())
}

impl Condition for Gone {
    fn check(&self, status: &Status) -> Verdict {
        let name = &self.0;
        let there = if name.contains('/') { status.unit(name).is_some() } else { status.app(name).is_some() };
        match there {
            true => Verdict::unmet(format!("{name} is still in the model")),
            false => Verdict::met(format!("{name} is gone")),
        }
    }

    fn describe(&self) -> String {
        format!("{} gone", self.0)
    }
}
