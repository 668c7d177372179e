//! The order in which parts are built: by name, each after those that its `after` names.

use anyhow::{Result, bail};

/// What the order depends on.
pub(super) struct Ordered<'a> {
    pub(super) name: &'a str,
    pub(super) after: Vec<String>,
}

/// The indices of the parts in craft-parts' order: from the end, the last by name that no other part waits for.
pub(super) fn order(parts: &[Ordered<'_>]) -> Result<Vec<usize>> {
    for part in parts {
        if let Some(other) = part.after.iter().find(|other| parts.iter().all(|part| part.name != **other)) {
            bail!("part `{}`: `after` names {other:?}, which is no part of the charm", part.name);
        }
    }
    let mut left: Vec<usize> = (0..parts.len()).collect();
    left.sort_by_key(|index| parts[*index].name);
    let mut backwards = Vec::new();
    while !left.is_empty() {
        let is_awaited =
            |name: &str| left.iter().any(|index| parts[*index].after.iter().any(|other| other == name));
        let Some(last) = left.iter().rposition(|index| !is_awaited(parts[*index].name)) else {
            bail!("`after` leads in a circle: {}", circle(parts, &left));
        };
        backwards.push(left.remove(last));
    }
    backwards.reverse();
    Ok(backwards)
}

/// One of the circles among parts of which each is awaited by another.
fn circle(parts: &[Ordered<'_>], left: &[usize]) -> String {
    let mut names: Vec<&str> = Vec::new();
    let mut name = left.first().map_or("", |index| parts[*index].name);
    while !names.contains(&name) {
        names.push(name);
        let awaiting = left.iter().find(|index| parts[**index].after.iter().any(|other| other == name));
        name = awaiting.map_or("", |index| parts[*index].name);
    }
    names.push(name);
    names.retain({
        let mut is_in = false;
        move |one| {
            is_in |= *one == name;
            is_in
        }
    });
    names.reverse();
    names.join(" after ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(parts: &[(&str, &[&str])]) -> Result<String> {
        let parts: Vec<Ordered<'_>> = parts
            .iter()
            .map(|(name, after)| Ordered { name, after: after.iter().map(|name| (*name).into()).collect() })
            .collect();
        Ok(order(&parts)?.into_iter().map(|index| parts[index].name).collect::<Vec<_>>().join(" "))
    }

    /// What craft-parts 2.37.2 makes of these, tried with it.
    #[test]
    fn parts_are_in_craft_parts_order() {
        for (parts, expected) in [
            (&[("b", &[][..]), ("a", &[]), ("c", &[])][..], "a b c"),
            (&[("a", &["c"]), ("b", &[]), ("c", &[])], "c a b"),
            (&[("z", &[]), ("a", &["z"]), ("m", &[])], "z a m"),
            (&[("d", &["a"]), ("c", &["b"]), ("b", &[]), ("a", &["c"])], "b c a d"),
            (&[("b", &["d"]), ("a", &["d"]), ("d", &[]), ("c", &["a"])], "d a b c"),
        ] {
            assert_eq!(sorted(parts).unwrap(), expected);
        }
    }

    #[test]
    fn what_has_no_order_is_refused() {
        for (parts, words) in [
            (&[("a", &["b"][..]), ("b", &["a"])][..], "in a circle: a after b after a"),
            (&[("a", &["a"])], "in a circle: a after a"),
            (
                &[("a", &[]), ("b", &["c"]), ("c", &["d"]), ("d", &["b"]), ("x", &["b"])],
                "b after c after d after b",
            ),
            (&[("a", &["x"])], "part `a`: `after` names \"x\", which is no part"),
        ] {
            let error = sorted(parts).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
