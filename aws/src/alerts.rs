//! The route that alarms take to people.

use globecart_engine::{Component, Input, Invalid};
use typed_builder::TypedBuilder;

use crate::cloudwatch::{Comparison, Metric, MetricAlarm, MetricAlarmRefs, MissingData, Statistic};
use crate::kms::{Alias, Key, KeyRefs};
use crate::policy::{PolicyDocument, Statement};
use crate::sns::{Protocol, Subscription, SubscriptionRefs, Topic, TopicRefs};
use crate::{AlertRoute, Aws, Stack};

/// A topic that this account's alarms send to, encrypted with a customer key that lets them, the e-mail
/// addresses that hear of it, and an alarm on messages that could not be delivered.
///
/// ```
/// use globecart_aws::engine::Place;
/// use globecart_aws::{Alerts, Stack};
///
/// # let place = Place { partition: "aws".into(), account: "1".into(), region: "eu-central-1".into(), zones: vec![] };
/// let mut stack = Stack::new("shop", place)?;
/// let alerts = stack.component("alerts", Alerts::builder().emails(["oncall@globecart.example"]).build())?;
/// assert_eq!(alerts.subscriptions.len(), 1);
/// # Ok::<(), globecart_aws::engine::Invalid>(())
/// ```
#[derive(Debug, TypedBuilder)]
pub struct Alerts<'a> {
    /// Who hears of alarms; each must confirm once, by the link in the message that AWS sends. Default: nobody.
    #[builder(default, setter(transform = |emails: impl IntoIterator<Item = impl Into<String>>| {
        emails.into_iter().map(Into::into).collect()
    }))]
    emails: Vec<String>,
    /// The key of the topic, one of this stack; alarms are added to its policy. Default: a key of its own.
    #[builder(default, setter(strip_option))]
    key: Option<&'a KeyRefs>,
    /// Changes the topic just before it is declared. Default: as is.
    #[builder(default = |topic| topic)]
    adjust: fn(Topic) -> Topic,
}

/// What was made of [`Alerts`].
#[derive(Debug)]
pub struct AlertsOutputs {
    /// The topic.
    pub topic: TopicRefs,
    /// The key that encrypts it.
    pub key: KeyRefs,
    /// The subscriptions, in the order of the addresses.
    pub subscriptions: Vec<SubscriptionRefs>,
    /// The alarm on messages that could not be delivered.
    pub undelivered: MetricAlarmRefs,
}

impl Component<Aws> for Alerts<'_> {
    type Outputs = AlertsOutputs;

    fn declare(self, stack: &mut Stack) -> Result<AlertsOutputs, Invalid> {
        let place = stack.place().clone();
        let key = match self.key {
            Some(key) => key.clone(),
            None => own_key(stack)?,
        };
        stack.amend::<Key>(&key, |key| key.allow(Statement::alarms_may_use(&place)))?;
        let policy = PolicyDocument::new([
            Statement::refuse_plain_http(["sns:Publish"]),
            Statement::alarms_may_publish(&place),
        ]);
        let topic =
            Topic::builder().policy(policy).kms_key(&key.arn).display_name("Alarms").build();
        let topic = stack.add("topic", (self.adjust)(topic))?;
        let subscriptions = self.emails.iter().map(|email| subscribe(stack, &topic, email));
        let subscriptions = subscriptions.collect::<Result<_, _>>()?;
        stack.notice(who_hears(&self.emails));
        let undelivered = stack.add("undelivered", undelivered(&topic))?;
        Ok(AlertsOutputs { topic, key, subscriptions, undelivered })
    }
}

impl AlertsOutputs {
    /// The route to the topic.
    pub fn route(&self) -> AlertRoute {
        AlertRoute::topic(&self.topic.arn)
    }

    /// Lets another service publish, such as `events.rds.amazonaws.com`, for this account's resource `source`:
    /// an ARN, which may contain `*`.
    ///
    /// # Errors
    /// When the topic or its key is not of this stack.
    pub fn admit(
        &self,
        stack: &mut Stack,
        service: &str,
        source: impl Into<Input<String>>,
    ) -> Result<(), Invalid> {
        let (place, source) = (stack.place().clone(), source.into());
        let may_use = Statement::service_may_use(service, &place, &source);
        stack.amend::<Key>(&self.key, |key| key.allow(may_use))?;
        let may_publish = Statement::service_may_publish(service, &place, &source);
        stack.amend::<Topic>(&self.topic, |topic| topic.allow(may_publish))
    }
}

impl From<&AlertsOutputs> for AlertRoute {
    fn from(alerts: &AlertsOutputs) -> Self {
        alerts.route()
    }
}

fn own_key(stack: &mut Stack) -> Result<KeyRefs, Invalid> {
    let policy = PolicyDocument::for_key(stack.place(), []);
    let description = format!("Alarms of {}", stack.name());
    let key = stack.add("key", Key::builder().description(description).policy(policy).build())?;
    stack.add("key-alias", Alias::builder().key(&key.id).build())?;
    Ok(key)
}

fn subscribe(
    stack: &mut Stack,
    topic: &TopicRefs,
    email: &str,
) -> Result<SubscriptionRefs, Invalid> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let name = format!("email-{}", email.chars().map(plain).collect::<String>());
    let subscription =
        Subscription::builder().topic(&topic.arn).protocol(Protocol::Email).endpoint(email);
    stack.add(name, subscription.build()).map_err(|error| Invalid::new("emails", error.problem))
}

/// Nothing tells an address that never confirmed from one that has no alarm to hear of.
fn who_hears(emails: &[String]) -> String {
    match emails {
        [] => "alarms reach nobody by e-mail: give `emails`".to_owned(),
        emails => format!(
            "alarms reach {} once the link in AWS's confirmation mail is followed",
            emails.join(", ")
        ),
    }
}

fn undelivered(topic: &TopicRefs) -> MetricAlarm {
    let failed = Metric::new("AWS/SNS", "NumberOfNotificationsFailed", Statistic::Sum);
    MetricAlarm::builder()
        .description(
            "Alarm messages could not be delivered. Look at the topic's subscriptions: remove endpoints that are \
             gone, and check that the topic's key policy lets cloudwatch.amazonaws.com use the key.",
        )
        .watch(failed.dimension("TopicName", topic.name.text()))
        .comparison(Comparison::GreaterThan)
        .threshold(0.0)
        .evaluation_periods(5)
        .datapoints(1)
        .missing_data(MissingData::NotBreaching)
        .alarm_actions(vec![(&topic.arn).into()])
        .build()
}
