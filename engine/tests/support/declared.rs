//! Two resource types of a cloud that does nothing, as a component crate declares them.

use globecart_engine::{
    CallError, CallResult, Class, Facts, Found, Input, Intent, Live, Made, Place, Recorded,
    Removal, Resource, Stack, outputs,
};
use serde::{Deserialize, Serialize};
use typed_builder::TypedBuilder;

/// The id of a VPC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct VpcId(pub String);

/// The id of a subnet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SubnetId(pub String);

/// A VPC.
#[derive(Debug, Clone, Serialize, Deserialize, TypedBuilder)]
pub(crate) struct Vpc {
    /// Its addresses.
    #[builder(setter(into))]
    pub cidr: String,
}

/// A subnet.
#[derive(Debug, Clone, Serialize, Deserialize, TypedBuilder)]
pub(crate) struct Subnet {
    /// What it is part of.
    #[builder(setter(into))]
    pub vpc: Input<VpcId>,
    /// Its addresses.
    #[builder(setter(into))]
    pub cidr: String,
    /// Whether it is public. Default: no.
    #[builder(default)]
    pub public: bool,
}

outputs! {
    /// What a VPC answers.
    pub(crate) struct VpcOutputs => VpcRefs {
        /// Its id.
        accepted id: VpcId,
        /// Its default route table, known when it is ready.
        main_table: String,
    }
}

outputs! {
    /// What a subnet answers.
    pub(crate) struct SubnetOutputs => SubnetRefs {
        /// Its id.
        accepted id: SubnetId,
    }
}

/// A cloud that does nothing.
pub(crate) struct Cloud;

fn nothing<T>() -> CallResult<T> {
    Err(CallError::new(Class::Unsupported, "calling a cloud that does nothing", "nothing is done"))
}

macro_rules! inert {
    ($resource:ty, $outputs:ty, $name:literal) => {
        impl Resource<Cloud> for $resource {
            const TYPE: &'static str = $name;
            const FACTS: Facts = Facts::DEFAULT;
            type Outputs = $outputs;

            async fn create(&self, _: &Cloud, _: &Intent) -> CallResult<Made<$outputs>> {
                nothing()
            }

            async fn read(
                _: &Cloud,
                _: &[Recorded<Self, $outputs>],
            ) -> CallResult<Vec<Live<Self, $outputs>>> {
                nothing()
            }

            async fn update(
                &self,
                _: &Cloud,
                _: &Recorded<Self, $outputs>,
                _: &Intent,
            ) -> CallResult<Made<$outputs>> {
                nothing()
            }

            async fn delete(_: &Cloud, _: &[Recorded<Self, $outputs>]) -> CallResult<Removal> {
                nothing()
            }

            async fn find(&self, _: &Cloud, _: &Intent) -> CallResult<Found<$outputs>> {
                nothing()
            }
        }
    };
}

inert!(Vpc, VpcOutputs, "test:Vpc");
inert!(Subnet, SubnetOutputs, "test:Subnet");

/// A stack to declare things on.
pub(crate) fn stack() -> Stack<Cloud> {
    let place = Place {
        partition: "aws".to_owned(),
        account: "123456789012".to_owned(),
        region: "eu-test-1".to_owned(),
        zones: Vec::new(),
    };
    Stack::new("shop", place).expect("the name is plain")
}
