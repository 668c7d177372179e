//! Go's durations: `5m`, `1h30m`, `10s`, `500ms`.

use std::time::Duration;

/// Reads a duration; one that Go could not hold (292 years of nanoseconds) is none.
pub(crate) fn parse(text: &str) -> Option<Duration> {
    let mut total = 0.0;
    let mut rest = text;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += number
            * match &rest[..letters] {
                "h" => 3600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 0.001,
                "us" | "µs" => 0.000_001,
                "ns" => 0.000_000_001,
                _ => return None,
            };
        rest = &rest[letters..];
    }
    Duration::try_from_secs_f64(total).ok().filter(|parsed| i64::try_from(parsed.as_nanos()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_go_s() {
        assert_eq!(parse("1h30m"), Some(Duration::from_secs(5400)));
        assert_eq!(parse("1.5s"), Some(Duration::from_millis(1500)));
        for wrong in ["", "5", "m", "5x", "-5s", "500000000000000h", "2562048h", "9e9h"] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}
