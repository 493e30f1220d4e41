//! How the time of the leak check grows with a text that is made to keep it busy: `growth [KIBIBYTES]`, 64 of them if not told.
//!
//! Each text that the check looks for is repeated, with each of many things around it. Of four times as much, a check that is
//! linear takes four times as long. Whatever takes more than twice that is measured again at three lengths, and listed. The exit
//! code is 1 if one remains.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use hs_secrets::internals::{finder, searched_texts};

/// What stands around a text: `@` is the text.
const AROUND: &[&str] = &[
    "@",
    "@ ",
    "@=",
    "@: ",
    "@\n",
    "@=x\n",
    "\"@\": \"",
    "\"@\": {",
    "@:\n  - ",
    " @:\n",
    "- @ ",
    "<@ ",
    "<@>",
    "@,",
    "@\\n",
    "@ | ",
    "echo @ ",
    "@ '",
    "@\"",
    "x://u:@@",
    "@ x:y:z ",
    "@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "@a8Kd0aLz9Xw3TgB5mVq7R2nY4cD8e=",
    "@                                                ",
    "@{[(\\",
];

/// Texts that have no anchor, and are read in another way.
const OTHERS: &[&str] = &[
    "6b:",
    "6b 65 74 74 6c 65 34 64\n",
    "\\x6b",
    "0x6b, ",
    "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t",
    "a2V0dGxlNGRydW0xN3h5bG8yM3BvcnQ5OWxhbXA0NHdpY2tlcjEyYmFza2V0Nzc4OHF1\n",
    "a",
    "A1",
    " ",
    "\n",
    "\"",
    "{",
    "- - ",
    "\u{e4}",
    "kettle4drum",
];

/// A plaintext whose values are known.
const KNOWN: &str = concat!(
    "A_PASS",
    "WORD=kettle4drum\nB_TOK",
    "EN=kJ82hQp0aLz9Xw3TgB5mVq7R2nY4cD8e\nC_PASS",
    "WORD=aaaaaaaaaaaa\n"
);

/// Paths of the ways in which a text is read.
const PATHS: &[&str] = &["a.yml", "a.json", "a.rs", "a.md", ".pgpass"];

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let length = match std::env::args().nth(1) {
        Some(number) => number.parse::<usize>()? << 10,
        None => 64 << 10,
    };
    let find = finder(KNOWN.as_bytes());
    // The shortest of some runs, as only that is without disturbance.
    let seconds = |unit: &str, path: &str, length: usize, runs: usize| {
        let content = unit.as_bytes().repeat(length / unit.len() + 1);
        let one = || {
            let begin = Instant::now();
            std::hint::black_box(find(&content, path.as_bytes()));
            begin.elapsed().as_secs_f64()
        };
        (0..runs).map(|_| one()).fold(f64::INFINITY, f64::min)
    };
    let texts = searched_texts();
    let mut units: Vec<String> = OTHERS.iter().map(ToString::to_string).collect();
    for text in &texts {
        units.extend(AROUND.iter().map(|around| around.replace('@', text)));
    }
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{} texts in {} ways, {} KiB and a quarter of that",
        texts.len(),
        units.len() * PATHS.len(),
        length >> 10
    )?;
    let (mut slowest, mut suspects) = ((0.0, String::new()), Vec::new());
    for path in PATHS {
        for unit in &units {
            let short = seconds(unit, path, length / 4, 1);
            let long = seconds(unit, path, length, 1);
            if long > slowest.0 {
                slowest = (long, format!("{path}: {unit:?}"));
            }
            // Less is noise.
            if long > 0.02 && long > 8.0 * short {
                suspects.push((path, unit));
            }
        }
    }
    let rate = length as f64 / slowest.0 / 1e6;
    writeln!(out, "slowest: {rate:.0} MB/s, {}", slowest.1)?;
    let mut worse = 0;
    for (path, unit) in suspects {
        let times = [1, 2, 4].map(|factor| seconds(unit, path, factor * length, 3));
        if times[2] > 8.0 * times[0] {
            worse += 1;
            writeln!(
                out,
                "{:.3} s, {:.3} s, {:.3} s for 1, 2, 4 times the length: {path}: {unit:?}",
                times[0], times[1], times[2]
            )?;
        }
    }
    writeln!(out, "{worse} grow faster than their length")?;
    Ok(if worse == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
