//! A filter process that gives Git every file back as it is: what Git's protocol costs, whoever speaks it.

use std::error::Error;
use std::io::Read;

use hs_secrets::internals::{PacketReader, PacketWriter, awaited_input, standard_output};

fn main() -> Result<(), Box<dyn Error>> {
    let mut reader = PacketReader::new(awaited_input()?);
    let mut writer = PacketWriter::new(standard_output()?);
    for lines in [
        ["git-filter-server", "version=2"],
        ["capability=clean", "capability=smudge"],
    ] {
        reader.lines()?;
        for line in lines {
            writer.line(line)?;
        }
        writer.flush()?;
        writer.send()?;
    }
    while reader.lines()?.is_some() {
        let mut content = Vec::new();
        reader.content().read_to_end(&mut content)?;
        writer.line("status=success")?;
        writer.flush()?;
        let mut packets = writer.content(content.len());
        std::io::Write::write_all(&mut packets, &content)?;
        writer.flush()?;
        writer.flush()?;
        writer.send()?;
    }
    Ok(())
}
