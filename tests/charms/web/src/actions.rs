//! The actions.

use std::fs::File;
use std::io::Read;

use crate::state::State;
use crate::{Result, tools};

pub fn run(action: &str) -> Result<()> {
    match action {
        "register-user" => register_user(&State::of_unit()?),
        "list-users" => list_users(&State::of_unit()?),
        "fail" => {
            println!("this goes to stdout");
            Err("deliberate failure in action fail".into())
        }
        _ => Err(format!("no action {action:?}").into()),
    }
}

/// Registers a user and answers a password. The server knows no log-in, so the password is not kept.
fn register_user(state: &State) -> Result<()> {
    let username = tools::action_param("username")?;
    if !is_username(&username) {
        return tools::action_fail(&format!("invalid username: {username:?}"));
    }
    let mut users = state.users()?;
    let Err(place) = users.binary_search(&username) else {
        return tools::action_fail(&format!("user {username:?} already exists"));
    };
    let password = random_password()?;
    users.insert(place, username.clone());
    state.set_users(&users)?;
    tools::log(&format!("registered user {username}"))?;
    tools::action_results(&[("username", &username), ("password", &password)])
}

fn list_users(state: &State) -> Result<()> {
    let users = state.users()?;
    tools::action_results(&[("users", &users.join(",")), ("count", &users.len().to_string())])
}

fn is_username(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
}

fn random_password() -> Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames() {
        for good in ["a", "ubuntu", "a-b_1", &"a".repeat(32)] {
            assert!(is_username(good), "{good}");
        }
        for bad in ["", "1a", "A", "a b", "a/b", "a\n", "é", &"a".repeat(33)] {
            assert!(!is_username(bad), "{bad}");
        }
    }

    #[test]
    fn passwords_differ() {
        let (one, other) = (random_password().unwrap(), random_password().unwrap());
        assert_eq!(one.len(), 32);
        assert_ne!(one, other);
    }
}
