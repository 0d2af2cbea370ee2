//! Invocations that end at a boundary, as by a time-out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::boundary::{Boundaries, Side};

/// How work ended that was to end at a boundary.
#[derive(Debug)]
pub enum Ended<T> {
    /// It was dropped there: before or after which call.
    Killed(String),
    /// It ended by itself before it got there.
    Whole(T),
}

/// Does the work with boundaries of which the one with that number, counted from 0, is the last that it reaches.
pub async fn until_boundary<T, F>(number: usize, work: impl FnOnce(Boundaries) -> F) -> Ended<T>
where
    F: Future<Output = T>,
{
    let (passed, there) = (AtomicUsize::new(0), Arc::new(Notify::new()));
    let place = Arc::new(std::sync::Mutex::new(String::new()));
    let (notify, noted) = (Arc::clone(&there), Arc::clone(&place));
    let boundaries = Boundaries::new(move |call, side| {
        let ends = passed.fetch_add(1, Ordering::SeqCst) == number;
        if ends {
            let side = if side == Side::Before { "before" } else { "after" };
            *noted.lock().expect("nothing fails with it") = format!("{side} {call}");
            notify.notify_one();
        }
        ends
    });
    tokio::select! {
        biased;
        () = there.notified() => {
            Ended::Killed(place.lock().expect("nothing fails with it").clone())
        }
        whole = work(boundaries) => Ended::Whole(whole),
    }
}
