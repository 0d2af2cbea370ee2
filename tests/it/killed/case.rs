//! One run that dies, and the next.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use globecart_engine::store::{Directory, Store};
use globecart_engine::{State, Status};
use globecart_local_aws::{CallInfo, Hook, Then};
use globecart_tests::{At, Boundary};

use super::child::{Dying, is_crowded, send, starve};
use super::scenario::{DESTROY, Scenario, inventory};
use super::server::{Server, open};
use super::{Place, Signal};
use crate::binary::Folder;

const SIGKILL: i32 = 9;

/// What the system sends to a process that writes more than it may, where that is counted.
const SIGXFSZ: i32 = 25;

pub(super) struct Case<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) place: Place,
    pub(super) boundary: Boundary,
    pub(super) signal: Signal,
}

impl Case<'_> {
    /// Answers how long the process took to end, where it was asked to.
    pub(super) fn run(&self) -> Option<Duration> {
        let folder = self.scenario.folder();
        let before = state(&folder);
        let took = match self.place {
            Place::Within => self.die_within(&folder),
            Place::Served => self.die_alone(&folder),
        };
        let died = state(&folder).expect("it had begun");
        let in_flight =
            |status| matches!(status, Status::Creating | Status::Updating | Status::Deleting);
        let in_flight = died.all().filter(|(_, _, entry)| in_flight(entry.status)).count();
        assert!(in_flight > 0, "{}: no call was under way: {died:#?}", self.what());
        let server = (self.place == Place::Served).then(|| Server::start(&folder));
        self.finish(&folder, before.as_ref(), &died, server.as_ref());
        if let Some(server) = server {
            server.stop();
        }
        (self.signal != Signal::Kill).then_some(took)
    }

    fn what(&self) -> String {
        let Boundary { service, operation, address, nth, at } = &self.boundary;
        format!(
            "{}, cloud {:?}, {:?} at {at:?} of {service} {operation} {} ({nth})",
            self.scenario.name,
            self.place,
            self.signal,
            address.as_deref().unwrap_or_default()
        )
    }

    fn die_within(&self, folder: &Folder) -> Duration {
        let mut dying = Dying::within(folder, self.scenario.verb, &self.boundary);
        dying.wait_for_hit(&self.what());
        let (status, took) = dying.end(self.signal);
        self.check_end(status, took, SIGKILL);
        took
    }

    fn die_alone(&self, folder: &Folder) -> Duration {
        let server = Server::start(folder);
        let (hit, hits) = mpsc::channel();
        let (process, call) = (Arc::new(OnceLock::new()), Arc::new(OnceLock::new()));
        let hook = {
            let (process, call) = (Arc::clone(&process), Arc::clone(&call));
            let journal = folder.path().join(".globecart/stack/journal");
            let starves = self.starves();
            Hook::new(move |info: &CallInfo| {
                call.set(info.number).expect("the rule acts once");
                if starves {
                    let process: u32 = *process.wait();
                    starve(process, &journal);
                    // Once the answer is on its way.
                    tokio::spawn(async move { send("CONT", process) });
                }
                _ = hit.send(());
                if starves { Then::Continue } else { Then::Hang }
            })
        };
        server.cloud.add_rule(self.boundary.rule(hook));
        let mut dying = Dying::alone(folder, self.scenario.verb, hits);
        process.set(dying.id()).unwrap();
        dying.wait_for_hit(&self.what());
        let (signal, (status, took)) = if self.starves() {
            (SIGXFSZ, (dying.wait(), Duration::ZERO))
        } else {
            (SIGKILL, dying.end(self.signal))
        };
        self.check_end(status, took, signal);
        let records = server.cloud.records();
        let record = records.iter().find(|record| Some(&record.number) == call.get()).unwrap();
        let had_effect = self.boundary.at != At::Call;
        assert_eq!(record.effect.is_some(), had_effect, "{}: {record:#?}", self.what());
        assert_eq!(record.status != 0, self.starves(), "{}: {record:#?}", self.what());
        server.stop();
        took
    }

    /// Whether the process gets its answer and dies as it records it, by the size of its journal.
    fn starves(&self) -> bool {
        cfg!(target_os = "linux")
            && self.place == Place::Served
            && self.boundary.at == At::Answer
            && self.signal == Signal::Kill
    }

    fn check_end(&self, status: ExitStatus, took: Duration, signal: i32) {
        let what = self.what();
        if self.signal == Signal::Kill {
            assert_eq!(status.signal(), Some(signal), "{what}: {status:?}");
        } else {
            assert_eq!(status.code(), Some(130), "{what}: {status:?}");
            assert!(took < Duration::from_secs(1) || is_crowded(), "{what}: it took {took:?}");
        }
    }

    /// Runs the same again, and compares with what an undisturbed run comes to.
    fn finish(
        &self,
        folder: &Folder,
        before: Option<&State>,
        died: &State,
        server: Option<&Server>,
    ) {
        let (scenario, what) = (self.scenario, self.what());
        let rows = || server.map_or_else(|| open(folder).rows(), |server| server.cloud.rows());
        folder.run_well(scenario.verb);
        if scenario.verb == DESTROY {
            assert_eq!(inventory(&rows()), scenario.left, "{what}");
            return;
        }
        assert_eq!(inventory(&rows()), scenario.made, "{what}: what there is, and should be");
        let now = state(folder).expect("the run recorded");
        for (address, life, entry) in died.all().filter(|(_, _, entry)| !entry.outputs.is_null()) {
            let is_old = before.is_some_and(|before| before.entry(address, life).is_some());
            let kept = now.entry(address, life);
            let same = kept.is_some_and(|kept| kept.outputs["id"] == entry.outputs["id"]);
            assert!(
                is_old || same,
                "{what}: {address} was made and not kept: {entry:#?} {kept:#?}"
            );
        }
        let plan = folder.run(&["plan", "--exit-code", "--only", "network"]);
        assert_eq!(plan.code, 0, "{what}: {}{}", plan.out, plan.err);
        folder.run_well(DESTROY);
        assert_eq!(inventory(&rows()), scenario.left, "{what}: what a destroy leaves");
    }
}

/// What is recorded in a folder.
fn state(folder: &Folder) -> Option<State> {
    let kept = Directory::peek(folder.path().join(".globecart/stack"));
    let look = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(Store::look(kept)).unwrap()
    };
    // The caller is within a runtime of its own.
    std::thread::scope(|scope| scope.spawn(look).join().unwrap())
}
