//! The commands that a script may call, and what their arguments may be.

use super::arguments::{Arguments, Options};
use super::call::{Call, Place};
use super::reader::Foreign;
use super::syntax::{Piece, Word, bare, plain};
use super::values::{Atom, Variables, check_assigned, path_of};
use super::{sed, tools};
use crate::pack::part::is_variable;

type Judged = Result<(), Foreign>;

/// Commands that act on the whole machine: something else stands in their place, which does nothing.
pub(super) const SHIMS: [&str; 6] =
    ["apt", "apt-get", "snap", "rustup", "update-ca-certificates", "systemctl"];
/// Commands that write nothing, whatever their arguments are.
const HARMLESS: [&str; 25] = [
    "echo", "cat", "true", "false", ":", "grep", "tr", "cut", "head", "tail", "basename", "dirname", "pwd",
    "ls", "wc", "readlink", "realpath", "nproc", "uname", "seq", "sleep", "exit", "break", "continue",
    "shift",
];

/// Judges a command whose words' own expansions are judged already.
pub(super) fn call(
    variables: &Variables,
    name: &Word,
    args: &[Word],
    place: &mut Place,
    stops: bool,
    line: usize,
) -> Judged {
    let name = match &name[..] {
        [Piece::Glob('[')] => "[".to_owned(),
        _ => plain(name)
            .ok_or_else(|| Foreign { line, why: "the command itself is made by an expansion".into() })?,
    };
    let call = Call { variables, args, place: *place, line };
    match name.as_str() {
        "cd" | "pushd" => call.change(place, stops),
        "popd" => {
            place.back();
            Ok(())
        }
        name => call.program(name),
    }
}

impl Call<'_> {
    /// Everything but what changes the shell's own directory.
    fn program(&self, name: &str) -> Judged {
        match name {
            name if SHIMS.contains(&name) || HARMLESS.contains(&name) => Ok(()),
            "[" | "test" => self.test(),
            "printf" => self.printf(),
            "cp" => self.cp(),
            "mv" => self.mv(),
            "rm" | "rmdir" => self.rm(),
            "mkdir" => self.mkdir(),
            "touch" => self.touch(),
            "chmod" => self.chmod(),
            "ln" => self.ln(),
            "install" => self.install(),
            "tee" => self.tee(),
            "sort" => self.sort(),
            "date" => self.date(),
            "sed" => sed::sed(self),
            "find" => self.find(),
            "export" => self.export(),
            "unset" | "read" => self.names(),
            "set" => self.set(),
            "command" => self.command(),
            "sudo" => self.sudo(),
            "craftctl" => tools::craftctl(self),
            "git" => tools::git(self),
            "uv" => tools::uv(self),
            other => {
                self.foreign(format!("`{other}` is not among the commands that are known to be harmless"))
            }
        }
    }

    fn change(&self, place: &mut Place, stops: bool) -> Judged {
        let [to] = self.args else { return self.foreign("`cd` without one directory") };
        if plain(to).as_deref() == Some("-") {
            place.back();
            return Ok(());
        }
        let values = self.variables.expand(to);
        if values
            .iter()
            .any(|value| matches!(value.first(), Some(Atom::Text(text)) if text.starts_with(['-', '+'])))
        {
            return self.foreign("`cd` with an option");
        }
        let absolute = values.iter().all(|value| value.first() == Some(&Atom::Part));
        // Where the script goes on after a failure, it may be where it was.
        if self.variables.not_writable(to, place.is_ours()).is_some() {
            place.leave();
        } else if absolute && stops {
            place.arrive();
        }
        Ok(())
    }

    fn test(&self) -> Judged {
        // Of a variable's index, `-v` computes; of a plain name it does not.
        let mut words = self.args.iter();
        while let Some(word) = words.next() {
            if plain(word).is_some_and(|text| ["-v", "-R"].contains(&&*text))
                && !words.next().and_then(bare).is_some_and(is_variable)
            {
                return self.foreign("a test of something that is no plain variable");
            }
        }
        Ok(())
    }

    fn printf(&self) -> Judged {
        // `-v` assigns.
        self.args.first().map_or(Ok(()), |format| {
            self.with(std::slice::from_ref(format)).arguments(Options::default()).map(drop)
        })
    }

    fn cp(&self) -> Judged {
        let found = self.arguments(Options {
            flags: "aRrfinpvTPLHdxu",
            valued: "t",
            long: &[
                "archive",
                "recursive",
                "force",
                "verbose",
                "no-clobber",
                "no-dereference",
                "dereference",
                "preserve",
                "no-preserve",
                "parents",
                "update",
                "no-target-directory",
                "reflink",
                "sparse",
            ],
            long_valued: &["target-directory"],
        })?;
        self.to_last(&found)
    }

    /// The last operand, or the directory that an option names, is written to.
    fn to_last(&self, found: &Arguments) -> Judged {
        let mut directories = found.values(&["t", "target-directory"]).peekable();
        match (directories.peek(), &found.operands[..]) {
            (Some(_), _) => self.written(directories),
            (None, [_, .., last]) => self.written([last]),
            _ => self.foreign("it does not say where to"),
        }
    }

    fn mv(&self) -> Judged {
        let found = self.arguments(Options {
            flags: "fnvuT",
            valued: "t",
            long: &["force", "no-clobber", "verbose", "update", "no-target-directory"],
            long_valued: &["target-directory"],
        })?;
        self.written(found.values(&["t", "target-directory"]))?;
        self.written(&found.operands)
    }

    fn rm(&self) -> Judged {
        let long = &["recursive", "force", "verbose", "dir", "ignore-fail-on-non-empty"];
        let found = self.arguments(Options { flags: "rRfvdI", long, ..Options::default() })?;
        self.written(&found.operands)
    }

    fn mkdir(&self) -> Judged {
        let long = &["parents", "verbose"];
        let found = self.arguments(Options { flags: "pv", valued: "m", long, long_valued: &["mode"] })?;
        self.written(&found.operands)
    }

    fn touch(&self) -> Judged {
        let options = Options {
            flags: "acmh",
            valued: "dtr",
            long: &["no-create", "no-dereference"],
            long_valued: &["date", "reference", "time"],
        };
        self.written(&self.arguments(options)?.operands)
    }

    fn chmod(&self) -> Judged {
        // `-x` is a mode, and looks like an option.
        let letters = |text: &str| !text.is_empty() && text.bytes().all(|byte| b"rwxXst".contains(&byte));
        let is_mode =
            |word: &Word| plain(word).is_some_and(|text| text.strip_prefix('-').is_some_and(letters));
        let args: Vec<Word> = match self.args.iter().position(is_mode) {
            Some(mode) => {
                let plus = vec![Piece::Text { text: "+x".into(), quoted: true }];
                [&self.args[..mode], &[plus], &self.args[mode + 1..]].concat()
            }
            None => self.args.to_vec(),
        };
        let long = &["recursive", "verbose", "changes", "silent", "quiet"];
        let found = self.with(&args).arguments(Options { flags: "Rvcf", long, ..Options::default() })?;
        match &found.operands[..] {
            [_, files @ ..] => self.written(files),
            [] => Ok(()),
        }
    }

    fn install(&self) -> Judged {
        let found = self.arguments(Options {
            flags: "dDpvcTC",
            valued: "mt",
            long: &["directory", "preserve-timestamps", "verbose", "compare", "no-target-directory"],
            long_valued: &["mode", "target-directory"],
        })?;
        if found.has(&["d", "directory"]) {
            return self.written(&found.operands);
        }
        self.to_last(&found)
    }

    fn tee(&self) -> Judged {
        let found = self.arguments(Options { flags: "a", long: &["append"], ..Options::default() })?;
        self.written(&found.operands)
    }

    fn sort(&self) -> Judged {
        let options = Options {
            flags: "rnuVfbhs",
            valued: "kt",
            long: &["version-sort", "unique", "reverse"],
            ..Options::default()
        };
        self.arguments(options).map(drop)
    }

    fn date(&self) -> Judged {
        // It can also set the clock.
        let long = &["utc", "iso-8601", "rfc-3339"];
        let found = self.arguments(Options {
            flags: "uRI",
            valued: "dr",
            long,
            long_valued: &["date", "reference"],
        })?;
        let format =
            |word: &Word| matches!(word.first(), Some(Piece::Text { text, .. }) if text.starts_with('+'));
        if found.operands.iter().all(format) {
            Ok(())
        } else {
            self.foreign("`date` with something that is no format")
        }
    }

    fn ln(&self) -> Judged {
        let long = &["symbolic", "force", "no-dereference", "verbose", "relative", "no-target-directory"];
        let found = self.arguments(Options {
            flags: "sfnvrT",
            valued: "t",
            long,
            long_valued: &["target-directory"],
        })?;
        self.written(found.values(&["t", "target-directory"]))?;
        let targets = match &found.operands[..] {
            // A second name for a file: a change of the one is one of the other.
            all if !found.has(&["s", "symbolic"]) && self.place.is_ours() => return self.written(all),
            _ if !found.has(&["s", "symbolic"]) => {
                return self.foreign("it makes a link where it cannot be seen");
            }
            all if found.values(&["t", "target-directory"]).next().is_some() => all,
            [one] => std::slice::from_ref(one),
            [targets @ .., place] => {
                self.written([place])?;
                let depth = self.depth(place);
                return targets.iter().try_for_each(|target| self.linked(target, depth));
            }
            [] => return Ok(()),
        };
        if !self.place.is_ours() {
            return self.foreign("it makes a link where it may be outside of the part's directories");
        }
        targets.iter().try_for_each(|target| self.linked(target, 0))
    }

    /// How many directories of the part are surely above what lies at this path.
    fn depth(&self, place: &Word) -> usize {
        let depth = |value: &Vec<Atom>| {
            let path = path_of(value).map(|(_, path)| path).unwrap_or_default();
            path.split('/').filter(|part| !part.is_empty() && *part != ".").count().saturating_sub(1)
        };
        self.variables.expand(place).iter().map(depth).min().unwrap_or(0)
    }

    /// What a link leads to must be in the part too: what is written there goes through it.
    fn linked(&self, target: &Word, depth: usize) -> Judged {
        for value in self.variables.expand(target) {
            let Some((absolute, path)) = path_of(&value) else {
                return self.foreign("it cannot be seen where a link leads");
            };
            let up = path.split('/').take_while(|part| *part == "..").count();
            let leaves = path
                .split('/')
                .skip(up)
                .any(|part| part == ".." || (part.starts_with('.') && part.contains('*')));
            let inside = if absolute {
                up == 0 && (path.is_empty() || path.starts_with('/'))
            } else {
                !path.starts_with('/') && up <= depth
            };
            if !inside || leaves {
                return self
                    .foreign(format!("it makes a link that leads out of the part's directories: {path}"));
            }
        }
        Ok(())
    }

    fn find(&self) -> Judged {
        const TESTS: [&str; 15] = [
            "-name",
            "-iname",
            "-path",
            "-ipath",
            "-type",
            "-maxdepth",
            "-mindepth",
            "-size",
            "-newer",
            "-mtime",
            "-mmin",
            "-perm",
            "-printf",
            "-regex",
            "-wholename",
        ];
        const PLAIN: [&str; 17] = [
            "(", ")", "!", "-not", "-o", "-or", "-a", "-and", "-print", "-print0", "-empty", "-prune",
            "-quit", "-depth", "-true", "-false", "-delete",
        ];
        let start = |word: &&Word| !plain(word).is_some_and(|text| text.starts_with(['-', '(', '!']));
        let starts = self.args.iter().take_while(start).count();
        let (starts, mut rest) = (&self.args[..starts], self.args[starts..].iter());
        self.with(starts).arguments(Options::default())?;
        let mut deletes = false;
        while let Some(word) = rest.next() {
            match plain(word).as_deref() {
                Some(test) if TESTS.contains(&test) => match rest.next() {
                    Some(value) if self.is_one(value) => {}
                    _ => return self.foreign("`find` with something that may become several words"),
                },
                Some(text) if PLAIN.contains(&text) => deletes |= text == "-delete",
                _ => return self.foreign("`find` with something other than tests and names"),
            }
        }
        match (deletes, starts.is_empty(), self.place.is_ours()) {
            (true, true, false) => self.foreign("`find` deletes outside of the part's directories"),
            (true, false, _) => self.written(starts),
            _ => Ok(()),
        }
    }

    fn export(&self) -> Judged {
        for word in self.args {
            match bare(word).filter(|name| is_variable(name)) {
                Some(name) => check_assigned(name, true, self.line)?,
                None => return self.foreign("`export` of something that is no plain name"),
            }
        }
        Ok(())
    }

    /// `unset`, `read`.
    fn names(&self) -> Judged {
        for word in self.args {
            match bare(word) {
                Some("-r") => {}
                Some(name) if is_variable(name) => check_assigned(name, false, self.line)?,
                _ => return self.foreign("something that is no plain name"),
            }
        }
        Ok(())
    }

    /// What makes the shell stricter or more talkative; what it relies on stays.
    fn set(&self) -> Judged {
        let mut words = self.args.iter().map(|word| bare(word).unwrap_or("?"));
        while let Some(word) = words.next() {
            let letters = word.strip_prefix('-').unwrap_or("?");
            let known = !letters.is_empty() && letters.bytes().all(|byte| b"euxo".contains(&byte));
            if !known && word != "+x" {
                return self.foreign(format!("`set {word}`"));
            }
            if letters.contains('o') && words.next() != Some("pipefail") {
                return self.foreign("`set -o` of something other than pipefail");
            }
        }
        Ok(())
    }

    fn command(&self) -> Judged {
        match self.args.first().and_then(bare) {
            Some("-v") => Ok(()),
            _ => self.foreign("`command` other than `command -v`"),
        }
    }

    /// The stand-in for `sudo` runs what it is given.
    fn sudo(&self) -> Judged {
        let options = self
            .args
            .iter()
            .take_while(|word| bare(word).is_some_and(|word| ["-E", "-n", "-H"].contains(&word)));
        let rest = &self.args[options.count()..];
        let Some((name, args)) = rest.split_first() else { return self.foreign("`sudo` of nothing") };
        match plain(name) {
            Some(name)
                if !["cd", "pushd", "popd", "export", "set", "read", "unset", "["].contains(&&*name) =>
            {
                self.with(args).program(&name)
            }
            _ => self.foreign("`sudo` of something that is not understood"),
        }
    }
}
