//! What is logged: a line per command and per change, and no secrets.

use std::sync::{Arc, Mutex};

use jubilant::{Deploy, Juju, all_active, seconds};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use crate::Fake;

/// Keeps `LEVEL target: message` of each event.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

impl Subscriber for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        let (level, target) = (event.metadata().level(), event.metadata().target());
        self.0.lock().unwrap().push(format!("{level} {target}: {}", message.0));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The lines that some work with a `juju` logs, and those of them that are not for debugging.
fn logged(does: &str, work: impl FnOnce(&Juju)) -> (String, Vec<String>) {
    let lines = Lines::default();
    let fake = Fake::new(does);
    tracing::subscriber::with_default(lines.clone(), || work(&fake.juju));
    let lines = lines.0.lock().unwrap().clone();
    let shown = lines.iter().filter(|line| !line.starts_with(Level::DEBUG.as_str()));
    (lines.join("\n"), shown.cloned().collect())
}

#[test]
fn each_command_is_a_line_without_secrets() {
    let (all, shown) = logged("true", |juju| {
        juju.set_config("web", [("password", "hunter2")]).unwrap();
        juju.deploy(Deploy::new("web").config("password", "hunter2").units(2)).unwrap();
        juju.cli(["config", "web", "password=hunter2"]).unwrap();
    });
    assert!(!all.contains("hunter2"), "{all}");
    let expected = [
        "INFO jubilant: juju config web password=…",
        "INFO jubilant: juju deploy web --num-units 2 --config password=…",
        "INFO jubilant: juju config web password=…",
    ];
    assert_eq!(shown, expected);
    assert!(all.contains("ended: juju deploy"), "{all}");
}

#[test]
fn a_retry_is_a_warning() {
    let flaky = r#"[ -f "$dir/again" ] && exit 0; touch "$dir/again"
        echo 'ERROR connection is shut down before send' >&2; exit 1"#;
    let (_, shown) = logged(flaky, |juju| juju.deploy("web").unwrap());
    assert!(
        shown[1].starts_with("WARN jubilant: juju deploy web: ERROR connection is shut down"),
        "{shown:?}"
    );
}

#[test]
fn a_wait_logs_what_changes_and_not_each_look() {
    let grows = r#"echo x >> "$dir/calls"; n=$(wc -l < "$dir/calls"); status=waiting; [ $n -gt 4 ] && status=active
        echo "{\"applications\": {\"web\": {\"application-status\": {\"current\": \"$status\"}, \"units\":
        {\"web/0\": {\"workload-status\": {\"current\": \"$status\"}}}}}}""#;
    let (_, shown) = logged(grows, |juju| {
        juju.wait(jubilant::Condition::within(all_active(), seconds(60))).unwrap();
    });
    let target = "INFO jubilant::wait: ";
    assert_eq!(shown.len(), 4, "{shown:?}");
    assert_eq!(shown[0], format!("{target}waiting for all active, 1 min at most"));
    assert!(
        shown[1].contains("web: waiting → active") && shown[2].contains("web/0: waiting → active"),
        "{shown:?}"
    );
    assert!(shown[3].starts_with(&format!("{target}all active after ")), "{shown:?}");
}
