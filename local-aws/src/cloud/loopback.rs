//! The cloud at a port of this machine, for the functions that it runs; and its clock, which goes on without requests.

use super::{Cloud, Inner};
use crate::serve;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, PoisonError, Weak};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How often what has become due is looked for, in real seconds.
const LOOK_SECONDS: f64 = 0.1;

/// Tasks that end with the cloud.
#[derive(Debug, Default)]
pub(super) struct Tasks(Vec<JoinHandle<()>>);

impl Drop for Tasks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Cloud {
    /// Where functions reach this cloud: where it is served anyway, or at a port that is opened now.
    ///
    /// Boxed, because serving a cloud is running its functions, and that is asking for this.
    pub(super) fn endpoint(
        &self,
    ) -> Pin<Box<dyn Future<Output = io::Result<SocketAddr>> + Send + '_>> {
        Box::pin(async {
            let mut endpoint = self.inner.endpoint.lock().await;
            if let Some(address) = *endpoint {
                return Ok(address);
            }
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
            let address = listener.local_addr()?;
            let weak = Arc::downgrade(&self.inner);
            let held = move || weak.upgrade().map(|inner| Self { inner });
            self.keep(tokio::spawn(serve::listen(listener, held)));
            *endpoint = Some(address);
            Ok(address)
        })
    }

    /// Says where the cloud is served.
    pub(crate) async fn served_at(&self, address: SocketAddr) {
        *self.inner.endpoint.lock().await = Some(address);
    }

    /// Lets what becomes due happen, also when nobody asks for anything. Without functions nobody would notice.
    pub(crate) fn go_on(&self) {
        let mut going = self.inner.going.lock().unwrap_or_else(PoisonError::into_inner);
        if self.inner.options.goes_on() && !*going {
            *going = true;
            let task = tokio::spawn(tick(Arc::downgrade(&self.inner)));
            drop(going);
            self.keep(task);
        }
    }

    /// Ends a task with the cloud.
    pub(super) fn keep(&self, task: JoinHandle<()>) {
        self.inner.tasks.lock().unwrap_or_else(PoisonError::into_inner).0.push(task);
    }
}

async fn tick(cloud: Weak<Inner>) {
    #[cfg(all(unix, feature = "postgres"))]
    if let Some(inner) = cloud.upgrade() {
        // Who cannot be told now is told by whoever asks for it.
        let _ = Cloud { inner }.database().await;
    }
    loop {
        let Some(inner) = cloud.upgrade() else { return };
        let cloud = Cloud { inner };
        cloud.catch_up();
        cloud.dispatch();
        let wait = LOOK_SECONDS * cloud.inner.clock.rate();
        let sleep = cloud.inner.clock.sleeper(wait);
        drop(cloud);
        sleep.await;
    }
}
