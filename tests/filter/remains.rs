//! What is left in the memory of the process of a file that has gone through, and of the key.

use crate::conversation::Conversation;
use crate::harness::desk::Desk;
use crate::memory::{RECOGNISED, Text, of_process};

/// Lengths of files: within a block of SHA-1, in one packet and one chunk of memory, in several of both.
const LENGTHS: [usize; 6] = [40, 1300, 16 * 1024, 65_516, 300_001, 1_500_000];

const AES_KEY_LEN: usize = 32;
const HMAC_KEY_LEN: usize = 64;

/// A repository with a key.
struct Lab(Desk);

impl Lab {
    fn new() -> Self {
        let desk = Desk::empty("repository");
        desk.hs(["init"]).succeeds();
        Self(desk)
    }

    fn begin(&self) -> Conversation {
        Conversation::begin(&self.0.sandbox, &self.0.repository)
    }

    /// The two keys as they stand in the key file.
    fn keys(&self) -> (Vec<u8>, Vec<u8>) {
        let file = self.0.read(".git/git-crypt/keys/default");
        // An entry ends with the AES key, id and length of the HMAC key, the HMAC key, and the end of four bytes.
        let hmac = file.len() - 4 - HMAC_KEY_LEN;
        let aes = hmac - 8 - AES_KEY_LEN;
        let part = |from: usize, length: usize| file[from..from + length].to_vec();
        (part(aes, AES_KEY_LEN), part(hmac, HMAC_KEY_LEN))
    }
}

/// The stretches of a text in all the memory of a process.
fn stretches(text: &Text, memory: &[Vec<u8>]) -> Vec<usize> {
    memory
        .iter()
        .flat_map(|area| text.stretches(area))
        .collect()
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).expect("random numbers");
    bytes
}

#[test]
fn a_text_is_found_wherever_sixteen_bytes_of_it_stand() {
    let text = random(1000);
    let looked_for = Text::new(&text);
    for start in 0..100 {
        let mut memory = random(500);
        memory[77..77 + RECOGNISED].copy_from_slice(&text[start..start + RECOGNISED]);
        let found = stretches(&looked_for, &[memory]);
        // What stands beside it may belong to the text by chance.
        assert!(matches!(found[..], [RECOGNISED..=20]), "{start}: {found:?}");
    }
}

#[test]
fn of_a_file_that_was_encrypted_nothing_is_left() {
    let lab = Lab::new();
    let mut conversation = lab.begin();
    for length in LENGTHS {
        let plaintext = random(length);
        conversation.filter("clean", "secret", &plaintext);
        let left = stretches(&Text::new(&plaintext), &of_process(conversation.id()));
        assert_eq!(left, [0; 0], "of {length} bytes");
    }
    conversation.end();
}

#[test]
fn of_a_file_that_was_decrypted_nothing_is_left() {
    let lab = Lab::new();
    let mut conversation = lab.begin();
    for length in LENGTHS {
        let plaintext = random(length);
        let blob = conversation.filter("clean", "secret", &plaintext);
        assert_eq!(conversation.filter("smudge", "secret", &blob), plaintext);
        let left = stretches(&Text::new(&plaintext), &of_process(conversation.id()));
        assert_eq!(left, [0; 0], "of {length} bytes");
    }
    conversation.end();
}

#[test]
fn of_the_key_there_is_one_copy_and_one_schedule() {
    let lab = Lab::new();
    let (aes, hmac) = lab.keys();
    // RFC 2104: what the inner and the outer hash begin with.
    let masked = [0x36, 0x5c].map(|mask| hmac.iter().map(|byte| byte ^ mask).collect::<Vec<u8>>());
    let masked = masked.map(|key| Text::new(&key));
    let (aes, hmac) = (Text::new(&aes), Text::new(&hmac));
    let mut conversation = lab.begin();
    for length in LENGTHS {
        let blob = conversation.filter("clean", "secret", &random(length));
        conversation.filter("smudge", "secret", &blob);
        let memory = of_process(conversation.id());
        // The schedule begins with the key itself.
        let left = stretches(&aes, &memory);
        assert!((1..=2).contains(&left.len()), "AES, {length}: {left:?}");
        let left = stretches(&hmac, &memory);
        assert_eq!(left, [HMAC_KEY_LEN], "HMAC, {length} bytes");
        for key in &masked {
            assert_eq!(stretches(key, &memory), [0; 0], "HMAC, {length} bytes");
        }
    }
    conversation.end();
}
