//! Ctrl-C and SIGTERM: the run ends at once, and the next one goes on.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::binary::Folder;

#[test]
fn an_interrupted_run_ends_within_a_second_and_the_next_one_goes_on() {
    for signal in ["INT", "TERM"] {
        let folder = Folder::new();
        // Slow enough that NAT gateways are pending when the signal comes.
        let mut run = folder.start(&["up", "--json", "--speed", "20"]);
        until_pending(&mut run);
        let took = interrupt(&mut run, signal);
        assert_eq!(run.wait().expect("it ends").code(), Some(130), "{signal}");
        assert!(took < Duration::from_secs(1), "{signal}: {took:?}");

        let next = folder.run_well(&["up", "--json"]);
        // What is waited for again was started before; only what is made now is accepted now.
        let again = next.events().iter().filter(|event| is_accepted_gateway(event)).count();
        assert_eq!(again, 0, "{signal}: no gateway is made again");
        assert_eq!(folder.run(&["plan", "--exit-code"]).code, 0, "{signal}");
    }
}

/// Reads events until a NAT gateway has been accepted.
fn until_pending(run: &mut Child) {
    let mut out = BufReader::new(run.stdout.take().expect("its output is piped"));
    let mut line = String::new();
    let mut gateways = 0;
    while gateways < 3 {
        line.clear();
        assert_ne!(
            out.read_line(&mut line).expect("its output can be read"),
            0,
            "it ended too early"
        );
        let event: Value = serde_json::from_str(&line).expect("every line is an event");
        gateways += usize::from(is_accepted_gateway(&event));
    }
    // Keep reading, so that the program never waits for us.
    std::thread::spawn(move || out.read_to_end(&mut Vec::new()));
}

fn is_accepted_gateway(event: &Value) -> bool {
    let address = event["address"].as_str().unwrap_or_default();
    let gateway = address.starts_with("network/nat-") && !address.ends_with("-address");
    event["event"] == "accepted" && gateway
}

#[expect(clippy::disallowed_methods, reason = "the promise is about real time")]
fn interrupt(run: &mut Child, signal: &str) -> Duration {
    let since = Instant::now();
    Command::new("kill")
        .args(["-s", signal, &run.id().to_string()])
        .status()
        .expect("kill is there");
    run.wait().expect("it ends");
    since.elapsed()
}
