use insta::assert_snapshot;

use super::{CallError, Class, Invalid};

#[test]
fn an_error_says_what_was_being_done_and_what_was_said() {
    let error = CallError::new(Class::Denied, "creating the VPC", "not allowed");
    assert_snapshot!(error, @"creating the VPC: not allowed");
    let error = CallError {
        request_id: Some("r-1".to_owned()),
        ..error.with_code("UnauthorizedOperation")
    };
    assert_snapshot!(error, @"creating the VPC: UnauthorizedOperation: not allowed (request r-1)");
    assert_snapshot!(error.help(), @"grant the identity in use this action, then run it again");
    assert_snapshot!(Invalid::new("cidr", "is too small").within("network").within("shop"), @"shop/network/cidr: is too small");
}
