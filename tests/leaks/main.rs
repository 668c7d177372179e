//! The leak table: runs die in every way there is, at random moments, and no model is left in the end.
//!
//! `JUBILANT_LEAK_ROUNDS` is how often each row dies (1), `JUBILANT_LEAK_SEED` repeats the moments of an earlier table.
#![forbid(unsafe_code)]

mod rows;
mod watch;

use std::collections::VecDeque;
use std::io::{self, Write};
use std::process::Child;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, ensure};
use jubilant_tests::bench::{Bench, end_of};
use jubilant_tests::front::Front;

use rows::{ROWS, Row};
use watch::Watch;

/// How long anything may take that should end by itself.
const LIMIT: Duration = Duration::from_secs(90);
/// Rows side by side: they mostly wait.
const SIDE_BY_SIDE: usize = 6;

/// Where a run is about to die.
struct Stage<'a> {
    bench: &'a Bench,
    front: &'a Front,
    suite: &'a Child,
    chance: &'a mut Chance,
}

impl Stage<'_> {
    /// Lets a random time pass.
    fn moment(&mut self, most: u64) {
        thread::sleep(self.chance.milliseconds(most));
    }
}

/// Random numbers that a seed repeats (xorshift).
struct Chance(u64);

impl Chance {
    fn milliseconds(&mut self, most: u64) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        // The lower bits of neighbouring seeds are too much alike.
        Duration::from_millis((self.0 >> 24) % most)
    }
}

/// What a row came to.
struct Tally {
    name: &'static str,
    rounds: u64,
    added: usize,
    right_after: usize,
    in_the_end: usize,
    trouble: Option<String>,
}

fn play(row: &Row, rounds: u64, seed: u64) -> anyhow::Result<Tally> {
    let mut bench = Bench::new()?;
    let front = Front::of(&mut bench)?;
    let watch = Watch::start(bench.directory().join("embedded/models"));
    let mut tally =
        Tally { name: row.name, rounds: 0, added: 0, right_after: 0, in_the_end: 0, trouble: None };
    for round in 1..=rounds {
        let mut chance = Chance(seed.wrapping_mul(2 * round + 1) | 1);
        let played = play_round(row, &mut bench, &front, &mut chance);
        match played.with_context(|| format!("round {round}")) {
            Ok((right_after, in_the_end)) => {
                tally.right_after += right_after;
                tally.in_the_end += in_the_end;
            }
            Err(error) => {
                tally.trouble = Some(format!("{error:#}"));
                break;
            }
        }
        tally.rounds = round;
    }
    tally.added = watch.end();
    if tally.added < front.count("added ") {
        tally.trouble = Some("the watch has missed models".to_owned());
    }
    Ok(tally)
}

/// One run and its death; the answer is how many models were left when the suite had ended, and when all had.
fn play_round(
    row: &Row,
    bench: &mut Bench,
    front: &Front,
    chance: &mut Chance,
) -> anyhow::Result<(usize, usize)> {
    for (name, value) in (row.variables)(chance) {
        bench.set(name, &value);
    }
    front.inject(row.inject)?;
    for name in row.held {
        front.hold(name)?;
    }
    let suite = bench.start_group(&["lingers", "-j", "2"])?;
    (row.death)(&mut Stage { bench, front, suite: &suite, chance })?;
    end_of(suite, LIMIT)?;
    let right_after = bench.models()?.len();
    for name in row.held {
        front.release(name)?;
    }
    bench.wait_for_quiet(LIMIT)?;
    if row.swept {
        let sweep = bench.run(&["--sweep"])?;
        ensure!(sweep.code == Some(0), "the sweep failed: {}", sweep.text);
    }
    let in_the_end = bench.models()?;
    // Not to be counted again, nor to be swept by the next round's run.
    for model in &in_the_end {
        bench.juju(&["destroy-model", "--no-prompt", "--force", "--no-wait", model])?;
    }
    Ok((right_after, in_the_end.len()))
}

fn play_all(rounds: u64, seed: u64) -> Vec<Tally> {
    let queue: Mutex<VecDeque<(usize, &Row)>> = Mutex::new(ROWS.iter().enumerate().collect());
    let tallies = Mutex::new(Vec::new());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    thread::scope(|threads| {
        for _ in 0..SIDE_BY_SIDE {
            threads.spawn(|| {
                while let Some((index, row)) = next() {
                    let mut chance = Chance(seed.wrapping_add(index as u64 * 7919) | 1);
                    chance.milliseconds(1);
                    let tally = play(row, rounds, chance.0).unwrap_or_else(|error| Tally {
                        name: row.name,
                        rounds: 0,
                        added: 0,
                        right_after: 0,
                        in_the_end: 0,
                        trouble: Some(format!("{error:#}")),
                    });
                    tallies.lock().unwrap_or_else(PoisonError::into_inner).push((index, tally));
                }
            });
        }
    });
    let mut tallies = tallies.into_inner().unwrap_or_else(PoisonError::into_inner);
    tallies.sort_by_key(|(index, _)| *index);
    tallies.into_iter().map(|(_, tally)| tally).collect()
}

fn variable(name: &str) -> anyhow::Result<Option<u64>> {
    let Some(text) = std::env::var(name).ok().filter(|text| !text.is_empty()) else { return Ok(None) };
    text.parse().map(Some).with_context(|| format!("{name} is a number, not `{text}`"))
}

/// Past the test's capture: the table is what this is for.
fn print(seed: u64, tallies: &[Tally]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "\nJUBILANT_LEAK_SEED={seed}")?;
    let heads = ["died", "rounds", "added", "destroyed", "left right after", "left in the end"];
    let [died, rounds, added, destroyed, after, end] = heads;
    writeln!(out, "{died:48} {rounds:>6} {added:>6} {destroyed:>9} {after:>16} {end:>15}")?;
    for tally in tallies {
        let Tally { name, rounds, added, right_after, in_the_end, .. } = tally;
        let destroyed = added - in_the_end.min(added);
        writeln!(out, "{name:48} {rounds:>6} {added:>6} {destroyed:>9} {right_after:>16} {in_the_end:>15}")?;
    }
    writeln!(out)
}

#[test]
fn no_model_is_left_however_a_run_dies() -> anyhow::Result<()> {
    let rounds = variable("JUBILANT_LEAK_ROUNDS")?.unwrap_or(1);
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_micros() as u64);
    let seed = variable("JUBILANT_LEAK_SEED")?.unwrap_or_else(clock);
    let tallies = play_all(rounds, seed);
    print(seed, &tallies)?;
    let bad: Vec<String> = tallies
        .iter()
        .filter(|tally| tally.in_the_end > 0 || tally.trouble.is_some())
        .map(|tally| format!("{}: {} left, {:?}", tally.name, tally.in_the_end, tally.trouble))
        .collect();
    assert!(bad.is_empty(), "with JUBILANT_LEAK_SEED={seed}: {bad:#?}");
    assert!(tallies.iter().any(|tally| tally.added > 0), "no run came so far as to add a model");
    Ok(())
}
