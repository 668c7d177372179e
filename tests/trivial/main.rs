//! 100 trivial tests in 10 modules: what a run costs besides its tests. `tests/compare/startup.py` times it.
#![forbid(unsafe_code)]

macro_rules! tests {
    ($($name:ident)*) => {
        $(
            #[juju_test]
            fn $name() {
                assert_eq!(1 + 1, 2);
            }
        )*
    };
}

macro_rules! modules {
    ($($name:ident)*) => {
        $(
            mod $name {
                use jubilant::prelude::*;

                tests! { one two three four five six seven eight nine ten }
            }
        )*
    };
}

modules! { one two three four five six seven eight nine ten }

jubilant::main!();
