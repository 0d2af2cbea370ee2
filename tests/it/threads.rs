//! Work on as many threads as there are processors, each with a paused clock of its own.

use std::sync::Mutex;
use std::thread;

/// Does every job, in any order, and answers what each came to.
///
/// # Panics
/// When a job does, after the others of its thread were given up.
pub(crate) fn in_parallel<T: Send, R: Send>(
    jobs: impl IntoIterator<Item = T>,
    work: impl AsyncFn(T) -> R + Sync,
) -> Vec<R> {
    let jobs: Vec<T> = jobs.into_iter().collect();
    let (left, done) = (Mutex::new(jobs.into_iter()), Mutex::new(Vec::new()));
    let worker = || {
        while let Some(job) = next(&left) {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            let runtime = builder.enable_time().start_paused(true).build().unwrap();
            let result = runtime.block_on(work(job));
            done.lock().unwrap().push(result);
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        for worker in workers {
            if let Err(panic) = worker.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
    done.into_inner().unwrap()
}

fn next<T>(left: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    left.lock().unwrap().next()
}
