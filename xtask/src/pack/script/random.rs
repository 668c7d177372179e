//! Random texts: one that is taken for harmless is given to bash, which must not find a command in it that was not seen.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::judge::judge;
use super::parse::parse;

/// What scripts are made of. `evil` is a program; `OUT` is a directory in which nothing may be written.
const TOKENS: [&str; 92] = [
    "evil",
    "evil",
    "evil",
    "evil\n",
    " ",
    " ",
    " ",
    " ",
    "\n",
    "\n",
    ";",
    "; ",
    "&&",
    "||",
    "|",
    "&",
    "(",
    ")",
    "$(",
    ")",
    "`",
    "`",
    "\"",
    "\"",
    "'",
    "'",
    "\\",
    "\\\n",
    "#",
    " #",
    "${x:-",
    "${x+",
    "${x#",
    "${x%",
    "}",
    "{ ",
    "; }",
    "{a,",
    "<<E",
    "<<-E\n",
    "<<'E'\n",
    "\nE\n",
    "\n\tE\n",
    "<<<",
    "if ",
    "then ",
    "else ",
    "fi",
    "elif ",
    "for x in ",
    "do ",
    "done",
    "while ",
    "case x in ",
    "x) ",
    "*) ",
    ";;",
    ";; ",
    "esac",
    "[[ ",
    " ]]",
    "[ ",
    " ]",
    "=~ ",
    "==",
    "! ",
    "!",
    "echo ",
    "echo ",
    "true",
    "x=",
    "x+=",
    "x",
    "$x",
    "\"$x\"",
    "${x}",
    "$",
    ">",
    ">>",
    ">OUT/x",
    "2>&1",
    "<",
    "&>",
    ">|",
    "~",
    "*",
    "$((",
    "))",
    "$'",
    "cd / ",
    "cd a",
    "export ",
];

/// What a script may be put into.
const AROUND: [(&str, &str); 25] = [
    ("<(", ")"),
    (">(", ")"),
    ("[[ ", " ]]"),
    ("`", "`"),
    ("$(", ")"),
    ("\"", "\""),
    ("'", "'"),
    ("${x:-", "}"),
    ("${x#", "}"),
    ("# ", "\n"),
    ("\\", ""),
    ("echo ", ""),
    ("x=", ""),
    ("cat <<E\n", "\nE\n"),
    ("cat <<'E'\n", "\nE\n"),
    ("cat <<-E\n\t", "\n\tE\n"),
    ("if true; then ", "; fi"),
    ("case x in x) ", ";; esac"),
    ("for x in ", "; do true; done"),
    ("[[ a == ", " ]]"),
    ("{ ", "; }"),
    ("(", ")"),
    ("true && ", ""),
    ("\n", "\n"),
    ("echo a", "b"),
];

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).unwrap()
    }

    /// Tokens one after another, or a command that was put into this and that.
    fn script(&mut self) -> String {
        if self.below(2) == 0 {
            let length = 2 + self.below(12);
            return (0..length).map(|_| TOKENS[self.below(TOKENS.len())]).collect();
        }
        let mut text = String::from("evil");
        for _ in 0..1 + self.below(4) {
            let (before, after) = AROUND[self.below(AROUND.len())];
            text = format!("{before}{text}{after}");
            if self.below(3) == 0 {
                // Everything is ASCII here.
                let place = self.below(text.len() + 1);
                text.insert_str(place, TOKENS[self.below(TOKENS.len())]);
            }
        }
        text
    }
}

#[test]
fn bash_finds_no_command_that_was_not_seen() {
    let number = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let clock = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos() as u64;
    let seed = number("JUBILANT_SEED", clock | 1);
    println!("JUBILANT_SEED={seed}");
    let tries = number("JUBILANT_TRIES", 5_000);
    let mut random = Random(seed);
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name);
    for name in ["bin", "out", "work", "work/a"] {
        fs::create_dir(place(name)).unwrap();
    }
    fs::write(place("bin/evil"), format!("#!/bin/sh\n: > {}/ran\n", place("out").display())).unwrap();
    fs::set_permissions(place("bin/evil"), fs::Permissions::from_mode(0o755)).unwrap();

    let mut run = 0;
    for _ in 0..tries {
        let text = random.script();
        let text = text.replace("OUT", &place("out").display().to_string());
        if parse(&text).and_then(|list| judge(&list)).is_err() {
            continue;
        }
        run += 1;
        bash(&text, dir.path());
        let done = fs::read_dir(place("out")).unwrap().count();
        assert_eq!(done, 0, "bash does more than was seen: {text:?}");
    }
    assert!(run * 100 > tries, "only {run} of {tries} were run");
}

/// Nothing but what bash itself has, and `evil`.
fn bash(text: &str, dir: &Path) {
    let mut command = Command::new("/bin/bash");
    command.env_clear().env("PATH", dir.join("bin")).current_dir(dir.join("work"));
    // An endless loop ends too.
    let text = format!("ulimit -t 1\n{text}\n");
    let file = dir.join("script");
    fs::write(&file, text).unwrap();
    let mut child =
        command.arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    child.wait().unwrap();
}
