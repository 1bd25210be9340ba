//! [`Api`]: the operations of a handler, its base's and those of what it is wrapped in, as they are told.

use crate::handler::registry::MethodInfo;
use crate::openapi::operation::{ErrorBody, Operation, Parameter, Record};
use crate::openapi::route::{Template, operation_id};
use crate::openapi::schema::{Components, Schema};
use std::borrow::Cow;

/// What a handler says of its operations: [`Declared::describe`](crate::Declared::describe) is given one.
#[derive(Debug)]
pub struct Api {
    pub(crate) records: Vec<Record>,
    pub(crate) components: Components,
    /// Tags with the comments of their blocks, in order.
    pub(crate) tags: Vec<(&'static str, &'static str)>,
    errors: ErrorBody,
    tag: &'static str,
}

/// What the macro knows of a method by its text.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
    pub method: &'static str,
    pub function: &'static str,
    pub route: &'static str,
    pub docs: &'static str,
    /// Nothing: that of the block.
    pub tag: &'static str,
    /// Nothing: it follows from the function's name.
    pub id: &'static str,
    pub deprecated: bool,
    pub hidden: bool,
}

impl Api {
    pub(crate) fn new() -> Self {
        Self {
            records: Vec::new(),
            components: Components::new(),
            tags: Vec::new(),
            errors: ErrorBody::Page,
            tag: "",
        }
    }

    /// Begins a block; its number is for [`base`](Self::base).
    #[doc(hidden)]
    pub fn block(&mut self, tag: &'static str, docs: &'static str, errors: ErrorBody) -> usize {
        (self.tag, self.errors) = (tag, errors);
        self.tags.push((tag, docs));
        self.records.len()
    }

    /// Adds an operation.
    #[doc(hidden)]
    pub fn operation(&mut self, about: About) -> Operation<'_> {
        let id = match about.id {
            "" => operation_id(about.function, about.method),
            id => id.to_owned(),
        };
        self.records.push(Record {
            method: about.method,
            route: Some(about.route)
                .filter(|route| !route.is_empty())
                .map(Cow::Borrowed),
            id,
            docs: about.docs.to_owned(),
            tag: if about.tag.is_empty() {
                self.tag
            } else {
                about.tag
            },
            deprecated: about.deprecated,
            hidden: about.hidden,
            errors: self.errors,
            ..Record::default()
        });
        let position = self.records.len() - 1;
        Operation {
            record: &mut self.records[position],
            components: &mut self.components,
            comment: "",
        }
    }

    /// Adds what a base says of itself, except what the block that began at `block` answers before the base is asked.
    #[doc(hidden)]
    pub fn base(&mut self, block: usize, describe: fn(&mut Api)) {
        for record in self.apart(describe) {
            let taken = self.records.iter().skip(block).any(|mine| {
                mine.method == record.method
                    && covers(mine.route.as_deref(), record.route.as_deref())
            });
            if !taken {
                self.records.push(record);
            }
        }
    }

    /// Adds what a handler below a prefix says of itself. Its errors are sent by the block's hooks. `describe_guard`
    /// adds what the block asks of everybody first.
    #[doc(hidden)]
    pub fn mount(
        &mut self,
        prefix: &'static str,
        describe: fn(&mut Api),
        describe_guard: impl Fn(&mut Operation<'_>),
    ) {
        let (tag, errors) = (self.tag, self.errors);
        let mounted = self.apart(describe);
        (self.tag, self.errors) = (tag, errors);
        for mut record in mounted {
            record.errors = errors;
            record.route = record
                .route
                .take()
                .map(|route| Cow::Owned(format!("{prefix}{route}")));
            // A handler may be mounted twice, and names of operations are there once.
            if self.records.iter().any(|other| other.id == record.id) {
                let words = prefix.split(|c: char| !c.is_ascii_alphanumeric());
                let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
                record.id = format!("{}_{}", words.join("_"), record.id);
            }
            describe_guard(&mut Operation {
                record: &mut record,
                components: &mut self.components,
                comment: "",
            });
            self.records.push(record);
        }
    }

    /// What another handler says of itself. A layer around it says something of every operation that there is, so
    /// those of the block are out of its sight.
    fn apart(&mut self, describe: fn(&mut Api)) -> Vec<Record> {
        let own = std::mem::take(&mut self.records);
        describe(self);
        std::mem::replace(&mut self.records, own)
    }

    /// Adds what a layer around the block that began at `block` says, with its base and its mounts.
    #[doc(hidden)]
    pub fn layer(&mut self, block: usize, describe: fn(&mut Api)) {
        let around: Vec<Record> = self.records.drain(..block).collect();
        describe(self);
        self.records.splice(..0, around);
    }

    /// Adds what a layer around the last operation says.
    #[doc(hidden)]
    pub fn layer_of_last(&mut self, describe: fn(&mut Api)) {
        self.layer(self.records.len().saturating_sub(1), describe);
    }

    /// Adds methods of which nothing is known but what stands in the registry: those of a handler that is written by
    /// hand.
    pub fn methods(&mut self, methods: &[MethodInfo]) {
        for info in methods.iter().filter(|info| !info.derived) {
            let mut operation = self.operation(About {
                method: info.method,
                function: info.function,
                route: info.route.unwrap_or_default(),
                docs: info.doc,
                ..About::default()
            });
            for (name, rest) in Template::new(info.route.unwrap_or_default()).placeholders {
                operation.path_parameter(name, rest, Schema::string());
            }
            operation
                .any_fault()
                .remark("its handler is written by hand and does not say what it takes and sends");
        }
    }

    /// Adds to every operation that is there: what a handler around another one refuses and asks for.
    pub fn every_operation(&mut self, describe: impl Fn(&mut Operation<'_>)) {
        for record in &mut self.records {
            describe(&mut Operation {
                record,
                components: &mut self.components,
                comment: "",
            });
        }
    }
}

impl Operation<'_> {
    /// The comment on the parameter that follows.
    #[doc(hidden)]
    pub fn about(&mut self, comment: &'static str) -> &mut Self {
        self.comment = comment;
        self
    }

    /// A placeholder of the route. What does not parse is 404.
    #[doc(hidden)]
    pub fn path_parameter(&mut self, name: &str, rest: bool, schema: Schema) -> &mut Self {
        let mut parameter = Parameter::path(name)
            .description(self.comment)
            .schema(schema);
        parameter.rest = rest;
        self.parameter(parameter).fault(404, "")
    }
}

/// Whether the first route takes every path of the second.
fn covers(own: Option<&str>, other: Option<&str>) -> bool {
    match (own, other) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(own), Some(other)) => Template::new(own).shape() == Template::new(other).shape(),
    }
}
