//! Tests run in the order written, whatever their names.

use jubilant::prelude::*;

use crate::trace;

#[juju_test]
fn zebra() {
    trace("zebra");
}

#[juju_test]
#[case::second(2)]
#[case::first(1)]
fn middle(#[case] number: u32) {
    trace(&format!("middle {number}"));
}

#[juju_test]
fn apple(#[values("x", "y")] letter: &str) {
    trace(&format!("apple {letter}"));
}
