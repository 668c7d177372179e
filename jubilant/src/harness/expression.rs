//! The `-k` expression: pytest's `and`, `or`, `not` and parentheses over substrings of a test's path.

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Word(String),
    Not(Box<Expression>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
}

impl Expression {
    /// Parses `text`; the error is one sentence without a subject ("ends where a word should follow").
    pub(crate) fn parse(text: &str) -> Result<Expression, String> {
        let mut tokens = tokens(text).into_iter().peekable();
        let expression = either(&mut tokens)?;
        match tokens.next() {
            None => Ok(expression),
            Some(token) => Err(format!("has `{token}` where `and`, `or` or the end should follow")),
        }
    }

    /// Whether a test path satisfies the expression; case does not matter, as in pytest.
    pub(crate) fn matches(&self, path: &str) -> bool {
        match self {
            Expression::Word(word) => path.to_lowercase().contains(word),
            Expression::Not(inner) => !inner.matches(path),
            Expression::And(left, right) => left.matches(path) && right.matches(path),
            Expression::Or(left, right) => left.matches(path) || right.matches(path),
        }
    }
}

type Tokens = std::iter::Peekable<std::vec::IntoIter<String>>;

fn tokens(text: &str) -> Vec<String> {
    text.replace('(', " ( ").replace(')', " ) ").split_whitespace().map(str::to_lowercase).collect()
}

fn either(tokens: &mut Tokens) -> Result<Expression, String> {
    let mut left = both(tokens)?;
    while tokens.next_if(|token| token == "or").is_some() {
        left = Expression::Or(Box::new(left), Box::new(both(tokens)?));
    }
    Ok(left)
}

fn both(tokens: &mut Tokens) -> Result<Expression, String> {
    let mut left = single(tokens)?;
    while tokens.next_if(|token| token == "and").is_some() {
        left = Expression::And(Box::new(left), Box::new(single(tokens)?));
    }
    Ok(left)
}

fn single(tokens: &mut Tokens) -> Result<Expression, String> {
    match tokens.next().as_deref() {
        None => Err("ends where a word should follow".to_owned()),
        Some("not") => Ok(Expression::Not(Box::new(single(tokens)?))),
        Some("(") => {
            let inner = either(tokens)?;
            match tokens.next() {
                Some(token) if token == ")" => Ok(inner),
                _ => Err("has a `(` without its `)`".to_owned()),
            }
        }
        Some(token @ (")" | "and" | "or")) => Err(format!("has `{token}` where a word should stand")),
        Some(word) => Ok(Expression::Word(word.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::Expression;

    fn selects(expression: &str, path: &str) -> bool {
        Expression::parse(expression).unwrap().matches(path)
    }

    #[test]
    fn binds_not_before_and_before_or() {
        assert!(selects("charm and not registers", "charm::deploys"));
        assert!(!selects("charm and not registers", "charm::registers_a_user"));
        assert!(selects("a or b and c", "a"));
        assert!(!selects("(a or b) and c", "a"));
        assert!(selects("not not Deploys", "charm::deploys"));
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, problem) in [
            ("", "ends where"),
            ("charm and", "ends where"),
            ("(charm", "without its `)`"),
            ("and charm", "`and` where a word"),
            ("charm deploys", "`deploys` where `and`"),
            ("charm)", "`)` where"),
        ] {
            let error = Expression::parse(text).unwrap_err();
            assert!(error.contains(problem), "{text:?}: {error}");
        }
    }
}
