//! Which package the function gets: on AWS the one that was built from these sources, and nothing else.

use std::path::{Path, PathBuf};

use globecart_aws::engine::{Addressed, Invalid};
use globecart_aws::lambda::{Architecture, Code, Function, FunctionRefs};
use globecart_aws::{Aws, Server, Stack};
use globecart_rotation::{Package, Place, REGIONS, SOURCE_HASH};

use crate::{RotationSchedule, RotationScheduleRefs};

/// The source of a package that answers every invocation with an error.
pub(crate) const NONE: &str = "none";

/// What a function says whose package nobody decided on.
pub(crate) const UNDECIDED: &str = "the stack was deployed without settling what it left open";

/// For how many real seconds the embedded AWS's first rotation is waited for: its function is a process of this machine, and
/// without a database it never ends well.
const EMBEDDED_WAIT_SECS: f64 = 8.0;

/// And for how many seconds of the clock at most, however fast it runs: a run gives up waiting after half an hour.
const MOST_WAIT_SECS: u32 = 1_600;

/// How far above the program the target folder may be.
const LEVELS: usize = 4;

/// What is to be decided.
pub(crate) struct Wanted {
    /// The component that wants it.
    pub(crate) scope: String,
    /// The package that the user names.
    pub(crate) given: Option<PathBuf>,
    pub(crate) architecture: Architecture,
}

/// What was decided.
#[derive(Debug, PartialEq)]
pub(crate) struct Choice {
    pub(crate) code: Code,
    pub(crate) source: &'static str,
    /// Whether the schedule rotates at once, which only fails without a package.
    pub(crate) rotates: bool,
    /// For how long the first rotation is waited for; `None`: until it is done.
    pub(crate) wait_secs: Option<u32>,
    pub(crate) notice: Option<String>,
}

impl Choice {
    /// The package that was built from these sources.
    fn of(code: Code, wait_secs: Option<u32>) -> Self {
        Self { code, source: SOURCE_HASH, rotates: true, wait_secs, notice: None }
    }
}

impl Wanted {
    /// Puts the package into the declaration.
    pub(crate) fn settle(
        &self,
        stack: &mut Stack,
        aws: &Aws,
        function: &FunctionRefs,
        schedule: &RotationScheduleRefs,
    ) -> Result<(), Invalid> {
        let region = &stack.place().region;
        if aws.server() == Server::Aws && !REGIONS.contains(&region.as_str()) {
            let problem =
                format!("the rotation function does not know RDS's certificates in {region}");
            return Err(Invalid::new(function.address().as_str(), problem));
        }
        let program = std::env::current_exe().ok();
        let folder = program.as_deref().and_then(Path::parent).unwrap_or_else(|| Path::new("."));
        let choice = self.choose(aws.server(), folder, aws.clock().rate())?;
        let Choice { code, source, rotates, wait_secs, notice } = choice;
        stack.amend::<Function>(function, |function| {
            (function.code, function.source) = (code, source.to_owned());
        })?;
        stack.amend::<RotationSchedule>(schedule, |schedule| {
            (schedule.rotate_immediately, schedule.wait_secs) = (rotates, wait_secs);
        })?;
        if let Some(notice) = notice {
            stack.notice(notice);
        }
        Ok(())
    }

    /// Decides, for a program that is in `folder`, and a cloud whose clock runs at this rate.
    pub(crate) fn choose(
        &self,
        server: Server,
        folder: &Path,
        rate: f64,
    ) -> Result<Choice, Invalid> {
        if server == Server::Aws {
            let found = self.look(folder, self.name(), Place::Aws);
            let code = found.map_err(|why| {
                let problem = format!("{why}: run `{}` first", self.command(Place::Aws));
                Invalid::new(format!("{}/package", self.scope), problem)
            })?;
            return Ok(Choice::of(code, None));
        }
        let found = match server {
            Server::Embedded => self.look(folder, Package::HOST, Place::Embedded),
            _ => Err("this endpoint is not AWS's own".to_owned()),
        };
        Ok(match found {
            Ok(code) => {
                Choice::of(code, Some(whole(EMBEDDED_WAIT_SECS * rate).min(MOST_WAIT_SECS)))
            }
            Err(why) => self.refusal(server, &why),
        })
    }

    /// A function that says what to do, because a rotation that does nothing would look like one.
    fn refusal(&self, server: Server, why: &str) -> Choice {
        let told = match server {
            Server::Embedded => {
                format!("{why}: run `{}`, then `up` again", self.command(Place::Embedded))
            }
            _ => format!("{why}, so the function was deployed without code"),
        };
        let scope = &self.scope;
        Choice {
            code: Code::Refusal(format!("{scope} cannot be rotated: {told}")),
            source: NONE,
            rotates: false,
            wait_secs: None,
            notice: Some(format!("{scope} is not rotated: {told}")),
        }
    }

    /// Takes the package that is given, else the first one of that name, if it is what it should be.
    fn look(&self, folder: &Path, name: &str, place: Place) -> Result<Code, String> {
        let path = match &self.given {
            Some(given) => given.clone(),
            None => candidates(folder, name).find(|path| path.is_file()).ok_or_else(|| {
                format!(
                    "there is no {name} beside the program, nor in `lambda` in the target folder"
                )
            })?,
        };
        let shown = path.display();
        let zip = std::fs::read(&path).map_err(|error| format!("cannot read {shown}: {error}"))?;
        let package = Package::of(&zip).ok_or_else(|| format!("{shown} is no rotation package"))?;
        if package.place != place {
            return Err(format!("{shown} was built for another place ({})", package.place));
        }
        if place == Place::Aws && !package.target.starts_with(self.processor()) {
            return Err(format!("{shown} was built for {}", package.target));
        }
        if package.source != SOURCE_HASH {
            return Err(format!("{shown} was built from other sources"));
        }
        // The program may be run from another folder next time; what is uploaded now is this file.
        Ok(Code::Zip(std::path::absolute(&path).unwrap_or(path)))
    }

    fn name(&self) -> &'static str {
        match self.architecture {
            Architecture::X86_64 => Package::X86_64,
            Architecture::Arm64 => Package::ARM64,
        }
    }

    /// The processor as Rust names it.
    fn processor(&self) -> &'static str {
        match self.architecture {
            Architecture::X86_64 => "x86_64-",
            Architecture::Arm64 => "aarch64-",
        }
    }

    fn command(&self, place: Place) -> &'static str {
        match (place, self.architecture) {
            (Place::Embedded, _) => "cargo xtask lambda --host",
            (Place::Aws, Architecture::X86_64) => "cargo xtask lambda",
            (Place::Aws, Architecture::Arm64) => "cargo xtask lambda --arch arm64",
        }
    }
}

fn whole(seconds: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
    let whole = seconds.ceil() as u32;
    whole
}

/// Where a package may be: beside the program, then in `lambda` in the target folder that the program was built in.
fn candidates(folder: &Path, name: &str) -> impl Iterator<Item = PathBuf> {
    let beside = folder.join(name);
    let above = folder.ancestors().take(LEVELS).map(move |above| above.join("lambda").join(name));
    std::iter::once(beside).chain(above.collect::<Vec<_>>())
}
