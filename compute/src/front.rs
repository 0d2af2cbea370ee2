//! The front of services: load balancer, certificate, names, firewall, logs.

use globecart_aws::ec2::{
    Direction, Peer, SecurityGroup, SecurityGroupRefs, SecurityGroupRule, SecurityGroupRuleRefs,
    Traffic,
};
use globecart_aws::engine::{Component, Input, Invalid};
use globecart_aws::network::{NetworkOutputs, Tier};
use globecart_aws::{AlertRoute, Aws, EncryptionKey, Environment, Stack};
use typed_builder::TypedBuilder;

pub use backend::{Backend, BackendOutputs};
pub use entrance::{DomainZone, Entrance};
pub use firewall::{Firewall, FirewallOutputs};
pub use logs::FrontLogs;
pub use outputs::{DomainOutputs, FrontOutputs};

use crate::{LoadBalancer, LoadBalancerRefs, kinds};

mod alarms;
mod backend;
mod entrance;
mod firewall;
mod logs;
mod outputs;

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// What stands between clients and services: one load balancer for all of them.
///
/// With the defaults: HTTPS alone, by one current policy, with a redirect from HTTP and an answer of 404 to what no
/// service asked for; headers that are none of HTTP's removed; a firewall with the rules that AWS keeps and a limit
/// of requests, which writes down what it stops; a line for each request and each connection in a bucket; and alarms.
/// Services come behind it by [`FrontOutputs::route`].
///
/// By what clients come in is not guessed:
///
/// ```compile_fail,E0061
/// use globecart_aws::network::NetworkOutputs;
/// use globecart_compute::Front;
/// fn front(network: &NetworkOutputs) -> Front<'_> {
///     Front::builder().network(network).build()
/// }
/// ```
///
/// A network is not a subnet, and a name is no certificate:
///
/// ```compile_fail,E0308
/// use globecart_aws::SubnetId;
/// use globecart_compute::{Entrance, Front};
/// let subnet = SubnetId::new("subnet-1");
/// let front = Front::builder().network(&subnet);
/// ```
///
/// ```compile_fail,E0277
/// use globecart_aws::DnsName;
/// use globecart_compute::Entrance;
/// let entrance = Entrance::certificate("shop.example", DnsName::new("shop.example"));
/// ```
///
/// ```
/// use globecart_aws::CertificateArn;
/// use globecart_aws::network::NetworkOutputs;
/// use globecart_compute::{Entrance, Front};
/// fn front(network: &NetworkOutputs) -> Front<'_> {
///     let arn = CertificateArn::new("arn:aws:acm:eu-central-1:123456789012:certificate/1");
///     Front::builder().network(network).listener(Entrance::certificate("shop.example", arn)).build()
/// }
/// ```
#[derive(Debug, Clone, TypedBuilder)]
pub struct Front<'a> {
    /// Its public subnets hold the load balancer's nodes: two zones or more. Its private ones, where it is internal.
    pub(crate) network: &'a NetworkOutputs,
    /// By what clients come in.
    pub(crate) listener: Entrance,
    /// What the services are for. Default: production.
    #[builder(default)]
    pub(crate) environment: Environment,
    /// Whether it is reached from inside the network alone. Default: no.
    #[builder(default)]
    pub(crate) internal: bool,
    /// What looks at requests before they pass. Default: AWS's rules and a limit of requests, and nothing in development.
    #[builder(default, setter(strip_option))]
    pub(crate) firewall: Option<Firewall>,
    /// What is written down of requests and connections. Default: everything, for a year.
    #[builder(default)]
    pub(crate) logs: FrontLogs,
    /// The key that encrypts what the firewall writes down. Default: a key of its own.
    #[builder(default)]
    pub(crate) encryption_key: EncryptionKey,
    /// Where alarms go. Default: nowhere, which every plan says.
    #[builder(default, setter(strip_option, into))]
    pub(crate) alerts: Option<AlertRoute>,
    /// Changes the load balancer just before it is declared. Default: as is.
    #[builder(default = |load_balancer| load_balancer)]
    pub(crate) adjust_load_balancer: fn(LoadBalancer) -> LoadBalancer,
}

impl Component<Aws> for Front<'_> {
    type Outputs = FrontOutputs;

    fn declare(self, stack: &mut Stack) -> Result<FrontOutputs, Invalid> {
        self.check()?;
        stack.knows(kinds().into_iter().chain(globecart_aws::kinds()));
        let (security_group, ingress) = self.security_group(stack)?;
        let log_bucket = self.log_bucket(stack)?;
        let load_balancer = self.load_balancer(stack, &security_group, log_bucket.as_ref())?;
        let domain = self.domain(stack, &load_balancer)?;
        let (listener, redirect) = self.listeners(stack, &load_balancer, domain.as_ref())?;
        let firewall = self.firewall(stack, &load_balancer)?;
        let alarms = self.alarms(stack, &load_balancer, domain.as_ref())?;
        Ok(FrontOutputs {
            url: self.url(&load_balancer),
            vpc: self.network.vpc.clone(),
            scope: stack.scope().replace('/', "-"),
            alerts: self.alerts.clone(),
            load_balancer,
            listener,
            redirect,
            security_group,
            ingress,
            domain,
            firewall,
            log_bucket,
            alarms,
        })
    }
}

impl Front<'_> {
    fn tier(&self) -> Tier {
        if self.internal { Tier::Private } else { Tier::Public }
    }

    fn check(&self) -> Result<(), Invalid> {
        let tier = self.tier();
        let zones = self.network.tier(tier).count();
        if zones < 2 {
            let problem = format!(
                "has {tier} subnets in {zones} zones, and a load balancer stands in two or more"
            );
            return Err(Invalid::new("network", problem));
        }
        self.listener.check()
    }

    /// The group of the load balancer's nodes: clients come in, and out goes what services let in.
    fn security_group(
        &self,
        stack: &mut Stack,
    ) -> Result<(SecurityGroupRefs, Vec<SecurityGroupRuleRefs>), Invalid> {
        let scope = stack.scope().replace('/', "-");
        let group = SecurityGroup::builder()
            .vpc(&self.network.vpc)
            .description(format!("{scope}: clients come in by the ports of the web alone"))
            .build();
        let group = stack.add("security-group", group)?;
        let everywhere = "0.0.0.0/0".parse().expect("a constant range is valid");
        let from = if self.internal { self.network.cidr.into() } else { everywhere };
        let rule = |(name, port): (&str, u16)| {
            let rule = SecurityGroupRule::builder()
                .group(&group.id)
                .direction(Direction::Ingress)
                .traffic(Traffic::tcp(port))
                .peer(Peer::Cidr(from))
                .description(format!("Clients connect to {scope} by {name}"))
                .build();
            stack.add(format!("from-clients-by-{name}"), rule)
        };
        let rules = self.listener.ports().iter().copied().map(rule).collect::<Result<_, _>>()?;
        Ok((group, rules))
    }

    fn load_balancer(
        &self,
        stack: &mut Stack,
        group: &SecurityGroupRefs,
        log_bucket: Option<&globecart_aws::s3::BucketRefs>,
    ) -> Result<LoadBalancerRefs, Invalid> {
        let logs = |prefix: &str| log_bucket.map(|bucket| logs::destination(bucket, prefix));
        let load_balancer = LoadBalancer {
            internal: self.internal,
            deletion_protection: self.environment.is_production(),
            access_logs: logs("requests"),
            connection_logs: logs("connections"),
            ..LoadBalancer::builder()
                .subnets(self.network.subnet_ids(self.tier()))
                .security_groups(vec![Input::from(&group.id)])
                .build()
        };
        stack.add("load-balancer", (self.adjust_load_balancer)(load_balancer))
    }
}
