//! What a `Juju` tells its listeners.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use jubilant::error::Exit;
use jubilant::{Activity, Cli, Condition, Juju, Secret, WaitEnd, all_active, any_error, app, seconds};

use crate::Fake;
use crate::process::flaky;
use crate::waits::{statuses, web};

/// What a listener heard, without the times.
#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Command(String, Option<Exit>),
    Began(String),
    Looked(Vec<String>),
    Ended(WaitEnd, Vec<String>),
    Changed(Option<String>, String),
}

use Heard::{Began, Changed, Command, Ended, Looked};

fn heard(activity: &Activity<'_>) -> Heard {
    match activity {
        Activity::Command { command, exit, .. } => Command((*command).to_owned(), *exit),
        Activity::WaitBegan { condition, .. } => Began((*condition).to_owned()),
        Activity::WaitLooked { unmet, .. } => Looked(unmet.to_vec()),
        Activity::WaitEnded { end, unmet, .. } => Ended(*end, unmet.to_vec()),
        Activity::StatusChanged { model, change, .. } => {
            let (old, new) = (change.old.as_deref().unwrap_or("-"), change.new.as_deref().unwrap_or("-"));
            Changed(model.map(str::to_owned), format!("{}: {old} to {new}", change.entity))
        }
        other => panic!("{other:?} is new"),
    }
}

/// A listener's notes, each of which `note` made of one activity.
struct Notes<T>(Arc<Mutex<Vec<T>>>);

impl<T: Send + 'static> Notes<T> {
    fn of(juju: Juju, note: impl Fn(&Activity<'_>) -> Option<T> + Send + Sync + 'static) -> (Juju, Self) {
        let notes = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&notes);
        (juju.observed_by(move |activity| into.lock().unwrap().extend(note(activity))), Notes(notes))
    }

    /// The notes since the last call.
    fn take(&self) -> Vec<T> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

fn listen(juju: &Juju) -> (Juju, Notes<Heard>) {
    Notes::of(juju.clone(), |activity| Some(heard(activity)))
}

/// What was heard of a wait apart from its commands.
fn wait_heard(notes: &Notes<Heard>) -> Vec<Heard> {
    notes.take().into_iter().filter(|heard| !matches!(heard, Command(..) | Changed(..))).collect()
}

fn done(command: &str) -> Heard {
    Command(command.to_owned(), Some(Exit::Code(0)))
}

#[test]
fn all_listeners_hear_the_same_one_after_another_in_the_calling_thread() {
    // The first is what `deploy` prints.
    let fake = statuses(&[web("waiting"), web("waiting"), web("active")]);
    let order = Arc::new(Mutex::new(Vec::new()));
    let listen_as = |juju: Juju, name: &'static str| {
        let order = Arc::clone(&order);
        Notes::of(juju, move |activity| {
            order.lock().unwrap().push(name);
            Some((heard(activity), std::thread::current().id()))
        })
    };
    let (juju, first) = listen_as(fake.juju.clone(), "first");
    let (juju, second) = listen_as(juju, "second");
    juju.cli(["deploy", "web"]).unwrap();
    juju.wait(all_active().times(1)).unwrap();

    let (first, second): (Vec<(Heard, ThreadId)>, _) = (first.take(), second.take());
    assert_eq!(first, second);
    assert!(first.len() >= 5 && first[0].0 == done("juju deploy web"), "{first:?}");
    assert!(first.iter().all(|(_, thread)| *thread == std::thread::current().id()));
    assert_eq!(*order.lock().unwrap(), ["first", "second"].repeat(first.len()));
}

#[test]
fn what_is_made_of_a_juju_tells_its_listeners_and_not_the_other_way_round() {
    let fake = Fake::new("echo '{}'");
    let (parent, of_parent) = listen(&fake.juju);
    let (child, of_child) = listen(&parent);
    fake.juju.cli(["nobody"]).unwrap();
    parent.cli(["parent"]).unwrap();
    child.cli(["child"]).unwrap();
    assert_eq!(of_child.take(), [done("juju child")]);
    assert_eq!(of_parent.take(), [done("juju parent"), done("juju child")]);

    parent.clone().with_model("c:m").cli(["bound"]).unwrap();
    let added = parent.add_model("n").unwrap();
    added.cli(["in-it"]).unwrap();
    let all = ["juju bound --model c:m", "juju add-model --no-switch n", "juju in-it --model n"];
    assert_eq!(of_parent.take(), all.map(done));

    added.unobserved().cli(["quiet"]).unwrap();
    assert_eq!(of_parent.take(), []);
    parent.cli(["still"]).unwrap();
    assert_eq!(of_parent.take(), [done("juju still")]);
    assert!(format!("{child:?}").contains("2 observers"), "{child:?}");
}

#[test]
fn a_command_is_told_with_its_exit_and_its_secrets_hidden() {
    let fake = Fake::new(r#"case "$1" in config) exit 3;; ssh) kill -9 $$;; deploy) exec sleep 600;; esac"#);
    let (juju, notes) = listen(&fake.juju);
    let limit = Duration::from_millis(300);
    let error = juju.set_config("web", [("password", "hunter2")]).unwrap_err();
    juju.add_secret(Secret::new("s").key("password", "hunter2")).unwrap();
    juju.cli(Cli::new(["login", "me"]).secret("hunter2")).unwrap();
    juju.cli(["ssh", "web/0"]).unwrap_err();
    juju.cli(Cli::new(["deploy", "web"]).timeout(limit)).unwrap_err();

    let told = notes.take();
    assert!(!format!("{told:?}").contains("hunter2"), "{told:?}");
    assert_eq!(told[0], Command(error.command().unwrap().command().to_owned(), Some(Exit::Code(3))));
    assert_eq!(told[0], Command("juju config web password=…".to_owned(), Some(Exit::Code(3))));
    assert!(matches!(&told[1], Command(command, _) if command.starts_with("juju add-secret s")), "{told:?}");
    assert_eq!(told[2], done("juju login me …"));
    assert_eq!(told[3], Command("juju ssh web/0".to_owned(), Some(Exit::Signal(9))));
    assert_eq!(told[4..], [Command("juju deploy web".to_owned(), Some(Exit::NoAnswer(limit)))]);
}

#[test]
fn a_command_that_cannot_be_started_is_told_without_an_exit() {
    let (juju, notes) = listen(&Juju::new().with_program("/no/such/juju"));
    juju.status().unwrap_err();
    let status = Command("juju status --format json".to_owned(), None);
    assert_eq!(notes.take(), std::slice::from_ref(&status));
    juju.wait(all_active()).unwrap_err();
    assert_eq!(notes.take(), [Began("all active".to_owned()), status, Ended(WaitEnd::Failed, vec![])]);
}

#[test]
fn a_command_that_was_retried_is_told_once_with_all_its_time() {
    let fake = flaky("connection is shut down");
    let (juju, notes) = Notes::of(fake.juju.clone(), |activity| match activity {
        Activity::Command { took, exit, .. } => Some((*took, *exit)),
        _ => None,
    });
    let begin = Instant::now();
    juju.status().unwrap();
    let (all, told) = (begin.elapsed(), notes.take());
    assert_eq!(fake.read("calls").lines().count(), 3);
    let [(took, Some(Exit::Code(0)))] = told[..] else { panic!("{told:?}") };
    // Between its tries it paused for a quarter and for half a second.
    assert!(took >= Duration::from_millis(750) && took <= all, "{took:?} of {all:?}");
}

#[test]
fn a_wait_is_told_from_its_beginning_to_its_success() {
    let fake = statuses(&[web("waiting"), web("active")]);
    let (juju, notes) = listen(&fake.juju);
    juju.wait(all_active().within(seconds(60))).unwrap();
    assert_eq!(
        wait_heard(&notes),
        [
            Began("all active".to_owned()),
            Looked(vec!["web/0 is waiting".to_owned()]),
            // It holds, though not for long enough.
            Looked(vec![]),
            Looked(vec![]),
            Ended(WaitEnd::Met, vec![]),
        ]
    );
}

#[test]
fn a_wait_that_runs_out_of_time_is_told_with_its_times() {
    let fake = statuses(&[web("waiting")]);
    let (juju, notes) = Notes::of(fake.juju.clone(), |activity| match activity {
        Activity::WaitBegan { condition, limit, .. } => Some(((*condition).to_owned(), None, *limit, None)),
        Activity::WaitLooked { condition, elapsed, limit, .. } => {
            Some(((*condition).to_owned(), Some(*elapsed), *limit, None))
        }
        Activity::WaitEnded { condition, elapsed, limit, end, unmet, .. } => {
            Some(((*condition).to_owned(), Some(*elapsed), *limit, Some((*end, unmet.to_vec()))))
        }
        _ => None,
    });
    let error = juju.wait(all_active().within(seconds(1))).unwrap_err();
    let told = notes.take();
    assert!(told.len() >= 3 && told.iter().all(|(c, _, limit, _)| c == "all active" && *limit == seconds(1)));
    assert!(told.is_sorted_by_key(|(_, elapsed, ..)| *elapsed), "{told:?}");
    let (_, elapsed, _, end) = told.last().unwrap();
    assert!(
        elapsed.unwrap() >= seconds(1) && elapsed.unwrap() <= error.wait().unwrap().elapsed(),
        "{told:?}"
    );
    assert_eq!(*end, Some((WaitEnd::TimedOut, vec!["web/0 is waiting".to_owned()])));
    assert_eq!(told.iter().filter(|(.., end)| end.is_some()).count(), 1);
}

#[test]
fn a_wait_that_fails_is_told_so() {
    let fake = statuses(&[web("waiting"), web("error")]);
    let (juju, notes) = listen(&fake.juju);
    juju.wait(all_active().within(seconds(60)).fail_on(any_error())).unwrap_err();
    let (waiting, error) = (vec!["web/0 is waiting".to_owned()], vec!["web/0 is error".to_owned()]);
    let began = || Began("all active".to_owned());
    assert_eq!(wait_heard(&notes), [began(), Looked(waiting), Ended(WaitEnd::Failed, error)]);

    let fake = Fake::new("echo 'ERROR model not found' >&2; exit 1");
    let (juju, notes) = listen(&fake.juju);
    juju.wait(all_active().every(Duration::from_millis(5)).within(seconds(120))).unwrap_err();
    let told = notes.take();
    assert_eq!((told.first(), told.last()), (Some(&began()), Some(&Ended(WaitEnd::Failed, vec![]))));
    let failed = Command("juju status --format json".to_owned(), Some(Exit::Code(1)));
    assert_eq!(told.iter().filter(|heard| **heard == failed).count(), 5, "{told:?}");
    assert_eq!(told.iter().filter(|heard| **heard == Looked(vec![])).count(), 4, "{told:?}");
}

#[test]
fn status_changes_are_told_with_their_model() {
    let fake = statuses(&[web("waiting"), web("active"), serde_json::json!({"db": {}})]);
    for model in [None, Some("c:m")] {
        // From the first status again.
        std::fs::write(fake.path("calls"), "").unwrap();
        let juju = model.iter().fold(fake.juju.clone(), |juju, model| juju.with_model(*model));
        let (juju, notes) = listen(&juju);
        juju.wait(app("db").times(1).within(seconds(60))).unwrap();
        let told = notes.take();
        let changed = |text: &str| Changed(model.map(str::to_owned), text.to_owned());
        assert_eq!(
            told[told.iter().position(|heard| matches!(heard, Changed(..))).unwrap()..][..3],
            [
                changed("web: waiting to active"),
                changed("web/0: waiting to active"),
                Looked(vec!["db is not in the model".to_owned()])
            ]
        );
        assert!(told.contains(&changed("web/0: active to -")), "{told:?}");
        assert!(told.iter().any(|heard| matches!(heard, Changed(_, text) if text.starts_with("db: - to"))));
    }
}

#[test]
fn the_panic_of_a_listener_reaches_the_caller_and_breaks_nothing() {
    let fake = Fake::new(r#"echo "$1" >> "$dir/calls""#);
    let (juju, before) = listen(&fake.juju);
    let (juju, after) = listen(&juju.observed_by(|activity| {
        assert!(!format!("{activity:?}").contains("spoiled"), "a listener's own panic");
    }));
    let panic = catch_unwind(AssertUnwindSafe(|| juju.cli(["spoiled"]))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"a listener's own panic"));
    juju.cli(["sound"]).unwrap();
    assert_eq!(fake.read("calls"), "spoiled\nsound\n");
    assert_eq!(before.take(), [done("juju spoiled"), done("juju sound")]);
    assert_eq!(after.take(), [done("juju sound")]);
}
