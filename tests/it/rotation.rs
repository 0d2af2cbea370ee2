//! Rotations that really happen: GlobeCart on the embedded AWS, its function as a process, its database on a PostgreSQL.
//!
//! Where no PostgreSQL is installed, or nobody built the function for this machine (`cargo xtask lambda --host`, named by
//! `GLOBECART_TEST_ROTATION`), nothing is tested; `cargo xtask test` sees to both.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use globecart_aws::engine::Clock;
use globecart_aws::{Aws, Options};
use globecart_rotation::testing::{Installation, Postgres};
use jiff::Timestamp;
use serde_json::Value;

use crate::binary::{Folder, Ran};
use crate::served::Served;

/// The database of GlobeCart.
const DATABASE: &str = "globecart";

/// How many times as fast as real time the embedded AWS runs, unless it is told otherwise.
const SPEED: f64 = 200.0;

/// How many logins must succeed while rotations go on.
const LOGINS: u32 = 1000;

/// How many rotations they go on through.
const ROTATIONS: u32 = 20;

/// GlobeCart with a database that is really there, in a folder of its own.
struct Shop {
    folder: Folder,
    postgres: Postgres,
    url: String,
    /// Everything that was printed so far.
    printed: String,
}

/// A user and its password.
#[derive(Debug, Clone, PartialEq)]
struct Login {
    user: String,
    password: String,
}

impl Shop {
    /// Brings it up, where it can be.
    fn new() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "how the test set-up says where it is")]
        let package = std::env::var("GLOBECART_TEST_ROTATION").ok()?;
        let postgres = Installation::find()?.start(&["localhost"]).expect("PostgreSQL starts");
        let folder = Folder::new();
        let authority = folder.path().join("postgres.pem");
        std::fs::write(&authority, postgres.authority().pem()).expect("the folder can be written");
        let (port, password) = (postgres.address().port(), postgres.password());
        let url = format!(
            "postgres://{}:{password}@localhost:{port}/postgres?sslmode=verify-full&sslrootcert={}",
            Postgres::SUPERUSER,
            authority.display()
        );
        let shop = Self { folder, postgres, url, printed: String::new() };
        shop.configure(&package, "alternating-users");
        Some(shop)
    }

    fn configure(&self, package: &str, strategy: &str) {
        let settings = format!("[secrets]\npackage = \"{package}\"\nstrategy = \"{strategy}\"\n");
        self.folder.configure(&settings);
    }

    fn run(&mut self, arguments: &[&str]) -> Ran {
        let ran = self.folder.run_with(arguments, &[("GLOBECART_POSTGRES_URL", &self.url)]);
        self.printed.extend([ran.out.as_str(), ran.err.as_str()]);
        assert_eq!(ran.code, 0, "{arguments:?}\n{}\n{}", ran.out, ran.err);
        ran
    }

    fn serve(&self) -> Served {
        let mut command = self.folder.command(&["serve", "--port", "0"]);
        command.env("GLOBECART_POSTGRES_URL", &self.url);
        Served::of(&mut command)
    }

    /// Whether the database takes a login.
    async fn admits(&self, login: &Login) -> bool {
        let client = self.postgres.connect(&login.user, &login.password, DATABASE).await;
        match client {
            Ok(client) => client.simple_query("SELECT 1").await.is_ok(),
            Err(_) => false,
        }
    }
}

async fn session(endpoint: &str) -> Aws {
    let options = Options {
        region: Some("us-east-1".to_owned()),
        clock: Clock::new(Timestamp::now(), SPEED),
        http_client: None,
        endpoint: Some(endpoint.to_owned()),
        credentials: false,
    };
    Aws::connect(options).await.expect("the served AWS answers")
}

/// The secret's login at this moment.
async fn login(aws: &Aws, secret: &str, stage: &str) -> Option<Login> {
    let call = aws.secretsmanager().get_secret_value().secret_id(secret).version_stage(stage);
    let value = call.send().await.ok()?;
    let value: Value = serde_json::from_str(value.secret_string()?).ok()?;
    let text = |field: &str| value[field].as_str().unwrap_or_default().to_owned();
    Some(Login { user: text("username"), password: text("password") })
}

async fn current(aws: &Aws, secret: &str) -> Login {
    login(aws, secret, "AWSCURRENT").await.expect("the secret has a value")
}

/// Rotates by the API, and waits until it is done.
async fn rotated(aws: &Aws, secret: &str) {
    let before = current(aws, secret).await;
    aws.secretsmanager().rotate_secret().secret_id(secret).send().await.expect("it may rotate");
    for _ in 0..600 {
        if current(aws, secret).await != before && login(aws, secret, "AWSPENDING").await.is_none()
        {
            return;
        }
        aws.clock().sleep(Duration::from_secs_f64(0.05 * SPEED)).await;
    }
    panic!("a rotation did not end within 30 s");
}

#[test]
fn a_login_works_before_during_and_after_rotations() {
    let Some(mut shop) = Shop::new() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("the system has threads");
    let mut seen: BTreeSet<String> = BTreeSet::new();

    shop.run(&["up"]);
    let served = shop.serve();
    let aws = runtime.block_on(session(served.endpoint()));
    let outputs = shop.run(&["output", "--json"]).out;
    let outputs: Value = serde_json::from_str(&outputs).expect("one object");
    let secret = outputs["database_secret_arn"].as_str().expect("it is exported").to_owned();

    // The first rotation was part of coming up.
    let first = runtime.block_on(current(&aws, &secret));
    assert!(runtime.block_on(shop.admits(&first)), "{} is refused", first.user);

    let shown = shop.run(&["rotate", "secrets"]).out;
    for step in ["createSecret", "setSecret", "testSecret", "finishSecret"] {
        assert!(shown.contains(step), "{step} in {shown}");
    }
    let second = runtime.block_on(current(&aws, &secret));
    assert_ne!(first.user, second.user, "two users take turns");
    let previous = runtime.block_on(login(&aws, &secret, "AWSPREVIOUS"));
    assert_eq!(previous.as_ref(), Some(&first));
    for login in [&first, &second] {
        assert!(runtime.block_on(shop.admits(login)), "{} is refused", login.user);
    }
    runtime.block_on(rotated(&aws, &secret));
    assert!(!runtime.block_on(shop.admits(&first)), "the one before the last is refused");
    seen.extend([first.password, second.password]);

    seen.extend(runtime.block_on(many_logins(&shop, &aws, &secret)));

    // One user, whose old password ends with the rotation.
    let settings = std::fs::read_to_string(shop.folder.path().join("globecart.toml"));
    let settings = settings.expect("it was written");
    shop.folder.configure(&settings.replace("alternating-users", "single-user"));
    shop.run(&["up"]);
    let before = runtime.block_on(current(&aws, &secret));
    runtime.block_on(rotated(&aws, &secret));
    let after = runtime.block_on(current(&aws, &secret));
    assert_eq!(before.user, after.user);
    assert!(runtime.block_on(shop.admits(&after)), "the new password is refused");
    assert!(!runtime.block_on(shop.admits(&before)), "the old password still works");
    seen.extend([before.password, after.password]);

    assert!(served.stop(), "it stops well on SIGTERM");
    shop.run(&["destroy", "--yes", "--confirm-data-loss", "globecart"]);
    nowhere_written(&shop, &seen);
}

/// Logs in again and again, each time with what Secrets Manager says just then, while the secret rotates; the passwords
/// that were current.
async fn many_logins(shop: &Shop, aws: &Aws, secret: &str) -> BTreeSet<String> {
    let (rotating, done) = (AtomicBool::new(true), AtomicU32::new(0));
    let rotations = async {
        let mut seen = BTreeSet::new();
        for _ in 0..ROTATIONS {
            rotated(aws, secret).await;
            seen.insert(current(aws, secret).await.password);
        }
        rotating.store(false, Ordering::Relaxed);
        seen
    };
    let logins = async {
        while rotating.load(Ordering::Relaxed) || done.load(Ordering::Relaxed) < LOGINS {
            let login = current(aws, secret).await;
            assert!(shop.admits(&login).await, "{} was refused", login.user);
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    let (seen, ()) = tokio::join!(rotations, logins);
    #[expect(clippy::print_stdout, reason = "a figure that the documentation names")]
    {
        println!("{} logins during {ROTATIONS} rotations", done.load(Ordering::Relaxed));
    }
    assert_eq!(seen.len(), ROTATIONS as usize, "every rotation has another password");
    seen
}

/// No password that ever was current is in what was printed, recorded or logged, the embedded cloud's own files excepted.
fn nowhere_written(shop: &Shop, passwords: &BTreeSet<String>) {
    let mut texts = vec![("printed".to_owned(), shop.printed.clone())];
    texts.push(("the log of PostgreSQL".to_owned(), shop.postgres.log()));
    let mut folders = vec![shop.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("it is there").map(Result::unwrap) {
            let path = entry.path();
            if !path.is_dir() {
                let bytes = std::fs::read(&path).unwrap_or_default();
                texts.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into()));
            } else if !path.ends_with(".globecart/cloud") {
                folders.push(path);
            }
        }
    }
    assert!(texts.len() > 3, "it looks into the right folder");
    for password in passwords {
        let escaped = serde_json::to_string(password).expect("text").trim_matches('"').to_owned();
        let forms = [password.clone(), escaped, STANDARD_NO_PAD.encode(password)];
        for (place, text) in &texts {
            assert!(!forms.iter().any(|form| text.contains(form)), "a password is in {place}");
        }
    }
}
