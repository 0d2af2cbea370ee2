//! The same stack against an emulator that others wrote (ministack), over HTTP as on a real account.
//!
//! Where it differs from AWS, the difference is named here: `UNLIKE_AWS`.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::binary::{Folder, Ran};

/// A running emulator, stopped when it is dropped.
struct Ministack {
    child: Child,
    endpoint: String,
}

impl Ministack {
    /// Starts it on a free port, where the test set-up provides it.
    fn start() -> Option<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "how the test set-up says where the emulator is"
        )]
        let program = std::env::var("GLOBECART_TEST_MINISTACK").ok()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|l| l.local_addr())
            .expect("a free port")
            .port();
        let mut started = Self {
            child: Command::new(program)
                .envs([("GATEWAY_PORT", port.to_string()), ("BIND_HOST", "127.0.0.1".to_owned())])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("the emulator can be started"),
            endpoint: String::new(),
        };
        for _ in 0..600 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                started.endpoint = format!("http://127.0.0.1:{port}");
                return Some(started);
            }
            #[expect(
                clippy::disallowed_methods,
                reason = "another process says only by its port that it is up"
            )]
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the emulator did not start within 30 s");
    }

    fn run(&self, folder: &Folder, arguments: &[&str]) -> Ran {
        let environment = [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
        ];
        folder
            .run_with(&[arguments, &["--target", "aws", "--yes", "--json"]].concat(), &environment)
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What ministack 1.5.33 does not describe back, by the ends of addresses, which then seem changed:
/// - `DescribeAlarms` leaves out the `Metrics` of an alarm on a metric math expression, and tells a percentile as an average.
/// - `DescribeDBClusters` leaves out `EnabledCloudwatchLogsExports` and what Performance Insights is set to.
/// - `CreateFileSystem` leaves out `Backup`, so the second run switches automatic backups on.
/// - `DescribeCacheParameters` does not tell what was set, so the parameters of the cache seem changed.
const UNLIKE_AWS: [&str; 6] = [
    "-drops",
    "-read-latency",
    "-write-latency",
    "cache/parameters",
    "database/cluster",
    "storage/file-system",
];

/// It lacks `CreateEventSubscription` (`InvalidAction`).
const SETTINGS: &str = "[database]\nevents = false\n";

/// What is brought up. The users of the cache are not, nor what needs them: ministack 1.5.33 answers `CreateUser` and
/// `DescribeUsers` of ElastiCache in a form that the SDK cannot read.
const ONLY: [&str; 10] = [
    "alerts",
    "network",
    "cache/engine-log",
    "cache/key-alias",
    "cache/parameters",
    "cache/security-group",
    "cache/slow-log",
    "cache/subnets",
    "database",
    "storage",
];

#[test]
fn the_network_comes_up_stays_and_goes() {
    let Some(emulator) = Ministack::start() else { return };
    let folder = Folder::new();
    folder.configure(SETTINGS);
    let only = ONLY.iter().flat_map(|address| ["--only", address]);
    let up_only: Vec<&str> = std::iter::once("up").chain(only).collect();
    let up = emulator.run(&folder, &up_only);
    assert_eq!(up.code, 0, "{}\n{}", up.out, up.err);

    let again = emulator.run(&folder, &up_only);
    assert_eq!(again.code, 0, "{}\n{}", again.out, again.err);
    let events = again.events();
    let done = events
        .iter()
        .filter(|event| event["event"] == "done")
        .filter_map(|event| event["address"].as_str());
    let unexpected: Vec<&str> =
        done.filter(|address| !UNLIKE_AWS.iter().any(|end| address.ends_with(end))).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}\n{}", again.out);

    let destroyed = emulator.run(&folder, &["destroy", "--confirm-data-loss", "globecart"]);
    assert_eq!(destroyed.code, 0, "{}\n{}", destroyed.out, destroyed.err);
    // `destroy --kept` is not tried: it has no route for a backup vault whose name has slashes, as that of EFS's
    // automatic backups has.
    let python = crate::served::python().expect("the emulator comes with a Python");
    let left = crate::served::describe(&python, &emulator.endpoint);
    let carries = |thing: &Value| thing.to_string().contains("globecart");
    // It goes on describing deleted endpoints and NAT gateways, and keys until they are really deleted.
    let gone = |thing: &Value| {
        let state = thing["State"].as_str().unwrap_or_default().to_lowercase();
        state == "deleted"
            || thing["Metadata"]["KeyState"] == "PendingDeletion"
            // Last snapshots and their keys outlive the stack.
            || thing.to_string().contains("globecart:kept")
    };
    for (what, found) in
        left.as_object().expect("an object").iter().filter(|(what, _)| *what != "tagged")
    {
        let found = found.as_array().expect("a list").iter();
        let left: Vec<_> = found.filter(|thing| carries(thing) && !gone(thing)).collect();
        assert!(left.is_empty(), "{what}: {left:#?}");
    }
}

#[test]
fn an_operation_that_a_server_lacks_is_reported_at_once() {
    for status in ["404 Not Found", "500 Internal Server Error", "501 Not Implemented"] {
        let endpoint = web_page(status);
        let folder = Folder::new();
        let environment = [
            ("AWS_ENDPOINT_URL", endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "a"),
            ("AWS_SECRET_ACCESS_KEY", "b"),
        ];
        let ran = folder
            .run_with(&["up", "--target", "aws", "--yes", "--region", "us-east-1"], &environment);
        assert_eq!(ran.code, 1, "{status}: {}", ran.err);
        assert!(ran.err.contains(&status[..3]), "{status}: {}", ran.err);
    }
}

/// A server that answers every request with a web page.
fn web_page(status: &'static str) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let endpoint = format!("http://{}", listener.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        for stream in listener.incoming().take(50) {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let body = "<html><body>no such page</body></html>";
            let head =
                format!("HTTP/1.1 {status}\r\ncontent-type: text/html\r\nconnection: close\r\n");
            let _ = write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len());
        }
    });
    endpoint
}
