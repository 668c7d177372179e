//! Whether a script can be run here: whether it is made of known commands and writes in its part's directories alone.

use super::call::Place;
use super::calls;
use super::reader::Foreign;
use super::syntax::{
    AndOr, Assignment, Command, Kind, List, Operation, Piece, Pipeline, Redirect, Word, bare, plain,
};
use super::values::{Variables, check_assigned};

type Judged = Result<(), Foreign>;

/// Directories of craft's that the local packer has none of.
const ABSENT: [&str; 3] = ["CRAFT_STAGE", "CRAFT_PRIME", "CRAFT_OVERLAY"];
/// What a redirection may write to outside.
const DEVICES: [&str; 3] = ["/dev/null", "/dev/stdout", "/dev/stderr"];
/// Variables that name a directory which uv writes to.
const UV_PLACES: [&str; 2] = ["UV_WORKING_DIR", "UV_PROJECT_ENVIRONMENT"];

#[derive(Default)]
struct Judge {
    variables: Variables,
}

/// What is foreign in a script, if anything is.
pub(super) fn judge(list: &List) -> Judged {
    let mut judge = Judge::default();
    each_command(list, &mut |command| judge.note(command));
    judge.list(list, &mut Place::default(), true)
}

impl Judge {
    /// Notes what a command assigns.
    fn note(&mut self, command: &Command) {
        match &command.kind {
            Kind::Simple { assignments, words } => {
                for Assignment { name, appends, value } in assignments {
                    if *appends {
                        self.variables.unknown(name);
                    } else {
                        self.variables.assigned(name, value.clone());
                    }
                }
                if words.first().and_then(plain).is_some_and(|word| word == "read") {
                    words[1..].iter().filter_map(plain).for_each(|name| self.variables.unknown(&name));
                }
            }
            Kind::For { name, words, .. } => {
                words.iter().for_each(|word| self.variables.item(name, word.clone()));
            }
            _ => {}
        }
    }

    /// `stops`: a command that fails ends the script here.
    fn list(&self, list: &List, place: &mut Place, stops: bool) -> Judged {
        for AndOr { first, rest } in list {
            self.pipeline(first, place, stops && rest.is_empty())?;
            for (_, pipeline) in rest {
                self.pipeline(pipeline, place, false)?;
            }
        }
        Ok(())
    }

    fn pipeline(&self, pipeline: &Pipeline, place: &mut Place, stops: bool) -> Judged {
        let stops = stops && !pipeline.negated;
        match &pipeline.commands[..] {
            [one] => self.command(one, place, stops),
            // Each of several is a process of its own.
            several => several.iter().try_for_each(|one| self.command(one, &mut place.clone(), false)),
        }
    }

    fn command(&self, command: &Command, place: &mut Place, stops: bool) -> Judged {
        for redirect in &command.redirects {
            self.redirect(redirect, *place, command.line)?;
        }
        match &command.kind {
            Kind::Simple { assignments, words } => {
                self.simple(assignments, words, place, stops, command.line)?;
            }
            Kind::Test(words) => self.test(words, *place, command.line)?,
            Kind::Group(list) => self.list(list, place, stops)?,
            Kind::Subshell(list) => self.list(list, &mut place.clone(), stops)?,
            Kind::If { branches, otherwise } => self.branches(branches, otherwise.as_ref(), place, stops)?,
            Kind::For { name, words, body } => {
                check_assigned(name, false, command.line)?;
                self.words(words, *place, command.line)?;
                self.repeated(&Vec::new(), body, place, stops)?;
            }
            Kind::While { condition, body } => self.repeated(condition, body, place, stops)?,
            Kind::Case { subject, arms } => {
                self.word(subject, *place, command.line)?;
                let mut after = *place;
                for (patterns, list) in arms {
                    self.words(patterns, *place, command.line)?;
                    let mut own = *place;
                    self.list(list, &mut own, stops)?;
                    after = after.or(own);
                }
                *place = after;
            }
        }
        Ok(())
    }

    fn branches(
        &self,
        branches: &[(List, List)],
        otherwise: Option<&List>,
        place: &mut Place,
        stops: bool,
    ) -> Judged {
        let mut after: Option<Place> = None;
        let mut join = |own: Place| after = Some(after.map_or(own, |after| after.or(own)));
        for (condition, list) in branches {
            self.list(condition, place, false)?;
            let mut own = *place;
            self.list(list, &mut own, stops)?;
            join(own);
        }
        let mut own = *place;
        if let Some(list) = otherwise {
            self.list(list, &mut own, stops)?;
        }
        join(own);
        *place = after.unwrap_or_default();
        Ok(())
    }

    /// The second time round begins where the first may have ended.
    fn repeated(&self, condition: &List, body: &List, place: &mut Place, stops: bool) -> Judged {
        for _ in 0..2 {
            self.list(condition, place, false)?;
            let mut own = *place;
            self.list(body, &mut own, stops)?;
            *place = place.or(own);
        }
        Ok(())
    }

    fn redirect(&self, redirect: &Redirect, place: Place, line: usize) -> Judged {
        match redirect {
            Redirect::Write(word) => {
                self.word(word, place, line)?;
                if plain(word).is_some_and(|path| DEVICES.contains(&&*path)) {
                    return Ok(());
                }
                self.written(word, place, line)
            }
            Redirect::Read(word) | Redirect::Text(word) => self.word(word, place, line),
            Redirect::Duplicate => Ok(()),
        }
    }

    /// A path that is written to.
    fn written(&self, word: &Word, place: Place, line: usize) -> Judged {
        match self.variables.not_writable(word, place.is_ours()) {
            Some(why) => Err(Foreign { line, why }),
            None => Ok(()),
        }
    }

    fn simple(
        &self,
        assignments: &[Assignment],
        words: &[Word],
        place: &mut Place,
        stops: bool,
        line: usize,
    ) -> Judged {
        for Assignment { name, value, .. } in assignments {
            self.word(value, *place, line)?;
            if UV_PLACES.contains(&name.as_str()) {
                self.written(value, *place, line)?;
            } else {
                check_assigned(name, !words.is_empty(), line)?;
            }
        }
        self.words(words, *place, line)?;
        match words {
            [] => Ok(()),
            [first, args @ ..] => calls::call(&self.variables, first, args, place, stops, line),
        }
    }

    /// In `[[ … ]]` the numbers of a comparison are computed, and computing can run commands.
    fn test(&self, words: &[Word], place: Place, line: usize) -> Judged {
        const COMPUTES: [&str; 8] = ["-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v", "-R"];
        self.words(words, place, line)?;
        let number = |word: &Word| match &word[..] {
            [Piece::Number] => true,
            _ => plain(word).is_some_and(|text| text.bytes().all(|byte| byte.is_ascii_digit())),
        };
        for (index, word) in words.iter().enumerate() {
            let neighbours =
                [index.checked_sub(1).and_then(|before| words.get(before)), words.get(index + 1)];
            if bare(word).is_some_and(|text| COMPUTES.contains(&text))
                && !neighbours.into_iter().all(|word| word.is_some_and(number))
            {
                return Err(Foreign { line, why: "it computes in `[[`: use `[`".into() });
            }
        }
        Ok(())
    }

    fn words(&self, words: &[Word], place: Place, line: usize) -> Judged {
        words.iter().try_for_each(|word| self.word(word, place, line))
    }

    /// What the expansion of a word runs and reads.
    fn word(&self, word: &Word, place: Place, line: usize) -> Judged {
        for piece in word {
            match piece {
                Piece::Output { list, .. } => self.list(list, &mut place.clone(), false)?,
                Piece::Variable { name, operation, .. } => {
                    if ABSENT.contains(&name.as_str()) {
                        let why = format!("it uses ${name}, and the local packer has no such directory");
                        return Err(Foreign { line, why });
                    }
                    match operation {
                        Operation::None => {}
                        Operation::Default(word) | Operation::Alternative(word) => {
                            self.word(word, place, line)?
                        }
                        Operation::Change(words) => self.words(words, place, line)?,
                    }
                }
                Piece::Text { .. } | Piece::Glob(_) | Piece::Number => {}
            }
        }
        Ok(())
    }
}

/// Visits all commands of a script, however deep.
pub(super) fn each_command(list: &List, visit: &mut dyn FnMut(&Command)) {
    let pipelines = list.iter().flat_map(|and_or| {
        [&and_or.first].into_iter().chain(and_or.rest.iter().map(|(_, pipeline)| pipeline))
    });
    for command in pipelines.flat_map(|pipeline| &pipeline.commands) {
        visit(command);
        for redirect in &command.redirects {
            if let Redirect::Write(word) | Redirect::Read(word) | Redirect::Text(word) = redirect {
                each_in_word(word, visit);
            }
        }
        match &command.kind {
            Kind::Simple { assignments, words } => {
                assignments.iter().for_each(|assignment| each_in_word(&assignment.value, visit));
                words.iter().for_each(|word| each_in_word(word, visit));
            }
            Kind::Test(words) => words.iter().for_each(|word| each_in_word(word, visit)),
            Kind::Group(list) | Kind::Subshell(list) => each_command(list, visit),
            Kind::If { branches, otherwise } => {
                for (condition, list) in branches {
                    each_command(condition, visit);
                    each_command(list, visit);
                }
                otherwise.iter().for_each(|list| each_command(list, visit));
            }
            Kind::For { words, body, .. } => {
                words.iter().for_each(|word| each_in_word(word, visit));
                each_command(body, visit);
            }
            Kind::While { condition, body } => {
                each_command(condition, visit);
                each_command(body, visit);
            }
            Kind::Case { subject, arms } => {
                each_in_word(subject, visit);
                for (patterns, list) in arms {
                    patterns.iter().for_each(|word| each_in_word(word, visit));
                    each_command(list, visit);
                }
            }
        }
    }
}

fn each_in_word(word: &Word, visit: &mut dyn FnMut(&Command)) {
    for piece in word {
        match piece {
            Piece::Output { list, .. } => each_command(list, visit),
            Piece::Variable { operation, .. } => match operation {
                Operation::None => {}
                Operation::Default(word) | Operation::Alternative(word) => each_in_word(word, visit),
                Operation::Change(words) => words.iter().for_each(|word| each_in_word(word, visit)),
            },
            Piece::Text { .. } | Piece::Glob(_) | Piece::Number => {}
        }
    }
}
