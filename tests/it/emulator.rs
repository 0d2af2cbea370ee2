//! The same stack against an emulator that others wrote (ministack), over HTTP as on a real account.
//!
//! Where it differs from AWS, the difference is named here: `UNLIKE_AWS`.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

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
        let child = Command::new(program)
            .envs([("GATEWAY_PORT", port.to_string()), ("BIND_HOST", "127.0.0.1".to_owned())])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the emulator can be started");
        for _ in 0..600 {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Some(Self { child, endpoint: format!("http://127.0.0.1:{port}") });
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

#[test]
fn the_network_comes_up_stays_and_goes() {
    let Some(emulator) = Ministack::start() else { return };
    let folder = Folder::new();
    let up = emulator.run(&folder, &["up"]);
    assert_eq!(up.code, 0, "{}\n{}", up.out, up.err);
    let again = emulator.run(&folder, &["up"]);
    assert_eq!(again.code, 0, "{}\n{}", again.out, again.err);
    let destroyed = emulator.run(&folder, &["destroy", "--confirm-data-loss", "globecart"]);
    assert_eq!(destroyed.code, 0, "{}\n{}", destroyed.out, destroyed.err);
    assert_eq!(again.finished()["outcome"], "no_changes", "{}", again.out);
}
