//! An error that a test returned, with the line of the test that met it instead of a page of frames.

/// What makes `anyhow` record where an error was met, unless the user has set it.
pub(crate) const VARIABLE: &str = "RUST_LIB_BACKTRACE";

/// Where `anyhow`'s `{:?}` begins the backtrace.
const HEADING: &str = "\n\nStack backtrace:\n";

/// Replaces the backtrace at the message's end by its innermost line in the test's own file.
///
/// Everything stays where the user asks for it all with `RUST_BACKTRACE=full`.
pub(crate) fn shorten(message: &str, file: &str) -> String {
    let Some((error, backtrace)) = message.split_once(HEADING) else { return message.to_owned() };
    if std::env::var("RUST_BACKTRACE").is_ok_and(|value| value == "full") {
        return message.to_owned();
    }
    let place = backtrace.lines().find_map(|line| {
        let place = line.trim().strip_prefix("at ")?;
        let (path, _) = place.split_at(place.find(".rs:")? + ".rs".len());
        path.ends_with(file).then(|| place.trim_start_matches("./"))
    });
    match place {
        Some(place) => format!("{error}\n\nat {place}"),
        None => error.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::shorten;

    #[test]
    fn the_tests_own_line_is_left() {
        let message = "no such unit\n\nStack backtrace:\n   0: anyhow::msg\n             at /reg/anyhow/src/lib.rs:1:2\n   \
                       1: suite::web::test\n             at ./tests/web.rs:45:9\n   2: main\n             at ./tests/web.rs:1:1\n";
        assert_eq!(shorten(message, "tests/web.rs"), "no such unit\n\nat tests/web.rs:45:9");
        assert_eq!(shorten(message, "tests/other.rs"), "no such unit");
        assert_eq!(shorten("plain", "tests/web.rs"), "plain");
    }
}
