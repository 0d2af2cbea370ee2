//! A cloud that the test serves to the process that it is going to kill.

use std::sync::mpsc;
use std::thread::JoinHandle;

use globecart_local_aws::{Cloud, Opened, Options, serve};
use tokio::sync::oneshot;

use crate::binary::Folder;

/// Simulated seconds a second, as the command line takes them where none are given.
const SPEED: f64 = 200.0;

/// A served cloud, on a thread of its own.
pub(super) struct Server {
    pub(super) cloud: Cloud,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Server {
    /// Serves the cloud in a folder.
    pub(super) fn start(folder: &Folder) -> Self {
        let cloud = open(folder);
        let (stop, stopped) = oneshot::channel();
        let (listening, listens) = mpsc::channel();
        let served = cloud.clone();
        let thread = std::thread::spawn(move || {
            // On one thread an answer is on its way before anything else happens.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let listener = serve(served, 0).await.unwrap();
                listening.send(()).unwrap();
                listener.run_until(async { _ = stopped.await }).await.unwrap();
            });
        });
        listens.recv().expect("it listens");
        Self { cloud, stop, thread }
    }

    pub(super) fn stop(self) {
        _ = self.stop.send(());
        self.thread.join().unwrap();
    }
}

/// Takes over the cloud in a folder that nobody uses.
pub(super) fn open(folder: &Folder) -> Cloud {
    let options = Options { rate: SPEED, ..Options::default() };
    match Cloud::open(&folder.path().join(".globecart/cloud"), options).unwrap() {
        Opened::Owned(cloud) => cloud,
        Opened::Served(by) => panic!("{by} still serves it"),
    }
}
