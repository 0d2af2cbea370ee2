//! Violations of the model, in the words of the service that refuses them.

use crate::fault::Fault;
use crate::model::{Problem, Rule};
use crate::service::{Service, Validation};

/// The error for an input that the model forbids.
pub(crate) fn refusal(service: &Service, problems: &[Problem]) -> Option<Fault> {
    let first = problems.first()?;
    Some(match service.style.validation {
        Validation::Ec2 => ec2(first),
        Validation::S3 => s3(first),
        Validation::Listed(code) => listed(code, problems),
    })
}

fn ec2(problem: &Problem) -> Fault {
    let name = problem.path.join(".");
    let value = problem.value.as_deref().unwrap_or_default();
    let invalid = |message: String| Fault::new("InvalidParameterValue", message);
    match &problem.rule {
        Rule::Required => {
            Fault::new("MissingParameter", format!("The request must contain the parameter {name}"))
        }
        Rule::Unknown => {
            Fault::new("UnknownParameter", format!("The parameter {name} is not recognized"))
        }
        Rule::Enum(_) => invalid(format!("Value ({value}) for parameter {name} is invalid.")),
        rule => invalid(format!(
            "Value ({value}) for parameter {name} is invalid. {}.",
            constraint(rule)
        )),
    }
}

fn s3(problem: &Problem) -> Fault {
    let name = problem.path.join(".");
    let nested = problem.path.len() > 1;
    match &problem.rule {
        Rule::Unknown => malformed_xml(),
        Rule::Enum(_) if name.ends_with("LocationConstraint") => Fault::new(
            "InvalidLocationConstraint",
            "The specified location-constraint is not valid",
        )
        .with("LocationConstraint", problem.value.clone()),
        Rule::Required | Rule::Enum(_) | Rule::Type(_) if nested => malformed_xml(),
        Rule::Required => {
            Fault::new("InvalidRequest", format!("Missing required parameter: {name}"))
        }
        rule => Fault::new("InvalidArgument", format!("{name}: {}", constraint(rule)))
            .with("ArgumentName", name.clone())
            .with("ArgumentValue", problem.value.clone()),
    }
}

fn malformed_xml() -> Fault {
    let message =
        "The XML you provided was not well-formed or did not validate against our published schema";
    Fault::new("MalformedXML", message)
}

/// One message with all violations, as most services answer.
fn listed(code: &str, problems: &[Problem]) -> Fault {
    let type_error = problems.iter().find(|problem| matches!(problem.rule, Rule::Type(_)));
    if let (Some(problem), true) = (type_error, code.ends_with("Exception")) {
        return Fault::new(
            "SerializationException",
            format!("{}: {}", lower_path(problem), constraint(&problem.rule)),
        );
    }
    let each: Vec<String> = problems.iter().map(sentence).collect();
    let (count, noun) = (each.len(), if each.len() == 1 { "error" } else { "errors" });
    Fault::new(code, format!("{count} validation {noun} detected: {}", each.join("; ")))
}

fn sentence(problem: &Problem) -> String {
    let value =
        problem.value.as_ref().map_or_else(|| "null".to_owned(), |value| format!("'{value}'"));
    format!(
        "Value {value} at '{}' failed to satisfy constraint: {}",
        lower_path(problem),
        constraint(&problem.rule)
    )
}

/// The path as AWS prints it: members start with a small letter.
fn lower_path(problem: &Problem) -> String {
    let lower = |name: &String| {
        let mut letters = name.chars();
        letters
            .next()
            .map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
    };
    problem.path.iter().map(lower).collect::<Vec<String>>().join(".")
}

fn constraint(rule: &Rule) -> String {
    match rule {
        Rule::Required => "Member must not be null".to_owned(),
        Rule::Unknown => "Member is not known".to_owned(),
        Rule::Type(expected) => format!("Member must be of type {expected}"),
        Rule::MinLength(min) => format!("Member must have length greater than or equal to {min}"),
        Rule::MaxLength(max) => format!("Member must have length less than or equal to {max}"),
        Rule::Min(min) => format!("Member must have value greater than or equal to {min}"),
        Rule::Max(max) => format!("Member must have value less than or equal to {max}"),
        Rule::Pattern(pattern) => {
            format!("Member must satisfy regular expression pattern: {pattern}")
        }
        Rule::Enum(values) => {
            format!("Member must satisfy enum value set: [{}]", values.join(", "))
        }
    }
}
