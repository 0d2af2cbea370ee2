//! Opening the cloud that a command works on.

use std::fs;
use std::path::Path;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use globecart_aws::{Aws, Options};
use globecart_engine::Clock;
use globecart_local_aws::{Cloud, Opened, SdkClient};
use jiff::Timestamp;

use crate::args::{Args, Target};
use crate::failure::Failure;
use crate::postgres;
use crate::settings::Settings;

/// The embedded AWS has every region; this one is taken when none is named.
const EMBEDDED_REGION: &str = "us-east-1";

/// A cloud, and the clock that it runs on.
pub(crate) struct Session {
    pub(crate) aws: Aws,
    pub(crate) clock: Clock,
    pub(crate) place: Place,
    /// The embedded AWS, where this process holds it.
    cloud: Option<Cloud>,
}

/// Which cloud it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The embedded AWS, in this process.
    Embedded,
    /// The embedded AWS, in another process that serves it at this address.
    Served(String),
    /// A real account, or whatever answers at the endpoint.
    Aws,
}

impl Session {
    pub(crate) async fn open(
        args: &Args,
        settings: &Settings,
        prepare: &dyn Fn(&Cloud),
    ) -> Result<Self, Failure> {
        let configured = settings.region()?;
        let region = args.region().map(str::to_owned).or(configured);
        match args.target {
            Target::Aws => Self::on_aws(region, args.speed()).await,
            Target::Local => {
                let region = region.unwrap_or_else(|| EMBEDDED_REGION.to_owned());
                Self::embedded(args, region, prepare).await
            }
        }
    }

    async fn on_aws(region: Option<String>, speed: f64) -> Result<Self, Failure> {
        let clock = Clock::new(Timestamp::now(), speed);
        let options =
            Options { region, clock, http_client: None, endpoint: None, credentials: true };
        Ok(Self { aws: Aws::connect(options).await?, clock, place: Place::Aws, cloud: None })
    }

    async fn embedded(
        args: &Args,
        region: String,
        prepare: &dyn Fn(&Cloud),
    ) -> Result<Self, Failure> {
        let (place, cloud) = match open_cloud(args, prepare)? {
            Opened::Owned(cloud) => (Place::Embedded, Some(cloud)),
            Opened::Served(address) => (Place::Served(address), None),
        };
        let start =
            cloud.as_ref().and_then(|cloud| timestamp(cloud.now())).unwrap_or_else(Timestamp::now);
        let clock = Clock::new(start, args.speed());
        let endpoint = match &place {
            Place::Served(address) => Some(format!("http://{address}")),
            _ => None,
        };
        let http_client = cloud.clone().map(|cloud| SharedHttpClient::new(SdkClient::new(cloud)));
        let options =
            Options { region: Some(region), clock, http_client, endpoint, credentials: false };
        Ok(Self { aws: Aws::connect(options).await?, clock, place, cloud })
    }

    /// Saves the time at which the embedded AWS stands, where this process holds it.
    pub(crate) fn save(&self) -> Result<(), Failure> {
        let saved = self.cloud.as_ref().map_or(Ok(()), Cloud::save);
        saved.map_err(|source| Failure::Io { doing: "save the embedded AWS".to_owned(), source })
    }
}

/// Opens the embedded AWS in the state folder.
pub(crate) fn open_cloud(args: &Args, prepare: &dyn Fn(&Cloud)) -> Result<Opened, Failure> {
    make_state_folder(&args.state)?;
    let options = globecart_local_aws::Options {
        rate: args.speed(),
        functions: true,
        postgres: postgres::named()?,
        ..globecart_local_aws::Options::default()
    };
    let opened = Cloud::open(&args.state.join("cloud"), options)?;
    if let Opened::Owned(cloud) = &opened {
        prepare(cloud);
    }
    Ok(opened)
}

/// Makes the folder, and keeps a new one out of version control: it holds physical ids.
pub(crate) fn make_state_folder(folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        return Ok(());
    }
    let made =
        fs::create_dir_all(folder).and_then(|()| fs::write(folder.join(".gitignore"), "*\n"));
    made.map_err(|source| Failure::Io {
        doing: format!("make the state folder {}", folder.display()),
        source,
    })
}

fn timestamp(seconds: f64) -> Option<Timestamp> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "microseconds since 1970 fit for 290000 years"
    )]
    Timestamp::from_microsecond((seconds * 1e6) as i64).ok()
}
