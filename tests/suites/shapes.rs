//! Tests in unusual forms: made by a macro, with several lists of values, at odds with their input and output.

use std::io::Write;
use std::process::Command;

use jubilant::prelude::*;

use crate::trace;

macro_rules! tests_named {
    ($($name:ident)*) => {
        $(
            #[juju_test]
            fn $name() {
                trace(stringify!($name));
            }
        )*
    };
}

tests_named! { last_by_name first_by_name }

#[juju_test]
fn values(#[values(1, 2)] number: u8, #[values("x", "y")] letter: &str) {
    trace(&format!("{number}{letter}"));
}

#[juju_test]
fn reads_standard_input() -> TestResult {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let child = Command::new("cat").status()?;
    trace(&format!("read {line:?}, cat {child}"));
    Ok(())
}

#[juju_test]
fn runs_the_suite_itself() -> TestResult {
    let mut list = Command::new(std::env::current_exe()?);
    let output = list.args(["zebra", "--list", "--format=terse"]).env_remove("NEXTEST").output()?;
    assert_eq!(String::from_utf8(output.stdout)?, "order::zebra: test\n");
    Ok(())
}

#[juju_test]
fn prints_bytes(_juju: &Juju) -> TestResult {
    std::io::stdout().write_all(b"\xff\x1e no text, no newline")?;
    Ok(())
}

#[juju_test]
fn r#type() {}

mod inner {
    use super::*;

    #[juju_test]
    fn nested() {
        trace("nested");
    }
}

mod cycle {
    use super::*;

    #[module_fixture]
    fn chicken(egg: &u8) -> u8 {
        *egg
    }

    #[module_fixture]
    fn egg(chicken: &u8) -> u8 {
        *chicken
    }

    #[juju_test]
    fn cannot_begin(egg: &u8) {
        trace(&format!("never {egg}"));
    }
}
