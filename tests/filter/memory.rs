//! The memory of another process.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

/// How many bytes in a row are recognised, whatever place of the text they come from.
pub(crate) const RECOGNISED: usize = 16;

/// Every 16 bytes in a row hold one whole block of these, which begins at a multiple of its length.
const BLOCK: usize = 8;

/// What is looked for: a text of random bytes.
pub(crate) struct Text {
    bytes: Vec<u8>,
    /// The text's blocks, sorted, each with its place.
    blocks: Vec<([u8; BLOCK], usize)>,
    /// True for the first three bytes of a block.
    beginnings: Vec<bool>,
}

impl Text {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let blocks = bytes.chunks_exact(BLOCK).enumerate();
        let mut blocks: Vec<([u8; BLOCK], usize)> = blocks
            .map(|(index, block)| (block.try_into().expect("whole"), index * BLOCK))
            .collect();
        blocks.sort_unstable();
        let mut beginnings = vec![false; 1 << 24];
        for (block, _) in &blocks {
            beginnings[beginning(block)] = true;
        }
        Self {
            bytes: bytes.to_vec(),
            blocks,
            beginnings,
        }
    }

    /// How often 16 bytes of it or more stand in `memory` in a row, each stretch with its length.
    pub(crate) fn stretches(&self, memory: &[u8]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut at = 0;
        while at + BLOCK <= memory.len() {
            // Most of the memory was never touched, and no text of random bytes has a block of zeros.
            if memory[at..at + BLOCK] == [0; BLOCK] {
                at += BLOCK - 1;
                continue;
            }
            match self.longest_around(memory, at) {
                Some((before, behind)) if before + behind >= RECOGNISED => {
                    found.push(before + behind);
                    at += behind;
                }
                _ => at += 1,
            }
        }
        found
    }

    /// How far the text reaches before and behind `at`, where one of its blocks stands there.
    fn longest_around(&self, memory: &[u8], at: usize) -> Option<(usize, usize)> {
        let block: [u8; BLOCK] = memory[at..at + BLOCK].try_into().expect("whole");
        if !self.beginnings[beginning(&block)] {
            return None;
        }
        let index = self
            .blocks
            .binary_search_by_key(&block, |(block, _)| *block);
        let (_, place) = self.blocks[index.ok()?];
        let before = memory[..at].iter().rev();
        let before = before.zip(self.bytes[..place].iter().rev());
        let behind = memory[at..].iter().zip(&self.bytes[place..]);
        let equal = |(a, b): &(&u8, &u8)| a == b;
        Some((
            before.take_while(equal).count(),
            behind.take_while(equal).count(),
        ))
    }
}

/// The first three bytes of a block as a number.
fn beginning(block: &[u8; BLOCK]) -> usize {
    usize::from(block[0]) << 16 | usize::from(block[1]) << 8 | usize::from(block[2])
}

/// All that a process has in its memory, once it sleeps: then it waits for the next file.
pub(crate) fn of_process(id: u32) -> Vec<Vec<u8>> {
    await_sleep(id);
    let memory = File::open(format!("/proc/{id}/mem"))
        .expect("this test looks into another process and needs root");
    let maps = fs::read_to_string(format!("/proc/{id}/maps")).expect("a map of the memory");
    let mut areas = Vec::new();
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let range = fields.next().expect("a range");
        let rights = fields.next().expect("rights");
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').expect("a range");
        let from = u64::from_str_radix(from, 16).expect("an address");
        let to = u64::from_str_radix(to, 16).expect("an address");
        let length = usize::try_from(to - from).expect("an area of the memory");
        let mut area = vec![0; length];
        memory.read_exact_at(&mut area, from).expect(line);

        areas.push(area);
    }
    areas
}

/// Waits until the process has one thread, and that sleeps.
fn await_sleep(id: u32) {
    loop {
        let threads = fs::read_dir(format!("/proc/{id}/task")).expect("a process");
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("a process");
        let (_, state) = stat.rsplit_once(") ").expect("a name, then the state");
        if threads.count() == 1 && state.starts_with('S') {
            return;
        }
        std::thread::yield_now();
    }
}
