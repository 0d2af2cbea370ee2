//! One session with AWS: where it goes, as whom, how fast, and the clients.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::config::retry::{RetryPartition, TokenBucket};
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient};
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::service_config::ServiceConfigKey;
use globecart_engine::{CallError, Clock, Place, Zone};

use crate::Doing;
use crate::no_answer::{ANSWER_SECS, CONNECT_SECS};
use crate::pacing::{PacedClient, Pacing, Watch};

/// How a session is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// The region; the usual chain (environment, profile) decides where it is `None`.
    pub region: Option<String>,
    /// The clock that waits, retries and signatures use.
    pub clock: Clock,
    /// An HTTP client in place of the network, such as the embedded AWS. It needs no credentials.
    pub http_client: Option<SharedHttpClient>,
    /// An endpoint in place of AWS's own, such as a served embedded AWS.
    pub endpoint: Option<String>,
    /// Whether credentials come from the usual chain; otherwise made-up ones are used, for the embedded AWS.
    pub credentials: bool,
}

/// Who answers a session's calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// AWS itself.
    Aws,
    /// Whatever answers at an endpoint that somebody named.
    Endpoint,
    /// The embedded AWS, in this process or served by another.
    Embedded,
}

/// Why a session could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No region was given anywhere.
    #[error("no region is set: give `--region`, `AWS_REGION` or `region` in the configuration")]
    NoRegion,
    /// An endpoint that would send requests in the clear.
    #[error(
        "the endpoint {0} is plain HTTP to another host; only https, or http to this machine, is used"
    )]
    PlainHttp(String),
    /// The first calls failed.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// A session with AWS: one client a service, all on one clock, one set of rate limits and one HTTP client.
#[derive(Clone)]
pub struct Aws {
    place: Place,
    identity: String,
    endpoint: Option<String>,
    server: Server,
    pacing: Arc<Pacing>,
    clock: Clock,
    clients: Arc<Clients>,
}

struct Clients {
    acm: aws_sdk_acm::Client,
    autoscaling: aws_sdk_applicationautoscaling::Client,
    backup: aws_sdk_backup::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    ec2: aws_sdk_ec2::Client,
    ecr: aws_sdk_ecr::Client,
    ecs: aws_sdk_ecs::Client,
    efs: aws_sdk_efs::Client,
    elasticache: aws_sdk_elasticache::Client,
    elb: aws_sdk_elasticloadbalancingv2::Client,
    eventbridge: aws_sdk_eventbridge::Client,
    iam: aws_sdk_iam::Client,
    kms: aws_sdk_kms::Client,
    lambda: aws_sdk_lambda::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    rds: aws_sdk_rds::Client,
    route53: aws_sdk_route53::Client,
    s3: aws_sdk_s3::Client,
    secretsmanager: aws_sdk_secretsmanager::Client,
    sns: aws_sdk_sns::Client,
    sts: aws_sdk_sts::Client,
    tagging: aws_sdk_resourcegroupstagging::Client,
    waf: aws_sdk_wafv2::Client,
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws")
            .field("place", &self.place)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

impl Aws {
    /// Opens a session: two reads, who the caller is and which zones the region has.
    pub async fn connect(options: Options) -> Result<Self, SessionError> {
        let pacing = Pacing::new(options.clock);
        let config = config(&options, &pacing).await;
        let region = config.region().ok_or(SessionError::NoRegion)?.to_string();
        let endpoint = config.endpoint_url().map(str::to_owned);
        check_endpoint(endpoint.as_deref())?;
        let server = match (options.credentials, endpoint.is_some() || compute_elsewhere(&config)) {
            (false, _) => Server::Embedded,
            (true, true) => Server::Endpoint,
            (true, false) => Server::Aws,
        };
        let clients = Clients::new(&config, &pacing);
        let (partition, account, identity) = caller(&clients.sts).await?;
        let zones = zones(&clients.ec2).await?;
        let place = Place { partition, account, region, zones };
        Ok(Self {
            place,
            identity,
            endpoint,
            server,
            pacing,
            clock: options.clock,
            clients: Arc::new(clients),
        })
    }

    /// Partition, account, region and zones.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The ARN of the identity in use.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The endpoint in place of AWS's own.
    pub fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    /// Who answers.
    pub fn server(&self) -> Server {
        self.server
    }

    /// The session's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How many calls were sent so far, repeats included.
    pub fn calls(&self) -> u64 {
        self.pacing.counts().0
    }

    /// How many of the calls sent so far could change something.
    pub fn mutating_calls(&self) -> u64 {
        self.pacing.counts().1
    }

    /// AWS Certificate Manager.
    pub fn acm(&self) -> &aws_sdk_acm::Client {
        &self.clients.acm
    }

    /// Application Auto Scaling.
    pub fn autoscaling(&self) -> &aws_sdk_applicationautoscaling::Client {
        &self.clients.autoscaling
    }

    /// AWS Backup.
    pub fn backup(&self) -> &aws_sdk_backup::Client {
        &self.clients.backup
    }

    /// Amazon CloudWatch.
    pub fn cloudwatch(&self) -> &aws_sdk_cloudwatch::Client {
        &self.clients.cloudwatch
    }

    /// Amazon EC2.
    pub fn ec2(&self) -> &aws_sdk_ec2::Client {
        &self.clients.ec2
    }

    /// Amazon ECR.
    pub fn ecr(&self) -> &aws_sdk_ecr::Client {
        &self.clients.ecr
    }

    /// Amazon ECS.
    pub fn ecs(&self) -> &aws_sdk_ecs::Client {
        &self.clients.ecs
    }

    /// Amazon EFS.
    pub fn efs(&self) -> &aws_sdk_efs::Client {
        &self.clients.efs
    }

    /// Amazon `ElastiCache`.
    pub fn elasticache(&self) -> &aws_sdk_elasticache::Client {
        &self.clients.elasticache
    }

    /// Elastic Load Balancing, version 2: application load balancers.
    pub fn elb(&self) -> &aws_sdk_elasticloadbalancingv2::Client {
        &self.clients.elb
    }

    /// Amazon `EventBridge`.
    pub fn eventbridge(&self) -> &aws_sdk_eventbridge::Client {
        &self.clients.eventbridge
    }

    /// AWS IAM.
    pub fn iam(&self) -> &aws_sdk_iam::Client {
        &self.clients.iam
    }

    /// AWS KMS.
    pub fn kms(&self) -> &aws_sdk_kms::Client {
        &self.clients.kms
    }

    /// AWS Lambda.
    pub fn lambda(&self) -> &aws_sdk_lambda::Client {
        &self.clients.lambda
    }

    /// Amazon CloudWatch Logs.
    pub fn logs(&self) -> &aws_sdk_cloudwatchlogs::Client {
        &self.clients.logs
    }

    /// Amazon RDS.
    pub fn rds(&self) -> &aws_sdk_rds::Client {
        &self.clients.rds
    }

    /// Amazon Route 53.
    pub fn route53(&self) -> &aws_sdk_route53::Client {
        &self.clients.route53
    }

    /// Amazon S3.
    pub fn s3(&self) -> &aws_sdk_s3::Client {
        &self.clients.s3
    }

    /// AWS Secrets Manager.
    pub fn secretsmanager(&self) -> &aws_sdk_secretsmanager::Client {
        &self.clients.secretsmanager
    }

    /// Amazon SNS.
    pub fn sns(&self) -> &aws_sdk_sns::Client {
        &self.clients.sns
    }

    /// AWS STS.
    pub fn sts(&self) -> &aws_sdk_sts::Client {
        &self.clients.sts
    }

    /// The Resource Groups Tagging API. It lags behind: absence is never concluded from it.
    pub fn tagging(&self) -> &aws_sdk_resourcegroupstagging::Client {
        &self.clients.tagging
    }

    /// AWS WAF.
    pub fn waf(&self) -> &aws_sdk_wafv2::Client {
        &self.clients.waf
    }
}

impl Clients {
    fn new(config: &SdkConfig, pacing: &Arc<Pacing>) -> Self {
        // The SDK's own quota of repeats is shared by every session of the process and is used up for good by a long
        // run: rates, pauses and the number of attempts are limited here instead.
        let repeats = RetryPartition::custom("globecart").token_bucket(TokenBucket::unlimited());
        let repeats = repeats.build();
        /// Every service has a configuration type of its own, with the same methods.
        macro_rules! client {
            ($service:ident) => {
                $service::Client::from_conf(
                    $service::config::Builder::from(config)
                        .interceptor(Watch(Arc::clone(pacing)))
                        .retry_partition(repeats.clone())
                        .build(),
                )
            };
        }
        let s3 = aws_sdk_s3::config::Builder::from(config)
            .interceptor(Watch(Arc::clone(pacing)))
            .retry_partition(repeats.clone())
            // Emulators serve buckets below the path; AWS takes both forms.
            .force_path_style(config.endpoint_url().is_some());
        Self {
            acm: client!(aws_sdk_acm),
            autoscaling: client!(aws_sdk_applicationautoscaling),
            backup: client!(aws_sdk_backup),
            cloudwatch: client!(aws_sdk_cloudwatch),
            ec2: client!(aws_sdk_ec2),
            ecr: client!(aws_sdk_ecr),
            ecs: client!(aws_sdk_ecs),
            efs: client!(aws_sdk_efs),
            elasticache: client!(aws_sdk_elasticache),
            elb: client!(aws_sdk_elasticloadbalancingv2),
            eventbridge: client!(aws_sdk_eventbridge),
            iam: client!(aws_sdk_iam),
            kms: client!(aws_sdk_kms),
            lambda: client!(aws_sdk_lambda),
            logs: client!(aws_sdk_cloudwatchlogs),
            rds: client!(aws_sdk_rds),
            route53: client!(aws_sdk_route53),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            secretsmanager: client!(aws_sdk_secretsmanager),
            sns: client!(aws_sdk_sns),
            sts: client!(aws_sdk_sts),
            tagging: client!(aws_sdk_resourcegroupstagging),
            waf: client!(aws_sdk_wafv2),
        }
    }
}

/// An HTTP client that answers in the process, such as the embedded AWS's, for [`Options::http_client`].
pub fn http_client(client: impl HttpClient + 'static) -> SharedHttpClient {
    client.into_shared()
}

async fn config(options: &Options, pacing: &Arc<Pacing>) -> SdkConfig {
    let rate = options.clock.rate();
    // The clock may run fast, the network does not: these are real seconds.
    let real = |seconds: f64| Duration::from_secs_f64(seconds * rate);
    // An attempt as a whole has no limit: it may wait long for its turn before anything is sent.
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(real(CONNECT_SECS))
        .read_timeout(real(ANSWER_SECS));
    let network = || {
        let ring = Provider::Rustls(CryptoMode::Ring);
        aws_smithy_http_client::Builder::new().tls_provider(ring).build_https()
    };
    let inner = options.http_client.clone().unwrap_or_else(network);
    let client = PacedClient { inner, pacing: Arc::clone(pacing) };
    if !options.credentials {
        return embedded(options, client, timeouts.build());
    }
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(client)
        .sleep_impl(SdkClock(options.clock))
        .time_source(SdkClock(options.clock))
        .stalled_stream_protection(stalls(options))
        .timeout_config(timeouts.build());
    if let Some(region) = &options.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(endpoint) = &options.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    loader.load().await
}

/// An answer that stops half-way is given up, by real time. A request that is not sent is waiting for its token.
fn stalls(options: &Options) -> StalledStreamProtectionConfig {
    let grace = Duration::from_secs_f64(ANSWER_SECS * options.clock.rate());
    StalledStreamProtectionConfig::enabled().upload_enabled(false).grace_period(grace).build()
}

/// The embedded AWS is the same whatever profile and endpoint the environment names.
fn embedded(options: &Options, client: PacedClient, timeouts: TimeoutConfig) -> SdkConfig {
    let made_up = Credentials::new("EMBEDDED", "embedded", None, None, "globecart");
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(client)
        .sleep_impl(SharedAsyncSleep::new(SdkClock(options.clock)))
        .time_source(SdkClock(options.clock))
        .timeout_config(timeouts)
        .stalled_stream_protection(stalls(options))
        .credentials_provider(SharedCredentialsProvider::new(made_up));
    config.set_region(options.region.clone().map(Region::new));
    config.set_endpoint_url(options.endpoint.clone());
    config.build()
}

/// Whether Lambda has an endpoint of its own that is not AWS's.
fn compute_elsewhere(config: &SdkConfig) -> bool {
    let key = ServiceConfigKey::builder().service_id("Lambda").env("AWS_ENDPOINT_URL");
    let key = key.profile("endpoint_url").build().ok();
    let named = config.service_config().zip(key).and_then(|(named, key)| named.load_config(key));
    named.is_some()
}

fn check_endpoint(endpoint: Option<&str>) -> Result<(), SessionError> {
    let Some(rest) = endpoint.and_then(|url| url.strip_prefix("http://")) else {
        return Ok(());
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let loopback =
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if loopback { Ok(()) } else { Err(SessionError::PlainHttp(format!("http://{rest}"))) }
}

async fn caller(sts: &aws_sdk_sts::Client) -> Result<(String, String, String), SessionError> {
    let caller = sts.get_caller_identity().send().await.doing("asking who the caller is")?;
    let arn = caller.arn.unwrap_or_default();
    let partition =
        arn.split(':').nth(1).filter(|part| !part.is_empty()).unwrap_or("aws").to_owned();
    Ok((partition, caller.account.unwrap_or_default(), arn))
}

async fn zones(ec2: &aws_sdk_ec2::Client) -> Result<Vec<Zone>, SessionError> {
    let answer =
        ec2.describe_availability_zones().send().await.doing("reading the region's zones")?;
    let mut zones: Vec<Zone> = (answer.availability_zones.unwrap_or_default().into_iter())
        .filter(|zone| {
            zone.zone_type.as_deref().unwrap_or("availability-zone") == "availability-zone"
        })
        .filter_map(|zone| Some(Zone { id: zone.zone_id?, name: zone.zone_name? }))
        .collect();
    zones.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(zones)
}

/// The engine's clock, as the SDK sleeps and dates with it.
#[derive(Debug, Clone, Copy)]
struct SdkClock(Clock);

impl AsyncSleep for SdkClock {
    fn sleep(&self, duration: Duration) -> Sleep {
        let clock = self.0;
        Sleep::new(async move { clock.sleep(duration).await })
    }
}

impl TimeSource for SdkClock {
    fn now(&self) -> SystemTime {
        let nanos = u64::try_from(self.0.now().as_nanosecond()).unwrap_or_default();
        SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos)
    }
}
