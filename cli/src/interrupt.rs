//! Ctrl-C and SIGTERM: the first ends the run in order, the second at once.

use std::io;
use std::process;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Failure;

/// The exit code of an interrupted run, as shells count it for SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;

/// Tells whether the run has been interrupted.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Takes over both signals.
    pub(crate) fn listen() -> io::Result<Self> {
        let (mut ctrl_c, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let (interrupted, receiver) = watch::channel(false);
        tokio::spawn(async move {
            for count in 0_u8.. {
                tokio::select! {
                    _ = ctrl_c.recv() => {}
                    _ = terminate.recv() => {}
                }
                if count > 0 {
                    process::exit(INTERRUPTED.into());
                }
                interrupted.send_replace(true);
            }
        });
        Ok(Self(receiver))
    }

    /// Resolves when the run is interrupted.
    pub(crate) async fn wait(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|interrupted| *interrupted).await.is_err() {
            // Nobody listens any more, so nobody interrupts.
            std::future::pending::<()>().await;
        }
    }

    /// Does `work`, unless the run is interrupted before it is done.
    pub(crate) async fn or<T, E: Into<Failure>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.wait() => Err(Failure::Interrupted),
            done = work => done.map_err(Into::into),
        }
    }
}
