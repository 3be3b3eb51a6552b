//! The Rust twin: the workload of the lanes with tokio and hyper.
//!
//! `run` and `work` are the model; the rest is what the lane contract asks of every program.

mod http; // hyper0.rs or hyper1.rs; the Makefile chooses
mod options;
mod recorder;
mod request;
mod result;

use std::process::exit;
use std::time::Duration;

use options::Options;
use recorder::{Outcome, Recorder};
use tokio::signal::unix::{signal, SignalKind};
use tokio::time::sleep;

pub const NAME: &str = "rust-tokio";

const EXIT_FAILURES: i32 = 1;
const EXIT_USAGE: i32 = 2;
const EXIT_LIMITS: i32 = 3;
const EXIT_INTERRUPTED: i32 = 130;

/// C tasks, each of which takes an item, waits for it as if it were alone, and takes the next. A
/// task that waits holds no thread.
async fn run(o: &'static Options, r: &'static Recorder) {
    let tasks: Vec<_> = (0..o.concurrency).map(|worker| tokio::spawn(work(o, r, worker))).collect();
    for task in tasks {
        let _ = task.await;
    }
}

async fn work(o: &'static Options, r: &'static Recorder, worker: usize) {
    let mut client = request::Client::new(o, r);
    while let Some(id) = r.take(worker) {
        r.end(id, client.request(id).await);
    }
}

/// Tells of an error that concerns `what`, and whether there is one.
pub fn complain<T, E: std::fmt::Display>(what: &str, result: Result<T, E>) -> bool {
    if let Err(error) = &result {
        eprintln!("{NAME}: {what}: {error}");
    }
    result.is_err()
}

/// Better before two hundred seconds of measurement than after.
fn files_are_wrong(o: &Options) -> bool {
    let appended = |path: &String| complain(path, recorder::append_to(path));
    [&o.output, &o.records].into_iter().flatten().any(appended)
}

/// Each request in flight holds a socket: the soft limit is raised to the hard one.
fn limit_is_too_low(o: &Options) -> bool {
    const BASE: u64 = 32; // standard streams, files, the runtime's own
    let needed = BASE + o.concurrency as u64;
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    limit.rlim_cur = limit.rlim_max;
    unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) };
    if needed <= limit.rlim_max {
        return false;
    }
    eprintln!(
        "{NAME}: -c {} needs {needed} open files (RLIMIT_NOFILE), but the limit is {}; raise it \
         with: ulimit -Hn {needed} (as root, in this shell), or lower -c",
        o.concurrency, limit.rlim_max
    );
    true
}

/// Ends with the first signal that asks for it.
fn interruption() -> impl std::future::Future<Output = ()> {
    let listen = |kind| signal(kind).expect("signals can be caught");
    let mut interrupt = listen(SignalKind::interrupt());
    let mut terminate = listen(SignalKind::terminate());
    let mut hangup = listen(SignalKind::hangup());
    async move {
        tokio::select! {
            _ = interrupt.recv() => (),
            _ = terminate.recv() => (),
            _ = hangup.recv() => (),
        }
    }
}

/// Runs the model until every item has ended, or a signal or the deadline comes; then accounts for
/// every item and writes what was asked for.
fn measure(o: &'static Options) -> i32 {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime can be made");
    let inside = runtime.enter();
    let interruption = interruption(); // before the files: who sees them made may interrupt
    if files_are_wrong(o) {
        return EXIT_USAGE;
    }
    let r: &Recorder = Box::leak(Box::new(Recorder::new(o.requests)));
    let interrupted = runtime.block_on(async {
        let deadline = async {
            match o.deadline {
                Some(time) => sleep(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = run(o, r) => false,
            _ = interruption => true,
            _ = deadline => false,
        }
    });
    let cost = result::cost(r);
    drop(inside);
    // And with it all that did not end: nothing is recorded any more. hyper may never come back from
    // a peer that has no end.
    runtime.shutdown_timeout(Duration::from_secs(1));
    r.end_all(Outcome::Cancelled);
    let (valid, failed) = result::write(o, r, cost, interrupted);
    match (interrupted, valid && !failed) {
        (true, _) => EXIT_INTERRUPTED,
        (false, true) => 0,
        (false, false) => EXIT_FAILURES,
    }
}

fn main() {
    let o = options::parse(std::env::args().skip(1)).unwrap_or_else(|error| {
        eprintln!("{NAME}: {error}\nTry {NAME} --help");
        exit(EXIT_USAGE);
    });
    if limit_is_too_low(&o) {
        exit(EXIT_LIMITS);
    }
    exit(measure(Box::leak(Box::new(o))));
}
