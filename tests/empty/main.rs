//! A suite without tests, as one whose `mod` lines were forgotten.
#![forbid(unsafe_code)]

jubilant::main!();
