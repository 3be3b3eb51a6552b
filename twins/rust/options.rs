//! The command line, as build/lane-async --help has it. It computes nothing.

use std::process::exit;
use std::str::FromStr;
use std::time::Duration;

use hyper::Uri;

use crate::NAME;

#[derive(Default)]
pub struct Options {
    pub requests: usize,
    pub concurrency: usize, // 0: not said yet
    pub timeout: Duration,
    pub deadline: Option<Duration>,
    fresh: Option<bool>,
    pub verify_id: bool,
    pub latency: Option<Duration>,
    pub output: Option<String>,
    pub records: Option<String>,
    pub quiet: bool,
    pub host: String, // as the header has it
    pub hostname: String,
    pub port: u16,
    pub target: String, // path and query, with {id}
}

/// A plain number with one of these units; the product in the unit's own measure.
fn quantity(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let plain = digits.bytes().all(|c| c.is_ascii_digit() || c == b'.');
    let factor = units.iter().find(|(unit, _)| *unit == &text[digits.len()..])?.1;
    digits.parse::<f64>().ok().filter(|_| plain).map(|value| value * factor)
}

fn count(text: &str) -> Result<usize, String> {
    quantity(text, &[("", 1.0), ("k", 1e3), ("M", 1e6)])
        .filter(|value| value.fract() == 0.0 && (1.0..=10e6).contains(value))
        .map(|value| value as usize)
        .ok_or_else(|| format!("'{text}' is not a number from 1 to 10M; write it like 1000 or 10k"))
}

fn span(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, f64); 6] =
        [("ns", 1e-9), ("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    quantity(text, &UNITS)
        .filter(|seconds| *seconds > 0.0 && *seconds < 1e9)
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("'{text}' is not a time above 0; write it like 200ms, 1.5s or 2m"))
}

/// Whether it is the second of two words.
fn is_second(text: &str, words: [&str; 2]) -> Result<bool, String> {
    let found = words.iter().position(|word| *word == text);
    found.map(|at| at == 1).ok_or_else(|| format!("'{text}' is none of: {}", words.join(", ")))
}

impl Options {
    fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        match name {
            "requests" => self.requests = count(&value)?,
            "concurrency" => self.concurrency = count(&value)?,
            "timeout" => self.timeout = span(&value)?,
            "deadline" => self.deadline = Some(span(&value)?),
            "connections" => self.fresh = Some(is_second(&value, ["reuse", "fresh"])?),
            "verify" => self.verify_id = !is_second(&value, ["id", "status"])?,
            "latency" if value == "0" => self.latency = Some(Duration::ZERO),
            "latency" => self.latency = Some(span(&value)?),
            "work" if value == "io" => (),
            "work" => return Err(format!("'{value}' is not io, the only work of this lane")),
            "output" => self.output = Some(value),
            "records" => self.records = Some(value),
            "cpu" | "rounds" | "block" | "digest" => {
                return Err("nothing is computed; say --work cpu or --work mixed, which takes \
                            another lane"
                    .into())
            }
            _ => return Err("there is no such option".into()),
        }
        Ok(())
    }

    /// Takes the URL apart; hyper wants its parts.
    fn take_url(&mut self, url: &str) -> Result<(), String> {
        if url.matches("{id}").count() != 1 {
            return Err(format!(
                "URL '{url}' must hold {{id}} once, the place of the request's number: \
                 http://127.0.0.1:8080/users/{{id}}"
            ));
        }
        let uri = Uri::from_str(&url.replacen("{id}", "0", 1)).ok();
        let uri = uri.filter(|uri| uri.scheme_str() == Some("http") && uri.host().is_some());
        let uri = uri.ok_or_else(|| format!("'{url}' is not an http:// URL"))?;
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        self.host = authority.into();
        self.hostname = uri.host().unwrap_or_default().trim_matches(&['[', ']'][..]).into();
        self.port = uri.port_u16().unwrap_or(80);
        self.target = url["http://".len() + authority.len()..].into();
        Ok(())
    }

    /// Sets what depends on several options.
    fn complete(mut self, urls: &[String]) -> Result<Self, String> {
        match urls {
            [] => return Err("the URL is missing: http://127.0.0.1:8080/users/{id}".into()),
            [url] => self.take_url(url)?,
            [_, second, ..] => return Err(format!("one URL only: '{second}' is too much")),
        }
        if self.concurrency == 0 || self.concurrency > self.requests {
            self.concurrency = self.requests;
        }
        Ok(self)
    }

    pub fn fresh(&self) -> bool {
        self.fresh.unwrap_or(self.concurrency >= self.requests)
    }
}

/// Reads the command line; ends the program after --help and --version.
pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let (timeout, mut urls) = (Duration::from_secs(30), Vec::new());
    let mut o = Options { requests: 1000, timeout, verify_id: true, ..Options::default() };
    while let Some(argument) = arguments.next() {
        let (name, value) = match argument.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(value.to_string())),
            _ => (&*argument, None),
        };
        let name = match name {
            "-n" => "--requests",
            "-c" => "--concurrency",
            "-t" => "--timeout",
            "-o" => "--output",
            "-h" => "--help",
            _ => name,
        };
        match name {
            "--quiet" => o.quiet = true,
            "--help" => {
                print!("{}", include_str!("help.txt").replace("{lane}", NAME));
                exit(0)
            }
            "--version" => {
                println!("{NAME} {} ({})", env!("SUITE_VERSION"), env!("LIBRARIES"));
                exit(0)
            }
            _ if !name.starts_with('-') => urls.push(argument),
            _ => {
                let told = |error: String| format!("{name}: {error}");
                let value = value.or_else(|| arguments.next());
                let value = value.ok_or_else(|| told("needs a value".into()))?;
                o.set(name.trim_start_matches('-'), value).map_err(told)?;
            }
        }
    }
    o.complete(&urls)
}
