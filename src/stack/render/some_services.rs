//! A stack file with some of its services alone, for questions about these.

use crate::stack::yaml::{FlowWriter, YamlDocument};

/// The stack file with these services alone, by their keys, and with everything else that it has. Its sections are in flow
/// style. None if they can't be written like that.
pub(crate) fn with_services_alone(text: &str, services: &[&str]) -> Option<String> {
    let document = YamlDocument::parse(text).ok()?;
    let mut writer = FlowWriter::new(&document);
    let mut written = String::new();
    for section in document.pairs(document.root()).ok()?? {
        let key = writer.node(section.key)?;
        let value = if document.key(section.key) == "services" {
            let mut chosen = Vec::new();
            for service in document.pairs(section.value).ok()?? {
                if services.contains(&document.key(service.key)) {
                    let (key, value) = (writer.node(service.key)?, writer.node(service.value)?);
                    chosen.push(format!("{key}: {value}"));
                }
            }
            format!("{{ {} }}", chosen.join(", "))
        } else {
            writer.node(section.value)?
        };
        written += &format!("{key}: {value}\n");
    }
    Some(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_services_are_left_out_and_nothing_else() {
        let text = "version: '3.7'\nx-all: &all\n  image: x   # shared\nservices:\n  a: &a\n    <<: *all\n  b: *a\n  c: {image: z}\n\
                    secrets:\n  s: {external: true}\n";
        let with = |services: &[&str]| with_services_alone(text, services);
        assert_eq!(
            with(&["b"]).as_deref(),
            Some(
                "version: \"3.7\"\nx-all: { image: x }\nservices: { b: { <<: { image: x } } }\nsecrets: { s: { external: true } }\n"
            )
        );
        let none = with(&[]).expect("it can be written");
        assert!(none.contains("\nservices: {  }\n"), "{none}");
        assert_eq!(with_services_alone("services: {a: !tag x}", &["a"]), None);
    }
}
