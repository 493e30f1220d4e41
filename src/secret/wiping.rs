//! Wiping of memory that held keys or plaintext.

/// How many bytes of the stack are wiped: more than reading, encrypting or decrypting a file takes, unoptimised. On processors with
/// AVX-512 the cipher lays out its key schedule there, 64 bytes for each round key, besides many blocks at a time.
const STACK_LEN: usize = 128 * 1024;

/// Overwrites `bytes` with zeros, which the compiler may not leave out.
///
/// `Zeroize` does it a byte at a time, which takes longer than decrypting; this has the speed of memset.
pub fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    zeroize::optimization_barrier(bytes);
}

/// Overwrites the stack below the caller: the room of all functions that the caller has called before.
///
/// A value that is moved leaves a copy behind, and so does a processor's register that is needed for something else.
/// Neither can be wiped by whoever owns the value. A function that handles secrets is therefore called as a whole, kept
/// from being inlined, and its room wiped afterwards.
#[inline(never)]
pub fn wipe_stack() {
    let room = [0_u8; STACK_LEN];
    zeroize::optimization_barrier(&room);
}
