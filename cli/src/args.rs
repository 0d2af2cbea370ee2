//! The arguments.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

/// Simulated seconds a second on the embedded AWS: GlobeCart comes up in a few seconds.
pub(crate) const EMBEDDED_SPEED: f64 = 200.0;

/// The folder of the state, unless another is named.
const STATE: &str = ".globecart";

#[expect(clippy::struct_excessive_bools, reason = "every one is a flag of its own")]
#[derive(Debug, Parser)]
#[command(disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Args {
    /// What to do. Without a command: `up`.
    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,

    /// Where to deploy: the AWS that is embedded in this program, or a real account.
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Where")]
    pub(crate) target: Target,

    /// The region. Otherwise `region` of the settings, then us-east-1 on the embedded AWS.
    #[arg(
        long,
        global = true,
        value_name = "REGION",
        env = "AWS_REGION",
        hide_env_values = true,
        help_heading = "Where"
    )]
    region: Option<String>,

    /// Whether the region comes from the command line, not from the environment.
    #[arg(skip)]
    region_given: bool,

    /// Refuse any other account.
    #[arg(long, global = true, value_name = "ID", help_heading = "Where")]
    pub(crate) expect_account: Option<String>,

    /// The settings. Default: `globecart.toml`, which need not exist.
    #[arg(long, global = true, value_name = "FILE", help_heading = "What")]
    config: Option<PathBuf>,

    /// The environment, in place of `environment` in the settings.
    #[arg(long, global = true, value_name = "NAME", help_heading = "What")]
    pub(crate) environment: Option<String>,

    /// The folder of the state (`stack`) and of the embedded AWS (`cloud`).
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = STATE,
        help_heading = "What"
    )]
    pub(crate) state: PathBuf,

    /// Only the resource or component at this address and what it needs (on destroy: what needs it). Repeatable.
    #[arg(long, global = true, value_name = "ADDRESS", help_heading = "What")]
    pub(crate) only: Vec<String>,

    /// Do not ask.
    #[arg(long, short, global = true, help_heading = "How")]
    pub(crate) yes: bool,

    /// Let this resource, component or whole stack lose its data. Repeatable.
    #[arg(long, global = true, value_name = "NAME", help_heading = "How")]
    pub(crate) confirm_data_loss: Vec<String>,

    /// What to wait for: AWS's acceptance, or that everything can be used.
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "How")]
    pub(crate) done: Done,

    /// Simulated seconds a second. Default: 200 on the embedded AWS, 1 otherwise.
    #[arg(long, global = true, value_name = "N", value_parser = speed, help_heading = "How")]
    speed: Option<f64>,

    /// Print events (and outputs) as JSON, one object a line.
    #[arg(long, global = true, help_heading = "How")]
    pub(crate) json: bool,

    /// Print results, questions and errors only.
    #[arg(long, short, global = true, help_heading = "How")]
    pub(crate) quiet: bool,

    /// Print every field of what is made, and long values in full.
    #[arg(long, short, global = true, help_heading = "How")]
    pub(crate) verbose: bool,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Verb {
    /// Make the cloud as the stack declares it.
    Up {
        /// A plan saved by `plan --out`; refused if anything it relied on has changed.
        plan: Option<PathBuf>,
    },
    /// Show what `up` would do, without doing it.
    Plan {
        /// Save the plan for `up FILE`.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// End with code 3 if there are changes.
        #[arg(long)]
        exit_code: bool,
    },
    /// Delete everything that the stack made.
    Destroy {
        /// Remove what earlier destroys have kept on purpose: final snapshots, backups, and the keys they need.
        #[arg(long)]
        kept: bool,
    },
    /// Show what is recorded.
    Status,
    /// Print the outputs, or one of them.
    Output {
        /// Which.
        name: Option<String>,
    },
    /// Rotate a secret now, and show how far that is.
    Rotate {
        /// The secret: the address of its resource or component, its name, or its ARN.
        name: String,
        /// Give up a rotation that was begun and never finished, so that another one can begin.
        #[arg(long)]
        clear_pending: bool,
    },
    /// Serve the embedded AWS over HTTP on 127.0.0.1, for any AWS client.
    Serve {
        /// The port; 0 takes any that is free.
        #[arg(long, default_value_t = 0, value_name = "N")]
        port: u16,
    },
}

/// Where a stack is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Target {
    /// The embedded AWS.
    #[default]
    Local,
    /// The account, region and endpoint of the usual chain.
    Aws,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Done {
    Accepted,
    #[default]
    Ready,
}

impl Args {
    /// Reads the arguments of this process, or says why they cannot be, with clap's exit codes.
    pub(crate) fn read(stack: &str) -> Result<Self, clap::Error> {
        Self::read_from(stack, std::env::args_os())
    }

    pub(crate) fn read_from(
        stack: &str,
        arguments: impl IntoIterator<Item = impl Into<OsString>>,
    ) -> Result<Self, clap::Error> {
        let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        let mut command = Self::command().about(format!("Deploys the stack `{stack}`."));
        let matches = command.clone().try_get_matches_from(&arguments)?;
        let mut args = Self::from_arg_matches(&matches)?;
        args.region_given = matches.value_source("region") == Some(ValueSource::CommandLine);
        match args.torn(&arguments).or_else(|| args.misplaced()) {
            None => Ok(args),
            Some(problem) => Err(command.error(ErrorKind::ArgumentConflict, problem)),
        }
    }

    pub(crate) fn verb(&self) -> Verb {
        self.verb.clone().unwrap_or(Verb::Up { plan: None })
    }

    /// The region, where the command line or the environment says it.
    pub(crate) fn region(&self) -> Option<&str> {
        self.region.as_deref().filter(|region| !region.is_empty())
    }

    /// Where the settings are, and whether they must be there.
    pub(crate) fn settings(&self) -> (&Path, bool) {
        match &self.config {
            Some(path) => (path, true),
            None => (Path::new("globecart.toml"), false),
        }
    }

    /// Simulated seconds a second.
    pub(crate) fn speed(&self) -> f64 {
        self.speed.unwrap_or(match self.target {
            Target::Local => EMBEDDED_SPEED,
            Target::Aws => 1.0,
        })
    }

    /// The arguments that say where and what, as another command needs them again.
    pub(crate) fn again(&self) -> String {
        let text = |path: &Path| path.display().to_string();
        let arguments = [
            ("--target", (self.target == Target::Aws).then(|| "aws".to_owned())),
            ("--region", self.region.clone().filter(|_| self.region_given)),
            ("--config", self.config.as_deref().map(text)),
            ("--environment", self.environment.clone()),
            ("--state", (self.state != Path::new(STATE)).then(|| text(&self.state))),
            ("--speed", self.speed.map(|speed| speed.to_string())),
        ];
        let given = arguments.into_iter().filter_map(|(name, value)| Some((name, value?)));
        given.fold(String::new(), |again, (name, value)| {
            format!("{again} {name} {}", quoted(&value))
        })
    }

    /// A repeatable argument of which clap keeps only those after the command.
    fn torn(&self, arguments: &[OsString]) -> Option<&'static str> {
        let given = |name: &str| {
            let is = |text: &str| {
                text.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
            };
            arguments.iter().filter(|argument| argument.to_str().is_some_and(is)).count()
        };
        let torn = given("--only") > self.only.len()
            || given("--confirm-data-loss") > self.confirm_data_loss.len();
        torn.then_some("give every --only and --confirm-data-loss on the same side of the command")
    }

    /// An argument that its command would pass over in silence.
    fn misplaced(&self) -> Option<&'static str> {
        let verb = self.verb();
        let plans =
            matches!(verb, Verb::Up { plan: None } | Verb::Plan { .. } | Verb::Destroy { .. });
        let changes = matches!(verb, Verb::Up { .. } | Verb::Destroy { .. });
        let kept = matches!(verb, Verb::Destroy { kept: true });
        if kept && (!self.only.is_empty() || self.done != Done::default()) {
            Some("`destroy --kept` removes all that is kept; it takes no --only and no --done")
        } else if !self.only.is_empty() && !plans {
            Some("--only is for `up` without a saved plan, `plan` and `destroy`")
        } else if (self.done != Done::default() || !self.confirm_data_loss.is_empty()) && !changes {
            Some("--done and --confirm-data-loss are for `up` and `destroy`")
        } else if matches!(verb, Verb::Serve { .. }) && self.target == Target::Aws {
            Some("`serve` serves the embedded AWS; it has no other --target")
        } else {
            None
        }
    }
}

/// A word as a shell takes it.
fn quoted(text: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=,+@%".contains(char);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed: &f64| speed.is_finite() && *speed > 0.0);
    speed.ok_or_else(|| "must be a number above 0".to_owned())
}

#[cfg(test)]
mod tests;
