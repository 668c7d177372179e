//! The ways to die.

use jubilant_tests::bench::{OWNER, WORKER, signal, signal_group};

use crate::{Chance, Stage};

/// One line of the table.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// What goes wrong with the commands of `juju`, as shell.
    pub(crate) inject: &'static str,
    /// What the commands wait for until the suite has ended.
    pub(crate) held: &'static [&'static str],
    pub(crate) variables: fn(&mut Chance) -> Vec<(&'static str, String)>,
    pub(crate) death: fn(&mut Stage<'_>) -> anyhow::Result<()>,
    /// Nobody is left to see to the models: the sweep does.
    pub(crate) swept: bool,
}

/// About as long as the suite runs when nothing is wrong, in milliseconds.
const RUN: u64 = 1200;

const PLAIN: Row =
    Row { name: "", inject: "", held: &[], variables: |_| Vec::new(), death: |_| Ok(()), swept: false };

pub(crate) const ROWS: &[Row] = &[
    Row {
        name: "SIGKILL of the workers",
        death: |stage| {
            stage.moment(RUN);
            signal("KILL", &stage.bench.processes(WORKER))
        },
        ..PLAIN
    },
    Row {
        name: "SIGKILL of the suite",
        death: |stage| {
            stage.moment(RUN);
            signal("KILL", &[stage.suite.id()])
        },
        ..PLAIN
    },
    Row {
        name: "SIGKILL of the process group",
        death: |stage| {
            stage.moment(RUN);
            signal_group("KILL", stage.suite)
        },
        ..PLAIN
    },
    Row {
        name: "SIGKILL of the owner, then a sweep",
        death: |stage| {
            stage.moment(RUN);
            signal("KILL", &stage.bench.processes(OWNER))
        },
        swept: true,
        ..PLAIN
    },
    Row {
        name: "SIGKILL of all at once, then a sweep",
        death: |stage| {
            stage.moment(RUN);
            signal("KILL", &stage.bench.family(stage.suite))
        },
        swept: true,
        ..PLAIN
    },
    Row {
        name: "SIGKILL of all and of their juju, then a sweep",
        death: |stage| {
            stage.moment(RUN);
            let jujus = ["show-model", "add-model", "destroy-model"];
            let jujus = jujus.into_iter().flat_map(|command| stage.bench.processes(command));
            let all: Vec<u32> = stage.bench.family(stage.suite).into_iter().chain(jujus).collect();
            signal("KILL", &all)
        },
        swept: true,
        ..PLAIN
    },
    Row {
        name: "SIGTERM",
        death: |stage| {
            stage.moment(RUN);
            signal("TERM", &[stage.suite.id()])
        },
        ..PLAIN
    },
    Row {
        name: "SIGHUP to the group",
        death: |stage| {
            stage.moment(RUN);
            signal_group("HUP", stage.suite)
        },
        ..PLAIN
    },
    Row {
        name: "Ctrl-C",
        death: |stage| {
            stage.moment(RUN);
            signal_group("INT", stage.suite)
        },
        ..PLAIN
    },
    Row {
        name: "Ctrl-C twice",
        death: |stage| {
            stage.moment(RUN);
            signal_group("INT", stage.suite)?;
            stage.moment(RUN / 4);
            signal_group("INT", stage.suite)
        },
        ..PLAIN
    },
    Row { name: "abort in a test", variables: |chance| death_of_test("abort", chance), ..PLAIN },
    Row { name: "exit in a test", variables: |chance| death_of_test("exit", chance), ..PLAIN },
    Row {
        name: "slow add-model, SIGKILL of the suite",
        inject: "case $1 in add-model) sleep 0.7;; esac",
        death: |stage| {
            stage.moment(2 * RUN);
            signal("KILL", &[stage.suite.id()])
        },
        ..PLAIN
    },
    Row {
        name: "hanging add-model, SIGKILL of the suite and of it",
        // Before it has done anything, or after it has done everything.
        inject: "case $1 in add-model) if [ \"$CARRIED_OUT\" = 1 ]; then \"$real\" \"$@\"; fi; hold add;; esac",
        held: &["add"],
        variables: |chance| vec![("CARRIED_OUT", (chance.milliseconds(2).as_millis()).to_string())],
        death: |stage| {
            stage.front.wait_for("begin add-model")?;
            stage.moment(RUN / 2);
            signal("KILL", &[stage.suite.id()])?;
            stage.moment(RUN / 2);
            signal("KILL", &stage.front.running("add-model"))
        },
        ..PLAIN
    },
    Row {
        name: "slow destroy-model, Ctrl-C",
        inject: "case $1 in destroy-model) sleep 1;; esac",
        death: |stage| {
            stage.moment(2 * RUN);
            signal_group("INT", stage.suite)
        },
        ..PLAIN
    },
    Row {
        name: "hanging destroy-model, until the suite has ended",
        inject: "case $1 in destroy-model) hold destroy;; esac",
        held: &["destroy"],
        variables: |_| vec![("JUBILANT_TEARDOWN_LIMIT", "3".to_owned())],
        ..PLAIN
    },
    Row {
        name: "SIGKILL of the controller, twice",
        death: |stage| {
            for _ in 0..2 {
                stage.moment(RUN / 2);
                signal("KILL", &stage.bench.processes("--embedded-controller"))?;
            }
            Ok(())
        },
        ..PLAIN
    },
    Row {
        name: "all commands of juju fail for a while",
        inject: "if [ -e \"$front/hold-down\" ]; then fail 'cannot connect to API: connect: connection refused'; fi",
        death: |stage| {
            stage.moment(RUN);
            stage.front.hold("down")?;
            stage.moment(RUN);
            stage.front.release("down")
        },
        ..PLAIN
    },
];

fn death_of_test(how: &str, chance: &mut Chance) -> Vec<(&'static str, String)> {
    let after = chance.milliseconds(RUN / 2).as_millis();
    vec![("SUITE_DEATH", how.to_owned()), ("SUITE_DEATH_AFTER", after.to_string())]
}
