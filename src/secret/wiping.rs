//! Wiping of memory that held keys or plaintext.

/// How many bytes of the stack are wiped: more than an unoptimised build needs to read, encrypt or decrypt a file. On
/// processors with AVX-512 the cipher keeps its key schedule on the stack (64 bytes for each round key) and many
/// blocks.
const STACK_LEN: usize = 128 * 1024;

/// Overwrites `bytes` with zeros; the compiler can't optimise this away.
///
/// `Zeroize` writes byte by byte, which takes longer than decrypting. This function is as fast as `memset`.
pub fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    zeroize::optimization_barrier(bytes);
}

/// Overwrites the stack below the caller, where the functions that the caller has called before had their variables.
///
/// Moving a value leaves a copy behind on the stack, and the compiler spills registers there. The owner of the value
/// can wipe neither. Therefore put the handling of secrets into one function that is never inlined, and call this after
/// it.
#[inline(never)]
pub fn wipe_stack() {
    let room = [0_u8; STACK_LEN];
    zeroize::optimization_barrier(&room);
}
