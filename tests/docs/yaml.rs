//! A YAML document as a value to look things up in.

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value};

/// A collection that has begun: what it is, and the values in it so far; in a mapping, keys and values take turns.
struct Open {
    is_mapping: bool,
    values: Vec<Value>,
}

/// Reads a document without aliases. Every scalar is a string.
pub(crate) fn read(text: &str) -> Value {
    let mut open = vec![Open {
        is_mapping: false,
        values: Vec::new(),
    }];
    for event in Parser::new_from_str(text) {
        let (event, _) = event.expect("valid YAML");
        match event {
            Event::Scalar(text, ..) => add(&mut open, Value::String(text.into_owned())),
            Event::SequenceStart(..) | Event::MappingStart(..) => open.push(Open {
                is_mapping: matches!(event, Event::MappingStart(..)),
                values: Vec::new(),
            }),
            Event::SequenceEnd | Event::MappingEnd => {
                let closed = open.pop().expect("it has begun");
                add(&mut open, closed.into_value());
            }
            Event::Alias(_) => panic!("aliases are not read here"),
            _ => {}
        }
    }
    let mut documents = open.pop().expect("the stream").values;
    assert_eq!(documents.len(), 1, "one document");
    documents.remove(0)
}

fn add(open: &mut [Open], value: Value) {
    open.last_mut().expect("the stream").values.push(value);
}

impl Open {
    fn into_value(self) -> Value {
        if !self.is_mapping {
            return Value::Array(self.values);
        }
        let mut mapping = Map::new();
        let mut values = self.values.into_iter();
        while let (Some(key), Some(value)) = (values.next(), values.next()) {
            mapping.insert(key.as_str().expect("a plain key").to_owned(), value);
        }
        Value::Object(mapping)
    }
}

#[test]
fn a_document_is_a_value() {
    let text = "a: [b, 'c d']\ne:\n  - f: |\n      g\n      h\n";
    let value = serde_json::json!({"a": ["b", "c d"], "e": [{"f": "g\nh\n"}]});
    assert_eq!(read(text), value);
}
