//! `status` and `output`: what is recorded. They take no lock and ask no cloud.

use globecart_engine::State;
use globecart_engine::store::{Directory, Store};
use serde_json::json;

use crate::failure::Failure;
use crate::job::Job;
use crate::show;

pub(super) async fn status(job: &Job<'_>) -> Result<u8, Failure> {
    let state = look(job).await?;
    if job.screen.is_json() {
        job.screen.json(&status_json(job, state.as_ref()));
    } else {
        job.screen.result(|page| show::status::status(page, &job.stack_folder(), state.as_ref()));
    }
    Ok(0)
}

pub(super) async fn output(job: &Job<'_>, name: Option<&str>) -> Result<u8, Failure> {
    let state = look(job).await?;
    let none = if state.as_ref().is_none_or(State::is_empty) {
        format!("nothing is deployed, so there are no outputs: `{} up` makes them", job.program)
    } else {
        "the stack exports no outputs".to_owned()
    };
    let outputs = state.map(|state| state.outputs()).unwrap_or_default();
    let Some(name) = name else {
        if job.screen.is_json() {
            job.screen.json(&outputs);
        }
        job.screen.result(|page| show::ending::outputs(page, &outputs));
        if outputs.is_empty() {
            job.screen.say(|page| _ = page.line(none));
        }
        return Ok(0);
    };
    let Some(value) = outputs.get(name) else {
        let known: Vec<&str> = outputs.keys().map(String::as_str).collect();
        let help = if known.is_empty() { none } else { format!("known are {}", known.join(", ")) };
        return Err(Failure::Usage { problem: format!("there is no output `{name}`"), help });
    };
    if job.screen.is_json() {
        job.screen.json(value);
    }
    job.screen.result(|page| _ = page.line(show::ending::text(value)));
    Ok(0)
}

async fn look(job: &Job<'_>) -> Result<Option<State>, Failure> {
    Ok(Store::look(Directory::peek(job.stack_folder())).await?)
}

fn status_json(job: &Job<'_>, state: Option<&State>) -> serde_json::Value {
    let resources = state.into_iter().flat_map(State::all).map(|(address, _, entry)| {
        json!({ "address": address, "type": entry.kind, "status": entry.status, "outputs": entry.outputs })
    });
    json!({
        "stack": job.name,
        "account": state.map(|state| &state.account),
        "region": state.map(|state| &state.region),
        "resources": resources.collect::<Vec<_>>(),
    })
}
