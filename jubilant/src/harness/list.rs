//! `--list`: one line per test, in libtest's form; under nextest one line per module.

use super::options::{Format, Ignored, Options};
use super::plan::Plan;
use super::say::say;
use super::suite;

pub(crate) fn print(options: &Options, plan: &Plan) {
    if suite::under_nextest() {
        // It lists the ignored tests separately; a module as a whole is never one.
        if options.ignored != Ignored::Only {
            plan.modules.iter().for_each(|module| say!("{}: test", module.name));
        }
        return;
    }
    let mut tests = 0;
    for test in plan.tests() {
        say!("{}: test", test.path());
        tests += 1;
    }
    if options.format == Format::Pretty {
        say!("\n{tests} tests, 0 benchmarks");
    }
}
