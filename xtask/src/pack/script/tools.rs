//! `craftctl`, `git` and `uv`: which of their commands a script may call.

use super::arguments::Options;
use super::call::Call;
use super::reader::Foreign;
use super::syntax::{Piece, Word, plain};

type Judged = Result<(), Foreign>;

pub(super) fn craftctl(call: &Call<'_>) -> Judged {
    match call.args.first().and_then(plain).as_deref() {
        Some("default" | "get" | "set") => Ok(()),
        _ => call.foreign("`craftctl` with another command than default, get and set"),
    }
}

/// Commands of git's that only tell.
const TELLS: [&str; 13] = [
    "describe",
    "rev-parse",
    "rev-list",
    "log",
    "show",
    "status",
    "ls-files",
    "ls-tree",
    "name-rev",
    "merge-base",
    "for-each-ref",
    "diff",
    "version",
];

pub(super) fn git(call: &Call<'_>) -> Judged {
    let mut args = call.args;
    loop {
        match args.first().and_then(plain).as_deref() {
            Some("-C" | "--git-dir" | "--work-tree") if args.len() > 1 => {
                if !call.is_one(&args[1]) {
                    return call.foreign("it cannot be seen what the arguments of `git` will be");
                }
                args = &args[2..];
            }
            Some("--no-pager" | "-P" | "--version") => args = &args[1..],
            _ => break,
        }
    }
    let Some((command, args)) = args.split_first() else { return Ok(()) };
    let texts: Vec<Option<String>> = args.iter().map(plain).collect();
    let has = |wanted: &[&str]| texts.iter().flatten().any(|text| wanted.contains(&text.as_str()));
    let operands = || args.iter().filter(|word| !starts_with_dash(word)).count();
    let allowed = match plain(command).as_deref() {
        Some(command) if TELLS.contains(&command) => true,
        Some("branch") => has(&["--show-current"]) && operands() == 0,
        Some("symbolic-ref") => operands() == 1 && !has(&["-d", "--delete", "-m"]),
        Some("tag") => has(&["-l", "--list", "--points-at"]) && !has(&["-d", "--delete", "-f", "-a", "-s"]),
        Some("config") if has(&["--get"]) => operands() == 1 && texts[0].as_deref() == Some("--get"),
        // The home is a temporary directory.
        Some("config") => {
            let texts: Vec<&str> = texts.iter().map(|text| text.as_deref().unwrap_or("")).collect();
            matches!(
                &texts[..],
                ["--global", "--add", "safe.directory", _] | ["--global", "safe.directory", _]
            )
        }
        _ => false,
    };
    if !allowed {
        return call.foreign("`git` with a command that may do more than tell");
    }
    for word in args.iter().take_while(|word| plain(word).as_deref() != Some("--")) {
        check_git_argument(call, word)?;
    }
    Ok(())
}

/// Options that write a file or run a program, whole or shortened.
fn check_git_argument(call: &Call<'_>, word: &Word) -> Judged {
    if starts_with_dash(word) {
        let text: String = word
            .iter()
            .map_while(|piece| match piece {
                Piece::Text { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        let known = ["--oneline", "--others", "--objects"].contains(&text.as_str());
        if (text.starts_with("--o") && !known) || text.starts_with("--ex") && !text.starts_with("--exclude") {
            return call.foreign(format!("`git` with {text}"));
        }
        return Ok(());
    }
    // Whatever else it is, it must not turn out to be an option.
    call.with(std::slice::from_ref(word)).arguments(Options::default()).map(drop)
}

fn starts_with_dash(word: &Word) -> bool {
    let mut texts = word.iter().filter(|piece| !matches!(piece, Piece::Text { text, .. } if text.is_empty()));
    matches!(texts.next(), Some(Piece::Text { text, .. }) if text.starts_with('-'))
}

/// Options of uv's that neither name a place nor a program.
const UV_FLAGS: &[&str] = &[
    "frozen",
    "locked",
    "no-dev",
    "only-dev",
    "all-extras",
    "all-groups",
    "no-default-groups",
    "no-editable",
    "no-install-project",
    "no-install-workspace",
    "reinstall",
    "no-progress",
    "quiet",
    "verbose",
    "offline",
    "no-binary",
    "no-build",
    "inexact",
    "exact",
    "no-hashes",
    "no-header",
    "no-annotate",
    "no-emit-project",
    "no-emit-workspace",
    "all-packages",
    "upgrade",
    "check",
    "check-exists",
    "dry-run",
    "short",
    "native-tls",
    "version",
    "no-cache",
    "isolated",
    "no-emit-local",
];
const UV_VALUED: &[&str] = &[
    "extra",
    "no-extra",
    "group",
    "no-group",
    "only-group",
    "format",
    "package",
    "no-binary-package",
    "no-build-package",
    "prune",
    "no-emit-package",
    "upgrade-package",
    "reinstall-package",
    "color",
    "link-mode",
    "output-file",
];

pub(super) fn uv(call: &Call<'_>) -> Judged {
    if !call.place.is_ours() {
        return call.foreign("it runs uv where it may be outside of the part's directories");
    }
    let found =
        call.arguments(Options { flags: "qvUn", valued: "oP", long: UV_FLAGS, long_valued: UV_VALUED })?;
    call.written(found.values(&["o", "output-file"]))?;
    let commands: Option<Vec<String>> = found.operands.iter().map(plain).collect();
    let commands = commands.unwrap_or_else(|| vec!["?".into()]);
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    match &commands[..] {
        [] if found.has(&["version"]) => Ok(()),
        ["lock" | "sync" | "export" | "tree" | "version"] => Ok(()),
        _ => call.foreign("`uv` with a command other than lock, sync, export, tree and version"),
    }
}
