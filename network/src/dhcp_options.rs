//! Set of DHCP options: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDhcpOptions.html>

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use aws_sdk_ec2::types::{
    DhcpConfiguration as Configured, DhcpOptions as Description, Filter,
    NewDhcpConfiguration as Configuration, ResourceType,
};
use globecart_aws::ec2::{FILTER_VALUES, LAG, filter, made_by, pages};
use globecart_aws::engine::{
    Actions, Argument, CallError, CallResult, Facts, Found, Input, Intent, Invalid, Live, Made,
    Order, Recorded, Removal, Resource, Tags, outputs,
};
use globecart_aws::lists::in_recorded_order;
use globecart_aws::{Aws, DhcpOptionsId, Doing, Ipv4, absent_is_fine, tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_builder::TypedBuilder;

use crate::answer;

const DOMAIN_NAME: &str = "domain-name";
const DOMAIN_NAME_SERVERS: &str = "domain-name-servers";
const NTP_SERVERS: &str = "ntp-servers";

/// What stands for the Amazon DNS server in place of addresses.
const AMAZON: &str = "AmazonProvidedDNS";

/// How many IPv4 addresses an option takes.
const SERVERS: usize = 4;

/// What machines in a VPC are told by DHCP. A
/// [`DhcpOptionsAssociation`](crate::DhcpOptionsAssociation) gives it to a VPC.
///
/// AWS changes no set: every change but one of tags replaces it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TypedBuilder)]
pub struct DhcpOptions {
    /// The domain that completes host names. Takes effect with domain name servers of one's own, because the
    /// Amazon DNS server knows only the region's. Default: none.
    #[builder(default, setter(strip_option, into))]
    pub domain_name: Option<String>,
    /// The domain name servers, at most four, in the order in which they are asked. Default: the Amazon DNS server.
    #[builder(default)]
    pub domain_name_servers: Vec<Input<Ipv4>>,
    /// The time servers, at most four. Default: none, and machines take the one at 169.254.169.123 themselves.
    #[builder(default)]
    pub ntp_servers: Vec<Input<Ipv4>>,
}

outputs! {
    /// What a set of DHCP options answers.
    pub struct DhcpOptionsOutputs => DhcpOptionsRefs {
        /// Its id.
        accepted id: DhcpOptionsId,
    }
}

/// The first call of a create, as its errors name it.
const CREATING: &str = "creating the DHCP options";

type Was = Recorded<DhcpOptions, DhcpOptionsOutputs>;

impl Resource<Aws> for DhcpOptions {
    const TYPE: &'static str = "ec2:DhcpOptions";
    const FACTS: Facts = Facts {
        find_window: LAG,
        actions: Actions {
            create: &["ec2:CreateDhcpOptions", "ec2:CreateTags", "ec2:DescribeDhcpOptions"],
            read: &["ec2:DescribeDhcpOptions"],
            update: &["ec2:CreateTags", "ec2:DeleteTags"],
            delete: &["ec2:DeleteDhcpOptions"],
        },
        ..Facts::DEFAULT
    };
    type Outputs = DhcpOptionsOutputs;

    fn argument(_name: &str, _old: &Value, _new: &Value) -> Argument {
        Argument::Replace(Order::CreateFirst)
    }

    fn check(&self) -> Result<(), Invalid> {
        if self.domain_name.as_deref() == Some("") {
            return Err(Invalid::new("domain_name", "a domain name has at least one character"));
        }
        check_servers("domain_name_servers", &self.domain_name_servers)?;
        check_servers("ntp_servers", &self.ntp_servers)
    }

    async fn create(&self, aws: &Aws, intent: &Intent) -> CallResult<Made<DhcpOptionsOutputs>> {
        let call = (aws.ec2().create_dhcp_options())
            .set_dhcp_configurations(Some(self.configurations()))
            .tag_specifications(tags::ec2_specification(ResourceType::DhcpOptions, intent.tags()));
        let answer = call.send().await.doing(CREATING)?;
        let id = answer::id(answer.dhcp_options.and_then(|set| set.dhcp_options_id), CREATING)?;
        Ok(Made::ready(DhcpOptionsOutputs { id: DhcpOptionsId::new(id) }))
    }

    fn made_nothing(refusal: &CallError) -> bool {
        refusal.doing == CREATING
    }

    async fn read(aws: &Aws, wanted: &[Was]) -> CallResult<Vec<Live<Self, DhcpOptionsOutputs>>> {
        let mut found = BTreeMap::new();
        for page in wanted.chunks(FILTER_VALUES) {
            let ids = page.iter().map(|was| was.outputs.id.as_str());
            let sets = described(aws, vec![filter("dhcp-options-id", ids)]).await?;
            found.extend(
                sets.into_iter().filter_map(|set| Some((set.dhcp_options_id.clone()?, set))),
            );
        }
        let one = |was: &Was| {
            found.get(was.outputs.id.as_str()).map_or(Live::Absent, |set| live(was, set))
        };
        Ok(wanted.iter().map(one).collect())
    }

    fn read_calls(wanted: &[Was]) -> usize {
        pages(wanted.len())
    }

    async fn tag(aws: &Aws, of: &Was, set: &Tags, unset: &[String]) -> CallResult<()> {
        tags::retag_ec2(aws, &of.outputs.id, set, unset).await
    }

    async fn delete(aws: &Aws, gone: &[Was]) -> CallResult<Removal> {
        for was in gone {
            let call = aws.ec2().delete_dhcp_options().dhcp_options_id(was.outputs.id.as_str());
            absent_is_fine(call.send().await.map(|_| ()).doing("deleting the DHCP options"))?;
        }
        Ok(Removal::Gone)
    }

    async fn find(&self, aws: &Aws, intent: &Intent) -> CallResult<Found<DhcpOptionsOutputs>> {
        let sets = described(aws, made_by(intent)).await?;
        let ours = sets.into_iter().find(|set| answer::own(intent, set.tags()));
        let id = ours.and_then(|set| set.dhcp_options_id).map(DhcpOptionsId::new);
        Ok(id.map_or(Found::Nothing, |id| Found::Ours(DhcpOptionsOutputs { id })))
    }
}

impl DhcpOptions {
    /// Without servers the set names Amazon's: in a VPC whose options name none, no name is resolved.
    fn configurations(&self) -> Vec<Configuration> {
        let addresses = |servers: &[Input<Ipv4>]| {
            servers.iter().map(|server| server.known().to_string()).collect::<Vec<_>>()
        };
        let mut servers = addresses(&self.domain_name_servers);
        if servers.is_empty() {
            servers.push(AMAZON.to_owned());
        }
        [
            (DOMAIN_NAME, self.domain_name.clone().into_iter().collect()),
            (DOMAIN_NAME_SERVERS, servers),
            (NTP_SERVERS, addresses(&self.ntp_servers)),
        ]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(key, values)| Configuration::builder().key(key).set_values(Some(values)).build())
        .collect()
    }
}

fn check_servers(field: &str, servers: &[Input<Ipv4>]) -> Result<(), Invalid> {
    if servers.len() > SERVERS {
        let problem = format!("{} servers are more than the {SERVERS} it takes", servers.len());
        return Err(Invalid::new(field, problem));
    }
    let is_address = |server: &&Ipv4| server.as_str().parse::<Ipv4Addr>().is_ok();
    match servers.iter().filter_map(Input::get).find(|server| !is_address(server)) {
        Some(wrong) => Err(Invalid::new(field, format!("`{wrong}` must be an IPv4 address"))),
        None => Ok(()),
    }
}

async fn described(aws: &Aws, filters: Vec<Filter>) -> CallResult<Vec<Description>> {
    let call = aws.ec2().describe_dhcp_options().set_filters(Some(filters)).into_paginator();
    call.items().send().try_collect().await.doing("reading DHCP options")
}

/// AWS does not say in which order it answers servers, so the same ones in another order are no drift.
fn live(was: &Was, set: &Description) -> Live<DhcpOptions, DhcpOptionsOutputs> {
    let servers = |key, recorded: &[Input<Ipv4>]| {
        let live = values(set, key).filter(|value| *value != AMAZON).map(Ipv4::new);
        in_recorded_order(live, recorded)
    };
    let args = DhcpOptions {
        domain_name: values(set, DOMAIN_NAME).next().map(str::to_owned),
        domain_name_servers: servers(DOMAIN_NAME_SERVERS, &was.args.domain_name_servers),
        ntp_servers: servers(NTP_SERVERS, &was.args.ntp_servers),
    };
    Live::Ready { args, outputs: was.outputs.clone(), tags: tags::from_ec2(set.tags()) }
}

fn values<'a>(set: &'a Description, key: &str) -> impl Iterator<Item = &'a str> {
    let option = set.dhcp_configurations().iter().find(|option| option.key() == Some(key));
    option.into_iter().flat_map(Configured::values).filter_map(|value| value.value())
}
