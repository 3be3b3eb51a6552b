//! Hands out the ids 0 … N-1 and keeps a record of each. Safe for all threads.

use std::fmt::Display;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::Mutex;
use std::time::Instant;

#[derive(Clone, Copy, PartialEq)]
pub enum Outcome {
    Ok,
    Timeout,
    Connect,
    Reset,
    Truncated,
    HttpStatus,
    BadBody,
    Cancelled,
    Other,
}

pub const OUTCOMES: [&str; 9] = [
    "ok", "timeout", "connect", "reset", "truncated", "http_status", "bad_body", "cancelled",
    "other",
];

/// How an item ended, and what the library said.
pub struct Ending {
    outcome: Outcome,
    detail: String,
}

impl Ending {
    pub fn new(outcome: Outcome, detail: impl Display) -> Self {
        Ending { outcome, detail: detail.to_string() }
    }
}

/// Times are nanoseconds since the recorder's origin, 0 where it never happened.
#[derive(Default)]
pub struct Record {
    pub worker: AtomicUsize,
    pub start: AtomicU64,
    connected: AtomicU64,
    first_byte: AtomicU64,
    ended: AtomicU64, // end << 8 | outcome
}

impl Record {
    pub fn end(&self) -> u64 {
        self.ended.load(Relaxed) >> 8
    }

    pub fn outcome(&self) -> usize {
        (self.ended.load(Relaxed) & 0xff) as usize
    }
}

pub struct Recorder {
    origin: Instant,
    pub records: Vec<Record>,
    next: AtomicUsize,
    pub connections: AtomicUsize,
    examples: Mutex<[String; OUTCOMES.len()]>,
}

impl Recorder {
    pub fn new(requests: usize) -> Self {
        Recorder {
            records: (0..requests).map(|_| Record::default()).collect(),
            next: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            examples: Mutex::default(),
            origin: Instant::now(),
        }
    }

    pub fn now(&self) -> u64 {
        self.origin.elapsed().as_nanos() as u64
    }

    /// Starts the next item; none when there is none.
    pub fn take(&self, worker: usize) -> Option<usize> {
        let id = self.next.fetch_add(1, Relaxed);
        let record = self.records.get(id)?;
        record.worker.store(worker, Relaxed);
        record.start.store(self.now(), Relaxed);
        Some(id)
    }

    pub fn connected(&self, id: usize) {
        self.records[id].connected.store(self.now(), Relaxed);
    }

    pub fn answered(&self, id: usize) {
        self.records[id].first_byte.store(self.now(), Relaxed);
    }

    pub fn end(&self, id: usize, ending: Ending) {
        let word = self.now() << 8 | ending.outcome as u64;
        self.records[id].ended.store(word, Relaxed);
        if !ending.detail.is_empty() {
            let example = &mut self.examples.lock().unwrap()[ending.outcome as usize];
            if example.is_empty() {
                *example = format!("request {id}: {}", ending.detail);
            }
        }
    }

    /// Ends what has not ended, started or not: afterwards the outcomes add up to N.
    pub fn end_all(&self, outcome: Outcome) {
        for id in 0..self.records.len() {
            if self.records[id].ended.load(Relaxed) == 0 {
                self.end(id, Ending::new(outcome, ""));
            }
        }
    }

    pub fn example(&self, outcome: usize) -> String {
        self.examples.lock().unwrap()[outcome].clone()
    }

    pub fn write_csv(&self, path: &str) -> io::Result<()> {
        let mut out = BufWriter::new(File::create(path)?);
        let text = |time: &AtomicU64| match time.load(Relaxed) {
            0 => String::new(),
            time => time.to_string(),
        };
        writeln!(out, "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome,resends")?;
        for (id, record) in self.records.iter().enumerate() {
            let [start, connected, first_byte] =
                [&record.start, &record.connected, &record.first_byte].map(text);
            let worker = if start.is_empty() { 0 } else { record.worker.load(Relaxed) + 1 };
            let worker = worker.checked_sub(1).map_or(String::new(), |worker| worker.to_string());
            let (end, outcome) = (record.end(), OUTCOMES[record.outcome()]);
            writeln!(out, "{id},{worker},{start},{connected},{first_byte},{end},{outcome},0")?;
        }
        out.flush()
    }
}

pub fn append_to(path: &str) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}
