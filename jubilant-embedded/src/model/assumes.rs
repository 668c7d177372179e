//! What a charm's `metadata.yaml` assumes of its Juju: `assumes: [juju >= 3.1, {any-of: [juju < 3, k8s-api]}]`.

use serde_json::Value;

use crate::ground::flavour::Flavour;

/// What is assumed and not so, in the charm's words; `None` if all is well.
pub(super) fn unmet(assumes: &Value, flavour: Flavour) -> Option<String> {
    match assumes {
        Value::String(text) => (!is_met(text, flavour)).then(|| text.clone()),
        Value::Array(all) => all.iter().find_map(|one| unmet(one, flavour)),
        Value::Object(map) => map.iter().find_map(|(key, value)| match (key.as_str(), value) {
            ("any-of", Value::Array(some)) => {
                let missing: Vec<String> = some.iter().map_while(|one| unmet(one, flavour)).collect();
                (missing.len() == some.len()).then(|| missing.join(" or "))
            }
            ("all-of", all) => unmet(all, flavour),
            _ => Some(format!("{key}: {value}")),
        }),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

/// `juju`, `juju >= 3.1`, `juju < 4`; the embedded Juju has no other feature.
fn is_met(text: &str, flavour: Flavour) -> bool {
    let Some(rest) = text.trim().strip_prefix("juju").map(str::trim) else { return false };
    let this = parse(flavour.number());
    if let Some(least) = rest.strip_prefix(">=") {
        return parse(least).is_some_and(|least| this >= Some(least));
    }
    match rest.strip_prefix('<') {
        Some(limit) => parse(limit).is_some_and(|limit| this < Some(limit)),
        None => rest.is_empty(),
    }
}

/// The numbers of `3.6.1` or `3.1-beta2`; those that are not given count as 0.
fn parse(text: &str) -> Option<[u32; 3]> {
    let mut numbers = [0; 3];
    let release = text.trim().split('-').next()?;
    for (index, part) in release.split('.').enumerate() {
        *numbers.get_mut(index)? = part.parse().ok()?;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn versions_of_juju() {
        for met in ["juju", "juju >= 3.1", "juju>=3.6.0", "juju < 4", "juju >= 2.9.44-rc1"] {
            assert_eq!(unmet(&json!([met]), Flavour::Juju3_6), None, "{met}");
        }
        for missing in
            ["juju >= 3.6.1", "juju >= 4.0", "juju < 3.6", "juju = 3", "jujuvm", "k8s-api", "juju >= x"]
        {
            assert_eq!(unmet(&json!([missing]), Flavour::Juju3_6).as_deref(), Some(missing));
        }
    }

    #[test]
    fn combinations() {
        assert_eq!(unmet(&json!([{"any-of": ["k8s-api", "juju >= 3"]}]), Flavour::Juju3_6), None);
        assert_eq!(
            unmet(&json!([{"any-of": ["k8s-api", "juju >= 4"]}]), Flavour::Juju3_6).as_deref(),
            Some("k8s-api or juju >= 4")
        );
        let nested = json!(["juju", {"any-of": [{"all-of": ["juju >= 3", "juju < 3.5"]}, "k8s-api"]}]);
        assert_eq!(unmet(&nested, Flavour::Juju3_6).as_deref(), Some("juju < 3.5 or k8s-api"));
    }
}
