//! Modules that add, use and lose models for about a second: somewhere in them something dies.

use std::time::Duration;

use jubilant::prelude::*;

/// Ends the process after a while, if `SUITE_DEATH` tells how and `SUITE_DEATH_AFTER` when, in milliseconds.
fn die_later() {
    let after = std::env::var("SUITE_DEATH_AFTER").ok().and_then(|text| text.parse().ok());
    let (Ok(death), Some(after)) = (std::env::var("SUITE_DEATH"), after.map(Duration::from_millis)) else {
        return;
    };
    std::thread::spawn(move || {
        std::thread::sleep(after);
        match death.as_str() {
            "abort" => std::process::abort(),
            _ => std::process::exit(0),
        }
    });
}

fn linger() {
    std::thread::sleep(Duration::from_millis(150));
}

macro_rules! modules {
    ($($module:ident)*) => {
        $(
            mod $module {
                use super::*;

                #[juju_test]
                fn has_a_model(_juju: &Juju) {
                    die_later();
                    linger();
                }

                #[juju_test]
                fn has_another_one(models: &Models) -> TestResult {
                    models.get(Model::suffix("other"))?;
                    linger();
                    Ok(())
                }
            }
        )*
    };
}

modules! { one two three }
