//! What programs and errors say, without the passwords that are in addresses, such as those of a company's index.

const SCHEME: &str = "://";

/// The text with `****` for the user and the password of each address.
pub(crate) fn hidden(text: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(SCHEME) {
        let (before, address) = rest.split_at(at + SCHEME.len());
        hidden.push_str(before);
        let is_end = |c: char| c.is_whitespace() || "/\"'`?#<>(),;\\".contains(c);
        let host = &address[..address.find(is_end).unwrap_or(address.len())];
        let user = host.rfind('@').unwrap_or(0);
        // `git@` is how everybody calls a server of git's.
        if user > 0 && &host[..user] != "git" {
            hidden.push_str("****");
            rest = &address[user..];
        } else {
            rest = address;
        }
    }
    hidden + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden() {
        for (text, expected) in [
            ("nothing to hide: a@b", "nothing to hide: a@b"),
            ("from https://me:secret@host/simple, x", "from https://****@host/simple, x"),
            ("'git+https://token@host' é://ü@h", "'git+https://****@host' é://****@h"),
            ("https://host/a@b and ssh://git@host/x", "https://host/a@b and ssh://git@host/x"),
            ("https://a:p@ss@host https://", "https://****@host https://"),
        ] {
            assert_eq!(hidden(text), expected);
        }
    }
}
