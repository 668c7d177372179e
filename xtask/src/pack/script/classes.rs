//! What becomes of a script: it is left out, run, or refused.

use anyhow::Result;

use super::calls::SHIMS;
use super::judge::{each_command, judge};
use super::parse::parse;
use super::reader::Foreign;
use super::syntax::{Kind, List, Redirect, plain};
use crate::pack::part::{Part, Plugin};

/// The script of a part.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::pack) struct Script {
    /// `export` lines for the part's `build-environment`.
    pub(super) environment: String,
    pub(super) text: String,
    part: String,
    is_nil: bool,
}

/// What is to be done with a script.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::pack) enum Class {
    /// It is `craftctl default`: the plugin alone does the same.
    Default,
    /// It only installs tools on the machine that builds, and puts nothing into the charm.
    Tools,
    /// All that it does is known, and stays in the part's directories.
    Contained,
    /// What it does is not known, or reaches further. The line, and what is foreign in it.
    Foreign { line: String, why: String },
}

impl Script {
    /// The script of a part, if it has one.
    pub(in crate::pack) fn of(part: &Part) -> Result<Option<Script>> {
        let Some(text) = part.text("override-build") else { return Ok(None) };
        let is_nil = part.plugin == Plugin::Nil;
        Ok(Some(Script { environment: exports(part)?, text: text.into(), part: part.name.clone(), is_nil }))
    }

    /// Whether a program is in it, or a word like it.
    pub(in crate::pack) fn names(&self, program: &str) -> bool {
        let is_of_word = |c: char| c.is_ascii_alphanumeric() || ['_', '-', '.'].contains(&c);
        self.text.split(|c| !is_of_word(c)).any(|word| word == program)
    }

    /// Whether it names something around the project, such as `$CRAFT_PROJECT_DIR/../lib`.
    pub(in crate::pack) fn reads_around(&self) -> bool {
        let words = [&self.environment, &self.text].into_iter().flat_map(|text| text.split_whitespace());
        words.filter_map(|word| word.split_once("CRAFT_PROJECT_DIR")).any(|(_, rest)| rest.contains(".."))
    }

    /// What is to be done with it.
    pub(in crate::pack) fn class(&self) -> Class {
        let control = |c: char| c.is_control() && c != '\n' && c != '\t';
        let parsed = match self.text.chars().chain(self.environment.chars()).find(|c| control(*c)) {
            Some(c) => Err(Foreign { line: 1, why: format!("it has the character {c:?}") }),
            None => parse(&self.text),
        };
        if parsed.as_ref().is_ok_and(is_default) {
            return Class::Default;
        }
        if self.is_nil && self.puts_nothing(parsed.as_ref().ok()) {
            return Class::Tools;
        }
        // The variables are set first, and may be used in the script.
        let before = self.environment.lines().count();
        let judged = parsed.and_then(|_| parse(&format!("{}{}", self.environment, self.text)));
        match judged.and_then(|list| judge(&list)) {
            Ok(()) => Class::Contained,
            Err(Foreign { line, why }) => {
                let all: Vec<&str> = self.environment.lines().chain(self.text.lines()).collect();
                let text = all.get(line - 1).map_or("", |line| line.trim()).to_owned();
                let why = if line <= before { format!("build-environment: {why}") } else { why };
                Class::Foreign { line: text, why }
            }
        }
    }

    /// Whether a part without sources of its own gets nothing from its script: what installs tools.
    fn puts_nothing(&self, list: Option<&List>) -> bool {
        const PLACES: [&str; 5] =
            ["CRAFT_PART_INSTALL", "CRAFT_STAGE", "CRAFT_PRIME", "CRAFT_PROJECT_DIR", ".."];
        if PLACES.iter().any(|place| self.text.contains(place)) {
            return false;
        }
        self.part.ends_with("-deps") || list.is_some_and(installs_tools)
    }
}

/// `build-environment` as lines that set it: craft has the values in double quotes, so that a shell expands them.
fn exports(part: &Part) -> Result<String> {
    let variables = part.environment()?;
    Ok(variables.iter().map(|(name, value)| format!("export {name}=\"{value}\"\n")).collect())
}

/// Whether the script is `craftctl default`, once, and nothing else.
fn is_default(list: &List) -> bool {
    let [and_or] = &list[..] else { return false };
    let [command] = &and_or.first.commands[..] else { return false };
    let Kind::Simple { assignments, words } = &command.kind else { return false };
    let words: Option<Vec<String>> = words.iter().map(plain).collect();
    and_or.rest.is_empty()
        && !and_or.first.negated
        && assignments.is_empty()
        && command.redirects.is_empty()
        && words.is_some_and(|words| words == ["craftctl", "default"])
}

/// Whether all that the script calls are programs that install others, or prepare and tell of it.
fn installs_tools(list: &List) -> bool {
    const INSTALLS: [&str; 12] = [
        "sudo",
        "curl",
        "wget",
        "sh",
        "bash",
        "pip",
        "pip3",
        "pipx",
        "python3",
        "uv",
        "ln",
        "add-apt-repository",
    ];
    const BESIDES: [&str; 10] =
        ["echo", "set", "export", "true", "which", "command", "[", "test", "craftctl", "source"];
    let (mut known, mut installs) = (true, false);
    each_command(list, &mut |command| {
        let Kind::Simple { words, .. } = &command.kind else { return };
        let name = match words.first() {
            Some(word) => plain(word).unwrap_or_default(),
            None => return,
        };
        let name = name.as_str();
        let is_install = INSTALLS.contains(&name) || SHIMS.contains(&name);
        installs |= is_install;
        known &= is_install || BESIDES.contains(&name);
        known &= !command.redirects.iter().any(|redirect| matches!(redirect, Redirect::Write(_)));
    });
    known && installs
}
