//! A worker's two streams as one: its lines tell what happened, the marks in its output say where.

use std::collections::VecDeque;

use crate::harness::link::marks::{END, Piece};
use crate::harness::link::{Line, Said};
use crate::harness::models::Request;
use crate::harness::record::{Event, now};

/// What comes out, in order.
#[derive(Debug, PartialEq)]
pub(super) enum Merged {
    Event { at: u64, event: Event },
    AddModel(Request),
}

/// Holds back whatever still lacks its counterpart on the other stream.
#[derive(Default)]
pub(super) struct Merge {
    pieces: VecDeque<Piece>,
    lines: VecDeque<Line>,
    /// The number of the latest line.
    number: u64,
    /// The test that is running, as far as has come out.
    test: Option<String>,
    /// The bytes of a character that has not arrived whole.
    partial: Vec<u8>,
    /// Everything that the worker printed is here.
    output_ended: bool,
    lines_ended: bool,
    merged: Vec<Merged>,
}

impl Merge {
    /// With or without output: what is not captured is not waited for.
    pub(super) fn new(output: bool) -> Merge {
        Merge { output_ended: !output, ..Merge::default() }
    }

    /// Takes in a piece of output.
    pub(super) fn piece(&mut self, piece: Piece) {
        match piece {
            Piece::Mark(END) => self.output_ended = true,
            piece => self.pieces.push_back(piece),
        }
    }

    /// Takes in a line.
    pub(super) fn line(&mut self, line: &str) {
        match serde_json::from_str::<Line>(line) {
            Err(error) => self.damage(format!("what the worker told cannot be read: {error}")),
            Ok(line) => {
                let (last, number) = (self.number, line.number);
                if number != last + 1 {
                    self.damage(format!("what the worker told has a gap: line {number} follows line {last}"));
                }
                self.number = number;
                self.lines.push_back(line);
            }
        }
    }

    /// The worker can tell nothing more.
    pub(super) fn end_of_lines(&mut self) {
        self.lines_ended = true;
    }

    /// Whether both streams have ended.
    pub(super) fn is_over(&self) -> bool {
        self.output_ended && self.lines_ended
    }

    /// Whether a test is running, as far as has come out.
    pub(super) fn is_in_a_test(&self) -> bool {
        self.test.is_some()
    }

    /// What can come out by now, in order.
    pub(super) fn drain(&mut self) -> Vec<Merged> {
        while self.step() {}
        std::mem::take(&mut self.merged)
    }

    /// Lets the next thing out, if its counterpart is there, or can come no more.
    fn step(&mut self) -> bool {
        let due = self.lines.front().map(|line| line.mark);
        match (self.pieces.front(), due) {
            (Some(Piece::Text(_)), _) => self.print(),
            (Some(Piece::Broken), _) => self.drop_piece("a mark in the output cannot be read".to_owned()),
            (_, Some(None)) => self.release(),
            (Some(Piece::Mark(mark)), Some(Some(due))) if *mark == due => {
                self.pieces.pop_front();
                self.release();
            }
            (Some(Piece::Mark(mark)), Some(Some(due))) if *mark > due => self.release_unmarked(due),
            (Some(Piece::Mark(mark)), Some(Some(_))) => {
                self.drop_piece(format!("mark {mark} is in the output where none belongs"));
            }
            (None, Some(Some(due))) if self.output_ended => self.release_unmarked(due),
            (Some(Piece::Mark(mark)), None) if self.lines_ended => {
                self.drop_piece(format!("the worker marked its output ({mark}) and did not tell why"));
            }
            (Some(Piece::Mark(_)) | None, Some(Some(_)) | None) => return false,
        }
        true
    }

    /// Lets the next line out.
    fn release(&mut self) {
        let Some(Line { at, said, .. }) = self.lines.pop_front() else { return };
        match said {
            Said::AddModel(request) => self.merged.push(Merged::AddModel(request)),
            Said::Events(events) => events.into_iter().for_each(|event| self.tell(at, event)),
        }
    }

    fn tell(&mut self, at: u64, event: Event) {
        match &event {
            Event::TestBegan { test } => {
                self.print_partial();
                self.test = Some(test.clone());
            }
            Event::TestEnded { .. } | Event::ModuleEnded => {
                self.print_partial();
                self.test = None;
            }
            _ => {}
        }
        self.merged.push(Merged::Event { at, event });
    }

    /// Lets the next line out although its mark is not where it should be.
    fn release_unmarked(&mut self, due: u64) {
        self.damage(format!("mark {due} is missing in the output"));
        self.release();
    }

    fn drop_piece(&mut self, what: String) {
        self.pieces.pop_front();
        self.damage(what);
    }

    fn print(&mut self) {
        let Some(Piece::Text(bytes)) = self.pieces.pop_front() else { return };
        self.partial.extend(bytes);
        let whole = match std::str::from_utf8(&self.partial) {
            // What ends in the middle of a character waits for its rest.
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            _ => self.partial.len(),
        };
        let rest = self.partial.split_off(whole);
        self.print_partial();
        self.partial = rest;
    }

    fn print_partial(&mut self) {
        if !self.partial.is_empty() {
            let text = String::from_utf8_lossy(&std::mem::take(&mut self.partial)).into_owned();
            let event = Event::Printed { test: self.test.clone(), text };
            self.merged.push(Merged::Event { at: now(), event });
        }
    }

    fn damage(&mut self, what: String) {
        let event = Event::Damaged { test: self.test.clone(), what };
        self.merged.push(Merged::Event { at: now(), event });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::record::Verdict;

    fn began(test: &str) -> Event {
        Event::TestBegan { test: test.to_owned() }
    }

    fn ended(test: &str) -> Event {
        Event::TestEnded { test: test.to_owned(), verdict: Verdict::Passed, seconds: 0.0 }
    }

    fn line(number: u64, mark: u64, events: &[Event]) -> String {
        let said = Said::Events(events.to_vec());
        serde_json::to_string(&Line { number, mark: Some(mark), at: 1, said }).unwrap()
    }

    /// What came out, in short.
    fn short(merged: Vec<Merged>) -> Vec<String> {
        let short = |merged| match merged {
            Merged::Event { event: Event::TestBegan { test }, .. } => format!("+{test}"),
            Merged::Event { event: Event::TestEnded { test, .. }, .. } => format!("-{test}"),
            Merged::Event { event: Event::Printed { test, text }, .. } => {
                format!("{}: {text}", test.unwrap_or_default())
            }
            Merged::Event { event: Event::Damaged { test, what }, .. } => {
                format!("{}! {what}", test.unwrap_or_default())
            }
            other => format!("{other:?}"),
        };
        merged.into_iter().map(short).collect()
    }

    fn text(text: &str) -> Piece {
        Piece::Text(text.as_bytes().to_vec())
    }

    #[test]
    fn output_is_the_tests_that_it_lies_between_whichever_stream_is_faster() {
        let pieces = || [text("0"), Piece::Mark(1), text("1"), Piece::Mark(2), text("2"), Piece::Mark(END)];
        // At one place a test ended and the next one began.
        let lines = [line(1, 1, &[began("a")]), line(2, 2, &[ended("a"), began("b")])];
        let expected = [": 0", "+a", "a: 1", "-a", "+b", "b: 2"];

        let mut merge = Merge::new(true);
        lines.iter().for_each(|line| merge.line(line));
        assert_eq!(merge.drain(), []);
        pieces().into_iter().for_each(|piece| merge.piece(piece));
        assert_eq!(short(merge.drain()), expected);

        let mut merge = Merge::new(true);
        pieces().into_iter().for_each(|piece| merge.piece(piece));
        let mut out = merge.drain();
        assert_eq!(out.len(), 1);
        lines.iter().for_each(|line| merge.line(line));
        merge.end_of_lines();
        out.extend(merge.drain());
        assert_eq!(short(out), expected);
        assert!(merge.is_over());
    }

    #[test]
    fn what_is_missing_or_too_much_is_damage_to_the_test() {
        let run = |lines: &[String], pieces: Vec<Piece>| {
            let mut merge = Merge::new(true);
            lines.iter().for_each(|line| merge.line(line));
            pieces.into_iter().for_each(|piece| merge.piece(piece));
            let mut out = merge.drain();
            merge.piece(Piece::Mark(END));
            merge.end_of_lines();
            out.extend(merge.drain());
            short(out)
        };
        let both = [line(1, 1, &[began("a")]), line(2, 2, &[ended("a")])];
        assert_eq!(run(&both, vec![Piece::Mark(1)]), ["+a", "a! mark 2 is missing in the output", "-a"]);
        assert_eq!(run(&both, vec![Piece::Mark(2)]), ["! mark 1 is missing in the output", "+a", "-a"]);
        assert_eq!(
            run(&both, vec![Piece::Mark(1), Piece::Mark(1), Piece::Broken, Piece::Mark(2)]),
            [
                "+a",
                "a! mark 1 is in the output where none belongs",
                "a! a mark in the output cannot be read",
                "-a"
            ]
        );
        assert_eq!(
            run(&[both[0].clone(), line(3, 2, &[ended("a")])], vec![Piece::Mark(1), Piece::Mark(2)]),
            ["! what the worker told has a gap: line 3 follows line 1", "+a", "-a"]
        );
        assert_eq!(
            run(&both[..1], vec![Piece::Mark(1), Piece::Mark(2)]),
            ["+a", "a! the worker marked its output (2) and did not tell why"]
        );
        let garbage = run(&["{\"number\":1".to_owned()], vec![]);
        assert!(garbage[0].starts_with("! what the worker told cannot be read"), "{garbage:?}");
    }

    #[test]
    fn a_character_in_two_pieces_stays_one() {
        let mut merge = Merge::new(true);
        let euro = "€".as_bytes();
        merge.piece(Piece::Text(euro[..1].to_vec()));
        merge.piece(Piece::Text(euro[1..].to_vec()));
        merge.piece(Piece::Text(vec![0xff]));
        assert_eq!(short(merge.drain()), [": €", ": \u{fffd}"]);
    }
}
