//! The same of hook tools: none accepts and ignores what it is given. See `accepted.rs`.
#![cfg(target_os = "linux")]

#[path = "support/help.rs"]
mod help;
mod support;

use std::fs;

use help::{FORMATS, Help, Kind, unknown_format, with_web};
use support::{Answer, Juju};

/// Runs lines in a hook's context: what each printed, on both streams, and its exit code.
fn in_context(juju: &Juju, lines: &[String]) -> Vec<Answer> {
    let script: String = lines
        .iter()
        .map(|line| format!("{line} >out 2>err; echo \"$?\"; cat out; echo ---; cat err; echo ===\n"))
        .collect();
    let said = juju.run(&["exec", "--unit", "web/0", "--", &format!("cd \"$TMPDIR\"\n{script}")]).ok();
    let answers: Vec<Answer> = said
        .split("===\n")
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (code, rest) = part.split_once('\n').expect("a code");
            let (out, err) = rest.split_once("---\n").expect("two streams");
            Answer { stdout: out.into(), stderr: err.into(), code: code.parse().ok() }
        })
        .collect();
    assert_eq!(answers.len(), lines.len(), "{said}");
    answers
}

#[test]
fn every_hook_tool_refuses_what_it_does_not_take() {
    let juju = with_web();
    let names = fs::read_dir(juju.state().join("tools")).expect("tools").flatten();
    let mut names: Vec<String> =
        names.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert!(names.len() > 30, "{names:?}");
    let helps = in_context(&juju, &names.iter().map(|name| format!("{name} --help")).collect::<Vec<_>>());
    let mut tried: Vec<(String, i32, String)> = Vec::new();
    for (name, answer) in names.iter().zip(helps) {
        if answer.code != Some(0) {
            answer.fails(1, &format!("ERROR {name} is not supported by the embedded Juju\n"));
            continue;
        }
        let help = Help::read(&answer.stdout);
        let mut try_one =
            |args: String, code, text: String| tried.push((format!("{name} {args}"), code, text));
        try_one("--frob".into(), 2, "ERROR option provided but not defined: --frob\n".into());
        if let Some(most) = help.most {
            try_one("a ".repeat(most) + "extra", 2, "ERROR unrecognized args: [\"extra\"]\n".into());
        }
        for format in FORMATS {
            match help.formats() {
                None if help.has("format") => {}
                None => {
                    let text = "ERROR option provided but not defined: --format\n";
                    try_one(format!("--format {format}"), 2, text.into());
                }
                Some(formats) if formats.iter().any(|known| known == format) => {}
                Some(_) => try_one(format!("--format {format}"), 2, unknown_format(format)),
            }
        }
        for flag in help.flags.iter().filter(|flag| flag.kind == Kind::Refused) {
            let text = format!("ERROR \"{name} --{}\" is not supported by the embedded Juju\n", flag.name);
            try_one(format!("--{}", flag.name), 1, text);
        }
    }
    tried.push((
        "config-get --all port".into(),
        2,
        "cannot use argument --all together with argument \"port\"".into(),
    ));
    tried.push(("status-set active a b".into(), 2, "ERROR unrecognized args: [\"b\"]\n".into()));
    let lines: Vec<String> = tried.iter().map(|(line, ..)| line.clone()).collect();
    for ((line, code, text), answer) in tried.iter().zip(in_context(&juju, &lines)) {
        assert_eq!(answer.code, Some(*code), "{line}: {answer:?}");
        assert!(answer.stderr.contains(text.as_str()), "{line}: {answer:?}");
    }
    // What they take has its effect.
    let works = [
        "config-get --all",
        "config-get -a --format yaml",
        "is-leader --format json",
        "network-get db --bind-address --ingress-address --egress-subnets --primary-address",
        "network-get db -r 0 --format json",
        "relation-get -r 0 --app - db",
        "relation-list -r 0 --app",
        "relation-set -r 0 a=1",
        "state-set a=1",
        "state-get --strict a",
        "status-get --include-data",
        "opened-ports --endpoints",
        "juju-log --debug -l INFO text",
    ];
    for (line, answer) in works.iter().zip(in_context(&juju, &works.map(str::to_owned))) {
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{line}: {answer:?}");
    }
}
