use std::time::Duration;

use super::{in_context, pause};
use crate::{CallError, Class, Operation};

#[test]
fn an_error_means_what_it_means_for_the_operation() {
    let cases = [
        (Class::NotFound, Operation::Create, "", Class::Propagation),
        (Class::NotFound, Operation::Update, "", Class::Propagation),
        (Class::NotFound, Operation::Delete, "", Class::NotFound),
        (Class::Ambiguous, Operation::Create, "InternalError", Class::Ambiguous),
        (Class::Ambiguous, Operation::Delete, "NotImplemented", Class::Unsupported),
        (Class::Denied, Operation::Create, "", Class::Denied),
    ];
    for (class, operation, code, expected) in cases {
        let error = CallError::new(class, "calling", "no").with_code(code);
        assert_eq!(
            in_context(&error, class, operation),
            expected,
            "{class:?} {operation:?} {code}"
        );
    }
}

/// The pauses of a class until it is given up.
fn pauses(class: Class, usual: u64) -> (Vec<u64>, u64) {
    let (mut pauses, mut waited) = (Vec::new(), Duration::ZERO);
    while let Some(next) =
        pause(class, u32::try_from(pauses.len()).unwrap(), waited, Duration::from_secs(usual))
    {
        pauses.push(u64::try_from(next.as_millis()).unwrap());
        waited += next;
        assert!(pauses.len() < 5000, "{class:?} is repeated for ever");
    }
    (pauses, waited.as_secs())
}

#[test]
fn what_hangs_on_something_slow_is_waited_for_longer() {
    assert_eq!(pauses(Class::Dependency, 1).1, 902);
    assert_eq!(pauses(Class::Dependency, 600).1, 6002);
    assert_eq!(pauses(Class::Throttled, 600).0[..7], [500, 1000, 2000, 4000, 8000, 16_000, 20_000]);
    assert_eq!(pauses(Class::Quota, 600).0.len(), 0);
}
