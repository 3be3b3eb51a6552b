//! The result: what the run has cost, as one JSON line and as a summary.

use std::fs;
use std::io::Write;
use std::sync::atomic::Ordering::Relaxed;

use serde_json::{json, Map, Value};

use crate::options::Options;
use crate::recorder::{append_to, Recorder, OUTCOMES};
use crate::{complain, NAME};

/// What the run has cost, at its end; times in nanoseconds.
pub fn cost(r: &Recorder) -> [u64; 4] {
    let wall = r.now();
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let ns = |time: libc::timeval| (time.tv_sec * 1_000_000 + time.tv_usec) as u64 * 1000;
    [wall, ns(usage.ru_utime), ns(usage.ru_stime), peak_rss_bytes().unwrap_or(0)]
}

/// VmHWM: ru_maxrss starts at the size of the program that started this one.
fn peak_rss_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.split("VmHWM:").nth(1)?.split_whitespace().next()?;
    Some(kilobytes.parse::<u64>().ok()? * 1024)
}

/// The most items between start and end at one moment; an end comes before a start at the same
/// nanosecond.
fn peak(mut starts: Vec<u64>, mut ends: Vec<u64>) -> usize {
    starts.sort_unstable();
    ends.sort_unstable();
    let mut ended = 0;
    let at = |(i, start): (usize, &u64)| {
        while ended < ends.len() && ends[ended] <= *start {
            ended += 1;
        }
        i + 1 - ended
    };
    starts.iter().enumerate().map(at).max().unwrap_or(0)
}

/// Percentiles by nearest rank.
fn latency(mut times: Vec<u64>) -> Value {
    let n = times.len();
    times.sort_unstable();
    let at = |per_mille: usize| times[(n * per_mille + 999) / 1000 - 1];
    match n {
        0 => Value::Null,
        _ => json!({"p50": at(500), "p90": at(900), "p99": at(990), "max": times[n - 1],
            "twentieths": (1..=20).map(|i| at(50 * i)).collect::<Vec<u64>>()}),
    }
}

/// The least time possible: all C wait at once, in as many groups as it takes.
fn floor_ns(o: &Options) -> Option<u64> {
    let groups = (o.requests + o.concurrency - 1) / o.concurrency;
    o.latency.map(|latency| groups as u64 * latency.as_nanos() as u64)
}

/// lane.result/1: schemas/lane-result.json says what its members mean.
fn result(o: &Options, r: &Recorder, cost: [u64; 4], interrupted: bool) -> Value {
    let [wall_ns, user_cpu_ns, system_cpu_ns, max_rss_bytes] = cost;
    let mut counts = [0; OUTCOMES.len()];
    let (mut starts, mut ends, mut latencies) = (Vec::new(), Vec::new(), Vec::new());
    for record in &r.records {
        let (start, end) = (record.start.load(Relaxed), record.end());
        counts[record.outcome()] += 1;
        if start != 0 {
            starts.push(start);
            ends.push(end);
        }
        if record.outcome() == 0 {
            latencies.push(end - start);
        }
    }
    let outcomes: Map<String, Value> =
        OUTCOMES.iter().zip(counts).map(|(name, count)| (name.to_string(), count.into())).collect();
    let libraries: Map<String, Value> = env!("LIBRARIES").split(", ").filter_map(|library| {
        library.split_once(' ').map(|(name, version)| (name.into(), version.into()))
    }).collect();
    json!({
        "schema": "lane.result/1", "lane": NAME,
        "libraries": libraries,
        "workload": {"requests": o.requests, "concurrency": o.concurrency, "work": "io",
                     "rounds": null, "digest": null, "workers": null},
        "wall_ns": wall_ns, "floor_ns": floor_ns(o), "user_cpu_ns": user_cpu_ns,
        "system_cpu_ns": system_cpu_ns, "max_rss_bytes": max_rss_bytes,
        "outcomes": outcomes,
        "verified": if o.verify_id { counts[0] } else { 0 },
        "in_flight_peak": peak(starts, ends), "latency_ns": latency(latencies),
        "connections_opened": r.connections.load(Relaxed), "resends": 0, "loop": null,
        "valid": counts[0] == o.requests, "interrupted": interrupted, "error": null,
    })
}

fn summary(o: &Options, r: &Recorder, result: &Value) -> String {
    let wall_ms = result["wall_ns"].as_f64().unwrap_or(0.0) / 1e6;
    let mut lines = vec![format!("{NAME}: {} requests, {} at once", o.requests, o.concurrency)];
    lines.push(format!("wall time: {wall_ms:.1} ms"));
    for (outcome, name) in OUTCOMES.iter().enumerate() {
        match (&result["outcomes"][name], outcome) {
            (count, _) if *count == 0 => (),
            (count, 0) => lines.push(format!("{name}: {count} ({} verified)", result["verified"])),
            (count, _) => lines.push(format!("{name}: {count} ({})", r.example(outcome))),
        }
    }
    if result["interrupted"] == true {
        lines.push("interrupted: the result is partial".into());
    }
    lines.join("\n  ") + "\n"
}

/// Prints and writes what was asked for. Returns whether all items ended well, and whether
/// something could not be written.
pub fn write(o: &Options, r: &Recorder, cost: [u64; 4], interrupted: bool) -> (bool, bool) {
    let result = result(o, r, cost, interrupted);
    let mut failed = false;
    if !o.quiet {
        let text = summary(o, r, &result);
        failed |= complain("standard output", std::io::stdout().write_all(text.as_bytes()));
    }
    if let Some(path) = &o.output {
        let line = format!("{result}\n"); // with one write
        let written = append_to(path).and_then(|mut file| file.write_all(line.as_bytes()));
        failed |= complain(path, written);
    }
    if let Some(path) = &o.records {
        failed |= complain(path, r.write_csv(path));
    }
    (result["valid"] == true, failed)
}
