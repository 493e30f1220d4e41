//! Contents, however they are cut into packets.

use crate::conversation::Conversation;
use crate::harness::sandbox::Sandbox;

#[test]
fn an_empty_packet_does_not_end_a_file() {
    let sandbox = Sandbox::new();
    let repository = sandbox.repository("repository");
    sandbox.hs(&repository, ["init"]).succeeds();
    let mut conversation = Conversation::begin(&sandbox, &repository);
    let whole = conversation.filter("clean", "secret", b"password=hunter2");
    let parts: [&[u8]; 5] = [b"", b"password", b"", b"=hunter2", b""];
    let in_parts = conversation.filter_packets("clean", "secret", &parts);
    assert_eq!(in_parts, whole);
    let parts = [&whole[..7], b"", &whole[7..30], b"", &whole[30..]];
    let plaintext = conversation.filter_packets("smudge", "secret", &parts);
    assert_eq!(plaintext, b"password=hunter2");
    conversation.end();
}
