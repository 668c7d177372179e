//! Which endpoints are related.

use super::Model;
use super::walk::samples::{application, charm};

#[test]
fn no_application_is_related_to_itself() {
    let mut model = Model::new("uuid".into(), "m".into(), Default::default(), Default::default());
    for name in ["a", "b"] {
        model.add_application(application(name, charm(name, false), model.now), &[]);
    }
    let refused = model.integrate("a:db", "a:store").expect_err("its own endpoints fit each other");
    assert_eq!(refused.text, "no relations found");
    model.integrate("a:db", "b:store").expect("those of two applications do");
}
