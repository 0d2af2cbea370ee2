//! EC2, its networks: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/>

use crate::model::Model;
use crate::service::{Handler, Service, Style, Validation};
use std::sync::LazyLock;

/// The service.
pub(crate) static SERVICE: Service = Service {
    name: "ec2",
    model: LazyLock::new(|| Model::read(include_str!("../../models/ec2.json"))),
    style: Style {
        validation: Validation::Ec2,
        bad_page_token: "InvalidNextToken",
        page_size: None,
        throttle: ("RequestLimitExceeded", 503),
        expired: "RequestExpired",
    },
    operations: OPERATIONS,
    tasks: &[],
};

const OPERATIONS: &[(&str, Handler)] = &[];
