//! `juju debug-log` and `juju show-status-log`

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::call::Call;
use super::print::table;
use super::text_file::TextFile;
use crate::ground::failure::{Failure, fail, misuse, unsupported};
use crate::ground::paths::ModelDir;
use crate::ground::time::Timestamp;
use crate::model::log::{Change, ChangeKind, Level, Line};
use crate::state::lines;

const POLL: Duration = Duration::from_millis(100);

/// Which lines are wanted, and how they look.
struct Filter {
    level: Level,
    include: Vec<String>,
    exclude: Vec<String>,
    include_module: Vec<String>,
    exclude_module: Vec<String>,
    date: bool,
    millis: bool,
}

impl Filter {
    fn new(call: &Call<'_>) -> Result<Self, Failure> {
        let level = match call.args.get("level") {
            None => Level::Trace,
            Some(text) => match Level::parse(text) {
                Some(level) => level,
                None => misuse!(
                    "level value \"{text}\" is not one of \"TRACE\", \"DEBUG\", \"INFO\", \"WARNING\", \"ERROR\""
                ),
            },
        };
        let list = |name| call.args.all(name).map(str::to_owned).collect();
        Ok(Self {
            level,
            include: list("include"),
            exclude: list("exclude"),
            include_module: list("include-module"),
            exclude_module: list("exclude-module"),
            date: call.args.has("date"),
            millis: call.args.has("ms"),
        })
    }

    fn takes(&self, line: &Line) -> bool {
        let entity = |list: &[String]| list.iter().any(|pattern| is_entity(pattern, &line.entity));
        let module = |list: &[String]| list.iter().any(|prefix| is_module(prefix, &line.module));
        line.level >= self.level
            && (self.include.is_empty() || entity(&self.include))
            && !entity(&self.exclude)
            && (self.include_module.is_empty() || module(&self.include_module))
            && !module(&self.exclude_module)
    }

    /// Shows a line; `long` is where those lie that are too long for the log itself.
    fn show(&self, line: &Line, long: &Path, writer: &mut dyn Write) -> io::Result<()> {
        let mut time = if self.date { line.time.date_time() } else { line.time.clock() };
        if self.millis {
            time.push_str(&format!(".{:03}", line.time.millis()));
        }
        write!(writer, "{}: {time} {} {} ", line.entity, line.level.name(), line.module)?;
        match &line.file {
            None => writeln!(writer, "{}", line.message),
            Some(file) => writeln!(writer, "{}", TextFile::new(long.join(file))),
        }
    }
}

/// `unit-web-0`, `web/0`, `web` and `unit-web-*` all mean unit web/0.
fn is_entity(pattern: &str, entity: &str) -> bool {
    let dashed = pattern.replace('/', "-");
    let matches = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => entity.starts_with(prefix),
        None => entity == pattern,
    };
    let of_application = || {
        let number =
            entity.strip_prefix("unit-").and_then(|rest| rest.strip_prefix(pattern)?.strip_prefix('-'));
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    matches(pattern) || matches(&format!("unit-{dashed}")) || of_application()
}

fn is_module(prefix: &str, module: &str) -> bool {
    module.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']))
}

pub(super) fn debug_log(call: &mut Call<'_>) -> Result<i32, Failure> {
    let filter = Filter::new(call)?;
    let uuid = call.model()?;
    let replay = call.args.has("replay");
    let (tail, no_tail) = (call.args.has("tail"), call.args.has("no-tail"));
    if tail && no_tail {
        misuse!("setting --tail and --no-tail not valid");
    }
    let limit: usize = call.args.number("limit")?.unwrap_or(0);
    let follow = tail || (call.request.terminal && limit == 0 && !no_tail);
    let lines: usize = call.args.number("lines")?.unwrap_or(10);
    let part = match (limit, replay) {
        (0, false) if follow || call.args.get("lines").is_some() => Part::Last(lines),
        (0, _) => Part::Whole,
        (limit, true) => Part::First(limit),
        (limit, false) => Part::Last(limit),
    };
    let dir = call.state.dir.model(&uuid);
    let position = show_part(&dir, &filter, part, &mut call.reply.writer())?;
    if follow {
        follow_log(call, &uuid, &filter, position);
    }
    Ok(0)
}

/// How much of the log is shown.
enum Part {
    Whole,
    First(usize),
    Last(usize),
}

/// Shows what there is by now and returns where it ends. No more of it is in memory than was asked for.
fn show_part(dir: &ModelDir, filter: &Filter, part: Part, writer: &mut dyn Write) -> io::Result<u64> {
    let long = dir.long_lines();
    let mut position = 0;
    let mut last = VecDeque::new();
    let mut shown = 0;
    let mut result = Ok(());
    read_from(&dir.log(), &mut position, &mut |line| {
        if result.is_err() || !filter.takes(&line) {
            return;
        }
        match part {
            Part::First(count) if shown >= count => {}
            Part::Last(count) => {
                last.push_back(line);
                last.drain(..last.len().saturating_sub(count));
            }
            Part::Whole | Part::First(_) => {
                shown += 1;
                result = filter.show(&line, &long, writer);
            }
        }
    });
    result?;
    last.iter().try_for_each(|line| filter.show(line, &long, writer))?;
    writer.flush()?;
    Ok(position)
}

/// Goes on until the client leaves or the model goes.
fn follow_log(call: &mut Call<'_>, uuid: &str, filter: &Filter, mut position: u64) {
    let dir = call.state.dir.model(uuid);
    let mut checked = Instant::now();
    loop {
        let mut writer = call.reply.writer();
        read_from(&dir.log(), &mut position, &mut |line| {
            if filter.takes(&line) {
                // Whether anybody still reads is asked below.
                let _ = filter.show(&line, &dir.long_lines(), &mut writer);
            }
        });
        let _ = writer.flush();
        drop(writer);
        if checked.elapsed() > Duration::from_secs(1) {
            checked = Instant::now();
            if !call.reply.is_open() {
                return;
            }
        }
        if call.state.is_ending() || !call.state.world().models.contains_key(uuid) {
            return;
        }
        thread::sleep(POLL);
    }
}

/// Reads whole lines from a position on and moves it behind them.
fn read_from(path: &Path, position: &mut u64, take: &mut dyn FnMut(Line)) {
    let open = || -> io::Result<BufReader<File>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(*position))?;
        Ok(BufReader::new(file))
    };
    let Ok(mut reader) = open() else { return };
    let mut text = String::new();
    while reader.read_line(&mut text).is_ok_and(|length| length > 0) && text.ends_with('\n') {
        *position += text.len() as u64;
        if let Ok(line) = serde_json::from_str(&text) {
            take(line);
        }
        text.clear();
    }
}

pub(super) fn status_log(call: &mut Call<'_>) -> Result<i32, Failure> {
    let name = call.args.first("entity name")?.to_owned();
    let uuid = call.model()?;
    if call.args.get("days").is_some() && call.args.get("lines").is_some() {
        misuse!("backlog size, backlog date and backlog days back cannot be specified together");
    }
    let kind = call.args.get("type").unwrap_or("unit");
    let wanted: fn(ChangeKind) -> bool = match kind {
        "unit" | "" => |_| true,
        "workload" => |kind| kind == ChangeKind::Workload,
        "juju-unit" => |kind| kind == ChangeKind::Agent,
        "application" | "container" | "juju-container" | "juju-machine" | "machine" | "model" | "saas" => {
            return Err(unsupported(&format!("status log type \"{kind}\"")));
        }
        other => misuse!("unexpected status type \"{other}\""),
    };
    let since = match call.args.number::<i64>("days")? {
        Some(days) => Timestamp(Timestamp::now().0.saturating_sub(days.saturating_mul(24 * 3600 * 1000))),
        None => Timestamp(0),
    };
    let mut changes: Vec<Change> = lines::read(&call.state.dir.model(&uuid).history());
    changes.retain(|change| change.unit.to_string() == name && change.since >= since && wanted(change.kind));
    if changes.is_empty() {
        call.look(|model| match model.unit_named(&name) {
            Some(_) => Ok(()),
            None => fail!("unit \"{name}\" not found (not found)"),
        })?;
    }
    let limit = match (call.args.number("lines")?, call.args.get("days")) {
        (Some(lines), _) => lines,
        (None, Some(_)) => usize::MAX,
        (None, None) => 20,
    };
    let changes = changes.split_off(changes.len().saturating_sub(limit));
    let label = |kind| if kind == ChangeKind::Workload { "workload" } else { "juju-unit" };
    let entries: Vec<Value> = changes
        .iter()
        .map(|change| {
            json!({
                "status": change.current, "message": change.message,
                "since": change.since.status(), "type": label(change.kind),
            })
        })
        .collect();
    call.print(&entries.into(), || {
        let mut rows = vec![["Time", "Type", "Status", "Message"].map(str::to_owned).to_vec()];
        rows.extend(changes.iter().map(|change| {
            vec![
                change.since.status(),
                label(change.kind).into(),
                change.current.clone(),
                change.message.clone(),
            ]
        }));
        table(&rows)
    })
}
