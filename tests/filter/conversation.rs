//! Git's side of a conversation with `hs-secrets filter-process`: gitattributes(5), "Long Running Filter Process".

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::harness::sandbox::Sandbox;

/// Maximum content of one packet in bytes.
const LONGEST_CONTENT: usize = 65516;

/// A filter process that waits for the next file.
pub(crate) struct Conversation {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl Conversation {
    /// Starts the process in an unlocked repository and greets it.
    pub(crate) fn begin(sandbox: &Sandbox, repository: &Path) -> Self {
        Self::begin_with(sandbox.command(repository, "hs-secrets"))
    }

    /// As [`Self::begin`], with a command that was prepared.
    pub(crate) fn begin_with(mut command: Command) -> Self {
        command.arg("filter-process");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program under test");
        let input = child.stdin.take().expect("piped");
        let output = child.stdout.take().expect("piped");
        let mut conversation = Self {
            child,
            input,
            output,
        };
        conversation.send(&lines(&["git-filter-client", "version=2"]));
        assert_eq!(
            conversation.list(),
            b"git-filter-server\nversion=2\n".to_vec()
        );
        conversation.send(&lines(&["capability=clean", "capability=smudge"]));
        assert_eq!(
            conversation.list(),
            b"capability=clean\ncapability=smudge\n".to_vec()
        );
        conversation
    }

    /// Has a file filtered, which must succeed, and returns what comes out.
    pub(crate) fn filter(&mut self, command: &str, path: &str, content: &[u8]) -> Vec<u8> {
        let packets: Vec<&[u8]> = content.chunks(LONGEST_CONTENT).collect();
        self.filter_packets(command, path, &packets)
    }

    /// Has a file filtered that comes in these packets.
    pub(crate) fn filter_packets(
        &mut self,
        command: &str,
        path: &str,
        packets: &[&[u8]],
    ) -> Vec<u8> {
        let command = format!("command={command}");
        let path = format!("pathname={path}");
        let mut request = lines(&[&command, &path]);
        for content in packets {
            request.extend(packet(content));
        }
        request.extend(b"0000");
        self.send(&request);
        assert_eq!(self.list(), b"status=success\n".to_vec());
        let filtered = self.list();
        assert_eq!(self.list(), b"", "the status is not taken back");
        filtered
    }

    /// Begins a file whose content is given in parts.
    pub(crate) fn ask(&mut self, command: &str, path: &str) {
        let command = format!("command={command}");
        let path = format!("pathname={path}");
        self.send(&lines(&[&command, &path]));
    }

    /// Gives the next part of the content.
    pub(crate) fn give(&mut self, content: &[u8]) {
        for content in content.chunks(LONGEST_CONTENT) {
            self.send(&packet(content));
        }
    }

    /// Ends the content. Returns what comes out; none if the file is refused.
    pub(crate) fn answer(&mut self) -> Option<Vec<u8>> {
        self.send(b"0000");
        if self.list() != b"status=success\n" {
            return None;
        }
        let filtered = self.list();
        assert_eq!(self.list(), b"", "the status is not taken back");
        Some(filtered)
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends the conversation as Git does; the process must end well.
    pub(crate) fn end(self) {
        let Self {
            mut child, input, ..
        } = self;
        drop(input);
        assert!(child.wait().expect("an end").success());
    }

    fn send(&mut self, bytes: &[u8]) {
        self.input.write_all(bytes).expect("a reader");
    }

    /// The contents of all packets up to the next flush packet.
    fn list(&mut self) -> Vec<u8> {
        let mut content = Vec::new();
        loop {
            let mut digits = [0; 4];
            self.output.read_exact(&mut digits).expect("a packet");
            let digits = std::str::from_utf8(&digits).expect("digits");
            match usize::from_str_radix(digits, 16).expect("digits") {
                0 => return content,
                length => {
                    let begin = content.len();
                    content.resize(begin + length - 4, 0);
                    let packet = &mut content[begin..];
                    self.output.read_exact(packet).expect("a packet");
                }
            }
        }
    }
}

fn lines(lines: &[&str]) -> Vec<u8> {
    let mut list: Vec<u8> = lines
        .iter()
        .flat_map(|line| packet(format!("{line}\n").as_bytes()))
        .collect();
    list.extend(b"0000");
    list
}

fn packet(content: &[u8]) -> Vec<u8> {
    [format!("{:04x}", content.len() + 4).as_bytes(), content].concat()
}
